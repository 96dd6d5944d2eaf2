/* Firmware images and boot records in the slot flash (offsets: models/nic/registers.tcl): what the boot ROM starts, and what the firmware
 * checks before it takes an image from a host.
 *
 *   image    signature (64) | header (192) | payload
 *            Ed25519 (RFC 8032) by the vendor's key, over header and payload; the payload goes to load_address as it is.
 *   record   which slot to start, and the least security version that may be started. There are two sectors of it; the sound one with the
 *            higher sequence holds. The other one is written, so that a power cut leaves at least one.
 *
 * Little-endian. The files of this folder that know them (image.c, record.c) are in the boot ROM, in the firmware and in the tools.
 */
#ifndef ASSAY_FIRMWARE_BOOT_IMAGE_H
#define ASSAY_FIRMWARE_BOOT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAGIC 0x43494e41u /* "ANIC" */
#define IMAGE_FORMAT 1u
#define IMAGE_SIGNATURE_BYTES 64
#define IMAGE_KEY_BYTES 32
#define IMAGE_BUILD_ID_BYTES 20
#define IMAGE_REVISION_BYTES 8
#define IMAGE_SLOTS 2

/* Where images may go: above the stacks, below what survives a restart (link.ld). */
#define IMAGE_LOAD_LOW 0x80011000u
#define IMAGE_LOAD_HIGH 0x83000000u

/* What an image says of itself; the firmware's source fills it (firmware/version.c), the signer copies it from the ELF's section .image_info. */
struct image_info {
	uint32_t security_version; /* never decreases: an image with less than the record's is refused */
	uint32_t keep_layout;      /* images with the same one can take over from each other without a reset of the controllers */
	char revision[IMAGE_REVISION_BYTES]; /* as NVMe's FR, filled up with blanks */
};

struct image_header {
	uint32_t magic;
	uint32_t format;
	uint32_t payload_bytes;
	uint32_t reserved1;
	uint64_t load_address;
	uint64_t entry;
	struct image_info info;
	uint8_t build_id[IMAGE_BUILD_ID_BYTES]; /* of the ELF */
	uint8_t reserved2[124];
};
_Static_assert(sizeof(struct image_header) == 192, "image header");

struct image {
	uint8_t signature[IMAGE_SIGNATURE_BYTES];
	struct image_header header;
	uint8_t payload[];
};
_Static_assert(offsetof(struct image, payload) == 256, "the payload is aligned");

enum image_verdict {
	IMAGE_GOOD,
	IMAGE_ABSENT,    /* no header */
	IMAGE_MALFORMED, /* sizes or addresses that cannot be */
	IMAGE_FORGED,    /* the signature is not the vendor's over these bytes */
	IMAGE_OLD,       /* good, but its security version is below what the record asks for */
};

/**
 * Judges @p bytes bytes at @p image (8-byte aligned), of which the image is the first part.
 * @param least smallest security version
 */
enum image_verdict image_judge(const void *image, size_t bytes, uint32_t least);

/** Checks everything but the signature: whether a header is worth loading. */
enum image_verdict image_judge_header(const void *image, size_t bytes);

const char *image_verdict_text(enum image_verdict verdict);

/** The key that images are signed with. It is the test key, known to everybody: test_key.h. */
extern const uint8_t image_public_key[IMAGE_KEY_BYTES];

struct boot_record {
	uint32_t magic;
	uint32_t sequence;
	uint32_t slot; /* 1 or 2 */
	uint32_t least_security_version;
	uint32_t reserved[10];
	uint8_t check[8]; /* the first bytes of the SHA-512 of what is before */
};
_Static_assert(sizeof(struct boot_record) == 64, "boot record");
#define BOOT_RECORD_MAGIC 0x52544f42u /* "BOTR" */

/** The record that holds in the slot flash at @p flash, or what holds if there is none: slot 1, sequence 0. @return which sector it is in, -1: none. */
int boot_record_read(const uint8_t *flash, struct boot_record *record);

/** Fills in magic and check. */
void boot_record_seal(struct boot_record *record);

/** The offset of a slot's image in the flash. @param slot 1 or 2 */
uint32_t boot_slot_offset(unsigned slot);

#endif
