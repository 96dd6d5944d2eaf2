/* Controller registers, section 3.1. */
#include "testbench/conformance/check.h"

#define CAP_TO(cap) ((cap) >> 24 & 0xff)

static void cap_fields(void)
{
    uint64_t cap = reg64(PF, REG_CAP);
    EXPECT((cap & 0xffff) >= 1, "MQES %x", (unsigned)(cap & 0xffff));
    EXPECT(CAP_TO(cap) >= 1, "TO is 0");
    EXPECT(cap >> 37 & 1, "the NVM command set is not there");
    EXPECT((cap >> 48 & 0xf) <= (cap >> 52 & 0xf), "MPSMIN above MPSMAX");
}

static void cap_reserved(void)
{
    uint64_t cap = reg64(PF, REG_CAP);
    EXPECT((cap >> 19 & 0x1f) == 0, "bits 23:19 are %x", (unsigned)(cap >> 19 & 0x1f));
    EXPECT(cap >> 58 == 0, "bits 63:58 are %x", (unsigned)(cap >> 58));
}

static void page_size_4k(void)
{
    EXPECT((reg64(PF, REG_CAP) >> 48 & 0xf) == 0, "hosts with 4 KiB pages are not served");
}

static void version(void)
{
    EXPECT(reg32(PF, REG_VS) == 0x00010400, "VS %x", reg32(PF, REG_VS));
}

static void read_only(void)
{
    uint64_t cap = reg64(PF, REG_CAP);
    uint32_t csts = reg32(PF, REG_CSTS);
    write64(PF, REG_CAP, ~cap);
    write32(PF, REG_VS, 0);
    write32(PF, REG_CSTS, ~csts);
    EXPECT(reg64(PF, REG_CAP) == cap, "CAP changed");
    EXPECT(reg32(PF, REG_VS) == 0x00010400, "VS changed");
    EXPECT(reg32(PF, REG_CSTS) == csts, "CSTS changed to %x", reg32(PF, REG_CSTS));
}

static void halves(void)
{
    uint64_t cap = reg64(PF, REG_CAP);
    EXPECT(reg32(PF, REG_CAP) == (uint32_t)cap && reg32(PF, REG_CAP + 4) == (uint32_t)(cap >> 32), "CAP differs in 32-bit accesses");
}

static void admin_queue_registers(void)
{
    EXPECT(dut_disable(PF), "CSTS.RDY stays 1");
    write32(PF, REG_AQA, 0xffffffff);
    EXPECT(reg32(PF, REG_AQA) == 0x0fff0fff, "AQA reads %x", reg32(PF, REG_AQA));
    write64(PF, REG_ASQ, 0x123456789abcdef0ul);
    write64(PF, REG_ACQ, 0xfedcba9876543fffull);
    EXPECT(reg64(PF, REG_ASQ) == 0x123456789abcd000ul, "ASQ reads %lx", reg64(PF, REG_ASQ));
    EXPECT(reg64(PF, REG_ACQ) == 0xfedcba9876543000ull, "ACQ reads %lx", reg64(PF, REG_ACQ));
    write32(PF, REG_ASQ, 0x5000);
    write32(PF, REG_ASQ + 4, 0x77);
    EXPECT(reg64(PF, REG_ASQ) == 0x7700005000ul, "ASQ written by halves reads %lx", reg64(PF, REG_ASQ));
}

static void configuration_register(void)
{
    EXPECT((reg32(PF, REG_CC) & 0xff000000) == 0, "reserved bits of CC are set: %x", reg32(PF, REG_CC));
    EXPECT((reg32(PF, REG_CC) & 0x00ff0000) == CC_ENTRY_SIZES, "entry sizes do not read back: %x", reg32(PF, REG_CC));
    EXPECT(reg32(PF, REG_CC) & CC_EN, "EN does not read back");
}

static void interrupt_mask_registers(void)
{
    write32(PF, REG_INTMS, 0x5);
    EXPECT(reg32(PF, REG_INTMS) == 0x5 && reg32(PF, REG_INTMC) == 0x5, "after setting 5: INTMS %x", reg32(PF, REG_INTMS));
    write32(PF, REG_INTMS, 0x2);
    EXPECT(reg32(PF, REG_INTMS) == 0x7, "a second write does not add: %x", reg32(PF, REG_INTMS));
    write32(PF, REG_INTMC, 0x6);
    EXPECT(reg32(PF, REG_INTMC) == 0x1, "after clearing 6: %x", reg32(PF, REG_INTMC));
    write32(PF, REG_INTMC, 0xffffffff);
    EXPECT(reg32(PF, REG_INTMS) == 0, "after clearing all: %x", reg32(PF, REG_INTMS));
}

static void status_ready(void)
{
    uint32_t csts = reg32(PF, REG_CSTS);
    EXPECT(csts & CSTS_RDY, "RDY is 0 while enabled");
    EXPECT((csts & CSTS_CFS) == 0, "CFS is set");
    EXPECT(CSTS_SHST(csts) == 0, "SHST %x", CSTS_SHST(csts));
    EXPECT(csts >> 6 == 0, "reserved bits of CSTS: %x", csts);
}

static void reserved_registers(void)
{
    EXPECT(reg32(PF, 0x18) == 0, "offset 18h reads %x", reg32(PF, 0x18));
    EXPECT(reg32(PF, 0x38) == 0 && reg32(PF, 0x3c) == 0, "no controller memory buffer, but CMBLOC or CMBSZ is not 0");
    EXPECT(reg32(PF, 0x40) == 0, "BPINFO reads %x", reg32(PF, 0x40));
    EXPECT(reg32(PF, 0x200) == 0 && reg32(PF, 0xffc) == 0, "reserved space is not 0");
}

static void doorbells_read(void)
{
    uint32_t value = reg32(PF, REG_DOORBELLS);
    (void)value; /* what a doorbell reads is not specified; it must not stop anything */
    EXPECT(!identify(PF, 1, 0, pages(1)).status, "a read of a doorbell upset the controller");
}

static void queue_memory_contiguous(void)
{
    uint64_t cap = reg64(PF, REG_CAP);
    EXPECT(cap >> 16 & 1, "queues need not be contiguous, which is not expected of this device");
    EXPECT((cap >> 32 & 0xf) == 0, "doorbell stride %x", (unsigned)(cap >> 32 & 0xf));
}

const struct check register_checks[] = {
    {"reg.cap_fields", "3.1.1", cap_fields},
    {"reg.cap_reserved", "3.1.1", cap_reserved},
    {"reg.cap_page_size", "3.1.1", page_size_4k},
    {"reg.cap_queues", "3.1.1", queue_memory_contiguous},
    {"reg.version", "3.1.2", version},
    {"reg.read_only", "3.1", read_only},
    {"reg.access_width", "3.1", halves},
    {"reg.interrupt_masks", "3.1.3, 3.1.4", interrupt_mask_registers},
    {"reg.configuration", "3.1.5", configuration_register},
    {"reg.status", "3.1.6", status_ready},
    {"reg.admin_queue", "3.1.8 to 3.1.10", admin_queue_registers},
    {"reg.reserved", "3.1", reserved_registers},
    {"reg.doorbell_read", "3.1.24", doorbells_read},
    {0},
};
