#include "sim/kernel/board_outputs.h"

#include <stdio.h>

#include "hypervisor/events_wire.h"
#include "sim/kernel/board_console.h"
#include "sim/kernel/hash.h"
#include "sys_regs.h"

enum { CAUSE_VS_EXTERNAL = 10 };

static const uint64_t CAUSE_INTERRUPT = 1ull << 63;

void board_request_stop(struct board *board, uint64_t cycle)
{
	if (board->stopping)
		return;
	board->stopping = true;
	board->stop_cycle = (cycle / DOMAIN_LOOKAHEAD_CYCLES + 2) * DOMAIN_LOOKAHEAD_CYCLES;
	platform_stop_at(board->stop_cycle);
}

static void fail(struct board *board, const char *text, uint64_t cycle)
{
	if (!board->failure[0])
		snprintf(board->failure, sizeof board->failure, "%s", text);
	board_request_stop(board, cycle);
}

static void note_message(struct board *board, enum platform_domain from, const void *bytes, size_t length, uint64_t cycle)
{
	board->message_hash[from] = hash_message(board->message_hash[from], bytes, length, cycle);
}

static void send_tlp(struct board *board, enum platform_domain from, const struct tlp *tlp, uint64_t cycle)
{
	note_message(board, from, tlp->beat, tlp->beats * sizeof tlp->beat[0], cycle);
	platform_send_tlp(from, tlp, cycle);
}

static void host_send(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	send_tlp(ctx, PLATFORM_HOST, tlp, cycle);
}

static void nic_send(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	send_tlp(ctx, PLATFORM_NIC, tlp, cycle);
}

static void note_frame(struct board *board, unsigned code, size_t length, uint64_t cycle)
{
	struct event event = {
		.cycle = cycle, .source = EVENT_LINK, .code = (uint8_t)code, .id = (uint32_t)board->log.seen[EVENT_LINK][code] + 1, .value = length,
	};
	event_log_add(&board->log, &event);
}

static void nic_send_frame(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle)
{
	note_frame(ctx, EVENT_LINK_FRAME_SENT, length, cycle);
	note_message(ctx, PLATFORM_NIC, frame, length, cycle);
	platform_send_frame(PLATFORM_NIC, 0, frame, length, cycle);
}

void board_fabric_sends(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	note_frame(ctx, EVENT_LINK_FRAME_ARRIVES, length, cycle + LINK_ETHERNET_CYCLES);
	note_message(ctx, PLATFORM_FABRIC, frame, length, cycle);
	platform_send_frame(PLATFORM_FABRIC, port, frame, length, cycle);
}

static void host_byte(void *ctx, unsigned partition, uint8_t byte, uint64_t cycle)
{
	struct board *board = ctx;
	if (board_console_put(partition ? &board->partition_console : &board->host_console, byte))
		board_request_stop(board, cycle);
}

static void nic_byte(void *ctx, uint8_t byte, uint64_t cycle)
{
	struct board *board = ctx;
	if (board_console_put(&board->nic_console, byte))
		board_request_stop(board, cycle);
}

static void host_finish(void *ctx, unsigned code, uint64_t cycle)
{
	struct board *board = ctx;
	board->finished = true;
	board->finish_code = code;
	board_request_stop(board, cycle);
}

static void nic_finish(void *ctx, unsigned code, uint64_t cycle)
{
	char text[80];
	snprintf(text, sizeof text, "the NIC's firmware stopped with code %u", code);
	fail(ctx, text, cycle);
}

/* A firmware that breaks must not pass unseen because it gets up again. */
static void nic_restart(void *ctx, uint64_t cause, uint64_t pc, uint64_t cycle)
{
	struct board *board = ctx;
	char text[120];

	if (cause == SYS_CAUSE_ACTIVATE)
		return;
	board->firmware_crashes++;
	snprintf(text, sizeof text, "the NIC's firmware %s, at %llx", cause == SYS_CAUSE_WATCHDOG ? "hung: the watchdog reset it" : "crashed and restarts", (unsigned long long)pc);
	if (board->firmware_crashes > board->firmware_crashes_expected)
		fail(board, text, cycle);
}

/* The trap is taken in this cycle; the handler's first instruction executes in the next. */
static void host_trap(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t cycle)
{
	struct board *board = ctx;
	const struct hart *state = hart_state(board->host.host->core[hart]);
	(void)epc;
	if (cause != (CAUSE_INTERRUPT | CAUSE_VS_EXTERNAL) || !state->virt)
		return;
	struct event event = {
		.cycle = cycle + 1, .source = EVENT_HART, .code = EVENT_HART_GUEST_INTERRUPT, .function = (uint16_t)hart, .value = state->pc,
	};
	event_log_add(&board->log, &event);
}

static void host_event(void *ctx, uint64_t word, uint64_t value, uint64_t cycle)
{
	struct board *board = ctx;
	struct event event = {
		.cycle = cycle, .source = EVENT_SOFTWARE, .code = (uint8_t)(word & 0xff), .function = (uint16_t)(word >> 16), .id = (uint32_t)(word >> 32), .value = value,
	};
	if ((word & 0xffff) >= EVENT_SW_CODES)
		return;
	event_log_add(&board->log, &event);
	if (board->observe)
		board->observe(board->observe_ctx, board, &event);
}

static void block_mismatch(struct board *board, const struct block *block, uint64_t cycle)
{
	const struct block_mismatch *mismatch = &block->mismatch;
	char text[BOARD_ERROR_BYTES];
	snprintf(text, sizeof text, "lockstep mismatch in block %s, port %s, cycle %llu: model %s, rtl %s", block->type->pins->block, mismatch->pin,
		 (unsigned long long)mismatch->cycle, mismatch->model_value, mismatch->rtl_value);
	fail(board, text, cycle);
}

void board_note_mismatch(void *ctx, const struct block *block, uint64_t cycle)
{
	block_mismatch(ctx, block, cycle);
}

struct host_ops board_host_ops(struct board *board)
{
	return (struct host_ops){
		.ctx = board, .link = {host_send, board}, .console = host_byte, .finish = host_finish, .trap = host_trap, .event = host_event,
	};
}

struct nic_ops board_nic_ops(struct board *board)
{
	return (struct nic_ops){
		.ctx = board, .link = {nic_send, board}, .frame = nic_send_frame, .console = nic_byte, .finish = nic_finish, .restart = nic_restart,
	};
}
