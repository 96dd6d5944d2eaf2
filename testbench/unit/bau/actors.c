#include "testbench/unit/bau/actors.h"

#include <string.h>

/* Steps of a hart that hosts targets; those of the manager begin at MANAGER. */
enum { PICK, SET_ITE, SET_RUNNING, MARK_RUNNING, RAISE, GUEST, REGISTER, MARK_STOPPED, CLEAR_RUNNING, CLEAR_HGEIP, LEAVE,
       MANAGER, MANAGER_ACKNOWLEDGED, MANAGER_DELIVER, INVALIDATOR, INVALIDATOR_WAITS };

enum { QUEUE_ENTRIES = 16 };

/* Steps of a guest's handler: acknowledge, one step a word of the signal vector, unblock. */
enum { HANDLER_ACK = 1, HANDLER_WORDS = 2, HANDLER_UNBLOCK = HANDLER_WORDS + 8, HANDLER_DONE };

static uint64_t entry_of(unsigned target)
{
	return rig_at(RIG_ITABLE) + target * BAU_ITE_BYTES;
}

static uint64_t sigvec_of(unsigned target)
{
	return rig_at(RIG_SIGVEC) + target * 64;
}

static uint32_t receiver_of(unsigned hart)
{
	return BAU_RECEIVER_PAGE + hart * BAU_RECEIVER_STRIDE;
}

static uint64_t entry_word(unsigned hart, bool running)
{
	return BAU_ITE_VALID_MASK | BAU_ITE_DIRECT_MASK | FIELD_PREP(BAU_ITE_RUNNING, running) | FIELD_PREP(BAU_ITE_LPID, running ? hart : 0) |
	       FIELD_PREP(BAU_ITE_GEIN, RIG_GEIN) | FIELD_PREP(BAU_ITE_VMID, RIG_VMID);
}

static bool has_signal(const struct rig *rig, unsigned target)
{
	uint64_t any = 0;
	for (unsigned i = 0; i < 8; i++)
		any |= rig_load(rig, sigvec_of(target) + 8 * i);
	return any != 0;
}

static void begin_register(struct actor_hart *hart, uint32_t address, uint64_t data)
{
	hart->wants_register = 1;
	hart->register_done = 0;
	hart->register_address = address;
	hart->register_data = data;
}

static void handle(struct actors *a, struct rig *rig, unsigned target, unsigned word)
{
	struct actor_target *t = &a->target[target];
	uint64_t bits = rig_load(rig, sigvec_of(target) + 8 * word);
	rig_store(rig, sigvec_of(target) + 8 * word, 0);
	for (unsigned bit = 0; bit < 64; bit++) {
		unsigned vector = word * 8 + bit / 8; /* device 0 uses bits 0, 8, 16...: see actors_send */
		if (!(bits >> bit & 1))
			continue;
		uint64_t taken = rig->cycle - t->sent_at[vector];
		a->longest_cycles = taken > a->longest_cycles ? taken : a->longest_cycles;
		a->handled += t->sent_at[vector] != 0;
		t->sent_at[vector] = 0;
	}
}

static uint8_t guest(struct actors *a, struct rig *rig, struct actor_hart *hart, unsigned h)
{
	struct actor_target *t = &a->target[hart->target];
	struct receiver_forward forward;
	if (t->guest_step == HANDLER_DONE)
		t->guest_step = 0;
	if (hart->quantum_cycles == 0)
		return MARK_STOPPED;
	if (t->guest_step == 0) {
		t->guest_step = rig->receivers.hart[h].hgeip >> RIG_GEIN & 1 ? HANDLER_ACK : 0;
		bool sleeps = t->guest_step == 0 && rng_percent(&a->rng, 4);
		t->runnable = !sleeps;
		return sleeps ? MARK_STOPPED : GUEST;
	}
	if (t->guest_step == HANDLER_ACK)
		receiver_write(&rig->receivers, BAU_GUEST_PAGE + h * BAU_GUEST_STRIDE + BAU_ACK, 1);
	else if (t->guest_step < HANDLER_UNBLOCK)
		handle(a, rig, hart->target, t->guest_step - HANDLER_WORDS);
	t->guest_step++;
	if (t->guest_step != HANDLER_DONE)
		return GUEST;
	forward = receiver_write(&rig->receivers, BAU_GUEST_PAGE + h * BAU_GUEST_STRIDE + BAU_UNBLOCK, 1);
	begin_register(hart, forward.address, forward.data);
	return REGISTER;
}

static uint8_t pick(struct actors *a, struct actor_hart *hart, unsigned h)
{
	unsigned target = rng_below(&a->rng, ACTOR_TARGETS);
	if (!a->target[target].runnable || a->target[target].loaded_on != ACTOR_NOBODY)
		return PICK;
	a->target[target].loaded_on = (uint8_t)h;
	hart->target = (uint8_t)target;
	hart->quantum_cycles = 50 + rng_below(&a->rng, 1500);
	return SET_ITE;
}

