#include "hypervisor/drivers/event_port.h"

static volatile uint64_t *port;

void event_port_setup(const struct fdt *fdt) {
    uint64_t address, bytes;
    int node = fdt_find_compatible(fdt, FDT_NONE, "assay,event-port-1.0");
    if (node != FDT_NONE && fdt_reg(fdt, node, 0, &address, &bytes))
        port = (volatile uint64_t *)address;
}

/* HS-mode takes no interrupts, so the two stores of a hart are not torn apart. */
void event_emit(enum event_software code, uint16_t function, uint32_t id, uint64_t value) {
    if (!port)
        return;
    port[EVENT_PORT_VALUE / 8] = value;
    port[EVENT_PORT_EMIT / 8] = event_port_word(code, function, id);
}
