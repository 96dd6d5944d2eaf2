/* The management loop on the manager hart: the mailbox's requests, or, without a mailbox, a built-in set of guests. */
#ifndef HYPERVISOR_MANAGEMENT_MANAGEMENT_H
#define HYPERVISOR_MANAGEMENT_MANAGEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"
#include "hypervisor/mailbox_wire.h"

/** Finds the mailbox. Boot hart. */
void management_setup(const struct fdt *fdt);
/** Manager hart, before its loop. */
void management_start(void);
/** Serves what has arrived. */
void management_poll(void);

/** What an operation may use: the request's copy, the reply, and the staging area. */
struct mailbox_call {
    const struct mailbox_request *request;
    struct mailbox_reply *reply;
    const uint8_t *staging;
    uint64_t staging_bytes;
    uint32_t text_used;
};

/** Adds to the reply's text; what does not fit is cut. */
void mailbox_say(struct mailbox_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Carries the request out. @return enum mailbox_status; values and text go to the reply */
int management_execute(struct mailbox_call *call);

#endif
