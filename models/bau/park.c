/* Where the translator parks a request: the place of a hold ring, and the header that goes there. */
#include "models/bau/unit.h"

uint64_t bau_park_place(const struct bau_translator *t)
{
	return bau_holder_place(t->ring, t->ring_log2, t->place);
}

/** Word @p index of the header of a parked request. */
uint64_t bau_park_header(const struct bau_request *request, unsigned index)
{
	switch (index) {
	case 0:
		return FIELD_PREP(BAU_HOLD_PLACE_TAG, request->tag) | FIELD_PREP(BAU_HOLD_PLACE_LENGTH, request->length_dw) |
		       FIELD_PREP(BAU_HOLD_PLACE_FIRST_BE, request->first_be) | FIELD_PREP(BAU_HOLD_PLACE_LAST_BE, request->last_be) |
		       FIELD_PREP(BAU_HOLD_PLACE_KIND, request->kind);
	case 1: return request->address;
	default: return FIELD_PREP(BAU_HOLD_PLACE_DATA, request->data) | FIELD_PREP(BAU_HOLD_PLACE_ID, request->id);
	}
}

/** Where a request goes that must stay behind others of its function. */
void bau_park_behind(struct bau *bau, uint16_t rid)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_hold *hold = &bau->holder.hold[rid];
	t->meets = 0;
	t->ring = hold->ring;
	t->ring_log2 = hold->log2;
	t->place = hold->tail;
}
