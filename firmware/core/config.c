#include "firmware/core/config.h"

#include "firmware/core/config_parts.h"

#include <string.h>

static const char *parse_ip(struct cursor *cursor, struct config *config)
{
	uint64_t bits;

	cursor_skip_blanks(cursor);
	if (!cursor_bytes(cursor, config->ip, 4, 10, ".") || !cursor_literal(cursor, "/") ||
	    !cursor_number(cursor, 10, 30, &bits) || bits < 1)
		return "ip wants ADDRESS/PREFIX";
	config->prefix_bits = (uint8_t)bits;
	return NULL;
}

static const char *parse_mac(struct cursor *cursor, struct config *config)
{
	cursor_skip_blanks(cursor);
	if (!cursor_bytes(cursor, config->mac, 6, 16, ":") || (config->mac[0] & 1) != 0)
		return "mac wants six hexadecimal bytes, not a group address";
	return NULL;
}

static const char *parse_seed(struct cursor *cursor, struct config *config)
{
	cursor_skip_blanks(cursor);
	return cursor_number(cursor, 10, UINT64_MAX, &config->seed) ? NULL : "seed wants a number";
}

static const char *parse_kato(struct cursor *cursor, struct config *config)
{
	uint64_t value;

	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, UINT32_MAX, &value))
		return "kato wants milliseconds";
	config->kato_ms = (uint32_t)value;
	return NULL;
}

static const char *parse_completion(struct cursor *cursor, struct config *config)
{
	uint64_t value;

	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_COMPLETION_MS_MAX, &value) || value == 0)
		return "completion wants milliseconds, 1 to 200";
	config->completion_ms = (uint32_t)value;
	return NULL;
}

static const char *parse_net(struct cursor *cursor, struct config *config)
{
	uint64_t id;
	struct config_net *net;

	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_NET_MAX - 1, &id))
		return "net wants a function of 0 to 15";
	net = &config->net[id];
	if (net->present)
		return "net: this function twice";
	if (!cursor_keyword(cursor, "mac"))
		return "net wants mac ADDRESS";
	cursor_skip_blanks(cursor);
	if (!cursor_bytes(cursor, net->mac, 6, 16, ":") || (net->mac[0] & 1) != 0)
		return "net: mac wants six hexadecimal bytes, not a group address";
	if (!cursor_at_end(cursor)) {
		if (!cursor_keyword(cursor, "guard"))
			return "net: the only option is guard";
		net->guard = 1;
	}
	net->present = 1;
	return NULL;
}

static const char *parse_attach(struct cursor *cursor, struct config *config)
{
	uint64_t function, volume;

	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_FUNCTIONS_MAX - 1, &function))
		return "attach wants a function of 0 to 16";
	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_VOLUMES_MAX - 1, &volume))
		return "attach wants a volume of 0 to 15";
	if (config->attach[function])
		return "attach: this function twice";
	config->attach[function] = (uint8_t)(1 + volume);
	return NULL;
}

static const struct key {
	const char *name;
	const char *(*parse)(struct cursor *cursor, struct config *config);
	bool once;
	bool required;
} keys[] = {
	{"ip", parse_ip, true, true},
	{"mac", parse_mac, true, true},
	{"seed", parse_seed, true, false},
	{"kato", parse_kato, true, false},
	{"completion", parse_completion, true, false},
	{"volume", config_parse_volume, false, false},
	{"net", parse_net, false, false},
	{"attach", parse_attach, false, false},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const char *parse_line(struct cursor *cursor, struct config *config, unsigned *seen)
{
	const char *word;
	size_t length = cursor_word(cursor, &word);

	for (size_t i = 0; i < KEYS; i++) {
		const char *what;

		if (length != strlen(keys[i].name) || memcmp(word, keys[i].name, length) != 0)
			continue;
		if (keys[i].once && (*seen & 1u << i))
			return "this key twice";
		*seen |= 1u << i;
		what = keys[i].parse(cursor, config);
		if (!what && !cursor_at_end(cursor))
			what = "more on the line than expected";
		return what;
	}
	return "unknown key";
}

static int parse_failed(struct config_error *error, unsigned line, const char *what)
{
	error->line = line;
	error->what = what;
	return -1;
}

int config_parse(const char *text, size_t bytes, struct config *config, struct config_error *error)
{
	struct config result = {.seed = 1};
	unsigned line = 0, seen = 0;
	const char *end = memchr(text, '\0', bytes);

	if (!end)
		return parse_failed(error, 1, "no NUL at the end");
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		struct cursor cursor = {text, newline ? newline : end};
		const char *what = NULL;

		line++;
		if (!cursor_at_end(&cursor))
			what = parse_line(&cursor, &result, &seen);
		if (what)
			return parse_failed(error, line, what);
		text = newline ? newline + 1 : end;
	}
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].required && !(seen & 1u << i))
			return parse_failed(error, line, i == 0 ? "ip is missing" : "mac is missing");
	if (!config_members_exist(&result))
		return parse_failed(error, line, "volume: a member is named twice, or has no storage of its own");
	for (size_t i = 0; i < CONFIG_FUNCTIONS_MAX; i++)
		if (result.attach[i] && !result.volumes[result.attach[i] - 1].present && result.layouts[result.attach[i] - 1].kind == CONFIG_PLAIN)
			return parse_failed(error, line, "attach: there is no such volume");
	*config = result;
	return 0;
}
