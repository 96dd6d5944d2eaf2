#include "testbench/lockstep/bau/stimulus.h"

static uint8_t some(struct rng *rng, uint8_t often, uint32_t most)
{
	return (uint8_t)(rng_percent(rng, often) ? rng_below(rng, most) : 0);
}

void stimulus_choose(struct stimulus *s, struct rig *rig, struct rng *rng)
{
	s->cycles_left = 200 + rng_below(rng, 3000);
	s->quiet = rng_percent(rng, 15);
	s->traffic = (uint8_t)(rng_percent(rng, 50) ? 100 : 1 + rng_below(rng, 20));
	s->messages = (uint8_t)rng_below(rng, 60);
	s->malformed = (uint8_t)(world_hostility() * some(rng, 70, 20) / 100);
	s->changes = (uint8_t)rng_below(rng, 4);
	s->registers = (uint8_t)rng_below(rng, 8);
	s->configuration = (uint8_t)(world_hostility() * some(rng, 50, 20) / 100);
	uint32_t worst = s->only ? 50 : 98; /* memory and harts that stand still for long are no partition's doing */
	s->stall_rx = some(rng, 40, worst);
	s->stall_tx = some(rng, 40, worst);
	s->stall_mem = some(rng, 40, worst);
	s->stall_answers = some(rng, 30, worst);
	s->stall_sig = some(rng, 50, worst);
	rig->error_every = !s->only && rng_percent(rng, 20) ? 2 + rng_below(rng, 60) : 0;
	s->match = (uint8_t)(50 + rng_below(rng, 51));
	if (rig->answer_count == 0)
		rig->latency_cycles = rng_percent(rng, 30) ? 40 : 1 + rng_below(rng, rng_percent(rng, 70) ? 8 : 60);
}

static unsigned some_partition(const struct stimulus *s, struct rng *rng)
{
	return s->only ? s->only - 1u : rng_below(rng, 2);
}

static uint16_t some_rid(const struct stimulus *s, struct rng *rng)
{
	uint16_t rid = world_rid(rng_below(rng, WORLD_RIDS));
	while (s->only && world_partition(rid) != s->only - 1u)
		rid = world_rid(rng_below(rng, WORLD_RIDS));
	if (s->only)
		return rid;
	return (uint16_t)(rng_percent(rng, 99) ? world_rid(rng_below(rng, WORLD_RIDS)) : rng_percent(rng, 50) ? rng_below(rng, 64) : rng_next(rng));
}

static uint32_t some_enables(struct rng *rng, uint32_t length_dw)
{
	if (length_dw == 1)
		return rng_percent(rng, 80) ? 0xf : rng_below(rng, 16);
	return rng_percent(rng, 80) ? 0xff : (1 + rng_below(rng, 15)) | (1 + rng_below(rng, 15)) << 4;
}

static void send_payload(struct rig *rig, struct rng *rng, uint32_t dw0, uint32_t dw1, uint64_t address, uint32_t beats)
{
	uint64_t payload[64];
	for (uint32_t i = 0; i < beats; i++)
		payload[i] = rng_next(rng);
	rig_send_tlp(rig, dw0, dw1, address, payload, beats);
}

static void send_access(const struct stimulus *s, struct rig *rig, struct rng *rng)
{
	uint32_t most = rng_percent(rng, 50) ? 64 : 8;
	bool write = rng_percent(rng, 50);
	uint32_t length = 1 + rng_below(rng, write ? most : 2 * most);
	uint16_t rid = some_rid(s, rng);
	uint64_t address = world_address(rig, rng, rid);
	uint32_t room = 1024 - (address >> 2 & 1023);
	if (length > room && rng_percent(rng, 95))
		length = room;
	uint32_t dw1 = (uint32_t)rid << 16 | rng_below(rng, 256) << 8 | some_enables(rng, length);
	send_payload(rig, rng, (write ? 0x60000000 : 0x20000000) | length, dw1, address, write ? (length + 1) / 2 : 0);
}

static void send_message(const struct stimulus *s, struct rig *rig, struct rng *rng)
{
	uint16_t rid = some_rid(s, rng);
	unsigned partition = rng_percent(rng, 95) ? world_partition(rid) : rng_below(rng, 4); /* beyond the last: no doorbell */
	unsigned target = rng_percent(rng, 95) ? world_target(rng_below(rng, WORLD_TARGETS)) : rng_below(rng, 256);
	uint32_t vector = rng_percent(rng, 80) ? rng_below(rng, 64) : rng_percent(rng, 50) ? rng_below(rng, 520) : (uint32_t)rng_next(rng);
	rig_send_message(rig, rid, partition, target, vector);
}

