/* Parser of the rule language: one line, one statement; see README.md, "How to add a rule". */
#include "hypervisor/discover/rule.h"

#include <string.h>

enum { MAX_DEPTH = 8, ALL_ARCHES = 7 };

struct parser {
	const char *at, *end; /* rest of the line */
	unsigned line, depth;
	struct discover_arena *arena;
	struct rules *rules;
	const char *error;
};

static struct pattern *parse_value(struct parser *p);

static bool fail(struct parser *p, const char *why)
{
	if (!p->error)
		p->error = why;
	return false;
}

static void skip_space(struct parser *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
		p->at++;
}

static bool accept(struct parser *p, char c)
{
	skip_space(p);
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

static bool expect(struct parser *p, char c)
{
	static char message[] = "expected '?'";

	if (accept(p, c))
		return true;
	message[10] = c;
	return fail(p, message);
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Reads a word (identifier or number) into the arena. Returns NULL if there is none. */
static const char *word(struct parser *p)
{
	const char *start;
	char *copy;
	size_t n;

	skip_space(p);
	start = p->at;
	while (p->at < p->end && is_word_char(*p->at))
		p->at++;
	n = (size_t)(p->at - start);
	if (!n || n >= RULE_NAME_BYTES) {
		fail(p, "expected a word");
		return NULL;
	}
	copy = discover_alloc(p->arena, n + 1);
	if (!copy) {
		fail(p, "out of arena");
		return NULL;
	}
	memcpy(copy, start, n);
	return copy;
}

static bool accept_word(struct parser *p, const char *text)
{
	size_t n = strlen(text);

	skip_space(p);
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

static int64_t number(struct parser *p)
{
	bool negative = accept(p, '-');
	const char *w = word(p);
	int64_t n = 0;

	if (w && !parse_number(w, &n))
		fail(p, "expected a number");
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
	} else if ((strcmp(w, "result") == 0 || strcmp(w, "index") == 0) && accept(p, '(')) {
		v->kind = w[0] == 'r' ? PATTERN_RESULT : PATTERN_INDEX;
		v->inner = parse_value(p);
		expect(p, ')');
	} else if (parse_number(w, &n)) {
		v->add += n;
	} else if (v->terms < RULE_MAX_TERMS) {
		v->term[v->terms++] = w;
	} else {
		fail(p, "too many terms");
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
		fail(p, "too many terms");
	}
}

static void parse_term(struct parser *p, struct pattern *v, bool negative)
{
	if (accept(p, '?')) {
		v->capture = true;
		v->negate = negative;
	} else if (accept(p, '[')) {
		if (v->kind != PATTERN_CONSTANT)
			fail(p, "two bases in one value");
		v->kind = PATTERN_LOAD;
		v->inner = parse_value(p);
		if (expect(p, ']'))
			v->size = size_suffix(p);
	} else {
		const char *w = word(p);

		if (w)
			word_term(p, v, w, negative);
	}
}

static struct pattern *parse_value(struct parser *p)
{
	struct pattern *v = discover_alloc(p->arena, sizeof(*v));

	if (!v || p->depth >= MAX_DEPTH) {
		fail(p, v ? "too deep" : "out of arena");
		return NULL;
	}
	p->depth++;
	v->kind = PATTERN_CONSTANT;
	parse_term(p, v, accept(p, '-'));
	while (!p->error) {
		if (accept(p, '+'))
			parse_term(p, v, false);
		else if (accept(p, '-'))
			parse_term(p, v, true);
		else
			break;
	}
	p->depth--;
	return v;
}

static bool parse_arguments(struct parser *p, struct event_pattern *e)
{
	if (!accept(p, '('))
		return true;
	if (accept(p, ')'))
		return true;
	do {
		if (e->arguments == ARGUMENTS_MAX)
			return fail(p, "too many arguments");
		e->argument[e->arguments++] = parse_value(p);
	} while (!p->error && accept(p, ','));
	return expect(p, ')');
}

static bool parse_event(struct parser *p, struct event_pattern *e)
{
	static const struct {
		const char *name;
		enum event_kind kind;
	} names[] = { { "load", EVENT_LOAD }, { "store", EVENT_STORE }, { "atomic", EVENT_ATOMIC },
		      { "call", EVENT_CALL }, { "compare", EVENT_COMPARE }, { "return", EVENT_RETURN } };

	skip_space(p);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i].name);

		if ((size_t)(p->end - p->at) < n || memcmp(p->at, names[i].name, n) != 0)
			continue;
		p->at += n;
		e->kind = names[i].kind;
		e->size = size_suffix(p);
		e->at = parse_value(p);
		if (e->kind == EVENT_CALL)
			return parse_arguments(p, e) && !p->error;
		if (e->kind == EVENT_STORE ? accept(p, '=') : e->kind == EVENT_COMPARE && expect(p, ','))
			e->value = parse_value(p);
		return !p->error;
	}
	return fail(p, "expected load, store, atomic, call, compare or return");
}

static bool parse_names(struct parser *p, struct witness *w)
{
	do {
		if (w->functions == RULE_MAX_FUNCTIONS)
			return fail(p, "too many alternatives");
		w->function[w->functions++] = word(p);
	} while (!p->error && accept(p, '|'));
	return !p->error;
}

static bool parse_function_witness(struct parser *p, struct witness *w)
{
	w->kind = WITNESS_FUNCTION;
	if (!parse_names(p, w) || !expect(p, ':'))
		return false;
	while (accept_word(p, "after")) {
		if (w->afters == RULE_MAX_AFTER)
			return fail(p, "too many 'after'");
		if (!parse_event(p, &w->after[w->afters++]) || !expect(p, ':'))
			return false;
	}
	if (accept_word(p, "first"))
		w->select = SELECT_FIRST;
	else if (accept_word(p, "last"))
		w->select = SELECT_LAST;
	return parse_event(p, &w->event);
}

