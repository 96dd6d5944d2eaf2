/* Holder: what waits in the hold rings, its page events, and its replay. README, Held writes and Holder. */
#include "models/bau/unit.h"

enum { REST, EVENT, SETTLE, HEADER, OFFER, VERDICT, DATA, POP };

enum { EVENT_WORDS = BAU_PAGE_EVENT_BYTES / 8, HEADER_WORDS = 4, INDEX_MASK = 0x1fff };

static const uint64_t payload_offset = BAU_HOLD_PLACE_BYTES / 2;

bool bau_holder_offers(const struct bau *bau)
{
	return bau->holder.state == OFFER && !bau->holder.cancelled;
}

bool bau_holder_holds(const struct bau *bau, uint16_t rid)
{
	return bau->holder.held >> rid & 1;
}

bool bau_holder_full(const struct bau *bau, uint16_t rid)
{
	const struct bau_hold *hold = &bau->holder.hold[rid];
	return ((hold->tail - hold->head) & INDEX_MASK) == 1u << hold->log2;
}

uint64_t bau_holder_place(uint64_t ring, unsigned log2, unsigned index)
{
	return (ring + (uint64_t)(index & ((1u << log2) - 1)) * BAU_HOLD_PLACE_BYTES) & BAU_ADDRESS_MASK;
}

static unsigned owner_of(const struct bau *bau, unsigned rid)
{
	return bau->registers.owner >> rid & 1;
}

static bool has_room_for_event(const struct bau *bau, unsigned p)
{
	const struct bau_partition *q = &bau->registers.partition[p];
	unsigned mask = (1u << q->event_log2) - 1;
	return q->control & BAU_CONTROL_EVENT_ENABLE_MASK && ((q->event_tail + 1u) & mask) != q->event_head;
}

/** The functions whose page event can be written now. */
static uint64_t announceable(const struct bau *bau)
{
	uint64_t owner = bau->registers.owner;
	uint64_t room = (has_room_for_event(bau, 0) ? ~owner : 0) | (has_room_for_event(bau, 1) ? owner : 0);
	return bau->holder.due & room;
}

bool bau_holder_has_work(const struct bau *bau)
{
	return bau->holder.state != REST || bau->holder.ready || announceable(bau);
}

static bool address_is_legal(const struct bau *bau)
{
	return bau_in_bounds(bau, bau->holder.partition, bau->holder.address >> 12);
}

/** Payload words of the write that is replayed. */
static unsigned payload_words(const struct bau_holder *h)
{
	return (h->request.length_dw + 1u) / 2;
}

bool bau_holder_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_holder *h = &bau->holder;
	*access = (struct bau_access){.valid = 1, .op = BAU_MEM_READ, .tag = bau_tag(BAU_UNIT_HOLDER, 0), .addr = h->address + 8u * h->asked};
	switch (h->state) {
	case EVENT:
		access->op = BAU_MEM_WRITE;
		access->strb = 0xff;
		access->data = h->word[h->asked];
		return address_is_legal(bau);
	case HEADER:
		return h->asked == 0 ? address_is_legal(bau) : h->asked < HEADER_WORDS;
	case DATA:
		access->addr += payload_offset;
		return h->asked < payload_words(h);
	default:
		return false;
	}
}

static void prepare_event(struct bau *bau, unsigned rid)
{
	struct bau_holder *h = &bau->holder;
	const struct bau_hold *hold = &h->hold[rid];
	const struct bau_partition *q;
	h->partition = (uint8_t)owner_of(bau, rid);
	q = &bau->registers.partition[h->partition];
	h->address = (q->event_base + (uint64_t)q->event_tail * BAU_PAGE_EVENT_BYTES) & BAU_ADDRESS_MASK;
	h->word[0] = FIELD_PREP(BAU_PAGE_EVENT_PARTITION, h->partition) | FIELD_PREP(BAU_PAGE_EVENT_RID, rid) |
		FIELD_PREP(BAU_PAGE_EVENT_GSCID, hold->gscid);
	h->word[1] = hold->address;
	h->due &= ~(1ull << rid);
}

