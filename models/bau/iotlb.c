/* IOTLB: which cached translation is meant, and what an invalidation takes away. */
#include "models/bau/unit.h"

static bool translates(const struct bau_translation *entry, const struct bau_translator *t, uint32_t vpn)
{
	return entry->valid && entry->partition == t->partition && entry->gscid == FIELD_GET(BAU_DTE_GSCID, t->dte[0]) &&
	       entry->vpn >> (9 * entry->level) == vpn >> (9 * entry->level);
}

bool bau_iotlb_find(struct bau_translator *t, uint32_t vpn)
{
	for (unsigned i = 0; i < BAU_IOTLB_ENTRIES; i++) {
		if (translates(&t->iotlb[i], t, vpn)) {
			t->entry = t->iotlb[i];
			t->slot = (uint8_t)i;
			t->cached = 1;
			return true;
		}
	}
	return false;
}

void bau_translator_forget(struct bau_translator *t, const struct bau_invalidation *invalidation, uint64_t owner)
{
	if (invalidation->device)
		t->device_valid &= ~bau_named_devices(invalidation, owner);
	for (unsigned i = 0; invalidation->iotlb && i < BAU_IOTLB_ENTRIES; i++) {
		struct bau_translation *entry = &t->iotlb[i];
		if (entry->partition == invalidation->partition && (invalidation->all || entry->gscid == invalidation->id))
			entry->valid = 0;
	}
}
