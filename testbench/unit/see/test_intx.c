/* INTx of the PF: NVMe 1.4, 7.5.1 (pin-based interrupts), PCIe 4.0, 6.1 and 2.2.8.1. */
#include "testbench/unit/see/driver.h"

enum { OP_FLUSH = 0, COMMAND_ON = 6, INTX_OFF = 1 << 10, INTERRUPT_STATUS = 1 << 19 };

static void one_flush(struct driver *d, unsigned q)
{
	uint64_t sqe[8];
	make_io(sqe, OP_FLUSH, 0, 1, 0, 0);
	submit(d, q, sqe);
	struct descriptor e = next_descriptor(d->b);
	answer(d->b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	bench_settle(d->b);
}

static uint32_t status_bit(struct bench *b)
{
	return host_config_read(b, SEE_PF_RID, SEE_CFG_COMMAND) & INTERRUPT_STATUS;
}

static struct bench *pin_board(struct driver *d, unsigned fn, unsigned queues)
{
	struct bench *b = bench_new();
	board_up(b, 2);
	host_config_write(b, bdf_of(fn), SEE_CFG_MSIX, 0);
	driver_up(d, b, fn, queues);
	attach(b, fn, 100);
	return b;
}

/* The pin register names INTA for the PF and nothing for VFs, and stays as it is. */
TEST(see_intx, pin_register)
{
	struct bench *b = bench_new();
	board_up(b, 1);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, 0x3c), 0x100u);
	host_config_write(b, SEE_PF_RID, 0x3c, 0xffffffff);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, 0x3c), 0x1ffu);
	EXPECT_EQ(host_config_read(b, SEE_FIRST_VF_RID, 0x3c), 0u);
	bench_free(b);
}

/* The level lasts until the heads of all queues have caught up. */
TEST(see_intx, level_until_acknowledged)
{
	struct driver d;
	struct bench *b = pin_board(&d, 0, 2);
	one_flush(&d, 1);
	one_flush(&d, 2);
	one_flush(&d, 2);
	EXPECT_TRUE(b->intx);
	EXPECT_EQ(b->intx_count, 1u);
	EXPECT_NE(status_bit(b), 0u);
	EXPECT_EQ(b->message_count, 0u);
	reap(&d, 2);
	reap(&d, 1);
	bench_settle(b);
	EXPECT_TRUE(b->intx);
	reap(&d, 2);
	bench_settle(b);
	EXPECT_FALSE(b->intx);
	EXPECT_EQ(b->intx_count, 2u);
	EXPECT_EQ(status_bit(b), 0u);
	EXPECT_EQ(b->stray, 0u);
	bench_free(b);
}

/* INTMS and INTMC bit 0, the INTx disable bit, and MSI-X each take the pin down; only the disable bit leaves the status. */
TEST(see_intx, masks)
{
	struct driver d;
	struct bench *b = pin_board(&d, 0, 1);
	one_flush(&d, 1);
	EXPECT_TRUE(b->intx);
	host_write32(b, d.bar + SEE_INTMS, 2);
	bench_settle(b);
	EXPECT_TRUE(b->intx);
	host_write32(b, d.bar + SEE_INTMS, 1);
	bench_settle(b);
	EXPECT_FALSE(b->intx);
	EXPECT_EQ(status_bit(b), 0u);
	host_write32(b, d.bar + SEE_INTMC, 3);
	bench_settle(b);
	EXPECT_TRUE(b->intx);
	host_config_write(b, SEE_PF_RID, SEE_CFG_COMMAND, COMMAND_ON | INTX_OFF);
	bench_settle(b);
	EXPECT_FALSE(b->intx);
	EXPECT_NE(status_bit(b), 0u);
	host_config_write(b, SEE_PF_RID, SEE_CFG_COMMAND, COMMAND_ON);
	bench_settle(b);
	EXPECT_TRUE(b->intx);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, SEE_CFG_COMMAND), 0x00100000u | INTERRUPT_STATUS | COMMAND_ON);
	host_config_write(b, SEE_PF_RID, SEE_CFG_MSIX, 1u << 31);
	bench_settle(b);
	EXPECT_FALSE(b->intx);
	EXPECT_EQ(status_bit(b), 0u);
	EXPECT_EQ(b->stray, 0u);
	bench_free(b);
}

/* A queue without IEN, a queue created again, and a controller reset have nothing to tell. */
TEST(see_intx, queues_that_do_not_interrupt)
{
	struct driver d;
	struct bench *b = pin_board(&d, 0, 2);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 0, 1), SEE_CQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_CQ_CONTROL_SIZE, DRIVER_SIZE));
	one_flush(&d, 1);
	EXPECT_FALSE(b->intx);
	one_flush(&d, 2);
	EXPECT_TRUE(b->intx);
	fw_write(b, queue_register(SEE_SQ_CONTROL, 0, 2), 0);
	bench_settle(b);
	EXPECT_TRUE(b->intx);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 0, 2), 0);
	bench_settle(b);
	EXPECT_FALSE(b->intx);
	EXPECT_EQ(b->stray, 0u);
	bench_free(b);
}

/* Resets take the pin down, even when bus mastering is off: messages are not memory writes. */
TEST(see_intx, resets)
{
	for (unsigned flr = 0; flr < 2; flr++) {
		struct driver d;
		struct bench *b = pin_board(&d, 0, 1);
		one_flush(&d, 1);
		host_write32(b, d.bar + SEE_INTMS, 1);
		host_write32(b, d.bar + SEE_INTMC, 1);
		bench_settle(b);
		EXPECT_TRUE(b->intx);
		host_config_write(b, SEE_PF_RID, SEE_CFG_COMMAND, 2);
		if (flr)
			host_config_write(b, SEE_PF_RID, SEE_CFG_DEVCTL, 1 << 15);
		else
			host_write32(b, d.bar + SEE_CC, 0);
		bench_settle(b);
		EXPECT_FALSE(b->intx);
		EXPECT_EQ(b->intx_count, 4u);
		EXPECT_EQ(b->stray, 0u);
		bench_free(b);
	}
}

/* A VF without MSI-X is silent: it must be polled. */
TEST(see_intx, not_for_virtual_functions)
{
	struct driver d;
	struct bench *b = pin_board(&d, 1, 1);
	one_flush(&d, 1);
	EXPECT_EQ(b->intx_count, 0u);
	EXPECT_EQ(b->message_count, 0u);
	EXPECT_TRUE(has_completion(&d, 1));
	bench_free(b);
}
