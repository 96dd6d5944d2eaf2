#include "firmware/core/config.h"

#include <stdbool.h>
#include <string.h>

/* What is left of the line that is being read. */
struct cursor {
	const char *at;
	const char *end;
};

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\r'))
		cursor->at++;
}

static bool at_end(struct cursor *cursor)
{
	skip_blanks(cursor);
	return cursor->at == cursor->end || *cursor->at == '#';
}

/* The next word, or length 0 at the end of the line. */
static size_t take_word(struct cursor *cursor, const char **word)
{
	skip_blanks(cursor);
	*word = cursor->at;
	while (cursor->at < cursor->end && *cursor->at > ' ')
		cursor->at++;
	return (size_t)(cursor->at - *word);
}

static bool take_literal(struct cursor *cursor, const char *literal)
{
	size_t length = strlen(literal);

	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, literal, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

static bool take_keyword(struct cursor *cursor, const char *keyword)
{
	const char *word;
	size_t length = take_word(cursor, &word);

	return length == strlen(keyword) && memcmp(word, keyword, length) == 0;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static bool take_number(struct cursor *cursor, unsigned base, uint64_t max, uint64_t *value)
{
	uint64_t result = 0;
	const char *first = cursor->at;

	for (; cursor->at < cursor->end; cursor->at++) {
		unsigned digit = (unsigned)digit_value(*cursor->at);

		if (digit >= base)
			break;
		if (result > (max - digit) / base)
			return false;
		result = result * base + digit;
	}
	*value = result;
	return cursor->at != first && result <= max;
}

static bool take_bytes(struct cursor *cursor, uint8_t *bytes, int count, unsigned base, const char *separator)
{
	uint64_t value;

	for (int i = 0; i < count; i++) {
		if ((i > 0 && !take_literal(cursor, separator)) || !take_number(cursor, base, 255, &value))
			return false;
		bytes[i] = (uint8_t)value;
	}
	return true;
}

static const char *parse_ip(struct cursor *cursor, struct config *config)
{
	uint64_t bits;

	skip_blanks(cursor);
	if (!take_bytes(cursor, config->ip, 4, 10, ".") || !take_literal(cursor, "/") ||
	    !take_number(cursor, 10, 30, &bits) || bits < 1)
		return "ip wants ADDRESS/PREFIX";
	config->prefix_bits = (uint8_t)bits;
	return NULL;
}

static const char *parse_mac(struct cursor *cursor, struct config *config)
{
	skip_blanks(cursor);
	if (!take_bytes(cursor, config->mac, 6, 16, ":") || (config->mac[0] & 1) != 0)
		return "mac wants six hexadecimal bytes, not a group address";
	return NULL;
}

static const char *parse_seed(struct cursor *cursor, struct config *config)
{
	skip_blanks(cursor);
	return take_number(cursor, 10, UINT64_MAX, &config->seed) ? NULL : "seed wants a number";
}

static const char *parse_kato(struct cursor *cursor, struct config *config)
{
	uint64_t value;

	skip_blanks(cursor);
	if (!take_number(cursor, 10, UINT32_MAX, &value))
		return "kato wants milliseconds";
	config->kato_ms = (uint32_t)value;
	return NULL;
}

static const char *parse_completion(struct cursor *cursor, struct config *config)
{
	uint64_t value;

	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_COMPLETION_MS_MAX, &value) || value == 0)
		return "completion wants milliseconds, 1 to 200";
	config->completion_ms = (uint32_t)value;
	return NULL;
}

static bool take_endpoint(struct cursor *cursor, struct config_path *path)
{
	uint64_t number;

	skip_blanks(cursor);
	if (!take_bytes(cursor, path->address, 4, 10, ".") || !take_literal(cursor, ":") ||
	    !take_number(cursor, 10, 65535, &number) || number == 0)
		return false;
	path->port = (uint16_t)number;
	return true;
}

static const char *option_path(struct cursor *cursor, struct config_volume *volume)
{
	if (volume->path_count == CONFIG_PATHS_MAX)
		return "volume: too many paths";
	if (volume->discover)
		return "volume: a discovery controller names the paths";
	return take_endpoint(cursor, &volume->paths[volume->path_count++]) ? NULL : "volume: path wants ADDRESS:PORT";
}

static const char *option_header_digest(struct cursor *cursor, struct config_volume *volume)
{
	(void)cursor;
	volume->header_digest = 1;
	return NULL;
}

