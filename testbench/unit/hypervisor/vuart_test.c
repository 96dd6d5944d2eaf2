/* The virtual 16550A through its registers, by its data sheet. */
#include <stdlib.h>

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/guest/vuart.h"
#include "testbench/gtest/test.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR, FCR = IIR };

static struct vm vm;
static char console[64];
static unsigned printed;
static bool line;

void *memory_page_alloc(void) { return calloc(1, PAGE_BYTES); }
void memory_page_free(void *page) { free(page); }
void vm_add_device(struct vm *of, const struct vm_device *device) { of->devices[of->device_count++] = *device; }
void vm_console_put(struct vm *of, char c) { (void)of, console[printed++ % sizeof console] = c; }
void vplic_set(struct vm *of, unsigned source, bool level)
{
	(void)of;
	EXPECT_EQ(source, VUART_SOURCE);
	line = level;
}

static void fresh(void)
{
	memset(&vm, 0, sizeof vm);
	line = false;
	printed = 0;
	ASSERT_TRUE(vuart_create(&vm));
}

static unsigned get(uint64_t offset) { return (unsigned)vm.devices[0].read(&vm, NULL, offset, 1); }
static void set(uint64_t offset, unsigned value) { vm.devices[0].write(&vm, NULL, offset, 1, value); }

TEST(hypervisor_vuart, starts_quiet_and_ready)
{
	fresh();
	EXPECT_EQ(get(IER), 0);
	EXPECT_EQ(get(IIR), 0x01);
	EXPECT_EQ(get(LCR), 0);
	EXPECT_EQ(get(MCR), 0);
	EXPECT_EQ(get(LSR), 0x60);
	EXPECT_EQ(get(MSR), 0xb0);
	EXPECT_FALSE(line);
	vuart_destroy(&vm);
}

TEST(hypervisor_vuart, keeps_what_each_register_has)
{
	fresh();
	set(IER, 0xff);
	EXPECT_EQ(get(IER), 0x0f);
	set(MCR, 0xff);
	EXPECT_EQ(get(MCR), 0x1f);
	set(SCR, 0x5a);
	EXPECT_EQ(get(SCR), 0x5a);
	set(LCR, 0x83);
	set(DATA, 0x12);
	set(IER, 0x34);
	EXPECT_EQ(get(DATA), 0x12);
	EXPECT_EQ(get(IER), 0x34);
	set(LCR, 0x03);
	EXPECT_EQ(get(IER), 0x0f);
	EXPECT_EQ(printed, 0);
	set(LSR, 0);
	set(MSR, 0);
	EXPECT_EQ(get(LSR), 0x60);
	vuart_destroy(&vm);
}

TEST(hypervisor_vuart, says_when_the_transmitter_is_empty)
{
	fresh();
	set(IER, 2);
	EXPECT_TRUE(line);
	EXPECT_EQ(get(IIR), 0x02);
	EXPECT_FALSE(line);
	EXPECT_EQ(get(IIR), 0x01);
	set(IER, 2); /* enabled before: nothing new */
	EXPECT_FALSE(line);
	set(DATA, 'x');
	EXPECT_TRUE(line);
	EXPECT_EQ(printed, 1);
	EXPECT_EQ(console[0], 'x');
	set(IER, 0);
	EXPECT_FALSE(line);
	vuart_destroy(&vm);
}

/* As drivers probe it: OUT2 and RTS come back as DCD and CTS. */
TEST(hypervisor_vuart, loops_the_modem_lines)
{
	static const unsigned lines[4] = {0x20, 0x10, 0x40, 0x80};
	fresh();
	set(MCR, 0x1a);
	EXPECT_EQ(get(MSR) & 0xf0, 0x90);
	for (unsigned i = 0; i < 4; i++) {
		set(MCR, 0x10);
		(void)get(MSR);
		set(MCR, 0x10 | 1u << i);
		EXPECT_EQ(get(MSR), lines[i] | (i == 2 ? 0 : lines[i] >> 4)); /* RI: only its end is a change */
		set(MCR, 0x10);
		EXPECT_EQ(get(MSR), lines[i] >> 4);
		EXPECT_EQ(get(MSR), 0);
	}
	set(IER, 8);
	EXPECT_FALSE(line);
	set(MCR, 0);
	EXPECT_TRUE(line);
	EXPECT_EQ(get(IIR), 0x00);
	EXPECT_EQ(get(MSR), 0xbb);
	EXPECT_FALSE(line);
	vuart_destroy(&vm);
}

