/* TEST KEY: not a secret. Everybody who has this file can sign images that the boot ROM of this tree starts. A product has a key of its own:
 * its public half goes to the ROM in place of test_key_public.c, its private half is kept by whoever releases the firmware, not in a tree. */
#ifndef ASSAY_FIRMWARE_BOOT_TEST_KEY_H
#define ASSAY_FIRMWARE_BOOT_TEST_KEY_H

/* Ed25519 seed (RFC 8032 section 5.1.5, the private key), 32 bytes. */
#define TEST_KEY_SEED "assay: a TEST KEY, not a secret!"

#endif
