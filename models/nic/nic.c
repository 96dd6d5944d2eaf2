#include "models/nic/nic.h"

#include <stdlib.h>
#include <string.h>

#include "models/board/memory_map.h"
#include "models/convert/convert.h"
#include "models/hart/stream.h"
#include "models/nic/nic_internal.h"

enum { MSTATUS_MIE = 1 << 3 };
enum { LINE_MSI = 1u << HART_IRQ_MSI, LINE_MTI = 1u << HART_IRQ_MTI, LINE_MEI = 1u << HART_IRQ_MEI };

static uint64_t bus_time(void *ctx)
{
	const struct nic *nic = ctx;
	return clint_time(nic->state.cycle);
}

static void reset_state(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	memset(s, 0, sizeof *s);
	clint_reset(&s->clint, 1);
	plic_reset(&s->plic, 2);
	uart_reset(&s->uart);
	port_reset(&s->port);
	system_reset(&s->system);
	exchange_reset(&s->exchange);
	netdev_reset(&s->net);
	port_set_link(&s->port, true);
	s->credits = LINK_CREDITS;
	s->next_timer_cycle = UINT64_MAX;
	s->see_next.pcie_tx_ready = s->see_next.nm_wr_ready = s->see_next.nm_rd_ready = s->see_next.reg_rsp_ready = 1;
	s->see_in = s->see_next;
	s->flow_next.verdict_ready = s->flow_next.grant_ready = s->flow_next.reg_rsp_ready = 1;
	s->flow_in = s->flow_next;
}

static const struct hart_config reset_config = {.hartid = 0, .reset_pc = NIC_ROM_BASE, .isa = HART_ISA_M_ONLY};

static bool create_processor(struct nic *nic)
{
	static struct convert_tables tables;
	static bool loaded;
	struct hart_bus_ops bus = {
		.ctx = nic,
		.memory = {{NIC_MEMORY_BASE, NIC_MEMORY_BYTES, nic->memory, false}, {NIC_FLASH_BASE, NIC_FLASH_BYTES, nic->flash, true},
			   {NIC_SLOT_FLASH_BASE, SYS_FLASH_BYTES, nic->slot_flash, true}, {NIC_ROM_BASE, NIC_ROM_BYTES, nic->rom, true}},
		.load = nic_bus_load,
		.store = nic_bus_store,
		.time = bus_time,
	};
	if (!loaded && convert_load(&tables, rv64_table_image, rv64_table_bytes) != CONVERT_OK)
		return false;
	loaded = true;
	nic->domain = hart_domain_create(&bus, &tables, 1);
	if (!nic->domain)
		return false;
	nic->core = hart_core_of(nic->domain, 0);
	hart_reset(nic->core, &reset_config);
	return true;
}

static void code_stored(void *ctx, int hart, uint64_t line)
{
	struct nic *nic = ctx;
	front_end_snoop(&nic->front, hart, line);
}

static bool create_front_end(struct nic *nic)
{
	hart_stream_watch(nic->domain, code_stored, nic);
	return front_end_create(&nic->front, nic->domain, 0, NIC_MEMORY_LATENCY_CYCLES, rv64_table_image, rv64_table_bytes) == 0;
}

struct nic *nic_create(const struct nic_ops *ops, bool fast, bool clb)
{
	struct nic *nic = calloc(1, sizeof *nic);
	if (!nic)
		return NULL;
	nic->ops = *ops;
	nic->fast = fast;
	nic->clb = clb;
	nic->memory = aligned_alloc(4096, NIC_MEMORY_BYTES);
	nic->flash = aligned_alloc(4096, NIC_FLASH_BYTES);
	nic->slot_flash = aligned_alloc(4096, SYS_FLASH_BYTES);
	nic->rom = aligned_alloc(4096, NIC_ROM_BYTES);
	if (nic->memory && nic->flash && nic->slot_flash && nic->rom) {
		memset(nic->memory, 0, NIC_MEMORY_BYTES);
		memset(nic->flash, 0, NIC_FLASH_BYTES);
		memset(nic->slot_flash, 0xff, SYS_FLASH_BYTES);
		memset(nic->rom, 0xff, NIC_ROM_BYTES);
		reset_state(nic);
		if (create_processor(nic) && (!clb || create_front_end(nic)))
			return nic;
	}
	nic_destroy(nic);
	return NULL;
}

void nic_destroy(struct nic *nic)
{
	if (!nic)
		return;
	front_end_destroy(&nic->front);
	if (nic->domain)
		hart_domain_destroy(nic->domain);
	free(nic->memory);
	free(nic->flash);
	free(nic->slot_flash);
	free(nic->rom);
	free(nic);
}

