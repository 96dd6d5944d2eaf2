/* Built-in guests. */
#include "hypervisor/management/builtin.h"

#include "hypervisor/arch/sbi.h"
#include "hypervisor/core/log.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"

#define VM_MEMORY_BYTES 0x800000ull

static char bootargs[MAILBOX_ARGS_BYTES] = "workload=hello";
static uint32_t vm_count_wanted = 2, vcpus = 1;

void builtin_setup(const struct fdt *fdt) {
    const char *text = fdt_text(fdt, fdt_find_path(fdt, "/chosen"), "bootargs");
    if (text && text[0])
        string_copy(bootargs, text, sizeof bootargs);
    vm_count_wanted = (uint32_t)string_option(bootargs, "vms", vm_count_wanted);
    vcpus = (uint32_t)string_option(bootargs, "vcpus", vcpus);
}

static void start_one(uint32_t number) {
    char name[16];
    struct vm *vm;
    format_text(name, sizeof name, "builtin%u", number);
    struct vm_request request = {.name = name, .vcpus = vcpus, .memory_bytes = VM_MEMORY_BYTES, .bootargs = bootargs};
    int status = vm_create(&request, &vm);
    if (status == MAILBOX_OK)
        status = vm_start(vm);
    if (status != MAILBOX_OK)
        log_line("cannot start %s: status %d", name, status);
}

void builtin_start(void) {
    for (uint32_t i = 0; i < vm_count_wanted && i < MAX_VMS; i++)
        start_one(i);
}

static void report(const struct vm *vm) {
    log_line("vm%u %s, switches %lu, ecalls %lu, mmio %lu, wfi %lu, faults %lu", vm->index, vm_state_name(vm->state),
             vm->statistics[VM_SWITCHES], vm->statistics[VM_EXIT_ECALL], vm->statistics[VM_EXIT_MMIO],
             vm->statistics[VM_EXIT_WFI], vm->statistics[VM_FAULT_INJECTED]);
}

void builtin_poll(void) {
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && vm_runs(&vms[i]))
            return;
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use) {
            report(&vms[i]);
            vm_destroy(&vms[i]);
        }
    log_line("all guests have ended");
    sbi_call(SBI_SRST, 0, 0, 0, 0, 0, 0);
}