static const char *option_data_digest(struct cursor *cursor, struct config_volume *volume)
{
	(void)cursor;
	volume->data_digest = 1;
	return NULL;
}

static const char *option_queues(struct cursor *cursor, struct config_volume *volume)
{
	uint64_t number;

	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_QUEUES_MAX, &number) || number == 0)
		return "volume: queues is 1 to 4";
	volume->queues = (uint8_t)number;
	return NULL;
}

static const char *option_timeout(struct cursor *cursor, struct config_volume *volume)
{
	uint64_t number;

	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_MS_MAX, &number) || number == 0)
		return "volume: timeout wants milliseconds";
	volume->timeout_ms = (uint32_t)number;
	return NULL;
}

static const char *option_apd(struct cursor *cursor, struct config_volume *volume)
{
	const char *word;
	size_t length = take_word(cursor, &word);
	uint64_t number = 0;

	volume->apd_fails = length == 4 && memcmp(word, "fail", 4) == 0;
	if (!volume->apd_fails)
		return length == 5 && memcmp(word, "queue", 5) == 0 ? NULL : "volume: apd wants queue, or fail MILLISECONDS";
	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_MS_MAX, &number))
		return "volume: apd fail wants milliseconds";
	volume->apd_ms = (uint32_t)number;
	return NULL;
}

static const struct volume_option {
	const char *name;
	const char *(*parse)(struct cursor *cursor, struct config_volume *volume);
} volume_options[] = {
	{"path", option_path},
	{"hdgst", option_header_digest},
	{"ddgst", option_data_digest},
	{"queues", option_queues},
	{"timeout", option_timeout},
	{"apd", option_apd},
};

static const char *parse_volume_options(struct cursor *cursor, struct config_volume *volume)
{
	const char *what = NULL;

	while (!what && !at_end(cursor)) {
		const char *word;
		size_t length = take_word(cursor, &word);

		what = "volume: an option is path, hdgst, ddgst, queues, timeout or apd";
		for (size_t i = 0; i < sizeof(volume_options) / sizeof(volume_options[0]); i++) {
			if (length == strlen(volume_options[i].name) && memcmp(word, volume_options[i].name, length) == 0)
				what = volume_options[i].parse(cursor, volume);
		}
	}
	return what;
}

static const char *parse_target(struct cursor *cursor, struct config_volume *volume)
{
	uint64_t number;
	const char *word;
	size_t length = take_word(cursor, &word);

	volume->discover = length == 9 && memcmp(word, "discovery", 9) == 0;
	if (!volume->discover && (length != 8 || memcmp(word, "nvme-tcp", 8) != 0))
		return "volume: the kind of storage is nvme-tcp or discovery";
	if (!take_endpoint(cursor, &volume->paths[0]))
		return "volume wants ADDRESS:PORT";
	volume->path_count = 1;
	length = take_word(cursor, &word);
	if (length == 0 || length >= sizeof(volume->nqn))
		return "volume wants an NQN of up to 223 bytes";
	memcpy(volume->nqn, word, length);
	volume->nqn[length] = '\0';
	if (!take_keyword(cursor, "nsid"))
		return "volume wants nsid N";
	skip_blanks(cursor);
	if (!take_number(cursor, 10, 0xfffffffeu, &number) || number == 0)
		return "volume: nsid is 1 to 4294967294";
	volume->nsid = (uint32_t)number;
	volume->queues = 1;
	volume->timeout_ms = CONFIG_TIMEOUT_MS;
	return parse_volume_options(cursor, volume);
}

/* concat, stripe or mirror, where such a word stands. */
static uint8_t take_kind(struct cursor *cursor)
{
	static const char *const kinds[] = {[CONFIG_CONCAT] = "concat", [CONFIG_STRIPE] = "stripe", [CONFIG_MIRROR] = "mirror"};
	struct cursor ahead = *cursor;
	const char *word;
	size_t length = take_word(&ahead, &word);

	for (uint8_t kind = CONFIG_CONCAT; kind <= CONFIG_MIRROR; kind++) {
		if (length != strlen(kinds[kind]) || memcmp(word, kinds[kind], length) != 0)
			continue;
		*cursor = ahead;
		return kind;
	}
	return CONFIG_PLAIN;
}

