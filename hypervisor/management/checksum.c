#include "hypervisor/management/checksum.h"

#include "hypervisor/core/vm.h"
#include "hypervisor/guests/kernel/crc32c.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/tasks.h"

#define SLICE_BYTES 4096u

static uint8_t tables[CRC32C_TABLE_BYTES] __attribute__((aligned(16)));

/* arguments: VM, bytes done. The sum so far is the result. */
static int start(void *context, struct task *task) {
    (void)context;
    crc32c_setup(tables);
    task->result = 0;
    return 0;
}

static void poll(struct task *task) {
    const struct vm *vm = &vms[task->arguments[0]];
    uint64_t done = task->arguments[1];
    task->result = crc32c((uint32_t)task->result, vm->memory + done, SLICE_BYTES);
    task->arguments[1] = done + SLICE_BYTES;
    if (task->arguments[1] >= vm->memory_bytes)
        task_succeed(tasks_manager(), task->number, 0);
    else
        task_progress(tasks_manager(), task->number, task->arguments[1], vm->memory_bytes);
}

static uint32_t kind(void) {
    static const struct tasks_kind checksum = {.routine = {.name = "checksum", .start = start}, .poll = poll};
    static uint32_t registered;
    if (!registered)
        registered = tasks_register(&checksum) + 1;
    return registered - 1;
}

int checksum_start(const struct vm *vm, uint32_t *number) {
    char name[TASK_NAME_BYTES];
    if (vm_runs(vm))
        return MAILBOX_BAD_STATE;
    format_text(name, sizeof name, "checksum vm%u", vm->index);
    struct task_request request = {.name = name, .routine = kind(), .policy = TASK_REJECT, .resource_count = 1,
                                   .resources = {tasks_resource(TASKS_VM, vm->index)}, .arguments = {vm->index}};
    enum task_status status = task_accept(tasks_manager(), &request, 0, number);
    return status == TASK_OK ? MAILBOX_OK : status == TASK_BUSY ? MAILBOX_BUSY : MAILBOX_NO_MEMORY;
}
