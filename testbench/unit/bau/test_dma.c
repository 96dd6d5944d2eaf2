#include "testbench/gtest/test.h"
#include "testbench/unit/bau/rig.h"

#include <stdlib.h>

enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_A = 64, PTE_D = 128 };
enum { PTE_FULL = PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D };

static struct rig rig;

static uint64_t pte(uint64_t offset, unsigned bits)
{
	return rig_at(offset) >> 12 << 10 | bits;
}

/** Guest-physical 0x8000_0000 + n pages -> RIG_DATA + n pages for 4 pages, through tables behind RIG_ROOT. */
static void map_guest(unsigned bits)
{
	rig_store(&rig, rig_at(RIG_ROOT) + 2 * 8, pte(RIG_ROOT + 0x4000, PTE_V));
	rig_store(&rig, rig_at(RIG_ROOT + 0x4000), pte(RIG_ROOT + 0x5000, PTE_V));
	for (unsigned i = 0; i < 4; i++)
		rig_store(&rig, rig_at(RIG_ROOT + 0x5000) + i * 8, pte(RIG_DATA + i * 0x1000u, bits));
}

static void start(unsigned mode)
{
	rig_reset(&rig, 40);
	rig_configure(&rig);
	rig_set_device(&rig, RIG_RID, mode);
	map_guest(PTE_FULL);
	for (unsigned i = 0; i < 0x4000; i += 8)
		rig_store(&rig, rig_at(RIG_DATA) + i, 0x0101010101010101ull * (i / 8 & 0xff) ^ (uint64_t)i << 32);
}

/** Checks the completions of one read that starts at @p offset of RIG_DATA: headers, split, data. */
static void expect_data(uint32_t first_tlp, uint8_t tag, uint64_t offset, uint32_t bytes)
{
	uint32_t done = 0, n = first_tlp;
	while (done < bytes) {
		ASSERT_TRUE(n < rig.tlps);
		const struct rig_tlp *tlp = &rig.tlp[n++];
		uint32_t length = tlp->beat[0] & 0x3ff;
		ASSERT_NE(length, 0);
		EXPECT_EQ(tlp->beat[0] >> 24 & 0xff, 0x4a);
		EXPECT_EQ(tlp->beat[0] >> 32 & 0xfff, bytes - done);
		EXPECT_EQ(tlp->beat[1], (uint64_t)RIG_RID << 16 | (uint64_t)tag << 8 | ((offset + done) & 0x7f));
		EXPECT_EQ(tlp->beats, 2 + (length + 1) / 2);
		EXPECT_MEMEQ(&tlp->beat[2], &rig.ram[RIG_DATA + offset + done], length * 4);
		done += length * 4;
		EXPECT_TRUE(done == bytes || (offset + done) % 64 == 0);
	}
	EXPECT_EQ(done, bytes);
	EXPECT_EQ(n, rig.tlps);
}

TEST(bau_dma, bypass_read_returns_memory)
{
	start(BAU_IOMMU_BYPASS);
	rig_send_read(&rig, RIG_RID, 9, rig_at(RIG_DATA), 64);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	expect_data(0, 9, 0, 64);
}

TEST(bau_dma, every_alignment_and_length_is_read)
{
	start(BAU_IOMMU_SV39X4);
	for (uint32_t offset = 0; offset < 288; offset += 4) {
		for (uint32_t bytes = 4; bytes <= 512; bytes = bytes < 24 ? bytes + 4 : bytes * 2 + 4) {
			rig.tlps = 0;
			rig_send_read(&rig, RIG_RID, (uint8_t)offset, 0x80000000ull + offset, bytes);
			ASSERT_TRUE(rig_settle(&rig, 2000));
			expect_data(0, (uint8_t)offset, offset, bytes);
			if (test_has_failed())
				return;
		}
	}
}

