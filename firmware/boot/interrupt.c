#include "firmware/boot/interrupt.h"

#include "firmware/boot/platform.h"

#define PLIC_PRIORITY(source) (PLATFORM_PLIC + 4ul * (source))
#define PLIC_ENABLE (PLATFORM_PLIC + 0x2000ul)
#define PLIC_THRESHOLD (PLATFORM_PLIC + 0x200000ul)
#define PLIC_CLAIM (PLATFORM_PLIC + 0x200004ul)
#define CLINT_MTIMECMP (PLATFORM_CLINT + 0x4000ul)

#define MIE_MTIE (1ul << 7)
#define MIE_MEIE (1ul << 11)

void interrupt_init(void)
{
	mmio_write32(PLIC_PRIORITY(PLATFORM_SOURCE_SEE), 1);
	mmio_write32(PLIC_PRIORITY(PLATFORM_SOURCE_PORT), 1);
	mmio_write32(PLIC_THRESHOLD, 0);
	mmio_write32(PLIC_ENABLE, 1u << PLATFORM_SOURCE_SEE | 1u << PLATFORM_SOURCE_PORT);
	mmio_write64(CLINT_MTIMECMP, UINT64_MAX);
	__asm__ volatile("csrw mie, %0" ::"r"(MIE_MTIE | MIE_MEIE));
}

uint32_t interrupt_claim(void)
{
	return mmio_read32(PLIC_CLAIM);
}

void interrupt_complete(uint32_t source)
{
	mmio_write32(PLIC_CLAIM, source);
}

void interrupt_wait(uint64_t deadline_ticks)
{
	mmio_write64(CLINT_MTIMECMP, deadline_ticks);
	__asm__ volatile("wfi" ::: "memory");
}
