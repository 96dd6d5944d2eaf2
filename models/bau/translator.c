/* Translator: device-table cache, checks of messages, IOTLB, and the order in which accesses go on. */
#include "models/bau/unit.h"

#include <string.h>

enum { REST, DEVICE, FETCH, DOORBELL, LOOKUP, WALK, ENTRY, LEAF, PERMIT, BOUNDS, REFUSE };

enum { DEVICE_WORDS = 5 };

static const struct bau_request *request_of(const struct bau *bau)
{
	return &bau->request[bau->request_ring.head];
}

static uint64_t device_entry_address(const struct bau *bau)
{
	const struct bau_partition *partition = &bau->registers.partition[bau->translator.partition];
	return (partition->device_table + (uint64_t)request_of(bau)->rid * BAU_DTE_BYTES) & BAU_ADDRESS_MASK;
}

static bool walk_is_legal(const struct bau *bau)
{
	return bau_in_bounds(bau, bau->translator.partition, bau->translator.table);
}

bool bau_translator_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_translator *t = &bau->translator;
	if (t->state != FETCH && t->state != WALK)
		return false;
	*access = (struct bau_access){.valid = 1, .op = BAU_MEM_READ, .tag = bau_tag(BAU_UNIT_TRANSLATOR, 0)};
	if (t->state == FETCH) {
		access->addr = t->device_address + 8u * t->asked;
		return t->asked < DEVICE_WORDS;
	}
	access->addr = bau_walk_address(t, request_of(bau)->address);
	return walk_is_legal(bau);
}

