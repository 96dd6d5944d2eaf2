/* Loads and stores of harts outside RAM: address decoding of the host. */
#include <string.h>

#include "hypervisor/events_wire.h"
#include "models/board/host_internal.h"
#include "models/board/memory_map.h"

enum { FINISH_FAIL = 0x3333, FINISH_PASS = 0x5555, FINISH_RESET = 0x7777, RTC_TIME_LOW = 0, RTC_TIME_HIGH = 4 };

/* The simulated calendar starts at 2026-01-01T00:00:00Z, so that runs do not depend on when they are made. */
static const uint64_t RTC_EPOCH_NS = 1767225600ull * 1000000000ull;

struct window {
	uint64_t base, bytes;
	int (*load)(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value);
	int (*store)(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value);
};

static int load_uart(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	unsigned partition = (unsigned)(offset / UART_SIZE_BYTES);
	(void)hart, (void)size;
	*value = uart_load(&host->state.uart[partition], offset % UART_SIZE_BYTES);
	host_update_uart(host, partition);
	return HART_BUS_OK;
}

static int store_uart(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	unsigned partition = (unsigned)(offset / UART_SIZE_BYTES);
	(void)hart, (void)size;
	int byte = uart_store(&host->state.uart[partition], offset % UART_SIZE_BYTES, value);
	if (byte >= 0 && host->ops.console)
		host->ops.console(host->ops.ctx, partition, (uint8_t)byte, host->state.cycle);
	host_update_uart(host, partition);
	return HART_BUS_OK;
}

static int load_clint(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)hart;
	return clint_load(&host->state.clint, host->state.cycle, offset, size, value);
}

static int store_clint(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	(void)hart;
	host->state.lines_dirty = true;
	return clint_store(&host->state.clint, offset, size, value);
}

static int load_plic(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)hart;
	host->state.lines_dirty = true;
	return plic_load(&host->state.plic, offset, size, value);
}

static int store_plic(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	host->state.lines_dirty = true;
	return plic_store(&host->state.plic, hart, offset, size, value);
}

static int load_rtc(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)hart, (void)size;
	uint64_t now_ns = RTC_EPOCH_NS + host->state.cycle;
	*value = offset == RTC_TIME_LOW ? now_ns & 0xffffffff : offset == RTC_TIME_HIGH ? now_ns >> 32 : 0;
	return HART_BUS_OK;
}

static int store_nothing(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	(void)host, (void)hart, (void)offset, (void)size, (void)value;
	return HART_BUS_OK;
}

static int load_nothing(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)host, (void)hart, (void)offset, (void)size;
	*value = 0;
	return HART_BUS_OK;
}

static int store_finisher(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	(void)hart, (void)size;
	unsigned kind = value & 0xffff;
	if (offset != 0 || (kind != FINISH_PASS && kind != FINISH_FAIL && kind != FINISH_RESET))
		return HART_BUS_OK;
	host->state.finished = true;
	if (host->ops.finish)
		host->ops.finish(host->ops.ctx, kind == FINISH_FAIL ? (unsigned)(value >> 16 & 0xffff) : 0, host->state.cycle);
	return HART_BUS_OK;
}

static int load_ones(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	(void)host, (void)hart, (void)offset;
	*value = size == 8 ? UINT64_MAX : (1ull << size * 8) - 1;
	return HART_BUS_OK;
}

static bool retry_pcie(struct host *host, unsigned hart, const struct host_pcie_access *access, int *status, uint64_t *value)
{
	enum pcie_host_result result = access->is_config
		? pcie_host_config(&host->state.pcie, hart, access->address, access->size, access->is_store, value)
		: pcie_host_memory(&host->state.pcie, hart, access->address, access->size, access->is_store, value);
	*status = result == PCIE_HOST_DONE ? HART_BUS_OK : HART_BUS_WAIT;
	return result != PCIE_HOST_BUSY;
}

static int access_pcie(struct host *host, unsigned hart, const struct host_pcie_access *access, uint64_t *value)
{
	int status;
	*value = access->is_store ? access->data : *value;
	if (!retry_pcie(host, hart, access, &status, value)) {
		host->state.pcie_access[hart] = *access;
		host->state.pcie_access[hart].waiting = true;
		host->state.pcie_waiting |= 1u << hart;
	}
	return status;
}

static int load_ecam(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	return access_pcie(host, hart, &(struct host_pcie_access){.is_config = true, .size = (uint8_t)size, .address = offset}, value);
}

static int store_ecam(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	struct host_pcie_access access = {.is_config = true, .is_store = true, .size = (uint8_t)size, .address = offset, .data = value};
	return access_pcie(host, hart, &access, &value);
}

