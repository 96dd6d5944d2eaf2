/* The mailbox's operations, one function each, in a table. */
#include "hypervisor/arch/hart.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/pf.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/management/snapshot_commands.h"
#include "hypervisor/management/task_commands.h"
#include "hypervisor/management/vcpu_commands.h"
#include "hypervisor/snapshot/session.h"
#include "hypervisor/tasks.h"

typedef int operation(struct mailbox_call *call);

void mailbox_say(struct mailbox_call *call, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    call->text_used += (uint32_t)format_arguments(call->reply->text + call->text_used, MAILBOX_TEXT_BYTES - call->text_used, format, arguments);
    va_end(arguments);
}

static struct vm *named_vm(struct mailbox_call *call) {
    struct vm *vm = vm_by_index(call->request->argument[0]);
    if (!vm)
        mailbox_say(call, "no VM %lu", call->request->argument[0]);
    return vm;
}

/* The VM of an operation that interferes with it. @return MAILBOX_OK and the VM, MAILBOX_NO_SUCH_VM, or MAILBOX_BUSY while a task has it */
static int named_idle_vm(struct mailbox_call *call, struct vm **vm) {
    *vm = named_vm(call);
    if (!*vm)
        return MAILBOX_NO_SUCH_VM;
    return task_commands_refuse(call, tasks_resource(TASKS_VM, (*vm)->index)) ? MAILBOX_BUSY : MAILBOX_OK;
}

/* Whether VF @p vf or the VM that has it belongs to a task; the reply says so. */
static bool vf_is_busy(struct mailbox_call *call, uint32_t vf) {
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && vms[i].vf == vf && task_commands_refuse(call, tasks_resource(TASKS_VM, i)))
            return true;
    return task_commands_refuse(call, tasks_resource(TASKS_FUNCTION, vf));
}

static int op_ping(struct mailbox_call *call) {
    call->reply->value[0] = MAILBOX_VERSION;
    call->reply->value[1] = hart_count;
    call->reply->value[2] = memory_free_bytes();
    return MAILBOX_OK;
}

static int op_vm_create(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    if (a[3] && (a[2] > call->staging_bytes || a[3] > call->staging_bytes - a[2])) {
        mailbox_say(call, "image outside the staging area of %lu bytes", call->staging_bytes);
        return MAILBOX_BAD_ARGUMENT;
    }
    if (a[5] && (a[4] > a[3] || a[5] > a[3] - a[4])) {
        mailbox_say(call, "initial RAM disk outside the %lu bytes of the image", a[3]);
        return MAILBOX_BAD_ARGUMENT;
    }
    struct vm_request request = {
        .name = call->request->name,
        .vcpus = a[0] > MAX_VCPUS ? MAX_VCPUS + 1 : (uint32_t)a[0],
        .memory_bytes = a[1],
        .image = a[3] ? call->staging + a[2] : NULL,
        .image_bytes = a[5] ? a[4] : a[3],
        .initrd = a[5] ? call->staging + a[2] + a[4] : NULL,
        .initrd_bytes = a[5],
        .bootargs = call->request->text,
    };
    struct vm *vm;
    int status = vm_create(&request, &vm);
    if (status == MAILBOX_OK)
        call->reply->value[0] = vm->index;
    else
        mailbox_say(call, "cannot create %s: %s", call->request->name,
            status == MAILBOX_BAD_IMAGE ? "not an RV64 image that fits the VM's memory"
            : status == MAILBOX_NO_MEMORY ? "memory or VMs exhausted"
                                          : "name taken, or vCPUs or memory size out of range");
    return status;
}

static int op_vm_assign_vf(struct mailbox_call *call) {
    struct vm *vm;
    uint64_t vf = call->request->argument[1];
    int status = named_idle_vm(call, &vm);
    if (status != MAILBOX_OK)
        return status;
    status = vpci_attach(vm, vf > UINT32_MAX ? 0 : (uint32_t)vf);
    if (status != MAILBOX_OK)
        mailbox_say(call, "cannot give VF %lu to vm%u: %s", vf, vm->index,
            status == MAILBOX_BAD_STATE ? "VM was started or has a VF, or the VF is taken" : "no such VF or no BAU");
    return status;
}

static int op_vm_assign_net(struct mailbox_call *call) {
    struct vm *vm;
    uint64_t function = call->request->argument[1];
    int status = named_idle_vm(call, &vm);
    if (status != MAILBOX_OK)
        return status;
    status = vpci_attach_net(vm, function > UINT16_MAX ? UINT16_MAX : (uint32_t)function);
    if (status != MAILBOX_OK)
        mailbox_say(call, "cannot give network function %lu to vm%u: %s", function, vm->index,
            status == MAILBOX_BAD_STATE ? "VM was started or has one, or it is taken" : "no such function or no BAU");
    return status;
}

