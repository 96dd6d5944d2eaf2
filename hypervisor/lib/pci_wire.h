/* PCI configuration space as far as the hypervisor and its guests use it (PCI Express Base 4.0, chapter 7). */
#ifndef HYPERVISOR_LIB_PCI_WIRE_H
#define HYPERVISOR_LIB_PCI_WIRE_H

#define PCI_ID 0x00u
#define PCI_COMMAND 0x04u
#define PCI_CLASS 0x08u
#define PCI_HEADER 0x0cu
#define PCI_BAR0 0x10u
#define PCI_BARS 6u
#define PCI_DEVICES 32u /* of a bus */
#define PCI_SUBSYSTEM 0x2cu
#define PCI_CAPABILITIES 0x34u
#define PCI_CONFIG_BYTES 0x1000u
#define PCI_INTERRUPT 0x3cu /* line in bits 7:0, pin in bits 15:8 */
#define PCI_INTERRUPT_PIN_A 0x100u
#define PCI_HEADER_BYTES 0x40u
#define PCI_EXTENDED 0x100u

#define PCI_NO_DEVICE 0xffffffffu
#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u
#define PCI_COMMAND_INTX_OFF 0x400u
#define PCI_STATUS_INTERRUPT 0x00080000u
#define PCI_STATUS_CAPABILITIES 0x00100000u
#define PCI_BAR_64BIT 0x4u
#define PCI_BAR_IO 0x1u

#define PCI_CAP_MSIX 0x11u
#define PCI_CAP_EXPRESS 0x10u
#define PCI_MSIX_ENABLE 0x80000000u
#define PCI_MSIX_MASK_ALL 0x40000000u
#define PCI_EXPRESS_DEVCTL 0x8u
#define PCI_EXPRESS_FLR 0x8000u

#define PCI_EXT_CAP_SRIOV 0x10u
#define SRIOV_CONTROL 0x08u
#define SRIOV_VF_ENABLE 0x1u
#define SRIOV_VF_MSE 0x8u
#define SRIOV_TOTAL_VFS 0x0cu /* high half: TotalVFs */
#define SRIOV_NUM_VFS 0x10u
#define SRIOV_ROUTING 0x14u /* First VF Offset, VF Stride */
#define SRIOV_VF_DEVICE 0x18u /* high half: device id of the VFs */
#define SRIOV_VF_BAR0 0x24u

#define PCI_CLASS_NVME 0x010802u

#endif
