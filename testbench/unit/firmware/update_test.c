/* Updates of the firmware against the model of the slot flash: what may be written where, and that no power cut leaves nothing to start. */
#include <stdlib.h>

#include "firmware/boot/keep.h"
#include "firmware/boot/rom/rom.h"
#include "firmware/boot/system.h"
#include "firmware/core/clock.h"
#include "firmware/update/update.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_board.h"
#include "testbench/unit/firmware/fake_system.h"

enum { PAYLOAD_BYTES = 9000, CYCLES_PER_TICK = 100, PATIENCE_TICKS = 20000 };

static uint8_t image[SYS_FLASH_SLOT_BYTES] __attribute__((aligned(8)));
static size_t image_bytes;
static enum update_result result;
static unsigned results;

static void note(enum update_result what)
{
	result = what;
	results++;
}

static void begin(void)
{
	fake_system_reset();
	update_init();
	update_forget();
	results = 0;
	image_bytes = fake_image(image, "2.0", 1, KEEP_LAYOUT, PAYLOAD_BYTES);
}

static void download(void)
{
	for (uint32_t at = 0; at < image_bytes; at += 4096)
		ASSERT_EQ(update_download(at, image + at, image_bytes - at < 4096 ? (uint32_t)(image_bytes - at) : 4096), 0);
}

static void tick(void)
{
	fake_clock_set(clock_ticks() + 7);
	update_run();
}

static enum update_result commit(struct update_request request)
{
	results = 0;
	update_begin(&request, note);
	for (unsigned i = 0; i < PATIENCE_TICKS && update_busy(); i++)
		tick();
	EXPECT_EQ(results, 1);
	return result;
}

static void ignore(unsigned slot, const char *why)
{
	(void)slot, (void)why;
}

static void restart(void)
{
	fake_system.booted_slot = boot_choose(fake_system.contents, 0, ignore);
	update_init();
	update_forget();
}

TEST(firmware_update, replaces_the_other_slot_and_starts_it_next)
{
	begin();
	download();
	EXPECT_EQ(commit((struct update_request){.replace = true, .activate = true}), UPDATE_DONE);
	EXPECT_TRUE(update_pending());
	EXPECT_EQ(update_active_slot(), 1);
	EXPECT_EQ(update_next_slot(), 2);
	EXPECT_EQ(memcmp(update_revision(2), "2.0     ", 8), 0);
	EXPECT_EQ(memcmp(update_revision(0), "1.0     ", 8), 0);
	restart();
	EXPECT_EQ(update_active_slot(), 2);
	EXPECT_FALSE(update_pending());
	EXPECT_EQ(memcmp(update_revision(0), "2.0     ", 8), 0);
}

TEST(firmware_update, without_activation_what_runs_stays)
{
	begin();
	download();
	EXPECT_EQ(commit((struct update_request){.slot = 2, .replace = true}), UPDATE_DONE);
	EXPECT_FALSE(update_pending());
	restart();
	EXPECT_EQ(update_active_slot(), 1);
	EXPECT_EQ(commit((struct update_request){.slot = 2, .activate = true}), UPDATE_DONE);
	restart();
	EXPECT_EQ(update_active_slot(), 2);
}

TEST(firmware_update, pieces_come_in_any_order_but_none_twice)
{
	begin();
	EXPECT_EQ(update_download(4096, image + 4096, (uint32_t)image_bytes - 4096), 0);
	EXPECT_EQ(commit((struct update_request){.replace = true}), UPDATE_BAD_IMAGE);
	EXPECT_EQ(update_download(0, image, 4096), 0);
	EXPECT_EQ(commit((struct update_request){.replace = true}), UPDATE_BAD_IMAGE); /* the refused commit was the end of the pieces before it */
	begin();
	EXPECT_EQ(update_download(4096, image + 4096, (uint32_t)image_bytes - 4096), 0);
	EXPECT_EQ(update_download(0, image, 4100), -2);
	EXPECT_EQ(update_download(4092, image, 8), -2);
	EXPECT_EQ(update_download(0, image, 4096), 0);
	EXPECT_EQ(commit((struct update_request){.replace = true}), UPDATE_DONE);
}

TEST(firmware_update, pieces_outside_of_a_slot_are_refused)
{
	begin();
	EXPECT_EQ(update_download(SYS_FLASH_SLOT_BYTES, image, 4), -1);
	EXPECT_EQ(update_download(SYS_FLASH_SLOT_BYTES - 4, image, 8), -1);
	EXPECT_EQ(update_download(UINT32_MAX - 3, image, 8), -1);
	EXPECT_EQ(update_download(SYS_FLASH_SLOT_BYTES - 4, image, 4), 0);
}

TEST(firmware_update, refuses_what_the_rom_would_not_start)
{
	begin();
	EXPECT_EQ(commit((struct update_request){.replace = true, .activate = true}), UPDATE_BAD_IMAGE);
	image[500] ^= 4;
	download();
	EXPECT_EQ(commit((struct update_request){.replace = true, .activate = true}), UPDATE_BAD_IMAGE);
	memset(fake_system.contents + SYS_FLASH_SLOT_2, 0xff, 4096);
	EXPECT_EQ(commit((struct update_request){.slot = 2, .activate = true}), UPDATE_BAD_IMAGE);
	EXPECT_EQ(fake_system.commands, 0);
}