TEST(bau_dma, every_alignment_and_length_is_written)
{
	start(BAU_IOMMU_SV39X4);
	static uint8_t want[RIG_RAM_BYTES];
	memcpy(want, rig.ram, sizeof want);
	for (uint32_t offset = 0; offset < 272; offset += 4) {
		for (uint32_t bytes = 4; bytes <= 256; bytes = bytes < 24 ? bytes + 4 : bytes * 2 + 4) {
			uint8_t data[256];
			for (unsigned i = 0; i < bytes; i++)
				data[i] = (uint8_t)(offset * 7 + bytes * 3 + i);
			memcpy(&want[RIG_DATA + 0x1000 + offset], data, bytes);
			rig_send_write(&rig, RIG_RID, 0x80001000ull + offset, data, bytes);
			ASSERT_TRUE(rig_settle(&rig, 2000));
			ASSERT_MEMEQ(&rig.ram[RIG_DATA], &want[RIG_DATA], 0x4000);
		}
	}
}

TEST(bau_dma, byte_enables_select_the_bytes_that_change)
{
	start(BAU_IOMMU_BYPASS);
	uint64_t payload[2] = {0x1111111122222222ull, 0x33333333};
	rig_store(&rig, rig_at(RIG_DATA), 0xaaaaaaaaaaaaaaaaull);
	rig_store(&rig, rig_at(RIG_DATA) + 8, 0xaaaaaaaaaaaaaaaaull);
	rig_send_tlp(&rig, 0x60000003, RIG_RID << 16 | 0x1c, rig_at(RIG_DATA) + 4, payload, 2);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA)), 0x2222aaaaaaaaaaaaull);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA) + 8), 0xaaaaaa3311111111ull);
}

TEST(bau_dma, reads_stream_at_close_to_eight_bytes_a_cycle)
{
	start(BAU_IOMMU_SV39X4);
	rig_send_read(&rig, RIG_RID, 0, 0x80000000ull, 64);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	rig.tlps = 0;
	uint64_t begin = rig.cycle;
	for (unsigned i = 0; i < 24; i++)
		rig_send_read(&rig, RIG_RID, (uint8_t)i, 0x80000000ull + (i % 8) * 512, 512);
	ASSERT_TRUE(rig_settle(&rig, 10000));
	EXPECT_EQ(rig.tlps, 48);
	EXPECT_LE(rig.cycle - begin, 24 * 512 / 8 * 115 / 100 + 80);
}

TEST(bau_dma, writes_stream_at_eight_bytes_a_cycle)
{
	start(BAU_IOMMU_SV39X4);
	uint8_t data[256] = {0};
	rig_send_write(&rig, RIG_RID, 0x80001000ull, data, 8);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	uint64_t begin = rig.cycle;
	for (unsigned i = 0; i < 32; i++)
		rig_send_write(&rig, RIG_RID, 0x80001000ull + i % 16 * 256, data, 256);
	ASSERT_TRUE(rig_settle(&rig, 10000));
	EXPECT_LE(rig.cycle - begin, 32 * 34 + 60);
}

TEST(bau_dma, superpages_translate)
{
	start(BAU_IOMMU_SV39X4);
	rig_store(&rig, rig_at(RIG_ROOT + 0x4000), 0);
	rig_store(&rig, rig_at(RIG_ROOT) + 2 * 8, pte(0, PTE_FULL));
	rig_send_read(&rig, RIG_RID, 1, 0x80000000ull + RIG_DATA + 0x80, 128);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	expect_data(0, 1, 0x80, 128);
}

static void expect_refused(unsigned cause, uint64_t address)
{
	uint32_t tlps = rig.tlps, faults = rig_events(&rig, BAU_EVENT_FAULT);
	rig_send_read(&rig, RIG_RID, 3, address, 64);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), faults + 1);
	EXPECT_EQ(rig_last_cause(&rig), cause);
	ASSERT_EQ(rig.tlps, tlps + 1);
	EXPECT_EQ(rig.tlp[tlps].beats, 2);
	EXPECT_EQ(rig.tlp[tlps].beat[0], (1ull << 13 | 64) << 32 | 0x0a000000);
	EXPECT_EQ(rig.tlp[tlps].beat[1], (uint64_t)RIG_RID << 16 | 3 << 8 | (address & 0x7c));
}

