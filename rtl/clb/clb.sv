// CLB: conversion lookaside buffer and conversion front end. See README.md.
//
// This module is the control unit: it forwards the ops of a block, looks blocks up, has missing ones fetched from the conversion buffer or converted,
// installs them and invalidates what was written.
module clb (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        req_valid_i,
  input  logic        req_kind_i,
  input  logic [55:0] req_pa_i,
  input  logic [55:0] req_next_pa_i,
  input  logic        req_next_valid_i,
  input  logic        req_single_i,
  input  logic [2:0]  req_mode_i,
  input  logic        req_isa_i,
  input  logic [4:0]  req_index_i,
  input  logic        req_mispredict_i,
  input  logic [3:0]  req_tag_i,
  output logic        req_ready_o,
  output logic        op_valid_o,
  output logic [63:0] op_word_o,
  output logic [1:0]  op_kind_o,
  output logic [10:0] op_at_o,
  output logic [10:0] op_next_o,
  output logic        op_last_o,
  output logic        op_far_o,
  output logic        op_taken_o,
  output logic        op_near_o,
  output logic [4:0]  op_index_o,
  output logic [10:0] op_opposite_o,
  output logic [3:0]  op_tag_o,
  input  logic        op_ready_i,
  input  logic        resolve_valid_i,
  input  logic [10:0] resolve_at_i,
  input  logic        resolve_taken_i,
  input  logic        resolve_predicted_i,
  output logic        resolve_ready_o,
  input  logic        snoop_valid_i,
  input  logic [49:0] snoop_line_i,
  input  logic        snoop_all_i,
  input  logic [1:0]  snoop_cause_i,
  output logic        snoop_ready_o,
  output logic        mem_valid_o,
  output logic        mem_write_o,
  output logic        mem_space_o,
  output logic [55:0] mem_addr_o,
  output logic [63:0] mem_data_o,
  input  logic        mem_ready_i,
  input  logic        mem_rsp_valid_i,
  input  logic [63:0] mem_rsp_data_i,
  input  logic        mem_rsp_err_i,
  output logic        mem_rsp_ready_o,
  input  logic        reg_valid_i,
  input  logic        reg_write_i,
  input  logic [11:0] reg_addr_i,
  input  logic [63:0] reg_data_i,
  output logic        reg_ready_o,
  output logic        reg_rsp_valid_o,
  output logic [63:0] reg_rsp_data_o,
  input  logic        reg_rsp_ready_i,
  output logic [20:0] events_o,
  output logic [1:0]  killed_o,
  output logic [1:0]  killed_cause_o,
  output logic [2:0]  phase_o,
  output logic        idle_o
);
  typedef enum logic [3:0] {INIT, REST, LOOKUP, BUFFERING, ASSEMBLING, EMIT, PICK, EVICT, CHUNK, COPY, COMMIT, SCAN} state_e;

  state_e state_q, state_d;
  // slots of what is not kept, behind all chunks
  localparam logic [14:0] SCRATCH = 15'(clb_pkg::CLB_LARGE_CHUNKS * clb_pkg::CLB_LARGE_SLOTS + clb_pkg::CLB_SMALL_CHUNKS * clb_pkg::CLB_SMALL_SLOTS);

  logic [9:0] counter_q;

  // the request and the block being forwarded
  logic        rests, free, accept, near, hit, hit_way, chained, enters, forward, forward_last, ended, present, kept, present_way, next_valid, single;
  logic [59:0] key;
  logic [55:0] next_pa;
  logic [9:0]  present_row;
  logic [3:0]  forward_tag;

  // the snoop that waits, and installation
  logic        pending, all_lines, install_way, second, reuse, is_large, dirty, evict_way, pick_valid, owner_live;
  logic [49:0] line;
  logic [9:0]  chunk, evict_row;
  logic [31:0] epoch;

  // --- units ---------------------------------------------------------------------------------------------------------
  logic [9:0]  map_row, request_row, version_index, buffer_version_index;
  logic [1:0]  valid, kill, scanned;
  logic        recent, map_install, map_touch, map_way;
  logic [59:0] key0, key1, victim_key;
  logic [63:0] mask0, mask1, victim_mask;
  logic [61:0] info0, info1, victim_info, install_info;
  logic [31:0] version;
  logic        bump;

  logic        assembler_start, assembler_done, assembler_busy, tables_drop, load_word, load_side, load_end, split;
  logic [2:0]  result;
  logic [4:0]  load_slot, load_count, assembled;
  logic [63:0] load_mask, assembled_mask, assembled_word;
  logic [40:0] assembled_side;
  logic [8:0]  assembler_events;
  logic [7:0]  prediction_index;
  logic [5:0]  prediction;

  logic        buffer_probe, buffer_write, buffer_idle, buffer_done, buffer_hit, use_buffer, buffer_burst, memory_write;
  logic [55:0] buffer_register, buffer_burst_addr, memory_write_addr, table_base;
  logic [63:0] memory_write_data;
  logic [5:0]  buffer_burst_words;
  logic [4:0]  buffer_slot;
  logic [2:0]  buffer_events;

  logic        assembler_burst, assembler_space, free_memory, beat, last;
  logic [55:0] assembler_addr;
  logic [5:0]  assembler_words;

  logic [14:0] native_read, forward_slot, install_base;
  logic [63:0] native_word;
  logic [40:0] native_side;
  logic [9:0]  next_chunk, next_small;
  logic [10:0] owner;
  logic [8:0]  next_large;
  logic        take, own, flush, training, direction, retrain;
  logic        keep, snooped, emit, chain_valid, chain_way, scan_ends;
  logic [9:0]  chain_row, kill_row;

  assign rests     = state_q == REST && !pending;
  assign free      = !op_valid_o || op_ready_i;
  assign snooped   = snoop_valid_i && snoop_ready_o;
  assign training  = rests && resolve_valid_i;
  assign keep      = !single;
  assign emit      = state_q == EMIT && free;
  assign scan_ends = state_q == SCAN && counter_q == 10'(clb_pkg::CLB_ROWS - 1);

  assign native_read = state_q == EVICT ? clb_types::base_of(victim_info[15], victim_info[9:0]) + {10'd0, buffer_slot} : forward_slot;

  // --- installation --------------------------------------------------------------------------------------------------
  logic evicts, evicted;

  assign request_row  = clb_types::row_of(key);
  assign victim_info  = evict_way ? info1 : info0;
  assign victim_key   = evict_way ? key1 : key0;
  assign victim_mask  = evict_way ? mask1 : mask0;
  assign evicts       = victim_info[16] && use_buffer;
  assign evicted      = state_q == EVICT && (!evicts || buffer_done);
  assign install_base = keep ? clb_types::base_of(is_large, chunk) : SCRATCH;
  assign install_info = {next_pa[55:12], split, dirty && !split, is_large, assembled, chunk};
  assign take         = state_q == CHUNK && !reuse;
  assign own          = state_q == COMMIT && keep;
  assign map_install  = own;
  assign map_touch    = enters;
  assign map_way      = state_q == COMMIT ? install_way : hit_way;

  always_comb begin
    case (state_q)
      INIT, SCAN: map_row = counter_q;
      REST: map_row = chain_row;
      EVICT: map_row = evict_row;
      CHUNK: map_row = owner[10:1];
      default: map_row = request_row;
    endcase
    kill_row = state_q == REST ? present_row : map_row;
    kill = 2'b00;
    if (state_q == SCAN) kill = scanned;
    else if (evicted) kill = {evict_way, !evict_way};
    else if (retrain) kill = {present_way, !present_way};
  end

  // --- versions and predictions --------------------------------------------------------------------------------------
  assign retrain       = training && resolve_taken_i != resolve_predicted_i && direction == resolve_taken_i && present && kept;
  assign bump          = retrain || (scan_ends && !all_lines);
  assign version_index = state_q == INIT ? counter_q : state_q == SCAN ? clb_types::version_of(line)
                                                                       : clb_types::version_of({key[43:0], key[54:49]});

  clb_versions u_versions (
    .clk_i, .index_i(buffer_version_index), .version_o(version), .clear_i(state_q == INIT), .bump_i(bump), .bump_index_i(version_index)
  );
  clb_predict u_predict (
    .clk_i, .clear_i(state_q == INIT), .clear_index_i(counter_q[7:0]), .index_i(prediction_index), .entry_o(prediction), .train_i(training),
    .train_index_i(clb_types::prediction_of(key[7:0], resolve_at_i)), .taken_i(resolve_taken_i), .predicted_i(resolve_predicted_i),
    .direction_o(direction)
  );

  // --- states --------------------------------------------------------------------------------------------------------
  logic missed;

  assign missed          = state_q == LOOKUP && !pending && !single && !hit;
  assign buffer_probe    = missed && use_buffer;
  assign buffer_write    = state_q == EVICT && evicts && buffer_idle;
  assign assembler_start = (state_q == LOOKUP && !pending && single) || (missed && !use_buffer)
                           || (state_q == BUFFERING && buffer_done && !buffer_hit);

  always_comb begin
    state_d = state_q;
    case (state_q)
      INIT: if (counter_q == 10'(clb_pkg::CLB_VERSIONS - 1)) state_d = REST;
      REST: begin
        if (pending) state_d = SCAN;
        else if (accept && !near && !chained) state_d = LOOKUP;
      end
      LOOKUP: begin
        if (pending) state_d = SCAN;
        else if (hit) state_d = REST;
        else state_d = buffer_probe ? BUFFERING : ASSEMBLING;
      end
      BUFFERING: if (buffer_done) state_d = buffer_hit ? PICK : ASSEMBLING;
      ASSEMBLING: begin
        if (assembler_done) begin
          if (pending) state_d = SCAN;
          else if (result == clb_types::RESULT_BLOCK) state_d = PICK;
          else if (result == clb_types::RESULT_SINGLE) state_d = COPY;
          else state_d = EMIT;
        end
      end
      EMIT: if (free) state_d = REST;
      PICK: state_d = pick_valid ? EVICT : CHUNK;
      EVICT: if (evicted) state_d = second ? COPY : CHUNK;
      CHUNK: state_d = take && owner_live ? EVICT : COPY;
      COPY: if (counter_q[4:0] + 5'd1 == assembled) state_d = COMMIT;
      COMMIT: state_d = REST;
      SCAN: if (scan_ends) state_d = REST;
      default: state_d = REST;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= INIT;
      counter_q <= 10'd0;
    end else begin
      state_q   <= state_d;
      counter_q <= state_q == state_d && (state_q == INIT || state_q == COPY || state_q == SCAN) ? counter_q + 10'd1 : 10'd0;
    end
  end

  // --- outputs -------------------------------------------------------------------------------------------------------
  logic [20:0] events;

  always_comb begin
    events = 21'd0;
    events[clb_pkg::CLB_EVENT_HIT]           = enters;
    events[clb_pkg::CLB_EVENT_CHAINED]       = chained;
    events[clb_pkg::CLB_EVENT_MISS]          = missed;
    events[clb_pkg::CLB_EVENT_NEAR]          = near;
    events[clb_pkg::CLB_EVENT_BUFFER_HIT]    = buffer_events[0];
    events[clb_pkg::CLB_EVENT_BUFFER_STALE]  = buffer_events[1];
    events[clb_pkg::CLB_EVENT_CONVERTED]     = state_q == ASSEMBLING && state_d == PICK;
    events[clb_pkg::CLB_EVENT_FIRST]         = assembler_events[0];
    events[clb_pkg::CLB_EVENT_SECOND]        = assembler_events[1];
    events[clb_pkg::CLB_EVENT_TABLE_MISS]    = assembler_events[2];
    events[clb_pkg::CLB_EVENT_FIRST_FILL]    = assembler_events[3];
    events[clb_pkg::CLB_EVENT_SECOND_FILL]   = assembler_events[4];
    events[clb_pkg::CLB_EVENT_TEMPLATE_FILL] = assembler_events[5];
    events[clb_pkg::CLB_EVENT_FETCH_FILL]    = assembler_events[6];
    events[clb_pkg::CLB_EVENT_EVICTED]       = evicted;
    events[clb_pkg::CLB_EVENT_WRITTEN_BACK]  = evicted && evicts;
    events[clb_pkg::CLB_EVENT_MISPREDICTED]  = accept && req_mispredict_i;
    events[clb_pkg::CLB_EVENT_RETRAINED]     = retrain;
    events[clb_pkg::CLB_EVENT_UNCACHED]      = state_q == ASSEMBLING && state_d == COPY;
    events[clb_pkg::CLB_EVENT_SETUP]         = assembler_events[8];
    events[clb_pkg::CLB_EVENT_FAULT]         = assembler_events[7] || buffer_events[2];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) events_o <= 21'd0;
    else events_o <= events;
  end

  always_comb begin
    case (state_q)
      INIT: phase_o = 3'(clb_pkg::CLB_PHASE_INIT);
      REST: phase_o = 3'(clb_pkg::CLB_PHASE_REST);
      LOOKUP: phase_o = 3'(clb_pkg::CLB_PHASE_LOOKUP);
      BUFFERING: phase_o = 3'(clb_pkg::CLB_PHASE_BUFFER);
      ASSEMBLING, EMIT: phase_o = 3'(clb_pkg::CLB_PHASE_CONVERT);
      SCAN: phase_o = 3'(clb_pkg::CLB_PHASE_SCAN);
      default: phase_o = 3'(clb_pkg::CLB_PHASE_INSTALL);
    endcase
  end

  assign req_ready_o     = rests;
  assign resolve_ready_o = 1'b1;
  assign snoop_ready_o   = !pending && state_q != INIT;
  assign mem_rsp_ready_o = 1'b1;
  assign reg_ready_o     = rests && !reg_rsp_valid_o;
  assign idle_o          = rests && !reg_rsp_valid_o && !mem_valid_o && events_o == 21'd0 && killed_o == 2'd0
                           && (op_valid_o || ended);

  clb_forward u_forward (
    .clk_i, .rst_ni, .rest_i(state_q == REST), .lookup_i(state_q == LOOKUP), .commit_i(state_q == COMMIT), .pending_i(pending), .free_i(free),
    .req_valid_i, .req_kind_i, .req_pa_i, .req_next_pa_i, .req_next_valid_i, .req_single_i, .req_mode_i, .req_isa_i, .req_index_i, .req_tag_i,
    .accept_o(accept), .near_o(near), .key_o(key), .next_pa_o(next_pa), .next_valid_o(next_valid), .single_o(single), .row_i(map_row), .valid_i(valid),
    .key0_i(key0), .key1_i(key1), .info0_i(info0), .info1_i(info1), .chain_valid_i(chain_valid), .chain_row_i(chain_row), .chain_way_i(chain_way),
    .hit_o(hit), .chained_o(chained), .enters_o(enters), .hit_way_o(hit_way), .install_base_i(install_base), .install_count_i(assembled),
    .install_row_i(request_row), .install_way_i(install_way), .retrain_i(retrain), .drop_i(snooped || flush), .present_o(present), .kept_o(kept),
    .present_row_o(present_row), .present_way_o(present_way), .ended_o(ended), .forward_o(forward), .slot_o(forward_slot), .last_o(forward_last),
    .tag_o(forward_tag)
  );
  clb_map u_map (
    .clk_i, .row_i(map_row), .kill_row_i(kill_row), .clear_i(state_q == INIT), .kill_i(kill), .install_i(map_install), .touch_i(map_touch), .way_i(map_way),
    .key_i(key), .mask_i(assembled_mask), .info_i(install_info), .valid_o(valid), .recent_o(recent), .key0_o(key0), .key1_o(key1),
    .mask0_o(mask0), .mask1_o(mask1), .info0_o(info0), .info1_o(info1)
  );
  clb_output u_output (
    .clk_i, .rst_ni, .free_i(free), .forward_i(forward), .emit_i(emit), .word_i(native_word), .side_i(native_side),
    .last_i(forward_last), .tag_i(forward_tag), .result_i(result), .at_i(key[54:44]), .op_valid_o, .op_word_o,
    .op_kind_o, .op_at_o, .op_next_o, .op_last_o, .op_far_o, .op_taken_o, .op_near_o, .op_index_o, .op_opposite_o, .op_tag_o
  );
  clb_snoop u_snoop (
    .clk_i, .rst_ni, .flush_i(flush), .snooped_i(snooped), .snoop_line_i, .snoop_all_i, .snoop_cause_i, .scanning_i(state_q == SCAN), .ends_i(scan_ends),
    .valid_i(valid), .page0_i(key0[43:0]), .page1_i(key1[43:0]), .mask0_i(mask0), .mask1_i(mask1), .info0_i(info0), .info1_i(info1), .pending_o(pending),
    .all_o(all_lines), .line_o(line), .scanned_o(scanned), .killed_o, .killed_cause_o, .epoch_o(epoch)
  );
  clb_install u_install (
    .clk_i, .found_i(state_q == BUFFERING && buffer_done), .converted_i(state_q == ASSEMBLING && assembler_done), .pick_i(state_q == PICK),
    .take_i(take), .request_row_i(request_row), .count_i(assembled), .valid_i(valid), .recent_i(recent), .info0_i(info0), .info1_i(info1),
    .next_chunk_i(next_chunk), .owner_i(owner), .pick_valid_o(pick_valid), .owner_live_o(owner_live), .way_o(install_way), .reuse_o(reuse), .large_o(is_large),
    .dirty_o(dirty), .chunk_o(chunk), .evict_row_o(evict_row), .evict_way_o(evict_way), .second_o(second)
  );
  clb_chain u_chain (
    .clk_i, .row_i(map_row), .way_i(map_way), .enter_i(enters), .install_i(own), .note_i(hit), .leave_i(accept && !near),
    .from_valid_i(present && kept), .from_row_i(present_row), .from_way_i(present_way), .exit_i(req_mispredict_i), .valid_o(chain_valid),
    .to_row_o(chain_row), .to_way_o(chain_way)
  );
  clb_native u_native (
    .clk_i, .rst_ni, .read_i(native_read), .word_o(native_word), .side_o(native_side), .write_i(state_q == COPY),
    .write_slot_i(install_base + {10'd0, counter_q[4:0]}), .word_i(assembled_word), .side_i(assembled_side), .large_i(is_large), .take_i(take),
    .next_o(next_chunk), .owner_o(owner), .own_i(own), .own_chunk_i(chunk), .own_entry_i({request_row, install_way}),
    .next_small_o(next_small), .next_large_o(next_large)
  );
  clb_assemble u_assemble (
    .clk_i, .rst_ni, .start_i(assembler_start), .key_i(key), .next_half_i(next_pa[55:1]), .next_valid_i(next_valid), .single_i(single),
    .table_base_i(table_base), .tables_drop_i(tables_drop), .pending_i(pending), .busy_o(assembler_busy), .done_o(assembler_done),
    .result_o(result), .burst_o(assembler_burst), .burst_space_o(assembler_space), .burst_addr_o(assembler_addr),
    .burst_words_o(assembler_words), .beat_i(beat), .last_i(last), .data_i(mem_rsp_data_i), .err_i(mem_rsp_err_i),
    .prediction_index_o(prediction_index), .prediction_i(prediction), .kill_i(scan_ends), .kill_all_i(all_lines), .kill_line_i(line),
    .load_word_i(load_word), .load_side_i(load_side), .load_slot_i(load_slot), .load_end_i(load_end), .load_count_i(load_count),
    .load_mask_i(load_mask), .read_slot_i(counter_q[4:0]), .word_o(assembled_word), .side_o(assembled_side), .count_o(assembled),
    .mask_o(assembled_mask), .split_o(split), .events_o(assembler_events)
  );
  clb_buffer u_buffer (
    .clk_i, .rst_ni, .probe_i(buffer_probe), .write_i(buffer_write), .key_i(key), .victim_key_i(victim_key), .victim_mask_i(victim_mask),
    .victim_count_i(victim_info[14:10]), .epoch_i(epoch), .register_i(buffer_register), .idle_o(buffer_idle), .done_o(buffer_done),
    .hit_o(buffer_hit), .version_index_o(buffer_version_index), .version_i(version), .burst_o(buffer_burst), .burst_addr_o(buffer_burst_addr),
    .burst_words_o(buffer_burst_words), .beat_i(beat), .last_i(last), .data_i(mem_rsp_data_i), .err_i(mem_rsp_err_i),
    .mem_write_o(memory_write), .mem_addr_o(memory_write_addr), .mem_data_o(memory_write_data), .mem_free_i(free_memory),
    .slot_o(buffer_slot), .word_i(native_word), .side_i(native_side), .load_word_o(load_word), .load_side_o(load_side),
    .load_slot_o(load_slot), .load_end_o(load_end), .load_count_o(load_count), .load_mask_o(load_mask), .events_o(buffer_events)
  );
  clb_memory u_memory (
    .clk_i, .rst_ni, .start_i(assembler_burst || buffer_burst), .space_i(buffer_burst || assembler_space),
    .addr_i(buffer_burst ? buffer_burst_addr : assembler_addr), .words_i(buffer_burst ? buffer_burst_words : assembler_words),
    .write_i(memory_write), .write_addr_i(memory_write_addr), .write_data_i(memory_write_data), .free_o(free_memory), .beat_o(beat),
    .last_o(last), .mem_valid_o, .mem_write_o, .mem_space_o, .mem_addr_o, .mem_data_o, .mem_ready_i, .mem_rsp_valid_i
  );
  clb_regs u_regs (
    .clk_i, .rst_ni, .ready_i(reg_ready_o), .reg_valid_i, .reg_write_i, .reg_addr_i, .reg_data_i, .rsp_valid_o(reg_rsp_valid_o),
    .rsp_ready_i(reg_rsp_ready_i), .rsp_data_o(reg_rsp_data_o), .events_i(events_o), .killed_i(killed_o), .killed_cause_i(killed_cause_o),
    .epoch_i(epoch), .next_small_i(next_small), .next_large_i(next_large), .use_buffer_o(use_buffer), .buffer_o(buffer_register),
    .set_i(key[56:55]), .table_base_o(table_base), .tables_drop_o(tables_drop), .flush_o(flush)
  );

  `LIB_STABLE(a_op_stable, op_valid_o, op_ready_i, {op_word_o, op_kind_o, op_at_o, op_next_o, op_last_o, op_tag_o})
  `LIB_ASSERT(a_one_reader, !(assembler_busy && !buffer_idle && !buffer_done))
endmodule
