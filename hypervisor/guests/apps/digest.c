/* SHA-256 (FIPS 180-4), CRC-32 and CRC-32C by table and bit by bit, Adler-32, of the same bytes. */
#include "hypervisor/guests/apps/app.h"

enum { BYTES = 20000 };

static uint8_t data[BYTES];
static uint32_t table[256];

static uint32_t rotate(uint32_t v, unsigned n) { return v >> n | v << (32 - n); }

static uint32_t k[64];

/* The fractional parts of the cube roots of the first 64 primes, by integer search. */
static void make_constants(void)
{
	unsigned n = 0;

	for (uint64_t p = 2; n < 64; p++) {
		unsigned __int128 target = (unsigned __int128)p << 96;
		uint64_t root = 0;
		int prime = 1;

		for (uint64_t d = 2; d * d <= p; d++)
			prime &= p % d != 0;
		if (!prime)
			continue;
		for (int bit = 35; bit >= 0; bit--) {
			uint64_t t = root | (uint64_t)1 << bit;

			if ((unsigned __int128)t * t * t <= target)
				root = t;
		}
		k[n++] = (uint32_t)root;
	}
}

static void compress(uint32_t *h, const uint8_t *block)
{
	uint32_t w[64], v[8];

	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (unsigned i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) +
			(rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
	for (unsigned i = 0; i < 8; i++)
		v[i] = h[i];
	for (unsigned i = 0; i < 64; i++) {
		uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
		uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		for (unsigned j = 7; j; j--)
			v[j] = v[j - 1];
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

static void sha256(const uint8_t *bytes, uint64_t count, uint32_t *h)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	uint8_t last[128] = {0};
	uint64_t whole = count / 64 * 64, rest = count - whole, end = rest < 56 ? 64 : 128;

	for (unsigned i = 0; i < 8; i++)
		h[i] = start[i];
	for (uint64_t at = 0; at < whole; at += 64)
		compress(h, bytes + at);
	for (uint64_t i = 0; i < rest; i++)
		last[i] = bytes[whole + i];
	last[rest] = 0x80;
	for (unsigned i = 0; i < 8; i++)
		last[end - 1 - i] = (uint8_t)(count * 8 >> 8 * i);
	compress(h, last);
	if (end == 128)
		compress(h, last + 64);
}

static uint32_t crc_bits(uint32_t polynomial)
{
	uint32_t c = UINT32_MAX;

	for (unsigned i = 0; i < BYTES; i++) {
		c ^= data[i];
		for (unsigned b = 0; b < 8; b++)
			c = c >> 1 ^ (c & 1 ? polynomial : 0);
	}
	return ~c;
}

static uint32_t crc_table(uint32_t polynomial)
{
	uint32_t c = UINT32_MAX;

	for (unsigned i = 0; i < 256; i++) {
		table[i] = i;
		for (unsigned b = 0; b < 8; b++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? polynomial : 0);
	}
	for (unsigned i = 0; i < BYTES; i++)
		c = table[(c ^ data[i]) & 255] ^ c >> 8;
	return ~c;
}

static void put_digest(const uint8_t *bytes, uint64_t count)
{
	uint32_t h[8];

	sha256(bytes, count, h);
	put_text("sha256 ");
	for (unsigned i = 0; i < 8; i++)
		put_hex(h[i], 8);
	put_text("\n");
}

int app_main(void)
{
	uint64_t random = 1234567, a = 1, b = 0;
	unsigned different;

	make_constants();
	for (unsigned i = 0; i < BYTES; i++)
		data[i] = (uint8_t)next_random(&random);
	put_digest((const uint8_t *)"abc", 3);
	put_digest(data, BYTES);
	put_digest(data, 55);
	put_digest(data, 56);
	put_result("crc32", crc_table(0xedb88320));
	put_result("crc32c", crc_table(0x82f63b78));
	different = crc_bits(0xedb88320) != crc_table(0xedb88320);
	different += crc_bits(0x82f63b78) != crc_table(0x82f63b78);
	for (unsigned i = 0; i < BYTES; i++) {
		a = (a + data[i]) % 65521;
		b = (b + a) % 65521;
	}
	put_result("adler32", b << 16 | a);
	put_result("different", different);
	return different != 0;
}
