#include "firmware/boot/image.h"

#include <string.h>

#include "crypto_hash_sha512.h"
#include "sys_regs.h"

static void digest(const struct boot_record *record, uint8_t hash[crypto_hash_sha512_BYTES])
{
	crypto_hash_sha512(hash, (const uint8_t *)record, offsetof(struct boot_record, check));
}

static bool sound(const struct boot_record *record)
{
	uint8_t hash[crypto_hash_sha512_BYTES];

	if (record->magic != BOOT_RECORD_MAGIC || record->slot < 1 || record->slot > IMAGE_SLOTS)
		return false;
	digest(record, hash);
	return memcmp(hash, record->check, sizeof(record->check)) == 0;
}

int boot_record_read(const uint8_t *flash, struct boot_record *record)
{
	static const uint32_t offsets[] = {SYS_FLASH_RECORD_A, SYS_FLASH_RECORD_B};
	struct boot_record candidate;
	int where = -1;

	*record = (struct boot_record){.magic = BOOT_RECORD_MAGIC, .slot = 1};
	for (int i = 0; i < 2; i++) {
		memcpy(&candidate, flash + offsets[i], sizeof(candidate));
		if (!sound(&candidate) || (where >= 0 && (int32_t)(candidate.sequence - record->sequence) < 0))
			continue;
		*record = candidate;
		where = i;
	}
	return where;
}

void boot_record_seal(struct boot_record *record)
{
	uint8_t hash[crypto_hash_sha512_BYTES];

	record->magic = BOOT_RECORD_MAGIC;
	digest(record, hash);
	memcpy(record->check, hash, sizeof(record->check));
}

uint32_t boot_slot_offset(unsigned slot)
{
	return slot == 1 ? SYS_FLASH_SLOT_1 : SYS_FLASH_SLOT_2;
}