/** @return the ready function whose turn it is. */
static unsigned next_ready(const struct bau_holder *h)
{
	uint64_t later = h->ready & ~((2ull << h->last) - 1);
	return (unsigned)__builtin_ctzll(later ? later : h->ready);
}

static uint8_t step_rest(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_holder *h = &bau->holder;
	uint64_t events = announceable(bau);
	h->asked = h->got = h->error = h->cancelled = 0;
	if (events) {
		prepare_event(bau, (unsigned)__builtin_ctzll(events));
		return EVENT;
	}
	if (!h->ready)
		return REST;
	h->rid = h->last = (uint8_t)next_ready(h);
	const struct bau_hold *hold = &h->hold[h->rid];
	h->partition = (uint8_t)owner_of(bau, h->rid);
	h->address = bau_holder_place(hold->ring, hold->log2, hold->head);
	h->waits = (uint8_t)(h->parks - wires->park_ended);
	return SETTLE;
}

static uint8_t step_event(struct bau *bau, struct bau_wires *wires)
{
	struct bau_holder *h = &bau->holder;
	if (!address_is_legal(bau)) {
		wires->status[h->partition] |= BAU_STATUS_EVENT_LOST_MASK;
		return REST;
	}
	if (wires->granted != BAU_UNIT_HOLDER || ++h->asked < EVENT_WORDS)
		return EVENT;
	wires->status[h->partition] |= BAU_STATUS_EVENT_MASK;
	wires->event_written[h->partition] = 1;
	bau_count(wires, BAU_PAGE_EVENTS);
	return REST;
}

static uint8_t step_settle(struct bau_holder *h, const struct bau_wires *wires)
{
	if (h->cancelled)
		return REST;
	if (h->waits == 0)
		return HEADER;
	h->waits = (uint8_t)(h->waits - wires->park_ended);
	return SETTLE;
}

/** The ring lies in the hypervisor's memory: what stands there may be anything. */
static bool is_sensible(const struct bau_request *request)
{
	unsigned most = request->kind == BAU_KIND_READ ? BAU_READ_BYTES / 4 : BAU_PAYLOAD_BYTES / 4;
	bool sized = request->length_dw != 0 && request->length_dw <= most && (request->address >> 2 & 0x3ff) + request->length_dw <= 0x400;
	return request->kind == BAU_KIND_MESSAGE || (request->kind != BAU_KIND_DROP && sized);
}

static uint8_t offer(struct bau_holder *h, bool readable)
{
	uint64_t word = h->word[0];
	h->request = (struct bau_request){
		.kind = (uint8_t)FIELD_GET(BAU_HOLD_PLACE_KIND, word),
		.rid = h->rid,
		.tag = (uint8_t)FIELD_GET(BAU_HOLD_PLACE_TAG, word),
		.length_dw = (uint8_t)FIELD_GET(BAU_HOLD_PLACE_LENGTH, word),
		.first_be = (uint8_t)FIELD_GET(BAU_HOLD_PLACE_FIRST_BE, word),
		.last_be = (uint8_t)FIELD_GET(BAU_HOLD_PLACE_LAST_BE, word),
		.address = h->word[1],
		.data = (uint32_t)FIELD_GET(BAU_HOLD_PLACE_DATA, h->word[2]),
		.id = (uint32_t)FIELD_GET(BAU_HOLD_PLACE_ID, h->word[2]),
	};
	if (!readable || !is_sensible(&h->request)) {
		h->request.kind = BAU_KIND_DROP;
		h->request.cause = BAU_CAUSE_HOLD_ACCESS;
	}
	h->asked = h->got = 0;
	return OFFER;
}

static uint8_t step_header(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_holder *h = &bau->holder;
	if (h->asked == 0 && !address_is_legal(bau))
		return offer(h, false);
	if (h->got == HEADER_WORDS)
		return offer(h, !h->error);
	if (wires->granted == BAU_UNIT_HOLDER)
		h->asked++;
	if (bau_answered(wires, BAU_UNIT_HOLDER)) {
		h->word[h->got++] = wires->in->mem_rsp_data;
		h->error |= wires->in->mem_rsp_err;
	}
	return HEADER;
}

