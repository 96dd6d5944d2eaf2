/* The fabric's part of a checkpoint. Its state is struct fabric, struct targets (both at fixed addresses, arena.h), and the static memory of lwIP
 * and net*.c (between the net_state_* symbols, sim/fabric/net_state.ld). All of it may point to itself and to functions of this very program.
 * What belongs to the process, files and callers' pointers, stays what it is. */
#include <string.h>

#include "sim/fabric/fabric_internal.h"
#include "sim/fabric/target_internal.h"

extern char net_state_data_begin[], net_state_data_end[], net_state_bss_begin[], net_state_bss_end[];

unsigned fabric_state(struct fabric *fabric, struct fabric_part part[FABRIC_PARTS_MAX])
{
	unsigned parts = 0;

	part[parts++] = (struct fabric_part){net_state_data_begin, (size_t)(net_state_data_end - net_state_data_begin)};
	part[parts++] = (struct fabric_part){net_state_bss_begin, (size_t)(net_state_bss_end - net_state_bss_begin)};
	part[parts++] = (struct fabric_part){fabric, sizeof *fabric};
	for (unsigned i = 0; i < fabric->config.hosts; i++)
		part[parts++] = (struct fabric_part){fabric->target[i], sizeof(struct target)};
	return parts;
}

bool fabric_has_outside(const struct fabric *fabric)
{
	for (unsigned i = 0; i < SWITCH_PORTS_MAX; i++) {
		if (fabric->outside[i])
			return true;
	}
	return false;
}

/* What is the process's own in a target. */
static void keep_target(struct target *now, const struct target *before)
{
	now->config = before->config;
	for (unsigned i = 0; i < TARGET_NAMESPACES_MAX; i++)
		now->volume[i] = before->volume[i];
}

void fabric_restore_part(struct fabric *fabric, unsigned number, const void *bytes)
{
	static struct target target_before;
	static struct fabric before;
	struct fabric_part part[FABRIC_PARTS_MAX];

	fabric_state(fabric, part);
	if (number < FABRIC_PART_FABRIC) {
		memcpy(part[number].bytes, bytes, part[number].size);
	} else if (number == FABRIC_PART_FABRIC) {
		memcpy(&before, fabric, sizeof before);
		memcpy(fabric, bytes, sizeof *fabric);
		fabric->config = before.config;
		fabric->output = before.output;
		fabric->output_ctx = before.output_ctx;
		fabric->pcap = before.pcap;
		memcpy(fabric->outside, before.outside, sizeof fabric->outside);
	} else {
		struct target *target = part[number].bytes;
		memcpy(&target_before, target, sizeof target_before);
		memcpy(target, bytes, sizeof *target);
		keep_target(target, &target_before);
	}
}

struct volume *fabric_volume(struct fabric *fabric, unsigned number)
{
	for (unsigned i = 0; i < fabric->config.hosts; i++) {
		if (number < fabric->target[i]->config.namespaces)
			return &fabric->target[i]->volume[number];
		number -= fabric->target[i]->config.namespaces;
	}
	return NULL;
}
