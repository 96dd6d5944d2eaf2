/*
 * The virtual 16550A: its transmitter is always empty, nothing but itself (loopback) sends to it, and the other side's modem lines are up.
 * Received bytes wait in a FIFO of 16, or in one register while FCR has the FIFOs off. Characters take no time: what waits below the trigger
 * level is a timeout at once.
 */
#include "hypervisor/guest/vuart.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/lib/string.h"

enum uart_register { UART_DATA, UART_IER, UART_IIR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR, UART_REGISTERS };

#define UART_FCR UART_IIR /* by writes */

#define IER_RECEIVED 0x01u
#define IER_TX_EMPTY 0x02u
#define IER_LINE 0x04u
#define IER_MODEM 0x08u
#define IER_BITS 0x0fu
#define IIR_MODEM 0x00u
#define IIR_NONE 0x01u
#define IIR_TX_EMPTY 0x02u
#define IIR_RECEIVED 0x04u
#define IIR_LINE 0x06u
#define IIR_TIMEOUT 0x0cu
#define IIR_FIFO 0xc0u
#define FCR_ENABLE 0x01u
#define FCR_CLEAR_RECEIVED 0x02u
#define FCR_KEPT 0xc9u /* the two clear bits clear themselves */
#define LCR_DIVISOR 0x80u
#define MCR_LOOP 0x10u
#define MCR_BITS 0x1fu
#define LSR_READY 0x01u
#define LSR_OVERRUN 0x02u
#define LSR_TX_EMPTY 0x60u
#define MSR_RING 0x40u
#define MSR_CHANGED_RING 0x04u
#define MSR_CHANGED 0x0fu
#define MSR_OTHER_SIDE 0xb0u /* DCD, DSR, CTS */

struct vuart {
    struct lock lock;
    uint8_t ier, fcr, lcr, mcr, scr;
    uint8_t overrun; /* LSR_OVERRUN or 0 */
    uint8_t modem;   /* MSR */
    uint8_t tx_interrupt; /* the transmitter became empty, and neither IIR nor a write has said that this is known */
    uint8_t divisor[2];
    uint8_t first, used;
    uint8_t fifo[VUART_FIFO_BYTES];
    uint8_t line; /* its interrupt, as the PLIC knows it */
};

static unsigned capacity(const struct vuart *u) {
    return u->fcr & FCR_ENABLE ? VUART_FIFO_BYTES : 1;
}

static unsigned trigger(const struct vuart *u) {
    static const uint8_t levels[4] = {1, 4, 8, 14};
    return u->fcr & FCR_ENABLE ? levels[u->fcr >> 6] : 1;
}

static unsigned interrupt_id(const struct vuart *u) {
    if ((u->ier & IER_LINE) && u->overrun)
        return IIR_LINE;
    if ((u->ier & IER_RECEIVED) && u->used)
        return u->used < trigger(u) ? IIR_TIMEOUT : IIR_RECEIVED;
    if ((u->ier & IER_TX_EMPTY) && u->tx_interrupt)
        return IIR_TX_EMPTY;
    return (u->ier & IER_MODEM) && (u->modem & MSR_CHANGED) ? IIR_MODEM : IIR_NONE;
}

static void update_line(struct vm *vm) {
    struct vuart *u = vm->uart;
    bool line = interrupt_id(u) != IIR_NONE;
    if (line == u->line)
        return;
    u->line = line;
    vplic_set(vm, VUART_SOURCE, line);
}

static bool divisor_selected(const struct vuart *u, uint64_t offset) {
    return offset < 2 && (u->lcr & LCR_DIVISOR);
}

/* A full FIFO loses the newcomer, a lone register what it held. */
static void receive(struct vuart *u, uint8_t byte) {
    if (u->used == capacity(u)) {
        u->overrun = LSR_OVERRUN;
        if (u->used == 1)
            u->fifo[u->first] = byte;
        return;
    }
    u->fifo[(u->first + u->used++) % VUART_FIFO_BYTES] = byte;
}

static uint8_t take(struct vuart *u) {
    uint8_t byte = u->fifo[u->first % VUART_FIFO_BYTES];
    if (u->used) {
        u->first = (uint8_t)((u->first + 1) % VUART_FIFO_BYTES);
        u->used--;
    }
    return byte;
}

/* What MCR's outputs are as inputs in loopback: DTR is DSR, RTS is CTS, OUT1 is RI, OUT2 is DCD. */
static uint8_t modem_lines(const struct vuart *u) {
    uint8_t m = u->mcr;
    if (!(m & MCR_LOOP))
        return MSR_OTHER_SIDE;
    return (uint8_t)((m & 1) << 5 | (m & 2) << 3 | (m & 4) << 4 | (m & 8) << 4);
}

