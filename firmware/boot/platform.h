/* Where the NIC's processor finds its devices, and how it touches them. */
#ifndef ASSAY_FIRMWARE_BOOT_PLATFORM_H
#define ASSAY_FIRMWARE_BOOT_PLATFORM_H

#include <stdint.h>

#define PLATFORM_FINISHER 0x00100000ul
/* "Fail" with a code, as QEMU's test finisher takes it: ends the NIC's run with an error that the board reports. */
#define PLATFORM_FINISHER_FAIL(code) ((code) << 16 | 0x3333u)
#define PLATFORM_CLINT 0x02000000ul
#define PLATFORM_PLIC 0x0c000000ul
#define PLATFORM_SYSTEM 0x10010000ul
#define PLATFORM_SLOT_FLASH 0x24000000ul
#define PLATFORM_UART 0x10000000ul
#define PLATFORM_CONFIG 0x20000000ul
#define PLATFORM_CONFIG_BYTES 0x10000ul
#define PLATFORM_SEE 0x40000000ul
#define PLATFORM_PORT 0x40010000ul

/* Interrupt sources of the PLIC. */
enum platform_source { PLATFORM_SOURCE_SEE = 1, PLATFORM_SOURCE_PORT = 2 };

static inline void mmio_write64(uintptr_t address, uint64_t value)
{
	*(volatile uint64_t *)address = value;
}

static inline uint64_t mmio_read64(uintptr_t address)
{
	return *(volatile uint64_t *)address;
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static inline uint32_t mmio_read32(uintptr_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void mmio_write8(uintptr_t address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}

static inline uint8_t mmio_read8(uintptr_t address)
{
	return *(volatile uint8_t *)address;
}

#endif
