/* Virtual functions: SR-IOV 1.1, and one NVMe controller each. */
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define VF1 (&duts[1])
#define VF2 (&duts[2])
#define VFS 16u

static void ids(void)
{
    EXPECT(dut_enable_vfs(2), "VFs do not answer");
    EXPECT(config_read(VF1, PCI_ID) == 0xffffffff, "vendor and device id of a VF read %x", config_read(VF1, PCI_ID));
    EXPECT(config_read(VF1, PCI_CLASS) >> 8 == PCI_CLASS_NVME, "class code %x", config_read(VF1, PCI_CLASS) >> 8);
    EXPECT((config_read(VF1, 0x3c) & 0xff00) == 0, "a VF has an interrupt pin");
    EXPECT(config_read(VF1, PCI_BAR0) == 0, "a VF's own BAR0 reads %x", config_read(VF1, PCI_BAR0));
}

static void appear_and_go(void)
{
    EXPECT(dut_enable_vfs(3), "VFs do not answer");
    struct dut third = duts[3], fourth = duts[3];
    fourth.rid++;
    EXPECT(config_read(&fourth, PCI_CLASS) == 0xffffffff, "a VF beyond NumVFs answers");
    EXPECT(dut_enable_vfs(0), "VF Enable does not clear");
    EXPECT(config_read(&third, PCI_CLASS) == 0xffffffff, "a VF answers after VF Enable was cleared");
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "no VF after VF Enable was set again");
}

static void all_of_them(void)
{
    EXPECT(dut_enable_vfs(VFS), "not all VFs answer");
    for (unsigned n = 1; n <= VFS; n++) {
        EXPECT(dut_restart(&duts[n]), "VF %u does not start", n);
        EXPECT_STATUS(identify(&duts[n], 1, 0, pages(1)), ST_SUCCESS);
    }
}

static void num_vfs_locked(void)
{
    uint32_t cap = pci_find_extended(PF->rid, PCI_EXT_CAP_SRIOV);
    EXPECT(dut_enable_vfs(2), "VFs do not answer");
    config_write(PF, cap + SRIOV_NUM_VFS, 5);
    EXPECT((config_read(PF, cap + SRIOV_NUM_VFS) & 0xffff) == 2, "NumVFs changed while VF Enable was 1");
}

static void own_identity(void)
{
    uint8_t *of_pf = pages(1), *of_vf = pages(1);
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "VF 1 does not start");
    EXPECT_STATUS(identify(PF, 1, 0, of_pf), ST_SUCCESS);
    EXPECT_STATUS(identify(VF1, 1, 0, of_vf), ST_SUCCESS);
    bool same_subsystem = memcmp(of_pf + 768, of_vf + 768, 256) == 0;
    EXPECT(!same_subsystem || get16(of_pf, 78) != get16(of_vf, 78), "one subsystem, and both controllers are %x", get16(of_vf, 78));
    EXPECT(get16(of_pf, 0) == get16(of_vf, 0), "vendor ids differ");
}

static void no_volume(void)
{
    uint8_t *data = pages(1);
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "VF 1 does not start");
    EXPECT_STATUS(identify(VF1, 2, 0, data), ST_SUCCESS);
    EXPECT(get32(data, 0) == 0, "namespace %x without a volume", get32(data, 0));
    EXPECT(make_queue(VF1, 1, 16), "no queue");
    struct sqe command = io_command(VF1, IO_READ, 0, 1, data);
    EXPECT_STATUS(execute(VF1, 1, &command), ST_INVALID_NAMESPACE);
}

static void no_management(void)
{
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "VF 1 does not start");
    EXPECT_STATUS(admin(VF1, &(struct sqe){.opcode = ADMIN_ATTACH_VOLUME, .dw10 = 1, .dw11 = 0}), ST_INVALID_OPCODE);
    EXPECT_STATUS(admin(VF1, &(struct sqe){.opcode = 0xc4, .prp1 = (uint64_t)pages(1)}), ST_INVALID_OPCODE);
}

/* VF 1 with a volume of its own and a queue. */
static bool vf_with_volume(void)
{
    if (!dut_enable_vfs(2) || !dut_restart(VF1) || attach_volume(1, OTHER_VOLUME).status || !make_queue(VF1, 1, 64)) {
        check_fail("VF 1 cannot be used");
        return false;
    }
    return true;
}

static void own_volume(void)
{
    uint8_t *data = pages(4);
    if (!vf_with_volume())
        return;
    EXPECT(make_queue(PF, 1, 16), "no queue of the PF");
    fill_pattern(data, PAGE, 1);
    fill_pattern(data + PAGE, PAGE, 2);
    struct sqe command = io_command(VF1, IO_WRITE, 50, 8, data);
    EXPECT_STATUS(execute(VF1, 1, &command), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_WRITE, 50, 8, data + PAGE), ST_SUCCESS);
    command = io_command(VF1, IO_READ, 50, 8, data + 2 * PAGE);
    EXPECT_STATUS(execute(VF1, 1, &command), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, 50, 8, data + 3 * PAGE), ST_SUCCESS);
    EXPECT(is_pattern(data + 2 * PAGE, PAGE, 1), "VF 1 does not read what it wrote");
    EXPECT(is_pattern(data + 3 * PAGE, PAGE, 2), "the PF does not read what it wrote");
    EXPECT_STATUS(attach_volume(1, NSID_ALL), ST_SUCCESS);
}