TEST(bau_dma, faults_name_their_cause)
{
	start(BAU_IOMMU_SV39X4);
	uint64_t leaf = rig_at(RIG_ROOT + 0x5000), root = rig_at(RIG_ROOT) + 2 * 8;
	expect_refused(BAU_CAUSE_ADDRESS, 1ull << 41);
	expect_refused(BAU_CAUSE_PTE_INVALID, 0x80004000);
	expect_refused(BAU_CAUSE_PTE_INVALID, 1ull << 40);
	rig_store(&rig, leaf, pte(RIG_DATA, PTE_FULL & ~PTE_U));
	expect_refused(BAU_CAUSE_READ_DENIED, 0x80000000);
	rig_store(&rig, leaf, pte(RIG_DATA, PTE_FULL & ~PTE_A));
	expect_refused(BAU_CAUSE_READ_DENIED, 0x80000000);
	rig_store(&rig, leaf, pte(RIG_DATA, PTE_FULL & ~PTE_R));
	expect_refused(BAU_CAUSE_PTE_INVALID, 0x80000000);
	rig_store(&rig, leaf, 1ull << 60 | pte(RIG_DATA, PTE_FULL));
	expect_refused(BAU_CAUSE_PTE_INVALID, 0x80000000);
	rig_store(&rig, leaf, pte(RIG_RAM_BYTES, PTE_FULL));
	rig_command(&rig, BAU_COMMAND_INVALIDATE_IOTLB | BAU_COMMAND_ALL_MASK, 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	expect_refused(BAU_CAUSE_OUT_OF_BOUNDS, 0x80000000);
	rig_store(&rig, root, pte(RIG_RAM_BYTES, PTE_V));
	expect_refused(BAU_CAUSE_PTE_ACCESS, 0x80001000);
	rig_store(&rig, root, pte(RIG_ROOT, PTE_V));
	rig_store(&rig, rig_at(RIG_ROOT), pte(RIG_ROOT, PTE_V));
	expect_refused(BAU_CAUSE_PTE_INVALID, 0x80002000);
	rig_store(&rig, root, pte(0x1000, PTE_FULL));
	expect_refused(BAU_CAUSE_PTE_INVALID, 0x80002000);
}

TEST(bau_dma, a_write_to_a_read_only_page_is_dropped)
{
	start(BAU_IOMMU_SV39X4);
	uint64_t data = 0x5555, before = rig_load(&rig, rig_at(RIG_DATA));
	map_guest(PTE_FULL & ~PTE_W);
	rig_send_read(&rig, RIG_RID, 1, 0x80000000, 4);
	rig_send_write(&rig, RIG_RID, 0x80000000, &data, 8);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig.tlps, 1);
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_WRITE_DENIED);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA)), before);
	map_guest(PTE_FULL); /* a right that was added is seen without an invalidation */
	rig_send_write(&rig, RIG_RID, 0x80000000, &data, 8);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA)), data);
}

TEST(bau_dma, devices_without_an_entry_are_refused)
{
	start(BAU_IOMMU_BLOCKED);
	expect_refused(BAU_CAUSE_BLOCKED, 0x80000000);
	rig_send_read(&rig, 0x1234, 3, 0x80000000, 64);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_REQUESTER);
	rig_send_read(&rig, 0x11, 3, 0x80000000, 64);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_DTE_INVALID);
	EXPECT_EQ(rig.tlps, 3);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_FAULTS) + 32) >> 16 & 0xffff, 0x1234);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_FAULTS) + 32 + 8), 0x80000000);
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_FAULT_TAIL), 3);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_FAULT), 3);
}

