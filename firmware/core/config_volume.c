/* Volumes: storages with their options, and volumes that are made of others. */
#include "firmware/core/config_parts.h"

#include <string.h>

static bool take_endpoint(struct cursor *cursor, struct config_path *path)
{
	uint64_t number;

	cursor_skip_blanks(cursor);
	if (!cursor_bytes(cursor, path->address, 4, 10, ".") || !cursor_literal(cursor, ":") ||
	    !cursor_number(cursor, 10, 65535, &number) || number == 0)
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

	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_QUEUES_MAX, &number) || number == 0)
		return "volume: queues is 1 to 4";
	volume->queues = (uint8_t)number;
	return NULL;
}

static const char *option_timeout(struct cursor *cursor, struct config_volume *volume)
{
	uint64_t number;

	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_MS_MAX, &number) || number == 0)
		return "volume: timeout wants milliseconds";
	volume->timeout_ms = (uint32_t)number;
	return NULL;
}

static const char *option_apd(struct cursor *cursor, struct config_volume *volume)
{
	const char *word;
	size_t length = cursor_word(cursor, &word);
	uint64_t number = 0;

	volume->apd_fails = length == 4 && memcmp(word, "fail", 4) == 0;
	if (!volume->apd_fails)
		return length == 5 && memcmp(word, "queue", 5) == 0 ? NULL : "volume: apd wants queue, or fail MILLISECONDS";
	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_MS_MAX, &number))
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

	while (!what && !cursor_at_end(cursor)) {
		const char *word;
		size_t length = cursor_word(cursor, &word);

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
	size_t length = cursor_word(cursor, &word);

	volume->discover = length == 9 && memcmp(word, "discovery", 9) == 0;
	if (!volume->discover && (length != 8 || memcmp(word, "nvme-tcp", 8) != 0))
		return "volume: the kind of storage is nvme-tcp or discovery";
	if (!take_endpoint(cursor, &volume->paths[0]))
		return "volume wants ADDRESS:PORT";
	volume->path_count = 1;
	length = cursor_word(cursor, &word);
	if (length == 0 || length >= sizeof(volume->nqn))
		return "volume wants an NQN of up to 223 bytes";
	memcpy(volume->nqn, word, length);
	volume->nqn[length] = '\0';
	if (!cursor_keyword(cursor, "nsid"))
		return "volume wants nsid N";
	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, 0xfffffffeu, &number) || number == 0)
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
	size_t length = cursor_word(&ahead, &word);

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

	cursor_skip_blanks(cursor);
	if (layout->kind == CONFIG_STRIPE) {
		if (!cursor_number(cursor, 10, 1024, &number) || number < 4 || (number & (number - 1)) != 0)
			return "volume: a stripe wants KiB, a power of two from 4 to 1024";
		layout->chunk_bytes = (uint32_t)number * 1024;
	}
	while (!cursor_at_end(cursor)) {
		if (layout->members == CONFIG_MEMBERS_MAX || !cursor_number(cursor, 10, CONFIG_VOLUMES_MAX - 1, &number))
			return "volume: up to eight members, ids of 0 to 15";
		layout->member[layout->members++] = (uint8_t)number;
	}
	return layout->members >= 2 ? NULL : "volume: two members at least";
}

static bool layout_exists(const struct config *config, const struct config_layout *layout)
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

const char *config_parse_volume(struct cursor *cursor, struct config *config)
{
	uint64_t id;
	const char *what;

	cursor_skip_blanks(cursor);
	if (!cursor_number(cursor, 10, CONFIG_VOLUMES_MAX - 1, &id))
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

bool config_members_exist(const struct config *config)
{
	for (size_t i = 0; i < CONFIG_VOLUMES_MAX; i++)
		if (!layout_exists(config, &config->layouts[i]))
			return false;
	return true;
}
