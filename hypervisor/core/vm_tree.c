/* The device tree that a VM gets: the hardware that its devices emulate or pass through, in QEMU `virt`'s shape. */
#include "hypervisor/arch/isa.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/guest/vuart.h"
#include "hypervisor/lib/fdt_writer.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"

#define TIMEBASE_HZ 10000000u
#define PHANDLE_PLIC 1u
#define PHANDLE_CPU 2u /* of vCPU 0; the next vCPU's is one more */

static void put_chosen(struct fdt_writer *w, const struct vm *vm) {
    fdt_writer_begin(w, "chosen");
    fdt_writer_text(w, "bootargs", vm->bootargs);
    fdt_writer_text(w, "stdout-path", "/soc/serial@10000000");
    if (vm->initrd_bytes) {
        const uint64_t end = vm->initrd + vm->initrd_bytes;
        fdt_writer_cells(w, "linux,initrd-start", 2, (const uint32_t[2]){(uint32_t)(vm->initrd >> 32), (uint32_t)vm->initrd});
        fdt_writer_cells(w, "linux,initrd-end", 2, (const uint32_t[2]){(uint32_t)(end >> 32), (uint32_t)end});
    }
    fdt_writer_end(w);
}

/* What guests may use without our doing; henvcfg lets them (core/vcpu.c). Counters beyond time, cycle and instret are not theirs (zihpm). */
static const char *const for_guests[] = {"zicbom", "zicboz", "zicntr", "zicond", "zicsr", "zifencei", "zihintpause", "zba", "zbb", "zbc", "zbs",
                                         "sstc", "svinval", "svnapot", "svpbmt", "xassayisa"};

/* Both forms: the string for what is older than Linux 6.6, the list for what is newer. */
static void put_isa(struct fdt_writer *w) {
    char isa[160], list[160];
    size_t length = format_text(isa, sizeof isa, "rv64ima%sc", vcpu_has_fp() ? "fd" : ""), bytes = 0;
    for (const char *letter = isa + 4; *letter; letter++) {
        list[bytes++] = *letter;
        list[bytes++] = 0;
    }
    for (uint32_t i = 0; i < sizeof for_guests / sizeof for_guests[0]; i++) {
        if (!isa_has(for_guests[i]))
            continue;
        length += format_text(isa + length, sizeof isa - length, "_%s", for_guests[i]);
        bytes += format_text(list + bytes, sizeof list - bytes, "%s", for_guests[i]) + 1;
    }
    fdt_writer_text(w, "riscv,isa", isa);
    fdt_writer_text(w, "riscv,isa-base", "rv64i");
    fdt_writer_bytes(w, "riscv,isa-extensions", list, (uint32_t)bytes);
    if (isa_cbom_block_bytes())
        fdt_writer_cell(w, "riscv,cbom-block-size", isa_cbom_block_bytes());
    if (isa_cboz_block_bytes())
        fdt_writer_cell(w, "riscv,cboz-block-size", isa_cboz_block_bytes());
}

static void put_cpu(struct fdt_writer *w, uint32_t index) {
    char name[16];
    format_text(name, sizeof name, "cpu@%x", index);
    fdt_writer_begin(w, name);
    fdt_writer_text(w, "device_type", "cpu");
    fdt_writer_cell(w, "reg", index);
    fdt_writer_text(w, "status", "okay");
    fdt_writer_text(w, "compatible", "riscv");
    put_isa(w);
    fdt_writer_text(w, "mmu-type", isa_mmu_type());
    fdt_writer_begin(w, "interrupt-controller");
    fdt_writer_text(w, "compatible", "riscv,cpu-intc");
    fdt_writer_cell(w, "#interrupt-cells", 1);
    fdt_writer_bytes(w, "interrupt-controller", NULL, 0);
    fdt_writer_cell(w, "phandle", PHANDLE_CPU + index);
    fdt_writer_end(w);
    fdt_writer_end(w);
}

static void put_cpus(struct fdt_writer *w, const struct vm *vm) {
    fdt_writer_begin(w, "cpus");
    fdt_writer_cell(w, "#address-cells", 1);
    fdt_writer_cell(w, "#size-cells", 0);
    fdt_writer_cell(w, "timebase-frequency", TIMEBASE_HZ);
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        put_cpu(w, i);
    fdt_writer_end(w);
}

static void put_memory(struct fdt_writer *w, const struct vm *vm) {
    fdt_writer_begin(w, "memory@80000000");
    fdt_writer_text(w, "device_type", "memory");
    fdt_writer_range(w, "reg", VM_RAM_BASE, vm->memory_bytes);
    fdt_writer_end(w);
}

static void put_plic(struct fdt_writer *w, const struct vm *vm) {
    uint32_t contexts[2 * MAX_VCPUS];
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        contexts[2 * i] = PHANDLE_CPU + i;
        contexts[2 * i + 1] = 9;
    }
    fdt_writer_begin(w, "interrupt-controller@c000000");
    fdt_writer_bytes(w, "compatible", "sifive,plic-1.0.0\0riscv,plic0", 30);
    fdt_writer_range(w, "reg", VPLIC_BASE, VPLIC_BYTES);
    fdt_writer_cell(w, "#interrupt-cells", 1);
    fdt_writer_cell(w, "#address-cells", 0);
    fdt_writer_bytes(w, "interrupt-controller", NULL, 0);
    fdt_writer_cell(w, "riscv,ndev", VPLIC_SOURCES);
    fdt_writer_cells(w, "interrupts-extended", 2 * vm->vcpu_count, contexts);
    fdt_writer_cell(w, "phandle", PHANDLE_PLIC);
    fdt_writer_end(w);
}

