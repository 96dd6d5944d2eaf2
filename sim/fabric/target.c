/* Construction, connections' beginning and control of a target. */
#include "sim/fabric/target.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/fabric/arena.h"
#include "sim/fabric/target_internal.h"

enum {
	EVENT_NAMESPACE_CHANGED = 0x02 | 0x00 << 8 | 0x04 << 16, /* notice, namespace attribute, log page 4 */
	ASYNC_NAMESPACE = 1 << 8,
};

void target_defaults(struct target_config *config)
{
	static const struct target_config defaults = {
		.read_latency_cycles = 20000,
		.write_latency_cycles = 10000,
		.admin_latency_cycles = 2000,
		.rate_mbps = 32000,
		.in_capsule_bytes = 8192,
		.h2c_data_bytes = 128 * 1024,
		.block_bytes = VOLUME_BLOCK_MIN,
		.transfer_bytes = TARGET_TRANSFER_BYTES,
	};
	uint64_t *wide[] = {&config->read_latency_cycles, &config->write_latency_cycles, &config->admin_latency_cycles, &config->rate_mbps};
	const uint64_t from[] = {defaults.read_latency_cycles, defaults.write_latency_cycles, defaults.admin_latency_cycles, defaults.rate_mbps};

	for (unsigned i = 0; i < 4; i++) {
		if (*wide[i] == 0)
			*wide[i] = from[i];
	}
	if (config->in_capsule_bytes == 0)
		config->in_capsule_bytes = defaults.in_capsule_bytes;
	if (config->h2c_data_bytes == 0)
		config->h2c_data_bytes = defaults.h2c_data_bytes;
	if (config->block_bytes == 0)
		config->block_bytes = defaults.block_bytes;
	if (config->transfer_bytes == 0)
		config->transfer_bytes = defaults.transfer_bytes;
}

static const char *find_mistake(const struct target_config *config)
{
	if (!config->nqn || !config->nqn[0] || strlen(config->nqn) > 223)
		return "the NQN must have 1 to 223 characters";
	if (config->namespaces < 1 || config->namespaces > TARGET_NAMESPACES_MAX)
		return "there must be 1 to 8 namespaces";
	if (config->in_capsule_bytes < 512 || config->in_capsule_bytes > 16384 || config->in_capsule_bytes % 16)
		return "in_capsule_bytes must be 512 to 16384 and a multiple of 16";
	if (config->h2c_data_bytes < 4096 || config->h2c_data_bytes % 4)
		return "h2c_data_bytes must be a multiple of 4, at least 4096";
	if (config->address && strlen(config->address) > 15)
		return "the address must be an IPv4 address";
	if (config->ana_group + config->namespaces > TARGET_GROUPS_MAX || config->ana_groups > TARGET_GROUPS_MAX || config->anatt_s > 255)
		return "there are at most 300 groups of access, which change in up to 255 s";
	if (config->peers > TARGET_PEERS_MAX)
		return "there are at most 6 peers";
	if (config->io_queues > TARGET_IO_QUEUES)
		return "there are at most 16 I/O queues";
	if (config->cpda > 31)
		return "cpda must be 0 to 31";
	if (config->data_alignment % 4 || config->data_alignment > 128)
		return "data_alignment must be a multiple of 4, at most 128";
	if (config->block_bytes < VOLUME_BLOCK_MIN || config->block_bytes > VOLUME_BLOCK_MAX || (config->block_bytes & (config->block_bytes - 1)))
		return "block must be 512, 1024, 2048 or 4096";
	if (config->transfer_bytes < 8192 || config->transfer_bytes > TARGET_TRANSFER_BYTES || (config->transfer_bytes & (config->transfer_bytes - 1)))
		return "transfer must be a power of two, 8192 to 262144";
	if ((config->quirks & TARGET_LARGE_PAGES) && config->transfer_bytes < 16384)
		return "transfer must be two pages at least, which are large";
	if (config->quirks >= TARGET_QUIRKS_END)
		return "quirks has bits that mean nothing";
	if (config->r2t_bytes % 512 || config->c2h_data_bytes % 512)
		return "r2t_bytes and c2h_data_bytes must be multiples of 512";
	return NULL;
}

static void fill_pools(struct target *target)
{
	target->served = NONE;
	target->waiting_first = NONE;
	target->waiting_last = NONE;
	for (int i = 0; i < BUFFERS_MAX; i++)
		target->free_buffer[target->buffers_free++] = BUFFERS_MAX - 1 - i;
	for (int i = 0; i < COMMANDS_MAX; i++)
		target->free_command[target->commands_free++] = COMMANDS_MAX - 1 - i;
}

