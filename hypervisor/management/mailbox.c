/* The mailbox's transport: take a request, execute it, reply. Format and protocol: hypervisor/mailbox_wire.h. */
#include "hypervisor/core/log.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/management/builtin.h"
#include "hypervisor/management/management.h"
#include "hypervisor/snapshot/protect.h"
#include "hypervisor/tasks.h"

static uint32_t irq_mailbox;
static struct mailbox_request *shared_request;
static struct mailbox_reply *shared_reply;
static const uint8_t *staging;
static uint64_t staging_bytes;

static struct mailbox_request request; /* our copy: the console cannot change it under our hands */
static struct mailbox_reply reply;

void management_setup(const struct fdt *fdt) {
    uint64_t address, bytes;
    int node = fdt_find_compatible(fdt, FDT_NONE, "assay,mailbox");
    if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &address, &bytes) || bytes <= MAILBOX_STAGING_OFFSET) {
        builtin_setup(fdt);
        return;
    }
    fdt_cell(fdt, node, "interrupts", 0, &irq_mailbox);
    shared_request = (struct mailbox_request *)(address + MAILBOX_REQUEST_OFFSET);
    shared_reply = (struct mailbox_reply *)(address + MAILBOX_REPLY_OFFSET);
    staging = (const uint8_t *)(address + MAILBOX_STAGING_OFFSET);
    staging_bytes = bytes - MAILBOX_STAGING_OFFSET;
}

static bool request_waits(void) {
    return __atomic_load_n(&shared_request->sequence, __ATOMIC_ACQUIRE) != __atomic_load_n(&shared_reply->taken, __ATOMIC_RELAXED);
}

/* PLIC handler: copying the request lowers the line; the work is done by the loop. */
static void take_request(uint32_t source) {
    (void)source;
    if (!request_waits())
        return;
    memcpy(&request, shared_request, sizeof request);
    request.name[MAILBOX_NAME_BYTES - 1] = 0;
    request.text[MAILBOX_ARGS_BYTES - 1] = 0;
    __atomic_store_n(&shared_reply->taken, request.sequence, __ATOMIC_RELEASE);
}

void management_start(void) {
    bau_setup_manager();
    snapshot_setup();
    if (!shared_request) {
        builtin_start();
        return;
    }
    log_line("mailbox: at 0x%lx", (uint64_t)shared_request);
    irq_enable(irq_mailbox, take_request);
    __atomic_store_n(&shared_reply->magic, MAILBOX_REPLY_MAGIC, __ATOMIC_RELEASE);
}

/* Everything but the sequence, which the console waits for, and the taken word. */
static void publish_reply(void) {
    shared_reply->status = reply.status;
    memcpy(shared_reply->value, reply.value, sizeof reply.value);
    memcpy(shared_reply->text, reply.text, sizeof reply.text);
    shared_reply->text_bytes = reply.text_bytes;
    __atomic_store_n(&shared_reply->sequence, request.sequence, __ATOMIC_RELEASE);
}

void management_poll(void) {
    if (!shared_request) {
        builtin_poll();
        return;
    }
    tasks_poll(csr_read(time));
    if (request_waits())
        take_request(0);
    if (shared_reply->sequence == shared_reply->taken)
        return;
    struct mailbox_call call = {&request, &reply, staging, staging_bytes, 0};
    memset(&reply, 0, sizeof reply);
    reply.status = management_execute(&call);
    reply.text_bytes = call.text_used;
    publish_reply();
}
