/* Device-table cache of the translator: reading an entry from memory, judging it word by word, keeping it. */
#include "models/bau/unit.h"

uint64_t bau_devices_address(const struct bau *bau)
{
	const struct bau_partition *partition = &bau->registers.partition[bau->translator.partition];
	return (partition->device_table + (uint64_t)bau_translator_request(bau)->rid * BAU_DTE_BYTES) & BAU_ADDRESS_MASK;
}

/** Looks at word @p index of a device-table entry that comes from memory. */
static void judge_word(struct bau_translator *t, unsigned index, uint64_t word)
{
	static const uint64_t defined[BAU_DEVICE_WORDS] = {
		BAU_DTE_VALID_MASK | BAU_DTE_DIRECT_MASK | BAU_DTE_IOMMU_MODE_MASK | BAU_DTE_FORCE_BROADCAST_MASK |
			BAU_DTE_HOLD_MASK | BAU_DTE_PARTITION_MASK | BAU_DTE_SUBCLASS_MASK | BAU_DTE_GSCID_MASK,
		BAU_DTE_ROOT_PPN_MASK,
		BAU_DTE_ITABLE_MASK,
		BAU_DTE_ITABLE_LENGTH_MASK | BAU_DTE_SIGVEC_BASE_MASK,
		BAU_DTE_SUMMARY_MASK,
		BAU_DTE_HOLD_RING_MASK | BAU_DTE_HOLD_LOG2_MASK,
	};
	bool bad = word & ~defined[index];
	if (index == 0) {
		uint64_t mode = FIELD_GET(BAU_DTE_IOMMU_MODE, word);
		t->fetch_paged = mode == BAU_IOMMU_SV39X4;
		bad |= !(word & BAU_DTE_VALID_MASK) || mode > BAU_IOMMU_BLOCKED || FIELD_GET(BAU_DTE_PARTITION, word) != t->partition;
	}
	if (index == 1)
		bad |= t->fetch_paged && word & 3;
	if (index == 3)
		bad |= FIELD_GET(BAU_DTE_ITABLE_LENGTH, word) > BAU_NUM_TARGETS;
	if (index == 5)
		bad |= FIELD_GET(BAU_DTE_HOLD_LOG2, word) > BAU_HOLD_LOG2_MAX;
	t->fetch_bad |= bad;
}

bool bau_devices_fetch(struct bau *bau, const struct bau_wires *wires, uint8_t *cause)
{
	struct bau_translator *t = &bau->translator;
	uint16_t rid = bau_translator_request(bau)->rid;
	*cause = 0;
	if (t->filled == BAU_DEVICE_WORDS) {
		if (t->fetch_error || t->fetch_bad)
			*cause = t->fetch_error ? BAU_CAUSE_DTE_ACCESS : BAU_CAUSE_DTE_INVALID;
		else if (!t->killed)
			t->device_valid |= 1ull << rid;
		return true;
	}
	if (wires->granted == BAU_UNIT_TRANSLATOR)
		t->asked++;
	if (bau_answered(wires, BAU_UNIT_TRANSLATOR)) {
		t->device[rid][t->filled] = wires->in->mem_rsp_data;
		judge_word(t, t->filled, wires->in->mem_rsp_data);
		t->fetch_error |= wires->in->mem_rsp_err;
		t->filled++;
	}
	return false;
}
