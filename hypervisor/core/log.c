/* The hypervisor's lines on the host console. */
#include "hypervisor/core/log.h"

#include "hypervisor/arch/sbi.h"
#include "hypervisor/drivers/uart.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"

#define LINE_BYTES 256

static void print(const char *prefix, const char *format, va_list arguments) {
    char line[LINE_BYTES];
    format_arguments(line, sizeof line, format, arguments);
    uart_write_line(prefix, line);
}

void log_line(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print("[hv] ", format, arguments);
    va_end(arguments);
}

void panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print("[hv] panic: ", format, arguments);
    va_end(arguments);
    sbi_call(SBI_SRST, 0, 0, 1, 0, 0, 0);
    for (;;)
        __asm__ volatile("wfi");
}

/* From arch/switch.S: a trap in HS-mode that nothing expects. */
void host_trap_panic(uint64_t cause, uint64_t pc, uint64_t value, uint64_t caller) __attribute__((noreturn));
void host_trap_panic(uint64_t cause, uint64_t pc, uint64_t value, uint64_t caller) {
    panic("trap in the hypervisor: cause %lu pc 0x%lx value 0x%lx ra 0x%lx", cause, pc, value, caller);
}
