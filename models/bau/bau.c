#include "models/bau/bau.h"

#include <string.h>

#include "models/bau/unit.h"

void bau_reset(struct bau *bau)
{
	memset(bau, 0, sizeof *bau);
	bau->engine.last_hart = BAU_NUM_HARTS - 1;
}

/** Decides whose access goes to memory. @return the unit, or BAU_NOBODY; fills @p access. */
static uint8_t arbitrate(const struct bau *bau, struct bau_access *access)
{
	static bool (*const asks[BAU_UNITS])(const struct bau *, struct bau_access *) = {
		[BAU_UNIT_ENGINE] = bau_engine_access,
		[BAU_UNIT_TRANSLATOR] = bau_translator_access,
		[BAU_UNIT_COMMANDER] = bau_commander_access,
		[BAU_UNIT_FAULTER] = bau_faulter_access,
		[BAU_UNIT_DMA] = bau_dma_access,
		[BAU_UNIT_HOLDER] = bau_holder_access,
	};
	for (uint8_t unit = 0; unit < BAU_UNITS; unit++) {
		if (asks[unit](bau, access))
			return unit;
	}
	return BAU_NOBODY;
}

static uint8_t select_fault(const struct bau *bau, struct bau_fault *fault)
{
	static bool (*const reports[BAU_REPORTERS])(const struct bau *, struct bau_fault *) = {
		[BAU_REPORT_COMPLETER] = bau_completer_fault,
		[BAU_REPORT_COMMANDER] = bau_commander_fault,
		[BAU_REPORT_ENGINE] = bau_engine_fault,
		[BAU_REPORT_TRANSLATOR] = bau_translator_fault,
	};
	for (uint8_t reporter = 0; bau_faulter_takes(bau) && reporter < BAU_REPORTERS; reporter++) {
		if (reports[reporter](bau, fault))
			return reporter;
	}
	return BAU_NOBODY;
}

/** @return whether nothing is under way inside of the block. */
static bool is_quiet(const struct bau *bau)
{
	const struct ring *rings[] = {&bau->in_ring, &bau->request_ring, &bau->issue_ring, &bau->message_ring,
		&bau->chunk_ring, &bau->word_ring, &bau->tx_ring, &bau->payload_ring, &bau->done_ring, &bau->replay_ring};
	unsigned busy = bau->receiver.state | bau->translator.state | bau->dma.state | bau->completer.state |
		bau->engine.state | bau->engine.pending | bau->faulter.state | bau->registers.state | bau->mem.valid;
	if (busy)
		return false;
	for (unsigned i = 0; i < sizeof rings / sizeof rings[0]; i++)
		busy |= rings[i]->count;
	return busy == 0 && bau->dma.reserved == 0 && !bau_commander_has_work(bau) && !bau_holder_has_work(bau);
}

static void commit_rings(struct bau *bau)
{
	ring_commit(&bau->in_ring, BAU_IN_DEPTH);
	ring_commit(&bau->request_ring, BAU_REQUEST_DEPTH);
	ring_commit(&bau->payload_ring, BAU_PAYLOAD_DEPTH);
	ring_commit(&bau->issue_ring, BAU_ISSUE_DEPTH);
	ring_commit(&bau->message_ring, BAU_MESSAGE_DEPTH);
	ring_commit(&bau->chunk_ring, BAU_CHUNK_DEPTH);
	ring_commit(&bau->done_ring, BAU_CHUNK_DEPTH);
	ring_commit(&bau->word_ring, BAU_WORD_DEPTH);
	ring_commit(&bau->tx_ring, BAU_TX_DEPTH);
	ring_commit(&bau->replay_ring, BAU_REPLAY_DEPTH);
}

static void step_units(struct bau *bau, struct bau_wires *wires)
{
	bau_receiver_step(bau, wires);
	bau_translator_step(bau, wires);
	bau_dma_step(bau, wires);
	bau_completer_step(bau, wires);
	bau_engine_step(bau, wires);
	bau_commander_step(bau, wires);
	bau_faulter_step(bau, wires);
	bau_holder_step(bau, wires);
	bau_registers_step(bau, wires);
}