static void put_uart(struct fdt_writer *w) {
    fdt_writer_begin(w, "serial@10000000");
    fdt_writer_text(w, "compatible", "ns16550a");
    fdt_writer_range(w, "reg", VUART_BASE, VUART_BYTES);
    fdt_writer_cell(w, "clock-frequency", 3686400);
    fdt_writer_cell(w, "interrupts", VUART_SOURCE);
    fdt_writer_cell(w, "interrupt-parent", PHANDLE_PLIC);
    fdt_writer_end(w);
}

/* INTA of 00:01.0 is the VF's source, that of 00:02.0 the network function's. */
static void put_interrupt_map(struct fdt_writer *w) {
    const uint32_t mask[4] = {0xf800, 0, 0, 7};
    const uint32_t map[12] = {0x0800, 0, 0, 1, PHANDLE_PLIC, VPLIC_VF_SOURCE, 0x1000, 0, 0, 1, PHANDLE_PLIC, VPLIC_NET_SOURCE};
    fdt_writer_cell(w, "#interrupt-cells", 1);
    fdt_writer_cells(w, "interrupt-map-mask", 4, mask);
    fdt_writer_cells(w, "interrupt-map", 12, map);
}

static void put_pci(struct fdt_writer *w, const struct vm *vm) {
    const uint32_t ranges[7] = {0x02000000u, 0, VPCI_MMIO_BASE, 0, VPCI_MMIO_BASE, 0, VPCI_MMIO_BYTES};
    const uint32_t buses[2] = {0, 0};
    fdt_writer_begin(w, "pci@30000000");
    fdt_writer_text(w, "compatible", "pci-host-ecam-generic");
    fdt_writer_text(w, "device_type", "pci");
    fdt_writer_cell(w, "#address-cells", 3);
    fdt_writer_cell(w, "#size-cells", 2);
    fdt_writer_range(w, "reg", VPCI_ECAM_BASE, VPCI_ECAM_BYTES);
    fdt_writer_cells(w, "bus-range", 2, buses);
    fdt_writer_cells(w, "ranges", 7, ranges);
    if (vm->path == MAILBOX_PATH_INTX)
        put_interrupt_map(w);
    fdt_writer_end(w);
}

/* How the guest finds its directed interrupts: layout in drivers/bau.h. */
static void put_bau(struct fdt_writer *w, const struct vm *vm) {
    const uint32_t vectors[2] = {0, (uint32_t)BAU_GUEST_SIGNAL_GPA};
    const uint32_t doorbell[2] = {0, (uint32_t)bau_doorbell_base()};
    fdt_writer_begin(w, "bau-guest@28010000");
    fdt_writer_text(w, "compatible", "assay,bau-guest");
    fdt_writer_range(w, "reg", BAU_GUEST_PAGES_GPA, vm->vcpu_count * 0x1000ull);
    fdt_writer_cells(w, "assay,signal-vectors", 2, vectors);
    fdt_writer_cells(w, "assay,msi-doorbell", 2, doorbell);
    fdt_writer_cell(w, "assay,targets", vm->vcpu_count);
    if (vm->path == MAILBOX_PATH_CLASSICAL) {
        fdt_writer_cell(w, "interrupts", VPLIC_VF_SOURCE);
        fdt_writer_cell(w, "interrupt-parent", PHANDLE_PLIC);
    }
    fdt_writer_end(w);
}

static void put_soc(struct fdt_writer *w, const struct vm *vm) {
    fdt_writer_begin(w, "soc");
    fdt_writer_text(w, "compatible", "simple-bus");
    fdt_writer_cell(w, "#address-cells", 2);
    fdt_writer_cell(w, "#size-cells", 2);
    fdt_writer_bytes(w, "ranges", NULL, 0);
    put_plic(w, vm);
    put_uart(w);
    put_pci(w, vm);
    if (vm->signal_page && vm->path != MAILBOX_PATH_INTX)
        put_bau(w, vm);
    fdt_writer_end(w);
}

/* The tree takes the last 16 KiB of RAM; guests copy it before they use that memory. */
bool vm_build_tree(struct vm *vm) {
    struct fdt_writer w;
    vm->dtb = VM_RAM_BASE + vm->memory_bytes - VM_TREE_BYTES;
    fdt_writer_start(&w, vm_memory(vm, GPA(vm->dtb), VM_TREE_BYTES), (uint32_t)VM_TREE_BYTES);
    fdt_writer_begin(&w, "");
    fdt_writer_text(&w, "compatible", "assay,vm");
    fdt_writer_text(&w, "model", vm->name);
    fdt_writer_cell(&w, "#address-cells", 2);
    fdt_writer_cell(&w, "#size-cells", 2);
    put_chosen(&w, vm);
    put_cpus(&w, vm);
    put_memory(&w, vm);
    put_soc(&w, vm);
    fdt_writer_end(&w);
    return fdt_writer_finish(&w) != 0;
}
