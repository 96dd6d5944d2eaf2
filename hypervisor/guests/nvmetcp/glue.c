/* What the initiator needs of its surroundings: time, log lines. */
#include <stdarg.h>
#include <stdio.h>

#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"

uint64_t clock_ticks(void) {
    return csr_read(time);
}

static void log_format(const char *format, va_list arguments) {
    char line[200];
    format_arguments(line, sizeof line, format, arguments);
    print("%s", line);
}

void log_line(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_format(format, arguments);
    va_end(arguments);
}

void log_panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_format(format, arguments);
    va_end(arguments);
    shutdown(true);
}

int snprintf(char *out, size_t bytes, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int used = (int)format_arguments(out, bytes, format, arguments);
    va_end(arguments);
    return used;
}
