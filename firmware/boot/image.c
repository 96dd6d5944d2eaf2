#include "firmware/boot/image.h"

#include "crypto_sign_ed25519.h"

enum image_verdict image_judge_header(const void *image, size_t bytes)
{
	const struct image_header *header = &((const struct image *)image)->header;
	uint64_t end;

	if (bytes < sizeof(struct image) || header->magic != IMAGE_MAGIC)
		return IMAGE_ABSENT;
	end = header->load_address + header->payload_bytes;
	if (header->format != IMAGE_FORMAT || header->payload_bytes == 0 || header->payload_bytes > bytes - sizeof(struct image) ||
	    header->load_address % 8 != 0 || header->load_address < IMAGE_LOAD_LOW || header->load_address >= IMAGE_LOAD_HIGH || end > IMAGE_LOAD_HIGH ||
	    header->entry % 4 != 0 || header->entry < header->load_address || header->entry >= end)
		return IMAGE_MALFORMED;
	return IMAGE_GOOD;
}

enum image_verdict image_judge(const void *image, size_t bytes, uint32_t least)
{
	const struct image *it = image;
	enum image_verdict verdict = image_judge_header(image, bytes);

	if (verdict != IMAGE_GOOD)
		return verdict;
	if (crypto_sign_ed25519_verify_detached(it->signature, (const uint8_t *)&it->header, sizeof(it->header) + it->header.payload_bytes,
		    image_public_key) != 0)
		return IMAGE_FORGED;
	return it->header.info.security_version < least ? IMAGE_OLD : IMAGE_GOOD;
}

const char *image_verdict_text(enum image_verdict verdict)
{
	static const char *const text[] = {
		[IMAGE_GOOD] = "good", [IMAGE_ABSENT] = "no image", [IMAGE_MALFORMED] = "malformed image", [IMAGE_FORGED] = "bad signature",
		[IMAGE_OLD] = "security version too low",
	};
	return text[verdict];
}
