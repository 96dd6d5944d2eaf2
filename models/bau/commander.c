/* Commander: serves the command queues of the partitions in turn, one command at a time. */
#include "models/bau/unit.h"

enum { REST, READ, EXECUTE, DRAIN, FLUSH, FLUSH_WAIT, STORE, DONE, REFUSE };

static const struct bau_partition *queue_of(const struct bau *bau)
{
	return &bau->registers.partition[bau->commander.partition];
}

static uint64_t entry_address(const struct bau *bau)
{
	const struct bau_partition *q = queue_of(bau);
	return (q->command_base + (uint64_t)q->command_head * BAU_COMMAND_BYTES) & BAU_ADDRESS_MASK;
}

static uint64_t fence_address(const struct bau *bau)
{
	return bau->commander.word[1] & BAU_COMMAND_ADDRESS_MASK;
}

static bool waits(const struct bau *bau, unsigned p)
{
	const struct bau_partition *q = &bau->registers.partition[p];
	return q->control & BAU_CONTROL_COMMAND_ENABLE_MASK && q->command_head != q->command_tail;
}

static bool entry_is_legal(const struct bau *bau)
{
	return bau_in_bounds(bau, bau->commander.partition, bau->commander.address >> 12);
}

bool bau_commander_has_work(const struct bau *bau)
{
	return bau->commander.state != REST || waits(bau, 0) || waits(bau, 1);
}

bool bau_commander_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_commander *c = &bau->commander;
	if (c->state == REST)
		return false;
	*access = (struct bau_access){.valid = 1, .op = BAU_MEM_READ, .tag = bau_tag(BAU_UNIT_COMMANDER, 0)};
	access->addr = c->address;
	if (c->state == STORE) {
		access->op = BAU_MEM_WRITE;
		access->addr = fence_address(bau);
		access->data = 1;
		access->strb = 0xff;
		return true;
	}
	if (c->state == READ) {
		access->addr += 8u * c->asked;
		return c->asked == 0 ? entry_is_legal(bau) : c->asked < 2;
	}
	return c->state == FLUSH;
}

bool bau_commander_fault(const struct bau *bau, struct bau_fault *fault)
{
	if (bau->commander.state != REFUSE)
		return false;
	*fault = (struct bau_fault){
		.cause = BAU_CAUSE_COMMAND,
		.partition = bau->commander.partition,
		.address = bau->commander.address,
	};
	return true;
}

struct bau_invalidation bau_commander_invalidation(const struct bau *bau)
{
	const struct bau_commander *c = &bau->commander;
	struct bau_invalidation invalidation = {0};
	if (c->state != EXECUTE || c->error)
		return invalidation;
	uint64_t opcode = FIELD_GET(BAU_COMMAND_OPCODE, c->word[0]);
	invalidation.device = opcode == BAU_COMMAND_INVALIDATE_DTE;
	invalidation.iotlb = opcode == BAU_COMMAND_INVALIDATE_IOTLB;
	invalidation.drop = opcode == BAU_COMMAND_RESUME && c->word[0] & BAU_COMMAND_DROP_MASK;
	invalidation.resume = opcode == BAU_COMMAND_RESUME && !invalidation.drop;
	invalidation.deny = FIELD_GET(BAU_COMMAND_DENY, c->word[0]) & 1;
	invalidation.all = FIELD_GET(BAU_COMMAND_ALL, c->word[0]) & 1;
	invalidation.partition = c->partition;
	invalidation.id = (uint16_t)(invalidation.iotlb ? FIELD_GET(BAU_COMMAND_GSCID, c->word[0])
							: FIELD_GET(BAU_COMMAND_RID, c->word[0]));
	return invalidation;
}

static uint8_t step_rest(struct bau *bau)
{
	struct bau_commander *c = &bau->commander;
	c->asked = c->got = c->error = 0;
	if (!waits(bau, 0) && !waits(bau, 1))
		return REST;
	c->partition = waits(bau, c->turn) ? c->turn : !c->turn;
	c->address = entry_address(bau);
	return READ;
}

static uint8_t step_read(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_commander *c = &bau->commander;
	if (c->asked == 0 && !entry_is_legal(bau))
		return REFUSE;
	if (c->got == 2)
		return EXECUTE;
	if (wires->granted == BAU_UNIT_COMMANDER)
		c->asked++;
	if (bau_answered(wires, BAU_UNIT_COMMANDER)) {
		c->word[c->got] = wires->in->mem_rsp_data;
		c->error |= wires->in->mem_rsp_err;
		c->got++;
	}
	return READ;
}

static uint8_t step_execute(struct bau *bau, struct bau_wires *wires)
{
	struct bau_commander *c = &bau->commander;
	if (c->error)
		return REFUSE;
	switch (FIELD_GET(BAU_COMMAND_OPCODE, c->word[0])) {
	case BAU_COMMAND_NOP:
	case BAU_COMMAND_INVALIDATE_DTE:
	case BAU_COMMAND_INVALIDATE_IOTLB:
	case BAU_COMMAND_RESUME:
		return DONE;
	case BAU_COMMAND_FENCE:
		if (fence_address(bau) != 0 && !bau_in_bounds(bau, c->partition, fence_address(bau) >> 12))
			return REFUSE;
		c->old_epoch = bau->epoch;
		wires->flip = 1;
		return DRAIN;
	default:
		return REFUSE;
	}
}

static uint8_t step_done(struct bau *bau, struct bau_wires *wires)
{
	struct bau_commander *c = &bau->commander;
	bool fence = FIELD_GET(BAU_COMMAND_OPCODE, c->word[0]) == BAU_COMMAND_FENCE;
	if (fence && c->word[0] & BAU_COMMAND_IRQ_MASK)
		wires->status[c->partition] |= BAU_STATUS_FENCE_MASK;
	wires->command_done[c->partition] = 1;
	bau_count(wires, BAU_COMMANDS);
	c->turn = !c->partition;
	return REST;
}

static uint8_t step_refuse(struct bau *bau, struct bau_wires *wires)
{
	struct bau_commander *c = &bau->commander;
	if (wires->accepted != BAU_REPORT_COMMANDER)
		return REFUSE;
	wires->status[c->partition] |= BAU_STATUS_COMMAND_ERROR_MASK;
	wires->command_done[c->partition] = 1;
	c->turn = !c->partition;
	return REST;
}

void bau_commander_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_commander *c = &bau->commander;
	bool granted = wires->granted == BAU_UNIT_COMMANDER;
	switch (c->state) {
	case REST: c->state = step_rest(bau); break;
	case READ: c->state = step_read(bau, wires); break;
	case EXECUTE: c->state = step_execute(bau, wires); break;
	case DRAIN: c->state = bau->inflight[c->old_epoch] == 0 ? FLUSH : DRAIN; break;
	case FLUSH: c->state = granted ? FLUSH_WAIT : FLUSH; break;
	case FLUSH_WAIT:
		if (bau_answered(wires, BAU_UNIT_COMMANDER))
			c->state = fence_address(bau) ? STORE : DONE;
		break;
	case STORE: c->state = granted ? DONE : STORE; break;
	case DONE: c->state = step_done(bau, wires); break;
	default: c->state = step_refuse(bau, wires); break;
	}
}
