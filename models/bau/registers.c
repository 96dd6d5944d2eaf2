/* Registers: one access of a hart at a time; events of the other units set their bits and move their counters and indices. */
#include "models/bau/unit.h"

static unsigned log2_of(uint64_t data)
{
	unsigned log2 = (unsigned)FIELD_GET(BAU_COMMAND_SIZE_LOG2, data);
	return log2 > 8 ? 8 : log2;
}

static uint8_t index_of(uint64_t data, unsigned log2)
{
	return (uint8_t)(data & ((1u << log2) - 1));
}

static uint64_t read_partition(const struct bau_partition *p, uint32_t offset)
{
	switch (offset) {
	case BAU_CONTROL: return p->control;
	case BAU_STATUS: return p->status;
	case BAU_DEVICE_TABLE: return p->device_table;
	case BAU_DEVICE_TABLE_LENGTH: return p->device_table_length;
	case BAU_COMMAND_BASE: return p->command_base;
	case BAU_COMMAND_SIZE: return p->command_log2;
	case BAU_COMMAND_HEAD: return p->command_head;
	case BAU_COMMAND_TAIL: return p->command_tail;
	case BAU_FAULT_BASE: return p->fault_base;
	case BAU_FAULT_SIZE: return p->fault_log2;
	case BAU_FAULT_HEAD: return p->fault_head;
	case BAU_FAULT_TAIL: return p->fault_tail;
	case BAU_EVENT_BASE: return p->event_base;
	case BAU_EVENT_SIZE: return p->event_log2;
	case BAU_EVENT_HEAD: return p->event_head;
	case BAU_EVENT_TAIL: return p->event_tail;
	default: return 0;
	}
}

static void write_partition(struct bau_partition *p, uint32_t offset, uint64_t data)
{
	switch (offset) {
	case BAU_CONTROL:
		p->control = (uint16_t)(data & (BAU_CONTROL_ENABLE_MASK | BAU_CONTROL_COMMAND_ENABLE_MASK |
			BAU_CONTROL_FAULT_ENABLE_MASK | BAU_CONTROL_EVENT_ENABLE_MASK | BAU_CONTROL_FAULT_IRQ_MASK |
			BAU_CONTROL_COMMAND_IRQ_MASK | BAU_CONTROL_EVENT_IRQ_MASK));
		break;
	case BAU_STATUS: p->status &= (uint8_t)~data; break;
	case BAU_DEVICE_TABLE: p->device_table = data & BAU_DEVICE_TABLE_ADDRESS_MASK; break;
	case BAU_DEVICE_TABLE_LENGTH: p->device_table_length = data & BAU_DEVICE_TABLE_LENGTH_ENTRIES_MASK; break;
	case BAU_COMMAND_BASE: p->command_base = data & BAU_COMMAND_BASE_ADDRESS_MASK; break;
	case BAU_COMMAND_SIZE:
		p->command_log2 = (uint8_t)log2_of(data);
		p->command_head = p->command_tail = 0;
		break;
	case BAU_COMMAND_TAIL: p->command_tail = index_of(data, p->command_log2); break;
	case BAU_FAULT_BASE: p->fault_base = data & BAU_FAULT_BASE_ADDRESS_MASK; break;
	case BAU_FAULT_SIZE:
		p->fault_log2 = (uint8_t)log2_of(data);
		p->fault_head = p->fault_tail = 0;
		break;
	case BAU_FAULT_HEAD: p->fault_head = index_of(data, p->fault_log2); break;
	case BAU_EVENT_BASE: p->event_base = data & BAU_EVENT_BASE_ADDRESS_MASK; break;
	case BAU_EVENT_SIZE:
		p->event_log2 = (uint8_t)log2_of(data);
		p->event_head = p->event_tail = 0;
		break;
	case BAU_EVENT_HEAD: p->event_head = index_of(data, p->event_log2); break;
	default: break;
	}
}

static uint64_t read_table(const struct bau_partition *p, uint32_t offset)
{
	switch (offset) {
	case BAU_PT_CONTROL:
		return FIELD_PREP(BAU_PT_CONTROL_HARTS, p->harts) | FIELD_PREP(BAU_PT_CONTROL_WAIT, p->wait) | p->valid;
	case BAU_PT_BASE: return p->base << 12;
	case BAU_PT_LIMIT: return p->limit << 12;
	case BAU_PT_LPID_MAP: return p->lpid_map;
	default: return 0;
	}
}

static void write_table(struct bau_partition *p, uint32_t offset, uint64_t data)
{
	switch (offset) {
	case BAU_PT_CONTROL:
		p->valid = data & BAU_PT_CONTROL_VALID_MASK;
		p->wait = FIELD_GET(BAU_PT_CONTROL_WAIT, data) & 1;
		p->harts = (uint8_t)FIELD_GET(BAU_PT_CONTROL_HARTS, data);
		break;
	case BAU_PT_BASE: p->base = FIELD_GET(BAU_PT_BASE_ADDRESS, data); break;
	case BAU_PT_LIMIT: p->limit = FIELD_GET(BAU_PT_LIMIT_ADDRESS, data); break;
	case BAU_PT_LPID_MAP: p->lpid_map = data; break;
	default: break;
	}
}

/** The index of the element that @p address falls into, or @p count if it falls into none. */
static unsigned element(uint32_t address, uint32_t base, uint32_t stride, unsigned count)
{
	return address >= base && address < base + stride * count ? (address - base) / stride : count;
}