int nic_set_config(struct nic *nic, const char *text)
{
	size_t length = strlen(text) + 1;
	if (length > NIC_FLASH_BYTES)
		return -1;
	memset(nic->flash, 0, NIC_FLASH_BYTES);
	memcpy(nic->flash, text, length);
	return 0;
}

void *nic_memory(struct nic *nic, uint64_t address, uint64_t bytes)
{
	uint64_t offset = address - NIC_MEMORY_BASE;
	if (offset >= NIC_MEMORY_BYTES || bytes > NIC_MEMORY_BYTES - offset)
		return NULL;
	return nic->memory + offset;
}

void nic_update_lines(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	uint64_t lines = s->clint.msip[0] || s->system.wdt_warned ? LINE_MSI : 0;

	s->lines_dirty = false;
	s->next_timer_cycle = UINT64_MAX;
	if (clint_timer_pending(&s->clint, s->cycle, 0))
		lines |= LINE_MTI;
	else
		s->next_timer_cycle = clint_timer_cycle(&s->clint, 0);
	lines |= plic_line(&s->plic, 0) ? LINE_MEI : 0;
	if (lines != s->lines)
		hart_set_irq_lines(nic->core, lines);
	s->lines = lines;
}

/* --- the port ------------------------------------------------------------------------------------------------- */

static int port_memory_read(void *ctx, uint64_t address, void *bytes, size_t length)
{
	const void *from = nic_memory(ctx, address, length);
	if (!from)
		return -1;
	memcpy(bytes, from, length);
	return 0;
}

int nic_memory_write(struct nic *nic, uint64_t address, const void *bytes, size_t length)
{
	void *to = nic_memory(nic, address, length);
	if (!to)
		return -1;
	memcpy(to, bytes, length);
	hart_snoop_store(nic->domain, address, length);
	return 0;
}

static int port_memory_write(void *ctx, uint64_t address, const void *bytes, size_t length)
{
	return nic_memory_write(ctx, address, bytes, length);
}

static bool port_room(void *ctx)
{
	const struct nic *nic = ctx;
	return exchange_room(&nic->state.exchange, EXCHANGE_FIRMWARE);
}

static void port_send(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle)
{
	struct nic *nic = ctx;
	exchange_send(&nic->state.exchange, EXCHANGE_FIRMWARE, frame, length, cycle);
}

void nic_port_cycle(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	struct port_ops ops = {.read = port_memory_read, .write = port_memory_write, .room = port_room, .send = port_send, .ctx = nic};

	port_advance(&s->port, &ops, s->cycle);
	plic_set_level(&s->plic, NIC_IRQ_PORT, port_irq(&s->port));
	s->lines_dirty = true;
}

void nic_set_link(struct nic *nic, bool up)
{
	struct nic_state *s = &nic->state;

	port_set_link(&s->port, up);
	netdev_set_link(&s->net, up);
	plic_set_level(&s->plic, NIC_IRQ_PORT, port_irq(&s->port));
	s->lines_dirty = true;
}

void nic_receive_frame(struct nic *nic, const uint8_t *frame, size_t length)
{
	exchange_receive(&nic->state.exchange, frame, length);
}

/* --- cycles --------------------------------------------------------------------------------------------------- */

static bool is_asleep(const struct nic *nic)
{
	return hart_is_waiting(nic->core) || hart_is_stalled(nic->core);
}

void nic_settle(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	if (s->asleep_since && s->cycle > s->asleep_since) {
		hart_skip(nic->core, s->cycle - s->asleep_since);
		s->asleep_since = s->cycle;
	}
}

static void step_processor(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	uint64_t used = 1;

	if (nic->fast && s->cycle % NIC_FAST_QUANTUM_CYCLES != 0)
		return;
	if (nic->clb && !front_end_is_quiet(&nic->front))
		front_end_ports(&nic->front, s->cycle);
	if (s->asleep_since) {
		if (is_asleep(nic))
			return;
		nic_settle(nic);
		s->asleep_since = 0;
	}
	if (nic->fast)
		used = hart_run(nic->core, NIC_FAST_QUANTUM_CYCLES);
	else if (nic->clb)
		front_end_execute(&nic->front);
	else
		hart_step(nic->core);
	if (is_asleep(nic))
		s->asleep_since = s->cycle + used;
}

