#include "testbench/unit/bau/rig.h"

#include <stdlib.h>
#include <string.h>

void rig_reset(struct rig *rig, uint32_t latency_cycles)
{
	memset(rig, 0, sizeof *rig);
	rig_block.reset(rig);
	bau_outputs(&rig->bau, &rig->out);
	receivers_reset(&rig->receivers);
	rig->latency_cycles = latency_cycles;
	rig->ram_base = RIG_RAM_BASE;
}

static bool in_ram(const struct rig *rig, uint64_t address)
{
	return address >= rig->ram_base && address - rig->ram_base <= RIG_RAM_BYTES - 8;
}

uint64_t rig_load(const struct rig *rig, uint64_t address)
{
	uint64_t word = 0;
	if (in_ram(rig, address))
		memcpy(&word, &rig->ram[address - rig->ram_base], sizeof word);
	return word;
}

void rig_store(struct rig *rig, uint64_t address, uint64_t data)
{
	if (in_ram(rig, address))
		memcpy(&rig->ram[address - rig->ram_base], &data, sizeof data);
}

static uint64_t bytes_mask(uint8_t strb)
{
	uint64_t mask = 0;
	for (unsigned i = 0; i < 8; i++)
		mask |= strb >> i & 1 ? 0xffull << 8 * i : 0;
	return mask;
}

static void perform(struct rig *rig, const struct bau_out *out)
{
	uint64_t old = rig_load(rig, out->mem_addr), value = out->mem_data, mask = bytes_mask(out->mem_strb);
	if (out->mem_op == BAU_MEM_OR)
		value |= old;
	if (out->mem_op == BAU_MEM_AND)
		value &= old;
	if (out->mem_op != BAU_MEM_READ)
		rig_store(rig, out->mem_addr, (old & ~mask) | (value & mask));
	if (out->mem_op == BAU_MEM_WRITE)
		return;
	bool is_bad = rig->error_every && ++rig->answers % rig->error_every == 0;
	rig->answer[(rig->answer_head + rig->answer_count++) % RIG_MEMORY_QUEUE] = (struct rig_answer){
		.due_cycle = rig->cycle + rig->latency_cycles, .data = old, .tag = out->mem_tag, .err = is_bad || !in_ram(rig, out->mem_addr)};
}

static void drive_memory(struct rig *rig, struct bau_in *in)
{
	const struct rig_answer *answer = &rig->answer[rig->answer_head];
	in->mem_ready = !rig->stall_mem && rig->answer_count < RIG_MEMORY_QUEUE;
	in->mem_rsp_valid = rig->answer_count != 0 && answer->due_cycle <= rig->cycle && !rig->stall_answers;
	if (in->mem_rsp_valid) {
		in->mem_rsp_data = answer->data;
		in->mem_rsp_tag = answer->tag;
		in->mem_rsp_err = answer->err;
	}
}

static void drive_link(struct rig *rig, struct bau_in *in)
{
	if (rig->rx_count != 0 && !rig->stall_rx) {
		const struct bau_beat *beat = &rig->rx[rig->rx_head];
		in->pcie_rx_valid = 1;
		in->pcie_rx_sop = beat->sop;
		in->pcie_rx_eop = beat->eop;
		in->pcie_rx_data = beat->data;
	}
	in->pcie_tx_ready = !rig->stall_tx;
}

static void take_completion(struct rig *rig, const struct bau_out *out)
{
	struct rig_tlp *tlp = &rig->tlp[rig->tlps % RIG_TLPS];
	if (out->pcie_tx_sop)
		rig->tlp_beats = 0;
	if (rig->tlp_beats < sizeof tlp->beat / sizeof tlp->beat[0])
		tlp->beat[rig->tlp_beats] = out->pcie_tx_data;
	rig->tlp_beats++;
	if (out->pcie_tx_eop) {
		tlp->beats = rig->tlp_beats;
		tlp->cycle = rig->cycle;
		rig->tlps++;
	}
}

