/* The console's end of the hypervisor's management mailbox (hypervisor/mailbox_wire.h). */
#ifndef ASSAY_SIM_CONSOLE_MAILBOX_H
#define ASSAY_SIM_CONSOLE_MAILBOX_H

#include "hypervisor/mailbox_wire.h"
#include "sim/kernel/board.h"

enum mailbox_result { MAILBOX_ANSWERED, MAILBOX_SILENT, MAILBOX_TOO_BIG };

/** Copies a guest image to the staging area of a partition's mailbox. @return MAILBOX_ANSWERED, or MAILBOX_TOO_BIG. */
enum mailbox_result mailbox_stage(struct board *board, unsigned partition, const void *bytes, uint64_t size);

/** Sends @p request (magic and sequence are filled in) to the partition's hypervisor and runs the board until the reply is there, at most
 * @p cycles. @return MAILBOX_ANSWERED with *reply set, or MAILBOX_SILENT. */
enum mailbox_result mailbox_call(struct board *board, unsigned partition, struct mailbox_request *request, struct mailbox_reply *reply, uint64_t cycles);

#endif
