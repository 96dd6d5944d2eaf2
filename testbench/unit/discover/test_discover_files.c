/* What is no kernel is refused with a reason; truncated and bit-flipped kernels and cyclic page tables end. */
#include <elf.h>
#include <lz4hc.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "hypervisor/discover/dump.h"
#include "hypervisor/discover/image.h"
#include "testbench/gtest/test.h"

static struct image image;
static struct dump dump;
static struct discover_memory memory;
static const char *why;

enum { DUMP_BYTES = 1 << 20 };

static void set_entry(uint8_t *bytes, uint64_t table, unsigned index, uint64_t value)
{
	memcpy(bytes + table + 8 * index, &value, 8);
}

TEST(discover_files, noise_is_no_kernel)
{
	uint8_t noise[4096];
	uint64_t state = test_seed();

	for (unsigned i = 0; i < sizeof(noise); i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		noise[i] = (uint8_t)(state >> 56);
	}
	EXPECT_EQ(image_open(&image, noise, sizeof(noise), &memory, &why), 1);
	EXPECT_EQ(dump_open(&dump, noise, sizeof(noise), &memory, &why), -1);
	EXPECT_STREQ(why, "neither a kernel file nor memory that holds a kernel's page table");
	image_close(&image);
}

enum { PACKED_BYTES = 256 << 10 };

static size_t pack_gzip(const uint8_t *in, size_t bytes, uint8_t *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)bytes, .next_out = out, .avail_out = PACKED_BYTES };

	deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return PACKED_BYTES - z.avail_out;
}

static size_t pack_xz(const uint8_t *in, size_t bytes, uint8_t *out)
{
	size_t used = 0;

	lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, in, bytes, out, &used, PACKED_BYTES);
	return used;
}

static size_t pack_zstd(const uint8_t *in, size_t bytes, uint8_t *out)
{
	return ZSTD_compress(out, PACKED_BYTES, in, bytes, 3);
}

/* The legacy frame, as the kernel's build makes it. */
static size_t pack_lz4(const uint8_t *in, size_t bytes, uint8_t *out)
{
	static const uint8_t magic[4] = { 0x02, 0x21, 0x4c, 0x18 };
	uint32_t n = (uint32_t)LZ4_compress_HC((const char *)in, (char *)out + 8, (int)bytes, PACKED_BYTES - 8, 9);

	memcpy(out, magic, 4);
	memcpy(out + 4, &n, 4);
	return n + 8;
}

static size_t (*const packers[])(const uint8_t *, size_t, uint8_t *) = { pack_gzip, pack_xz, pack_zstd, pack_lz4 };

/* Images of both headers and an ELF file, plain and in each compression; bzImage and zboot around the ELF file. */
static size_t make_kernel(unsigned kind, uint8_t *file, size_t bytes)
{
	Elf64_Ehdr h = { .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_phoff = 64, .e_phnum = 1 };
	Elf64_Phdr p = { .p_type = PT_LOAD, .p_offset = 4096, .p_vaddr = 0xffffffff81000000, .p_filesz = 4096, .p_memsz = 8192 };

	memset(file, 0, bytes);
	memcpy(file + 5000, "a kernel", 8);
	if (kind < 2) {
		memcpy(file + 0x38, kind ? "RSC\x05" : "ARM\x64", 4);
		return bytes;
	}
	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(file, &h, sizeof(h));
	memcpy(file + 64, &p, sizeof(p));
	return bytes;
}

static void expect_kernel(unsigned kind, uint8_t *file, size_t bytes)
{
	static const enum discover_arch arches[] = { DISCOVER_AARCH64, DISCOVER_RV64, DISCOVER_X86_64 };
	uint64_t start = 0, end = 0;
	char text[9] = "";

	ASSERT_EQ(image_open(&image, file, bytes, &memory, &why), 0);
	EXPECT_EQ(memory.arch, arches[kind]);
	EXPECT_TRUE(memory.range(memory.context, 0, &start, &end));
	EXPECT_TRUE(discover_read(&memory, start + (kind < 2 ? 5000 : 5000 - 4096), text, 8));
	EXPECT_STREQ(text, "a kernel");
	image_close(&image);
}

