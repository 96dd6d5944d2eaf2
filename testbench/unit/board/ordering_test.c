/* Completions behind the posted writes of their function (models/board/ordering.h); the BAU is what the test says that it is. */
#include "models/board/host_internal.h"
#include "testbench/gtest/test.h"

#define VF 0x10u
#define OTHER 0x11u

static void ignore_packet(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	(void)ctx, (void)tlp, (void)cycle;
}

/* A host one of whose harts waits for a register read; a write of VF has come before the answer. */
static struct host *reading(unsigned hart)
{
	struct host_config config = {.harts = 2, .ram_bytes = 16 << 20};
	struct host_ops ops = {.link = {ignore_packet, NULL}};
	struct host *host = host_create(&config, &ops);
	struct tlp write;
	uint64_t value;

	EXPECT_EQ(pcie_host_memory(&host->state.pcie, hart, 0x40000000, 4, false, &value), PCIE_HOST_PENDING);
	tlp_make_memory(&write, TLP_MWR, VF, 0, 0x80001000, 8);
	host_receive(host, &write, 0);
	return host;
}

static void answer(struct host *host, unsigned hart, unsigned completer)
{
	struct tlp completion;

	tlp_make_completion(&completion, completer, PCIE_HOST_REQUESTER, hart, TLP_SC, 4, 0, 1);
	host_receive(host, &completion, host->state.cycle);
}

/* Cycles of a BAU that takes beats or not, and is idle or not. @return whether the hart has its answer */
static bool run(struct host *host, unsigned cycles, bool ready, bool idle, unsigned hart)
{
	while (cycles--) {
		host->state.bau_out.pcie_rx_ready = ready;
		host->state.bau_out.idle = idle;
		host_link_cycle(host);
		host_bau_cycle(host);
		host->state.bau_in = host->state.bau_next;
		host->state.cycle++;
	}
	return !host->state.pcie.request[hart].busy;
}

TEST(ordering, an_answer_waits_until_the_bau_has_carried_out_the_write)
{
	struct host *host = reading(0);
	answer(host, 0, VF);
	EXPECT_FALSE(run(host, 100, false, false, 0)); /* the write waits at the BAU's door */
	EXPECT_FALSE(host_is_quiet(host));
	EXPECT_FALSE(run(host, 100, true, false, 0)); /* it is inside */
	EXPECT_TRUE(run(host, 1, true, true, 0));
	EXPECT_EQ(host->state.ordering.overdue, 0u);
	host_destroy(host);
}

TEST(ordering, an_answer_of_another_function_does_not_wait)
{
	struct host *host = reading(1);
	answer(host, 1, OTHER);
	EXPECT_TRUE(run(host, 1, false, false, 1));
	host_destroy(host);
}

TEST(ordering, what_is_in_memory_holds_nothing_back)
{
	struct host *host = reading(0);
	run(host, 20, true, false, 0);
	run(host, 3, true, true, 0);
	answer(host, 0, VF);
	EXPECT_TRUE(run(host, 1, true, true, 0));
	host_destroy(host);
}

/* Under load the BAU is never idle: what it holds is done after a known time. */
TEST(ordering, a_busy_bau_has_carried_it_out_after_a_while)
{
	struct host *host = reading(0);
	answer(host, 0, VF);
	EXPECT_FALSE(run(host, ORDERING_SETTLE_CYCLES - 10, true, false, 0));
	EXPECT_TRUE(run(host, 20, true, false, 0));
	EXPECT_EQ(host->state.ordering.overdue, 0u);
	host_destroy(host);
}

TEST(ordering, a_link_that_stands_still_holds_no_answer_for_ever)
{
	struct host *host = reading(0);
	answer(host, 0, VF);
	EXPECT_FALSE(run(host, ORDERING_LIMIT_CYCLES - 1, false, false, 0));
	EXPECT_TRUE(run(host, 2, false, false, 0));
	EXPECT_EQ(host->state.ordering.overdue, 1u);
	host_destroy(host);
}

TEST(ordering, answers_that_nobody_waits_for_are_counted)
{
	struct host *host = reading(0);
	answer(host, 7, VF);
	answer(host, 99, VF);
	run(host, 100, true, true, 0);
	EXPECT_EQ(host->state.pcie.unexpected, 2u);
	EXPECT_TRUE(host->state.pcie.request[0].busy);
	host_destroy(host);
}