TEST(bau_dma, malformed_tlps_do_not_disturb_the_next_one)
{
	start(BAU_IOMMU_BYPASS);
	uint64_t data[4] = {1, 2, 3, 4};
	uint32_t dw1 = RIG_RID << 16 | 0xff;
	rig_send_tlp(&rig, 0x60000010, dw1, rig_at(RIG_DATA) + 0x100, data, 4);	 /* shorter than it says */
	rig_send_tlp(&rig, 0x60000002, dw1, rig_at(RIG_DATA) + 0x200, data, 4);	 /* longer than it says */
	rig_send_tlp(&rig, 0x60000002, dw1, rig_at(RIG_DATA) + 0xffc, data, 1);	 /* crosses a page */
	rig_send_tlp(&rig, 0x60004002, dw1, rig_at(RIG_DATA) + 0x300, data, 1);	 /* poisoned */
	rig_send_tlp(&rig, 0x200000ff, dw1, rig_at(RIG_DATA), NULL, 0);		 /* too long */
	rig_send_tlp(&rig, 0x4a000001, dw1, 0, data, 1);			 /* a completion */
	rig_send_beat(&rig, 7, false, true);					 /* no start */
	rig_send_beat(&rig, 0x20000001, true, false);				 /* no end */
	rig_send_read(&rig, RIG_RID, 5, rig_at(RIG_DATA) + 0x400, 128);
	ASSERT_TRUE(rig_settle(&rig, 3000));
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 7);
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_TLP);
	EXPECT_EQ(rig.tlps, 2);
	EXPECT_EQ(rig.tlp[0].beat[0] >> 45 & 7, 1);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA) + 0x200), 1);
	EXPECT_NE(rig_load(&rig, rig_at(RIG_DATA) + 0x300), 1);
	EXPECT_MEMEQ(&rig.tlp[1].beat[2], &rig.ram[RIG_DATA + 0x400], 128);
}

TEST(bau_dma, damaged_memory_poisons_the_completion)
{
	start(BAU_IOMMU_BYPASS);
	rig_write(&rig, BAU_PT_LIMIT, RIG_RAM_BASE + 2 * RIG_RAM_BYTES);
	rig_send_read(&rig, RIG_RID, 5, RIG_RAM_BASE + RIG_RAM_BYTES, 64);
	ASSERT_TRUE(rig_settle(&rig, 3000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_MEMORY);
	ASSERT_EQ(rig.tlps, 1);
	EXPECT_EQ(rig.tlp[0].beat[0] & 0xffffffff, 0x4a004010);
	EXPECT_EQ(rig.tlp[0].beats, 10);
}

TEST(bau_dma, warm_read_takes_the_cycles_of_the_timing_table)
{
	start(BAU_IOMMU_SV39X4);
	rig_send_read(&rig, RIG_RID, 0, 0x80000000ull, 64);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	uint64_t first_beat = rig.cycle;
	rig_send_read(&rig, RIG_RID, 0, 0x80000000ull, 64);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	ASSERT_EQ(rig.tlps, 2);
	EXPECT_EQ(rig.tlp[1].cycle - first_beat, 70);
}

/* The entry is refused only where the root is used: a bypassing device's word 1 may be anything below 2^44. */
TEST(bau_dma, roots_of_page_tables_are_aligned_to_16_kib)
{
	for (unsigned page = 1; page < 4; page++) {
		start(BAU_IOMMU_SV39X4);
		rig_store(&rig, rig_at(RIG_DEVICE_TABLE) + RIG_RID * BAU_DTE_BYTES + 8, (rig_at(RIG_ROOT) >> 12) + page);
		expect_refused(BAU_CAUSE_DTE_INVALID, 0x80000000);
		rig_set_device(&rig, RIG_RID, BAU_IOMMU_BYPASS);
		rig_store(&rig, rig_at(RIG_DEVICE_TABLE) + RIG_RID * BAU_DTE_BYTES + 8, (rig_at(RIG_ROOT) >> 12) + page);
		rig.tlps = 0;
		rig_send_read(&rig, RIG_RID, 9, rig_at(RIG_DATA), 64);
		ASSERT_TRUE(rig_settle(&rig, 1000));
		expect_data(0, 9, 0, 64);
	}
}
