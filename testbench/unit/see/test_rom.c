/* Every DW of configuration space after a reset, of the PF and of a VF: rtl/see/README.md, section 9. */
#include "testbench/unit/see/driver.h"

struct rom {
	uint32_t offset, pf, vf;
};

static const struct rom rom[] = {
	{0x000, SEE_PF_DEVICE_ID << 16 | SEE_VENDOR_ID, 0xffffffff},
	{0x004, 0x00100000, 0x00100000},
	{0x008, 0x01080201, 0x01080201},
	{0x010, 0x00000004, 0},
	{0x02c, 0x00010000 | SEE_VENDOR_ID, 0x00010000 | SEE_VENDOR_ID},
	{0x034, 0x00000040, 0x00000040},
	{0x03c, 0x00000100, 0},
	{0x040, 0x00035001, 0x00035001},
	{0x044, 0x00000008, 0x00000008},
	{0x050, 0x00086011, 0x00086011},
	{0x054, 0x00002000, 0x00002000},
	{0x058, 0x00003000, 0x00003000},
	{0x060, 0x00020010, 0x00020010},
	{0x064, 0x10008001, 0x10008001},
	{0x068, 0x00002810, 0},
	{0x06c, 0x00000084, 0x00000084},
	{0x070, 0x00840000, 0},
	{0x100, 0x14020001, 0x00020001},
	{0x10c, 0x00462030, 0x00462030},
	{0x114, 0x00002000, 0x00002000},
	{0x140, 0x00010010, 0},
	{0x14c, 0x00100010, 0},
	{0x154, 0x00010008, 0},
	{0x158, SEE_VF_DEVICE_ID << 16, 0},
	{0x15c, 0x00000001, 0},
	{0x160, 0x00000001, 0},
	{0x164, 0x00000004, 0},
};

static uint32_t expected(uint32_t offset, bool vf)
{
	for (unsigned i = 0; i < sizeof(rom) / sizeof(rom[0]); i++)
		if (rom[i].offset == offset)
			return vf ? rom[i].vf : rom[i].pf;
	return 0;
}

TEST(see_rom, the_pf_after_a_reset)
{
	struct bench *b = bench_new();
	for (uint32_t offset = 0; offset < 0x200; offset += 4)
		EXPECT_EQ(host_config_read(b, SEE_PF_RID, offset), expected(offset, false));
	bench_free(b);
}

TEST(see_rom, a_vf_after_a_reset)
{
	struct bench *b = bench_new();
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_NUMVFS, 2);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, 9);
	for (uint32_t offset = 0; offset < 0x200; offset += 4)
		EXPECT_EQ(host_config_read(b, SEE_FIRST_VF_RID + 1, offset), expected(offset, true));
	bench_free(b);
}
