#include "firmware/boot/interrupt.h"

#include "firmware/boot/platform.h"
#include "firmware/boot/system.h"

#define PLIC_PRIORITY(source) (PLATFORM_PLIC + 4ul * (source))
#define PLIC_ENABLE (PLATFORM_PLIC + 0x2000ul)
#define PLIC_THRESHOLD (PLATFORM_PLIC + 0x200000ul)
#define PLIC_CLAIM (PLATFORM_PLIC + 0x200004ul)
#define CLINT_MTIMECMP (PLATFORM_CLINT + 0x4000ul)

#define MIE_MSIE (1ul << 3) /* the watchdog's warning */
#define MIE_MTIE (1ul << 7)
#define MIE_MEIE (1ul << 11)

void interrupt_init(void)
{
	mmio_write32(PLIC_PRIORITY(PLATFORM_SOURCE_SEE), 1);
	mmio_write32(PLIC_PRIORITY(PLATFORM_SOURCE_PORT), 1);
	mmio_write32(PLIC_THRESHOLD, 0);
	mmio_write32(PLIC_ENABLE, 1u << PLATFORM_SOURCE_SEE | 1u << PLATFORM_SOURCE_PORT);
	mmio_write64(CLINT_MTIMECMP, UINT64_MAX);
	__asm__ volatile("csrw mie, %0\n\tcsrsi mstatus, 8" ::"r"(MIE_MSIE));
}

uint32_t interrupt_claim(void)
{
	return mmio_read32(PLIC_CLAIM);
}

void interrupt_complete(uint32_t source)
{
	mmio_write32(PLIC_CLAIM, source);
}

/* The watchdog watches the main loop at work; asleep it is the timer that ends the wait. */
void interrupt_wait(uint64_t deadline_ticks)
{
	uint64_t pending;

	__asm__ volatile("csrr %0, mip" : "=r"(pending));
	if (pending & MIE_MEIE)
		return;
	mmio_write64(CLINT_MTIMECMP, deadline_ticks);
	system_watchdog(0);
	__asm__ volatile("csrci mstatus, 8\n\tcsrw mie, %0\n\twfi\n\tcsrw mie, %1\n\tcsrsi mstatus, 8" ::"r"(MIE_MTIE | MIE_MEIE), "r"(MIE_MSIE) : "memory");
	system_watchdog(SYSTEM_WATCHDOG_CYCLES);
}
