/* The virtual 16550: transmitter always empty, divisor and modem registers remembered. */
#include "hypervisor/guest/vuart.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/lib/string.h"

enum uart_register { UART_DATA, UART_IER, UART_IIR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR, UART_REGISTERS };

#define IER_TX_EMPTY 0x02u
#define IIR_NONE 0x01u
#define IIR_TX_EMPTY 0x02u
#define IIR_FIFO 0xc0u
#define LCR_DIVISOR 0x80u
#define LSR_TX_EMPTY 0x60u

struct vuart {
    uint8_t reg[UART_REGISTERS];
    uint8_t divisor[2];
    bool tx_interrupt; /* the transmitter became empty and IIR was not read since */
};

static void update_line(struct vm *vm) {
    const struct vuart *u = vm->uart;
    vplic_set(vm, VUART_SOURCE, u->tx_interrupt && (u->reg[UART_IER] & IER_TX_EMPTY));
}

static bool divisor_selected(const struct vuart *u, uint64_t offset) {
    return offset < 2 && (u->reg[UART_LCR] & LCR_DIVISOR);
}

static uint64_t read_iir(struct vm *vm) {
    struct vuart *u = vm->uart;
    bool raised = u->tx_interrupt && (u->reg[UART_IER] & IER_TX_EMPTY);
    u->tx_interrupt = false;
    update_line(vm);
    return IIR_FIFO | (raised ? IIR_TX_EMPTY : IIR_NONE);
}

static uint64_t uart_read(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width) {
    struct vuart *u = vm->uart;
    (void)v;
    if (width != 1 || offset >= UART_REGISTERS)
        return 0;
    if (divisor_selected(u, offset))
        return u->divisor[offset];
    switch (offset) {
    case UART_DATA:
    case UART_MSR: return 0;
    case UART_IIR: return read_iir(vm);
    case UART_LSR: return LSR_TX_EMPTY;
    default: return u->reg[offset];
    }
}

static void uart_write(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width, uint64_t value) {
    struct vuart *u = vm->uart;
    (void)v;
    if (width != 1 || offset >= UART_REGISTERS)
        return;
    if (divisor_selected(u, offset)) {
        u->divisor[offset] = (uint8_t)value;
        return;
    }
    if (offset == UART_DATA)
        vm_console_put(vm, (char)value);
    else
        u->reg[offset] = (uint8_t)value;
    if (offset <= UART_IER) {
        u->tx_interrupt = true;
        update_line(vm);
    }
}

uint32_t vuart_bytes(void) {
    return sizeof(struct vuart);
}

uint32_t vuart_save(const struct vm *vm, void *to) {
    memcpy(to, vm->uart, sizeof *vm->uart);
    return sizeof *vm->uart;
}

void vuart_load(struct vm *vm, const void *from) {
    memcpy(vm->uart, from, sizeof *vm->uart);
}

bool vuart_create(struct vm *vm) {
    static const struct vm_device device = {VUART_BASE, VUART_BYTES, uart_read, uart_write};
    vm->uart = memory_page_alloc();
    if (!vm->uart)
        return false;
    vm_add_device(vm, &device);
    return true;
}

void vuart_destroy(struct vm *vm) {
    if (vm->uart)
        memory_page_free(vm->uart);
    vm->uart = NULL;
}
