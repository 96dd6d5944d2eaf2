#include "firmware/boot/sign.h"

#include <string.h>

#include "crypto_sign_ed25519.h"
#include "firmware/boot/test_key.h"

_Static_assert(sizeof(TEST_KEY_SEED) - 1 == SIGN_SEED_BYTES, "seed");
const uint8_t image_test_seed[SIGN_SEED_BYTES] = TEST_KEY_SEED;

void image_sign(struct image *image, const uint8_t seed[SIGN_SEED_BYTES])
{
	uint8_t public_key[crypto_sign_ed25519_PUBLICKEYBYTES], secret_key[crypto_sign_ed25519_SECRETKEYBYTES];

	crypto_sign_ed25519_seed_keypair(public_key, secret_key, seed);
	crypto_sign_ed25519_detached(image->signature, NULL, (const uint8_t *)&image->header, sizeof(image->header) + image->header.payload_bytes,
		secret_key);
	memset(secret_key, 0, sizeof(secret_key));
}
