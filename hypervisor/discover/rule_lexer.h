/* The parts of the rule parser that know characters and patterns; private to rule.c and rule_pattern.c. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_RULE_LEXER_H
#define ASSAY_HYPERVISOR_DISCOVER_RULE_LEXER_H

#include "hypervisor/discover/rule.h"

struct parser {
	const char *at, *end; /* rest of the line */
	unsigned line, depth;
	struct discover_arena *arena;
	struct rules *rules;
	const char *error; /* the first one */
};

/** Notes the first error. @return false. */
bool rule_fail(struct parser *p, const char *why);

void rule_skip_space(struct parser *p);

/** Skips @p c, or @p text as a whole word, if it comes next. @return whether it did. */
bool rule_accept(struct parser *p, char c);
bool rule_accept_word(struct parser *p, const char *text);

/** As rule_accept(), but its absence is an error. */
bool rule_expect(struct parser *p, char c);

/** @return the next word, copied into the arena; NULL (an error) if there is none. */
const char *rule_word(struct parser *p);

/** @return the next number, 0 (an error) if there is none. */
int64_t rule_number(struct parser *p);

/** @return the next text in quotes, copied into the arena; NULL (an error) if there is none. */
const char *rule_text(struct parser *p);

/** @return the next value pattern, NULL on an error. */
struct pattern *rule_value(struct parser *p);

/** Parses an event pattern. @return false on an error. */
bool rule_event(struct parser *p, struct event_pattern *e);

#endif
