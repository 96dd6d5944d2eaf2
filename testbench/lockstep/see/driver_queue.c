/* Submission and completion. */
#include "testbench/lockstep/see/driver.h"

#include <string.h>

void driver_ring(struct driver *driver, uint32_t function, uint32_t queue, bool is_cq, uint32_t value)
{
	uint64_t address = driver->functions[function].bar + SEE_DOORBELL_BASE + 8 * queue + (is_cq ? 4 : 0);

	bench_bar_write(driver->bench, address, value, 4);
}

static void put(struct driver *driver, uint32_t function, uint32_t queue, const uint64_t sqe[8])
{
	struct driver_queue *q = &driver->functions[function].queues[queue];

	memcpy(host_at(&driver->bench->host, q->sq + q->tail * 64, 64), sqe, 64);
	q->tail = (q->tail + 1) % q->entries;
	driver_ring(driver, function, queue, false, q->tail);
}

/* NVMe 1.4, 4.6: the entry is new if its phase tag is the expected one. */
static bool take(struct driver *driver, uint32_t function, uint32_t queue, uint64_t cqe[2])
{
	struct driver_queue *q = &driver->functions[function].queues[queue];

	memcpy(cqe, host_at(&driver->bench->host, q->cq + q->cq_head * 16, 16), 16);
	if ((cqe[1] >> 48 & 1) != q->phase)
		return false;
	q->cq_head = (q->cq_head + 1) % q->entries;
	if (q->cq_head == 0)
		q->phase ^= 1;
	driver_ring(driver, function, queue, true, q->cq_head);
	driver->functions[function].progress_cycle = driver->bench->cycle;
	return true;
}

uint32_t driver_admin(struct driver *driver, uint32_t function, uint32_t opcode, uint64_t prp1, uint64_t prp2, uint32_t cdw10, uint32_t cdw11,
		      uint32_t *dw0)
{
	uint32_t cid = 0x4000 + rng_below(&driver->rng, 0x1000);
	uint64_t sqe[8] = { opcode | cid << 16, 0, 0, prp1, prp2, (uint64_t)cdw11 << 32 | cdw10, 0, 0 }, cqe[2];
	uint64_t limit = driver->bench->cycle + BENCH_LIMIT_CYCLES;

	put(driver, function, 0, sqe);
	while (!driver->bench->failed) {
		if (driver->bench->cycle > limit) {
			bench_fail(driver->bench, "function %u: admin command %02x never ended", function, opcode);
			break;
		}
		bench_step(driver->bench);
		if (!take(driver, function, 0, cqe))
			continue;
		if ((cqe[1] >> 32 & 0xffff) != cid)
			continue; /* a posted asynchronous event */
		if (dw0)
			*dw0 = (uint32_t)cqe[0];
		return (uint32_t)(cqe[1] >> 49);
	}
	return 0xffff;
}

void driver_submit(struct driver *driver, uint32_t function, uint32_t queue)
{
	struct driver_queue *q = &driver->functions[function].queues[queue];
	uint64_t sqe[8];

	if (!q->live || (q->tail + 1) % q->entries == q->sq_head)
		return;
	for (uint32_t c = 0; c < DRIVER_COMMANDS; c++) {
		if (q->commands[c].used)
			continue;
		driver_build(driver, function, queue, c, sqe);
		if (!q->commands[c].used)
			return; /* no buffer is free */
		if (q->outstanding++ == 0)
			driver->functions[function].progress_cycle = driver->bench->cycle;
		put(driver, function, queue, sqe);
		return;
	}
}

static void complete(struct driver *driver, uint32_t function, const uint64_t cqe[2])
{
	uint32_t sqid = cqe[1] >> 16 & 0xffff, cid = cqe[1] >> 32 & 0xffff, sq_head = cqe[1] & 0xffff;

	if (sqid == 0 || sqid >= DRIVER_QUEUES || cid >= DRIVER_COMMANDS || !driver->functions[function].queues[sqid].commands[cid].used) {
		bench_fail(driver->bench, "function %u: completion for queue %u, command %u", function, sqid, cid);
		return;
	}
	struct driver_queue *q = &driver->functions[function].queues[sqid];
	struct driver_command *command = &q->commands[cid];
	if (sq_head >= q->entries)
		bench_fail(driver->bench, "function %u: SQ head %u", function, sq_head);
	q->sq_head = sq_head;
	q->outstanding--;
	driver_check(driver, function, command, (uint32_t)(cqe[1] >> 49));
	command->used = false;
	if (command->buffer >= 0)
		driver->buffer_used[command->buffer] = false;
	driver->completed++;
}

void driver_reap(struct driver *driver, uint32_t function, uint32_t queue)
{
	uint64_t cqe[2];

	if (!driver->functions[function].queues[queue].live || queue == 3)
		return;
	while (!driver->bench->failed && take(driver, function, queue, cqe))
		if (queue != 0)
			complete(driver, function, cqe);
}