static const char *parse_layout(struct cursor *cursor, struct config_layout *layout)
{
	uint64_t number;

	skip_blanks(cursor);
	if (layout->kind == CONFIG_STRIPE) {
		if (!take_number(cursor, 10, 1024, &number) || number < 4 || (number & (number - 1)) != 0)
			return "volume: a stripe wants KiB, a power of two from 4 to 1024";
		layout->chunk_bytes = (uint32_t)number * 1024;
	}
	while (!at_end(cursor)) {
		if (layout->members == CONFIG_MEMBERS_MAX || !take_number(cursor, 10, CONFIG_VOLUMES_MAX - 1, &number))
			return "volume: up to eight members, ids of 0 to 15";
		layout->member[layout->members++] = (uint8_t)number;
	}
	return layout->members >= 2 ? NULL : "volume: two members at least";
}

static bool members_exist(const struct config *config, const struct config_layout *layout)
{
	for (unsigned i = 0; i < layout->members; i++) {
		if (!config->volumes[layout->member[i]].present)
			return false;
		for (unsigned k = 0; k < i; k++)
			if (layout->member[k] == layout->member[i])
				return false;
	}
	return true;
}

static const char *parse_volume(struct cursor *cursor, struct config *config)
{
	uint64_t id;
	const char *what;

	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_VOLUMES_MAX - 1, &id))
		return "volume wants an id of 0 to 15";
	if (config->volumes[id].present || config->layouts[id].kind != CONFIG_PLAIN)
		return "volume: this id twice";
	config->layouts[id].kind = take_kind(cursor);
	if (config->layouts[id].kind != CONFIG_PLAIN)
		return parse_layout(cursor, &config->layouts[id]);
	what = parse_target(cursor, &config->volumes[id]);
	config->volumes[id].present = what == NULL;
	return what;
}

static const char *parse_net(struct cursor *cursor, struct config *config)
{
	uint64_t id;
	struct config_net *net;

	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_NET_MAX - 1, &id))
		return "net wants a function of 0 to 15";
	net = &config->net[id];
	if (net->present)
		return "net: this function twice";
	if (!take_keyword(cursor, "mac"))
		return "net wants mac ADDRESS";
	skip_blanks(cursor);
	if (!take_bytes(cursor, net->mac, 6, 16, ":") || (net->mac[0] & 1) != 0)
		return "net: mac wants six hexadecimal bytes, not a group address";
	if (!at_end(cursor)) {
		if (!take_keyword(cursor, "guard"))
			return "net: the only option is guard";
		net->guard = 1;
	}
	net->present = 1;
	return NULL;
}

static const char *parse_attach(struct cursor *cursor, struct config *config)
{
	uint64_t function, volume;

	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_FUNCTIONS_MAX - 1, &function))
		return "attach wants a function of 0 to 16";
	skip_blanks(cursor);
	if (!take_number(cursor, 10, CONFIG_VOLUMES_MAX - 1, &volume))
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
	{"volume", parse_volume, false, false},
	{"net", parse_net, false, false},
	{"attach", parse_attach, false, false},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static const char *parse_line(struct cursor *cursor, struct config *config, unsigned *seen)
{
	const char *word;
	size_t length = take_word(cursor, &word);

	for (size_t i = 0; i < KEYS; i++) {
		const char *what;

		if (length != strlen(keys[i].name) || memcmp(word, keys[i].name, length) != 0)
			continue;
		if (keys[i].once && (*seen & 1u << i))
			return "this key twice";
		*seen |= 1u << i;
		what = keys[i].parse(cursor, config);
		if (!what && !at_end(cursor))
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
		if (!at_end(&cursor))
			what = parse_line(&cursor, &result, &seen);
		if (what)
			return parse_failed(error, line, what);
		text = newline ? newline + 1 : end;
	}
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].required && !(seen & 1u << i))
			return parse_failed(error, line, i == 0 ? "ip is missing" : "mac is missing");
	for (size_t i = 0; i < CONFIG_VOLUMES_MAX; i++)
		if (!members_exist(&result, &result.layouts[i]))
			return parse_failed(error, line, "volume: a member is named twice, or has no storage of its own");
	for (size_t i = 0; i < CONFIG_FUNCTIONS_MAX; i++)
		if (result.attach[i] && !result.volumes[result.attach[i] - 1].present && result.layouts[result.attach[i] - 1].kind == CONFIG_PLAIN)
			return parse_failed(error, line, "attach: there is no such volume");
	*config = result;
	return 0;
}
