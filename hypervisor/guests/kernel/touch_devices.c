/* Part of workload `touch`: every kind of access to the emulated devices, and those that they do not answer. */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/touch.h"
#include "hypervisor/lib/csr.h"

#define PLIC 0x0c000000ull /* priority of source 0, which is none */
#define PLIC_PRIORITY_1 (PLIC + 4)
#define PLIC_ENABLE_0 (PLIC + 0x2000)
#define ECAM_ABSENT (0x30000000ull + (31 << 15)) /* configuration space of 00:1f.0 */
#define UART 0x10000000ull
#define UART_MCR (UART + 4)
#define UART_MSR (UART + 6)
#define UART_SCRATCH (UART + 7)

#define LOAD(instruction, address) \
    ({ \
        uint64_t value_; \
        __asm__ volatile(".option push\n.option norvc\n" instruction " %0, 0(%1)\n.option pop" : "=r"(value_) : "r"(address) : "memory"); \
        value_; \
    })
#define STORE(instruction, address, value) \
    __asm__ volatile(".option push\n.option norvc\n" instruction " %0, 0(%1)\n.option pop" ::"r"((uint64_t)(value)), "r"(address) : "memory")

static void touch_widths(void) {
    STORE("sb", UART_SCRATCH, 0x12f3);
    touch_expect("lb of a device", LOAD("lb", UART_SCRATCH), (uint64_t)-0xd);
    touch_expect("lbu of a device", LOAD("lbu", UART_SCRATCH), 0xf3);
    STORE("sw", PLIC_ENABLE_0, 0xffffffff);
    touch_expect("lw of a device", LOAD("lw", PLIC_ENABLE_0), (uint64_t)-2);
    touch_expect("lwu of a device", LOAD("lwu", PLIC_ENABLE_0), 0xfffffffe);
    STORE("sw", PLIC_ENABLE_0, 0);
    touch_expect("lh of a device", LOAD("lh", ECAM_ABSENT), UINT64_MAX);
    touch_expect("lhu of a device", LOAD("lhu", ECAM_ABSENT), 0xffff);
    STORE("sb", UART_SCRATCH, 0);
}

/* C.SW, C.LW, C.SWSP, C.LWSP: the registers that they have. */
static void touch_compressed(void) {
    register uint64_t address __asm__("a4") = PLIC_PRIORITY_1, value __asm__("a5") = 5, seen __asm__("a3");
    uint64_t seen_by_sp;
    __asm__ volatile(".option push\n.option rvc\nc.sw a5, 0(a4)\nc.lw a3, 0(a4)\n.option pop" : "=r"(seen) : "r"(address), "r"(value) : "memory");
    touch_expect("c.lw after c.sw", seen, 5);
    /* Interrupts are off, and an exit uses no stack of the guest. */
    __asm__ volatile(".option push\n.option rvc\nmv t0, sp\nli t1, 6\nmv sp, %1\nc.swsp t1, 0(sp)\nc.lwsp t2, 0(sp)\nmv sp, t0\nmv %0, t2\n.option pop"
                     : "=r"(seen_by_sp)
                     : "r"(PLIC_PRIORITY_1)
                     : "t0", "t1", "t2", "memory");
    touch_expect("c.lwsp after c.swsp", seen_by_sp, 6);
    STORE("sw", PLIC_PRIORITY_1, 0);
}

#define REFUSED(instruction, address, wanted) \
    do { \
        probe_begin(); \
        __asm__ volatile(".option push\n.option norvc\n.option arch, +a, +d\n" instruction "\n.option pop" ::"r"(address) : "t0", "memory"); \
        touch_expect(instruction " at a device", probe_end(), wanted); \
        touch_expect(instruction "'s address", probe_value(), address); \
    } while (0)

/* Devices answer aligned integer loads and stores of their own size. */
static void touch_refused(void) {
    REFUSED("lw t0, 0(%0)", PLIC_PRIORITY_1 + 1, CAUSE_LOAD_ACCESS);
    REFUSED("sw zero, 0(%0)", PLIC_PRIORITY_1 + 2, CAUSE_STORE_ACCESS);
    REFUSED("lr.w t0, (%0)", PLIC_PRIORITY_1, CAUSE_LOAD_ACCESS);
    REFUSED("amoadd.w t0, zero, (%0)", PLIC_PRIORITY_1, CAUSE_STORE_ACCESS);
    REFUSED("amoor.d zero, zero, (%0)", PLIC, CAUSE_STORE_ACCESS);
    touch_expect("a device that was refused", LOAD("lw", PLIC_PRIORITY_1), 0);
    touch_expect("fetch from a device", probe_call(UART), CAUSE_FETCH_ACCESS);
}

/* As drivers probe a 16550. */
static void touch_loopback(void) {
    uint64_t before = LOAD("lbu", UART_MCR);
    STORE("sb", UART_MCR, 0x1a);
    touch_expect("modem lines in loopback", LOAD("lbu", UART_MSR) & 0xf0, 0x90);
    STORE("sb", UART, 'x');
    touch_expect("a byte in loopback", LOAD("lbu", UART), 'x');
    STORE("sb", UART_MCR, before);
}

void touch_devices(void) {
    touch_widths();
    touch_compressed();
    touch_refused();
    touch_loopback();
}

#define ILLEGAL_CAUSE(instruction, word) \
    do { \
        probe_begin(); \
        __asm__ volatile(".option push\n.option norvc\n.word " #word "\n.option pop" ::: "t0", "memory"); \
        touch_expect(instruction, probe_end(), CAUSE_ILLEGAL); \
    } while (0)
#define ILLEGAL(instruction, word) \
    do { \
        ILLEGAL_CAUSE(instruction, word); \
        touch_expect(instruction "'s word", probe_value(), word); \
    } while (0)

/* What HS-mode has and VS-mode has not is an illegal instruction like what nobody has, with its word in stval. */
void touch_privileged(void) {
    ILLEGAL("csrr t0, hgatp", 0x680022f3);
    ILLEGAL("csrr t0, hstatus", 0x600022f3);
    ILLEGAL("csrr t0, htimedelta", 0x605022f3);
    ILLEGAL("csrw hvip, zero", 0x64501073);
    ILLEGAL("csrr t0, vsstatus", 0x200022f3);
    ILLEGAL("csrr t0, hgeip", 0xe12022f3);
    ILLEGAL("csrr t0, mstatus", 0x300022f3);
    ILLEGAL("csrw cycle, zero", 0xc0001073);
    ILLEGAL("csrr t0, hpmcounter3", 0xc03022f3);
    ILLEGAL("hfence.gvma", 0x62000073);
    ILLEGAL("hfence.vvma", 0x22000073);
    ILLEGAL_CAUSE("hlv.w t0, (zero)", 0x680042f3); /* of these QEMU 7.2, of MRET 10.0 tells the word of an instruction before */
    ILLEGAL_CAUSE("hsv.w zero, (zero)", 0x6a004073);
    ILLEGAL_CAUSE("mret", 0x30200073);
    ILLEGAL("no instruction", 0x0000007f);
}