/** TLPs that no honest device sends: wrong lengths, types, enables, ends. */
static void send_malformed(const struct stimulus *s, struct rig *rig, struct rng *rng)
{
	static const uint32_t types[] = {0x20, 0x60, 0x60, 0x60, 0x00, 0x40, 0x4a, 0x0a, 0x04, 0x44, 0x30, 0x74};
	uint32_t dw0 = types[rng_below(rng, 12)] << 24 | rng_below(rng, rng_percent(rng, 70) ? 8 : 1024) | (rng_percent(rng, 10) ? 1u << 14 : 0);
	uint32_t dw1 = (uint32_t)some_rid(s, rng) << 16 | rng_below(rng, 256) << 8 | rng_below(rng, 256);
	uint64_t address = rng_percent(rng, 30) ? BAU_DOORBELL_BASE + 4ull * rng_below(rng, 2048) : world_address(rig, rng, (uint16_t)(dw1 >> 16));
	switch (rng_below(rng, 6)) {
	case 0: rig_send_beat(rig, rng_next(rng), false, rng_percent(rng, 50)); break;
	case 1: rig_send_beat(rig, (uint64_t)dw1 << 32 | dw0, true, rng_percent(rng, 50)); break;
	case 2:
		rig_send_beat(rig, (uint64_t)dw1 << 32 | dw0, true, false);
		rig_send_beat(rig, rng_next(rng), false, false);
		break;
	default: send_payload(rig, rng, dw0, dw1, address, rng_below(rng, 5)); break;
	}
}

static void send(const struct stimulus *s, struct rig *rig, struct rng *rng)
{
	if (rng_percent(rng, s->malformed))
		send_malformed(s, rig, rng);
	else if (rng_percent(rng, s->messages))
		send_message(s, rig, rng);
	else
		send_access(s, rig, rng);
}

static void begin_access(struct rig *rig, bool write, uint32_t address, uint64_t data)
{
	rig->in.reg_valid = 1;
	rig->in.reg_write = write;
	rig->in.reg_addr = address;
	rig->in.reg_data = data;
}

static uint32_t partition_register(const struct stimulus *s, struct rng *rng, uint32_t offset)
{
	return BAU_PARTITION_PAGE + some_partition(s, rng) * BAU_PARTITION_STRIDE + offset;
}

/** A hart of the partition that acts: 0 to 4 are partition 0's, 5 to 7 partition 1's. */
static unsigned some_hart(const struct stimulus *s, struct rng *rng)
{
	return !s->only ? rng_below(rng, BAU_NUM_HARTS) : s->only == 1 ? rng_below(rng, 5) : 5 + rng_below(rng, 3);
}

static void ring_command(struct stimulus *s, struct rig *rig, struct rng *rng)
{
	unsigned p = some_partition(s, rng);
	world_command(rig, rng, p, s->tails[p]);
	s->tails[p] = (uint8_t)((s->tails[p] + 1) & 15);
	begin_access(rig, true, BAU_PARTITION_PAGE + p * BAU_PARTITION_STRIDE + BAU_COMMAND_TAIL, s->tails[p]);
}

static void unblock(const struct stimulus *s, struct rig *rig, struct rng *rng)
{
	unsigned hart = some_hart(s, rng), p = hart >= 4;
	uint64_t ite = world_at(p, WORLD_ITABLE) + world_target(rng_below(rng, WORLD_TARGETS)) * BAU_ITE_BYTES;
	begin_access(rig, true, BAU_GUEST_PAGE + hart * BAU_GUEST_STRIDE + BAU_UNBLOCK, rng_percent(rng, 90) ? ite : rng_percent(rng, 50) ? world_at(!p, WORLD_ITABLE) + 32 * rng_below(rng, 256) : rng_next(rng));
}

