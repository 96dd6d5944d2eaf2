/* The guest image loader, mostly on images that are wrong. */
#include <stdlib.h>

#include "hypervisor/core/vm.h"
#include "testbench/gtest/test.h"

enum { MEMORY_BYTES = 4 << 20, IMAGE_BYTES = 64 + 2 * 56 + 32, HOSTILE_ROUNDS = 50000 };

static struct vm vm;

/* The real one lies in core/vm.c, with the rest of the VM. */
void *vm_memory(const struct vm *of, gpa_t guest, uint64_t bytes)
{
	uint64_t offset = guest.value - VM_RAM_BASE;
	return offset > of->memory_bytes || bytes > of->memory_bytes - offset ? NULL : of->memory + offset;
}

static void put(uint8_t *image, size_t at, uint64_t value, size_t bytes)
{
	memcpy(image + at, &value, bytes);
}

/* Two segments: 16 bytes at +0x1000 with 64 bytes of memory, 16 bytes at +0x3000. */
static void build(uint8_t *image)
{
	memset(image, 0, IMAGE_BYTES);
	memcpy(image, "\177ELF\2\1\1", 7);
	put(image, 18, 243, 2);
	put(image, 24, VM_RAM_BASE + 0x1000, 8);
	put(image, 32, 64, 8);
	put(image, 54, 56, 2);
	put(image, 56, 2, 2);
	for (size_t s = 0; s < 2; s++) {
		size_t at = 64 + s * 56;
		put(image, at, 1, 4);
		put(image, at + 8, 64 + 2 * 56 + s * 16, 8);
		put(image, at + 24, VM_RAM_BASE + 0x1000 + s * 0x2000, 8);
		put(image, at + 32, 16, 8);
		put(image, at + 40, s ? 16 : 64, 8);
		memset(image + 64 + 2 * 56 + s * 16, s ? 0xbb : 0xaa, 16);
	}
}

static int load(const uint8_t *image, uint64_t bytes, uint64_t *entry)
{
	free(vm.memory);
	vm.memory = calloc(1, MEMORY_BYTES);
	vm.memory_bytes = MEMORY_BYTES;
	return vm_load_image(&vm, image, bytes, entry);
}

TEST(hypervisor_loader, loads_segments)
{
	uint8_t image[IMAGE_BYTES];
	uint64_t entry = 0;
	build(image);
	ASSERT_EQ(load(image, sizeof image, &entry), MAILBOX_OK);
	EXPECT_EQ(entry, VM_RAM_BASE + 0x1000);
	EXPECT_EQ(vm.memory[0x1000], 0xaa);
	EXPECT_EQ(vm.memory[0x100f], 0xaa);
	EXPECT_EQ(vm.memory[0x1010], 0);
	EXPECT_EQ(vm.memory[0x3000], 0xbb);
}

TEST(hypervisor_loader, loads_raw_images_two_megabytes_up)
{
	const uint8_t image[] = "raw image";
	uint64_t entry = 0;
	ASSERT_EQ(load(image, sizeof image, &entry), MAILBOX_OK);
	EXPECT_EQ(entry, VM_RAM_BASE + VM_IMAGE_OFFSET);
	EXPECT_MEMEQ(vm.memory + VM_IMAGE_OFFSET, image, sizeof image);
}

TEST(hypervisor_loader, refuses_what_does_not_fit)
{
	static const struct {
		const char *what;
		size_t at;
		uint64_t value;
		size_t bytes;
	} bad[] = {
		{"32-bit class", 4, 1, 1},
		{"big endian", 5, 2, 1},
		{"other machine", 18, 62, 2},
		{"entry outside", 24, 0x1000, 8},
		{"table beyond the end", 32, IMAGE_BYTES, 8},
		{"table offset wraps", 32, ~0ull - 8, 8},
		{"odd segment size", 54, 32, 2},
		{"too many segments", 56, 0xffff, 2},
		{"data beyond the end", 64 + 8, IMAGE_BYTES - 8, 8},
		{"data offset wraps", 64 + 8, ~0ull - 4, 8},
		{"address below RAM", 64 + 24, VM_RAM_BASE - 8, 8},
		{"address behind RAM", 64 + 24, VM_RAM_BASE + MEMORY_BYTES - 8, 8},
		{"more file than memory", 64 + 40, 8, 8},
		{"memory size wraps", 64 + 40, ~0ull - 16, 8},
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint8_t image[IMAGE_BYTES];
		uint64_t entry = 77;
		build(image);
		put(image, bad[i].at, bad[i].value, bad[i].bytes);
		if (load(image, sizeof image, &entry) != MAILBOX_BAD_IMAGE || entry != 77)
			test_fail(__FILE__, __LINE__, "not refused: %s", bad[i].what);
	}
	uint64_t entry;
	EXPECT_EQ(load((const uint8_t *)"", 0, &entry), MAILBOX_BAD_IMAGE);
}

/* Under the address sanitizer: no access leaves image or memory. */
TEST(hypervisor_loader, survives_hostile_images)
{
	uint64_t state = test_seed() | 1, entry;
	for (int round = 0; round < HOSTILE_ROUNDS; round++) {
		uint8_t *image = malloc(IMAGE_BYTES);
		build(image);
		for (int flips = 0; flips < 3; flips++) {
			state = state * 6364136223846793005ull + 1442695040888963407ull;
			image[(state >> 33) % (64 + 2 * 56)] = (uint8_t)(state >> 56);
		}
		if (!vm.memory)
			load(image, IMAGE_BYTES, &entry);
		(void)vm_load_image(&vm, image, IMAGE_BYTES, &entry);
		free(image);
	}
}
