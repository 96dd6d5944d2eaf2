/* Translator: the order of checks that a request passes, and the order in which accesses go on. */
#include "models/bau/unit.h"

#include <string.h>

enum { REST, DEVICE, FETCH, DOORBELL, LOOKUP, WALK, ENTRY, LEAF, PERMIT, BOUNDS, PARK, STORE, REFUSE };

const struct bau_request *bau_translator_request(const struct bau *bau)
{
	return bau->translator.replay ? &bau->holder.request : &bau->request[bau->request_ring.head];
}

static bool walk_is_legal(const struct bau *bau)
{
	return bau_in_bounds(bau, bau->translator.partition, bau->translator.table);
}

bool bau_translator_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_translator *t = &bau->translator;
	if (t->state != FETCH && t->state != WALK && t->state != STORE)
		return false;
	*access = (struct bau_access){.valid = 1, .op = BAU_MEM_READ, .tag = bau_tag(BAU_UNIT_TRANSLATOR, 0)};
	switch (t->state) {
	case FETCH:
		access->addr = t->device_address + 8u * t->asked;
		return t->asked < BAU_DEVICE_WORDS;
	case STORE:
		access->op = BAU_MEM_WRITE;
		access->strb = 0xff;
		access->addr = bau_park_place(t) + 8u * t->asked;
		access->data = bau_park_header(bau_translator_request(bau), t->asked);
		return true;
	default:
		access->addr = bau_walk_address(t, bau_translator_request(bau)->address);
		return walk_is_legal(bau);
	}
}

bool bau_translator_fault(const struct bau *bau, struct bau_fault *fault)
{
	const struct bau_translator *t = &bau->translator;
	if (t->state != REFUSE)
		return false;
	const struct bau_request *request = bau_translator_request(bau);
	*fault = (struct bau_fault){
		.cause = t->cause,
		.write = request->kind != BAU_KIND_READ,
		.partition = t->partition,
		.rid = request->rid,
		.id = request->id,
		.address = request->address,
		.detail = request->data,
	};
	return true;
}

uint8_t bau_translator_refuse(struct bau_translator *t, uint8_t cause)
{
	t->cause = cause;
	return REFUSE;
}

static uint8_t owner_of(const struct bau *bau, uint16_t rid)
{
	return rid < BAU_NUM_DEVICES && bau->registers.owner >> rid & 1;
}

static bool is_served(const struct bau *bau, uint16_t rid)
{
	const struct bau_partition *partition = &bau->registers.partition[owner_of(bau, rid)];
	return rid < BAU_NUM_DEVICES && rid < partition->device_table_length && partition->valid &&
	       partition->control & BAU_CONTROL_ENABLE_MASK;
}

/** @return whether the link has a request that may be taken: not one that waits for room in a hold ring. */
static bool link_offers(const struct bau *bau)
{
	const struct bau_request *request = &bau->request[bau->request_ring.head];
	if (!ring_valid(&bau->request_ring))
		return false;
	return request->cause || !is_served(bau, request->rid) || !bau_holder_holds(bau, request->rid) ||
	       !bau_holder_full(bau, request->rid) || !bau->registers.partition[owner_of(bau, request->rid)].wait;
}

static uint8_t step_rest(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	bool link = link_offers(bau), holder = bau_holder_offers(bau);
	if ((!link && !holder) || !ring_room(&bau->issue_ring, BAU_ISSUE_DEPTH) || !ring_room(&bau->message_ring, BAU_MESSAGE_DEPTH))
		return REST;
	t->replay = holder && (!link || t->turn);
	t->turn = !t->replay;
	wires->replay_begun = t->replay;
	const struct bau_request *request = bau_translator_request(bau);
	t->epoch = bau->epoch;
	wires->begun[t->epoch]++;
	t->partition = owner_of(bau, request->rid);
	t->fetched = t->miss = t->killed = 0;
	t->asked = t->filled = 0;
	t->fetch_error = t->fetch_bad = t->fetch_paged = 0;
	if (request->cause)
		return bau_translator_refuse(t, request->cause);
	if (!is_served(bau, request->rid))
		return bau_translator_refuse(t, BAU_CAUSE_REQUESTER);
	if (t->replay || !bau_holder_holds(bau, request->rid))
		return DEVICE;
	if (bau_holder_full(bau, request->rid))
		return bau_translator_refuse(t, BAU_CAUSE_HOLD_FULL);
	bau_park_behind(bau, request->rid);
	return PARK;
}

