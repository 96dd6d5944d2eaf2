#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bau_regs.h"
#include "see_regs.h"
#include "hypervisor/events_wire.h"
#include "sim/trace/event_file.h"
#include "sim/trace/interrupts.h"
#include "sim/trace/latency.h"
#include "sim/trace/timeline.h"
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

/* Messages of network functions arrive between those of the SEE, but did not leave it; one of another VF that was reset leaves it, but does not arrive. */
TEST(latency, messages_of_other_functions_do_not_shift_those_that_are_followed)
{
	struct interrupt_sample *samples;
	emit(10, EVENT_SOFTWARE, EVENT_SW_VCPU_IN, 4, 0, 1); /* VM 4 on hart 1 */
	emit(800, EVENT_SEE, SEE_EVENT_MSIX, 2, 0, 1);
	emit(900, EVENT_BAU, BAU_EVENT_ARRIVED, 0x21, 1, 1);
	interrupt(1000, 2, 1);
	ASSERT_EQ(interrupt_samples(&log_, 0, 16, 4, &samples), 1);
	EXPECT_EQ(samples[0].sent, 1000u);
	EXPECT_EQ(samples[0].arrived, 1260u);
	EXPECT_EQ(samples[0].handler, 1356u);
	free(samples);
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

TEST(event_log, every_event_of_a_block_has_a_name)
{
	for (unsigned code = SEE_EVENT_FETCHED; code <= SEE_EVENT_INTX; code++)
		EXPECT_TRUE(strcmp(event_name(&(struct event){.source = EVENT_SEE, .code = (uint8_t)code}), "unknown") != 0);
	for (unsigned code = BAU_EVENT_ARRIVED; code <= BAU_EVENT_FAULT; code++)
		EXPECT_TRUE(strcmp(event_name(&(struct event){.source = EVENT_BAU, .code = (uint8_t)code}), "unknown") != 0);
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

TEST(timeline, spans_of_commands_interrupts_and_software)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	emit(1000, EVENT_SEE, SEE_EVENT_FETCHED, 1, 1, 0x00070002);
	emit(1034, EVENT_SEE, SEE_EVENT_DESCRIPTOR, 1, 1, 0);
	emit(90000, EVENT_SEE, SEE_EVENT_COMPLETION, 1, 1, 0);
	emit(90009, EVENT_SEE, SEE_EVENT_CQE, 1, 1, 0);
	interrupt(91000, 1, 2);
	emit(500, EVENT_SOFTWARE, EVENT_SW_VCPU_IN, 3, 1, 2);
	emit(99500, EVENT_SOFTWARE, EVENT_SW_VCPU_OUT, 3, 1, 2);
	emit(600, EVENT_SOFTWARE, EVENT_SW_PROCESS, 3, 77, 0x225c6873);
	ASSERT_EQ(timeline_write(&log_, file), 0);
	fclose(file);
	EXPECT_TRUE(strstr(text, "\"name\":\"read or get log, opcode 02, cid 7, status 0000\",\"pid\":1,\"tid\":1,\"ts\":1.000,\"cat\":\"nvme\",\"id\":1}") != NULL);
	EXPECT_TRUE(strstr(text, "\"ph\":\"e\",\"name\":\"firmware and storage\",\"pid\":1,\"tid\":1,\"ts\":90.000") != NULL);
	EXPECT_TRUE(strstr(text, "MSI-X of 0010 to target 0 on hart 2") != NULL);
	EXPECT_TRUE(strstr(text, "\"name\":\"vm3 vcpu 1\",\"pid\":3,\"tid\":2,\"ts\":0.500,\"dur\":99.000") != NULL);
	EXPECT_TRUE(strstr(text, "process 77 sh..") != NULL);
	free(text);
	event_log_free(&log_);
}

static unsigned times(const char *text, const char *what)
{
	unsigned count = 0;
	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

/* One page by a first write (faulted twice), one by the walker, one that has no content, one that was saved already; the same number in another VM is another page. */
TEST(timeline, each_page_has_one_span_from_its_fault_or_copy_to_the_volume)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	emit(1000, EVENT_SOFTWARE, EVENT_SW_PAGE_FAULT, 0, 5, 0);
	emit(1100, EVENT_SOFTWARE, EVENT_SW_PAGE_FAULT, 0, 5, 0x110);
	emit(1200, EVENT_SOFTWARE, EVENT_SW_PAGE_COPIED, 1, 5, 1);
	emit(1300, EVENT_SOFTWARE, EVENT_SW_PAGE_COPIED, 0, 5, 2);
	emit(1400, EVENT_SOFTWARE, EVENT_SW_PAGE_WRITTEN, 0, 5, 4096);
	emit(1500, EVENT_SOFTWARE, EVENT_SW_PAGE_WRITTEN, 0, 6, 0);
	emit(1600, EVENT_SOFTWARE, EVENT_SW_PAGE_WRITTEN, 1, 5, 4096);
	emit(1700, EVENT_SOFTWARE, EVENT_SW_PAGE_FAULT, 0, 7, 0);
	emit(1800, EVENT_SOFTWARE, EVENT_SW_PAGE_OPEN, 0, 7, 0);
	ASSERT_EQ(timeline_write(&log_, file), 0);
	fclose(file);
	EXPECT_EQ(times(text, "\"ph\":\"b\",\"name\":\"page\""), 3u);
	EXPECT_EQ(times(text, "\"ph\":\"e\",\"name\":\"page\""), 3u);
	EXPECT_TRUE(strstr(text, "\"ph\":\"b\",\"name\":\"page\",\"pid\":4,\"tid\":0,\"ts\":1.000,\"cat\":\"page\",\"id\":5,") != NULL);
	EXPECT_TRUE(strstr(text, "\"ph\":\"e\",\"name\":\"page\",\"pid\":4,\"tid\":0,\"ts\":1.400,\"cat\":\"page\",\"id\":5,") != NULL);
	EXPECT_TRUE(strstr(text, "\"ph\":\"e\",\"name\":\"page\",\"pid\":4,\"tid\":1,\"ts\":1.600,\"cat\":\"page\",\"id\":4294967301,") != NULL);
	EXPECT_EQ(times(text, "\"name\":\"page.written\""), 1u);
	free(text);
	event_log_free(&log_);
}

static const char *read_back(const char *content, char error[200])
{
	char path[] = "/tmp/assay-events-XXXXXX";
	int descriptor = mkstemp(path);
	FILE *file = fdopen(descriptor, "w");
	fputs(content, file);
	fclose(file);
	error[0] = '\0';
	int status = event_file_read(&log_, path, error, 200);
	unlink(path);
	return status == 0 ? NULL : error;
}

TEST(event_file, reads_what_was_written_and_names_the_line_that_is_wrong)
{
	char error[200];
	EXPECT_TRUE(read_back("cycle\tevent\tfunction\tid\tvalue\n20\tsee.cqe\t3\t4\t0x55\n", error) == NULL);
	ASSERT_EQ(log_.count, 1u);
	EXPECT_EQ(log_.events[0].cycle, 20u);
	EXPECT_EQ(log_.events[0].code, (unsigned)SEE_EVENT_CQE);
	EXPECT_EQ(log_.events[0].function, 3u);
	EXPECT_EQ(log_.events[0].id, 4u);
	EXPECT_EQ(log_.events[0].value, 0x55u);
	EXPECT_TRUE(read_back("elf\n", error) != NULL);
	EXPECT_TRUE(read_back("cycle\tevent\tfunction\tid\tvalue\n20\tsee.nothing\t3\t4\t0x55\n", error) != NULL && strstr(error, "line 2") != NULL);
	EXPECT_TRUE(read_back("cycle\tevent\tfunction\tid\tvalue\n20\tsee.cqe\t3\t4\t0x5", error) != NULL && strstr(error, "line 2") != NULL);
	event_log_free(&log_);
}
