/* The firmware's log goes out of a 16550 without interrupts: it is short and rare. */
#include "firmware/boot/crash.h"
#include "firmware/boot/platform.h"
#include "firmware/core/log.h"

#define UART_THR 0
#define UART_LSR 5
#define UART_LSR_THRE 0x20

void log_sink_write(const char *text)
{
	crash_log(text);
	for (; *text; text++) {
		while (!(mmio_read8(PLATFORM_UART + UART_LSR) & UART_LSR_THRE))
			;
		mmio_write8(PLATFORM_UART + UART_THR, (uint8_t)*text);
	}
}

void log_sink_stop(void)
{
	mmio_write32(PLATFORM_FINISHER, PLATFORM_FINISHER_FAIL(1u));
	for (;;)
		__asm__ volatile("csrw mie, zero\n\twfi");
}

/* The trap writes the dump with the registers as they are here. */
void log_sink_crash(void)
{
	__asm__ volatile("ebreak");
	__builtin_unreachable();
}
