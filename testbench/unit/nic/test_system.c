/* The system controller: the slot flash's commands, the watchdog, warm resets. */
#include "models/nic/system.h"

#include "rtl/gen/field.h"
#include "testbench/gtest/test.h"

static uint8_t contents[SYS_FLASH_BYTES];
static struct system sys;
static uint64_t now;

static void begin(void)
{
	memset(contents, 0xff, sizeof contents);
	system_reset(&sys);
	now = 1000;
}

static void put(uint64_t offset, uint64_t value)
{
	system_write(&sys, contents, offset, value, now);
}

static uint64_t get(uint64_t offset)
{
	return system_read(&sys, contents, offset, now);
}

static void program(uint32_t address, uint64_t word)
{
	put(SYS_FLASH_ADDRESS, address);
	put(SYS_FLASH_LENGTH, 8);
	put(SYS_FLASH_BUFFER, word);
	put(SYS_FLASH_COMMAND, SYS_FLASH_PROGRAM);
}

static void erase(uint32_t address)
{
	put(SYS_FLASH_ADDRESS, address);
	put(SYS_FLASH_COMMAND, SYS_FLASH_ERASE);
}

TEST(slot_flash, programs_bits_to_zero_only_and_shows_it_at_the_end)
{
	begin();
	program(0x2000, 0x00ff00ff00ff00ffull);
	now += SYS_FLASH_PROGRAM_CYCLES + 8 * SYS_FLASH_BYTE_CYCLES - 1;
	EXPECT_EQ(get(SYS_FLASH_STATUS), SYS_FLASH_STATUS_BUSY_MASK);
	EXPECT_EQ(contents[0x2001], 0xff);
	now++;
	EXPECT_EQ(get(SYS_FLASH_STATUS), 0);
	EXPECT_EQ(contents[0x2001], 0);
	program(0x2000, 0xffffffffffffff0full);
	now += 10000;
	EXPECT_EQ(get(SYS_FLASH_STATUS), 0);
	EXPECT_EQ(contents[0x2000], 0x0f);
	EXPECT_EQ(contents[0x2001], 0);
	EXPECT_EQ(contents[0x2008], 0xff);
}

TEST(slot_flash, erases_whole_sectors)
{
	begin();
	memset(contents, 0, 3 * SYS_FLASH_SECTOR);
	erase(SYS_FLASH_SECTOR + 5);
	now += SYS_FLASH_ERASE_CYCLES;
	EXPECT_EQ(get(SYS_FLASH_STATUS), 0);
	EXPECT_EQ(contents[SYS_FLASH_SECTOR - 1], 0);
	EXPECT_EQ(contents[SYS_FLASH_SECTOR], 0xff);
	EXPECT_EQ(contents[2 * SYS_FLASH_SECTOR - 1], 0xff);
	EXPECT_EQ(contents[2 * SYS_FLASH_SECTOR], 0);
}

TEST(slot_flash, refuses_what_makes_no_sense)
{
	static const struct {
		uint64_t address, length, command;
	} wrong[] = {{SYS_FLASH_BYTES, 8, SYS_FLASH_PROGRAM}, {0, 0, SYS_FLASH_PROGRAM}, {0, 257, SYS_FLASH_PROGRAM}, {250, 8, SYS_FLASH_PROGRAM}, {0, 8, 3},
		     {UINT64_MAX, 8, SYS_FLASH_ERASE}};

	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		begin();
		put(SYS_FLASH_ADDRESS, wrong[i].address);
		put(SYS_FLASH_LENGTH, wrong[i].length);
		put(SYS_FLASH_COMMAND, wrong[i].command);
		EXPECT_EQ(get(SYS_FLASH_STATUS), SYS_FLASH_STATUS_ERROR_MASK);
	}
	begin();
	erase(0);
	program(0x2000, 0);
	EXPECT_EQ(get(SYS_FLASH_STATUS), SYS_FLASH_STATUS_ERROR_MASK | SYS_FLASH_STATUS_BUSY_MASK);
}

TEST(slot_flash, a_power_cut_leaves_a_part)
{
	begin();
	program(0x2000, 0);
	now += (SYS_FLASH_PROGRAM_CYCLES + 8 * SYS_FLASH_BYTE_CYCLES) / 2;
	flash_cut(&sys.flash, contents, now);
	EXPECT_EQ(contents[0x2000], 0);
	EXPECT_EQ(contents[0x2007], 0xff);
	begin();
	memset(contents, 0, SYS_FLASH_SECTOR);
	erase(0);
	now += SYS_FLASH_ERASE_CYCLES / 4;
	flash_cut(&sys.flash, contents, now);
	EXPECT_EQ(contents[0], 0xff);
	EXPECT_TRUE(contents[SYS_FLASH_SECTOR - 1] != 0xff && contents[SYS_FLASH_SECTOR - 1] != 0);
}

TEST(watchdog, warns_then_resets_and_is_off_afterwards)
{
	begin();
	EXPECT_EQ(system_next_event(&sys), UINT64_MAX);
	put(SYS_WDT_PERIOD, 500);
	now += 400;
	put(SYS_WDT_KICK, 0);
	EXPECT_EQ(system_next_event(&sys), now + 500);
	now += 500;
	system_advance(&sys, now);
	EXPECT_EQ(get(SYS_WDT_STATUS), SYS_WDT_STATUS_WARNED_MASK);
	EXPECT_FALSE(sys.reset_wanted);
	now += 500;
	system_advance(&sys, now);
	EXPECT_TRUE(sys.reset_wanted);
	put(SYS_ATTEMPTS, 2);
	system_was_reset(&sys, 0x1234);
	EXPECT_EQ(get(SYS_CAUSE), SYS_CAUSE_WATCHDOG);
	EXPECT_EQ(get(SYS_RESET_PC), 0x1234);
	EXPECT_EQ(get(SYS_RESETS), 1);
	EXPECT_EQ(get(SYS_ATTEMPTS), 2);
	EXPECT_EQ(system_next_event(&sys), UINT64_MAX);
}

TEST(watchdog, a_kick_takes_the_warning_back)
{
	begin();
	put(SYS_WDT_PERIOD, 500);
	now += 500;
	system_advance(&sys, now);
	put(SYS_WDT_KICK, 0);
	EXPECT_EQ(get(SYS_WDT_STATUS), 0);
	now += 499;
	system_advance(&sys, now);
	EXPECT_EQ(get(SYS_WDT_STATUS), 0);
}

TEST(reset, needs_its_key)
{
	begin();
	put(SYS_RESET, SYS_CAUSE_CRASH);
	EXPECT_FALSE(sys.reset_wanted);
	put(SYS_RESET, SYS_RESET_KEY | SYS_CAUSE_CRASH);
	EXPECT_TRUE(sys.reset_wanted);
	EXPECT_EQ(sys.reset_cause, SYS_CAUSE_CRASH);
}
