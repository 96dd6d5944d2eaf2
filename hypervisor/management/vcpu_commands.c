/* The mailbox's operations on vCPUs and on the machine. */
#include "hypervisor/management/vcpu_commands.h"

#include "bau_regs.h"
#include "hypervisor/core/scheduler.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_hold.h"
#include "hypervisor/guest/vpci.h"

static int named_vcpu(struct mailbox_call *call, struct vcpu **out) {
    const uint64_t *a = call->request->argument;
    struct vm *vm = vm_by_index(a[0]);
    if (!vm) {
        mailbox_say(call, "no VM %lu", a[0]);
        return MAILBOX_NO_SUCH_VM;
    }
    if (a[1] >= vm->vcpu_count) {
        mailbox_say(call, "vm%u has %u vCPUs, not vCPU %lu", vm->index, vm->vcpu_count, a[1]);
        return MAILBOX_BAD_ARGUMENT;
    }
    *out = &vm->vcpus[a[1]];
    return MAILBOX_OK;
}

int op_vcpu_migrate(struct mailbox_call *call) {
    uint64_t hart = call->request->argument[2];
    struct vcpu *v;
    int status = named_vcpu(call, &v);
    if (status != MAILBOX_OK)
        return status;
    if (hart < MAX_HARTS && scheduler_migrate(v, (uint32_t)hart))
        return MAILBOX_OK;
    mailbox_say(call, "hart %lu runs no guests", hart);
    return MAILBOX_BAD_ARGUMENT;
}

int op_vcpu_pin(struct mailbox_call *call) {
    uint64_t how = call->request->argument[2];
    struct vcpu *v;
    int status = named_vcpu(call, &v);
    if (status != MAILBOX_OK)
        return status;
    if (how > 2) {
        mailbox_say(call, "pinned %lu is none of 0, 1, 2", how);
        return MAILBOX_BAD_ARGUMENT;
    }
    scheduler_pin(v, how != 0, how == 2);
    return MAILBOX_OK;
}

int op_vcpu_list(struct mailbox_call *call) {
    static const char *const states[] = {"off", "runnable", "waiting"};
    const struct vm *vm = vm_by_index(call->request->argument[0]);
    if (!vm) {
        mailbox_say(call, "no VM %lu", call->request->argument[0]);
        return MAILBOX_NO_SUCH_VM;
    }
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        const struct vcpu *v = &vm->vcpus[i];
        const struct hart *hart = v->hart;
        uint32_t state = v->state;
        mailbox_say(call, "vcpu %u hart=%u state=%s running=%u pinned=%u\n", i, hart ? hart->index : MAX_HARTS, state <= VCPU_WAITING ? states[state] : "?",
                    v->running, v->pinned);
    }
    call->reply->value[0] = vm->vcpu_count;
    return MAILBOX_OK;
}

int op_vm_path(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    struct vm *vm = vm_by_index(a[0]);
    if (!vm) {
        mailbox_say(call, "no VM %lu", a[0]);
        return MAILBOX_NO_SUCH_VM;
    }
    int status = vpci_set_path(vm, a[1] > MAILBOX_PATHS ? MAILBOX_PATHS : (uint32_t)a[1]);
    if (status != MAILBOX_OK)
        mailbox_say(call, "%s", status == MAILBOX_BAD_STATE ? "the VM was started or has no function" : "the path is none of 0 to 4");
    return status;
}

int op_bau_cold(struct mailbox_call *call) {
    bau_keep_cold(call->request->argument[0] == 1);
    return MAILBOX_OK;
}

int op_machine(struct mailbox_call *call) {
    static const char *const counters[BAU_NUM_COUNTERS] = {"messages", "direct", "mismatch", "broadcast", "recorded", "unblock", "rescan", "fault",
        "fault_lost", "dte_hit", "dte_miss", "iotlb_hit", "iotlb_miss", "dma_read", "dma_write", "command", "held", "replayed", "page_event"};
    for (uint32_t i = 0; i < hart_count; i++)
        mailbox_say(call, "hart %u guests=%u\n", i, hart_runs_guests(&harts[i]));
    for (uint32_t k = 0; bau_present() && k < BAU_NUM_COUNTERS; k++)
        mailbox_say(call, "count.%s %lu\n", counters[k], bau_counter(k));
    mailbox_say(call, "page_events %lu\n", bau_hold_events());
    call->reply->value[0] = hart_count;
    return MAILBOX_OK;
}
