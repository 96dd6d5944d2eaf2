// The storage emulation engine. What it does and in which cycle: README.md; ports: ports.tcl; registers: registers.tcl.
module see
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        pcie_rx_valid_i,
  input  logic        pcie_rx_sop_i,
  input  logic        pcie_rx_eop_i,
  input  logic [63:0] pcie_rx_data_i,
  output logic        pcie_rx_ready_o,
  output logic        pcie_tx_valid_o,
  output logic        pcie_tx_sop_o,
  output logic        pcie_tx_eop_o,
  output logic [63:0] pcie_tx_data_o,
  input  logic        pcie_tx_ready_i,
  output logic        nm_wr_valid_o,
  output logic [31:0] nm_wr_addr_o,
  output logic [63:0] nm_wr_data_o,
  output logic [7:0]  nm_wr_strb_o,
  input  logic        nm_wr_ready_i,
  output logic        nm_rd_valid_o,
  output logic [31:0] nm_rd_addr_o,
  input  logic        nm_rd_ready_i,
  input  logic        nm_rsp_valid_i,
  input  logic [63:0] nm_rsp_data_i,
  output logic        nm_rsp_ready_o,
  input  logic        reg_valid_i,
  input  logic        reg_write_i,
  input  logic [15:0] reg_addr_i,
  input  logic [63:0] reg_data_i,
  output logic        reg_ready_o,
  output logic        reg_rsp_valid_o,
  output logic [63:0] reg_rsp_data_o,
  input  logic        reg_rsp_ready_i,
  output logic        irq_o,
  output logic        event_valid_o,
  output logic [7:0]  event_code_o,
  output logic [7:0]  event_function_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o,
  output logic        idle_o
);
  logic        run;
  logic [16:0] drop;

  // --- RX and tags -------------------------------------------------------------------------------------
  logic [2:0]  rx_index;
  logic        rx_busy, rx_prpbad, rx_store, rx_prpbad_d, rx_tag_done, rx_in_h0, rx_quiet, tags_quiet;
  logic [4:0]  rx_gen, rx_fn;
  logic [1:0]  rx_kind, rx_err;
  logic [9:0]  rx_left, rx_left_d;
  logic [31:0] rx_dest, rx_dest_d, dropped;
  logic        rx_nw_push, rx_nw_ready, sqe_we, prp_we;
  logic [31:0] rx_nw_addr;
  logic [63:0] rx_nw_data, store_data;
  logic [7:0]  rx_nw_strb;
  logic [8:0]  sqe_waddr;
  logic [10:0] prp_waddr;
  logic                req_valid, req_pop;
  see_types::request_t req;
  logic [63:0]         req_addr, req_data;
  see_rx u_rx (
    .clk_i, .rst_ni, .run_i(run), .pcie_rx_valid_i, .pcie_rx_sop_i, .pcie_rx_eop_i, .pcie_rx_data_i, .pcie_rx_ready_o,
    .tag_index_o(rx_index), .tag_busy_i(rx_busy), .tag_gen_i(rx_gen), .tag_fn_i(rx_fn), .tag_kind_i(rx_kind),
    .tag_left_i(rx_left), .tag_dest_i(rx_dest), .tag_prpbad_i(rx_prpbad), .tag_store_o(rx_store), .tag_left_o(rx_left_d),
    .tag_dest_o(rx_dest_d), .tag_prpbad_o(rx_prpbad_d), .tag_done_o(rx_tag_done), .tag_err_o(rx_err), .nw_push_o(rx_nw_push),
    .nw_addr_o(rx_nw_addr), .nw_data_o(rx_nw_data), .nw_strb_o(rx_nw_strb), .nw_ready_i(rx_nw_ready), .sqe_we_o(sqe_we),
    .sqe_addr_o(sqe_waddr), .prp_we_o(prp_we), .prp_addr_o(prp_waddr), .store_data_o(store_data), .req_valid_o(req_valid),
    .req_o(req), .req_addr_o(req_addr), .req_data_o(req_data), .req_pop_i(req_pop), .dropped_o(dropped), .in_h0_o(rx_in_h0),
    .quiet_o(rx_quiet)
  );

  logic                  tag_free, tag_open, others_only, collect, collect_ready;
  logic [2:0]            tag_index;
  logic [4:0]            tag_gen;
  see_types::read_job_t  tag_job;
  logic [9:0]            tag_bytes;
  see_types::read_done_t collected;
  logic [15:0]           timeout;
  see_tags u_tags (
    .clk_i, .rst_ni, .timeout_i(timeout), .rx_in_h0_i(rx_in_h0), .rx_index_i(rx_index), .rx_busy_o(rx_busy), .rx_gen_o(rx_gen),
    .rx_fn_o(rx_fn), .rx_kind_o(rx_kind), .rx_left_o(rx_left), .rx_dest_o(rx_dest), .rx_prpbad_o(rx_prpbad),
    .rx_store_i(rx_store), .rx_left_i(rx_left_d), .rx_dest_i(rx_dest_d), .rx_prpbad_i(rx_prpbad_d), .rx_done_i(rx_tag_done),
    .rx_err_i(rx_err), .free_o(tag_free), .free_index_o(tag_index), .free_gen_o(tag_gen), .open_i(tag_open), .job_i(tag_job),
    .bytes_i(tag_bytes), .others_only_o(others_only), .collect_o(collect), .collected_o(collected),
    .collect_ready_i(collect_ready), .quiet_o(tags_quiet)
  );

  // --- RD ----------------------------------------------------------------------------------------------
  logic                  rdq_push, rdq_ready, rdrq_valid, rdrq_pop, read_done_valid, read_done_pop, rd_quiet;
  see_types::read_job_t  rdq_job;
  logic [63:0]           rdq_addr, rdrq_beat0, rdrq_beat1;
  see_types::read_done_t read_done;
  see_rd u_rd (
    .clk_i, .rst_ni, .drop_i(drop), .push_i(rdq_push), .job_i(rdq_job), .addr_i(rdq_addr), .ready_o(rdq_ready),
    .tag_free_i(tag_free), .tag_index_i(tag_index), .tag_gen_i(tag_gen), .tag_open_o(tag_open), .tag_job_o(tag_job),
    .tag_bytes_o(tag_bytes), .others_only_i(others_only), .collect_i(collect), .collected_i(collected),
    .collect_ready_o(collect_ready), .request_valid_o(rdrq_valid), .request_beat0_o(rdrq_beat0), .request_beat1_o(rdrq_beat1),
    .request_pop_i(rdrq_pop), .done_valid_o(read_done_valid), .done_o(read_done), .done_pop_i(read_done_pop), .quiet_o(rd_quiet)
  );

  // --- WR ----------------------------------------------------------------------------------------------
  logic                   wrq_push, wrq_ready, write_done_valid, write_done_pop, wr_ask, wr_ask_ready, wr_answer, wr_quiet;
  see_types::write_job_t  wrq_job;
  logic [63:0]            wrq_addr, wrq_word0, wrq_word1, answer_data, wtxq_data;
  see_types::write_done_t write_done;
  logic [31:0]            wr_ask_addr;
  logic                   wtxq_valid, wtxq_eop, wtxq_pop;
  see_wr u_wr (
    .clk_i, .rst_ni, .drop_i(drop), .push_i(wrq_push), .job_i(wrq_job), .addr_i(wrq_addr), .word0_i(wrq_word0),
    .word1_i(wrq_word1), .ready_o(wrq_ready), .done_valid_o(write_done_valid), .done_o(write_done), .done_pop_i(write_done_pop),
    .ask_o(wr_ask), .ask_addr_o(wr_ask_addr), .ask_ready_i(wr_ask_ready), .answer_i(wr_answer), .answer_data_i(answer_data),
    .tx_valid_o(wtxq_valid), .tx_eop_o(wtxq_eop), .tx_data_o(wtxq_data), .tx_pop_i(wtxq_pop),
    .quiet_o(wr_quiet)
  );

  // --- TX ----------------------------------------------------------------------------------------------
  logic        cpl_push, cpl_has_data, cpl_ready, tx_quiet;
  logic [63:0] cpl_beat0, cpl_beat1, cpl_data;
  see_tx u_tx (
    .clk_i, .rst_ni, .cpl_push_i(cpl_push), .cpl_beat0_i(cpl_beat0), .cpl_beat1_i(cpl_beat1), .cpl_has_data_i(cpl_has_data),
    .cpl_data_i(cpl_data), .cpl_ready_o(cpl_ready), .read_valid_i(rdrq_valid), .read_beat0_i(rdrq_beat0),
    .read_beat1_i(rdrq_beat1), .read_pop_o(rdrq_pop), .write_valid_i(wtxq_valid),
    .write_eop_i(wtxq_eop), .write_data_i(wtxq_data), .write_pop_o(wtxq_pop), .pcie_tx_valid_o, .pcie_tx_sop_o,
    .pcie_tx_eop_o, .pcie_tx_data_o, .pcie_tx_ready_i, .quiet_o(tx_quiet)
  );

  // --- rings -------------------------------------------------------------------------------------------
  logic        enable, cr_ask, cr_ask_ready, cr_answer, ce_valid, ce_pop, cr_quiet;
  logic [31:0] cring_base, cr_ask_addr;
  logic [3:0]  cring_log2;
  logic [15:0] cring_tail, cring_head;
  logic [63:0] ce_word0, ce_word1;
  see_cr u_cr (
    .clk_i, .rst_ni, .enable_i(enable), .base_i(cring_base), .log2_i(cring_log2), .tail_i(cring_tail), .head_o(cring_head),
    .ask_o(cr_ask), .ask_addr_o(cr_ask_addr), .ask_ready_i(cr_ask_ready), .answer_i(cr_answer), .answer_data_i(answer_data),
    .entry_valid_o(ce_valid), .entry_word0_o(ce_word0), .entry_word1_o(ce_word1), .entry_pop_i(ce_pop), .quiet_o(cr_quiet)
  );

  logic [31:0] ring_base, rw_nw_addr, ringq_word13;
  logic [3:0]  ring_log2;
  logic [15:0] ring_produced;
  logic        ringq_push, ringq_is_command, ringq_ready, rw_sqe_re, rw_nw_push, rw_nw_ready, nw_empty, rw_quiet;
  logic [5:0]  ringq_slot;
  logic [63:0] ringq_word8, ringq_word9, ringq_word10, ringq_word11, ringq_word12, rw_sqe, rw_nw_data;
  logic [8:0]  rw_sqe_addr;
  see_rw u_rw (
    .clk_i, .rst_ni, .base_i(ring_base), .log2_i(ring_log2), .produced_o(ring_produced), .push_i(ringq_push),
    .is_command_i(ringq_is_command), .slot_i(ringq_slot), .word8_i(ringq_word8), .word9_i(ringq_word9),
    .word10_i(ringq_word10), .word11_i(ringq_word11), .word12_i(ringq_word12), .word13_i(ringq_word13), .ready_o(ringq_ready),
    .sqe_re_o(rw_sqe_re), .sqe_addr_o(rw_sqe_addr), .sqe_data_i(rw_sqe), .nw_push_o(rw_nw_push), .nw_addr_o(rw_nw_addr),
    .nw_data_o(rw_nw_data), .nw_ready_i(rw_nw_ready), .nw_empty_i(nw_empty), .quiet_o(rw_quiet)
  );

  // --- NIC memory ports --------------------------------------------------------------------------------
  logic nm_quiet;
  see_nm u_nm (
    .clk_i, .rst_ni, .run_i(run), .rx_push_i(rx_nw_push), .rx_addr_i(rx_nw_addr), .rx_data_i(rx_nw_data),
    .rx_strb_i(rx_nw_strb), .rx_ready_o(rx_nw_ready), .rw_push_i(rw_nw_push), .rw_addr_i(rw_nw_addr), .rw_data_i(rw_nw_data),
    .rw_ready_o(rw_nw_ready), .writes_empty_o(nw_empty), .cr_ask_i(cr_ask), .cr_addr_i(cr_ask_addr), .cr_ready_o(cr_ask_ready),
    .cr_answer_o(cr_answer), .wr_ask_i(wr_ask), .wr_addr_i(wr_ask_addr), .wr_ready_o(wr_ask_ready), .wr_answer_o(wr_answer),
    .answer_data_o(answer_data), .nm_rsp_valid_i, .nm_rsp_data_i, .nm_rsp_ready_o, .nm_wr_valid_o, .nm_wr_addr_o,
    .nm_wr_data_o, .nm_wr_strb_o, .nm_wr_ready_i, .nm_rd_valid_o, .nm_rd_addr_o, .nm_rd_ready_i, .quiet_o(nm_quiet)
  );

  // --- SQE RAM (one copy per reader) and PRP RAM ---------------------------------------------------------
  logic [8:0]  core_sqe_addr;
  logic [10:0] core_prp_addr;
  logic [63:0] core_sqe, core_prp, ram_data;
  logic [10:0] init_index;  // INIT is longer than either has words
  assign ram_data = run ? store_data : 64'd0;
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_SLOTS * 8)) u_sqe (
    .clk_i, .re_i(1'b1), .raddr_i(core_sqe_addr), .rdata_o(core_sqe), .we_i(sqe_we || !run),
    .waddr_i(run ? sqe_waddr : init_index[8:0]), .wdata_i(ram_data)
  );
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_SLOTS * 8)) u_sqe_rw (
    .clk_i, .re_i(rw_sqe_re), .raddr_i(rw_sqe_addr), .rdata_o(rw_sqe), .we_i(sqe_we || !run),
    .waddr_i(run ? sqe_waddr : init_index[8:0]), .wdata_i(ram_data)
  );
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_SLOTS * see_pkg::SEE_PRP_ENTRIES)) u_prp (
    .clk_i, .re_i(1'b1), .raddr_i(core_prp_addr), .rdata_o(core_prp), .we_i(prp_we || !run),
    .waddr_i(run ? prp_waddr : init_index[10:0]), .wdata_i(ram_data)
  );

  // --- sequencer -----------------------------------------------------------------------------------------
  logic core_idle;
  see_core u_core (
    .clk_i, .rst_ni, .run_o(run), .init_index_o(init_index), .idle_o(core_idle), .req_valid_i(req_valid), .req_i(req),
    .req_addr_i(req_addr), .req_data_i(req_data), .req_pop_o(req_pop), .cpl_ready_i(cpl_ready), .cpl_push_o(cpl_push), .cpl_beat0_o(cpl_beat0),
    .cpl_beat1_o(cpl_beat1), .cpl_has_data_o(cpl_has_data), .cpl_data_o(cpl_data), .reg_valid_i, .reg_write_i, .reg_addr_i,
    .reg_data_i, .reg_ready_o, .reg_rsp_valid_o, .reg_rsp_data_o, .reg_rsp_ready_i, .rdq_ready_i(rdq_ready),
    .rdq_push_o(rdq_push), .rdq_job_o(rdq_job), .rdq_addr_o(rdq_addr), .read_done_valid_i(read_done_valid),
    .read_done_i(read_done), .read_done_pop_o(read_done_pop), .wrq_ready_i(wrq_ready), .wrq_push_o(wrq_push),
    .wrq_job_o(wrq_job), .wrq_addr_o(wrq_addr), .wrq_word0_o(wrq_word0), .wrq_word1_o(wrq_word1),
    .write_done_valid_i(write_done_valid), .write_done_i(write_done), .write_done_pop_o(write_done_pop), .drop_o(drop),
    .ce_valid_i(ce_valid), .ce_word0_i(ce_word0), .ce_word1_i(ce_word1), .ce_pop_o(ce_pop), .cring_head_i(cring_head),
    .enable_o(enable), .cring_base_o(cring_base), .cring_log2_o(cring_log2), .cring_tail_o(cring_tail),
    .ringq_ready_i(ringq_ready), .ringq_push_o(ringq_push), .ringq_is_command_o(ringq_is_command), .ringq_slot_o(ringq_slot),
    .ringq_word8_o(ringq_word8), .ringq_word9_o(ringq_word9), .ringq_word10_o(ringq_word10), .ringq_word11_o(ringq_word11),
    .ringq_word12_o(ringq_word12), .ringq_word13_o(ringq_word13), .ring_produced_i(ring_produced), .ring_base_o(ring_base),
    .ring_log2_o(ring_log2), .sqe_addr_o(core_sqe_addr), .sqe_i(core_sqe), .prp_addr_o(core_prp_addr), .prp_i(core_prp),
    .dropped_i(dropped), .timeout_o(timeout), .irq_o, .event_valid_o, .event_code_o, .event_function_o, .event_id_o,
    .event_value_o
  );

  // --- idle ----------------------------------------------------------------------------------------------
  logic idle_q;
  assign idle_o = idle_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) idle_q <= 1'b0;
    else idle_q <= core_idle && rx_quiet && tags_quiet && rd_quiet && wr_quiet && tx_quiet && cr_quiet && rw_quiet &&
                   nm_quiet && !pcie_rx_valid_i && !nm_rsp_valid_i && !reg_valid_i;
  end

  `LIB_STABLE(a_reg, reg_valid_i, reg_ready_o, {reg_write_i, reg_addr_i, reg_data_i})
  `LIB_STABLE(a_reg_rsp, reg_rsp_valid_o, reg_rsp_ready_i, reg_rsp_data_o)
endmodule
