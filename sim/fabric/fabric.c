/* The domain's life and its interface; what happens to frames is in fabric_run.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/fabric/arena.h"
#include "sim/fabric/fabric_internal.h"

enum { PORT_NVME_TCP = 4420 };

static void set_default(uint64_t *value, uint64_t otherwise)
{
	if (*value == 0)
		*value = otherwise;
}

static void fill_defaults(struct fabric_config *config)
{
	if (config->external_ports == 0)
		config->external_ports = 1;
	if (config->attachments <= FABRIC_ATTACHMENTS_MAX && config->external_ports < 1 + config->attachments)
		config->external_ports = 1 + config->attachments;
	if (config->mtu == 0)
		config->mtu = 9000;
	set_default(&config->line_mbps, 25000);
	set_default(&config->switch_latency_cycles, 300);
	set_default(&config->queue_bytes, 4u << 20);
}

static const char *find_mistake(const struct fabric_config *config)
{
	if (config->hosts > FABRIC_HOSTS_MAX)
		return "too many storage hosts";
	if (config->attachments > FABRIC_ATTACHMENTS_MAX)
		return "too many links to the outside";
	if (config->external_ports + config->hosts > SWITCH_PORTS_MAX)
		return "the switch has 32 ports";
	if (config->mtu < 576 || config->mtu > 9000)
		return "the MTU must be 576 to 9000";
	for (unsigned i = 0; i < config->hosts; i++) {
		for (unsigned k = 0; k < i; k++) {
			if (config->host[i].address && config->host[k].address && strcmp(config->host[i].address, config->host[k].address) == 0)
				return "two storage hosts have the same address";
		}
	}
	return NULL;
}

/* A frame of a storage host occupies its line to the switch. */
static void host_output(void *ctx, unsigned host, const uint8_t *frame, size_t length, uint64_t now)
{
	struct fabric *fabric = ctx;
	uint64_t start = now > fabric->host_line_free[host] ? now : fabric->host_line_free[host];

	fabric->host_line_free[host] = start + line_cycles(fabric->config.line_mbps, length, 1);
	fabric_post(fabric, fabric->config.external_ports + host, frame, length, start + line_cycles(fabric->config.line_mbps, length, 0));
}

/* What the discovery log page needs of an address: without the prefix. Returns NULL for a text that cannot be an address. */
static const char *bare_address(const char *address, char *text, size_t size)
{
	size_t length = address ? strcspn(address, "/") : 0;

	if (length == 0 || length >= size)
		return NULL;
	snprintf(text, size, "%.*s", (int)length, address);
	return text;
}

/* Targets of the same name are ports of one subsystem: each names the others, and their controllers have identifiers of their own. */
static void join_subsystem(struct fabric *fabric, unsigned number, struct target_config *target)
{
	for (unsigned i = 0; i < fabric->config.hosts; i++) {
		const struct fabric_host_config *other = &fabric->config.host[i];

		if (i == number || !other->target.nqn || !target->nqn || strcmp(other->target.nqn, target->nqn) != 0 ||
		    target->peers == TARGET_PEERS_MAX || !bare_address(other->address, fabric->address[i], sizeof(fabric->address[i])))
			continue;
		target->peer[target->peers++] = (struct target_peer){fabric->address[i], other->tcp_port ? other->tcp_port : PORT_NVME_TCP};
	}
	target->first_controller = (uint16_t)(number * TARGET_CONTROLLERS);
}

static int add_host(struct fabric *fabric, unsigned number, char *message, size_t size)
{
	const struct fabric_host_config *config = &fabric->config.host[number];
	static const uint8_t none[6];
	struct net_host_config host = {.address = config->address, .mac = {2, 0, 0, 0, 1, (uint8_t)number}};
	struct target_config target = config->target;
	char text[16];

	host.tcp_port = config->tcp_port ? config->tcp_port : PORT_NVME_TCP;
	target.address = bare_address(config->address, text, sizeof(text));
	target.tcp_port = host.tcp_port;
	join_subsystem(fabric, number, &target);
	fabric->target[number] = target_create(&target, message, size);
	if (!fabric->target[number])
		return -1;
	if (memcmp(config->mac, none, sizeof(none)) != 0)
		memcpy(host.mac, config->mac, sizeof(host.mac));
	host.mtu = (uint16_t)fabric->config.mtu;
	host.target = fabric->target[number];
	if (net_add_host(&host) < 0) {
		snprintf(message, size, "storage host %u: \"%s\" is no IPv4 address with prefix (10.0.0.10/24)", number,
			config->address ? config->address : "");
		return -1;
	}
	return 0;
}

static void start_switch(struct fabric *fabric)
{
	struct switch_config config = {
		.ports = fabric->config.external_ports + fabric->config.hosts,
		.latency_cycles = fabric->config.switch_latency_cycles,
		.line_mbps = fabric->config.line_mbps,
		.queue_bytes = fabric->config.queue_bytes,
	};

	frames_reset(&fabric->frames);
	switch_reset(&fabric->sw, &config);
	for (unsigned i = 0; i < SWITCH_PORTS_MAX; i++)
		fault_reset(&fabric->fault[i], fabric->config.seed + i + 1);
}

