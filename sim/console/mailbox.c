#include "sim/console/mailbox.h"

#include <string.h>

enum { POLL_CYCLES = 5000 };

static struct mailbox_reply *reply_of(struct board *board, unsigned partition)
{
	return host_ram(board->host.host, host_mailbox_base(board->host.host, partition) + MAILBOX_REPLY_OFFSET, sizeof(struct mailbox_reply));
}

/* Runs until the word at @p word is @p value, looking every POLL_CYCLES. */
static bool run_until(struct board *board, const uint32_t *word, uint32_t value, uint64_t *cycles)
{
	while (*word != value) {
		if (*cycles < POLL_CYCLES || board->finished || board->failure[0])
			return false;
		board_run(board, POLL_CYCLES);
		*cycles -= POLL_CYCLES;
	}
	return true;
}

enum mailbox_result mailbox_stage(struct board *board, unsigned partition, const void *bytes, uint64_t size)
{
	struct host *host = board->host.host;
	if (size > host->config.mailbox_bytes - MAILBOX_STAGING_OFFSET)
		return MAILBOX_TOO_BIG;
	host_write_ram(host, host_mailbox_base(host, partition) + MAILBOX_STAGING_OFFSET, bytes, size);
	return MAILBOX_ANSWERED;
}

enum mailbox_result mailbox_call(struct board *board, unsigned partition, struct mailbox_request *request, struct mailbox_reply *reply, uint64_t cycles)
{
	struct mailbox_reply *live = reply_of(board, partition);

	if (!run_until(board, &live->magic, MAILBOX_REPLY_MAGIC, &cycles))
		return MAILBOX_SILENT;
	request->magic = MAILBOX_REQUEST_MAGIC;
	request->sequence = live->sequence + 1 ? live->sequence + 1 : 1;
	host_write_ram(board->host.host, host_mailbox_base(board->host.host, partition) + MAILBOX_REQUEST_OFFSET, request, sizeof *request);
	host_ring_mailbox(board->host.host, partition);
	if (!run_until(board, &live->sequence, request->sequence, &cycles))
		return MAILBOX_SILENT;
	*reply = *live;
	return MAILBOX_ANSWERED;
}
