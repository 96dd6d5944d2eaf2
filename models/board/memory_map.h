/* Physical memory map of the host (QEMU's `virt` plus Assay's own windows) and of the NIC domain. */
#ifndef ASSAY_MODELS_BOARD_MEMORY_MAP_H
#define ASSAY_MODELS_BOARD_MEMORY_MAP_H

#define HOST_ROM_BASE 0x1000ull
#define HOST_ROM_BYTES 0xf000ull
#define HOST_FINISHER_BASE 0x100000ull
#define HOST_RTC_BASE 0x101000ull
#define HOST_CLINT_BASE 0x2000000ull
#define HOST_PCIE_IO_BASE 0x3000000ull
#define HOST_BAU_BASE 0x4000000ull
#define HOST_BAU_BYTES 0x100000ull
#define HOST_EVENT_PORT_BASE 0x4100000ull
#define HOST_PLIC_BASE 0xc000000ull
#define HOST_UART_BASE 0x10000000ull
#define HOST_DOORBELL_BASE 0x28000000ull /* MSI messages; seen by devices, not by harts */
#define HOST_ECAM_BASE 0x30000000ull
#define HOST_ECAM_BYTES 0x10000000ull
#define HOST_PCIE32_BASE 0x40000000ull
#define HOST_PCIE32_BYTES 0x40000000ull
#define HOST_VF_BAR_BASE 0x60000000ull /* BAR0 of VF 1, where partitions share the NIC */
#define HOST_RAM_BASE 0x80000000ull
#define HOST_PCIE64_BASE 0x400000000ull
#define HOST_PCIE64_BYTES 0x400000000ull

/* PLIC sources of the host. */
#define HOST_IRQ_UART 10
#define HOST_IRQ_RTC 11
#define HOST_IRQ_UART_1 12 /* of partition 1, whose UART lies behind partition 0's */
#define HOST_IRQ_PCIE_INTX 32 /* to 35 */
#define HOST_IRQ_BAU_1 36 /* queues of partition 1 */
#define HOST_IRQ_MAILBOX 38 /* partition 1's is one below */
#define HOST_IRQ_BAU 39
#define HOST_IRQ_BAU_NOTIFY 40 /* plus the hart's index */

#define NIC_FINISHER_BASE 0x100000ull
#define NIC_CLINT_BASE 0x2000000ull
#define NIC_PLIC_BASE 0xc000000ull
#define NIC_ROM_BASE 0x10000ull
#define NIC_ROM_BYTES 0x10000ull
#define NIC_ROM_HANG (NIC_ROM_BASE + 32) /* an endless loop */
#define NIC_UART_BASE 0x10000000ull
#define NIC_SYSTEM_BASE 0x10010000ull
#define NIC_SYSTEM_BYTES 0x1000ull
#define NIC_FLASH_BASE 0x20000000ull
#define NIC_FLASH_BYTES 0x10000ull
#define NIC_SLOT_FLASH_BASE 0x24000000ull /* SYS_FLASH_BYTES */
#define NIC_SEE_BASE 0x40000000ull
#define NIC_SEE_BYTES 0x10000ull
#define NIC_PORT_BASE 0x40010000ull
#define NIC_PORT_BYTES 0x10000ull
#define NIC_MEMORY_BASE 0x80000000ull
#define NIC_MEMORY_BYTES 0x4000000ull

/* PLIC sources of the NIC. */
#define NIC_IRQ_SEE 1
#define NIC_IRQ_PORT 2
#define NIC_IRQ_UART 10

#endif