static uint64_t read_global(const struct bau_registers *r, uint32_t address)
{
	unsigned p = element(address, BAU_PT_CONTROL, BAU_PT_STRIDE, BAU_NUM_PARTITIONS);
	unsigned counter = element(address, BAU_COUNT_MESSAGES, 8, BAU_NUM_COUNTERS);
	if (p < BAU_NUM_PARTITIONS)
		return read_table(&r->partition[p], address - p * BAU_PT_STRIDE);
	if (counter < BAU_NUM_COUNTERS)
		return r->count[counter];
	switch (address) {
	case BAU_ID: return BAU_ID_RESET;
	case BAU_CAPACITY: return BAU_CAPACITY_RESET;
	case BAU_REQUESTER_OWNER: return r->owner;
	default: return 0;
	}
}

static uint64_t read_register(const struct bau_registers *r, uint32_t address, uint64_t held)
{
	unsigned p = element(address, BAU_PARTITION_PAGE, BAU_PARTITION_STRIDE, BAU_NUM_PARTITIONS);
	unsigned hart = element(address, BAU_NOTIFY_PAGE, BAU_NOTIFY_STRIDE, BAU_NUM_HARTS);
	if (p < BAU_NUM_PARTITIONS && (address & (BAU_PARTITION_STRIDE - 1)) == BAU_HELD)
		return held & (p ? r->owner : ~r->owner);
	if (p < BAU_NUM_PARTITIONS)
		return read_partition(&r->partition[p], address & (BAU_PARTITION_STRIDE - 1));
	if (hart < BAU_NUM_HARTS)
		return address & 8 ? (uint64_t)r->notify >> hart & 1 : r->subclass_mask[hart];
	return address < BAU_PARTITION_PAGE ? read_global(r, address) : 0;
}

static void write_register(struct bau_registers *r, uint32_t address, uint64_t data)
{
	unsigned table = element(address, BAU_PT_CONTROL, BAU_PT_STRIDE, BAU_NUM_PARTITIONS);
	unsigned p = element(address, BAU_PARTITION_PAGE, BAU_PARTITION_STRIDE, BAU_NUM_PARTITIONS);
	unsigned hart = element(address, BAU_NOTIFY_PAGE, BAU_NOTIFY_STRIDE, BAU_NUM_HARTS);
	if (table < BAU_NUM_PARTITIONS)
		write_table(&r->partition[table], address - table * BAU_PT_STRIDE, data);
	else if (p < BAU_NUM_PARTITIONS)
		write_partition(&r->partition[p], address & (BAU_PARTITION_STRIDE - 1), data);
	else if (hart < BAU_NUM_HARTS && address & 8)
		r->notify &= (uint8_t)~((data & 1) << hart);
	else if (hart < BAU_NUM_HARTS)
		r->subclass_mask[hart] = data & BAU_SUBCLASS_MASK_MASK_MASK;
	else if (address == BAU_REQUESTER_OWNER)
		r->owner = data;
}

/** The hart whose UNBLOCK register is written, or BAU_NUM_HARTS. */
static unsigned unblocked_hart(const struct bau_registers *r)
{
	unsigned hart = element(r->address, BAU_GUEST_PAGE, BAU_GUEST_STRIDE, BAU_NUM_HARTS);
	return r->write && (r->address & (BAU_GUEST_STRIDE - 1)) == BAU_UNBLOCK ? hart : BAU_NUM_HARTS;
}

/** Hands an unblock to the engine. @return whether there was room: another entry may still wait for the same hart. */
static bool queue_unblock(struct bau *bau, const struct bau_wires *wires, unsigned hart)
{
	struct bau_engine *e = &bau->engine;
	uint64_t ite = bau->registers.data & BAU_UNBLOCK_ADDRESS_MASK;
	if (wires->pending >> hart & 1 && e->pending_ite[hart] != ite)
		return false;
	e->pending |= (uint8_t)(1u << hart);
	e->pending_ite[hart] = ite;
	return true;
}

static void take_effects(struct bau_registers *r, const struct bau_wires *wires)
{
	for (unsigned p = 0; p < BAU_NUM_PARTITIONS; p++) {
		struct bau_partition *q = &r->partition[p];
		q->status |= wires->status[p];
		q->command_head = index_of(q->command_head + wires->command_done[p], q->command_log2);
		q->fault_tail = index_of(q->fault_tail + wires->fault_written[p], q->fault_log2);
		q->event_tail = index_of(q->event_tail + wires->event_written[p], q->event_log2);
	}
	r->notify |= wires->notify;
	for (unsigned k = 0; wires->counted >> k; k++)
		r->count[k] += wires->counted >> k & 1;
}

/** Performs the access, or leaves it for another turn: nobody else's access waits for an unblock. */
static void step_execute(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_registers *r = &bau->registers;
	unsigned hart = unblocked_hart(r);
	uint64_t answer = r->write ? 0 : read_register(r, r->address, wires->held);
	r->retry = hart < BAU_NUM_HARTS && !queue_unblock(bau, wires, hart);
	if (r->write && !r->retry)
		write_register(r, r->address, r->data);
	r->data = answer;
	r->state = BAU_REGISTERS_ANSWER;
}

void bau_registers_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_registers *r = &bau->registers;
	const struct bau_in *in = wires->in;
	switch (r->state) {
	case BAU_REGISTERS_EXECUTE: step_execute(bau, wires); break;
	case BAU_REGISTERS_ANSWER:
		r->state = in->reg_rsp_ready ? BAU_REGISTERS_REST : BAU_REGISTERS_ANSWER;
		break;
	default:
		if (in->reg_valid) {
			r->state = BAU_REGISTERS_EXECUTE;
			r->write = in->reg_write;
			r->address = in->reg_addr & ~7u;
			r->data = in->reg_data;
		}
		break;
	}
	take_effects(r, wires);
}
