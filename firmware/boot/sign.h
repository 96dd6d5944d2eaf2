/* Signing of images on the host that builds them. Not in any firmware. */
#ifndef ASSAY_FIRMWARE_BOOT_SIGN_H
#define ASSAY_FIRMWARE_BOOT_SIGN_H

#include "firmware/boot/image.h"

#define SIGN_SEED_BYTES 32

/** Signs @p image, whose header and payload are complete, with the private key @p seed (RFC 8032). */
void image_sign(struct image *image, const uint8_t seed[SIGN_SEED_BYTES]);

/** The seed of the test key. */
extern const uint8_t image_test_seed[SIGN_SEED_BYTES];

#endif
