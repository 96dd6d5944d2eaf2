/* What a VM says, and what is said about it. */
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/uart.h"
#include "hypervisor/lib/format.h"

static void flush_line(struct vm *vm) {
    char prefix[16];
    format_text(prefix, sizeof prefix, "[vm%u] ", vm->index);
    vm->console.line[vm->console.used] = 0;
    vm->console.used = 0;
    uart_write_line(prefix, vm->console.line);
}

/* Control characters of a guest never reach the host's terminal. */
void vm_console_put(struct vm *vm, char c) {
    struct vm_console *console = &vm->console;
    lock_take(&console->lock);
    if (c == '\n' || console->used == VM_CONSOLE_BYTES - 1)
        flush_line(vm);
    if ((c >= ' ' && c <= '~') || c == '\t')
        console->line[console->used++] = c;
    lock_release(&console->lock);
}

const char *vm_statistic_name(enum vm_statistic what) {
    static const char *const names[VM_STATISTICS] = {
        [VM_EXIT_INTERRUPT] = "exits.interrupt", [VM_EXIT_ECALL] = "exits.ecall",
        [VM_EXIT_MMIO] = "exits.mmio",           [VM_EXIT_WFI] = "exits.wfi",
        [VM_EXIT_PROTECTED] = "exits.protected",
        [VM_EXIT_OTHER] = "exits.other",         [VM_TIMER_INJECTED] = "injected.timer",
        [VM_IPI_INJECTED] = "injected.ipi",      [VM_FAULT_INJECTED] = "injected.fault",
        [VM_SWITCHES] = "switches",              [VM_BROADCASTS] = "broadcasts",
        [VM_RELOADED] = "reloaded",            [VM_CLASSICAL] = "classical",
        [VM_MIGRATIONS] = "migrations",        [VM_RUN_TICKS] = "ticks.run",
        [VM_STEAL_TICKS] = "ticks.steal",
    };
    return names[what];
}

const char *vm_state_name(uint32_t state) {
    static const char *const names[] = {"created", "running", "stopped", "shutdown", "crashed", "paused"};
    return state < sizeof names / sizeof names[0] ? names[state] : "?";
}