static int start_all(struct fabric *fabric, char *message, size_t size)
{
	if (net_start(host_output, fabric, fabric->config.seed) < 0) {
		snprintf(message, size, "fabric: there is one in this process already");
		return -1;
	}
	fabric->net_started = true;
	start_switch(fabric);
	for (unsigned i = 0; i < fabric->config.hosts; i++) {
		if (add_host(fabric, i, message, size) < 0)
			return -1;
	}
	for (unsigned i = 0; i < fabric->config.attachments; i++) {
		const struct fabric_attachment *attachment = &fabric->config.attachment[i];

		if (fabric_attach(fabric, 1 + i, attachment->where, attachment->record_path, message, size) < 0)
			return -1;
	}
	if (fabric->config.pcap_path) {
		fabric->pcap = pcap_create(fabric->config.pcap_path);
		if (!fabric->pcap) {
			snprintf(message, size, "capture %s: %s", fabric->config.pcap_path, strerror(errno));
			return -1;
		}
	}
	return 0;
}

struct fabric *fabric_create(const struct fabric_config *config, char *message, size_t message_size)
{
	struct fabric *fabric = arena_take(sizeof(*fabric));
	const char *mistake;

	if (!fabric) {
		snprintf(message, message_size, "fabric: no memory");
		return NULL;
	}
	fabric->config = *config;
	fill_defaults(&fabric->config);
	mistake = find_mistake(&fabric->config);
	if (mistake) {
		snprintf(message, message_size, "fabric: %s", mistake);
		arena_give(fabric, sizeof(*fabric));
		return NULL;
	}
	if (start_all(fabric, message, message_size) < 0) {
		fabric_destroy(fabric);
		return NULL;
	}
	return fabric;
}

int fabric_destroy(struct fabric *fabric)
{
	int status;

	if (!fabric)
		return 0;
	if (fabric->net_started)
		net_stop();
	for (unsigned i = 0; i < FABRIC_HOSTS_MAX; i++)
		target_destroy(fabric->target[i]);
	status = pcap_close(fabric->pcap);
	for (unsigned i = 0; i < SWITCH_PORTS_MAX; i++)
		status |= outside_close(fabric->outside[i]);
	arena_give(fabric, sizeof(*fabric));
	return status;
}

void fabric_set_output(struct fabric *fabric, fabric_output output, void *ctx)
{
	fabric->output = output;
	fabric->output_ctx = ctx;
}

int fabric_attach(struct fabric *fabric, unsigned port, const char *where, const char *record_path, char *message, size_t message_size)
{
	if (port >= fabric->config.external_ports || fabric->outside[port]) {
		snprintf(message, message_size, "fabric: port %u cannot be attached to %s: %s", port, where,
			port >= fabric->config.external_ports ? "there is no such external port" : "it is attached already");
		return -1;
	}
	fabric->outside[port] = outside_open(where, record_path, message, message_size);
	return fabric->outside[port] ? 0 : -1;
}

struct outside_stats fabric_get_outside(const struct fabric *fabric, unsigned port)
{
	struct outside_stats none = {0};

	return port < SWITCH_PORTS_MAX && fabric->outside[port] ? outside_get_stats(fabric->outside[port]) : none;
}

void fabric_receive(struct fabric *fabric, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	if (port < fabric->config.external_ports)
		fabric_post(fabric, port, frame, length, cycle > fabric->now ? cycle : fabric->now);
}

void fabric_set_fault(struct fabric *fabric, unsigned port, const struct fault_config *config)
{
	if (port < SWITCH_PORTS_MAX)
		fabric->fault[port].config = *config;
}

const struct fault *fabric_get_fault(const struct fabric *fabric, unsigned port)
{
	return port < SWITCH_PORTS_MAX ? &fabric->fault[port] : NULL;
}

void fabric_set_link(struct fabric *fabric, unsigned port, bool up)
{
	if (port < SWITCH_PORTS_MAX)
		fabric->down[port] = !up;
}

void fabric_set_target_mode(struct fabric *fabric, unsigned host, enum target_mode mode)
{
	if (host >= fabric->config.hosts)
		return;
	target_set_mode(fabric->target[host], mode, fabric->now);
	net_settle(fabric->now);
}

int fabric_set_access(struct fabric *fabric, unsigned host, enum target_ana state)
{
	int result = host < fabric->config.hosts ? target_set_ana(fabric->target[host], state, fabric->now) : -1;

	net_settle(fabric->now);
	return result;
}

int fabric_resize_volume(struct fabric *fabric, unsigned host, uint64_t bytes)
{
	int result = -1;

	if (host < fabric->config.hosts && truncate(fabric->config.host[host].target.volume[0].path, (off_t)bytes) == 0)
		result = target_resize(fabric->target[host], 1, fabric->now);
	net_settle(fabric->now);
	return result;
}

struct target *fabric_target(struct fabric *fabric, unsigned host)
{
	return host < fabric->config.hosts ? fabric->target[host] : NULL;
}

struct fabric_stats fabric_get_stats(const struct fabric *fabric)
{
	struct fabric_stats stats = fabric->stats;

	stats.net = *net_get_stats();
	return stats;
}

const struct switch_port *fabric_get_port(const struct fabric *fabric, unsigned port)
{
	return port < SWITCH_PORTS_MAX ? &fabric->sw.port[port] : NULL;
}

int fabric_flush(struct fabric *fabric)
{
	int status = fabric->pcap ? pcap_flush(fabric->pcap) : 0;

	for (unsigned i = 0; i < SWITCH_PORTS_MAX; i++)
		status |= fabric->outside[i] ? outside_flush(fabric->outside[i]) : 0;
	return status;
}
