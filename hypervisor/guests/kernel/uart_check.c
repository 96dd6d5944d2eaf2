/* Part of workload `hello`: the classical path. A line through the virtual 16550, whose transmitter interrupt comes by the virtual PLIC. */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/plic.h"
#include "hypervisor/lib/csr.h"

#define UART_DATA 0
#define UART_IER 1
#define UART_IIR 2
#define UART_LSR 5
#define IER_TX_EMPTY 2u
#define IIR_CAUSE 0x0fu
#define LSR_TX_EMPTY 0x20u

static volatile uint8_t *uart;
static volatile uint64_t claimed, cause;

static void take_uart_interrupt(void) {
    claimed = plic_claim();
    cause = uart[UART_IIR] & IIR_CAUSE;
    uart[UART_IER] = 0;
    plic_complete((uint32_t)claimed);
}

static void write_line(const char *text) {
    for (; *text; text++) {
        while (!(uart[UART_LSR] & LSR_TX_EMPTY))
            ;
        uart[UART_DATA] = (uint8_t)*text;
    }
}

static bool find_devices(uint32_t *source) {
    uint64_t address, bytes;
    int node = fdt_find_compatible(&tree, FDT_NONE, "ns16550a");
    if (fdt_find_compatible(&tree, FDT_NONE, "assay,vm") == FDT_NONE || !fdt_reg(&tree, node, 0, &address, &bytes) ||
        !fdt_cell(&tree, node, "interrupts", 0, source))
        return false;
    uart = (volatile uint8_t *)address;
    return plic_setup();
}

unsigned uart_check(void) {
    uint32_t source;
    if (!find_devices(&source))
        return 0;
    trap_setup(take_uart_interrupt);
    write_line("hello through the uart\n");
    plic_enable(source);
    uart[UART_IER] = IER_TX_EMPTY;
    for (uint64_t limit = csr_read(time) + 10000000; !claimed && csr_read(time) < limit;)
        ;
    if (claimed == source && cause == IER_TX_EMPTY && plic_claim() == 0)
        return 0;
    print("hello error: the uart's interrupt gives source %lu, cause %lu", claimed, cause);
    return 1;
}
