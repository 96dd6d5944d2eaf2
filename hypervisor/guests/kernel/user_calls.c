/* System calls of processes: Linux's numbers (include/uapi/asm-generic/unistd.h, the same for RV64 and A64) and errors. */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/user.h"
#include "hypervisor/lib/csr.h"

enum call_number {
    CALL_IOCTL = 29, CALL_WRITE = 64, CALL_WRITEV = 66, CALL_EXIT = 93, CALL_EXIT_GROUP = 94, CALL_SET_TID_ADDRESS = 96, CALL_CLOCK_GETTIME = 113,
    CALL_YIELD = 124, CALL_GETPID = 172, CALL_BRK = 214, CALL_MUNMAP = 215, CALL_MMAP = 222,
};
enum call_error { ERROR_BADF = -9, ERROR_NOMEM = -12, ERROR_FAULT = -14, ERROR_INVAL = -22, ERROR_NOTTY = -25, ERROR_NOSYS = -38 };

#define ARGUMENTS 6u
#define BRK_LIMIT 0x40000000ull
#define MAP_ANONYMOUS 0x20u
#define MAP_FIXED 0x10u
#define PROT_WRITE 2u
#define PROT_EXEC 4u
#define TICK_NS 100u

static uint64_t failure(enum call_error e) {
    return (uint64_t)(int64_t)e;
}

void user_flush(struct process *p) {
    if (p->line_used)
        print("%s| %s", p->name, p->line);
    p->line_used = 0;
}

static void put_byte(struct process *p, char c) {
    if (c != '\n')
        p->line[p->line_used++] = c;
    p->line[p->line_used] = 0;
    if (c == '\n' && !p->line_used)
        print("%s|", p->name);
    if (c == '\n' || p->line_used == PROCESS_LINE_BYTES - 1)
        user_flush(p);
}

static uint64_t do_write(struct process *p, uint64_t descriptor, uint64_t from, uint64_t bytes) {
    if (descriptor != 1 && descriptor != 2)
        return failure(ERROR_BADF);
    for (uint64_t i = 0; i < bytes; i++) {
        const uint8_t *byte = user_byte(p, from + i, false);
        if (!byte)
            return i ? i : failure(ERROR_FAULT);
        put_byte(p, (char)*byte);
    }
    return bytes;
}

static uint64_t do_writev(struct process *p, const uint64_t *a) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < a[2]; i++) {
        uint64_t part[2], wrote;
        if (!user_copy_in(p, part, a[1] + 16 * i, sizeof part))
            return sum ? sum : failure(ERROR_FAULT);
        wrote = do_write(p, a[0], part[0], part[1]);
        if ((int64_t)wrote < 0)
            return sum ? sum : wrote;
        sum += wrote;
    }
    return sum;
}

static uint64_t do_brk(struct process *p, uint64_t to) {
    if (to < p->brk_start || to > BRK_LIMIT)
        return p->brk;
    if (to > p->brk && !user_map(p, p->brk, to - p->brk, true, false))
        return p->brk;
    p->brk = to;
    return to;
}

/* Anonymous memory where the kernel likes; it stays until the process ends. */
static uint64_t do_mmap(struct process *p, const uint64_t *a) {
    uint64_t at = p->map_next, bytes = (a[1] + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    if (!a[1] || bytes < a[1] || !(a[3] & MAP_ANONYMOUS) || a[3] & MAP_FIXED)
        return failure(ERROR_INVAL);
    if (!user_map(p, at, bytes, a[2] & PROT_WRITE, a[2] & PROT_EXEC))
        return failure(ERROR_NOMEM);
    p->map_next += bytes + PAGE_BYTES;
    return at;
}

static uint64_t do_clock(struct process *p, uint64_t to) {
    uint64_t ns = csr_read(time) * TICK_NS;
    const uint64_t when[2] = {ns / 1000000000u, ns % 1000000000u};
    return user_copy_out(p, to, when, sizeof when) ? 0 : failure(ERROR_FAULT);
}

static uint64_t serve(struct process *p, uint64_t number, const uint64_t *a) {
    switch (number) {
    case CALL_WRITE:
        return do_write(p, a[0], a[1], a[2]);
    case CALL_WRITEV:
        return do_writev(p, a);
    case CALL_EXIT:
    case CALL_EXIT_GROUP:
        p->ended = true;
        p->status = a[0] & 0xff;
        return 0;
    case CALL_BRK:
        return do_brk(p, a[0]);
    case CALL_MMAP:
        return do_mmap(p, a);
    case CALL_MUNMAP:
    case CALL_YIELD:
        return 0;
    case CALL_CLOCK_GETTIME:
        return do_clock(p, a[1]);
    case CALL_GETPID:
    case CALL_SET_TID_ADDRESS:
        return p->asid;
    case CALL_IOCTL:
        return failure(ERROR_NOTTY);
    default:
        return failure(ERROR_NOSYS);
    }
}

void user_call(struct process *p) {
    uint64_t *x = p->frame.x, a[ARGUMENTS];
    bool a64 = p->isa == USER_A64;
    uint64_t *result = a64 ? &x[31] : &x[10];
    for (unsigned i = 0; i < ARGUMENTS; i++)
        a[i] = a64 ? x[i ? i : 31] : x[10 + i];
    *result = serve(p, a64 ? x[8] : x[17], a);
    p->frame.pc += 4;
}
