/* What the boot ROM judges by: signatures, versions, boot records, the choice of a slot. The same sources as in the ROM. */
#include <stdio.h>
#include <stdlib.h>

#include "firmware/boot/rom/rom.h"
#include "firmware/boot/sign.h"
#include "sys_regs.h"
#include "testbench/gtest/test.h"

enum { PAYLOAD_BYTES = 3000 };

static uint8_t flash[SYS_FLASH_BYTES] __attribute__((aligned(8)));
static char said[256];

static struct image *make(unsigned slot, uint32_t security)
{
	struct image *image = (struct image *)(void *)(flash + boot_slot_offset(slot));

	memset(image, 0, sizeof *image);
	image->header = (struct image_header){
		.magic = IMAGE_MAGIC, .format = IMAGE_FORMAT, .payload_bytes = PAYLOAD_BYTES, .load_address = IMAGE_LOAD_LOW, .entry = IMAGE_LOAD_LOW + 0x40,
		.info = {.security_version = security, .revision = "1.0     "},
	};
	for (unsigned i = 0; i < PAYLOAD_BYTES; i++)
		image->payload[i] = (uint8_t)(i * 7 + slot);
	image_sign(image, image_test_seed);
	return image;
}

static void begin(void)
{
	memset(flash, 0xff, sizeof flash);
	said[0] = '\0';
}

static void note(unsigned slot, const char *why)
{
	size_t used = strlen(said);
	snprintf(said + used, sizeof said - used, "%u: %s; ", slot, why);
}

static void put_record(uint32_t offset, uint32_t sequence, uint32_t slot, uint32_t least)
{
	struct boot_record record = {.sequence = sequence, .slot = slot, .least_security_version = least};
	boot_record_seal(&record);
	memcpy(flash + offset, &record, sizeof record);
}

/* openssl pkey of the seed gives the same public key; here: what the seed signs, the key in the ROM verifies. */
TEST(image, the_test_key_signs_what_the_rom_accepts)
{
	begin();
	EXPECT_EQ(image_judge(make(1, 1), SYS_FLASH_SLOT_BYTES, 0), IMAGE_GOOD);
}

TEST(image, every_flipped_bit_is_found)
{
	begin();
	struct image *image = make(1, 1);
	uint8_t *bytes = (uint8_t *)image;

	for (size_t bit = 0; bit < (sizeof *image + PAYLOAD_BYTES) * 8; bit += 61) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		EXPECT_TRUE(image_judge(image, SYS_FLASH_SLOT_BYTES, 0) != IMAGE_GOOD);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	EXPECT_EQ(image_judge(image, SYS_FLASH_SLOT_BYTES, 0), IMAGE_GOOD);
}

TEST(image, another_key_is_refused)
{
	uint8_t seed[SIGN_SEED_BYTES] = {1, 2, 3};

	begin();
	struct image *image = make(1, 1);
	image_sign(image, seed);
	EXPECT_EQ(image_judge(image, SYS_FLASH_SLOT_BYTES, 0), IMAGE_FORGED);
}

