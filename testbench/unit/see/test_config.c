/* Configuration space of the PF and of the VFs. */
#include "testbench/unit/see/driver.h"

TEST(see_config, pf_header_and_capabilities)
{
	struct bench *b = bench_new();
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, 0), SEE_PF_DEVICE_ID << 16 | SEE_VENDOR_ID);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, 8) >> 8, 0x010802u);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, 0xc) >> 16 & 0xff, 0u);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, 4), 0x00100000u);
	unsigned seen = 0;
	for (unsigned at = host_config_read(b, SEE_PF_RID, 0x34) & 0xff; at;
	     at = host_config_read(b, SEE_PF_RID, at) >> 8 & 0xff)
		seen |= 1u << (host_config_read(b, SEE_PF_RID, at) & 0xff);
	EXPECT_EQ(seen, 1u << 0x01 | 1u << 0x10 | 1u << 0x11);
	seen = 0;
	for (unsigned at = 0x100; at; at = host_config_read(b, SEE_PF_RID, at) >> 20)
		seen |= 1u << (host_config_read(b, SEE_PF_RID, at) & 0xffff);
	EXPECT_EQ(seen, 1u << 0x01 | 1u << 0x10);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, SEE_CFG_MSIX) >> 16 & 0x7ff, SEE_NUM_VECTORS - 1u);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, 0xffc), 0u);
	bench_free(b);
}

TEST(see_config, bars_are_sized_by_writing_ones)
{
	struct bench *b = bench_new();
	static const unsigned bars[] = {SEE_CFG_BAR0, SEE_CFG_SRIOV_BAR0};
	for (unsigned i = 0; i < 2; i++) {
		host_config_write(b, SEE_PF_RID, bars[i], 0xffffffff);
		host_config_write(b, SEE_PF_RID, bars[i] + 4, 0xffffffff);
		EXPECT_EQ(host_config_read(b, SEE_PF_RID, bars[i]), 0xffffc004u);
		EXPECT_EQ(host_config_read(b, SEE_PF_RID, bars[i] + 4), 0xffffffffu);
		host_config_write(b, SEE_PF_RID, bars[i] + 8, 0xffffffff);
		EXPECT_EQ(host_config_read(b, SEE_PF_RID, bars[i] + 8), 0u);
	}
	bench_free(b);
}

TEST(see_config, byte_enables_select_bytes)
{
	struct bench *b = bench_new();
	struct tlp t;
	host_config_write(b, SEE_PF_RID, SEE_CFG_BAR0 + 4, 0x11223344);
	tlp_make_config(&t, TLP_CFGWR0, 0, 0xf0, SEE_PF_RID, SEE_CFG_BAR0 + 4, 4);
	t.beat[2] = 0xaabbccdd;
	bench_send(b, &t);
	bench_run(b, 50);
	EXPECT_TRUE(b->answered[0xf0]);
	EXPECT_EQ(tlp_status(&b->answers[0xf0]), (unsigned)TLP_SC);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, SEE_CFG_BAR0 + 4), 0x11bb3344u);
	bench_free(b);
}

TEST(see_config, vfs_exist_only_while_enabled)
{
	struct bench *b = bench_new();
	EXPECT_EQ(host_config_status(b, bdf_of(1), 0), (unsigned)TLP_UR);
	EXPECT_EQ(host_config_write(b, bdf_of(1), 4, 6), (unsigned)TLP_UR);
	EXPECT_EQ(host_config_status(b, SEE_PF_RID + 1, 0), (unsigned)TLP_UR);
	board_up(b, 3);
	for (unsigned fn = 1; fn <= 16; fn++)
		EXPECT_EQ(host_config_status(b, bdf_of(fn), 0), fn <= 3 ? 0u : 1u);
	EXPECT_EQ(host_config_read(b, bdf_of(1), 0), 0xffffffffu);
	EXPECT_EQ(host_config_read(b, bdf_of(1), 4), 0x00100004u);
	EXPECT_EQ(host_config_read(b, bdf_of(1), SEE_CFG_BAR0), 0u);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_NUMVFS, 9);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, SEE_CFG_SRIOV_NUMVFS), 3u);
	EXPECT_EQ(fw_read(b, SEE_VF_STATUS), 0x303u);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, SEE_CFG_SRIOV + 0x14), 1u << 16 | 8u);
	EXPECT_EQ(host_config_read(b, SEE_PF_RID, SEE_CFG_SRIOV + 0x0c), 16u << 16 | 16u);
	bench_free(b);
}

TEST(see_config, memory_space_answers_only_where_it_is_mapped)
{
	struct bench *b = bench_new();
	EXPECT_EQ(tlp_status(host_read(b, BENCH_PF_BAR, 4)), (unsigned)TLP_UR);
	board_up(b, 2);
	EXPECT_EQ(tlp_status(host_read(b, BENCH_PF_BAR, 4)), (unsigned)TLP_SC);
	EXPECT_EQ(tlp_status(host_read(b, bar_of(2), 4)), (unsigned)TLP_SC);
	EXPECT_EQ(tlp_status(host_read(b, bar_of(3), 4)), (unsigned)TLP_UR);
	EXPECT_EQ(tlp_status(host_read(b, BENCH_PF_BAR - 4, 4)), (unsigned)TLP_UR);
	EXPECT_EQ(tlp_status(host_read(b, BENCH_PF_BAR, 16)), (unsigned)TLP_CA);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, 1);
	EXPECT_EQ(tlp_status(host_read(b, bar_of(2), 4)), (unsigned)TLP_UR);
	host_config_write(b, SEE_PF_RID, SEE_CFG_COMMAND, 4);
	EXPECT_EQ(tlp_status(host_read(b, BENCH_PF_BAR, 4)), (unsigned)TLP_UR);
	bench_free(b);
}

TEST(see_config, completions_name_the_bytes)
{
	struct bench *b = bench_new();
	board_up(b, 1);
	const struct tlp *t = host_read(b, bar_of(1) + SEE_VS + 2, 2);
	EXPECT_EQ(tlp_dw(t, 4), 0x00010400u);
	EXPECT_EQ(tlp_byte_count(t), 2u);
	EXPECT_EQ(tlp_lower_address(t), 0x0au);
	EXPECT_EQ(tlp_dw(t, 1) >> 16, bdf_of(1));
	t = host_read(b, bar_of(1) + SEE_CAP, 8);
	EXPECT_EQ(t->beats, 3u);
	EXPECT_EQ(t->beat[2], SEE_CAP_RESET);
	EXPECT_EQ(tlp_byte_count(t), 8u);
	EXPECT_EQ(tlp_length_dw(t), 2u);
	bench_free(b);
}