static int op_vm_start(struct mailbox_call *call) {
    struct vm *vm;
    int status = named_idle_vm(call, &vm);
    if (status != MAILBOX_OK)
        return status;
    status = vm_start(vm);
    if (status != MAILBOX_OK)
        mailbox_say(call, "vm%u is %s", vm->index, vm_state_name(vm->state));
    return status;
}

static int op_vm_stop(struct mailbox_call *call) {
    struct vm *vm;
    int status = named_idle_vm(call, &vm);
    if (status != MAILBOX_OK)
        return status;
    if (!vm_runs(vm)) {
        mailbox_say(call, "vm%u is %s", vm->index, vm_state_name(vm->state));
        return MAILBOX_BAD_STATE;
    }
    vm_stop(vm);
    return MAILBOX_OK;
}

/* Forced: a snapshot of the VM fails, any other task that has it is cancelled; a VM that a restore has made goes with that. */
static int op_vm_destroy(struct mailbox_call *call) {
    struct vm *vm = named_vm(call);
    bool saved = false;
    if (!vm)
        return MAILBOX_NO_SUCH_VM;
    uint64_t resource = tasks_resource(TASKS_VM, vm->index);
    if (call->request->argument[1] == MAILBOX_DESTROY_FORCE) {
        saved = snapshot_session_forget_vm(vm); /* its task goes on until the volume has answered, without the VM */
        tasks_cancel(resource, csr_read(time));
    }
    if (!vm->in_use)
        return MAILBOX_OK;
    if (!saved && task_commands_refuse(call, resource))
        return MAILBOX_BUSY;
    vm_destroy(vm);
    return MAILBOX_OK;
}

static int op_vm_list(struct mailbox_call *call) {
    for (uint32_t i = 0; i < MAX_VMS; i++) {
        const struct vm *vm = vm_by_index(i);
        if (!vm)
            continue;
        call->reply->value[0]++;
        mailbox_say(call, "vm%u name=%s state=%s vcpus=%u memory=%lu vf=%u\n", i, vm->name, vm_state_name(vm->state), vm->vcpu_count,
            vm->memory_bytes, vm->vf);
    }
    return MAILBOX_OK;
}

static int op_vm_stat(struct mailbox_call *call) {
    const struct vm *vm = named_vm(call);
    if (!vm)
        return MAILBOX_NO_SUCH_VM;
    call->reply->value[0] = vm->state;
    for (int i = 0; i < VM_STATISTICS; i++) {
        if (i <= VM_EXIT_OTHER)
            call->reply->value[1] += vm->statistics[i];
        mailbox_say(call, "%s %lu\n", vm_statistic_name((enum vm_statistic)i), vm->statistics[i]);
    }
    mailbox_say(call, "bau.faults %lu\n", bau_faults());
    return MAILBOX_OK;
}

static int op_vm_memory(struct mailbox_call *call) {
    const struct vm *vm = named_vm(call);
    if (!vm)
        return MAILBOX_NO_SUCH_VM;
    call->reply->value[0] = gstage_hgatp(&vm->gstage, vm->vmid);
    call->reply->value[1] = VM_RAM_BASE;
    call->reply->value[2] = vm->memory_bytes;
    return MAILBOX_OK;
}

static int pf_failure(struct mailbox_call *call, int status, uint16_t nvme_error) {
    if (status == MAILBOX_DEVICE_ERROR) {
        call->reply->value[0] = nvme_error;
        mailbox_say(call, "the PF answered NVMe status 0x%x", nvme_error);
    } else if (status != MAILBOX_OK) {
        mailbox_say(call, "%s", status == MAILBOX_TIMEOUT        ? "the PF did not answer in time"
                        : status == MAILBOX_BAD_STATE    ? "the PF is enabled already"
                        : status == MAILBOX_BAD_ARGUMENT ? "VF number out of range"
                                                         : "no PF with that many VFs is enabled");
    }
    return status;
}

static int op_pf_enable(struct mailbox_call *call) {
    uint64_t vfs = call->request->argument[0];
    struct pf_function first;
    int status = pf_enable(vfs > UINT32_MAX ? 0 : (uint32_t)vfs);
    if (status == MAILBOX_OK && pf_get_vf(1, &first)) {
        call->reply->value[0] = pf_rid();
        call->reply->value[1] = first.rid;
    }
    return pf_failure(call, status, 0);
}

static int op_pf_set_vfs(struct mailbox_call *call) {
    uint64_t vfs = call->request->argument[0];
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && vms[i].vf && (task_commands_refuse(call, tasks_resource(TASKS_VM, i)) || task_commands_refuse(call, tasks_resource(TASKS_FUNCTION, vms[i].vf))))
            return MAILBOX_BUSY;
    return pf_failure(call, pf_set_vfs(vfs > UINT32_MAX ? UINT32_MAX : (uint32_t)vfs, vpci_lose_vfs, vpci_return_vfs), 0);
}