bool bau_translator_fault(const struct bau *bau, struct bau_fault *fault)
{
	const struct bau_translator *t = &bau->translator;
	if (t->state != REFUSE)
		return false;
	const struct bau_request *request = request_of(bau);
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

static uint8_t refuse(struct bau_translator *t, uint8_t cause)
{
	t->cause = cause;
	return REFUSE;
}

static bool device_is_served(const struct bau *bau, uint16_t rid, unsigned p)
{
	const struct bau_partition *partition = &bau->registers.partition[p];
	return rid < BAU_NUM_DEVICES && rid < partition->device_table_length && partition->valid &&
	       partition->control & BAU_CONTROL_ENABLE_MASK;
}

static uint8_t step_rest(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	if (!ring_valid(&bau->request_ring) || !ring_room(&bau->issue_ring, BAU_ISSUE_DEPTH) ||
	    !ring_room(&bau->message_ring, BAU_MESSAGE_DEPTH))
		return REST;
	const struct bau_request *request = request_of(bau);
	t->epoch = bau->epoch;
	wires->begun[t->epoch]++;
	t->partition = request->rid < BAU_NUM_DEVICES && bau->registers.owner >> request->rid & 1;
	t->fetched = t->miss = t->killed = 0;
	t->asked = t->filled = 0;
	t->fetch_error = t->fetch_bad = t->fetch_paged = 0;
	if (request->cause)
		return refuse(t, request->cause);
	if (!device_is_served(bau, request->rid, t->partition))
		return refuse(t, BAU_CAUSE_REQUESTER);
	return DEVICE;
}

static uint8_t step_device(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = request_of(bau);
	if (!t->fetched && !(bau->translator.device_valid >> request->rid & 1)) {
		t->miss = 1;
		bau_count(wires, BAU_DTE_MISSES);
		t->device_address = device_entry_address(bau);
		return bau_in_bounds(bau, t->partition, t->device_address >> 12) ? FETCH : refuse(t, BAU_CAUSE_DTE_ACCESS);
	}
	if (!t->miss)
		bau_count(wires, BAU_DTE_HITS);
	memcpy(t->dte, t->device[request->rid], sizeof t->dte);
	if (request->kind == BAU_KIND_MESSAGE)
		return DOORBELL;
	switch (FIELD_GET(BAU_DTE_IOMMU_MODE, t->dte[0])) {
	case BAU_IOMMU_BYPASS:
		t->page = request->address >> 12;
		return request->address >> 56 ? refuse(t, BAU_CAUSE_OUT_OF_BOUNDS) : BOUNDS;
	case BAU_IOMMU_SV39X4:
		return request->address >> 41 ? refuse(t, BAU_CAUSE_ADDRESS) : LOOKUP;
	default:
		return refuse(t, BAU_CAUSE_BLOCKED);
	}
}

/** Looks at word @p index of a device-table entry that comes from memory. */
static void judge_word(struct bau_translator *t, unsigned index, uint64_t word)
{
	static const uint64_t defined[DEVICE_WORDS] = {
		BAU_DTE_VALID_MASK | BAU_DTE_DIRECT_MASK | BAU_DTE_IOMMU_MODE_MASK | BAU_DTE_FORCE_BROADCAST_MASK |
			BAU_DTE_PARTITION_MASK | BAU_DTE_SUBCLASS_MASK | BAU_DTE_GSCID_MASK,
		BAU_DTE_ROOT_PPN_MASK,
		BAU_DTE_ITABLE_MASK,
		BAU_DTE_ITABLE_LENGTH_MASK | BAU_DTE_SIGVEC_BASE_MASK,
		BAU_DTE_SUMMARY_MASK,
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
	t->fetch_bad |= bad;
}

static uint8_t step_fetch(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	uint16_t rid = request_of(bau)->rid;
	if (t->filled == DEVICE_WORDS) {
		if (t->fetch_error || t->fetch_bad)
			return refuse(t, t->fetch_error ? BAU_CAUSE_DTE_ACCESS : BAU_CAUSE_DTE_INVALID);
		t->fetched = 1;
		if (!t->killed)
			t->device_valid |= 1ull << rid;
		return DEVICE;
	}
	if (wires->granted == BAU_UNIT_TRANSLATOR)
		t->asked++;
	if (bau_answered(wires, BAU_UNIT_TRANSLATOR)) {
		t->device[rid][t->filled] = wires->in->mem_rsp_data;
		judge_word(t, t->filled, wires->in->mem_rsp_data);
		t->fetch_error |= wires->in->mem_rsp_err;
		t->filled++;
	}
	return FETCH;
}

static uint8_t finish(struct bau *bau, enum bau_issue_kind kind)
{
	const struct bau_translator *t = &bau->translator;
	const struct bau_request *request = &bau->request[ring_pop(&bau->request_ring)];
	bau->issue[ring_push(&bau->issue_ring, BAU_ISSUE_DEPTH)] = (struct bau_issue){
		.kind = (uint8_t)kind,
		.epoch = t->epoch,
		.partition = t->partition,
		.rid = request->rid,
		.tag = request->tag,
		.length_dw = request->length_dw,
		.first_be = request->first_be,
		.last_be = request->last_be,
		.address = t->page << 12 | (request->address & 0xfff),
	};
	return REST;
}

static uint8_t step_doorbell(struct bau *bau)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = request_of(bau);
	unsigned target = request->address >> 4 & 0xff;
	uint32_t bit = (request->data & 0x1ff) + (uint32_t)FIELD_GET(BAU_DTE_SIGVEC_BASE, t->dte[3]);
	uint64_t ite = (t->dte[2] + target * BAU_ITE_BYTES) & BAU_ADDRESS_MASK;
	if ((request->address >> 12) - (BAU_DOORBELL_BASE >> 12) != t->partition)
		return refuse(t, BAU_CAUSE_MESSAGE);
	if (target >= FIELD_GET(BAU_DTE_ITABLE_LENGTH, t->dte[3]))
		return refuse(t, BAU_CAUSE_TARGET);
	if (request->data >= BAU_NUM_VECTORS || bit >= BAU_NUM_VECTORS)
		return refuse(t, BAU_CAUSE_VECTOR);
	if (!bau_in_bounds(bau, t->partition, ite >> 12))
		return refuse(t, BAU_CAUSE_ITE_ACCESS);
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
	return finish(bau, BAU_ISSUE_MESSAGE);
}

static bool translates(const struct bau_translation *entry, const struct bau_translator *t, uint32_t vpn)
{
	return entry->valid && entry->partition == t->partition && entry->gscid == FIELD_GET(BAU_DTE_GSCID, t->dte[0]) &&
	       entry->vpn >> (9 * entry->level) == vpn >> (9 * entry->level);
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
	uint32_t vpn = (uint32_t)(request_of(bau)->address >> 12);
	for (unsigned i = 0; i < BAU_IOTLB_ENTRIES; i++) {
		if (translates(&t->iotlb[i], t, vpn)) {
			bau_count(wires, BAU_IOTLB_HITS);
			t->entry = t->iotlb[i];
			t->slot = (uint8_t)i;
			t->cached = 1;
			return PERMIT;
		}
	}
	bau_count(wires, BAU_IOTLB_MISSES);
	t->slot = t->next_slot;
	t->next_slot = (uint8_t)((t->next_slot + 1) % BAU_IOTLB_ENTRIES);
	return start_walk(t, request_of(bau)->address);
}

static uint8_t step_leaf(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	struct bau_translation entry = {
		.partition = t->partition,
		.gscid = (uint16_t)FIELD_GET(BAU_DTE_GSCID, t->dte[0]),
		.vpn = (uint32_t)(request_of(bau)->address >> 12),
	};
	uint8_t cause = bau_walk_leaf(t, &entry);
	if (cause)
		return refuse(t, cause);
	if (!entry.valid) {
		t->table = t->pte >> 10 & BAU_DTE_ROOT_PPN_MASK;
		t->level--;
		return WALK;
	}
	t->entry = entry;
	if (!t->killed && !wires->invalidation.device && !wires->invalidation.iotlb)
		t->iotlb[t->slot] = entry;
	return PERMIT;
}

static uint8_t step_permit(struct bau *bau)
{
	struct bau_translator *t = &bau->translator;
	const struct bau_request *request = request_of(bau);
	uint64_t within = (1ull << (9 * t->entry.level)) - 1;
	bool reads = request->kind == BAU_KIND_READ;
	if (reads ? t->entry.read : t->entry.write) {
		t->page = (t->entry.ppn & ~within) | (request->address >> 12 & within);
		return BOUNDS;
	}
	if (t->cached)
		return start_walk(t, request->address);
	return refuse(t, reads ? BAU_CAUSE_READ_DENIED : BAU_CAUSE_WRITE_DENIED);
}

static uint8_t step_bounds(struct bau *bau)
{
	struct bau_translator *t = &bau->translator;
	if (!bau_in_bounds(bau, t->partition, t->page))
		return refuse(t, BAU_CAUSE_OUT_OF_BOUNDS);
	return finish(bau, request_of(bau)->kind == BAU_KIND_READ ? BAU_ISSUE_READ : BAU_ISSUE_WRITE);
}

static uint8_t step_refuse(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	if (wires->accepted != BAU_REPORT_TRANSLATOR)
		return REFUSE;
	wires->ended[t->epoch]++;
	switch (request_of(bau)->kind) {
	case BAU_KIND_READ: return finish(bau, BAU_ISSUE_REFUSE);
	case BAU_KIND_WRITE: return finish(bau, BAU_ISSUE_DISCARD);
	default: ring_pop(&bau->request_ring); return REST;
	}
}

static uint8_t step_walk(struct bau *bau, const struct bau_wires *wires)
{
	if (!walk_is_legal(bau))
		return refuse(&bau->translator, BAU_CAUSE_PTE_ACCESS);
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

static void invalidate(struct bau_translator *t, const struct bau_invalidation *invalidation, uint64_t owner)
{
	if (invalidation->device) {
		uint64_t owned = invalidation->partition ? owner : ~owner;
		uint64_t named = invalidation->all ? ~0ull : invalidation->id < BAU_NUM_DEVICES ? 1ull << invalidation->id : 0;
		t->device_valid &= ~(owned & named);
	}
	for (unsigned i = 0; invalidation->iotlb && i < BAU_IOTLB_ENTRIES; i++) {
		struct bau_translation *entry = &t->iotlb[i];
		if (entry->partition == invalidation->partition && (invalidation->all || entry->gscid == invalidation->id))
			entry->valid = 0;
	}
}

void bau_translator_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_translator *t = &bau->translator;
	bool under_way = t->state != REST;
	switch (t->state) {
	case REST: t->state = step_rest(bau, wires); break;
	case DEVICE: t->state = step_device(bau, wires); break;
	case FETCH: t->state = step_fetch(bau, wires); break;
	case DOORBELL: t->state = step_doorbell(bau); break;
	case LOOKUP: t->state = step_lookup(bau, wires); break;
	case WALK: t->state = step_walk(bau, wires); break;
	case ENTRY: t->state = step_entry(t, wires); break;
	case LEAF: t->state = step_leaf(bau, wires); break;
	case PERMIT: t->state = step_permit(bau); break;
	case BOUNDS: t->state = step_bounds(bau); break;
	default: t->state = step_refuse(bau, wires); break;
	}
	if (under_way && (wires->invalidation.device || wires->invalidation.iotlb))
		t->killed = 1;
	invalidate(t, &wires->invalidation, bau->registers.owner);
}