/** Writes of configuration: wrong values for a while, then the right ones, at any moment. */
static void configure(const struct stimulus *s, struct rig *rig, struct rng *rng)
{
	unsigned p = some_partition(s, rng);
	uint32_t table = p * BAU_PT_STRIDE, page = BAU_PARTITION_PAGE + p * BAU_PARTITION_STRIDE;
	bool right = rng_percent(rng, 85);
	switch (s->only ? 2 + rng_below(rng, 5) : rng_below(rng, 11)) {
	case 9: begin_access(rig, true, page + BAU_EVENT_BASE, right ? world_at(p, WORLD_EVENTS) : rng_next(rng)); break;
	case 10: begin_access(rig, true, page + BAU_EVENT_SIZE, right ? 3 : rng_below(rng, 16)); break;
	case 0: begin_access(rig, true, table + BAU_PT_LIMIT, world_at(p, right ? WORLD_PARTITION_BYTES : rng_percent(rng, 50) ? 2 * WORLD_PARTITION_BYTES : WORLD_DATA + 0x8000)); break;
	case 1: begin_access(rig, true, table + BAU_PT_CONTROL, right ? (p ? 0xe001 : 0x0f03) : rng_next(rng)); break;
	case 2: begin_access(rig, true, page + BAU_CONTROL, right ? 0x70f : rng_next(rng)); break;
	case 3: begin_access(rig, true, page + BAU_DEVICE_TABLE, right ? world_at(p, WORLD_DEVICES) : rng_next(rng)); break;
	case 4: begin_access(rig, true, page + BAU_DEVICE_TABLE_LENGTH, right ? 64 : rng_below(rng, 80)); break;
	case 5: begin_access(rig, true, page + BAU_FAULT_BASE, right ? world_at(p, WORLD_FAULTS) : rng_next(rng)); break;
	case 6: begin_access(rig, true, page + BAU_FAULT_SIZE, right ? 3 : rng_below(rng, 16)); break;
	case 7: begin_access(rig, true, BAU_REQUESTER_OWNER, right ? world_owner() : rng_next(rng)); break;
	default: begin_access(rig, true, table + BAU_PT_LPID_MAP, right ? (p ? 0x0080878685848382ull : 0x8786858483828180ull) : rng_next(rng)); break;
	}
}

static uint32_t some_register(const struct stimulus *s, struct rng *rng)
{
	switch (rng_below(rng, 6)) {
	case 0: return BAU_COUNT_MESSAGES + 8 * rng_below(rng, BAU_NUM_COUNTERS);
	case 1: return partition_register(s, rng, 8 * rng_below(rng, 18));
	case 2: return BAU_PT_CONTROL + 8 * rng_below(rng, 18);
	case 3: return BAU_NOTIFY_PAGE + 8 * rng_below(rng, 18);
	case 4: return 8 * rng_below(rng, 4);
	default: return (uint32_t)rng_next(rng) & 0xfffff;
	}
}

static void use_register(struct stimulus *s, struct rig *rig, struct rng *rng)
{
	if (rng_percent(rng, s->configuration)) {
		configure(s, rig, rng);
		return;
	}
	switch (rng_below(rng, 7)) {
	case 0: unblock(s, rig, rng); break;
	case 6: begin_access(rig, true, partition_register(s, rng, BAU_EVENT_HEAD), rng_below(rng, 8)); break;
	case 1: ring_command(s, rig, rng); break;
	case 2: begin_access(rig, true, partition_register(s, rng, BAU_FAULT_HEAD), rng_below(rng, 8)); break;
	case 3: begin_access(rig, true, partition_register(s, rng, BAU_STATUS), rng_below(rng, 64)); break;
	case 4: begin_access(rig, true, BAU_NOTIFY_PAGE + some_hart(s, rng) * BAU_NOTIFY_STRIDE + BAU_NOTIFY, 1); break;
	default: begin_access(rig, false, some_register(s, rng), 0); break;
	}
}

static void drive_registers(struct stimulus *s, struct rig *rig, struct rng *rng)
{
	if (rig->in.reg_valid && rig->reg_taken)
		rig->in.reg_valid = rig->in.reg_write = 0, rig->in.reg_addr = 0, rig->in.reg_data = 0;
	rig->in.reg_rsp_ready = rng_percent(rng, 80);
	if (!rig->in.reg_valid && !s->quiet && rng_percent(rng, s->registers))
		use_register(s, rig, rng);
}

void stimulus_drive(struct stimulus *s, struct rig *rig, struct rng *rng)
{
	if (s->cycles_left-- == 0)
		stimulus_choose(s, rig, rng);
	rig->stall_rx = rng_percent(rng, s->stall_rx) && !rig->rx_offered;
	rig->stall_tx = rng_percent(rng, s->stall_tx);
	rig->stall_mem = rng_percent(rng, s->stall_mem);
	rig->stall_answers = rng_percent(rng, s->stall_answers);
	rig->stall_sig = rng_percent(rng, s->stall_sig);
	rig->answers_given = 1;
	rig->signal_given = rng_percent(rng, s->match);
	drive_registers(s, rig, rng);
	if (s->quiet)
		return;
	if (rig->rx_count < 64 && rng_percent(rng, s->traffic))
		send(s, rig, rng);
	if (rng_percent(rng, s->changes))
		world_change(rig, rng, some_partition(s, rng));
}