/** The rest of a schedule-out: without a signal a target that slept stays asleep. */
static uint8_t leave(struct actors *a, const struct rig *rig, struct actor_hart *hart)
{
	struct actor_target *t = &a->target[hart->target];
	t->runnable |= has_signal(rig, hart->target) || t->guest_step != 0;
	t->loaded_on = ACTOR_NOBODY;
	hart->target = ACTOR_NOBODY;
	return PICK;
}

static uint8_t deliver(struct actors *a, struct rig *rig)
{
	for (unsigned target = 0; target < ACTOR_TARGETS; target++) {
		if (!(a->summary >> target & 1))
			continue;
		a->summary &= ~(1ull << target);
		a->target[target].runnable = 1;
		if (a->target[target].loaded_on != ACTOR_NOBODY)
			receiver_write(&rig->receivers, receiver_of(a->target[target].loaded_on) + BAU_RAISE, 1);
		return MANAGER_DELIVER;
	}
	return MANAGER;
}

static uint8_t manage(struct actors *a, struct rig *rig, struct actor_hart *hart)
{
	const uint32_t notify = BAU_NOTIFY_PAGE + ACTOR_HARTS * BAU_NOTIFY_STRIDE + BAU_NOTIFY;
	switch (hart->step) {
	case MANAGER:
		if (!(rig->out.notify >> ACTOR_HARTS & 1))
			return MANAGER;
		begin_register(hart, notify, 1);
		return MANAGER_ACKNOWLEDGED;
	case MANAGER_ACKNOWLEDGED:
		if (!hart->register_done)
			return MANAGER_ACKNOWLEDGED;
		a->summary = rig_load(rig, rig_at(RIG_SUMMARY));
		rig_store(rig, rig_at(RIG_SUMMARY), 0);
		return MANAGER_DELIVER;
	default: return deliver(a, rig);
	}
}

static uint8_t host(struct actors *a, struct rig *rig, struct actor_hart *hart, unsigned h)
{
	const uint64_t running = BAU_RUNNING_VALID_MASK | FIELD_PREP(BAU_RUNNING_TARGET, hart->target) |
		FIELD_PREP(BAU_RUNNING_VMID, RIG_VMID) | FIELD_PREP(BAU_RUNNING_GEIN, RIG_GEIN);
	switch (hart->step) {
	case PICK: return pick(a, hart, h);
	case SET_ITE: receiver_write(&rig->receivers, receiver_of(h) + BAU_RUNNING_ITE, entry_of(hart->target)); return SET_RUNNING;
	case SET_RUNNING: receiver_write(&rig->receivers, receiver_of(h) + BAU_RUNNING, running); return MARK_RUNNING;
	case MARK_RUNNING: rig_store(rig, entry_of(hart->target), entry_word(h, true)); return RAISE;
	case RAISE:
		if (has_signal(rig, hart->target))
			receiver_write(&rig->receivers, receiver_of(h) + BAU_RAISE, 1);
		return GUEST;
	case GUEST: return guest(a, rig, hart, h);
	case REGISTER: return hart->register_done ? GUEST : REGISTER;
	case MARK_STOPPED: rig_store(rig, entry_of(hart->target), entry_word(h, false)); return CLEAR_RUNNING;
	case CLEAR_RUNNING: receiver_write(&rig->receivers, receiver_of(h) + BAU_RUNNING, 0); return CLEAR_HGEIP;
	case CLEAR_HGEIP: receiver_write(&rig->receivers, receiver_of(h) + BAU_HGEIP, 1ull << RIG_GEIN); return LEAVE;
	default: return leave(a, rig, hart);
	}
}

/** An invalidation of everything or of the device, or a fence, at a random moment. */
static uint8_t invalidate(struct actors *a, struct rig *rig, struct actor_hart *hart)
{
	static const uint64_t commands[] = {BAU_COMMAND_INVALIDATE_DTE | BAU_COMMAND_ALL_MASK, BAU_COMMAND_INVALIDATE_DTE | FIELD_PREP(BAU_COMMAND_RID, RIG_RID),
		BAU_COMMAND_INVALIDATE_IOTLB | BAU_COMMAND_ALL_MASK, BAU_COMMAND_FENCE, BAU_COMMAND_RESUME | BAU_COMMAND_ALL_MASK};
	if (hart->step == INVALIDATOR_WAITS)
		return hart->register_done && rig->bau.registers.partition[0].command_head == a->commands % QUEUE_ENTRIES ? INVALIDATOR : INVALIDATOR_WAITS;
	if (!rng_percent(&a->rng, 1) || a->fast)
		return INVALIDATOR;
	uint64_t at = rig_at(RIG_COMMANDS) + a->commands % QUEUE_ENTRIES * BAU_COMMAND_BYTES;
	rig_store(rig, at, commands[rng_below(&a->rng, 5)]);
	rig_store(rig, at + 8, 0);
	a->commands++;
	begin_register(hart, BAU_PARTITION_PAGE + BAU_COMMAND_TAIL, a->commands % QUEUE_ENTRIES);
	return INVALIDATOR_WAITS;
}

