/* Words, numbers, values and events of the rule language. */
#include "hypervisor/discover/rule_lexer.h"

#include <string.h>

enum { MAX_DEPTH = 8 };

bool rule_fail(struct parser *p, const char *why)
{
	if (!p->error)
		p->error = why;
	return false;
}

void rule_skip_space(struct parser *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
		p->at++;
}

bool rule_accept(struct parser *p, char c)
{
	rule_skip_space(p);
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

bool rule_expect(struct parser *p, char c)
{
	static char message[] = "expected '?'";

	if (rule_accept(p, c))
		return true;
	message[10] = c;
	return rule_fail(p, message);
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Reads a word (identifier or number) into the arena. Returns NULL if there is none. */
const char *rule_word(struct parser *p)
{
	const char *start;
	char *copy;
	size_t n;

	rule_skip_space(p);
	start = p->at;
	while (p->at < p->end && is_word_char(*p->at))
		p->at++;
	n = (size_t)(p->at - start);
	if (!n || n >= RULE_NAME_BYTES) {
		rule_fail(p, "expected a word");
		return NULL;
	}
	copy = discover_alloc(p->arena, n + 1);
	if (!copy) {
		rule_fail(p, "out of arena");
		return NULL;
	}
	memcpy(copy, start, n);
	return copy;
}

bool rule_accept_word(struct parser *p, const char *text)
{
	size_t n = strlen(text);

	rule_skip_space(p);
	if ((size_t)(p->end - p->at) < n || memcmp(p->at, text, n) != 0)
		return false;
	if (p->at + n < p->end && is_word_char(p->at[n]))
		return false;
	p->at += n;
	return true;
}

static bool parse_number(const char *w, int64_t *out)
{
	uint64_t n = 0, base = 10;

	if (w[0] == '0' && w[1] == 'x') {
		base = 16;
		w += 2;
	}
	if (!*w)
		return false;
	for (; *w; w++) {
		unsigned digit;

		if (*w >= '0' && *w <= '9')
			digit = (unsigned)(*w - '0');
		else if (base == 16 && *w >= 'a' && *w <= 'f')
			digit = (unsigned)(*w - 'a') + 10;
		else
			return false;
		n = n * base + digit;
	}
	*out = (int64_t)n;
	return true;
}

int64_t rule_number(struct parser *p)
{
	bool negative = rule_accept(p, '-');
	const char *w = rule_word(p);
	int64_t n = 0;

	if (w && !parse_number(w, &n))
		rule_fail(p, "expected a number");
	return negative ? -n : n;
}

static uint8_t size_suffix(struct parser *p)
{
	if (p->at < p->end && (*p->at == '1' || *p->at == '2' || *p->at == '4' || *p->at == '8'))
		return (uint8_t)(*p->at++ - '0');
	return 0;
}

static void base_of_word(struct parser *p, struct pattern *v, const char *w)
{
	int64_t n;

	if (strcmp(w, "_") == 0) {
		if (v->kind == PATTERN_CONSTANT)
			v->kind = PATTERN_ANY;
		v->any_offset = true;
	} else if (w[0] == 'a' && w[1] >= '0' && w[1] <= '5' && !w[2]) {
		v->kind = PATTERN_ARGUMENT;
		v->number = (uint32_t)(w[1] - '0');
	} else if (strcmp(w, "current") == 0) {
		v->kind = PATTERN_CURRENT;
	} else if (strcmp(w, "percpu") == 0) {
		v->kind = PATTERN_PERCPU;
	} else if ((strcmp(w, "result") == 0 || strcmp(w, "index") == 0) && rule_accept(p, '(')) {
		v->kind = w[0] == 'r' ? PATTERN_RESULT : PATTERN_INDEX;
		v->inner = rule_value(p);
		rule_expect(p, ')');
	} else if (parse_number(w, &n)) {
		v->add += n;
	} else if (v->terms < RULE_MAX_TERMS) {
		v->term[v->terms++] = w;
	} else {
		rule_fail(p, "too many terms");
	}
}

static void word_term(struct parser *p, struct pattern *v, const char *w, bool negative)
{
	int64_t n;

	if (!negative) {
		base_of_word(p, v, w);
	} else if (parse_number(w, &n)) {
		v->add -= n;
	} else if (v->terms < RULE_MAX_TERMS) {
		v->minus[v->terms] = true;
		v->term[v->terms++] = w;
	} else {
		rule_fail(p, "too many terms");
	}
}

static void parse_term(struct parser *p, struct pattern *v, bool negative)
{
	if (rule_accept(p, '?')) {
		v->capture = true;
		v->negate = negative;
	} else if (p->at < p->end && *p->at == '"') {
		v->kind = PATTERN_TEXT;
		v->text = rule_text(p);
	} else if (rule_accept(p, '[')) {
		if (v->kind != PATTERN_CONSTANT)
			rule_fail(p, "two bases in one value");
		v->kind = PATTERN_LOAD;
		v->inner = rule_value(p);
		if (rule_expect(p, ']'))
			v->size = size_suffix(p);
	} else {
		const char *w = rule_word(p);

		if (w)
			word_term(p, v, w, negative);
	}
}

const char *rule_text(struct parser *p)
{
	const char *start;
	char *copy;

	if (!rule_expect(p, '"'))
		return NULL;
	start = p->at;
	while (p->at < p->end && *p->at != '"')
		p->at++;
	copy = discover_alloc(p->arena, (size_t)(p->at - start) + 1);
	if (copy)
		memcpy(copy, start, (size_t)(p->at - start));
	else
		rule_fail(p, "out of arena");
	rule_expect(p, '"');
	return copy;
}

struct pattern *rule_value(struct parser *p)
{
	struct pattern *v = discover_alloc(p->arena, sizeof(*v));

	if (!v || p->depth >= MAX_DEPTH) {
		rule_fail(p, v ? "too deep" : "out of arena");
		return NULL;
	}
	p->depth++;
	v->kind = PATTERN_CONSTANT;
	parse_term(p, v, rule_accept(p, '-'));
	while (!p->error) {
		if (rule_accept(p, '+'))
			parse_term(p, v, false);
		else if (rule_accept(p, '-'))
			parse_term(p, v, true);
		else
			break;
	}
	p->depth--;
	return v;
}

static bool parse_arguments(struct parser *p, struct event_pattern *e)
{
	if (!rule_accept(p, '('))
		return true;
	if (rule_accept(p, ')'))
		return true;
	do {
		if (e->arguments == ARGUMENTS_MAX)
			return rule_fail(p, "too many arguments");
		e->argument[e->arguments++] = rule_value(p);
	} while (!p->error && rule_accept(p, ','));
	return rule_expect(p, ')');
}

bool rule_event(struct parser *p, struct event_pattern *e)
{
	static const struct {
		const char *name;
		enum event_kind kind;
	} names[] = { { "load", EVENT_LOAD }, { "store", EVENT_STORE }, { "atomic", EVENT_ATOMIC },
		      { "call", EVENT_CALL }, { "compare", EVENT_COMPARE }, { "return", EVENT_RETURN } };

	rule_skip_space(p);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i].name);

		if ((size_t)(p->end - p->at) < n || memcmp(p->at, names[i].name, n) != 0)
			continue;
		p->at += n;
		e->kind = names[i].kind;
		e->size = size_suffix(p);
		e->at = rule_value(p);
		if (e->kind == EVENT_CALL)
			return parse_arguments(p, e) && !p->error;
		if (e->kind == EVENT_STORE ? rule_accept(p, '=') : e->kind == EVENT_COMPARE && rule_expect(p, ','))
			e->value = rule_value(p);
		return !p->error;
	}
	return rule_fail(p, "expected load, store, atomic, call, compare or return");
}