static int load_pcie32(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	return access_pcie(host, hart, &(struct host_pcie_access){.size = (uint8_t)size, .address = HOST_PCIE32_BASE + offset}, value);
}

static int store_pcie32(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	struct host_pcie_access access = {.is_store = true, .size = (uint8_t)size, .address = HOST_PCIE32_BASE + offset, .data = value};
	return access_pcie(host, hart, &access, &value);
}

static int load_pcie64(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	return access_pcie(host, hart, &(struct host_pcie_access){.size = (uint8_t)size, .address = HOST_PCIE64_BASE + offset}, value);
}

static int store_pcie64(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	struct host_pcie_access access = {.is_store = true, .size = (uint8_t)size, .address = HOST_PCIE64_BASE + offset, .data = value};
	return access_pcie(host, hart, &access, &value);
}

static int load_bau(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t *value)
{
	if (size != 8)
		return HART_BUS_FAULT;
	if (receiver_owns((uint32_t)offset)) {
		*value = receiver_read(&host->state.receivers, (uint32_t)offset);
		return HART_BUS_OK;
	}
	host->state.bau_access[hart] = (struct host_bau_access){.waiting = true, .offset = (uint32_t)offset};
	return HART_BUS_WAIT;
}

static int store_bau(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	struct host_bau_access access = {.waiting = true, .is_store = true, .offset = (uint32_t)offset, .data = value};
	if (size != 8)
		return HART_BUS_FAULT;
	if (receiver_owns((uint32_t)offset)) {
		struct receiver_forward forward = receiver_write(&host->state.receivers, (uint32_t)offset, value);
		host->state.lines_dirty = true;
		if (!forward.valid)
			return HART_BUS_OK;
		access.offset = forward.address;
		access.data = forward.data;
	}
	host->state.bau_access[hart] = access;
	return HART_BUS_WAIT;
}

static int store_event(struct host *host, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	if (size != 8)
		return HART_BUS_FAULT;
	if (offset == EVENT_PORT_VALUE)
		host->state.event_value[hart] = value;
	else if (offset == EVENT_PORT_EMIT && host->ops.event)
		host->ops.event(host->ops.ctx, value, host->state.event_value[hart], host->state.cycle);
	return HART_BUS_OK;
}

static const struct window windows[] = {
	{HOST_PLIC_BASE, PLIC_SIZE_BYTES, load_plic, store_plic},
	{HOST_BAU_BASE, HOST_BAU_BYTES, load_bau, store_bau},
	{HOST_PCIE32_BASE, HOST_PCIE32_BYTES, load_pcie32, store_pcie32},
	{HOST_PCIE64_BASE, HOST_PCIE64_BYTES, load_pcie64, store_pcie64},
	{HOST_UART_BASE, PARTITIONS_MAX * UART_SIZE_BYTES, load_uart, store_uart},
	{HOST_CLINT_BASE, CLINT_SIZE_BYTES, load_clint, store_clint},
	{HOST_ECAM_BASE, HOST_ECAM_BYTES, load_ecam, store_ecam},
	{HOST_EVENT_PORT_BASE, 0x1000, load_nothing, store_event},
	{HOST_RTC_BASE, 0x1000, load_rtc, store_nothing},
	{HOST_FINISHER_BASE, 0x1000, load_nothing, store_finisher},
	{HOST_PCIE_IO_BASE, 0x10000, load_ones, store_nothing},
};

static const struct window *find_window(uint64_t pa)
{
	for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
		if (pa - windows[i].base < windows[i].bytes)
			return &windows[i];
	}
	return NULL;
}

int host_bus_load(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t *value)
{
	struct host *host = ctx;
	const struct window *window = find_window(pa);
	if (!window)
		return HART_BUS_FAULT;
	int status = window->load(host, hart, pa - window->base, size, value);
	if (host->state.lines_dirty)
		host_update_lines(host);
	return status;
}

int host_bus_store(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t value)
{
	struct host *host = ctx;
	const struct window *window = find_window(pa);
	if (!window)
		return HART_BUS_FAULT;
	int status = window->store(host, hart, pa - window->base, size, value);
	if (host->state.lines_dirty)
		host_update_lines(host);
	return status;
}

void host_retry_pcie(struct host *host)
{
	for (unsigned hart = 0; hart < host->state.harts; hart++) {
		struct host_pcie_access *access = &host->state.pcie_access[hart];
		uint64_t value = access->data;
		int status;
		if (!access->waiting || !retry_pcie(host, hart, access, &status, &value))
			continue;
		access->waiting = false;
		host->state.pcie_waiting &= ~(1u << hart);
		if (status == HART_BUS_OK)
			host_answer(host, hart, value);
	}
}