TEST(hypervisor_vuart, loops_bytes_without_fifos)
{
	fresh();
	set(MCR, 0x10);
	set(IER, 1);
	set(DATA, 'a');
	EXPECT_TRUE(line);
	EXPECT_EQ(get(IIR), 0x04);
	EXPECT_EQ(get(LSR), 0x61);
	EXPECT_EQ(get(DATA), 'a');
	EXPECT_FALSE(line);
	set(IER, 5);
	set(DATA, 'b');
	set(DATA, 'c');
	EXPECT_EQ(get(IIR), 0x06);
	EXPECT_EQ(get(LSR), 0x63);
	EXPECT_EQ(get(IIR), 0x04);
	EXPECT_EQ(get(DATA), 'c');
	EXPECT_EQ(get(LSR), 0x60);
	EXPECT_EQ(printed, 0);
	vuart_destroy(&vm);
}

/* As drivers measure it: sixteen bytes, then an overrun that loses the last. */
TEST(hypervisor_vuart, has_a_fifo_of_16_bytes)
{
	unsigned sent = 0;
	fresh();
	set(FCR, 0x07);
	EXPECT_EQ(get(IIR), 0xc1);
	set(MCR, 0x10);
	while (!(get(LSR) & 0x02) && sent < 100)
		set(DATA, sent++);
	EXPECT_EQ(sent, 17);
	for (unsigned i = 0; i < 16; i++)
		EXPECT_EQ(get(DATA), i);
	EXPECT_EQ(get(LSR), 0x60);
	set(DATA, 1);
	set(FCR, 0x03);
	EXPECT_EQ(get(LSR), 0x60);
	set(DATA, 1);
	set(FCR, 0x00); /* switching empties it */
	EXPECT_EQ(get(LSR), 0x60);
	EXPECT_EQ(get(IIR), 0x01);
	vuart_destroy(&vm);
}

TEST(hypervisor_vuart, interrupts_at_its_trigger_level_and_by_timeout)
{
	fresh();
	set(FCR, 0x81); /* 8 bytes */
	set(MCR, 0x10);
	set(IER, 1);
	for (unsigned i = 1; i <= 8; i++) {
		set(DATA, i);
		EXPECT_TRUE(line);
		EXPECT_EQ(get(IIR), i < 8 ? 0xcc : 0xc4);
	}
	vuart_destroy(&vm);
}

/* Whatever a guest does to its UART, or a snapshot says of it, harms nobody: the sanitizer watches the page. */
TEST(hypervisor_vuart, survives_random_accesses_and_states)
{
	uint8_t state[PAGE_BYTES];
	fresh();
	uint64_t random = test_seed() | 1;
	for (int i = 0; i < 200000; i++) {
		random = random * 6364136223846793005ull + 1442695040888963407ull;
		if (i % 100 == 0) {
			for (uint32_t b = 0; b < vuart_bytes(); b++)
				state[b] = (uint8_t)(random >> b % 56);
			vuart_load(&vm, state);
		}
		vm.devices[0].write(&vm, NULL, (random >> 40) % VUART_BYTES, 1u << (random >> 62), random >> 20);
		(void)vm.devices[0].read(&vm, NULL, (random >> 48) % VUART_BYTES, 1u << (random >> 62));
	}
	vuart_destroy(&vm);
}

TEST(hypervisor_vuart, comes_back_from_a_snapshot)
{
	uint8_t state[PAGE_BYTES];
	fresh();
	set(FCR, 0x01);
	set(MCR, 0x10);
	set(IER, 1);
	set(DATA, 'z');
	ASSERT_EQ(vuart_save(&vm, state), vuart_bytes());
	EXPECT_EQ(get(DATA), 'z');
	vuart_load(&vm, state);
	EXPECT_EQ(get(IER), 1);
	EXPECT_EQ(get(DATA), 'z');
	EXPECT_FALSE(line);
	vuart_destroy(&vm);
}