TEST(discover_files, every_format_in_every_compression)
{
	enum { BYTES = 64 << 10, PAYLOAD_AT = 2 << 10 };
	static uint8_t file[BYTES], packed[PACKED_BYTES], wrapped[PACKED_BYTES];

	for (unsigned kind = 0; kind < 3; kind++) {
		expect_kernel(kind, file, make_kernel(kind, file, BYTES));
		for (unsigned k = 0; k < 4; k++) {
			uint32_t at, n;

			make_kernel(kind, file, BYTES);
			n = (uint32_t)packers[k](file, BYTES, packed);
			expect_kernel(kind, packed, n);
			/* bzImage: 3 sectors of setup code, then the payload at an offset */
			memset(wrapped, 0, sizeof(wrapped));
			wrapped[0x1f1] = 3;
			memcpy(wrapped + 0x202, "HdrS", 4);
			at = PAYLOAD_AT;
			memcpy(wrapped + 0x248, &at, 4);
			memcpy(wrapped + 0x24c, &n, 4);
			memcpy(wrapped + 4 * 512 + at, packed, n);
			expect_kernel(kind, wrapped, 4 * 512 + at + n);
			/* EFI zboot */
			memset(wrapped, 0, PAYLOAD_AT);
			memcpy(wrapped, "MZ\0\0zimg", 8);
			memcpy(wrapped + 8, &at, 4);
			memcpy(wrapped + 12, &n, 4);
			memcpy(wrapped + at, packed, n);
			expect_kernel(kind, wrapped, at + n);
		}
	}
}

/* No .rela table, pointers in place, as a linker that packs relocations leaves them. */
TEST(discover_files, an_image_tells_by_its_pointers_where_it_was_linked)
{
	enum { BYTES = 64 << 10 };
	static uint8_t file[BYTES];
	uint64_t start = 0, end = 0;

	memcpy(file + 0x38, "ARM\x64", 4);
	for (size_t at = 0x1000; at < BYTES; at += 16)
		set_entry(file, at, 0, 0xffffc00080000000ull + at);
	ASSERT_EQ(image_open(&image, file, sizeof(file), &memory, &why), 0);
	EXPECT_TRUE(memory.range(memory.context, 0, &start, &end));
	EXPECT_EQ(start, 0xffffc00080000000ull);
	image_close(&image);
}

TEST(discover_files, truncated_compression_is_damage)
{
	uint8_t gzip[64] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b };

	EXPECT_EQ(image_open(&image, gzip, sizeof(gzip), &memory, &why), -1);
	EXPECT_STREQ(why, "damaged or truncated gzip data");
	image_close(&image);
}

TEST(discover_files, elf_headers_that_point_outside_are_damage)
{
	uint8_t file[256] = { 0 };
	Elf64_Ehdr h = { .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_phoff = 240, .e_phnum = 4 };

	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(file, &h, sizeof(h));
	EXPECT_EQ(image_open(&image, file, sizeof(file), &memory, &why), -1);
	EXPECT_STREQ(why, "ELF program headers lie outside the file");
	image_close(&image);
}

/* root[511] -> 0x2000, [510] -> 0x3000, large pages from there on; root[256] makes it look like a kernel's half */
static uint8_t *small_dump(void)
{
	uint8_t *bytes = calloc(1, DUMP_BYTES);

	set_entry(bytes, 0x1000, 511, 0x2003);
	set_entry(bytes, 0x1000, 256, 0x2003);
	set_entry(bytes, 0x2000, 510, 0x3003);
	for (unsigned i = 8; i < 24; i++)
		set_entry(bytes, 0x3000, i, (uint64_t)i << 21 | 0x83);
	return bytes;
}

TEST(discover_files, the_page_table_is_found_by_what_it_maps)
{
	uint8_t *bytes = small_dump();
	uint64_t pa = 0;

	ASSERT_EQ(dump_open(&dump, bytes, DUMP_BYTES, &memory, &why), 0);
	EXPECT_EQ(dump.paging.root, 0x1000u);
	EXPECT_EQ(dump.paging.levels, 4u);
	EXPECT_TRUE(paging_translate(&dump.paging, 0xffffffff81012345ull, &pa));
	EXPECT_EQ(pa, 0x1012345u);
	EXPECT_FALSE(paging_translate(&dump.paging, 0xffffffff80000000ull, &pa));
	free(bytes);
}