static uint8_t step_device(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = bau_translator_request(bau);
	if (!t->fetched && !(bau->translator.device_valid >> request->rid & 1)) {
		t->miss = 1;
		bau_count(wires, BAU_DTE_MISSES);
		t->device_address = bau_devices_address(bau);
		return bau_in_bounds(bau, t->partition, t->device_address >> 12) ? FETCH : bau_translator_refuse(t, BAU_CAUSE_DTE_ACCESS);
	}
	if (!t->miss)
		bau_count(wires, BAU_DTE_HITS);
	memcpy(t->dte, t->device[request->rid], sizeof t->dte);
	if (request->kind == BAU_KIND_MESSAGE)
		return DOORBELL;
	switch (FIELD_GET(BAU_DTE_IOMMU_MODE, t->dte[0])) {
	case BAU_IOMMU_BYPASS:
		t->page = request->address >> 12;
		return request->address >> 56 ? bau_translator_refuse(t, BAU_CAUSE_OUT_OF_BOUNDS) : BOUNDS;
	case BAU_IOMMU_SV39X4:
		return request->address >> 41 ? bau_translator_refuse(t, BAU_CAUSE_ADDRESS) : LOOKUP;
	default:
		return bau_translator_refuse(t, BAU_CAUSE_BLOCKED);
	}
}

static uint8_t step_fetch(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	uint8_t cause;
	if (!bau_devices_fetch(bau, wires, &cause))
		return FETCH;
	if (cause)
		return bau_translator_refuse(t, cause);
	t->fetched = 1;
	return DEVICE;
}

/** Takes the request off: from the link, or by a verdict for the holder. */
static void release(struct bau *bau, struct bau_wires *wires, enum bau_verdict verdict)
{
	if (bau->translator.replay)
		wires->verdict = (uint8_t)verdict;
	else
		ring_pop(&bau->request_ring);
}

static uint8_t finish(struct bau *bau, struct bau_wires *wires, enum bau_issue_kind kind)
{
	const struct bau_translator *t = &bau->translator;
	const struct bau_request *request = bau_translator_request(bau);
	bau->issue[ring_push(&bau->issue_ring, BAU_ISSUE_DEPTH)] = (struct bau_issue){
		.kind = (uint8_t)kind,
		.epoch = t->epoch,
		.partition = t->partition,
		.rid = request->rid,
		.tag = request->tag,
		.length_dw = request->length_dw,
		.first_be = request->first_be,
		.last_be = request->last_be,
		.address = kind == BAU_ISSUE_PARK ? bau_park_place(t) + BAU_HOLD_PLACE_BYTES / 2 : t->page << 12 | (request->address & 0xfff),
	};
	release(bau, wires, kind == BAU_ISSUE_REPLAY ? BAU_VERDICT_WRITE : BAU_VERDICT_DONE);
	return REST;
}