static int op_volume_attach(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    uint16_t nvme_error = 0;
    if (a[0] > UINT32_MAX || a[1] > UINT32_MAX)
        return pf_failure(call, MAILBOX_BAD_ARGUMENT, 0);
    if (vf_is_busy(call, (uint32_t)a[0]))
        return MAILBOX_BUSY;
    int status = pf_attach_volume((uint32_t)a[0], (uint32_t)a[1], &nvme_error);
    return pf_failure(call, status, nvme_error);
}

static int op_volume_limit(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    uint16_t nvme_error = 0;
    if (a[0] > UINT32_MAX || a[1] > UINT32_MAX || a[2] > UINT32_MAX)
        return pf_failure(call, MAILBOX_BAD_ARGUMENT, 0);
    int status = pf_limit_vf((uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2], &nvme_error);
    return pf_failure(call, status, nvme_error);
}

static int op_nic_update(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    uint16_t nvme_error = 0;
    if (a[0] > 7 || a[1] > 7 || a[3] > call->staging_bytes) {
        mailbox_say(call, "slot or commit action out of range, or an image beyond the staging area");
        return MAILBOX_BAD_ARGUMENT;
    }
    int status = pf_update_firmware(call->staging, a[3], (uint32_t)a[0], (uint32_t)a[1], &nvme_error);
    return pf_failure(call, status, nvme_error);
}

static int op_volume_list(struct mailbox_call *call) {
    uint16_t nvme_error = 0;
    int status = pf_list_volumes(call->reply->text, MAILBOX_TEXT_BYTES, &nvme_error);
    if (status != MAILBOX_OK)
        return pf_failure(call, status, nvme_error);
    char *text = call->reply->text;
    for (; text[call->text_used]; call->text_used++)
        if (text[call->text_used] != '\n' && (text[call->text_used] < ' ' || text[call->text_used] > '~'))
            text[call->text_used] = '?';
    call->reply->value[0] = call->text_used;
    return MAILBOX_OK;
}

int management_execute(struct mailbox_call *call) {
    static operation *const operations[MAILBOX_OPS] = {
        [MAILBOX_PING] = op_ping,
        [MAILBOX_VM_CREATE] = op_vm_create,
        [MAILBOX_VM_ASSIGN_VF] = op_vm_assign_vf,
        [MAILBOX_VM_ASSIGN_NET] = op_vm_assign_net,
        [MAILBOX_VM_START] = op_vm_start,
        [MAILBOX_VM_STOP] = op_vm_stop,
        [MAILBOX_VM_DESTROY] = op_vm_destroy,
        [MAILBOX_VM_LIST] = op_vm_list,
        [MAILBOX_VM_STAT] = op_vm_stat,
        [MAILBOX_VM_MEMORY] = op_vm_memory,
        [MAILBOX_PF_ENABLE] = op_pf_enable,
        [MAILBOX_PF_SET_VFS] = op_pf_set_vfs,
        [MAILBOX_VOLUME_ATTACH] = op_volume_attach,
        [MAILBOX_VOLUME_LIST] = op_volume_list,
        [MAILBOX_VOLUME_LIMIT] = op_volume_limit,
        [MAILBOX_NIC_UPDATE] = op_nic_update,
        [MAILBOX_SNAPSHOT_VOLUME] = op_snapshot_volume,
        [MAILBOX_SNAPSHOT_START] = op_snapshot_start,
        [MAILBOX_SNAPSHOT_STATUS] = op_snapshot_status,
        [MAILBOX_SNAPSHOT_BENCH] = op_snapshot_bench,
        [MAILBOX_SNAPSHOT_LIST] = op_snapshot_list,
        [MAILBOX_SNAPSHOT_REMOVE] = op_snapshot_remove,
        [MAILBOX_VM_RESTORE] = op_vm_restore,
        [MAILBOX_RESTORE_STATUS] = op_restore_status,
        [MAILBOX_TASK_LIST] = op_task_list,
        [MAILBOX_TASK_CANCEL] = op_task_cancel,
        [MAILBOX_VM_CHECKSUM] = op_vm_checksum,
        [MAILBOX_VCPU_MIGRATE] = op_vcpu_migrate,
        [MAILBOX_VCPU_PIN] = op_vcpu_pin,
        [MAILBOX_VM_PATH] = op_vm_path,
        [MAILBOX_VCPU_LIST] = op_vcpu_list,
        [MAILBOX_MACHINE] = op_machine,
        [MAILBOX_BAU_COLD] = op_bau_cold,
    };
    uint32_t op = call->request->op;
    if (call->request->magic != MAILBOX_REQUEST_MAGIC || op >= MAILBOX_OPS || !operations[op]) {
        mailbox_say(call, "no operation %u", op);
        return MAILBOX_BAD_OP;
    }
    return operations[op](call);
}