/* A change is remembered until MSR is read; of RI only that it went away. */
static void follow_modem_lines(struct vuart *u) {
    uint8_t now = modem_lines(u), changed = (now ^ u->modem) >> 4;
    if (now & MSR_RING)
        changed &= (uint8_t)~MSR_CHANGED_RING;
    u->modem = (uint8_t)(now | (u->modem & MSR_CHANGED) | changed);
}

static uint8_t read_iir(struct vuart *u) {
    unsigned id = interrupt_id(u);
    if (id == IIR_TX_EMPTY)
        u->tx_interrupt = 0;
    return (uint8_t)(id | (u->fcr & FCR_ENABLE ? IIR_FIFO : 0));
}

static uint8_t read_lsr(struct vuart *u) {
    uint8_t status = (uint8_t)(LSR_TX_EMPTY | (u->used ? LSR_READY : 0) | u->overrun);
    u->overrun = 0;
    return status;
}

static uint8_t read_msr(struct vuart *u) {
    uint8_t status = u->modem;
    u->modem &= (uint8_t)~MSR_CHANGED;
    return status;
}

static uint8_t read_register(struct vuart *u, uint64_t offset) {
    if (divisor_selected(u, offset))
        return u->divisor[offset];
    switch (offset) {
    case UART_DATA: return take(u);
    case UART_IER: return u->ier;
    case UART_IIR: return read_iir(u);
    case UART_LCR: return u->lcr;
    case UART_MCR: return u->mcr;
    case UART_LSR: return read_lsr(u);
    case UART_MSR: return read_msr(u);
    default: return u->scr;
    }
}

static uint64_t uart_read(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width) {
    (void)v;
    if (width != 1 || offset >= UART_REGISTERS)
        return 0;
    struct vuart *u = vm->uart;
    lock_take(&u->lock);
    uint8_t value = read_register(u, offset);
    update_line(vm);
    lock_release(&u->lock);
    return value;
}

static void write_data(struct vm *vm, uint8_t byte) {
    struct vuart *u = vm->uart;
    if (u->mcr & MCR_LOOP)
        receive(u, byte);
    else
        vm_console_put(vm, (char)byte);
    u->tx_interrupt = 1;
}

static void write_ier(struct vuart *u, uint8_t value) {
    if (value & ~u->ier & IER_TX_EMPTY)
        u->tx_interrupt = 1;
    u->ier = value & IER_BITS;
}

/* Bits other than ENABLE are only taken together with it; switching the FIFOs empties them. */
static void write_fcr(struct vuart *u, uint8_t value) {
    uint8_t fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
    if (((fcr ^ u->fcr) & FCR_ENABLE) || (fcr && (value & FCR_CLEAR_RECEIVED)))
        u->used = 0;
    u->fcr = fcr;
}

static void write_register(struct vm *vm, uint64_t offset, uint8_t value) {
    struct vuart *u = vm->uart;
    switch (offset) {
    case UART_DATA: write_data(vm, value); break;
    case UART_IER: write_ier(u, value); break;
    case UART_FCR: write_fcr(u, value); break;
    case UART_LCR: u->lcr = value; break;
    case UART_MCR:
        u->mcr = value & MCR_BITS;
        follow_modem_lines(u);
        break;
    case UART_SCR: u->scr = value; break;
    default: break; /* LSR and MSR are for tests of the chip, writes are not kept */
    }
}

static void uart_write(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width, uint64_t value) {
    struct vuart *u = vm->uart;
    (void)v;
    if (width != 1 || offset >= UART_REGISTERS)
        return;
    lock_take(&u->lock);
    if (divisor_selected(u, offset))
        u->divisor[offset] = (uint8_t)value;
    else
        write_register(vm, offset, (uint8_t)value);
    update_line(vm);
    lock_release(&u->lock);
}

uint32_t vuart_bytes(void) {
    return sizeof(struct vuart);
}

uint32_t vuart_save(const struct vm *vm, void *to) {
    memcpy(to, vm->uart, sizeof *vm->uart);
    ((struct vuart *)to)->lock = (struct lock){0};
    return sizeof *vm->uart;
}

/* A snapshot's words may be anybody's: the FIFO must stay inside itself. */
void vuart_load(struct vm *vm, const void *from) {
    struct vuart *u = vm->uart;
    memcpy(u, from, sizeof *u);
    u->lock = (struct lock){0};
    u->fcr &= FCR_KEPT;
    u->first %= VUART_FIFO_BYTES;
    if (u->used > capacity(u))
        u->used = (uint8_t)capacity(u);
}

bool vuart_create(struct vm *vm) {
    static const struct vm_device device = {VUART_BASE, VUART_BYTES, uart_read, uart_write};
    vm->uart = memory_page_alloc();
    if (!vm->uart)
        return false;
    vm->uart->modem = MSR_OTHER_SIDE;
    vm_add_device(vm, &device);
    return true;
}

void vuart_destroy(struct vm *vm) {
    if (vm->uart)
        memory_page_free(vm->uart);
    vm->uart = NULL;
}
