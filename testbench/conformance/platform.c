/* The board under the suite: console, clock, arena, and the BAU in bypass, so that device addresses are physical ones. */
#include <stdarg.h>

#include "bau_regs.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/fdt.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"
#include "rtl/gen/field.h"
#include "testbench/conformance/check.h"
#include "testbench/conformance/platform.h"

#define UART 0x10000000ul
#define FINISHER 0x100000ul
#define PLIC 0x0c000000ul
#define TICKS_PER_US 10u
#define ARENA 0x81000000ul
#define ARENA_PAGES 4096u
#define LINE_BYTES 512u

static unsigned arena_used;
static uint64_t device_table[BAU_NUM_DEVICES * BAU_DTE_BYTES / 8] __attribute__((aligned(4096)));

void print(const char *format, ...)
{
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    size_t length = format_arguments(line, sizeof(line), format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < length; i++)
        *(volatile uint8_t *)UART = (uint8_t)line[i];
    *(volatile uint8_t *)UART = '\n';
}

void finish(bool passed)
{
    *(volatile uint32_t *)FINISHER = passed ? 0x5555 : 0x13333;
    for (;;)
        __asm__ volatile("wfi");
}

uint64_t now_us(void)
{
    return csr_read(time) / TICKS_PER_US;
}

void delay_us(uint64_t us)
{
    uint64_t end = now_us() + us;
    while (now_us() < end)
        ;
}

void arena_reset(void)
{
    arena_used = 0;
}

void *pages(unsigned count)
{
    if (arena_used + count > ARENA_PAGES)
        arena_used = 0;
    void *start = (void *)(ARENA + (uint64_t)arena_used * PAGE);
    arena_used += count;
    memset(start, 0, (size_t)count * PAGE);
    return start;
}

/* The level of an interrupt source of the host: pending while nobody has enabled or claimed it. */
bool interrupt_pending(unsigned source)
{
    return *(volatile uint32_t *)(PLIC + 0x1000 + source / 32 * 4) >> source % 32 & 1;
}

/* Takes the source, so that its pending bit shows the level again. */
void interrupt_take(unsigned source)
{
    *(volatile uint32_t *)(PLIC + 4 * source) = 1;
    *(volatile uint32_t *)(PLIC + 0x2000 + source / 32 * 4) = 1u << source % 32;
    uint32_t claimed = *(volatile uint32_t *)(PLIC + 0x200004);
    if (claimed)
        *(volatile uint32_t *)(PLIC + 0x200004) = claimed;
}

static void bau_write(uint64_t window, uint64_t offset, uint64_t value)
{
    __asm__ volatile("fence rw, o" ::: "memory");
    *(volatile uint64_t *)(window + offset) = value;
}

const uint8_t *update_image;
uint32_t update_image_bytes;

void find_update_image(const struct fdt *fdt)
{
    int chosen = fdt_find_path(fdt, "/chosen");
    uint32_t start = 0, end = 0;
    if (chosen == FDT_NONE || !fdt_cell(fdt, chosen, "linux,initrd-start", 1, &start) || !fdt_cell(fdt, chosen, "linux,initrd-end", 1, &end))
        return;
    update_image = (const uint8_t *)(uint64_t)start;
    update_image_bytes = end - start;
}

void bypass_bau(const struct fdt *fdt, uint64_t ram_end)
{
    uint64_t window, bytes;
    int node = fdt_find_compatible(fdt, FDT_NONE, "assay,bau-1.0");
    if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &window, &bytes))
        return;
    for (unsigned rid = 0; rid < BAU_NUM_DEVICES; rid++)
        device_table[rid * BAU_DTE_BYTES / 8] = 1;
    bau_write(window, BAU_PT_BASE, 0x80000000ul);
    bau_write(window, BAU_PT_LIMIT, ram_end);
    bau_write(window, BAU_PT_LPID_MAP, 0x80);
    bau_write(window, BAU_REQUESTER_OWNER, 0);
    bau_write(window, BAU_PT_CONTROL, FIELD_PREP(BAU_PT_CONTROL_VALID, 1) | FIELD_PREP(BAU_PT_CONTROL_HARTS, 1));
    bau_write(window, BAU_PARTITION_PAGE + BAU_DEVICE_TABLE, (uint64_t)device_table);
    bau_write(window, BAU_PARTITION_PAGE + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES);
    bau_write(window, BAU_PARTITION_PAGE + BAU_CONTROL, FIELD_PREP(BAU_CONTROL_ENABLE, 1));
}
