#include "testbench/unit/firmware/fake_system.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/boot/keep.h"
#include "firmware/boot/sign.h"
#include "firmware/boot/system.h"
#include "firmware/core/clock.h"

#define CYCLES_PER_TICK 100

struct fake_system fake_system;

size_t fake_image(void *to, const char *revision, uint32_t security, uint32_t keep_layout, uint32_t payload_bytes)
{
	struct image *image = to;

	memset(image, 0, sizeof(*image));
	image->header = (struct image_header){
		.magic = IMAGE_MAGIC, .format = IMAGE_FORMAT, .payload_bytes = payload_bytes, .load_address = IMAGE_LOAD_LOW, .entry = IMAGE_LOAD_LOW,
		.info = {.security_version = security, .keep_layout = keep_layout},
	};
	memset(image->header.info.revision, ' ', IMAGE_REVISION_BYTES);
	memcpy(image->header.info.revision, revision, strlen(revision));
	for (uint32_t i = 0; i < payload_bytes; i++)
		image->payload[i] = (uint8_t)(i * 13 + (uint8_t)revision[0]);
	image_sign(image, image_test_seed);
	return sizeof(*image) + payload_bytes;
}

void fake_system_reset(void)
{
	memset(&fake_system, 0, sizeof(fake_system));
	memset(fake_system.contents, 0xff, sizeof(fake_system.contents));
	fake_image(fake_system.contents + SYS_FLASH_SLOT_1, "1.0", 1, KEEP_LAYOUT, 1000);
	fake_image(fake_system.contents + SYS_FLASH_SLOT_2, "1.0", 1, KEEP_LAYOUT, 1000);
	fake_system.booted_slot = 1;
}

static uint64_t now(void)
{
	return clock_ticks() * CYCLES_PER_TICK;
}

unsigned system_booted_slot(void)
{
	return fake_system.booted_slot;
}

void system_boot_is_good(void)
{
	fake_system.good = true;
}

void system_restart(unsigned cause)
{
	fake_system.restart_cause = cause;
	if (!fake_system.restart)
		abort();
	longjmp(*fake_system.restart, 1);
}

const uint8_t *system_flash(void)
{
	return fake_system.contents;
}

static void command(uint64_t what)
{
	fake_system.commands++;
	flash_command(&fake_system.flash, fake_system.contents, what, now());
	if (fake_system.flash.error)
		abort();
}

void system_flash_erase(uint32_t offset)
{
	fake_system.flash.address = offset;
	command(SYS_FLASH_ERASE);
}

void system_flash_program(uint32_t offset, const uint8_t *data, uint32_t bytes)
{
	fake_system.flash.address = offset;
	fake_system.flash.length = bytes;
	memcpy(fake_system.flash.buffer, data, bytes);
	command(SYS_FLASH_PROGRAM);
}

bool system_flash_busy(void)
{
	return flash_busy(&fake_system.flash, fake_system.contents, now());
}
