/* Configuration space: PCI Express Base 4.0, SR-IOV 1.1, NVMe 1.4 section 2. */
#include "hypervisor/lib/pci.h"
#include "testbench/conformance/check.h"

static void class_code(void)
{
    EXPECT(config_read(PF, PCI_CLASS) >> 8 == PCI_CLASS_NVME, "class code %x", config_read(PF, PCI_CLASS) >> 8);
}

static void identifiers(void)
{
    uint32_t id = config_read(PF, PCI_ID), subsystem = config_read(PF, PCI_SUBSYSTEM);
    EXPECT((id & 0xffff) != 0 && (id & 0xffff) != 0xffff, "vendor id %x", id & 0xffff);
    EXPECT((subsystem & 0xffff) != 0, "subsystem vendor id 0");
}

static void identifiers_read_only(void)
{
    uint32_t before = config_read(PF, PCI_ID);
    config_write(PF, PCI_ID, ~before);
    EXPECT(config_read(PF, PCI_ID) == before, "ids changed to %x", config_read(PF, PCI_ID));
}

static void header_type(void)
{
    EXPECT((config_read(PF, PCI_HEADER) >> 16 & 0x7f) == 0, "header type %x", config_read(PF, PCI_HEADER) >> 16 & 0xff);
}

static void bar0(void)
{
    uint32_t low = config_read(PF, PCI_BAR0), high = config_read(PF, PCI_BAR0 + 4);
    config_write(PF, PCI_BAR0, 0xffffffff);
    uint32_t mask = config_read(PF, PCI_BAR0);
    config_write(PF, PCI_BAR0, low);
    config_write(PF, PCI_BAR0 + 4, high);
    EXPECT((mask & 7) == 4, "BAR0 type bits %x: not 64-bit memory", mask & 0xf);
    EXPECT((~(mask & ~0xfu) + 1) >= 0x2000, "BAR0 is smaller than the registers and doorbells");
    EXPECT(reg32(PF, REG_VS) != 0xffffffff, "registers do not answer after sizing");
}

