#include "sim/fabric/switch.h"

#include <stdbool.h>
#include <string.h>

enum { FCS_BYTES = 4, PREAMBLE_BYTES = 8, GAP_BYTES = 12, PROBES = 8 };

static const uint64_t VALID = 1ull << 48;

void switch_reset(struct switch_state *sw, const struct switch_config *config)
{
	memset(sw, 0, sizeof(*sw));
	sw->config = *config;
}

uint64_t line_cycles(uint64_t mbps, size_t frame_bytes, int gap)
{
	uint64_t bytes = frame_bytes + FCS_BYTES + PREAMBLE_BYTES + (gap ? GAP_BYTES : 0);

	return (bytes * 8000 + mbps - 1) / mbps;
}

static uint64_t load_address(const uint8_t *p)
{
	uint64_t address = 0;

	for (unsigned i = 0; i < 6; i++)
		address = address << 8 | p[i];
	return address | VALID;
}

static unsigned hash(uint64_t address)
{
	return (unsigned)((address * 0x9e3779b97f4a7c15ull) >> 56);
}

static struct switch_entry *find(struct switch_state *sw, uint64_t address)
{
	for (unsigned i = 0; i < PROBES; i++) {
		struct switch_entry *entry = &sw->table[(hash(address) + i) % SWITCH_TABLE_SIZE];

		if (entry->address == address)
			return entry;
	}
	return NULL;
}

/* A full neighbourhood forgets its first entry: a forgotten address is flooded, never lost. */
static void learn(struct switch_state *sw, uint64_t address, unsigned port)
{
	struct switch_entry *entry = find(sw, address);

	for (unsigned i = 0; !entry && i < PROBES; i++) {
		struct switch_entry *candidate = &sw->table[(hash(address) + i) % SWITCH_TABLE_SIZE];

		if (!candidate->address)
			entry = candidate;
	}
	if (!entry)
		entry = &sw->table[hash(address)];
	entry->address = address;
	entry->port = (uint8_t)port;
}

static bool enqueue(struct switch_state *sw, unsigned out, size_t length, uint64_t cycle, struct switch_output *output)
{
	struct switch_port *port = &sw->port[out];
	uint64_t start = cycle + sw->config.latency_cycles;
	uint64_t waiting_bytes;

	if (start < port->free_at) {
		waiting_bytes = (port->free_at - start) * sw->config.line_mbps / 8000;
		if (waiting_bytes + length > sw->config.queue_bytes) {
			port->dropped++;
			return false;
		}
		start = port->free_at;
	}
	port->free_at = start + line_cycles(sw->config.line_mbps, length, 1);
	port->frames_out++;
	port->bytes_out += length;
	*output = (struct switch_output){.port = (uint8_t)out, .departs = start + line_cycles(sw->config.line_mbps, length, 0)};
	return true;
}

unsigned switch_forward(struct switch_state *sw, unsigned in, const uint8_t *frame, size_t length, uint64_t cycle,
	struct switch_output *outputs)
{
	const struct switch_entry *known = NULL;
	unsigned count = 0;

	sw->port[in].frames_in++;
	if (!(frame[6] & 1))
		learn(sw, load_address(frame + 6), in);
	if (!(frame[0] & 1))
		known = find(sw, load_address(frame));
	if (known) {
		if (known->port != in && enqueue(sw, known->port, length, cycle, &outputs[0]))
			count = 1;
		return count;
	}
	for (unsigned out = 0; out < sw->config.ports; out++) {
		if (out != in && enqueue(sw, out, length, cycle, &outputs[count]))
			count++;
	}
	return count;
}
