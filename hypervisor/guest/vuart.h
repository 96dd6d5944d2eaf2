/* The virtual 16550A of a VM: output goes to the VM's console, input never comes. All registers, interrupts and the loopback are there. */
#ifndef HYPERVISOR_GUEST_VUART_H
#define HYPERVISOR_GUEST_VUART_H

#include <stdbool.h>
#include <stdint.h>

#define VUART_BASE 0x10000000ull
#define VUART_BYTES 0x100ull
#define VUART_SOURCE 10u
#define VUART_FIFO_BYTES 16u

struct vm;

/** Its whole state, which has _bytes(), to be kept and to be given back. @return the bytes */
uint32_t vuart_bytes(void);
uint32_t vuart_save(const struct vm *vm, void *to);
void vuart_load(struct vm *vm, const void *from);
/** Gives the VM a UART. @return false when no memory is left */
bool vuart_create(struct vm *vm);
void vuart_destroy(struct vm *vm);

#endif
