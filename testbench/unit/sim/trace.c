#include <stdlib.h>
#include <unistd.h>

#include "bau_regs.h"
#include "see_regs.h"
#include "sim/trace/latency.h"
#include "testbench/gtest/test.h"

static struct event_log log_;

static void emit(uint64_t cycle, enum event_source source, unsigned code, unsigned function, uint32_t id, uint64_t value)
{
	struct event event = {cycle, (uint8_t)source, (uint8_t)code, (uint16_t)function, id, value};
	ASSERT_EQ(event_log_add(&log_, &event), 0);
}

static void interrupt(uint64_t sent, uint32_t id, unsigned hart)
{
	emit(sent, EVENT_SEE, SEE_EVENT_MSIX, 1, 0, 1);
	emit(sent + 260, EVENT_BAU, BAU_EVENT_ARRIVED, 16, id, 1);
	emit(sent + 310, EVENT_BAU, BAU_EVENT_ITE_READ, 16, id, 0);
	emit(sent + 352, EVENT_BAU, BAU_EVENT_VECTOR_SET, 16, id, 0);
	emit(sent + 355, EVENT_BAU, BAU_EVENT_SIGNAL, 16, id, hart);
	emit(sent + 356, EVENT_HART, EVENT_HART_GUEST_INTERRUPT, hart, 0, 0);
	emit(sent + 357, EVENT_BAU, BAU_EVENT_ACCEPTED, 16, id, hart);
}

TEST(latency, an_interrupt_is_followed_from_the_device_to_the_handler_of_its_hart)
{
	struct latency stage[LATENCY_STAGES];
	struct latency_paths paths;
	interrupt(5000, 2, 0);
	interrupt(1000, 1, 1);
	emit(3000, EVENT_HART, EVENT_HART_GUEST_INTERRUPT, 2, 0, 0);
	ASSERT_EQ(latency_compute(&log_, stage, &paths), 0);
	EXPECT_EQ(stage[LATENCY_MSI].count, 2u);
	EXPECT_EQ(stage[LATENCY_MSI].max, 356u);
	EXPECT_EQ(stage[LATENCY_MSI_LINK].p50, 260u);
	EXPECT_EQ(stage[LATENCY_MSI_TABLE].p50, 50u);
	EXPECT_EQ(stage[LATENCY_MSI_VECTOR].p50, 42u);
	EXPECT_EQ(stage[LATENCY_MSI_SIGNAL].p50, 3u);
	EXPECT_EQ(stage[LATENCY_MSI_HANDLER].p50, 1u);
	EXPECT_EQ(paths.directed, 2u);
	event_log_free(&log_);
}

TEST(latency, percentiles_are_of_the_nearest_rank)
{
	struct latency stage[LATENCY_STAGES];
	struct latency_paths paths;
	for (uint32_t i = 1; i <= 100; i++) {
		emit(i * 1000, EVENT_SEE, SEE_EVENT_FETCHED, 1, i, 0);
		emit(i * 1000 + 1, EVENT_SEE, SEE_EVENT_DESCRIPTOR, 1, i, 0);
		emit(i * 1000 + 2, EVENT_SEE, SEE_EVENT_COMPLETION, 1, i, 0);
		emit(i * 1000 + i + 2, EVENT_SEE, SEE_EVENT_CQE, 1, i, 0);
	}
	ASSERT_EQ(latency_compute(&log_, stage, &paths), 0);
	EXPECT_EQ(stage[LATENCY_COMMAND].count, 100u);
	EXPECT_EQ(stage[LATENCY_COMMAND].min, 3u);
	EXPECT_EQ(stage[LATENCY_COMMAND].p50, 52u);
	EXPECT_EQ(stage[LATENCY_COMMAND].p99, 101u);
	EXPECT_EQ(stage[LATENCY_COMMAND].max, 102u);
	event_log_free(&log_);
}

TEST(latency, a_command_that_never_completes_is_not_counted)
{
	struct latency stage[LATENCY_STAGES];
	struct latency_paths paths;
	emit(10, EVENT_SEE, SEE_EVENT_FETCHED, 1, 1, 0);
	emit(20, EVENT_SEE, SEE_EVENT_CQE, 1, 1, 0);
	ASSERT_EQ(latency_compute(&log_, stage, &paths), 0);
	EXPECT_EQ(stage[LATENCY_COMMAND].count, 0u);
	EXPECT_EQ(stage[LATENCY_COMMAND].max, 0u);
	event_log_free(&log_);
}

TEST(event_log, counts_by_name)
{
	emit(20, EVENT_BAU, BAU_EVENT_ARRIVED, 16, 3, 0x10);
	emit(21, EVENT_BAU, BAU_EVENT_ARRIVED, 16, 4, 0x10);
	EXPECT_EQ(event_log_count(&log_, "bau.arrived"), 2);
	EXPECT_EQ(event_log_count(&log_, "see.msix"), 0);
	EXPECT_EQ(event_log_count(&log_, "see.nothing"), -1);
	event_log_free(&log_);
}

TEST(event_log, is_written_in_the_order_of_cycles)
{
	char path[] = "/tmp/assay-events-XXXXXX";
	char line[128];
	int file = mkstemp(path);
	ASSERT_TRUE(file >= 0);
	close(file);
	emit(20, EVENT_BAU, BAU_EVENT_ARRIVED, 16, 3, 0x10);
	emit(10, EVENT_SEE, SEE_EVENT_MSIX, 2, 0, 1);
	ASSERT_EQ(event_log_write(&log_, path), 0);
	FILE *in = fopen(path, "r");
	ASSERT_TRUE(in != NULL);
	EXPECT_STREQ(fgets(line, sizeof line, in), "cycle\tevent\tfunction\tid\tvalue\n");
	EXPECT_STREQ(fgets(line, sizeof line, in), "10\tsee.msix\t2\t0\t0x1\n");
	EXPECT_STREQ(fgets(line, sizeof line, in), "20\tbau.arrived\t16\t3\t0x10\n");
	fclose(in);
	remove(path);
	EXPECT_EQ(event_log_write(&log_, "/nonexistent/events"), -1);
	event_log_free(&log_);
}