/** What has passed the ports in this cycle, by the readies and valids of before the edge. */
static void pass_channels(struct rig *rig, const struct bau_in *in, const struct bau_out *out)
{
	if (in->pcie_rx_valid && out->pcie_rx_ready) {
		rig->rx_head = (rig->rx_head + 1) % RIG_RX_BEATS;
		rig->rx_count--;
	}
	if (out->pcie_tx_valid && in->pcie_tx_ready)
		take_completion(rig, out);
	if (in->mem_rsp_valid && out->mem_rsp_ready) {
		rig->answer_head = (rig->answer_head + 1) % RIG_MEMORY_QUEUE;
		rig->answer_count--;
	}
	if (out->mem_valid && in->mem_ready)
		perform(rig, out);
	if (in->sig_rsp_valid && out->sig_rsp_ready)
		rig->signal_waits = 0;
	if (out->sig_valid && in->sig_ready) {
		rig->signal_waits = 1;
		rig->signals++;
		rig->signal_match = rig->answers_given ? rig->signal_given :
			receiver_signal(&rig->receivers, out->sig_hart, out->sig_partition, out->sig_vmid, out->sig_target);
	}
}

static void log_events(struct rig *rig)
{
	struct bau_event events[3];
	unsigned count = bau_events(&rig->out, events);
	for (unsigned i = 0; i < count; i++)
		rig->log[rig->logged++ % RIG_EVENTS] = (struct rig_logged){rig->cycle, events[i]};
}

void rig_cycle(struct rig *rig)
{
	struct bau_in in = {0};
	in.reg_valid = rig->in.reg_valid;
	in.reg_write = rig->in.reg_write;
	in.reg_addr = rig->in.reg_addr;
	in.reg_data = rig->in.reg_data;
	in.reg_rsp_ready = rig->in.reg_rsp_ready;
	drive_memory(rig, &in);
	drive_link(rig, &in);
	in.sig_ready = !rig->stall_sig && !rig->signal_waits;
	in.sig_rsp_valid = rig->signal_waits && !rig->stall_sig;
	in.sig_rsp_match = in.sig_rsp_valid && rig->signal_match;
	rig->rx_offered = in.pcie_rx_valid && !rig->out.pcie_rx_ready;
	rig->reg_taken = in.reg_valid && rig->out.reg_ready;
	pass_channels(rig, &in, &rig->out);
	rig->in = in;
	rig_block.step(rig, &in, &rig->out);
	rig->cycle++;
	log_events(rig);
}

bool rig_settle(struct rig *rig, uint64_t most)
{
	for (uint64_t i = 0; i < most; i++) {
		rig_cycle(rig);
		if (rig->out.idle && rig->rx_count == 0 && rig->answer_count == 0)
			return true;
	}
	return false;
}

bool rig_offer_register(struct rig *rig, bool write, uint32_t address, uint64_t data, uint64_t *answer)
{
	rig->in.reg_valid = 1;
	rig->in.reg_write = write;
	rig->in.reg_addr = address;
	rig->in.reg_data = data;
	rig->in.reg_rsp_ready = 1;
	while (!rig->out.reg_ready)
		rig_cycle(rig);
	rig_cycle(rig);
	rig->in.reg_valid = 0;
	rig->in.reg_write = 0;
	rig->in.reg_addr = 0;
	rig->in.reg_data = 0;
	while (!rig->out.reg_rsp_valid)
		rig_cycle(rig);
	bool performed = !rig->out.reg_rsp_retry;
	*answer = rig->out.reg_rsp_data;
	rig_cycle(rig);
	rig->in.reg_rsp_ready = 0;
	rig->retries += !performed;
	return performed;
}

static uint64_t access_register(struct rig *rig, bool write, uint32_t address, uint64_t data)
{
	uint64_t answer;
	while (!rig_offer_register(rig, write, address, data, &answer))
		;
	return answer;
}

uint64_t rig_read(struct rig *rig, uint32_t address)
{
	return receiver_owns(address) ? receiver_read(&rig->receivers, address) : access_register(rig, false, address, 0);
}

