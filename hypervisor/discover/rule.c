/* Parser of the rule language: one line, one statement; see README.md, "How to add a rule". */
#include "hypervisor/discover/rule.h"

#include <string.h>

#include "hypervisor/discover/rule_lexer.h"

enum { ALL_ARCHES = 7 };

static bool parse_names(struct parser *p, struct witness *w)
{
	do {
		if (w->functions == RULE_MAX_FUNCTIONS)
			return rule_fail(p, "too many alternatives");
		w->function[w->functions++] = rule_word(p);
	} while (!p->error && rule_accept(p, '|'));
	return !p->error;
}

static bool parse_function_witness(struct parser *p, struct witness *w)
{
	w->kind = WITNESS_FUNCTION;
	if (!parse_names(p, w) || !rule_expect(p, ':'))
		return false;
	while (rule_accept_word(p, "after")) {
		if (w->afters == RULE_MAX_AFTER)
			return rule_fail(p, "too many 'after'");
		if (!rule_event(p, &w->after[w->afters++]) || !rule_expect(p, ':'))
			return false;
	}
	if (rule_accept_word(p, "first"))
		w->select = SELECT_FIRST;
	else if (rule_accept_word(p, "last"))
		w->select = SELECT_LAST;
	return rule_event(p, &w->event);
}

static uint8_t parse_arches(struct parser *p)
{
	uint8_t arches = 0;

	for (;;) {
		if (rule_accept_word(p, "x86_64"))
			arches |= 1u << DISCOVER_X86_64;
		else if (rule_accept_word(p, "aarch64"))
			arches |= 1u << DISCOVER_AARCH64;
		else if (rule_accept_word(p, "rv64"))
			arches |= 1u << DISCOVER_RV64;
		else
			break;
	}
	if (!arches)
		rule_fail(p, "expected x86_64, aarch64 or rv64");
	return arches;
}

static bool parse_check(struct parser *p, struct target *t, uint8_t arches)
{
	struct check *c;

	if (t->checks == RULE_MAX_CHECKS)
		return rule_fail(p, "too many checks");
	c = &t->check[t->checks++];
	c->arches = arches;
	c->where = rule_value(p);
	if (!p->error && rule_accept_word(p, "is"))
		c->equals = rule_value(p);
	else if (!p->error && rule_accept_word(p, "differs"))
		c->differs = rule_value(p);
	else if (!p->error && rule_accept_word(p, "text"))
		c->text = rule_text(p);
	else
		rule_fail(p, "expected is, differs or text");
	return !p->error;
}

static bool parse_witness(struct parser *p, struct target *t, uint8_t arches)
{
	struct witness *w;

	if (t->witnesses == RULE_MAX_WITNESSES)
		return rule_fail(p, "too many witnesses");
	w = &t->witness[t->witnesses++];
	w->line = p->line;
	w->arches = arches;
	w->through = rule_accept_word(p, "through");
	if (w->through || rule_accept_word(p, "in"))
		return parse_function_witness(p, w);
	if (rule_accept_word(p, "export")) {
		w->kind = WITNESS_EXPORT;
		return parse_names(p, w);
	}
	if (rule_accept_word(p, "syscalls")) {
		w->kind = WITNESS_SYSCALLS;
		return true;
	}
	if (rule_accept_word(p, "value")) {
		w->kind = WITNESS_VALUE;
		w->where = rule_value(p);
		return !p->error;
	}
	if (!rule_accept_word(p, "object"))
		return rule_fail(p, "expected in, through, export, object, value, syscalls, check, about, seen, need or on");
	w->kind = WITNESS_STRING;
	w->where = rule_value(p);
	if (!p->error && !rule_accept_word(p, "text"))
		return rule_fail(p, "expected 'text'");
	w->text = rule_text(p);
	return !p->error;
}

