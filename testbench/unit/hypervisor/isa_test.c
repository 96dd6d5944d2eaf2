/* What harts say of their ISA: both forms of the property, long lists as newer machines have them, harts that differ. */
#include <stdlib.h>

#include "hypervisor/arch/isa.h"
#include "hypervisor/lib/fdt_writer.h"
#include "testbench/gtest/test.h"

enum { BLOB_BYTES = 8192 };

/* Of qemu-system-riscv64 10.0, `-M virt -cpu rv64,h=true`. */
static const char long_isa[] = "rv64imafdch_zic64b_zicbom_zicbop_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihintntl_zihintpause_zihpm_zmmul_"
	"za64rs_zaamo_zalrsc_zawrs_zfa_zca_zcd_zba_zbb_zbc_zbs_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_"
	"sstc_sstvala_sstvecd_ssu64xl_svadu_svvptc";

static uint8_t blob[BLOB_BYTES] __attribute__((aligned(8)));

struct node {
	const char *isa;
	const char *list;
	uint32_t list_bytes;
};

static bool add(struct node n)
{
	struct fdt_writer w;
	struct fdt fdt;

	fdt_writer_start(&w, blob, BLOB_BYTES);
	fdt_writer_begin(&w, "");
	if (n.isa)
		fdt_writer_text(&w, "riscv,isa", n.isa);
	if (n.list)
		fdt_writer_bytes(&w, "riscv,isa-extensions", n.list, n.list_bytes);
	fdt_writer_text(&w, "mmu-type", "riscv,sv57");
	fdt_writer_cell(&w, "riscv,cboz-block-size", 64);
	fdt_writer_end(&w);
	return fdt_writer_finish(&w) && fdt_open(&fdt, blob) && isa_add_hart(&fdt, 0);
}

/* The module knows one machine: a test is a machine to which harts are added. */
TEST(hypervisor_isa, is_what_all_harts_have)
{
	static const char list[] = "i\0m\0h\0sstc\0svadu\0zbb";

	EXPECT_FALSE(add((struct node){0}));
	EXPECT_FALSE(add((struct node){.isa = "rv32imach"}));
	EXPECT_FALSE(isa_has("h"));

	ASSERT_TRUE(add((struct node){.isa = long_isa}));
	EXPECT_TRUE(isa_has("h"));
	EXPECT_TRUE(isa_has("d"));
	EXPECT_TRUE(isa_has("sstc"));
	EXPECT_TRUE(isa_has("svvptc"));
	EXPECT_FALSE(isa_has("sst"));
	EXPECT_FALSE(isa_has("b"));
	EXPECT_FALSE(isa_has(""));
	EXPECT_STREQ(isa_mmu_type(), "riscv,sv57");
	EXPECT_EQ(isa_cboz_block_bytes(), 64u);
	EXPECT_EQ(isa_cbom_block_bytes(), 0u);

	/* The list counts, whatever the string says. */
	ASSERT_TRUE(add((struct node){.isa = "rv64imafdc", .list = list, .list_bytes = sizeof list}));
	EXPECT_TRUE(isa_has("h"));
	EXPECT_TRUE(isa_has("sstc"));
	EXPECT_FALSE(isa_has("d"));
	EXPECT_FALSE(isa_has("zba"));

	ASSERT_TRUE(add((struct node){.isa = "rv64imafdch_zbb"}));
	EXPECT_TRUE(isa_has("zbb"));
	EXPECT_FALSE(isa_has("sstc"));

	/* Names that do not end are none. */
	ASSERT_TRUE(add((struct node){.list = "h\0zbb", .list_bytes = 5}));
	EXPECT_TRUE(isa_has("h"));
	EXPECT_FALSE(isa_has("zbb"));
}
