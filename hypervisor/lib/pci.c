/* PCIe bus 0 by ECAM. */
#include "hypervisor/lib/pci.h"

#include "hypervisor/lib/csr.h"

#define RESET_TICKS 1000000u /* 100 ms, the most that a function may take */
#define WINDOW_MEMORY_32 2u
#define MAP_CELLS 6u

static uint64_t ecam, ecam_bytes, window_next, window_end;
static uint32_t inta[PCI_DEVICES]; /* source of each device's INTA */
static uint32_t first_rid; /* whose page is the ECAM's first: a partition may have only some functions */

static bool has_page(uint16_t rid) {
    return rid >= first_rid && (uint64_t)(rid - first_rid) << 12 < ecam_bytes;
}

static volatile uint32_t *config(uint16_t rid, uint32_t offset) {
    return (volatile uint32_t *)(ecam + ((uint64_t)(rid - first_rid) << 12) + (offset & ~3u));
}

static uint64_t cell_pair(const struct fdt *fdt, int node, unsigned at) {
    uint32_t high = 0, low = 0;
    fdt_cell(fdt, node, "ranges", at, &high);
    fdt_cell(fdt, node, "ranges", at + 1, &low);
    return (uint64_t)high << 32 | low;
}

/* `interrupt-map` entries: PCI address (3 cells), pin, the controller's phandle, its source. */
static void find_lines(const struct fdt *fdt, int node) {
    static const char map[] = "interrupt-map";
    uint32_t address, pin, source, mask;
    if (!fdt_cell(fdt, node, "interrupt-map-mask", 0, &mask))
        return;
    for (unsigned at = 0; fdt_cell(fdt, node, map, at, &address) && fdt_cell(fdt, node, map, at + 3, &pin) && fdt_cell(fdt, node, map, at + 5, &source);
         at += MAP_CELLS)
        for (uint32_t device = 0; pin == 1 && device < PCI_DEVICES; device++)
            if (address == ((device << 11) & mask))
                inta[device] = source;
}

/* `ranges` entries: PCI address (3 cells, space in bits 25:24 of the first), host address (2), size (2). */
void pci_setup(const struct fdt *fdt) {
    uint32_t flags;
    int node = fdt_find_compatible(fdt, FDT_NONE, "pci-host-ecam-generic");
    if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &ecam, &ecam_bytes))
        return;
    fdt_cell(fdt, node, "assay,first-requester", 0, &first_rid);
    find_lines(fdt, node);
    for (unsigned at = 0; fdt_cell(fdt, node, "ranges", at, &flags); at += 7)
        if (((flags >> 24) & 3) == WINDOW_MEMORY_32) {
            window_next = cell_pair(fdt, node, at + 3);
            window_end = window_next + cell_pair(fdt, node, at + 5);
        }
}

uint32_t pci_read(uint16_t rid, uint32_t offset) {
    return has_page(rid) ? *config(rid, offset) : PCI_NO_DEVICE;
}

void pci_write(uint16_t rid, uint32_t offset, uint32_t value) {
    if (has_page(rid))
        *config(rid, offset) = value;
}

uint32_t pci_line_source(uint16_t rid) {
    return inta[rid / 8 % PCI_DEVICES];
}

uint16_t pci_find_class(uint32_t class_code) {
    for (uint16_t rid = 0; ecam && rid < 256; rid++)
        if (pci_read(rid, PCI_ID) != PCI_NO_DEVICE && pci_read(rid, PCI_CLASS) >> 8 == class_code)
            return rid;
    return PCI_NO_FUNCTION;
}

uint32_t pci_find_capability(uint16_t rid, uint8_t id) {
    uint32_t at = pci_read(rid, PCI_CAPABILITIES) & 0xfc;
    for (unsigned guard = 0; at >= PCI_HEADER_BYTES && guard < 48; guard++) {
        uint32_t head = pci_read(rid, at);
        if ((head & 0xff) == id)
            return at;
        at = (head >> 8) & 0xfc;
    }
    return 0;
}

uint32_t pci_find_before(uint16_t rid, uint32_t capability) {
    uint32_t before = PCI_CAPABILITIES, at = pci_read(rid, PCI_CAPABILITIES) & 0xfc;
    for (unsigned guard = 0; at >= PCI_HEADER_BYTES && guard < 48; guard++) {
        if (at == capability)
            return before;
        before = at;
        at = (pci_read(rid, at) >> 8) & 0xfc;
    }
    return 0;
}

uint32_t pci_find_extended(uint16_t rid, uint16_t id) {
    uint32_t at = PCI_EXTENDED;
    for (unsigned guard = 0; at >= PCI_EXTENDED && guard < 64; guard++) {
        uint32_t head = pci_read(rid, at);
        if (head == 0 || head == PCI_NO_DEVICE)
            return 0;
        if ((head & 0xffff) == id)
            return at;
        at = (head >> 20) & 0xffc;
    }
    return 0;
}

/* @return its size, 0 if it is no memory BAR */
static uint64_t size_bar(uint16_t rid, uint32_t offset, bool *is_wide) {
    pci_write(rid, offset, 0xffffffffu);
    uint32_t mask = pci_read(rid, offset);
    *is_wide = mask & PCI_BAR_64BIT;
    return (mask & ~0xfu) && !(mask & PCI_BAR_IO) ? (~(uint64_t)(mask & ~0xfu) + 1) & 0xffffffffu : 0;
}

static void place_bar(uint16_t rid, uint32_t offset, uint64_t address, bool is_wide) {
    pci_write(rid, offset, (uint32_t)address);
    if (is_wide)
        pci_write(rid, offset + 4, (uint32_t)(address >> 32));
}

uint64_t pci_assign_bar(uint16_t rid, uint32_t offset, uint32_t count, uint64_t *bytes) {
    bool is_wide;
    uint64_t size = size_bar(rid, offset, &is_wide), address = (window_next + size - 1) & ~(size - 1);
    if (!size || address + size * count > window_end)
        return 0;
    window_next = address + size * count;
    place_bar(rid, offset, address, is_wide);
    *bytes = size;
    return address;
}

bool pci_place_bar(uint16_t rid, uint32_t offset, uint64_t address, uint64_t *bytes) {
    bool is_wide;
    *bytes = size_bar(rid, offset, &is_wide);
    if (!*bytes || address & (*bytes - 1))
        return false;
    place_bar(rid, offset, address, is_wide);
    return true;
}

void pci_reset_function(uint16_t rid) {
    uint32_t express = pci_find_capability(rid, PCI_CAP_EXPRESS);
    if (!express)
        return;
    pci_write(rid, express + PCI_EXPRESS_DEVCTL, pci_read(rid, express + PCI_EXPRESS_DEVCTL) | PCI_EXPRESS_FLR);
    uint64_t limit = csr_read(time) + RESET_TICKS;
    while (pci_read(rid, PCI_CAPABILITIES) == PCI_NO_DEVICE && csr_read(time) < limit)
        ;
}