static uint8_t step_doorbell(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = bau_translator_request(bau);
	unsigned target = request->address >> 4 & 0xff;
	uint32_t bit = (request->data & 0x1ff) + (uint32_t)FIELD_GET(BAU_DTE_SIGVEC_BASE, t->dte[3]);
	uint64_t ite = (t->dte[2] + target * BAU_ITE_BYTES) & BAU_ADDRESS_MASK;
	if ((request->address >> 12) - (BAU_DOORBELL_BASE >> 12) != t->partition)
		return bau_translator_refuse(t, BAU_CAUSE_MESSAGE);
	if (target >= FIELD_GET(BAU_DTE_ITABLE_LENGTH, t->dte[3]))
		return bau_translator_refuse(t, BAU_CAUSE_TARGET);
	if (request->data >= BAU_NUM_VECTORS || bit >= BAU_NUM_VECTORS)
		return bau_translator_refuse(t, BAU_CAUSE_VECTOR);
	if (!bau_in_bounds(bau, t->partition, ite >> 12))
		return bau_translator_refuse(t, BAU_CAUSE_ITE_ACCESS);
	bau->message[ring_push(&bau->message_ring, BAU_MESSAGE_DEPTH)] = (struct bau_message){
		.id = request->id,
		.rid = request->rid,
		.target = (uint8_t)target,
		.bit = (uint16_t)bit,
		.ite = ite,
		.summary = t->dte[4] & BAU_DTE_SUMMARY_MASK,
		.vmid = (uint16_t)FIELD_GET(BAU_DTE_GSCID, t->dte[0]),
		.subclass = (uint8_t)FIELD_GET(BAU_DTE_SUBCLASS, t->dte[0]),
		.partition = t->partition,
		.direct = t->dte[0] & BAU_DTE_DIRECT_MASK && !(t->dte[0] & BAU_DTE_FORCE_BROADCAST_MASK),
		.hit = !t->miss,
		.epoch = t->epoch,
	};
	return finish(bau, wires, BAU_ISSUE_MESSAGE);
}

static uint8_t start_walk(struct bau_translator *t, uint64_t guest_address)
{
	t->level = 2;
	t->cached = 0;
	t->table = (t->dte[1] & BAU_DTE_ROOT_PPN_MASK) | guest_address >> 39;
	return WALK;
}

static uint8_t step_lookup(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	if (bau_iotlb_find(t, (uint32_t)(bau_translator_request(bau)->address >> 12))) {
		bau_count(wires, BAU_IOTLB_HITS);
		return PERMIT;
	}
	bau_count(wires, BAU_IOTLB_MISSES);
	t->slot = t->next_slot;
	t->next_slot = (uint8_t)((t->next_slot + 1) % BAU_IOTLB_ENTRIES);
	return start_walk(t, bau_translator_request(bau)->address);
}

static uint8_t step_leaf(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	struct bau_translation entry = {
		.partition = t->partition,
		.gscid = (uint16_t)FIELD_GET(BAU_DTE_GSCID, t->dte[0]),
		.vpn = (uint32_t)(bau_translator_request(bau)->address >> 12),
	};
	uint8_t cause = bau_walk_leaf(t, &entry);
	if (cause)
		return bau_translator_refuse(t, cause);
	if (!entry.valid) {
		t->table = t->pte >> 10 & BAU_DTE_ROOT_PPN_MASK;
		t->level--;
		return WALK;
	}
	t->entry = entry;
	if (!t->killed && !bau_kills(&wires->invalidation))
		t->iotlb[t->slot] = entry;
	return PERMIT;
}

/** A write meets a page that is not writable. */
static uint8_t meet_page(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = bau_translator_request(bau);
	if (!t->entry.hold || !(t->dte[0] & BAU_DTE_HOLD_MASK) || (t->replay && bau->holder.deny >> request->rid & 1))
		return bau_translator_refuse(t, BAU_CAUSE_WRITE_DENIED);
	wires->hold_address = request->address;
	wires->hold_gscid = (uint16_t)FIELD_GET(BAU_DTE_GSCID, t->dte[0]);
	if (t->replay) {
		wires->ended[t->epoch]++;
		wires->verdict = BAU_VERDICT_HELD;
		return REST;
	}
	t->meets = 1;
	t->ring = t->dte[5] & BAU_DTE_HOLD_RING_MASK;
	t->ring_log2 = (uint8_t)FIELD_GET(BAU_DTE_HOLD_LOG2, t->dte[5]);
	t->place = 0;
	return PARK;
}

static uint8_t step_permit(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = bau_translator_request(bau);
	uint64_t within = (1ull << (9 * t->entry.level)) - 1;
	bool reads = request->kind == BAU_KIND_READ;
	if (reads ? t->entry.read : t->entry.write) {
		t->page = (t->entry.ppn & ~within) | (request->address >> 12 & within);
		return BOUNDS;
	}
	if (t->cached)
		return start_walk(t, request->address);
	return reads ? bau_translator_refuse(t, BAU_CAUSE_READ_DENIED) : meet_page(bau, wires);
}

