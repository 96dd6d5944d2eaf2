/* One clock cycle of the bench: inputs out of the actors, the edge, transfers back to the actors. */
#include "testbench/lockstep/see/bench_internal.h"

/* An offer that was not taken stays as it is. */
static void drive_pcie(struct bench *bench, bool stalled)
{
	const struct host_beat *beat = host_offer(&bench->host);
	struct see_in *in = &bench->in;

	in->pcie_tx_ready = !rng_percent(&bench->rng, bench->host.behaviour.stall_percent);
	if (stalled)
		return;
	in->pcie_rx_valid = beat && !rng_percent(&bench->rng, bench->host.behaviour.gap_percent);
	in->pcie_rx_sop = in->pcie_rx_valid ? beat->sop : 0;
	in->pcie_rx_eop = in->pcie_rx_valid ? beat->eop : 0;
	in->pcie_rx_data = in->pcie_rx_valid ? beat->data : 0;
}

static void drive_nic(struct bench *bench, bool stalled)
{
	const struct nicmem_behaviour *behaviour = &bench->nic.behaviour;
	struct see_in *in = &bench->in;
	uint64_t data = 0;

	in->nm_wr_ready = !rng_percent(&bench->rng, behaviour->write_stall_percent);
	in->nm_rd_ready = bench->nic.count < NICMEM_READS && !rng_percent(&bench->rng, behaviour->read_stall_percent);
	if (stalled)
		return;
	in->nm_rsp_valid = nicmem_offer(&bench->nic, bench->cycle, &data) && !rng_percent(&bench->rng, behaviour->gap_percent);
	in->nm_rsp_data = in->nm_rsp_valid ? data : 0;
}

static void drive_registers(struct bench *bench, bool stalled)
{
	struct see_in *in = &bench->in;
	const struct bench_access *access = &bench->accesses[bench->taken % BENCH_ACCESSES];

	in->reg_rsp_ready = !rng_percent(&bench->rng, bench->reg_stall_percent);
	if (stalled)
		return;
	in->reg_valid = bench->taken != bench->queued && !rng_percent(&bench->rng, bench->reg_gap_percent);
	in->reg_write = in->reg_valid && access->write;
	in->reg_addr = in->reg_valid ? access->address : 0;
	in->reg_data = in->reg_valid && access->write ? access->data : 0;
}

void bench_drive(struct bench *bench)
{
	drive_pcie(bench, bench->pcie_stalled);
	drive_nic(bench, bench->nic_stalled);
	drive_registers(bench, bench->registers_stalled);
}

static void answer_access(struct bench *bench, uint64_t value)
{
	const struct bench_access *access = &bench->accesses[bench->answered % BENCH_ACCESSES];

	if (bench->answered == bench->taken) {
		bench_fail(bench, "a register answer that nobody waits for");
		return;
	}
	bench->answered++;
	if (access->done)
		access->done(access->context, access->argument, value);
}

/* `in` and `out` are the pins of the cycle that ended with the edge. */
static void transfer_pcie(struct bench *bench, const struct see_in *in, const struct see_out *out)
{
	if (in->pcie_rx_valid && out->pcie_rx_ready)
		host_accepted(&bench->host);
	if (out->pcie_tx_valid && in->pcie_tx_ready)
		host_take(&bench->host, bench->cycle, out->pcie_tx_sop, out->pcie_tx_eop, out->pcie_tx_data);
}

static void transfer_nic(struct bench *bench, const struct see_in *in, const struct see_out *out)
{
	if (in->nm_rsp_valid && out->nm_rsp_ready)
		nicmem_accepted(&bench->nic);
	if (out->nm_wr_valid && in->nm_wr_ready)
		nicmem_write(&bench->nic, out->nm_wr_addr, out->nm_wr_data, out->nm_wr_strb);
	if (out->nm_rd_valid && in->nm_rd_ready)
		nicmem_read(&bench->nic, bench->cycle, out->nm_rd_addr);
}

void bench_transfer(struct bench *bench, const struct see_in *in, const struct see_out *out)
{
	bench->pcie_stalled = in->pcie_rx_valid && !out->pcie_rx_ready;
	bench->nic_stalled = in->nm_rsp_valid && !out->nm_rsp_ready;
	bench->registers_stalled = in->reg_valid && !out->reg_ready;
	transfer_pcie(bench, in, out);
	transfer_nic(bench, in, out);
	if (in->reg_valid && out->reg_ready)
		bench->taken++;
	if (out->reg_rsp_valid && in->reg_rsp_ready)
		answer_access(bench, out->reg_rsp_data);
	host_step(&bench->host, bench->cycle);
	if (bench->host.complaint[0])
		bench_fail(bench, "%s", bench->host.complaint);
	if (bench->nic.complaint[0])
		bench_fail(bench, "%s", bench->nic.complaint);
}
