/* The hypervisor's own lines on the host console, and the failures that it cannot survive. */
#ifndef HYPERVISOR_CORE_LOG_H
#define HYPERVISOR_CORE_LOG_H

/** Prints one line, "[hv] " in front; lines of different harts never mix. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Prints the line and stops the machine: an invariant of the hypervisor itself is broken. */
void panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#define CHECK(condition) \
    do { \
        if (!(condition)) \
            panic("%s:%d: %s", __FILE__, __LINE__, #condition); \
    } while (0)

#endif
