/* Loads and stores of the NIC processor outside its memory: address decoding of the NIC domain. */
#include "models/board/memory_map.h"
#include "models/nic/nic_internal.h"

enum { FINISH_FAIL = 0x3333, FINISH_PASS = 0x5555, FINISH_RESET = 0x7777 };

struct window {
	uint64_t base, bytes;
	int (*load)(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value);
	int (*store)(struct nic *nic, uint64_t offset, unsigned size, uint64_t value);
};

static int load_clint(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value)
{
	return clint_load(&nic->state.clint, nic->state.cycle, offset, size, value);
}

static int store_clint(struct nic *nic, uint64_t offset, unsigned size, uint64_t value)
{
	nic->state.lines_dirty = true;
	return clint_store(&nic->state.clint, offset, size, value);
}

static int load_plic(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value)
{
	nic->state.lines_dirty = true;
	return plic_load(&nic->state.plic, offset, size, value);
}

static int store_plic(struct nic *nic, uint64_t offset, unsigned size, uint64_t value)
{
	nic->state.lines_dirty = true;
	return plic_store(&nic->state.plic, 0, offset, size, value);
}

static void uart_line(struct nic *nic)
{
	plic_set_level(&nic->state.plic, NIC_IRQ_UART, uart_interrupt(&nic->state.uart));
	nic->state.lines_dirty = true;
}

static int load_uart(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)size;
	*value = uart_load(&nic->state.uart, offset);
	uart_line(nic);
	return HART_BUS_OK;
}

static int store_uart(struct nic *nic, uint64_t offset, unsigned size, uint64_t value)
{
	(void)size;
	int byte = uart_store(&nic->state.uart, offset, value);
	if (byte >= 0 && nic->ops.console)
		nic->ops.console(nic->ops.ctx, (uint8_t)byte, nic->state.cycle);
	uart_line(nic);
	return HART_BUS_OK;
}

static int load_finisher(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)nic, (void)offset, (void)size;
	*value = 0;
	return HART_BUS_OK;
}

static int store_finisher(struct nic *nic, uint64_t offset, unsigned size, uint64_t value)
{
	(void)size;
	unsigned kind = value & 0xffff;
	if (offset != 0 || (kind != FINISH_PASS && kind != FINISH_FAIL && kind != FINISH_RESET))
		return HART_BUS_OK;
	nic->state.finished = true;
	if (nic->ops.finish)
		nic->ops.finish(nic->ops.ctx, kind == FINISH_FAIL ? (unsigned)(value >> 16 & 0xffff) : 0, nic->state.cycle);
	return HART_BUS_OK;
}

static int start_access(struct nic *nic, bool flow, uint64_t offset, unsigned size, bool is_store, uint64_t data)
{
	struct nic_state *s = &nic->state;
	if (size != 8)
		return HART_BUS_FAULT;
	s->access_waiting = true;
	s->access_taken = false;
	s->access_store = is_store;
	s->access_flow = flow;
	s->access_offset = (uint32_t)offset;
	s->access_data = data;
	return HART_BUS_WAIT;
}

static int load_see(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)value;
	return start_access(nic, false, offset, size, false, 0);
}

static int store_see(struct nic *nic, uint64_t offset, unsigned size, uint64_t value)
{
	return start_access(nic, false, offset, size, true, value);
}

static void port_line(struct nic *nic)
{
	plic_set_level(&nic->state.plic, NIC_IRQ_PORT, port_irq(&nic->state.port));
	nic->state.lines_dirty = true;
}

/* The functions show their drivers the address that the classifier knows them by. */
static void note_address(struct nic *nic, uint64_t offset, uint64_t value)
{
	if (offset >= PORT_FLOW_FN && offset < PORT_FLOW_FN + 8 * NETDEV_FUNCTIONS)
		nic->state.net.function[(offset - PORT_FLOW_FN) / 8].mac = value & PORT_FLOW_FN_ADDRESS_MASK;
}

static int load_port(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value)
{
	if (size != 8)
		return HART_BUS_FAULT;
	if (offset >= PORT_FLOW_OFFSET)
		return start_access(nic, true, offset - PORT_FLOW_OFFSET, size, false, 0);
	*value = port_read(&nic->state.port, offset);
	return HART_BUS_OK;
}

static int store_port(struct nic *nic, uint64_t offset, unsigned size, uint64_t value)
{
	if (size != 8)
		return HART_BUS_FAULT;
	if (offset >= PORT_FLOW_OFFSET) {
		note_address(nic, offset, value);
		return start_access(nic, true, offset - PORT_FLOW_OFFSET, size, true, value);
	}
	port_write(&nic->state.port, offset, value, nic->state.cycle);
	if (offset == PORT_NET_FUNCTIONS)
		netdev_set_present(&nic->state.net, (uint32_t)port_read(&nic->state.port, PORT_NET_FUNCTIONS));
	port_line(nic);
	return HART_BUS_OK;
}

static int load_system(struct nic *nic, uint64_t offset, unsigned size, uint64_t *value)
{
	if (size != 8)
		return HART_BUS_FAULT;
	*value = system_read(&nic->state.system, nic->slot_flash, offset, nic->state.cycle);
	return HART_BUS_OK;
}

/* A processor that asks for its reset waits for it. */
static int store_system(struct nic *nic, uint64_t offset, unsigned size, uint64_t value)
{
	if (size != 8)
		return HART_BUS_FAULT;
	system_write(&nic->state.system, nic->slot_flash, offset, value, nic->state.cycle);
	nic->state.lines_dirty = true;
	return nic->state.system.reset_wanted ? HART_BUS_WAIT : HART_BUS_OK;
}

static const struct window windows[] = {
	{NIC_SEE_BASE, NIC_SEE_BYTES, load_see, store_see},
	{NIC_PORT_BASE, NIC_PORT_BYTES, load_port, store_port},
	{NIC_PLIC_BASE, PLIC_SIZE_BYTES, load_plic, store_plic},
	{NIC_CLINT_BASE, CLINT_SIZE_BYTES, load_clint, store_clint},
	{NIC_UART_BASE, UART_SIZE_BYTES, load_uart, store_uart},
	{NIC_SYSTEM_BASE, NIC_SYSTEM_BYTES, load_system, store_system},
	{NIC_FINISHER_BASE, 0x1000, load_finisher, store_finisher},
};

static const struct window *find_window(uint64_t pa)
{
	for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
		if (pa - windows[i].base < windows[i].bytes)
			return &windows[i];
	}
	return NULL;
}

int nic_bus_load(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t *value)
{
	struct nic *nic = ctx;
	const struct window *window = find_window(pa);
	(void)hart;
	if (!window)
		return HART_BUS_FAULT;
	int status = window->load(nic, pa - window->base, size, value);
	if (nic->state.lines_dirty)
		nic_update_lines(nic);
	return status;
}

int nic_bus_store(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t value)
{
	struct nic *nic = ctx;
	const struct window *window = find_window(pa);
	(void)hart;
	if (!window)
		return HART_BUS_FAULT;
	int status = window->store(nic, pa - window->base, size, value);
	if (nic->state.lines_dirty)
		nic_update_lines(nic);
	return status;
}
