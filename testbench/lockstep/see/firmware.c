/* The firmware's loop: look at the ring, take descriptors, answer what is due. */
#include "testbench/lockstep/see/firmware.h"

#include <stdlib.h>
#include <string.h>

#define CALL_RANDOM 0x5eed

void firmware_write(struct firmware *firmware, uint32_t address, uint64_t value)
{
	bench_access(firmware->bench, &(struct bench_access){ .write = true, .address = (uint16_t)address, .data = value });
}

void firmware_answer(struct firmware *firmware, uint64_t word0, uint64_t word1)
{
	uint32_t index = firmware->answered & ((1u << FIRMWARE_CRING_LOG2) - 1);
	uint32_t address = FIRMWARE_CRING + index * SEE_CENTRY_BYTES;

	nicmem_write(&firmware->bench->nic, address, word0, 0xff);
	nicmem_write(&firmware->bench->nic, address + 8, word1, 0xff);
	firmware->answered++;
	firmware_write(firmware, SEE_CRING_TAIL, firmware->answered);
}

static void take_command(struct firmware *firmware, const uint64_t words[16])
{
	uint32_t delay = rng_below(&firmware->rng, firmware->behaviour.delay_cycles + 1);

	for (uint32_t i = 0; i < FIRMWARE_JOBS; i++) {
		struct firmware_job *job = &firmware->jobs[i];
		if (job->used)
			continue;
		*job = (struct firmware_job){ .used = true, .due_cycle = firmware->bench->cycle + delay,
			.pulled = FIELD_GET(SEE_DESC_TYPE, words[8]) == SEE_DESC_PULLED,
			.slot = (uint8_t)FIELD_GET(SEE_DESC_SLOT, words[8]),
			.function = (uint8_t)FIELD_GET(SEE_DESC_FUNCTION, words[8]),
			.qid = (uint8_t)FIELD_GET(SEE_DESC_QID, words[8]) };
		memcpy(job->words, words, sizeof job->words);
		job->life = firmware->functions[job->function].life;
		firmware->awaits[job->slot] = 0;
		firmware->open++;
		firmware->commands++;
		return;
	}
	bench_fail(firmware->bench, "more descriptors than slots");
}

static void take_descriptor(struct firmware *firmware)
{
	uint32_t index = firmware->consumed & ((1u << firmware->ring_log2) - 1);
	uint8_t *entry = nicmem_at(&firmware->bench->nic, FIRMWARE_RING + index * SEE_DESC_BYTES, SEE_DESC_BYTES);
	uint64_t words[16];

	memcpy(words, entry, sizeof words);
	memset(entry, 0xa5, SEE_DESC_BYTES); /* an entry read twice shows */
	firmware->consumed++;
	if (FIELD_GET(SEE_DESC_FUNCTION, words[8]) >= SEE_NUM_FUNCTIONS) {
		bench_fail(firmware->bench, "descriptor of function %u", (unsigned)FIELD_GET(SEE_DESC_FUNCTION, words[8]));
		return;
	}
	if (FIELD_GET(SEE_DESC_TYPE, words[8]) <= SEE_DESC_PULLED)
		take_command(firmware, words);
	else
		firmware_event(firmware, words);
}

static void looked(void *context, uint64_t argument, uint64_t produced)
{
	struct firmware *firmware = context;

	(void)argument;
	firmware->looking = false;
	if ((uint16_t)(produced - firmware->consumed) > 1u << firmware->ring_log2) {
		bench_fail(firmware->bench, "the ring holds more than it can");
		return;
	}
	if (firmware->consumed == (uint16_t)produced)
		return;
	while (firmware->consumed != (uint16_t)produced && !firmware->bench->failed)
		take_descriptor(firmware);
	firmware_write(firmware, SEE_RING_CONS, firmware->consumed);
}

static void look(struct firmware *firmware)
{
	if (firmware->looking || !firmware->bench->out.irq)
		return;
	firmware->looking = true;
	bench_access(firmware->bench, &(struct bench_access){ .address = SEE_RING_PROD, .done = looked, .context = firmware });
}

static void answer_one(struct firmware *firmware)
{
	uint32_t start = rng_below(&firmware->rng, FIRMWARE_JOBS);

	for (uint32_t n = 0; n < FIRMWARE_JOBS; n++) {
		struct firmware_job *job = &firmware->jobs[(start + n) % FIRMWARE_JOBS];
		if (!job->used || job->due_cycle > firmware->bench->cycle)
			continue;
		if (rng_below(&firmware->rng, 1000) < firmware->behaviour.bad_entry_permille)
			firmware_answer(firmware, 0x40 | (rng_next(&firmware->rng) & ~0xf0full) | (uint64_t)SEE_CE_COMPLETE << 8, 0);
		job->used = false;
		firmware->open--;
		firmware_execute(firmware, job);
		return;
	}
}