/** The register port serves one hart at a time, in turn. */
static void drive_register_port(struct actors *a, struct rig *rig)
{
	if (a->register_owner != ACTOR_NOBODY && rig->reg_taken)
		rig->in.reg_valid = rig->in.reg_write = 0;
	if (a->register_owner != ACTOR_NOBODY && rig->in.reg_valid == 0 && rig->out.reg_rsp_valid) {
		a->hart[a->register_owner].register_done = !rig->out.reg_rsp_retry;
		a->hart[a->register_owner].wants_register = rig->out.reg_rsp_retry;
		rig->retries += rig->out.reg_rsp_retry;
		a->register_owner = ACTOR_NOBODY;
	}
	rig->in.reg_rsp_ready = 1;
	for (unsigned i = 1; i <= ACTOR_HARTS + 2 && a->register_owner == ACTOR_NOBODY && rig->out.reg_ready; i++) {
		unsigned h = (a->register_last + i) % (ACTOR_HARTS + 2);
		if (!a->hart[h].wants_register)
			continue;
		a->register_last = (uint8_t)h;
		a->hart[h].wants_register = 0;
		a->register_owner = (uint8_t)h;
		rig->in.reg_valid = rig->in.reg_write = 1;
		rig->in.reg_addr = a->hart[h].register_address;
		rig->in.reg_data = a->hart[h].register_data;
	}
}

void actors_cycle(struct actors *a, struct rig *rig)
{
	drive_register_port(a, rig);
	for (unsigned h = 0; h <= ACTOR_HARTS + 1; h++) {
		struct actor_hart *hart = &a->hart[h];
		hart->quantum_cycles -= hart->quantum_cycles != 0;
		if (hart->wait_cycles) {
			hart->wait_cycles--;
			continue;
		}
		if (h == ACTOR_HARTS + 1)
			hart->step = invalidate(a, rig, hart);
		else
			hart->step = h == ACTOR_HARTS ? manage(a, rig, hart) : host(a, rig, hart, h);
		hart->wait_cycles = !a->fast && rng_percent(&a->rng, 30) ? rng_below(&a->rng, 120) : 0;
	}
}

bool actors_send(struct actors *a, struct rig *rig)
{
	unsigned target = rng_below(&a->rng, ACTOR_TARGETS), vector = rng_below(&a->rng, ACTOR_VECTORS);
	if (a->target[target].sent_at[vector] != 0)
		return false;
	a->target[target].sent_at[vector] = rig->cycle;
	a->sent++;
	rig_send_message(rig, RIG_RID, 0, target, vector * 8);
	return true;
}

void actors_create(struct actors *a, struct rig *rig, uint64_t seed)
{
	memset(a, 0, sizeof *a);
	rng_seed(&a->rng, seed);
	rig_configure(rig);
	rig_set_device(rig, RIG_RID, BAU_IOMMU_BLOCKED);
	rig_write(rig, BAU_NOTIFY_PAGE + 1 * BAU_NOTIFY_STRIDE + BAU_SUBCLASS_MASK, 0);
	rig_write(rig, BAU_NOTIFY_PAGE + ACTOR_HARTS * BAU_NOTIFY_STRIDE + BAU_SUBCLASS_MASK, 1 << 1);
	for (unsigned target = 0; target < ACTOR_TARGETS; target++) {
		rig_store(rig, entry_of(target), entry_word(0, false));
		rig_store(rig, entry_of(target) + 16, sigvec_of(target));
		rig_store(rig, entry_of(target) + 24, rig_at(RIG_SUMMARY) | FIELD_PREP(BAU_ITE_UNBLOCK_TARGET, target) |
			FIELD_PREP(BAU_ITE_UNBLOCK_SUBCLASS, 1));
		a->target[target].loaded_on = ACTOR_NOBODY;
	}
	for (unsigned h = 0; h < ACTOR_HARTS; h++)
		a->hart[h].target = ACTOR_NOBODY;
	a->hart[ACTOR_HARTS].step = MANAGER;
	a->hart[ACTOR_HARTS + 1].step = INVALIDATOR;
	a->register_owner = ACTOR_NOBODY;
}

void actors_attach(struct actors *a, struct rig *rig, bool attached)
{
	static const uint64_t commands[] = {BAU_COMMAND_INVALIDATE_DTE | FIELD_PREP(BAU_COMMAND_RID, RIG_RID), BAU_COMMAND_FENCE};
	if (attached)
		rig_set_device(rig, RIG_RID, BAU_IOMMU_BLOCKED);
	else
		rig_store(rig, rig_at(RIG_DEVICE_TABLE) + RIG_RID * BAU_DTE_BYTES, 0);
	for (unsigned i = 0; i < 2; i++, a->commands++) {
		uint64_t at = rig_at(RIG_COMMANDS) + a->commands % QUEUE_ENTRIES * BAU_COMMAND_BYTES;
		rig_store(rig, at, commands[i]);
		rig_store(rig, at + 8, 0);
	}
	rig_write(rig, BAU_PARTITION_PAGE + BAU_COMMAND_TAIL, a->commands % QUEUE_ENTRIES);
	rig_settle(rig, 10000);
}