struct target *target_create(const struct target_config *config, char *message, size_t message_size)
{
	struct target *target = arena_take(sizeof(*target));
	const char *mistake;

	if (!target) {
		snprintf(message, message_size, "target: no memory");
		return NULL;
	}
	target->config = *config;
	target_defaults(&target->config);
	mistake = find_mistake(&target->config);
	if (mistake) {
		snprintf(message, message_size, "target %s: %s", config->nqn ? config->nqn : "", mistake);
		arena_give(target, sizeof(*target));
		return NULL;
	}
	snprintf(target->nqn, sizeof(target->nqn), "%s", config->nqn);
	snprintf(target->address, sizeof(target->address), "%s", config->address ? config->address : "");
	target->config.address = target->address;
	target->config.nqn = target->nqn;
	target_set_peers(target, config->peer, config->peers);
	target_ana_begin(target);
	fill_pools(target);
	for (unsigned i = 0; i < TARGET_NAMESPACES_MAX; i++)
		target->volume[i].file = -1;
	for (unsigned i = 0; i < config->namespaces; i++) {
		const struct target_namespace_config *volume = &config->volume[i];

		target->volume[i].block_bytes = target->config.block_bytes;
		if (volume_open(&target->volume[i], volume->path, volume->bytes, volume->read_only, message, message_size) < 0) {
			target_destroy(target);
			return NULL;
		}
	}
	return target;
}

int target_set_peers(struct target *target, const struct target_peer *peers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (count > TARGET_PEERS_MAX || strlen(peers[i].address) >= sizeof(target->peer_address[i]))
			return -1;
	for (unsigned i = 0; i < count; i++) {
		snprintf(target->peer_address[i], sizeof(target->peer_address[i]), "%s", peers[i].address);
		target->config.peer[i] = (struct target_peer){target->peer_address[i], peers[i].tcp_port};
	}
	target->config.peers = count;
	target->peer_changes++;
	return 0;
}

void target_destroy(struct target *target)
{
	if (!target)
		return;
	for (unsigned i = 0; i < TARGET_NAMESPACES_MAX; i++)
		volume_close(&target->volume[i]);
	arena_give(target, sizeof(*target));
}

int target_hold_volumes(struct target *target)
{
	for (unsigned i = 0; i < target->config.namespaces; i++) {
		if (volume_hold(&target->volume[i]) < 0)
			return -1;
	}
	return 0;
}

void target_detach_volumes(struct target *target)
{
	for (unsigned i = 0; i < target->config.namespaces; i++)
		volume_detach(&target->volume[i]);
}

int target_accept(struct target *target, const struct target_link_ops *ops, void *link)
{
	for (int i = 0; target->mode != TARGET_REFUSES && i < TARGET_CONNECTIONS_MAX; i++) {
		struct connection *connection = &target->connection[i];

		if (connection->state != CONNECTION_FREE)
			continue;
		memset(connection, 0, sizeof(*connection));
		connection->state = CONNECTION_NEW;
		connection->ops = ops;
		connection->link = link;
		connection->limits.types = 1u << PDU_IC_REQ | 1u << PDU_H2C_TERM | 1u << PDU_COMMAND | 1u << PDU_H2C_DATA;
		connection->limits.capsule_data = PDU_ADMIN_CAPSULE_DATA;
		connection->limits.pdu_data = target->config.h2c_data_bytes;
		connection->current = NONE;
		connection->controller = NONE;
		connection->queue = QUEUE_UNKNOWN;
		target->stats.connections++;
		return i;
	}
	target->stats.refused++;
	return TARGET_NO_CONNECTION;
}

void target_set_mode(struct target *target, enum target_mode mode, uint64_t now)
{
	target->now = now > target->now ? now : target->now;
	target->mode = mode;
	for (int i = 0; mode == TARGET_REFUSES && i < TARGET_CONNECTIONS_MAX; i++)
		connection_drop(target, i, true);
}

int target_resize(struct target *target, unsigned namespace_id, uint64_t now)
{
	struct volume *volume = namespace_volume(target, namespace_id);

	if (!volume || volume_resize(volume) < 0)
		return -1;
	target->now = now > target->now ? now : target->now;
	for (int i = 0; i < CONTROLLERS_MAX; i++) {
		struct controller *controller = &target->controller[i];

		controller->changed |= 1u << namespace_id;
		if (controller->used && (controller->async_config & ASYNC_NAMESPACE))
			controller_event(target, i, EVENT_NAMESPACE_CHANGED);
	}
	return 0;
}

const struct target_stats *target_get_stats(const struct target *target)
{
	return &target->stats;
}