static const char *quoted(struct parser *p)
{
	const char *start;
	char *copy;

	if (!expect(p, '"'))
		return NULL;
	start = p->at;
	while (p->at < p->end && *p->at != '"')
		p->at++;
	copy = discover_alloc(p->arena, (size_t)(p->at - start) + 1);
	if (copy)
		memcpy(copy, start, (size_t)(p->at - start));
	else
		fail(p, "out of arena");
	expect(p, '"');
	return copy;
}

static uint8_t parse_arches(struct parser *p)
{
	uint8_t arches = 0;

	for (;;) {
		if (accept_word(p, "x86_64"))
			arches |= 1u << DISCOVER_X86_64;
		else if (accept_word(p, "aarch64"))
			arches |= 1u << DISCOVER_AARCH64;
		else if (accept_word(p, "rv64"))
			arches |= 1u << DISCOVER_RV64;
		else
			break;
	}
	if (!arches)
		fail(p, "expected x86_64, aarch64 or rv64");
	return arches;
}

static bool parse_check(struct parser *p, struct target *t, uint8_t arches)
{
	struct check *c;

	if (t->checks == RULE_MAX_CHECKS)
		return fail(p, "too many checks");
	c = &t->check[t->checks++];
	c->arches = arches;
	c->where = parse_value(p);
	if (!p->error && accept_word(p, "is"))
		c->equals = parse_value(p);
	else if (!p->error && accept_word(p, "differs"))
		c->differs = parse_value(p);
	else if (!p->error && accept_word(p, "text"))
		c->text = quoted(p);
	else
		fail(p, "expected is, differs or text");
	return !p->error;
}

static bool parse_witness(struct parser *p, struct target *t, uint8_t arches)
{
	struct witness *w;

	if (t->witnesses == RULE_MAX_WITNESSES)
		return fail(p, "too many witnesses");
	w = &t->witness[t->witnesses++];
	w->line = p->line;
	w->arches = arches;
	if (accept_word(p, "in"))
		return parse_function_witness(p, w);
	if (accept_word(p, "export")) {
		w->kind = WITNESS_EXPORT;
		return parse_names(p, w);
	}
	if (accept_word(p, "syscalls")) {
		w->kind = WITNESS_SYSCALLS;
		return true;
	}
	if (accept_word(p, "value")) {
		w->kind = WITNESS_VALUE;
		w->where = parse_value(p);
		return !p->error;
	}
	if (!accept_word(p, "object"))
		return fail(p, "expected in, export, object, value, syscalls, check, about, seen, need or on");
	w->kind = WITNESS_STRING;
	w->where = parse_value(p);
	if (!p->error && !accept_word(p, "text"))
		return fail(p, "expected 'text'");
	w->text = quoted(p);
	return !p->error;
}

static const char *rest_of_line(struct parser *p)
{
	char *copy;

	skip_space(p);
	copy = discover_alloc(p->arena, (size_t)(p->end - p->at) + 1);
	if (!copy) {
		fail(p, "out of arena");
		return NULL;
	}
	memcpy(copy, p->at, (size_t)(p->end - p->at));
	p->at = p->end;
	return copy;
}

static bool parse_property(struct parser *p, struct target *t)
{
	uint8_t arches = t->arches;

	if (accept_word(p, "about"))
		return (t->about = rest_of_line(p)) != NULL;
	if (accept_word(p, "seen"))
		return (t->seen = rest_of_line(p)) != NULL;
	if (accept_word(p, "arch"))
		return (t->arches = parse_arches(p)) != 0;
	if (accept_word(p, "need")) {
		t->need = (unsigned)number(p);
		return t->need > 0 || fail(p, "need at least 1");
	}
	if (accept_word(p, "on")) {
		arches = parse_arches(p);
		if (!expect(p, ':'))
			return false;
	}
	if (accept_word(p, "check"))
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
		{ "function", TARGET_FUNCTION, INT64_MIN, INT64_MAX, 4 },
		{ "percpu", TARGET_PERCPU, INT64_MIN, INT64_MAX, 4 },
	};
	struct target *t = discover_alloc(p->arena, sizeof(*t));

	if (!t || p->rules->targets == RULES_MAX_TARGETS) {
		fail(p, "too many targets");
		return NULL;
	}
	t->name = word(p);
	t->line = p->line;
	t->arches = ALL_ARCHES;
	t->need = 2;
	for (size_t i = 0; i < 4 && !p->error; i++) {
		if (!accept_word(p, kinds[i].name))
			continue;
		t->kind = kinds[i].kind;
		t->min = kinds[i].min;
		t->max = kinds[i].max;
		t->align = kinds[i].align;
		if (t->kind == TARGET_OFFSET && accept_word(p, "align"))
			t->align = number(p);
		if (t->kind == TARGET_OFFSET && accept_word(p, "max"))
			t->max = number(p);
		p->rules->target[p->rules->targets++] = t;
		return t;
	}
	fail(p, "expected offset, data, function or percpu");
	return NULL;
}

static void parse_line(struct parser *p, struct target **current)
{
	bool indented = p->at < p->end && (*p->at == ' ' || *p->at == '\t');

	skip_space(p);
	if (p->at == p->end || *p->at == '#')
		return;
	if (indented && *current)
		parse_property(p, *current);
	else if (accept_word(p, "target"))
		*current = parse_target(p);
	else
		fail(p, "expected 'target'");
	skip_space(p);
	if (!p->error && p->at < p->end && *p->at != '#')
		fail(p, "unexpected text at the end of the line");
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