static void reset_leaves_others(void)
{
    uint8_t *data = pages(33);
    if (!vf_with_volume())
        return;
    EXPECT(dut_restart(VF2), "VF 2 does not start");
    for (unsigned i = 0; i < 32; i++) {
        struct sqe command = io_command(VF1, IO_READ, i * 8, 8, data + i * PAGE);
        submit_quietly(VF1, 1, &command);
    }
    ring_sq(VF1, 1, 32);
    EXPECT(dut_flr(VF2), "VF 2 does not come back");
    EXPECT(dut_disable(PF), "the PF's controller does not stop");
    for (unsigned i = 0; i < 32; i++)
        EXPECT_STATUS(reap(VF1, 1, COMMAND_US), ST_SUCCESS);
    EXPECT(dut_enable(PF, 32, 32), "the PF's controller does not start");
    EXPECT_STATUS(attach_volume(1, NSID_ALL), ST_SUCCESS);
}

static void flr_under_load(void)
{
    uint8_t *data = pages(33);
    if (!vf_with_volume())
        return;
    for (unsigned i = 0; i < 32; i++) {
        struct sqe command = io_command(VF1, IO_READ, i * 8, 8, data + i * PAGE);
        submit_quietly(VF1, 1, &command);
    }
    ring_sq(VF1, 1, 32);
    delay_us(10);
    EXPECT(dut_flr(VF1), "VF 1 does not come back");
    memset(data, 0x77, 32 * PAGE);
    delay_us(1500);
    for (unsigned i = 0; i < 32 * PAGE; i++)
        EXPECT(data[i] == 0x77, "byte %x was written after the reset", i);
    EXPECT(dut_restart(VF1) && make_queue(VF1, 1, 16), "VF 1 does not start again");
    struct sqe command = io_command(VF1, IO_READ, 0, 8, data);
    EXPECT_STATUS(execute(VF1, 1, &command), ST_SUCCESS);
    EXPECT_STATUS(attach_volume(1, NSID_ALL), ST_SUCCESS);
}

static void disabled_under_load(void)
{
    uint8_t *data = pages(33);
    if (!vf_with_volume())
        return;
    for (unsigned i = 0; i < 16; i++) {
        struct sqe command = io_command(VF1, IO_READ, i * 8, 8, data + i * PAGE);
        submit_quietly(VF1, 1, &command);
    }
    ring_sq(VF1, 1, 16);
    EXPECT(dut_enable_vfs(0), "VF Enable does not clear");
    EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "VF 1 does not start again");
    EXPECT_STATUS(attach_volume(1, NSID_ALL), ST_SUCCESS);
}

static void pf_reset_takes_vfs(void)
{
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "VF 1 does not start");
    EXPECT(dut_flr(PF), "the PF does not come back");
    EXPECT(config_read(VF1, PCI_CLASS) == 0xffffffff, "VF 1 survives a reset of its PF");
}

static void own_features_and_logs(void)
{
    uint8_t *before = pages(1), *after = pages(1);
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "VF 1 does not start");
    EXPECT_STATUS(get_log(PF, 1, NSID_ALL, before, 64), ST_SUCCESS);
    EXPECT_STATUS(get_feature(VF1, 0xff, 0, 0), ST_INVALID_FIELD);
    EXPECT_STATUS(get_log(PF, 1, NSID_ALL, after, 64), ST_SUCCESS);
    EXPECT(get64(before, 0) == get64(after, 0), "VF 1's error is in the PF's log");
}

static void no_bus_mastering(void)
{
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1), "VF 1 does not start");
    config_write(VF1, PCI_COMMAND, 0);
    volatile struct cqe *cq = VF1->queues[0].cq;
    submit(VF1, 0, &(struct sqe){.opcode = ADMIN_GET_FEATURES, .dw10 = 7});
    delay_us(300);
    EXPECT(cq[0].status == 0, "a VF without Bus Master Enable wrote a completion");
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
}

const struct check vf_checks[] = {
    {"vf.ids", "SR-IOV 3.4.1", ids},
    {"vf.appear_and_go", "SR-IOV 3.3.3.1", appear_and_go},
    {"vf.all", "SR-IOV 3.3.7", all_of_them},
    {"vf.num_vfs_locked", "SR-IOV 3.3.7", num_vfs_locked},
    {"vf.identity", "5.15.2.2 (CNTLID)", own_identity},
    {"vf.no_volume", "6.1.5", no_volume},
    {"vf.no_management", "vendor command C0h", no_management},
    {"vf.own_volume", "6.1", own_volume},
    {"vf.own_logs", "5.14", own_features_and_logs},
    {"vf.no_bus_mastering", "SR-IOV 3.4.1.3", no_bus_mastering},
    {"vf.reset_leaves_others", "SR-IOV 2.2.2", reset_leaves_others},
    {"vf.flr_under_load", "SR-IOV 2.2.2", flr_under_load},
    {"vf.disabled_under_load", "SR-IOV 3.3.3.1", disabled_under_load},
    {"vf.pf_reset_takes_vfs", "SR-IOV 2.2.2", pf_reset_takes_vfs},
    {0},
};