static void probe(struct firmware *firmware)
{
	uint32_t address = rng_below(&firmware->rng, 0x10000) & ~7u;

	if (rng_percent(&firmware->rng, 50))
		address = SEE_QUEUE_BASE + rng_below(&firmware->rng, 4) * SEE_QUEUE_FN_STRIDE + rng_below(&firmware->rng, 0x140);
	bench_access(firmware->bench, &(struct bench_access){ .address = (uint16_t)address });
}

static void act(void *context)
{
	struct firmware *firmware = context;

	if (firmware->bench->queued - firmware->bench->answered > BENCH_ACCESSES / 2)
		return;
	if (firmware->behaviour.probe_permille && rng_below(&firmware->rng, 1000) < firmware->behaviour.probe_permille)
		probe(firmware);
	look(firmware);
	if (firmware->open)
		answer_one(firmware);
}

static void describe_namespace(struct firmware *firmware, uint32_t function)
{
	uint32_t base = SEE_FN_BASE + function * SEE_FN_STRIDE - SEE_FN_BASE;

	firmware->shift[function] = (uint8_t)rng_below(&firmware->rng, FIRMWARE_SHIFTS);
	uint64_t quarter = firmware_blocks(firmware, function) / 4;
	firmware->volumes[function] = malloc(FIRMWARE_VOLUME_BYTES);
	for (uint32_t i = 0; i < FIRMWARE_VOLUME_BYTES; i += 8) {
		uint64_t word = rng_next(&firmware->rng);
		memcpy(firmware->volumes[function] + i, &word, 8);
	}
	bench_reg_write(firmware->bench, base + SEE_FN_NS_SIZE, firmware_blocks(firmware, function));
	for (uint32_t e = 0; e < SEE_NUM_EXTENTS; e++) {
		uint32_t at = function * SEE_EXTENT_FN_STRIDE + e * SEE_EXTENT_STRIDE;
		bool striped = e == 1;
		bench_reg_write(firmware->bench, at + SEE_EXTENT_FIRST, e * quarter);
		bench_reg_write(firmware->bench, at + SEE_EXTENT_LENGTH, e < 3 ? quarter : 0);
		bench_reg_write(firmware->bench, at + SEE_EXTENT_TARGET, FIELD_PREP(SEE_EXTENT_TARGET_STORAGE, function * 16 + e)
			| FIELD_PREP(SEE_EXTENT_TARGET_NSID, e + 1));
		bench_reg_write(firmware->bench, at + SEE_EXTENT_REMOTE, 0x100000 * (e + 1));
		bench_reg_write(firmware->bench, at + SEE_EXTENT_MAP, FIELD_PREP(SEE_EXTENT_MAP_MEMBER, e) | FIELD_PREP(SEE_EXTENT_MAP_CHUNK, 3)
			| FIELD_PREP(SEE_EXTENT_MAP_WIDTH, striped ? FIRMWARE_STRIPE_WIDTH : e / 2 % 2));
	}
	bench_reg_write(firmware->bench, base + SEE_FN_NS, FIELD_PREP(SEE_FN_NS_ATTACHED, 1) | FIELD_PREP(SEE_FN_NS_BLOCK_SHIFT, firmware->shift[function]));
}

void firmware_open(struct firmware *firmware, struct bench *bench, uint32_t functions, uint32_t ring_log2)
{
	memset(firmware, 0, sizeof *firmware);
	firmware->bench = bench;
	firmware->ring_log2 = ring_log2;
	rng_seed(&firmware->rng, bench->seed ^ CALL_RANDOM);
	bench_reg_write(bench, SEE_BUFFER_BASE, FIRMWARE_BUFFERS);
	bench_reg_write(bench, SEE_RING_BASE, FIRMWARE_RING);
	bench_reg_write(bench, SEE_RING_LOG2, ring_log2);
	bench_reg_write(bench, SEE_CRING_BASE, FIRMWARE_CRING);
	bench_reg_write(bench, SEE_CRING_LOG2, FIRMWARE_CRING_LOG2);
	for (uint32_t f = 0; f < functions; f++)
		describe_namespace(firmware, f);
	bench_reg_write(bench, SEE_CTRL, FIELD_PREP(SEE_CTRL_ENABLE, 1) | FIELD_PREP(SEE_CTRL_IRQ_ENABLE, 1));
	bench->actor = act;
	bench->context = firmware;
}

void firmware_close(struct firmware *firmware)
{
	for (uint32_t f = 0; f < SEE_NUM_FUNCTIONS; f++)
		free(firmware->volumes[f]);
	firmware->bench->actor = NULL;
}
