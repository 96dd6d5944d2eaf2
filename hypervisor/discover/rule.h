/* Rules as data: what is looked for, and who can testify. The language is described in README.md. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_RULE_H
#define ASSAY_HYPERVISOR_DISCOVER_RULE_H

#include "hypervisor/discover/memory.h"
#include "hypervisor/discover/trace.h"

enum { RULE_MAX_TERMS = 4, RULE_NAME_BYTES = 64, RULE_MAX_WITNESSES = 12, RULE_MAX_AFTER = 3,
       RULE_MAX_FUNCTIONS = 4, RULE_MAX_CHECKS = 3 };

enum pattern_kind { PATTERN_ANY, PATTERN_CONSTANT, PATTERN_ARGUMENT, PATTERN_CURRENT, PATTERN_PERCPU,
		    PATTERN_LOAD, PATTERN_RESULT, PATTERN_INDEX, PATTERN_TEXT };

/* base + sum of names + constant [+ the wanted number] */
struct pattern {
	enum pattern_kind kind;
	uint8_t size;		/* LOAD: bytes, 0 = any */
	uint32_t number;	/* ARGUMENT */
	struct pattern *inner;	/* LOAD: address; RESULT: callee; INDEX: base */
	const char *term[RULE_MAX_TERMS];
	unsigned terms;
	int64_t add;
	bool minus[RULE_MAX_TERMS]; /* the term is subtracted */
	bool capture, negate, any_offset; /* negate: the wanted number is subtracted */
	const char *text;	/* TEXT: the address of a string that starts so */
};

struct event_pattern {
	enum event_kind kind;
	uint8_t size; /* 0 = any */
	struct pattern *at, *value;
	struct pattern *argument[ARGUMENTS_MAX];
	unsigned arguments;
};

enum witness_kind { WITNESS_FUNCTION, WITNESS_EXPORT, WITNESS_STRING, WITNESS_VALUE, WITNESS_SYSCALLS };
enum select { SELECT_ONLY, SELECT_FIRST, SELECT_LAST };

struct witness {
	enum witness_kind kind;
	unsigned line;
	uint8_t arches; /* bit per enum discover_arch */
	const char *function[RULE_MAX_FUNCTIONS]; /* alternatives; EXPORT: the names */
	unsigned functions;
	bool through;	       /* also what they call directly */
	struct event_pattern after[RULE_MAX_AFTER];
	unsigned afters;
	enum select select;
	struct event_pattern event;
	struct pattern *where; /* STRING: the object; VALUE: the value itself */
	const char *text;      /* STRING */
};

struct check {
	uint8_t arches;
	struct pattern *where; /* PATTERN_CONSTANT; its term "self" is the value under test */
	const char *text;      /* the string that must start there */
	struct pattern *equals; /* or the 64-bit value that must be there */
	struct pattern *differs; /* or the value that where itself must not be */
};

enum target_kind { TARGET_OFFSET, TARGET_DATA, TARGET_FUNCTION, TARGET_PERCPU };

struct target {
	const char *name, *about, *seen;
	enum target_kind kind;
	unsigned line;
	uint8_t arches;
	int64_t min, max, align;
	unsigned need;
	struct witness witness[RULE_MAX_WITNESSES];
	unsigned witnesses;
	struct check check[RULE_MAX_CHECKS];
	unsigned checks;
};

enum { RULES_MAX_TARGETS = 160 };

struct rules {
	struct target *target[RULES_MAX_TARGETS];
	unsigned targets;
	unsigned error_line; /* where parsing failed */
	const char *error;
};

/** Parses rule text.
 * @param text   NUL-terminated; not modified, not referenced afterwards
 * @param arena  holds the result
 * @return 0; -1 on a syntax error or a full arena: rules->error_line and rules->error say where and why. */
int rules_parse(const char *text, struct discover_arena *arena, struct rules *rules);

#endif