void rig_write(struct rig *rig, uint32_t address, uint64_t data)
{
	if (!receiver_owns(address)) {
		access_register(rig, true, address, data);
		return;
	}
	struct receiver_forward forward = receiver_write(&rig->receivers, address, data);
	if (forward.valid)
		access_register(rig, true, forward.address, forward.data);
}

void rig_send_beat(struct rig *rig, uint64_t data, bool sop, bool eop)
{
	if (rig->rx_count == RIG_RX_BEATS)
		abort();
	rig->rx[(rig->rx_head + rig->rx_count++) % RIG_RX_BEATS] = (struct bau_beat){data, sop, eop};
}

void rig_send_tlp(struct rig *rig, uint32_t dw0, uint32_t dw1, uint64_t address, const uint64_t *payload, uint32_t beats)
{
	rig_send_beat(rig, (uint64_t)dw1 << 32 | dw0, true, false);
	rig_send_beat(rig, address << 32 | address >> 32, false, beats == 0);
	for (uint32_t i = 0; i < beats; i++)
		rig_send_beat(rig, payload[i], false, i + 1 == beats);
}

static uint32_t second_dw(uint16_t rid, uint8_t tag, uint32_t bytes)
{
	return (uint32_t)rid << 16 | (uint32_t)tag << 8 | (bytes > 4 ? 0xffu : 0x0fu);
}

void rig_send_read(struct rig *rig, uint16_t rid, uint8_t tag, uint64_t address, uint32_t bytes)
{
	rig_send_tlp(rig, 0x20000000 | bytes / 4, second_dw(rid, tag, bytes), address, NULL, 0);
}

void rig_send_write(struct rig *rig, uint16_t rid, uint64_t address, const void *data, uint32_t bytes)
{
	uint64_t payload[32] = {0};
	memcpy(payload, data, bytes);
	rig_send_tlp(rig, 0x60000000 | bytes / 4, second_dw(rid, 0, bytes), address, payload, (bytes + 7) / 8);
}

void rig_send_message(struct rig *rig, uint16_t rid, unsigned partition, unsigned target, uint32_t vector)
{
	uint64_t address = BAU_DOORBELL_BASE + partition * BAU_DOORBELL_STRIDE + target * BAU_DOORBELL_SPACING;
	rig_send_write(rig, rid, address, &vector, sizeof vector);
}

unsigned rig_events(const struct rig *rig, uint8_t code)
{
	unsigned count = 0;
	for (uint32_t i = 0; i < rig->logged && i < RIG_EVENTS; i++)
		count += rig->log[i].event.code == code;
	return count;
}

uint64_t rig_event_cycle(const struct rig *rig, uint8_t code)
{
	uint64_t cycle = 0;
	for (uint32_t i = 0; i < rig->logged && i < RIG_EVENTS; i++)
		cycle = rig->log[i].event.code == code ? rig->log[i].cycle : cycle;
	return cycle;
}

unsigned rig_last_cause(const struct rig *rig)
{
	unsigned cause = 0;
	for (uint32_t i = 0; i < rig->logged && i < RIG_EVENTS; i++)
		cause = rig->log[i].event.code == BAU_EVENT_FAULT ? rig->log[i].event.value : cause;
	return cause;
}