static const char *rest_of_line(struct parser *p)
{
	char *copy;

	rule_skip_space(p);
	copy = discover_alloc(p->arena, (size_t)(p->end - p->at) + 1);
	if (!copy) {
		rule_fail(p, "out of arena");
		return NULL;
	}
	memcpy(copy, p->at, (size_t)(p->end - p->at));
	p->at = p->end;
	return copy;
}

static bool parse_property(struct parser *p, struct target *t)
{
	uint8_t arches = t->arches;

	if (rule_accept_word(p, "about"))
		return (t->about = rest_of_line(p)) != NULL;
	if (rule_accept_word(p, "seen"))
		return (t->seen = rest_of_line(p)) != NULL;
	if (rule_accept_word(p, "arch"))
		return (t->arches = parse_arches(p)) != 0;
	if (rule_accept_word(p, "need")) {
		t->need = (unsigned)rule_number(p);
		return t->need > 0 || rule_fail(p, "need at least 1");
	}
	if (rule_accept_word(p, "on")) {
		arches = parse_arches(p);
		if (!rule_expect(p, ':'))
			return false;
	}
	if (rule_accept_word(p, "check"))
		return parse_check(p, t, arches);
	return parse_witness(p, t, arches);
}

static struct target *parse_target(struct parser *p)
{
	static const struct {
		const char *name;
		enum target_kind kind;
		int64_t min, max, align;
	} kinds[] = {
		{ "offset", TARGET_OFFSET, 0, 16384, 1 },
		{ "data", TARGET_DATA, INT64_MIN, INT64_MAX, 1 },
		{ "function", TARGET_FUNCTION, INT64_MIN, INT64_MAX, 2 },
		{ "percpu", TARGET_PERCPU, INT64_MIN, INT64_MAX, 4 },
	};
	struct target *t = discover_alloc(p->arena, sizeof(*t));

	if (!t || p->rules->targets == RULES_MAX_TARGETS) {
		rule_fail(p, "too many targets");
		return NULL;
	}
	t->name = rule_word(p);
	t->line = p->line;
	t->arches = ALL_ARCHES;
	t->need = 2;
	for (size_t i = 0; i < 4 && !p->error; i++) {
		if (!rule_accept_word(p, kinds[i].name))
			continue;
		t->kind = kinds[i].kind;
		t->min = kinds[i].min;
		t->max = kinds[i].max;
		t->align = kinds[i].align;
		if (t->kind == TARGET_OFFSET && rule_accept_word(p, "align"))
			t->align = rule_number(p);
		if (t->kind == TARGET_OFFSET && rule_accept_word(p, "max"))
			t->max = rule_number(p);
		p->rules->target[p->rules->targets++] = t;
		return t;
	}
	rule_fail(p, "expected offset, data, function or percpu");
	return NULL;
}

static void parse_line(struct parser *p, struct target **current)
{
	bool indented = p->at < p->end && (*p->at == ' ' || *p->at == '\t');

	rule_skip_space(p);
	if (p->at == p->end || *p->at == '#')
		return;
	if (indented && *current)
		parse_property(p, *current);
	else if (rule_accept_word(p, "target"))
		*current = parse_target(p);
	else
		rule_fail(p, "expected 'target'");
	rule_skip_space(p);
	if (!p->error && p->at < p->end && *p->at != '#')
		rule_fail(p, "unexpected text at the end of the line");
}

int rules_parse(const char *text, struct discover_arena *arena, struct rules *rules)
{
	struct parser p = { .arena = arena, .rules = rules };
	struct target *current = NULL;

	memset(rules, 0, sizeof(*rules));
	while (*text && !p.error) {
		p.line++;
		p.at = text;
		p.end = strchr(text, '\n');
		if (!p.end)
			p.end = text + strlen(text);
		text = *p.end ? p.end + 1 : p.end;
		p.depth = 0;
		parse_line(&p, &current);
	}
	if (p.error) {
		rules->error = p.error;
		rules->error_line = p.line;
		return -1;
	}
	return 0;
}