/* Sv39 at 2 GiB: root[510] -> second table, two large pages, the first with an Image's header. */
TEST(discover_files, an_rv64_dump_is_found_by_the_image_header)
{
	enum { BYTES = 8 << 20 };
	const uint64_t base = 2ull << 30;
	uint8_t *bytes = calloc(1, BYTES);
	uint64_t start = 0, end = 0;

	set_entry(bytes, 0x1000, 510, (base + 0x2000) >> 2 | 1);
	set_entry(bytes, 0x1000, 300, (base + 0x2000) >> 2 | 1);
	set_entry(bytes, 0x2000, 5, (base + (2 << 20)) >> 2 | 0xcb);
	set_entry(bytes, 0x2000, 6, (base + (4 << 20)) >> 2 | 0xcf);
	memcpy(bytes + (2 << 20) + 0x38, "RSC\x05", 4);
	ASSERT_EQ(dump_open(&dump, bytes, BYTES, &memory, &why), 0);
	EXPECT_EQ(memory.arch, DISCOVER_RV64);
	EXPECT_EQ(dump.paging.root, base + 0x1000);
	EXPECT_EQ(dump.paging.levels, 3u);
	EXPECT_TRUE(memory.range(memory.context, 0, &start, &end));
	EXPECT_EQ(start, 0xffffffff80a00000ull);
	EXPECT_EQ(end, 0xffffffff80e00000ull);
	free(bytes);
}

/* 48 bits of address, pages of 4 KiB, at 1 GiB: a direct map, a page here and there, and an image of 2 MiB in pages. */
TEST(discover_files, an_aarch64_dump_is_found_by_its_longest_run)
{
	enum { BYTES = 8 << 20 };
	const uint64_t base = 1ull << 30;
	uint8_t *bytes = calloc(1, BYTES);
	uint64_t start = 0, end = 0, pa = 0;

	set_entry(bytes, 0x1000, 0, (base + 0x5000) | 3);
	set_entry(bytes, 0x1000, 321, (base + 0x2000) | 3);
	set_entry(bytes, 0x5000, 0, (base + 0x6000) | 3);
	set_entry(bytes, 0x6000, 0, base | 1);
	set_entry(bytes, 0x2000, 7, (base + 0x3000) | 3);
	set_entry(bytes, 0x3000, 9, (base + 0x4000) | 3);
	set_entry(bytes, 0x3000, 10, (base + 0x7000) | 3);
	for (unsigned i = 0; i < 512; i++)
		set_entry(bytes, 0x4000, i, (base + 4096ull * i) | 3);
	set_entry(bytes, 0x7000, 1, (base + 0x9000) | 3); /* a stray page */
	set_entry(bytes, 0x7000, 2, (base + (2 << 20) + 0x2000) | 3); /* the image's data, after a hole */
	ASSERT_EQ(dump_open(&dump, bytes, BYTES, &memory, &why), 0);
	EXPECT_EQ(memory.arch, DISCOVER_AARCH64);
	EXPECT_EQ(dump.paging.root, base + 0x1000);
	EXPECT_TRUE(memory.range(memory.context, 0, &start, &end));
	EXPECT_EQ(start, 0xffffa081c1200000ull);
	EXPECT_EQ(end, start + (2 << 20));
	EXPECT_TRUE(memory.range(memory.context, end, &start, &end));
	EXPECT_TRUE(paging_translate(&dump.paging, 0xffffa081c1402008ull, &pa));
	EXPECT_EQ(pa, base + (2 << 20) + 0x2008);
	free(bytes);
}

TEST(discover_files, cyclic_page_tables_end)
{
	uint8_t *bytes = small_dump();
	uint64_t start, end;

	for (unsigned i = 256; i < 510; i++)
		set_entry(bytes, 0x1000, i, 0x1003);
	ASSERT_EQ(dump_open(&dump, bytes, DUMP_BYTES, &memory, &why), 0);
	EXPECT_EQ(memory.range(memory.context, 0, &start, &end), false); /* the image lies behind the dump's end */
	free(bytes);
}