static uint8_t step_bounds(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	if (!bau_in_bounds(bau, t->partition, t->page))
		return bau_translator_refuse(t, BAU_CAUSE_OUT_OF_BOUNDS);
	if (bau_translator_request(bau)->kind == BAU_KIND_READ)
		return finish(bau, wires, BAU_ISSUE_READ);
	return finish(bau, wires, t->replay ? BAU_ISSUE_REPLAY : BAU_ISSUE_WRITE);
}

static uint8_t step_park(struct bau *bau)
{
	struct bau_translator *t = &bau->translator;
	t->asked = 0;
	return bau_in_bounds(bau, t->partition, bau_park_place(t) >> 12) ? STORE : bau_translator_refuse(t, BAU_CAUSE_HOLD_ACCESS);
}

static uint8_t step_store(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = bau_translator_request(bau);
	bool write = request->kind == BAU_KIND_WRITE;
	if (wires->granted != BAU_UNIT_TRANSLATOR || ++t->asked < BAU_PARK_HEADER_WORDS)
		return STORE;
	if (t->killed || bau_kills(&wires->invalidation)) { /* what it was held for may be gone: begin again */
		wires->ended[t->epoch]++;
		return REST;
	}
	bau_count(wires, BAU_HELDS);
	wires->parked = (struct bau_parked){
		.valid = 1, .meets = t->meets, .write = write, .log2 = t->ring_log2, .rid = request->rid, .ring = t->ring,
	};
	wires->hold_address = request->address;
	wires->hold_gscid = (uint16_t)FIELD_GET(BAU_DTE_GSCID, t->dte[0]);
	if (write)
		return finish(bau, wires, BAU_ISSUE_PARK);
	wires->ended[t->epoch]++;
	release(bau, wires, BAU_VERDICT_DONE);
	return REST;
}

static uint8_t step_refuse(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	uint8_t kind = bau_translator_request(bau)->kind;
	if (wires->accepted != BAU_REPORT_TRANSLATOR)
		return REFUSE;
	wires->ended[t->epoch]++;
	if (kind == BAU_KIND_READ)
		return finish(bau, wires, BAU_ISSUE_REFUSE);
	if (kind == BAU_KIND_WRITE && !t->replay)
		return finish(bau, wires, BAU_ISSUE_DISCARD);
	release(bau, wires, BAU_VERDICT_DONE);
	return REST;
}

static uint8_t step_walk(struct bau *bau, const struct bau_wires *wires)
{
	if (!walk_is_legal(bau))
		return bau_translator_refuse(&bau->translator, BAU_CAUSE_PTE_ACCESS);
	return wires->granted == BAU_UNIT_TRANSLATOR ? ENTRY : WALK;
}

static uint8_t step_entry(struct bau_translator *t, const struct bau_wires *wires)
{
	if (!bau_answered(wires, BAU_UNIT_TRANSLATOR))
		return ENTRY;
	t->pte = wires->in->mem_rsp_data;
	t->pte_error = wires->in->mem_rsp_err;
	return LEAF;
}

void bau_translator_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	bool under_way = t->state != REST;
	switch (t->state) {
	case REST: t->state = step_rest(bau, wires); break;
	case DEVICE: t->state = step_device(bau, wires); break;
	case FETCH: t->state = step_fetch(bau, wires); break;
	case DOORBELL: t->state = step_doorbell(bau, wires); break;
	case LOOKUP: t->state = step_lookup(bau, wires); break;
	case WALK: t->state = step_walk(bau, wires); break;
	case ENTRY: t->state = step_entry(t, wires); break;
	case LEAF: t->state = step_leaf(bau, wires); break;
	case PERMIT: t->state = step_permit(bau, wires); break;
	case BOUNDS: t->state = step_bounds(bau, wires); break;
	case PARK: t->state = step_park(bau); break;
	case STORE: t->state = step_store(bau, wires); break;
	default: t->state = step_refuse(bau, wires); break;
	}
	if (under_way && bau_kills(&wires->invalidation))
		t->killed = 1;
	bau_translator_forget(t, &wires->invalidation, bau->registers.owner);
}
