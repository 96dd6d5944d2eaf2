/* Asymmetric namespace access (NVM Express 1.4, 5.14.1.12 and 8.20): the namespaces' groups, their states, the log page. */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	SQE_NSID = 4,
	EVENT_ANA_CHANGED = 0x02 | 0x03 << 8 | 0x0c << 16, /* notice, asymmetric namespace access change, log page 12 */
	ASYNC_ANA = 1 << 11,
	HEADER_BYTES = 16,
	GROUP_BYTES = 32,
	ANATT_S = 10,
	/** Namespaces of a group that has none of ours. */
	OTHER_NAMESPACES = 40,
};

void target_ana_begin(struct target *target)
{
	for (unsigned i = 0; i < TARGET_NAMESPACES_MAX; i++) {
		target->ana[i] = target->config.ana;
		target->ana_group[i] = (target->config.ana_group ? target->config.ana_group : 1) + i;
	}
}

/* The highest group there is. */
static uint32_t last_group(const struct target *target)
{
	uint32_t last = target->config.ana_groups;

	for (unsigned i = 0; i < target->config.namespaces; i++)
		last = target->ana_group[i] > last ? target->ana_group[i] : last;
	return last;
}

static bool group_listed(const struct target *target, uint32_t group)
{
	for (unsigned i = 0; i < target->config.namespaces; i++)
		if (target->ana_group[i] == group)
			return true;
	return group <= target->config.ana_groups;
}

void target_ana_identify(const struct target *target, uint8_t *data)
{
	data[76] |= 1 << 3;                      /* CMIC: asymmetric namespace access reporting */
	store_le32(data + 92, 1 << 8 | 1 << 11); /* OAES: access changes, too */
	data[342] = (uint8_t)(target->config.anatt_s ? target->config.anatt_s : ANATT_S);
	data[343] = 0x1f;                        /* ANACAP: every state; a namespace may change its group */
	store_le32(data + 344, last_group(target)); /* ANAGRPMAX */
	store_le32(data + 348, last_group(target)); /* NANAGRPID */
}

uint32_t target_ana_group_of(const struct target *target, uint32_t namespace_id)
{
	return target->config.ana == TARGET_ANA_NONE ? 0 : target->ana_group[namespace_id - 1];
}

bool target_ana_hides(const struct target *target, uint32_t namespace_id)
{
	enum target_ana state = target->ana[namespace_id - 1];

	return target->config.ana_hides && (state == TARGET_ANA_INACCESSIBLE || state == TARGET_ANA_PERSISTENT_LOSS);
}

uint16_t target_ana_check(const struct target *target, const struct command *command)
{
	uint32_t namespace_id = load_le32(command->sqe + SQE_NSID);

	switch (namespace_id >= 1 && namespace_id <= target->config.namespaces ? target->ana[namespace_id - 1] : TARGET_ANA_NONE) {
	case TARGET_ANA_INACCESSIBLE: return NVME_ANA_INACCESSIBLE;
	case TARGET_ANA_PERSISTENT_LOSS: return NVME_ANA_PERSISTENT_LOSS;
	case TARGET_ANA_CHANGE: return NVME_ANA_TRANSITION;
	default: return NVME_SUCCESS;
	}
}

/* One descriptor. A group without a namespace of ours holds those of others, which nobody here can reach. */
static size_t put_group(const struct target *target, uint32_t group, bool groups_only, uint8_t *to)
{
	uint32_t count = 0;

	store_le32(to, group);
	store_le64(to + 8, target->ana_changes);
	to[16] = TARGET_ANA_INACCESSIBLE;
	for (uint32_t id = 1; id <= target->config.namespaces; id++) {
		if (target->ana_group[id - 1] != group)
			continue;
		to[16] = (uint8_t)target->ana[id - 1];
		store_le32(to + GROUP_BYTES + 4 * count++, id);
	}
	for (uint32_t i = 0; count == 0 && !groups_only && i < OTHER_NAMESPACES; i++)
		store_le32(to + GROUP_BYTES + 4 * i, group * 1000 + i);
	count = groups_only ? 0 : count ? count : OTHER_NAMESPACES;
	store_le32(to + 4, count);
	return GROUP_BYTES + 4 * count;
}

size_t target_ana_log(const struct target *target, bool groups_only, uint8_t *page)
{
	size_t at = HEADER_BYTES;
	uint16_t groups = 0;

	for (uint32_t group = 1; group <= last_group(target); group++) {
		if (!group_listed(target, group))
			continue;
		at += put_group(target, group, groups_only, page + at);
		groups++;
	}
	store_le64(page, target->ana_changes);
	store_le16(page + 8, groups);
	return at;
}

static void tell_hosts(struct target *target, uint64_t now)
{
	target->now = now > target->now ? now : target->now;
	target->ana_changes++;
	for (int i = 0; i < CONTROLLERS_MAX; i++) {
		struct controller *controller = &target->controller[i];

		if (controller->used && (controller->async_config & ASYNC_ANA))
			controller_event(target, i, EVENT_ANA_CHANGED);
	}
}

int target_set_ana(struct target *target, enum target_ana state, uint64_t now)
{
	if (target->config.ana == TARGET_ANA_NONE || state == TARGET_ANA_NONE)
		return -1;
	for (unsigned i = 0; i < TARGET_NAMESPACES_MAX; i++)
		target->ana[i] = state;
	tell_hosts(target, now);
	return 0;
}

int target_set_namespace_ana(struct target *target, uint32_t namespace_id, uint32_t group, enum target_ana state, uint64_t now)
{
	if (target->config.ana == TARGET_ANA_NONE || state == TARGET_ANA_NONE || !namespace_volume(target, namespace_id) || group < 1 || group > TARGET_GROUPS_MAX)
		return -1;
	target->ana[namespace_id - 1] = state;
	target->ana_group[namespace_id - 1] = group;
	tell_hosts(target, now);
	return 0;
}
