// The sequencer with everything that it owns: contexts, registers, commands, and the items of host and firmware accesses. README section 8.
//
// Items run one at a time; `active` says which. What a context RAM or a flop takes from one is gated by `commit`.
module see_core
(
  input  logic clk_i,
  input  logic rst_ni,
  output logic run_o,   // INIT is over
  output logic [10:0] init_index_o,  // in INIT: the word to clear
  output logic idle_o,  // no item runs or could run, and no firmware access waits
  // requests of the host and their completions
  input  logic                req_valid_i,
  input  see_types::request_t req_i,
  input  logic [63:0]         req_addr_i,
  input  logic [63:0]         req_data_i,
  output logic                req_pop_o,
  input  logic                cpl_ready_i,
  output logic                cpl_push_o,
  output logic [63:0]         cpl_beat0_o,
  output logic [63:0]         cpl_beat1_o,
  output logic                cpl_has_data_o,
  output logic [63:0]         cpl_data_o,
  // ports reg and reg_rsp
  input  logic        reg_valid_i,
  input  logic        reg_write_i,
  input  logic [15:0] reg_addr_i,
  input  logic [63:0] reg_data_i,
  output logic        reg_ready_o,
  output logic        reg_rsp_valid_o,
  output logic [63:0] reg_rsp_data_o,
  input  logic        reg_rsp_ready_i,
  // read and write jobs
  input  logic                   rdq_ready_i,
  output logic                   rdq_push_o,
  output see_types::read_job_t   rdq_job_o,
  output logic [63:0]            rdq_addr_o,
  input  logic                   read_done_valid_i,
  input  see_types::read_done_t  read_done_i,
  output logic                   read_done_pop_o,
  input  logic                   wrq_ready_i,
  output logic                   wrq_push_o,
  output see_types::write_job_t  wrq_job_o,
  output logic [63:0]            wrq_addr_o,
  output logic [63:0]            wrq_word0_o,
  output logic [63:0]            wrq_word1_o,
  input  logic                   write_done_valid_i,
  input  see_types::write_done_t write_done_i,
  output logic                   write_done_pop_o,
  output logic [16:0]            drop_o,
  // completion ring entries
  input  logic        ce_valid_i,
  input  logic [63:0] ce_word0_i,
  input  logic [63:0] ce_word1_i,
  output logic        ce_pop_o,
  input  logic [15:0] cring_head_i,
  output logic        enable_o,
  output logic [31:0] cring_base_o,
  output logic [3:0]  cring_log2_o,
  output logic [15:0] cring_tail_o,
  // descriptors
  input  logic        ringq_ready_i,
  output logic        ringq_push_o,
  output logic        ringq_is_command_o,
  output logic [5:0]  ringq_slot_o,
  output logic [63:0] ringq_word8_o,
  output logic [63:0] ringq_word9_o,
  output logic [63:0] ringq_word10_o,
  output logic [63:0] ringq_word11_o,
  output logic [63:0] ringq_word12_o,
  output logic [31:0] ringq_word13_o,
  input  logic [15:0] ring_produced_i,
  output logic [31:0] ring_base_o,
  output logic [3:0]  ring_log2_o,
  // SQE and PRP RAM
  output logic [8:0]  sqe_addr_o,
  input  logic [63:0] sqe_i,
  output logic [10:0] prp_addr_o,
  input  logic [63:0] prp_i,
  // others
  input  logic [31:0] dropped_i,
  output logic [15:0] timeout_o,
  output logic        irq_o,
  output logic        event_valid_o,
  output logic [7:0]  event_code_o,
  output logic [7:0]  event_function_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o
);
  localparam int REQ = see_types::CLASS_REQ;
  localparam int REG = see_types::CLASS_REG;
  localparam int DONE = see_types::CLASS_DONE;
  localparam int CE = see_types::CLASS_CE;
  localparam int RING = see_types::CLASS_RING;
  localparam int CQE = see_types::CLASS_CQE;
  localparam int MSIX = see_types::CLASS_MSIX;
  localparam int FETCH = see_types::CLASS_FETCH;
  localparam int RSTART = see_types::CLASS_RSTART;
  localparam int RFINISH = see_types::CLASS_RFINISH;
  localparam int COALESCE = see_types::CLASS_COALESCE;

  // --- sequencer ---------------------------------------------------------------------------------------
  logic [see_types::CLASSES-1:0] ready, active;
  logic        run, init, seq_idle, pick, commit;
  logic [11:0] init_index;
  logic [3:0]  pick_class;
  logic [7:0]  step;
  assign run_o = run;
  assign init_index_o = init_index[10:0];
  assign init  = !run;
  see_seq u_seq (
    .clk_i, .rst_ni, .ready_i(ready), .run_o(run), .init_index_o(init_index), .idle_o(seq_idle), .pick_o(pick),
    .pick_class_o(pick_class), .active_o(active), .step_o(step), .commit_o(commit)
  );

  // --- firmware accesses: regq, rspq ---------------------------------------------------------------------
  logic        regq_ready, access_valid, access_write, rspq_ready;
  logic [15:0] access_addr;
  logic [63:0] access_data, answer;
  logic [1:0]  regq_count, rspq_count;
  assign reg_ready_o = regq_ready && run;
  lib_beat_fifo #(.SideWidth(17), .Depth(2)) u_regq (
    .clk_i, .rst_ni, .push_i(reg_valid_i && reg_ready_o), .data_i(reg_data_i), .side_i({reg_write_i, reg_addr_i}),
    .ready_o(regq_ready), .valid_o(access_valid), .data_o(access_data), .side_o({access_write, access_addr}),
    .pop_i(active[REG] && commit), .count_o(regq_count)
  );
  lib_fifo #(.Width(64), .Depth(2)) u_rspq (
    .clk_i, .rst_ni, .push_i(active[REG] && commit), .data_i(answer), .ready_o(rspq_ready), .valid_o(reg_rsp_valid_o),
    .data_o(reg_rsp_data_o), .pop_i(reg_rsp_valid_o && reg_rsp_ready_i), .count_o(rspq_count)
  );
  assign idle_o = seq_idle && regq_count == 2'd0 && rspq_count == 2'd0 && !holding && !event_valid_o;

  // --- operands ------------------------------------------------------------------------------------------
  logic [5:0] slot;
  logic [4:0] fn;
  logic [3:0] index, cq_index;

  logic [63:0] set_free, set_check, set_listq, set_pullq, set_ring, set_pushq, set_cqe;
  logic        slot_enters, slot_leaves, wake, limit_we, may_fetch;
  logic [4:0]  slot_fn;
  logic [3:0]  slot_queue;
  logic [6:0]  inflight;
  logic [16:0] below_limit, posts;

  see_types::queue_bits_t bits, bits_d, req_bits, reg_bits, done_bits;
  see_types::sq_t sq, sq_d, req_sq, reg_sq, done_sq;
  see_types::cq_t cq, cq_d, req_cq, reg_cq, cqe_cq;
  logic [8:0]  turn_set;
  logic [3:0]  turn_last;
  logic [1:0]  sq_priority;
  logic [31:0] arbitration;
  logic        priority_we, arbitration_we, coalescing_we, holding, coalesce_due;
  logic [24:0] coalescing;
  logic [4:0]  coalesce_fn;
  logic [51:0] sq_page, cq_page;
  logic        bits_we, sq_we, cq_we, req_sq_we, req_cq_we, reg_bits_we, reg_sq_we, reg_cq_we, reg_sq_page_we, reg_cq_page_we,
               done_bits_we, done_sq_we, cqe_cq_we;
  logic [16:0] want_admin, want_io, admin_idle, hold;

  logic [16:0] en, rdy, cfs, kill, busy, bme, msix_en, msix_mask;
  logic [3:0]  csts;
  logic [63:0] nvme;

  logic [31:0] buffer_base;

  // --- queues ----------------------------------------------------------------------------------------------
  logic [8:0] one_queue;
  assign one_queue = 9'd1 << index;
  assign cq_index  = active[CQE] ? sq.cqid : index;
  always_comb begin
    bits_we = 1'b0;
    bits_d  = bits;
    if (active[REQ]) {bits_we, bits_d} = {req_sq_we, req_bits};
    if (active[REG]) {bits_we, bits_d} = {reg_bits_we, reg_bits};
    if (active[DONE]) {bits_we, bits_d} = {done_bits_we, done_bits};
    if (active[FETCH]) begin
      bits_we         = 1'b1;
      bits_d.fetching = bits.fetching | one_queue;
    end
    if (active[RFINISH]) {bits_we, bits_d} = {1'b1, 36'd0};
  end
  always_comb begin
    {sq_we, sq_d} = {done_sq_we, done_sq};
    if (active[REQ]) {sq_we, sq_d} = {req_sq_we, req_sq};
    if (active[REG]) {sq_we, sq_d} = {reg_sq_we, reg_sq};
    {cq_we, cq_d} = {cqe_cq_we, cqe_cq};
    if (active[REQ]) {cq_we, cq_d} = {req_cq_we, req_cq};
    if (active[REG]) {cq_we, cq_d} = {reg_cq_we, reg_cq};
  end
  see_queues u_queues (
    .clk_i, .rst_ni, .init_i(init), .init_index_i(init_index), .commit_i(commit), .fn_i(fn), .sq_i(index), .cq_i(cq_index),
    .bits_o(bits), .turn_set_o(turn_set), .turn_last_o(turn_last), .priority_o(sq_priority), .arbitration_o(arbitration), .sq_o(sq), .sq_page_o(sq_page), .cq_o(cq), .cq_page_o(cq_page),
    .bits_we_i(bits_we), .bits_i(bits_d), .turn_taken_i(active[FETCH]), .priority_we_i(priority_we),
    .arbitration_we_i(arbitration_we), .priority_i(access_data[see_pkg::SEE_SQ_CONTROL_QPRIO_LSB +: 2]),
    .arbitration_i({access_data[31:8], access_data[3:0]}), .reset_i(active[RFINISH]), .sq_we_i(sq_we), .sq_i_data(sq_d),
    .sq_enter_i(slot_enters), .sq_leave_i(slot_leaves), .sq_page_we_i(reg_sq_page_we), .cq_we_i(cq_we), .cq_i_data(cq_d),
    .cq_page_we_i(reg_cq_page_we), .page_i(access_data[63:12]),
    .clear_inflight_i(active[RFINISH] && !step[0] && step[7:1] != 7'd0 && step <= 8'd32),
    .want_admin_o(want_admin), .want_io_o(want_io), .admin_idle_o(admin_idle)
  );

  // --- functions -------------------------------------------------------------------------------------------
  logic [1:0]  nvme_index, req_nvme_index, reg_nvme_index;
  logic        nvme_we, req_nvme_we, req_en_we, req_en, want_enable, want_shutdown, want_reset, csts_we, fatal, event_taken;
  logic [63:0] nvme_d, req_nvme;
  logic [16:0] want_flr;
  logic [3:0]  csts_d;
  logic        event_pending, rd_marked, wr_marked, reset_wanted, reset_active, reset_marked, reset_flr;
  logic [4:0]  event_fn, reset_fn, wanted_fn;
  logic [1:0]  event_kind;
  // RFINISH clears AQA, ASQ and ACQ early, CC and INTM at its end.
  always_comb begin
    nvme_index = 2'd0;
    nvme_we    = req_nvme_we;
    nvme_d     = req_nvme;
    if (active[REQ]) nvme_index = req_nvme_index;
    if (active[REG]) nvme_index = reg_nvme_index;
    if (active[RFINISH]) begin
      if (step < 8'd4) nvme_index = step[1:0];
      nvme_we = commit || (reset_flr && step < 8'd4);
      nvme_d  = (commit && !reset_flr) ? {nvme[63:32], 32'd0} : 64'd0;
    end
  end
  see_functions u_functions (
    .clk_i, .rst_ni, .init_i(init), .init_index_i(init_index), .commit_i(commit), .fn_i(fn), .nvme_index_i(nvme_index),
    .nvme_o(nvme), .nvme_we_i(nvme_we), .nvme_i(nvme_d), .en_we_i(req_en_we), .en_i(req_en), .want_enable_i(want_enable),
    .want_shutdown_i(want_shutdown), .want_reset_i(want_reset), .want_flr_i(want_flr), .csts_we_i(csts_we), .csts_i(csts_d),
    .fatal_i(fatal), .event_taken_i(event_taken), .event_pending_o(event_pending), .event_fn_o(event_fn),
    .event_kind_o(event_kind), .rstart_i(active[RSTART]), .rfinish_i(active[RFINISH]), .rd_marked_i(rd_marked),
    .wr_marked_i(wr_marked), .reset_wanted_o(reset_wanted), .reset_active_o(reset_active), .reset_marked_o(reset_marked),
    .reset_fn_o(reset_fn), .reset_flr_o(reset_flr), .wanted_fn_o(wanted_fn), .csts_o(csts), .en_o(en), .rdy_o(rdy),
    .cfs_o(cfs), .kill_o(kill), .busy_o(busy)
  );
  assign drop_o = kill | ~bme;

  // --- configuration space -----------------------------------------------------------------------------------
  logic [6:0]  cfg_dw, req_cfg_dw;
  logic [31:0] cfg_value, cfg_writable, cfg_d;
  logic        cfg_write, mse, intx_off, vf_en, vf_mse, clear_cfg;
  logic [49:0] bar0, vf_bar;
  logic [15:0] num_vfs;
  logic [4:0]  vfs;
  assign clear_cfg = active[RFINISH] && reset_flr && step <= 8'd128;
  assign cfg_dw    = active[RFINISH] ? 7'(step - 8'd1) : req_cfg_dw;
  see_config u_config (
    .clk_i, .rst_ni, .init_i(init), .init_index_i(init_index), .fn_i(fn), .active_i(active[REQ]), .dw_i(cfg_dw), .value_o(cfg_value),
    .writable_o(cfg_writable), .write_i(cfg_write), .value_i(cfg_d), .clear_i(clear_cfg),
    .reset_i(active[RFINISH] && reset_flr && commit), .bme_o(bme), .msix_en_o(msix_en), .msix_mask_o(msix_mask), .mse_o(mse), .intx_off_o(intx_off),
    .bar0_o(bar0), .vf_en_o(vf_en), .vf_mse_o(vf_mse), .num_vfs_o(num_vfs), .vf_bar_o(vf_bar), .vfs_o(vfs)
  );

  // --- INTx --------------------------------------------------------------------------------------------------
  logic intx_status, intx_want, intx_moves;
  see_intx u_intx (
    .clk_i, .rst_ni, .commit_i(commit && fn == 5'd0), .queue_i(cq_index), .written_i(cqe_cq_we && cq.ien),
    .acknowledged_i(req_cq_we), .pending_i(cq.ien && req_cq.head != cq.tail), .changed_i(active[REG] && reg_bits_we),
    .cq_valid_i(reg_bits.cq_valid), .created_i(reg_cq_we), .mask_we_i(req_nvme_we && nvme_index == 2'd0),
    .mask_i(req_nvme[0]), .reset_i(active[RFINISH]), .msix_en_i(msix_en[0]), .off_i(intx_off), .taken_i(active[MSIX]),
    .status_o(intx_status), .want_o(intx_want), .moves_o(intx_moves)
  );

  // --- MSI-X -------------------------------------------------------------------------------------------------
  logic [63:0] msix_address;
  logic [31:0] msix_data, req_msix_data;
  logic        msix_masked, req_msix_masked, msix_address_we, msix_data_we, raise, vector_ready;
  logic [8:0]  msix_pending;
  logic [61:0] req_msix_address;
  logic [4:0]  vector_fn;
  logic [3:0]  vector_index;
  see_msix u_msix (
    .clk_i, .rst_ni, .init_i(init), .init_index_i(init_index), .commit_i(commit), .fn_i(fn), .irq_vector_i(index),
    .address_o(msix_address), .data_o(msix_data), .masked_o(msix_masked), .pending_o(msix_pending),
    .address_we_i(msix_address_we), .address_i(req_msix_address), .data_we_i(msix_data_we), .data_i(req_msix_data),
    .masked_i(req_msix_masked), .raise_i(raise), .raise_vector_i(cq.irq_vector), .raise_now_i(cq_index == 4'd0),
    .coalescing_we_i(coalescing_we), .coalescing_i(access_data[24:0]), .coalescing_o(coalescing), .tick_i(active[COALESCE]),
    .due_o(coalesce_due), .due_fn_o(coalesce_fn), .holding_o(holding),
    .clear_words_i(active[RFINISH] && reset_flr && step >= 8'd2 && step <= 8'd33), .reset_i(active[RFINISH]),
    .reset_flr_i(reset_flr), .enabled_i(msix_en & ~msix_mask & ~kill), .ready_o(vector_ready), .next_fn_o(vector_fn),
    .next_vector_o(vector_index), .taken_i(active[MSIX] && !intx_moves)
  );

  // --- namespaces --------------------------------------------------------------------------------------------
  logic        attached, attached_we, size_we;
  logic [1:0]  block_shift;
  logic [63:0] ns_size, ns_first, ns_length, ns_target, ns_remote, lookup_lba, found_target, found_lba;
  logic [16:0] lookup_rest, found_blocks;
  logic [11:0] ns_map;
  logic [4:0]  extent_we;
  logic [2:0]  reg_extent;
  see_namespace u_namespace (
    .clk_i, .rst_ni, .init_i(init), .init_index_i(init_index), .commit_i(commit), .fn_i(fn), .access_i(active[REG]), .extent_i(reg_extent),
    .attached_o(attached), .shift_o(block_shift), .size_o(ns_size), .first_o(ns_first), .length_o(ns_length), .remote_o(ns_remote), .map_o(ns_map),
    .target_o(ns_target), .attached_we_i(attached_we), .size_we_i(size_we), .extent_we_i(extent_we), .data_i(access_data),
    .lookup_i(active[RING]), .step_i(step), .lba_i(lookup_lba), .rest_i(lookup_rest),
    .found_target_o(found_target), .found_lba_o(found_lba), .found_blocks_o(found_blocks)
  );

  // --- global registers ----------------------------------------------------------------------------------------
  logic [63:0] global_value;
  logic        global_write, count_error, count_bad, count_command, ring_room;
  logic [31:0] next_sequence;
  see_globals u_globals (
    .clk_i, .rst_ni, .active_i(active[REG]), .commit_i(commit), .index_i(access_addr[11:3]), .value_o(global_value), .write_i(global_write),
    .data_i(access_data[31:0]), .slot_limit_we_o(limit_we), .count_error_i(count_error), .count_post_i(active[CE] && is_post), .count_bad_completion_i(count_bad),
    .count_descriptor_i(active[RING]), .count_command_i(count_command), .next_sequence_o(next_sequence),
    .ring_produced_i, .cring_head_i, .dropped_i, .posts_i(posts), .slots_free_i(set_free), .vf_en_i(vf_en), .vf_mse_i(vf_mse),
    .num_vfs_i(num_vfs[4:0]), .enable_o, .irq_o, .buffer_base_o(buffer_base), .ring_base_o, .ring_log2_o,
    .ring_room_o(ring_room), .cring_base_o, .cring_log2_o, .cring_tail_o, .timeout_o, .hold_o(hold)
  );

  // --- refused doorbells: dbq ----------------------------------------------------------------------------------
  logic                  refuse, refused_ready, refused_valid, refused_pop;
  see_types::refused_t   refused, refused_head;
  logic [2:0]            refused_count;
  lib_fifo #(.Width(see_types::REFUSED_BITS), .Depth(4)) u_dbq (
    .clk_i, .rst_ni, .push_i(refuse && commit && refused_ready), .data_i(refused), .ready_o(refused_ready),
    .valid_o(refused_valid), .data_o(refused_head), .pop_i(refused_pop && commit), .count_o(refused_count)
  );

  // --- choice ----------------------------------------------------------------------------------------------------
  logic [4:0] req_fn, reg_fn, post_fn, tell_fn;
  logic [3:0] req_index, reg_index;
  logic       is_post, takes_slot, takes_read_done;
  see_choice u_choice (
    .clk_i, .rst_ni, .pick_i(pick), .class_i(pick_class), .active_i(active), .step_i(step),
    .enable_i(enable_o), .request_i(req_valid_i), .access_i(access_valid), .read_done_i(read_done_valid_i),
    .read_done_slot_i(read_done_i.slot), .write_done_i(write_done_valid_i), .write_done_slot_i(write_done_i.slot),
    .entry_i(ce_valid_i), .entry_is_post_i(is_post), .entry_slot_i(ce_word0_i[5:0]),
    .tell_i(event_pending || refused_valid), .ring_room_i(ring_room), .vector_i(vector_ready || intx_moves), .reset_wanted_i(reset_wanted),
    .reset_active_i(reset_active), .reset_marked_i(reset_marked), .run_i(~busy & en & rdy & ~cfs & bme & ~hold),
    .want_admin_i(want_admin), .want_io_i(want_io), .below_limit_i(below_limit), .admin_idle_i(admin_idle), .may_fetch_i(may_fetch),
    .coalesce_i(coalesce_due), .free_i(set_free), .check_i(set_check),
    .listq_i(set_listq), .pullq_i(set_pullq), .ring_i(set_ring), .pushq_i(set_pushq), .cqe_i(set_cqe), .cplq_i(cpl_ready_i),
    .rspq_i(rspq_ready), .rdq_i(rdq_ready_i), .wrq_i(wrq_ready_i), .ringq_i(ringq_ready_i), .ready_o(ready),
    .access_fn_i(reg_fn), .access_index_i(reg_index), .request_fn_i(req_fn), .request_index_i(req_index), .post_fn_i(post_fn),
    .takes_slot_i(takes_slot), .tell_fn_i(tell_fn), .vector_fn_i(intx_moves ? 5'd0 : vector_fn), .vector_index_i(vector_index),
    .reset_wanted_fn_i(wanted_fn), .reset_fn_i(reset_fn), .slot_fn_i(slot_fn), .slot_queue_i(slot_queue), .coalesce_fn_i(coalesce_fn),
    .turn_set_i(turn_set), .turn_last_i(turn_last), .read_done_o(takes_read_done), .slot_o(slot), .fn_o(fn), .index_o(index)
  );

  // --- items -------------------------------------------------------------------------------------------------------
  assign req_pop_o = active[REQ] && commit;
  see_req u_req (
    .clk_i, .active_i(active[REQ]), .commit_i(commit), .request_i(req_i), .addr_i(req_addr_i), .data_i(req_data_i),
    .mse_i(mse), .bar0_i(bar0), .vf_mse_i(vf_mse), .vf_bar_i(vf_bar), .vfs_i(vfs), .decode_fn_o(req_fn),
    .decode_index_o(req_index), .fn_i(fn), .busy_i(busy[fn]), .rdy_i(en[fn] && rdy[fn]), .csts_i(csts), .bits_i(bits),
    .sq_i(sq), .cq_i(cq), .cfg_dw_o(req_cfg_dw), .cfg_value_i(cfg_value), .cfg_writable_i(cfg_writable), .intx_status_i(intx_status), .vf_en_i(vf_en),
    .cfg_write_o(cfg_write), .cfg_value_o(cfg_d), .want_flr_o(want_flr), .nvme_index_o(req_nvme_index), .nvme_i(nvme),
    .nvme_we_o(req_nvme_we), .nvme_o(req_nvme), .en_we_o(req_en_we), .en_o(req_en), .want_enable_o(want_enable),
    .want_shutdown_o(want_shutdown), .want_reset_o(want_reset), .msix_address_i(msix_address), .msix_data_i(msix_data),
    .msix_masked_i(msix_masked), .msix_pending_i(msix_pending), .msix_address_we_o(msix_address_we),
    .msix_address_o(req_msix_address), .msix_data_we_o(msix_data_we), .msix_data_o(req_msix_data),
    .msix_masked_o(req_msix_masked), .sq_we_o(req_sq_we), .sq_o(req_sq), .bits_o(req_bits), .cq_we_o(req_cq_we),
    .cq_o(req_cq), .refuse_o(refuse), .refused_o(refused), .cpl_push_o, .cpl_beat0_o, .cpl_beat1_o, .cpl_has_data_o, .cpl_data_o
  );

  logic reg_wake;
  see_reg u_reg (
    .active_i(active[REG]), .write_i(access_write), .addr_i(access_addr), .data_i(access_data), .target_fn_o(reg_fn),
    .target_queue_o(reg_index), .target_extent_o(reg_extent), .nvme_index_o(reg_nvme_index), .en_i(en[fn]), .busy_i(busy[fn]),
    .csts_i(csts), .nvme_i(nvme), .inflight_i(inflight), .attached_i(attached), .shift_i(block_shift), .size_i(ns_size), .first_i(ns_first),
    .length_i(ns_length), .target_i(ns_target), .remote_i(ns_remote), .map_i(ns_map), .bits_i(bits), .sq_i(sq), .sq_page_i(sq_page),
    .cq_i(cq), .cq_page_i(cq_page), .priority_i(sq_priority), .arbitration_i(arbitration), .coalescing_i(coalescing), .global_i(global_value), .global_write_o(global_write), .csts_we_o(csts_we),
    .csts_o(csts_d), .attached_we_o(attached_we), .size_we_o(size_we), .extent_we_o(extent_we), .bits_we_o(reg_bits_we),
    .bits_o(reg_bits), .sq_we_o(reg_sq_we), .sq_o(reg_sq), .sq_page_we_o(reg_sq_page_we), .cq_we_o(reg_cq_we),
    .cq_o(reg_cq), .cq_page_we_o(reg_cq_page_we), .priority_we_o(priority_we), .arbitration_we_o(arbitration_we),
    .coalescing_we_o(coalescing_we), .wake_o(reg_wake), .answer_o(answer)
  );
  assign wake = reg_wake || req_cq_we;

  // --- commands ------------------------------------------------------------------------------------------------------
  assign ringq_slot_o = slot;
  see_commands u_commands (
    .clk_i, .rst_ni, .init_i(init), .init_index_i(init_index), .active_i(active), .step_i(step), .commit_i(commit), .slot_i(slot),
    .fn_i(fn), .index_i(index), .takes_read_done_i(takes_read_done), .is_post_o(is_post), .post_fn_o(post_fn),
    .takes_slot_o(takes_slot), .tell_fn_o(tell_fn), .slot_fn_o(slot_fn), .slot_queue_o(slot_queue), .free_o(set_free),
    .check_o(set_check), .listq_o(set_listq), .pullq_o(set_pullq), .ring_o(set_ring), .pushq_o(set_pushq), .cqe_o(set_cqe),
    .may_fetch_o(may_fetch), .below_limit_o(below_limit), .limit_we_i(limit_we), .limit_i(access_data[6:0]), .wake_i(wake),
    .inflight_o(inflight), .posts_o(posts), .buffer_base_i(buffer_base), .read_done_i, .read_done_pop_o, .write_done_i,
    .write_done_pop_o, .ce_word0_i, .ce_word1_i, .ce_pop_o, .sqe_addr_o, .sqe_i, .prp_addr_o, .prp_i, .killed_i(kill[fn]),
    .en_i(en[fn]), .cc_i(nvme[63:32]), .msix_en_i(msix_en[fn]), .bits_i(bits), .sq_i(sq), .cq_i(cq), .sq_page_i(sq_page),
    .cq_page_i(cq_page), .bits_we_o(done_bits_we), .bits_o(done_bits), .sq_we_o(done_sq_we), .sq_o(done_sq), .cq_we_o(cqe_cq_we),
    .cq_o(cqe_cq), .enter_o(slot_enters), .leave_o(slot_leaves), .raise_o(raise), .fatal_o(fatal), .rd_marked_o(rd_marked),
    .wr_marked_o(wr_marked), .next_sequence_i(next_sequence), .count_command_o(count_command), .count_error_o(count_error),
    .count_bad_o(count_bad), .ns_written_i(attached_we), .attached_i(attached), .shift_i(block_shift), .size_i(ns_size), .lba_o(lookup_lba),
    .rest_o(lookup_rest), .found_target_i(found_target), .found_lba_i(found_lba), .found_blocks_i(found_blocks),
    .event_pending_i(event_pending), .event_fn_i(event_fn), .event_kind_i(event_kind), .event_taken_o(event_taken),
    .refused_valid_i(refused_valid), .refused_head_i(refused_head), .refused_pop_o(refused_pop), .ringq_push_o,
    .ringq_is_command_o, .ringq_word8_o, .ringq_word9_o, .ringq_word10_o, .ringq_word11_o, .ringq_word12_o, .ringq_word13_o,
    .msix_address_i(msix_address), .msix_data_i(msix_data), .intx_moves_i(intx_moves), .intx_want_i(intx_want), .rdq_push_o,
    .rdq_job_o, .rdq_addr_o, .wrq_push_o, .wrq_job_o, .wrq_addr_o, .wrq_word0_o, .wrq_word1_o, .refuse_i(refuse),
    .refused_i(refused), .reset_flr_i(reset_flr), .event_valid_o, .event_code_o, .event_function_o, .event_id_o, .event_value_o
  );

  logic unused;
  assign unused = &{1'b0, refused_count, num_vfs[15:5]};
endmodule