static uint8_t step_offer(const struct bau_holder *h, const struct bau_wires *wires)
{
	if (h->cancelled)
		return REST;
	return wires->replay_begun ? VERDICT : OFFER;
}

static uint8_t step_verdict(struct bau_holder *h, const struct bau_wires *wires)
{
	switch (wires->verdict) {
	case BAU_NO_VERDICT: return VERDICT;
	case BAU_VERDICT_DONE: return POP;
	case BAU_VERDICT_WRITE: return DATA;
	default: break;
	}
	if (!h->cancelled) {
		h->due |= 1ull << h->rid;
		h->ready &= ~(1ull << h->rid);
		h->hold[h->rid].address = wires->hold_address;
		h->hold[h->rid].gscid = wires->hold_gscid;
	}
	return REST;
}

static uint8_t step_data(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_holder *h = &bau->holder;
	if (h->got == payload_words(h))
		return POP;
	if (wires->granted == BAU_UNIT_HOLDER)
		h->asked++;
	if (bau_answered(wires, BAU_UNIT_HOLDER)) {
		bau->replay[ring_push(&bau->replay_ring, BAU_REPLAY_DEPTH)] = (struct bau_payload){
			.data = wires->in->mem_rsp_data,
			.kill = wires->in->mem_rsp_err || h->got >= FIELD_GET(BAU_HOLD_PLACE_WORDS, h->word[3]),
		};
		h->got++;
	}
	return DATA;
}

static uint8_t step_pop(struct bau_holder *h, struct bau_wires *wires)
{
	struct bau_hold *hold = &h->hold[h->rid];
	bau_count(wires, BAU_REPLAYED);
	if (h->cancelled)
		return REST;
	hold->head = (hold->head + 1) & INDEX_MASK;
	h->deny &= ~(1ull << h->rid);
	if (hold->head == hold->tail) {
		h->held &= ~(1ull << h->rid);
		h->ready &= ~(1ull << h->rid);
	}
	return REST;
}

/** The translator has put a request into a ring. */
static void take_parked(struct bau_holder *h, const struct bau_wires *wires)
{
	const struct bau_parked *parked = &wires->parked;
	struct bau_hold *hold = &h->hold[parked->rid];
	uint64_t bit = 1ull << parked->rid;
	if (parked->meets) {
		*hold = (struct bau_hold){.ring = parked->ring, .log2 = parked->log2, .address = wires->hold_address, .gscid = wires->hold_gscid};
		h->due |= bit;
	} else if (!(h->held & bit)) { /* what it stood behind is gone */
		hold->head = hold->tail;
		h->ready |= bit;
	}
	hold->tail = (hold->tail + 1) & INDEX_MASK;
	h->held |= bit;
	h->parks = (uint8_t)(h->parks + parked->write);
}

static void take_command(struct bau_holder *h, const struct bau_invalidation *command, uint64_t owner)
{
	uint64_t named = bau_named_devices(command, owner);
	if (command->resume) {
		uint64_t resumed = named & h->held;
		h->ready |= resumed;
		h->due &= ~resumed;
		h->deny = command->deny ? h->deny | resumed : h->deny & ~resumed;
	}
	if (command->drop || command->device) {
		h->held &= ~named;
		h->due &= ~named;
		h->ready &= ~named;
		h->deny &= ~named;
		h->cancelled |= named >> h->rid & 1;
	}
}

void bau_holder_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_holder *h = &bau->holder;
	switch (h->state) {
	case REST: h->state = step_rest(bau, wires); break;
	case EVENT: h->state = step_event(bau, wires); break;
	case SETTLE: h->state = step_settle(h, wires); break;
	case HEADER: h->state = step_header(bau, wires); break;
	case OFFER: h->state = step_offer(h, wires); break;
	case VERDICT: h->state = step_verdict(h, wires); break;
	case DATA: h->state = step_data(bau, wires); break;
	default: h->state = step_pop(h, wires); break;
	}
	if (wires->parked.valid)
		take_parked(h, wires);
	take_command(h, &wires->invalidation, bau->registers.owner);
	h->parks = (uint8_t)(h->parks - wires->park_ended);
}
