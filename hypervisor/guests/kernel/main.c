/* The guest kernel: start, console, memory, and the choice of the workload by the boot arguments `workload=NAME`. */
#include <stdarg.h>

#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"

#define TREE_MAX_BYTES 0x8000u
#define LINE_BYTES 256
#define SATP_SV39 (8ull << 60)
#define PTE_IDENTITY 0xcfull /* V R W X A D */

struct fdt tree;
const char *bootargs = "";
uint64_t boot_hart_id;

extern uint8_t image_end[];

static uint8_t tree_copy[TREE_MAX_BYTES] __attribute__((aligned(8)));
uint64_t root_table[512] __attribute__((aligned(4096)));
static uint64_t memory_next, memory_end;
static bool have_debug_console;

void kernel_main(uint64_t hart, const void *blob);

static void write_console(const char *text, size_t bytes) {
    if (have_debug_console) {
        sbi_call(SBI_DBCN, 0, bytes, (uint64_t)text, 0, 0, 0);
        return;
    }
    for (size_t i = 0; i < bytes; i++)
        sbi_call(SBI_LEGACY_PUTCHAR, 0, (uint8_t)text[i], 0, 0, 0, 0);
}

void print(const char *format, ...) {
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    size_t used = format_arguments(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[used++] = '\n';
    write_console(line, used);
}

void shutdown(bool failed) {
    sbi_call(SBI_SRST, 0, 0, failed, 0, 0, 0);
    for (;;)
        __asm__ volatile("wfi");
}

void memory_setup(void) {
    uint64_t base = 0, bytes = 0;
    int node = fdt_first_child(&tree, fdt_find_path(&tree, "/"));
    for (; node != FDT_NONE; node = fdt_next_sibling(&tree, node)) {
        const char *type = fdt_text(&tree, node, "device_type");
        if (type && strcmp(type, "memory") == 0)
            fdt_reg(&tree, node, 0, &base, &bytes);
    }
    memory_next = (uint64_t)image_end;
    memory_end = base + bytes;
}

void memory_end_before(uint64_t address) {
    if (address > memory_next && address < memory_end)
        memory_end = address & ~(PAGE_BYTES - 1);
}

void *memory_take(uint64_t bytes, uint64_t align) {
    uint64_t start = (memory_next + align - 1) & ~(align - 1);
    if (start + bytes > memory_end)
        return NULL;
    memory_next = start + bytes;
    return (void *)start;
}

/* Identity in gigabyte pages: devices, PCIe memory, RAM. Both stages of translation are in use from here on. */
static void translation_setup(void) {
    for (uint64_t i = 0; i < 4; i++)
        root_table[i] = i << 28 | PTE_IDENTITY;
    csr_write(satp, SATP_SV39 | (uint64_t)root_table >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
}

static unsigned run_workload(void) {
    if (string_option_is(bootargs, "workload", "io"))
        return workload_io();
    if (string_option_is(bootargs, "workload", "bench"))
        return workload_bench();
    if (string_option_is(bootargs, "workload", "touch"))
        return workload_touch();
    if (string_option_is(bootargs, "workload", "ping"))
        return workload_ping();
    if (string_option_is(bootargs, "workload", "spin"))
        return workload_spin();
    if (string_option_is(bootargs, "workload", "apps"))
        return workload_apps();
    if (string_option_is(bootargs, "workload", "commands"))
        return workload_commands();
    if (string_option_is(bootargs, "workload", "volumes"))
        return workload_volumes();
    if (string_option_is(bootargs, "workload", "dirty"))
        return workload_dirty();
    return workload_hello();
}

void kernel_main(uint64_t hart, const void *blob) {
    boot_hart_id = hart;
    have_debug_console = sbi_call(SBI_BASE, 3, SBI_DBCN, 0, 0, 0, 0).value != 0;
    if (!fdt_open(&tree, blob) || tree.total_bytes > TREE_MAX_BYTES) {
        print("guest has no device tree");
        shutdown(true);
    }
    memcpy(tree_copy, blob, tree.total_bytes);
    fdt_open(&tree, tree_copy);
    const char *arguments = fdt_text(&tree, fdt_find_path(&tree, "/chosen"), "bootargs");
    bootargs = arguments ? arguments : "";
    memory_setup();
    translation_setup();
    unsigned errors = run_workload();
    print("guest done");
    shutdown(errors != 0);
}