/* Memory, SEE, network functions and the classifier go on; the port's rings, which lie in the firmware's memory, stop at once. */
static void restart_processor(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	uint64_t cycles = hart_state(nic->core)->cycles, instructions = hart_state(nic->core)->instructions, pc = hart_state(nic->core)->pc;

	if (nic->ops.restart)
		nic->ops.restart(nic->ops.ctx, s->system.reset_cause, pc, s->cycle);
	system_was_reset(&s->system, pc);
	port_write(&s->port, PORT_CONTROL, PORT_CONTROL_RESET_MASK, s->cycle);
	clint_reset(&s->clint, 1);
	plic_reset(&s->plic, 2);
	plic_set_level(&s->plic, NIC_IRQ_SEE, s->see_out.irq);
	hart_reset(nic->core, &reset_config);
	hart_state(nic->core)->cycles = cycles;
	hart_state(nic->core)->instructions = instructions;
	if (nic->clb)
		front_end_redirect(&nic->front);
	s->lines_dirty = true;
}

static void system_cycle(struct nic *nic)
{
	struct nic_state *s = &nic->state;

	system_advance(&s->system, s->cycle);
	s->lines_dirty = true;
	if (!s->system.reset_wanted || s->access_waiting)
		return;
	nic_settle(nic);
	s->asleep_since = 0;
	restart_processor(nic);
}

void nic_break_firmware(struct nic *nic, enum nic_fault fault)
{
	nic->state.fault = (uint8_t)fault;
}

/* Firmware hangs at work, not asleep, where it asks the watchdog to look away. */
static bool fault_is_due(const struct nic *nic)
{
	const struct hart *h = hart_state(nic->core);

	if (nic->state.fault == NIC_FAULT_NONE || hart_is_stalled(nic->core))
		return false;
	return nic->state.fault == NIC_FAULT_CRASH || (!h->in_wfi && h->mstatus & MSTATUS_MIE);
}

static void apply_fault(struct nic *nic)
{
	struct hart *h = hart_state(nic->core);

	nic_settle(nic);
	nic->state.asleep_since = 0;
	h->pc = nic->state.fault == NIC_FAULT_CRASH ? 0 : NIC_ROM_HANG;
	h->in_wfi = 0;
	hart_state_changed(nic->core);
	if (nic->clb)
		front_end_redirect(&nic->front);
	nic->state.fault = NIC_FAULT_NONE;
}

void nic_cycle(struct nic *nic)
{
	struct nic_state *s = &nic->state;

	if (s->inbox.count)
		nic_link_cycle(nic);
	bool active = nic_see_is_active(nic);
	if (active || s->see_active)
		nic_see_cycle(nic);
	s->see_active = active;
	bool flow_active = nic_flow_is_active(nic);
	if (flow_active || s->flow_active)
		nic_flow_cycle(nic);
	s->flow_active = flow_active;
	if (s->cycle >= port_next_event(&s->port))
		nic_port_cycle(nic);
	if (s->cycle >= system_next_event(&s->system) || s->system.reset_wanted)
		system_cycle(nic);
	if (s->lines_dirty || s->cycle >= s->next_timer_cycle)
		nic_update_lines(nic);
	if (fault_is_due(nic))
		apply_fault(nic);
	step_processor(nic);
}

void nic_commit(struct nic *nic)
{
	nic->state.see_in = nic->state.see_next;
	nic->state.flow_in = nic->state.flow_next;
	if (nic->clb)
		front_end_commit(&nic->front);
	nic->state.cycle++;
}

bool nic_is_quiet(const struct nic *nic)
{
	const struct nic_state *s = &nic->state;
	return !s->lines_dirty && !s->system.reset_wanted && !fault_is_due(nic) && !s->see_active && !nic_see_is_active(nic) && !s->flow_active && !nic_flow_is_active(nic) && s->asleep_since && is_asleep(nic) && (!nic->clb || front_end_is_quiet(&nic->front));
}

uint64_t nic_next_event(const struct nic *nic)
{
	uint64_t next = link_inbox_next(&nic->state.inbox);
	uint64_t port = port_next_event(&nic->state.port);
	next = port < next ? port : next;
	next = system_next_event(&nic->state.system) < next ? system_next_event(&nic->state.system) : next;
	next = nic->state.net.first_deadline < next ? nic->state.net.first_deadline : next;
	return nic->state.next_timer_cycle < next ? nic->state.next_timer_cycle : next;
}

void nic_skip_to(struct nic *nic, uint64_t cycle)
{
	nic->state.cycle = cycle;
}

/* A full inbox means that the peer broke the credit protocol: no run may go on from there. */
void nic_receive(struct nic *nic, const struct tlp *tlp, uint64_t cycle)
{
	if (!link_inbox_put(&nic->state.inbox, tlp, cycle))
		abort();
}
