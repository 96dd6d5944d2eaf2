/* Faulter: one fault at a time, an event and, if there is room, a record in the partition's fault queue. */
#include "models/bau/unit.h"

enum { REST, CHECK, WRITE };

enum { RECORD_WORDS = BAU_FAULT_RECORD_BYTES / 8 };

static const struct bau_partition *queue_of(const struct bau *bau)
{
	return &bau->registers.partition[bau->faulter.record.partition];
}

static uint64_t record_address(const struct bau *bau)
{
	const struct bau_partition *q = queue_of(bau);
	return (q->fault_base + (uint64_t)q->fault_tail * BAU_FAULT_RECORD_BYTES) & BAU_ADDRESS_MASK;
}

bool bau_faulter_takes(const struct bau *bau)
{
	return bau->faulter.state == REST;
}

static uint64_t record_word(const struct bau_faulter *f)
{
	const struct bau_fault *r = &f->record;
	switch (f->index) {
	case 0:
		return FIELD_PREP(BAU_FAULT_RECORD_CAUSE, r->cause) | FIELD_PREP(BAU_FAULT_RECORD_WRITE, r->write) |
		       FIELD_PREP(BAU_FAULT_RECORD_PARTITION, r->partition) | FIELD_PREP(BAU_FAULT_RECORD_RID, r->rid) |
		       FIELD_PREP(BAU_FAULT_RECORD_ID, r->id);
	case 1: return r->address;
	case 2: return r->detail;
	default: return f->sequence;
	}
}

bool bau_faulter_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_faulter *f = &bau->faulter;
	if (f->state != WRITE)
		return false;
	*access = (struct bau_access){
		.valid = 1,
		.op = BAU_MEM_WRITE,
		.tag = bau_tag(BAU_UNIT_FAULTER, 0),
		.strb = 0xff,
		.addr = f->address + 8u * f->index,
		.data = record_word(f),
	};
	return true;
}

static bool has_room(const struct bau *bau)
{
	const struct bau_partition *q = queue_of(bau);
	unsigned mask = (1u << q->fault_log2) - 1;
	return q->control & BAU_CONTROL_FAULT_ENABLE_MASK && ((q->fault_tail + 1u) & mask) != q->fault_head &&
	       bau_in_bounds(bau, bau->faulter.record.partition, record_address(bau) >> 12);
}

static uint8_t step_check(struct bau *bau, struct bau_wires *wires)
{
	bau->faulter.address = record_address(bau);
	if (has_room(bau))
		return WRITE;
	wires->status[bau->faulter.record.partition] |= BAU_STATUS_OVERFLOW_MASK;
	bau_count(wires, BAU_FAULTS_LOST);
	return REST;
}

static uint8_t step_write(struct bau *bau, struct bau_wires *wires)
{
	struct bau_faulter *f = &bau->faulter;
	if (wires->granted != BAU_UNIT_FAULTER)
		return WRITE;
	f->index++;
	if (f->index < RECORD_WORDS)
		return WRITE;
	wires->status[f->record.partition] |= BAU_STATUS_FAULT_MASK;
	wires->fault_written[f->record.partition] = 1;
	return REST;
}

void bau_faulter_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_faulter *f = &bau->faulter;
	f->event_valid = wires->accepted != BAU_NOBODY;
	switch (f->state) {
	case CHECK: f->state = step_check(bau, wires); break;
	case WRITE: f->state = step_write(bau, wires); break;
	default:
		if (wires->accepted != BAU_NOBODY) {
			f->record = wires->fault;
			f->sequence++;
			f->index = 0;
			bau_count(wires, BAU_FAULTS);
			f->state = CHECK;
		}
		break;
	}
}