TEST(firmware_update, an_old_image_is_refused_once_a_newer_one_has_run)
{
	begin();
	image_bytes = fake_image(image, "3.0", 3, KEEP_LAYOUT, PAYLOAD_BYTES);
	download();
	EXPECT_EQ(commit((struct update_request){.replace = true, .activate = true}), UPDATE_DONE);
	restart();
	EXPECT_EQ(update_active_slot(), 2);
	update_confirm();
	for (unsigned i = 0; i < PATIENCE_TICKS && (update_busy() || i == 0); i++)
		tick();
	EXPECT_TRUE(fake_system.good);
	image_bytes = fake_image(image, "1.1", 2, KEEP_LAYOUT, PAYLOAD_BYTES);
	download();
	EXPECT_EQ(commit((struct update_request){.replace = true, .activate = true}), UPDATE_TOO_OLD);
	EXPECT_EQ(commit((struct update_request){.slot = 1, .activate = true}), UPDATE_TOO_OLD);
	fake_system.contents[SYS_FLASH_SLOT_2 + 500] ^= 1;
	EXPECT_EQ(boot_choose(fake_system.contents, 0, ignore), 0);
}

TEST(firmware_update, a_confirmation_leaves_a_download_alone)
{
	begin();
	fake_image(fake_system.contents + SYS_FLASH_SLOT_1, "1.5", 2, KEEP_LAYOUT, 1000);
	update_init();
	image_bytes = fake_image(image, "2.0", 2, KEEP_LAYOUT, PAYLOAD_BYTES);
	EXPECT_EQ(update_download(0, image, 4096), 0);
	update_confirm();
	update_run();
	EXPECT_TRUE(update_busy());
	for (unsigned i = 0; i < PATIENCE_TICKS && update_busy(); i++)
		tick();
	EXPECT_EQ(update_download(4096, image + 4096, (uint32_t)image_bytes - 4096), 0);
	EXPECT_EQ(commit((struct update_request){.replace = true}), UPDATE_DONE);
}

/* The flash has other users. */
TEST(firmware_update, waits_for_the_flash)
{
	begin();
	download();
	system_flash_erase(SYS_FLASH_VOLUMES_A);
	EXPECT_EQ(commit((struct update_request){.replace = true, .activate = true}), UPDATE_DONE);
	begin();
	fake_image(fake_system.contents + SYS_FLASH_SLOT_1, "1.5", 2, KEEP_LAYOUT, 1000);
	update_init();
	update_confirm();
	system_flash_erase(SYS_FLASH_VOLUMES_A);
	for (unsigned i = 0; i < PATIENCE_TICKS && (update_busy() || i == 0); i++)
		tick();
	restart();
	image_bytes = fake_image(image, "1.6", 1, KEEP_LAYOUT, PAYLOAD_BYTES);
	download();
	EXPECT_EQ(commit((struct update_request){.replace = true}), UPDATE_TOO_OLD);
}

TEST(firmware_update, the_slot_that_is_next_is_replaced_only_if_the_other_is_good)
{
	begin();
	download();
	fake_system.contents[SYS_FLASH_SLOT_2 + 300] ^= 1;
	EXPECT_EQ(commit((struct update_request){.slot = 1, .replace = true}), UPDATE_BAD_SLOT);
	fake_system.contents[SYS_FLASH_SLOT_2 + 300] ^= 1;
	EXPECT_EQ(commit((struct update_request){.slot = 1, .replace = true}), UPDATE_DONE);
}

TEST(firmware_update, another_layout_of_what_is_kept_needs_a_reset)
{
	begin();
	image_bytes = fake_image(image, "2.0", 1, KEEP_LAYOUT + 1, PAYLOAD_BYTES);
	download();
	EXPECT_EQ(commit((struct update_request){.replace = true, .activate = true, .at_once = true}), UPDATE_NEEDS_RESET);
	EXPECT_TRUE(update_pending());
}

/* The whole update, with power failing after so many cycles: there is always something to start, and it is the old image until the request is done. */
static bool cut_after(const struct update_request *request, uint64_t cycles)
{
	uint64_t start;
	unsigned slot;

	begin();
	download();
	start = clock_ticks();
	update_begin(request, note);
	while (update_busy() && (clock_ticks() - start) * CYCLES_PER_TICK < cycles)
		tick();
	flash_cut(&fake_system.flash, fake_system.contents, clock_ticks() * CYCLES_PER_TICK);
	slot = boot_choose(fake_system.contents, 0, ignore);
	EXPECT_TRUE(slot == 1 || slot == 2);
	if (results == 1 && request->activate)
		EXPECT_EQ(slot, 2);
	if (slot == 2) {
		fake_system.booted_slot = slot;
		update_init();
		EXPECT_EQ(memcmp(update_revision(0), request->slot == 1 ? "1.0     " : "2.0     ", 8), 0);
	}
	return results == 0;
}

TEST(firmware_update, no_power_cut_leaves_nothing_to_start)
{
	struct update_request activate = {.slot = 2, .replace = true, .activate = true}, active = {.slot = 1, .replace = true};
	unsigned cuts = 0;

	for (uint64_t cycles = 1; cut_after(&activate, cycles); cycles += 997)
		cuts++;
	for (uint64_t cycles = 1; cut_after(&active, cycles); cycles += 4999)
		cuts++;
	EXPECT_TRUE(cuts > 400);
}
