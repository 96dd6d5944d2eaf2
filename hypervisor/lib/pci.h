/* PCIe bus 0 by ECAM: configuration space, capabilities, addresses for BARs. The hypervisor and its guests use the same. */
#ifndef HYPERVISOR_LIB_PCI_H
#define HYPERVISOR_LIB_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"
#include "hypervisor/lib/pci_wire.h"

#define PCI_NO_FUNCTION 0xffffu

/** Finds the ECAM and the 32-bit memory window of the host bridge. */
void pci_setup(const struct fdt *fdt);
uint32_t pci_read(uint16_t rid, uint32_t offset);
void pci_write(uint16_t rid, uint32_t offset, uint32_t value);
/** The first function on bus 0 of that class (24 bits), or PCI_NO_FUNCTION. */
uint16_t pci_find_class(uint32_t class_code);
/** Offset of a capability, or 0. */
uint32_t pci_find_capability(uint16_t rid, uint8_t id);
/** Finds the word whose bits 15:8 (or, PCI_CAPABILITIES, 7:0) lead to the capability at @p capability. @return its offset, 0 if none does */
uint32_t pci_find_before(uint16_t rid, uint32_t capability);
uint32_t pci_find_extended(uint16_t rid, uint16_t id);
/** Sizes the BAR at @p offset, gives it an address for @p count copies of it. @return the address, 0 when there is no room or no memory BAR */
uint64_t pci_assign_bar(uint16_t rid, uint32_t offset, uint32_t count, uint64_t *bytes);
/** The same at an address that is given, outside of what pci_assign_bar() takes. @return false when it is no memory BAR or the address is misaligned */
bool pci_place_bar(uint16_t rid, uint32_t offset, uint64_t address, uint64_t *bytes);
/** The interrupt controller's source of the function's INTA, by the host bridge's interrupt-map; 0: none. */
uint32_t pci_line_source(uint16_t rid);
/** Function-level reset; returns when the function answers again. */
void pci_reset_function(uint16_t rid);

#endif