void rig_configure(struct rig *rig)
{
	rig_write(rig, BAU_PT_BASE, RIG_RAM_BASE);
	rig_write(rig, BAU_PT_LIMIT, RIG_RAM_BASE + RIG_RAM_BYTES);
	rig_write(rig, BAU_PT_LPID_MAP, 0x8786858483828180);
	rig_write(rig, BAU_PT_CONTROL, BAU_PT_CONTROL_VALID_MASK | BAU_PT_CONTROL_WAIT_MASK | BAU_PT_CONTROL_HARTS_MASK);
	rig_write(rig, BAU_PARTITION_PAGE + BAU_DEVICE_TABLE, rig_at(RIG_DEVICE_TABLE));
	rig_write(rig, BAU_PARTITION_PAGE + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES);
	rig_write(rig, BAU_PARTITION_PAGE + BAU_COMMAND_BASE, rig_at(RIG_COMMANDS));
	rig_write(rig, BAU_PARTITION_PAGE + BAU_COMMAND_SIZE, 4);
	rig_write(rig, BAU_PARTITION_PAGE + BAU_FAULT_BASE, rig_at(RIG_FAULTS));
	rig_write(rig, BAU_PARTITION_PAGE + BAU_FAULT_SIZE, 4);
	rig_write(rig, BAU_PARTITION_PAGE + BAU_CONTROL,
		BAU_CONTROL_ENABLE_MASK | BAU_CONTROL_COMMAND_ENABLE_MASK | BAU_CONTROL_FAULT_ENABLE_MASK);
	rig_write(rig, BAU_NOTIFY_PAGE + 1 * BAU_NOTIFY_STRIDE + BAU_SUBCLASS_MASK, 1 << 1);
}

void rig_set_device(struct rig *rig, uint16_t rid, unsigned mode)
{
	uint64_t entry = rig_at(RIG_DEVICE_TABLE) + rid * BAU_DTE_BYTES;
	rig_store(rig, entry, BAU_DTE_VALID_MASK | BAU_DTE_DIRECT_MASK | FIELD_PREP(BAU_DTE_IOMMU_MODE, mode) |
		FIELD_PREP(BAU_DTE_SUBCLASS, 1) | FIELD_PREP(BAU_DTE_GSCID, RIG_VMID));
	rig_store(rig, entry + 8, rig_at(RIG_ROOT) >> 12);
	rig_store(rig, entry + 16, rig_at(RIG_ITABLE));
	rig_store(rig, entry + 24, FIELD_PREP(BAU_DTE_ITABLE_LENGTH, 64));
	rig_store(rig, entry + 32, rig_at(RIG_SUMMARY));
}

void rig_schedule(struct rig *rig, bool entry_runs, bool hart_runs)
{
	uint32_t receiver = BAU_RECEIVER_PAGE + RIG_HART * BAU_RECEIVER_STRIDE;
	rig_store(rig, rig_ite() + 16, rig_at(RIG_SIGVEC));
	rig_store(rig, rig_ite() + 24, FIELD_PREP(BAU_ITE_UNBLOCK_TARGET, RIG_TARGET) | rig_at(RIG_SUMMARY) |
		FIELD_PREP(BAU_ITE_UNBLOCK_SUBCLASS, 1));
	rig_store(rig, rig_ite(), BAU_ITE_VALID_MASK | BAU_ITE_DIRECT_MASK | FIELD_PREP(BAU_ITE_RUNNING, entry_runs) |
		FIELD_PREP(BAU_ITE_LPID, RIG_HART) | FIELD_PREP(BAU_ITE_GEIN, RIG_GEIN) | FIELD_PREP(BAU_ITE_VMID, RIG_VMID));
	rig_write(rig, receiver + BAU_RUNNING_ITE, rig_ite());
	rig_write(rig, receiver + BAU_RUNNING, FIELD_PREP(BAU_RUNNING_VALID, hart_runs) | FIELD_PREP(BAU_RUNNING_TARGET, RIG_TARGET) |
		FIELD_PREP(BAU_RUNNING_VMID, RIG_VMID) | FIELD_PREP(BAU_RUNNING_GEIN, RIG_GEIN));
}

void rig_command(struct rig *rig, uint64_t word0, uint64_t word1)
{
	uint64_t tail = rig_read(rig, BAU_PARTITION_PAGE + BAU_COMMAND_TAIL);
	rig_store(rig, rig_at(RIG_COMMANDS) + tail * BAU_COMMAND_BYTES, word0);
	rig_store(rig, rig_at(RIG_COMMANDS) + tail * BAU_COMMAND_BYTES + 8, word1);
	rig_write(rig, BAU_PARTITION_PAGE + BAU_COMMAND_TAIL, tail + 1);
}
