// BAU: bus attachment unit. Joins the units of README.md: memory stage, choice of faults, epochs, idleness.
module bau (
  input  logic        clk_i,
  input  logic        rst_ni,
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
  output logic        mem_valid_o,
  output logic [2:0]  mem_op_o,
  output logic [55:0] mem_addr_o,
  output logic [63:0] mem_data_o,
  output logic [7:0]  mem_strb_o,
  output logic [7:0]  mem_tag_o,
  input  logic        mem_ready_i,
  input  logic        mem_rsp_valid_i,
  input  logic [63:0] mem_rsp_data_i,
  input  logic [7:0]  mem_rsp_tag_i,
  input  logic        mem_rsp_err_i,
  output logic        mem_rsp_ready_o,
  input  logic        reg_valid_i,
  input  logic        reg_write_i,
  input  logic [19:0] reg_addr_i,
  input  logic [63:0] reg_data_i,
  output logic        reg_ready_o,
  output logic        reg_rsp_valid_o,
  output logic [63:0] reg_rsp_data_o,
  output logic        reg_rsp_retry_o,
  input  logic        reg_rsp_ready_i,
  output logic        sig_valid_o,
  output logic [3:0]  sig_hart_o,
  output logic [3:0]  sig_partition_o,
  output logic [15:0] sig_vmid_o,
  output logic [7:0]  sig_target_o,
  output logic [7:0]  sig_gein_o,
  input  logic        sig_ready_i,
  input  logic        sig_rsp_valid_i,
  input  logic        sig_rsp_match_i,
  output logic        sig_rsp_ready_o,
  output logic [7:0]  notify_o,
  output logic [1:0]  irq_o,
  output logic        event_valid_o,
  output logic [7:0]  event_code_o,
  output logic [15:0] event_function_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o,
  output logic        arrival_valid_o,
  output logic [7:0]  arrival_code_o,
  output logic [15:0] arrival_function_o,
  output logic [31:0] arrival_id_o,
  output logic [31:0] arrival_value_o,
  output logic        fault_valid_o,
  output logic [7:0]  fault_code_o,
  output logic [15:0] fault_function_o,
  output logic [31:0] fault_id_o,
  output logic [31:0] fault_value_o,
  output logic        idle_o
);
  localparam int UNITS = bau_types::UNITS;

  // --- configuration, from the registers -----------------------------------------------------------------
  logic [63:0]  owner;
  logic [1:0]   pt_valid, pt_wait, enable, command_enable, fault_enable;
  logic [15:0]  pt_harts, command_head, command_tail, fault_head, fault_tail;
  logic [87:0]  pt_base, pt_limit;
  logic [127:0] lpid_map, subclass_mask;
  logic [111:0] device_table, command_base, fault_base;
  logic [13:0]  device_length;
  logic [7:0]   fault_log2, event_log2;
  logic [1:0]   event_enable;
  logic [15:0]  event_head, event_tail;
  logic [111:0] event_base;

  // --- memory stage ------------------------------------------------------------------------------------------
  logic [UNITS-1:0]   asks, granted, answered;
  bau_types::access_t engine_access, translate_access, command_access, fault_access, dma_access, hold_access, chosen;
  bau_types::access_t stage_q;
  logic               stage_valid_q, stage_free;
  assign stage_free = !stage_valid_q || mem_ready_i;

  always_comb begin
    granted = '0;
    chosen  = '0;
    if (stage_free) begin
      if (asks[bau_types::UNIT_ENGINE]) begin
        granted[bau_types::UNIT_ENGINE] = 1'b1;
        chosen = engine_access;
      end else if (asks[bau_types::UNIT_TRANSLATE]) begin
        granted[bau_types::UNIT_TRANSLATE] = 1'b1;
        chosen = translate_access;
      end else if (asks[bau_types::UNIT_COMMAND]) begin
        granted[bau_types::UNIT_COMMAND] = 1'b1;
        chosen = command_access;
      end else if (asks[bau_types::UNIT_FAULT]) begin
        granted[bau_types::UNIT_FAULT] = 1'b1;
        chosen = fault_access;
      end else if (asks[bau_types::UNIT_DMA]) begin
        granted[bau_types::UNIT_DMA] = 1'b1;
        chosen = dma_access;
      end else if (asks[bau_types::UNIT_HOLD]) begin
        granted[bau_types::UNIT_HOLD] = 1'b1;
        chosen = hold_access;
      end
    end
    for (int u = 0; u < UNITS; u++) answered[u] = mem_rsp_valid_i && mem_rsp_tag_i[7:5] == 3'(u);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      stage_valid_q <= 1'b0;
      stage_q       <= '0;
    end else if (stage_free) begin
      stage_valid_q <= |granted;
      stage_q       <= chosen;
    end
  end
  assign mem_valid_o     = stage_valid_q;
  assign mem_op_o        = stage_q.op;
  assign mem_addr_o      = stage_q.addr;
  assign mem_data_o      = stage_q.data;
  assign mem_strb_o      = stage_q.strb;
  assign mem_tag_o       = stage_q.tag;
  assign mem_rsp_ready_o = 1'b1;
  logic unused_tag;
  assign unused_tag = ^mem_rsp_tag_i[4:3];

  // --- choice of faults ------------------------------------------------------------------------------------------
  logic              complete_fault_valid, command_fault_valid, engine_fault_valid, translate_fault_valid, fault_take;
  bau_types::fault_t complete_fault, command_fault, engine_fault, translate_fault, fault;
  always_comb begin
    fault = translate_fault;
    if (complete_fault_valid) fault = complete_fault;
    else if (command_fault_valid) fault = command_fault;
    else if (engine_fault_valid) fault = engine_fault;
  end

  // --- epochs ------------------------------------------------------------------------------------------------------
  logic       epoch_q, flip;
  logic       translate_begun, translate_ended, translate_epoch, engine_begun, engine_ended, engine_epoch;
  logic       write_ended, write_epoch, park_ended, read_ended, read_epoch;
  logic [1:0] drained;
  for (genvar e = 0; e < 2; e++) begin : g_epoch
    logic [7:0] inflight_q;
    logic [7:0] begun, ended;
    assign begun = {7'd0, translate_begun && epoch_q == 1'(e)} + {7'd0, engine_begun && epoch_q == 1'(e)};
    assign ended = {7'd0, translate_ended && translate_epoch == 1'(e)} + {7'd0, engine_ended && engine_epoch == 1'(e)}
                   + {7'd0, (write_ended || park_ended) && write_epoch == 1'(e)} + {7'd0, read_ended && read_epoch == 1'(e)};
    always_ff @(posedge clk_i) begin
      if (!rst_ni) inflight_q <= 8'd0;
      else inflight_q <= inflight_q + begun - ended;
    end
    assign drained[e] = inflight_q == 8'd0;
    `LIB_ASSERT(a_not_below_zero, ended <= inflight_q + begun)
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) epoch_q <= 1'b0;
    else epoch_q <= epoch_q ^ flip;
  end

  // --- units ---------------------------------------------------------------------------------------------------------
  logic                     request_valid, request_pop, payload_valid, payload_kill, payload_pop, arrived, rx_quiet;
  logic [63:0]              payload_data;
  bau_types::request_t      request;
  bau_rx u_rx (
    .clk_i, .rst_ni, .pcie_rx_valid_i, .pcie_rx_sop_i, .pcie_rx_eop_i, .pcie_rx_data_i, .pcie_rx_ready_o,
    .request_pop_i(request_pop), .request_valid_o(request_valid), .request_o(request), .payload_pop_i(payload_pop),
    .payload_valid_o(payload_valid), .payload_data_o(payload_data), .payload_kill_o(payload_kill), .arrival_valid_o,
    .arrival_function_o, .arrival_id_o, .arrival_value_o, .message_o(arrived), .quiet_o(rx_quiet)
  );
  assign arrival_code_o = arrival_valid_o ? 8'(bau_pkg::BAU_EVENT_ARRIVED) : 8'd0;

  logic                     issue_valid, issue_pop, message_valid, message_pop, translate_quiet;
  logic [4:0]               translate_count;
  logic                     holds, hold_full, offer, deny, replay_begun, replay_held, replay_done, replay_write;
  logic [5:0]               hold_rid;
  logic [43:0]              hold_ring;
  logic [3:0]               hold_log2;
  logic [12:0]              hold_tail;
  bau_types::parked_t       parked;
  bau_types::request_t      offered_request;
  bau_types::issue_t        issue;
  bau_types::message_t      message;
  bau_types::invalidation_t invalidation;
  bau_translate u_translate (
    .clk_i, .rst_ni, .owner_i(owner), .enable_i(enable), .pt_valid_i(pt_valid), .pt_wait_i(pt_wait), .pt_base_i(pt_base), .pt_limit_i(pt_limit),
    .device_table_i(device_table), .device_length_i(device_length), .epoch_i(epoch_q), .invalidation_i(invalidation),
    .request_valid_i(request_valid), .request_i(request), .request_pop_o(request_pop),
    .hold_rid_o(hold_rid), .holds_i(holds), .hold_full_i(hold_full), .hold_ring_i(hold_ring), .hold_log2_i(hold_log2),
    .hold_tail_i(hold_tail), .parked_o(parked), .offer_i(offer), .offered_i(offered_request), .deny_i(deny),
    .replay_begun_o(replay_begun), .replay_held_o(replay_held), .replay_done_o(replay_done), .replay_write_o(replay_write),
    .issue_pop_i(issue_pop),
    .issue_valid_o(issue_valid), .issue_o(issue), .message_pop_i(message_pop), .message_valid_o(message_valid),
    .message_o(message), .access_valid_o(asks[bau_types::UNIT_TRANSLATE]), .access_o(translate_access),
    .granted_i(granted[bau_types::UNIT_TRANSLATE]), .answer_valid_i(answered[bau_types::UNIT_TRANSLATE]),
    .answer_data_i(mem_rsp_data_i), .answer_err_i(mem_rsp_err_i), .fault_valid_o(translate_fault_valid),
    .fault_o(translate_fault),
    .fault_taken_i(fault_take && !complete_fault_valid && !command_fault_valid && !engine_fault_valid),
    .begun_o(translate_begun), .ended_o(translate_ended), .epoch_o(translate_epoch), .count_o(translate_count),
    .quiet_o(translate_quiet)
  );

  logic              chunk_valid, chunk_pop, done_valid, done_error, done_pop, word_pop, release_message, count_read, dma_quiet;
  logic              replay_valid, replay_kill, replay_pop;
  logic [63:0]       word, replay_data;
  bau_types::chunk_t chunk;
  bau_dma u_dma (
    .clk_i, .rst_ni, .issue_valid_i(issue_valid), .issue_i(issue), .issue_pop_o(issue_pop), .payload_valid_i(payload_valid),
    .payload_data_i(payload_data), .payload_kill_i(payload_kill), .payload_pop_o(payload_pop),
    .replay_valid_i(replay_valid), .replay_data_i(replay_data), .replay_kill_i(replay_kill), .replay_pop_o(replay_pop),
    .park_ended_o(park_ended), .access_valid_o(asks[bau_types::UNIT_DMA]), .access_o(dma_access), .granted_i(granted[bau_types::UNIT_DMA]),
    .answer_valid_i(answered[bau_types::UNIT_DMA]), .answer_data_i(mem_rsp_data_i), .answer_tag_i(mem_rsp_tag_i[2:0]),
    .answer_err_i(mem_rsp_err_i), .chunk_valid_o(chunk_valid), .chunk_o(chunk), .chunk_pop_i(chunk_pop),
    .done_valid_o(done_valid), .done_error_o(done_error), .done_pop_i(done_pop), .word_o(word), .word_pop_i(word_pop),
    .release_o(release_message), .write_ended_o(write_ended), .write_epoch_o(write_epoch), .read_ended_o(read_ended),
    .read_epoch_o(read_epoch), .count_read_o(count_read), .quiet_o(dma_quiet)
  );

  logic [1:0]  event_written, event_lost, hold_count;
  logic [63:0] held;
  logic        hold_quiet;
  bau_hold u_hold (
    .clk_i, .rst_ni, .owner_i(owner), .pt_valid_i(pt_valid), .pt_base_i(pt_base), .pt_limit_i(pt_limit),
    .event_enable_i(event_enable), .event_base_i(event_base), .event_log2_i(event_log2), .event_head_i(event_head),
    .event_tail_i(event_tail), .invalidation_i(invalidation), .rid_i(hold_rid), .holds_o(holds), .full_o(hold_full),
    .ring_o(hold_ring), .log2_o(hold_log2), .tail_o(hold_tail), .parked_i(parked), .offer_o(offer), .request_o(offered_request),
    .deny_o(deny), .begun_i(replay_begun), .held_i(replay_held), .done_i(replay_done), .write_i(replay_write),
    .park_ended_i(park_ended), .payload_valid_o(replay_valid), .payload_data_o(replay_data), .payload_kill_o(replay_kill),
    .payload_pop_i(replay_pop), .access_valid_o(asks[bau_types::UNIT_HOLD]), .access_o(hold_access),
    .granted_i(granted[bau_types::UNIT_HOLD]), .answer_valid_i(answered[bau_types::UNIT_HOLD]),
    .answer_data_i(mem_rsp_data_i), .answer_err_i(mem_rsp_err_i), .held_o(held), .event_written_o(event_written),
    .event_lost_o(event_lost), .count_o(hold_count), .quiet_o(hold_quiet)
  );

  logic complete_quiet;
  bau_complete u_complete (
    .clk_i, .rst_ni, .chunk_valid_i(chunk_valid), .chunk_i(chunk), .chunk_pop_o(chunk_pop), .done_valid_i(done_valid),
    .done_error_i(done_error), .done_pop_o(done_pop), .word_i(word), .word_pop_o(word_pop),
    .fault_valid_o(complete_fault_valid), .fault_o(complete_fault), .fault_taken_i(fault_take), .pcie_tx_valid_o,
    .pcie_tx_sop_o, .pcie_tx_eop_o, .pcie_tx_data_o, .pcie_tx_ready_i, .quiet_o(complete_quiet)
  );

  logic        unblock, unblock_room, engine_quiet;
  logic [2:0]  unblock_hart;
  logic [55:0] unblock_ite;
  logic [7:0]  notify_set;
  logic [5:0]  engine_count;
  bau_engine u_engine (
    .clk_i, .rst_ni, .pt_valid_i(pt_valid), .pt_base_i(pt_base), .pt_limit_i(pt_limit), .pt_harts_i(pt_harts),
    .lpid_map_i(lpid_map), .subclass_mask_i(subclass_mask), .epoch_i(epoch_q), .message_i(message),
    .message_pop_o(message_pop), .release_i(release_message), .unblock_i(unblock), .unblock_hart_i(unblock_hart),
    .unblock_ite_i(unblock_ite), .unblock_room_o(unblock_room), .access_valid_o(asks[bau_types::UNIT_ENGINE]),
    .access_o(engine_access), .granted_i(granted[bau_types::UNIT_ENGINE]), .answer_valid_i(answered[bau_types::UNIT_ENGINE]),
    .answer_data_i(mem_rsp_data_i), .answer_err_i(mem_rsp_err_i), .fault_valid_o(engine_fault_valid), .fault_o(engine_fault),
    .fault_taken_i(fault_take && !complete_fault_valid && !command_fault_valid), .sig_valid_o, .sig_hart_o, .sig_partition_o,
    .sig_vmid_o, .sig_target_o, .sig_gein_o, .sig_ready_i, .sig_rsp_valid_i, .sig_rsp_match_i, .sig_rsp_ready_o,
    .event_valid_o, .event_code_o, .event_function_o, .event_id_o, .event_value_o, .notify_o(notify_set),
    .begun_o(engine_begun), .ended_o(engine_ended), .epoch_o(engine_epoch), .count_o(engine_count), .quiet_o(engine_quiet)
  );

  logic [1:0] head_move, fence_done, refused;
  logic       count_command, command_quiet;
  bau_command u_command (
    .clk_i, .rst_ni, .pt_valid_i(pt_valid), .pt_base_i(pt_base), .pt_limit_i(pt_limit), .enable_i(command_enable),
    .base_i(command_base), .head_i(command_head), .tail_i(command_tail), .epoch_i(epoch_q), .drained_i(drained),
    .flip_o(flip), .invalidation_o(invalidation), .access_valid_o(asks[bau_types::UNIT_COMMAND]), .access_o(command_access),
    .granted_i(granted[bau_types::UNIT_COMMAND]), .answer_valid_i(answered[bau_types::UNIT_COMMAND]),
    .answer_data_i(mem_rsp_data_i), .answer_err_i(mem_rsp_err_i), .fault_valid_o(command_fault_valid),
    .fault_o(command_fault), .fault_taken_i(fault_take && !complete_fault_valid), .head_move_o(head_move),
    .fence_done_o(fence_done), .refused_o(refused), .count_o(count_command), .quiet_o(command_quiet)
  );

  logic [1:0] fault_written, fault_lost;
  logic       fault_quiet;
  bau_fault u_fault (
    .clk_i, .rst_ni, .pt_valid_i(pt_valid), .pt_base_i(pt_base), .pt_limit_i(pt_limit), .enable_i(fault_enable),
    .base_i(fault_base), .log2_i(fault_log2), .head_i(fault_head), .tail_i(fault_tail),
    .fault_valid_i(complete_fault_valid || command_fault_valid || engine_fault_valid || translate_fault_valid),
    .fault_i(fault), .fault_take_o(fault_take), .access_valid_o(asks[bau_types::UNIT_FAULT]), .access_o(fault_access),
    .granted_i(granted[bau_types::UNIT_FAULT]), .written_o(fault_written), .lost_o(fault_lost), .event_valid_o(fault_valid_o),
    .event_function_o(fault_function_o), .event_id_o(fault_id_o), .event_value_o(fault_value_o), .quiet_o(fault_quiet)
  );
  assign fault_code_o = fault_valid_o ? 8'(bau_pkg::BAU_EVENT_FAULT) : 8'd0;

  logic [bau_pkg::BAU_NUM_COUNTERS-1:0] count;
  assign count[bau_types::COUNT_MESSAGES]   = arrived;
  assign count[bau_types::COUNT_DIRECT]     = engine_count[0];
  assign count[bau_types::COUNT_MISMATCH]   = engine_count[1];
  assign count[bau_types::COUNT_BROADCAST]  = engine_count[3];
  assign count[bau_types::COUNT_RECORDED]   = engine_count[2];
  assign count[bau_types::COUNT_UNBLOCK]    = engine_count[4];
  assign count[bau_types::COUNT_RESCAN]     = engine_count[5];
  assign count[bau_types::COUNT_FAULT]      = fault_take;
  assign count[bau_types::COUNT_FAULT_LOST] = |fault_lost;
  assign count[bau_types::COUNT_DTE_HIT]    = translate_count[0];
  assign count[bau_types::COUNT_DTE_MISS]   = translate_count[1];
  assign count[bau_types::COUNT_IOTLB_HIT]  = translate_count[2];
  assign count[bau_types::COUNT_IOTLB_MISS] = translate_count[3];
  assign count[bau_types::COUNT_DMA_READ]   = count_read;
  assign count[bau_types::COUNT_DMA_WRITE]  = write_ended;
  assign count[bau_types::COUNT_COMMAND]    = count_command;
  assign count[bau_types::COUNT_HELD]       = translate_count[4];
  assign count[bau_types::COUNT_REPLAYED]   = hold_count[1];
  assign count[bau_types::COUNT_PAGE_EVENT] = hold_count[0];

  logic regs_quiet;
  bau_regs u_regs (
    .clk_i, .rst_ni, .reg_valid_i, .reg_write_i, .reg_addr_i, .reg_data_i, .reg_ready_o, .reg_rsp_valid_o, .reg_rsp_data_o,
    .reg_rsp_retry_o, .reg_rsp_ready_i, .unblock_o(unblock), .unblock_hart_o(unblock_hart), .unblock_ite_o(unblock_ite),
    .unblock_room_i(unblock_room), .count_i(count), .notify_i(notify_set), .fault_written_i(fault_written),
    .fault_lost_i(fault_lost), .fence_done_i(fence_done), .refused_i(refused), .head_move_i(head_move),
    .event_written_i(event_written), .event_lost_i(event_lost), .held_i(held), .event_enable_o(event_enable),
    .event_base_o(event_base), .event_log2_o(event_log2), .event_head_o(event_head), .event_tail_o(event_tail), .owner_o(owner),
    .pt_valid_o(pt_valid), .pt_wait_o(pt_wait), .pt_harts_o(pt_harts), .pt_base_o(pt_base), .pt_limit_o(pt_limit), .lpid_map_o(lpid_map),
    .enable_o(enable), .command_enable_o(command_enable), .fault_enable_o(fault_enable), .device_table_o(device_table),
    .device_length_o(device_length), .command_base_o(command_base), .command_head_o(command_head),
    .command_tail_o(command_tail), .fault_base_o(fault_base), .fault_log2_o(fault_log2), .fault_head_o(fault_head),
    .fault_tail_o(fault_tail), .subclass_mask_o(subclass_mask), .notify_o, .irq_o, .quiet_o(regs_quiet)
  );

  // --- idleness --------------------------------------------------------------------------------------------------------
  logic quiet, offered;
  assign offered = pcie_rx_valid_i || mem_rsp_valid_i || reg_valid_i || sig_rsp_valid_i;
  assign quiet   = rx_quiet && translate_quiet && dma_quiet && complete_quiet && engine_quiet && command_quiet && fault_quiet && hold_quiet
                   && regs_quiet && !stage_valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) idle_o <= 1'b0;
    else idle_o <= quiet && !offered;
  end

  `LIB_STABLE(a_mem, mem_valid_o, mem_ready_i, ({mem_op_o, mem_addr_o, mem_data_o, mem_strb_o, mem_tag_o}))
  `LIB_ASSERT(a_message_behind_its_release, !message_pop || message_valid)
endmodule
