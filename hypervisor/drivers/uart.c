/* The host's console. */
#include "hypervisor/drivers/uart.h"

#include "hypervisor/arch/sbi.h"
#include "hypervisor/core/lock.h"

#define UART_DATA 0
#define UART_LINE_STATUS 5
#define LINE_STATUS_TX_EMPTY 0x20

static volatile uint8_t *uart;
static struct lock uart_lock;

void uart_setup(const struct fdt *fdt) {
    uint64_t address, bytes;
    int node = fdt_find_compatible(fdt, FDT_NONE, "ns16550a");
    if (node != FDT_NONE && fdt_reg(fdt, node, 0, &address, &bytes))
        uart = (volatile uint8_t *)address;
}

static void put(char c) {
    if (!uart) {
        sbi_call(SBI_LEGACY_PUTCHAR, 0, (uint8_t)c, 0, 0, 0, 0);
        return;
    }
    while (!(uart[UART_LINE_STATUS] & LINE_STATUS_TX_EMPTY))
        ;
    uart[UART_DATA] = (uint8_t)c;
}

void uart_write_line(const char *prefix, const char *text) {
    lock_take(&uart_lock);
    while (*prefix)
        put(*prefix++);
    while (*text)
        put(*text++);
    put('\r');
    put('\n');
    lock_release(&uart_lock);
}