TEST(image, sizes_and_addresses_that_cannot_be_are_refused_before_anything_is_read)
{
	static const struct {
		uint32_t bytes;
		uint64_t load, entry;
	} wrong[] = {
		{0, IMAGE_LOAD_LOW, IMAGE_LOAD_LOW}, {0xffffffff, IMAGE_LOAD_LOW, IMAGE_LOAD_LOW}, {SYS_FLASH_SLOT_BYTES - 255, IMAGE_LOAD_LOW, IMAGE_LOAD_LOW},
		{64, IMAGE_LOAD_LOW - 8, IMAGE_LOAD_LOW}, {64, IMAGE_LOAD_HIGH - 8, IMAGE_LOAD_HIGH - 8}, {64, IMAGE_LOAD_LOW + 4, IMAGE_LOAD_LOW + 4},
		{64, UINT64_MAX - 7, UINT64_MAX - 7}, {64, IMAGE_LOAD_LOW, IMAGE_LOAD_LOW + 64}, {64, IMAGE_LOAD_LOW, IMAGE_LOAD_LOW - 4}, {64, IMAGE_LOAD_LOW, IMAGE_LOAD_LOW + 2},
	};

	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		begin();
		struct image *image = make(1, 1);
		image->header.payload_bytes = wrong[i].bytes;
		image->header.load_address = wrong[i].load;
		image->header.entry = wrong[i].entry;
		EXPECT_EQ(image_judge(image, SYS_FLASH_SLOT_BYTES, 0), IMAGE_MALFORMED);
	}
	begin();
	EXPECT_EQ(image_judge(flash + SYS_FLASH_SLOT_1, SYS_FLASH_SLOT_BYTES, 0), IMAGE_ABSENT);
	EXPECT_EQ(image_judge(make(1, 1), sizeof(struct image) - 1, 0), IMAGE_ABSENT);
	EXPECT_EQ(image_judge(make(1, 1), sizeof(struct image) + PAYLOAD_BYTES - 1, 0), IMAGE_MALFORMED);
}

TEST(image, an_old_one_is_refused)
{
	begin();
	EXPECT_EQ(image_judge(make(1, 2), SYS_FLASH_SLOT_BYTES, 3), IMAGE_OLD);
	EXPECT_EQ(image_judge(make(1, 3), SYS_FLASH_SLOT_BYTES, 3), IMAGE_GOOD);
}

TEST(boot_record, the_newer_sound_one_holds)
{
	struct boot_record record;

	begin();
	EXPECT_EQ(boot_record_read(flash, &record), -1);
	EXPECT_EQ(record.slot, 1);
	EXPECT_EQ(record.least_security_version, 0);
	put_record(SYS_FLASH_RECORD_A, 0xffffffff, 2, 5);
	EXPECT_EQ(boot_record_read(flash, &record), 0);
	put_record(SYS_FLASH_RECORD_B, 0, 1, 6);
	EXPECT_EQ(boot_record_read(flash, &record), 1);
	EXPECT_EQ(record.slot, 1);
	flash[SYS_FLASH_RECORD_B + 12] ^= 1;
	EXPECT_EQ(boot_record_read(flash, &record), 0);
	EXPECT_EQ(record.least_security_version, 5);
	put_record(SYS_FLASH_RECORD_B, 1, 3, 0);
	EXPECT_EQ(boot_record_read(flash, &record), 0);
}

TEST(boot, takes_the_slot_of_the_record_and_falls_back)
{
	begin();
	make(1, 1);
	make(2, 1);
	EXPECT_EQ(boot_choose(flash, 0, note), 1);
	put_record(SYS_FLASH_RECORD_A, 1, 2, 1);
	EXPECT_EQ(boot_choose(flash, 0, note), 2);
	EXPECT_STREQ(said, "");
	flash[SYS_FLASH_SLOT_2 + 300] ^= 1;
	EXPECT_EQ(boot_choose(flash, 0, note), 1);
	EXPECT_STREQ(said, "2: bad signature; ");
}

TEST(boot, does_not_go_back_behind_the_security_version)
{
	begin();
	make(1, 1);
	make(2, 2);
	put_record(SYS_FLASH_RECORD_A, 1, 2, 2);
	flash[SYS_FLASH_SLOT_2 + 300] ^= 1;
	EXPECT_EQ(boot_choose(flash, 0, note), 0);
	EXPECT_STREQ(said, "2: bad signature; 1: security version too low; ");
}

TEST(boot, a_slot_that_crashes_gives_way_and_at_last_nothing_is_started)
{
	begin();
	make(1, 1);
	make(2, 1);
	EXPECT_EQ(boot_choose(flash, ROM_BOOT_ATTEMPTS - 1, note), 1);
	EXPECT_EQ(boot_choose(flash, ROM_BOOT_ATTEMPTS, note), 2);
	EXPECT_STREQ(said, "1: crashes; ");
	EXPECT_EQ(boot_choose(flash, 2 * ROM_BOOT_ATTEMPTS, note), 0);
}