void bau_step(struct bau *bau, const struct bau_in *in, struct bau_out *out)
{
	struct bau_wires wires = {.in = in, .granted = BAU_NOBODY, .pending = bau->engine.pending, .held = bau->holder.held};
	struct bau_access access = {0};
	bool free = !bau->mem.valid || in->mem_ready;
	bool offered = in->pcie_rx_valid || in->mem_rsp_valid || in->reg_valid || in->sig_rsp_valid;
	bool quiet;

	if (bau->idle && !offered) { /* idle says that the state is quiet, and it still is */
		bau_outputs(bau, out);
		return;
	}
	quiet = !offered && is_quiet(bau);
	if (free)
		wires.granted = arbitrate(bau, &access);
	wires.accepted = select_fault(bau, &wires.fault);
	wires.invalidation = bau_commander_invalidation(bau);
	step_units(bau, &wires);
	if (free)
		bau->mem = wires.granted != BAU_NOBODY ? access : (struct bau_access){0};
	bau->dma.reserved = (uint8_t)(bau->dma.reserved - wires.word_popped);
	for (unsigned epoch = 0; epoch < 2; epoch++)
		bau->inflight[epoch] = (uint8_t)(bau->inflight[epoch] + wires.begun[epoch] - wires.ended[epoch]);
	bau->epoch ^= wires.flip;
	bau->idle = quiet;
	commit_rings(bau);
	bau_outputs(bau, out);
}

static void signal_outputs(const struct bau *bau, struct bau_out *out)
{
	const struct bau_engine *e = &bau->engine;
	if (e->state == BAU_ENGINE_SIGNAL) {
		out->sig_valid = 1;
		out->sig_hart = e->hart;
		out->sig_partition = e->m.partition;
		out->sig_vmid = e->m.vmid;
		out->sig_target = e->m.target;
		out->sig_gein = e->gein;
	}
	out->sig_rsp_ready = e->state == BAU_ENGINE_ANSWER;
	out->event_valid = e->event_valid;
	out->event_code = e->event_code;
	out->event_function = e->event_function;
	out->event_id = e->event_id;
	out->event_value = e->event_value;
}

static void event_outputs(const struct bau *bau, struct bau_out *out)
{
	const struct bau_receiver *r = &bau->receiver;
	const struct bau_faulter *f = &bau->faulter;
	if (r->arrival_valid) {
		out->arrival_valid = 1;
		out->arrival_code = BAU_EVENT_ARRIVED;
		out->arrival_function = r->arrival_function;
		out->arrival_id = r->sequence;
		out->arrival_value = r->arrival_value;
	}
	if (f->event_valid) {
		out->fault_valid = 1;
		out->fault_code = BAU_EVENT_FAULT;
		out->fault_function = f->record.rid;
		out->fault_id = f->record.id;
		out->fault_value = f->record.cause;
	}
}

static uint8_t interrupt_lines(const struct bau *bau)
{
	unsigned lines = 0;
	for (unsigned p = 0; p < BAU_NUM_PARTITIONS; p++) {
		const struct bau_partition *q = &bau->registers.partition[p];
		bool fault = q->control & BAU_CONTROL_FAULT_IRQ_MASK && q->status & (BAU_STATUS_FAULT_MASK | BAU_STATUS_OVERFLOW_MASK);
		bool command = q->control & BAU_CONTROL_COMMAND_IRQ_MASK &&
			       q->status & (BAU_STATUS_FENCE_MASK | BAU_STATUS_COMMAND_ERROR_MASK);
		bool event = q->control & BAU_CONTROL_EVENT_IRQ_MASK && q->status & (BAU_STATUS_EVENT_MASK | BAU_STATUS_EVENT_LOST_MASK);
		lines |= (unsigned)(fault || command || event) << p;
	}
	return (uint8_t)lines;
}

void bau_outputs(const struct bau *bau, struct bau_out *out)
{
	memset(out, 0, sizeof *out);
	out->pcie_rx_ready = ring_room(&bau->in_ring, BAU_IN_DEPTH);
	if (ring_valid(&bau->tx_ring)) {
		const struct bau_beat *beat = &bau->tx[bau->tx_ring.head];
		out->pcie_tx_valid = 1;
		out->pcie_tx_sop = beat->sop;
		out->pcie_tx_eop = beat->eop;
		out->pcie_tx_data = beat->data;
	}
	out->mem_valid = bau->mem.valid;
	out->mem_op = bau->mem.op;
	out->mem_addr = bau->mem.addr;
	out->mem_data = bau->mem.data;
	out->mem_strb = bau->mem.strb;
	out->mem_tag = bau->mem.tag;
	out->mem_rsp_ready = 1;
	out->reg_ready = bau->registers.state == BAU_REGISTERS_REST;
	if (bau->registers.state == BAU_REGISTERS_ANSWER) {
		out->reg_rsp_valid = 1;
		out->reg_rsp_data = bau->registers.data;
		out->reg_rsp_retry = bau->registers.retry;
	}
	signal_outputs(bau, out);
	event_outputs(bau, out);
	out->notify = bau->registers.notify;
	out->irq = interrupt_lines(bau);
	out->idle = bau->idle;
}