static void memory_space_enable(void)
{
    config_write(PF, PCI_COMMAND, PCI_COMMAND_MASTER);
    uint32_t hidden = reg32(PF, REG_VS);
    config_write(PF, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    EXPECT(hidden == 0xffffffff, "registers answer %x while Memory Space Enable is 0", hidden);
    EXPECT(reg32(PF, REG_VS) != 0xffffffff, "registers do not answer with Memory Space Enable");
}

static void capability_list(void)
{
    EXPECT(config_read(PF, PCI_COMMAND) & PCI_STATUS_CAPABILITIES, "status says no capabilities");
    unsigned count = 0;
    for (uint32_t at = config_read(PF, PCI_CAPABILITIES) & 0xff; at; at = config_read(PF, at) >> 8 & 0xff) {
        EXPECT(at >= PCI_HEADER_BYTES && (at & 3) == 0, "capability at %x", at);
        EXPECT(++count < 48, "the list has no end");
    }
}

static void power_management(void)
{
    uint32_t cap = pci_find_capability(PF->rid, 1);
    EXPECT(cap, "no power management capability");
    EXPECT((config_read(PF, cap) >> 16 & 7) >= 2, "PM version %x", config_read(PF, cap) >> 16 & 7);
    EXPECT((config_read(PF, cap + 4) & 3) == 0, "the function is not in D0");
}

static void msix(void)
{
    uint32_t cap = pci_find_capability(PF->rid, PCI_CAP_MSIX);
    EXPECT(cap, "no MSI-X capability");
    uint32_t vectors = (config_read(PF, cap) >> 16 & 0x7ff) + 1;
    uint32_t table = config_read(PF, cap + 4), pending = config_read(PF, cap + 8);
    EXPECT(vectors >= 2, "%u vectors", vectors);
    EXPECT((table & 7) == 0 && (pending & 7) == 0, "table or pending bits outside of BAR0");
    EXPECT((pending & ~7u) >= (table & ~7u) + vectors * 16 || (pending & ~7u) + 8 <= (table & ~7u), "table and pending bits overlap");
}

static void msix_enable_bits(void)
{
    uint32_t cap = pci_find_capability(PF->rid, PCI_CAP_MSIX), size = config_read(PF, cap) & 0x07ff0000;
    config_write(PF, cap, PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL | 0x07ff0000);
    uint32_t on = config_read(PF, cap);
    config_write(PF, cap, 0);
    EXPECT((on & 0xc0000000) == 0xc0000000, "enable and function mask do not stick: %x", on);
    EXPECT((on & 0x07ff0000) == size, "table size can be written");
    EXPECT((config_read(PF, cap) & 0xc0000000) == 0, "enable and function mask do not clear");
}

static void express(void)
{
    uint32_t cap = pci_find_capability(PF->rid, PCI_CAP_EXPRESS);
    EXPECT(cap, "no PCI Express capability");
    EXPECT((config_read(PF, cap) >> 16 & 0xf) >= 2, "capability version %x", config_read(PF, cap) >> 16 & 0xf);
    EXPECT((config_read(PF, cap) >> 20 & 0xf) == 0, "not an endpoint");
}

static void flr_capability(void)
{
    uint32_t cap = pci_find_capability(PF->rid, PCI_CAP_EXPRESS);
    EXPECT(cap && config_read(PF, cap + 4) & 1u << 28, "no function-level reset");
    EXPECT((config_read(PF, cap + PCI_EXPRESS_DEVCTL) & PCI_EXPRESS_FLR) == 0, "Initiate FLR does not read 0");
}

static void interrupt_pin(void)
{
    uint32_t pin = config_read(PF, 0x3c) >> 8 & 0xff;
    EXPECT(pin <= 4, "interrupt pin %x", pin);
    config_write(PF, 0x3c, 0xa5);
    EXPECT((config_read(PF, 0x3c) & 0xff) == 0xa5, "interrupt line is not a scratch register");
    EXPECT((config_read(PF, 0x3c) >> 8 & 0xff) == pin, "interrupt pin can be written");
}

static void aer(void)
{
    EXPECT(pci_find_extended(PF->rid, 1), "no AER capability");
}

static void sriov(void)
{
    uint32_t cap = pci_find_extended(PF->rid, PCI_EXT_CAP_SRIOV);
    EXPECT(cap, "no SR-IOV capability");
    uint32_t vfs = config_read(PF, cap + SRIOV_TOTAL_VFS);
    EXPECT(vfs >> 16 >= 1 && (vfs & 0xffff) <= vfs >> 16, "InitialVFs and TotalVFs %x", vfs);
    uint32_t routing = config_read(PF, cap + SRIOV_ROUTING);
    EXPECT((routing & 0xffff) > 0, "First VF Offset 0");
    EXPECT(vfs >> 16 == 1 || routing >> 16 > 0, "VF Stride 0");
    EXPECT(config_read(PF, cap + 0x1c) & 1, "4 KiB system pages not supported");
    EXPECT(config_read(PF, cap + 0x20) == 1, "System Page Size %x at reset", config_read(PF, cap + 0x20));
}

static void beyond_space(void)
{
    EXPECT(config_read(PF, 0xffc) == 0 || config_read(PF, 0xffc) != 0xffffffff, "the end of extended space is not implemented");
    struct dut absent = {.rid = (uint16_t)(PF->rid + 1)};
    EXPECT(config_read(&absent, PCI_ID) == PCI_NO_DEVICE, "function %x answers: %x", absent.rid, config_read(&absent, PCI_ID));
}

const struct check pci_checks[] = {
    {"pci.class_code", "2.1.3", class_code},
    {"pci.identifiers", "2.1.1", identifiers},
    {"pci.identifiers_read_only", "PCIe 7.5.1.1.1", identifiers_read_only},
    {"pci.header_type", "2.1.5", header_type},
    {"pci.bar0", "2.1.10", bar0},
    {"pci.memory_space_enable", "2.1.2", memory_space_enable},
    {"pci.capability_list", "PCIe 7.5.1.1.11", capability_list},
    {"pci.power_management", "2.2", power_management},
    {"pci.msix", "2.4", msix},
    {"pci.msix_enable_bits", "2.4.1", msix_enable_bits},
    {"pci.express", "2.5", express},
    {"pci.flr_capability", "2.5.2", flr_capability},
    {"pci.interrupt_pin", "2.1.17", interrupt_pin},
    {"pci.aer", "2.6", aer},
    {"pci.sriov", "SR-IOV 3.3", sriov},
    {"pci.absent_function", "PCIe 2.3.1", beyond_space},
    {0},
};
