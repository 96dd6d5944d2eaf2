// Commands: the slots that hold them, what their items read, the items that carry them from the fetch of the SQE to the CQE,
// the jobs for RD and WR, and the event that is shown. README section 8: State, DONE, CE, CHECK, LIST, PULL, PUSH, RING, CQE, FETCH.
//
// Each module of an item is combinational, acts only while its class is active, and shows zeros otherwise, so that effects join by OR.
module see_commands
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  // the item, and what it works on
  input  logic [see_types::CLASSES-1:0] active_i,
  input  logic [7:0]  step_i,
  input  logic        commit_i,
  input  logic [5:0]  slot_i,
  input  logic [4:0]  fn_i,
  input  logic [3:0]  index_i,           // queue or vector
  input  logic        takes_read_done_i, // DONE: doneq, else wdoneq
  // for the choice
  output logic        is_post_o,         // the head of ceq
  output logic [4:0]  post_fn_o,
  output logic        takes_slot_o,      // RING
  output logic [4:0]  tell_fn_o,         // if it takes none
  output logic [4:0]  slot_fn_o,
  output logic [3:0]  slot_queue_o,
  output logic [63:0] free_o,
  output logic [63:0] check_o,
  output logic [63:0] listq_o,
  output logic [63:0] pullq_o,
  output logic [63:0] ring_o,
  output logic [63:0] pushq_o,
  output logic [63:0] cqe_o,
  output logic        may_fetch_o,
  output logic [16:0] below_limit_o,
  // REG and REQ
  input  logic        limit_we_i,
  input  logic [6:0]  limit_i,
  input  logic        wake_i,
  output logic [6:0]  inflight_o,
  output logic [16:0] posts_o,           // functions of which a slot holds a post
  input  logic [31:0] buffer_base_i,
  // doneq, wdoneq, ceq
  input  see_types::read_done_t  read_done_i,
  output logic                   read_done_pop_o,
  input  see_types::write_done_t write_done_i,
  output logic                   write_done_pop_o,
  input  logic [63:0] ce_word0_i,
  input  logic [63:0] ce_word1_i,
  output logic        ce_pop_o,
  // SQE and PRP RAM
  output logic [8:0]  sqe_addr_o,
  input  logic [63:0] sqe_i,
  output logic [10:0] prp_addr_o,
  input  logic [63:0] prp_i,
  // the function and the queue
  input  logic        killed_i,
  input  logic        en_i,
  input  logic [31:0] cc_i,
  input  logic        msix_en_i,
  input  see_types::queue_bits_t bits_i,
  input  see_types::sq_t sq_i,
  input  see_types::cq_t cq_i,
  input  logic [51:0] sq_page_i,
  input  logic [51:0] cq_page_i,
  output logic        bits_we_o,         // DONE
  output see_types::queue_bits_t bits_o,
  output logic        sq_we_o,           // DONE
  output see_types::sq_t sq_o,
  output logic        cq_we_o,           // CQE
  output see_types::cq_t cq_o,
  output logic        enter_o,
  output logic        leave_o,
  output logic        raise_o,
  output logic        fatal_o,
  output logic        rd_marked_o,
  output logic        wr_marked_o,
  // counters
  input  logic [31:0] next_sequence_i,
  output logic        count_command_o,
  output logic        count_error_o,
  output logic        count_bad_o,
  // the namespace
  input  logic        ns_written_i,
  input  logic        attached_i,
  input  logic [1:0]  shift_i,
  input  logic [63:0] size_i,
  output logic [63:0] lba_o,
  output logic [16:0] rest_o,
  input  logic [63:0] found_target_i,
  input  logic [63:0] found_lba_i,
  input  logic [16:0] found_blocks_i,
  // events of functions, refused doorbells
  input  logic        event_pending_i,
  input  logic [4:0]  event_fn_i,
  input  logic [1:0]  event_kind_i,
  output logic        event_taken_o,
  input  logic        refused_valid_i,
  input  see_types::refused_t refused_head_i,
  output logic        refused_pop_o,
  // ringq
  output logic        ringq_push_o,
  output logic        ringq_is_command_o,
  output logic [63:0] ringq_word8_o,
  output logic [63:0] ringq_word9_o,
  output logic [63:0] ringq_word10_o,
  output logic [63:0] ringq_word11_o,
  output logic [63:0] ringq_word12_o,
  output logic [31:0] ringq_word13_o,
  // MSIX
  input  logic [63:0] msix_address_i,
  input  logic [31:0] msix_data_i,
  input  logic        intx_moves_i,
  input  logic        intx_want_i,
  // rdq and wrq
  output logic                  rdq_push_o,
  output see_types::read_job_t  rdq_job_o,
  output logic [63:0]           rdq_addr_o,
  output logic                  wrq_push_o,
  output see_types::write_job_t wrq_job_o,
  output logic [63:0]           wrq_addr_o,
  output logic [63:0]           wrq_word0_o,
  output logic [63:0]           wrq_word1_o,
  // the event port
  input  logic        refuse_i,
  input  see_types::refused_t refused_i,
  input  logic        reset_flr_i,
  output logic        event_valid_o,
  output logic [7:0]  event_code_o,
  output logic [7:0]  event_function_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o
);
  localparam int DONE = see_types::CLASS_DONE;
  localparam int CE = see_types::CLASS_CE;
  localparam int CHECK = see_types::CLASS_CHECK;
  localparam int LIST = see_types::CLASS_LIST;
  localparam int PULL = see_types::CLASS_PULL;
  localparam int RING = see_types::CLASS_RING;
  localparam int PUSH = see_types::CLASS_PUSH;
  localparam int CQE = see_types::CLASS_CQE;
  localparam int MSIX = see_types::CLASS_MSIX;
  localparam int FETCH = see_types::CLASS_FETCH;
  localparam int RSTART = see_types::CLASS_RSTART;
  localparam int RFINISH = see_types::CLASS_RFINISH;

  see_types::slot_a_t slot_a, a_d, done_a, ce_a, check_a, walk_a, fetch_a;
  see_types::slot_b_t slot_b, b_d, done_b, ce_b, check_b, walk_b, fetch_b, ring_b;
  see_types::slot_c_t slot_c, c_d, done_c, ce_c, check_c;
  see_types::slot_fx_t fx, done_fx, ce_fx, check_fx, walk_fx, ring_fx, cqe_fx, fetch_fx;
  logic        slot_is_fw, slot_is_next, slot_is_orphan, gone;
  assign slot_fn_o    = slot_a.fn;
  assign slot_queue_o = slot_a.qid;
  assign enter_o      = fx.enter;
  assign leave_o      = fx.leave;

  // --- operands ------------------------------------------------------------------------------------------
  logic [63:0] prp1_q, prp2_q, word0_q, word5_q, word6_q;
  logic [31:0] buffer;
  logic [16:0] blocks_done;
  assign blocks_done = {1'b0, word6_q[15:0]} + 17'd1 - slot_b.rest;
  assign lba_o       = word5_q + {47'd0, blocks_done};
  assign rest_o      = slot_b.rest;

  // SQE words come in the order 3, 4, 0, 5, 6, one a step.
  logic [2:0] sqe_word;
  always_comb begin
    case (step_i)
      8'd1: sqe_word = 3'd3;
      8'd2: sqe_word = 3'd4;
      8'd3: sqe_word = 3'd0;
      8'd4: sqe_word = 3'd5;
      default: sqe_word = 3'd6;
    endcase
  end
  assign sqe_addr_o = {slot_i, sqe_word};
  always_ff @(posedge clk_i) begin
    case (step_i)
      8'd2: prp1_q <= sqe_i;
      8'd3: prp2_q <= sqe_i;
      8'd4: word0_q <= sqe_i;
      8'd5: word5_q <= sqe_i;
      8'd6: word6_q <= sqe_i;
      default: ;
    endcase
  end
  assign buffer = buffer_base_i + {9'd0, slot_i, 17'd0} + {14'd0, slot_i, 12'd0} + {20'd0, prp1_q[11:0]};

  // --- slots -----------------------------------------------------------------------------------------------
  assign fx  = done_fx | ce_fx | check_fx | walk_fx | ring_fx | cqe_fx | fetch_fx;
  always_comb begin
    a_d = slot_a;
    b_d = slot_b;
    c_d = slot_c;
    if (active_i[DONE]) begin
      a_d = done_a;
      b_d = done_b;
      c_d = done_c;
    end
    if (active_i[CE]) begin
      a_d = ce_a;
      b_d = ce_b;
      c_d = ce_c;
    end
    if (active_i[CHECK]) begin
      a_d = check_a;
      b_d = check_b;
      c_d = check_c;
    end
    if (active_i[LIST] || active_i[PULL] || active_i[PUSH]) begin
      a_d = walk_a;
      b_d = walk_b;
    end
    if (active_i[RING]) b_d = ring_b;
    if (active_i[FETCH]) begin
      a_d = fetch_a;
      b_d = fetch_b;
    end
  end
  see_slots u_slots (
    .clk_i, .rst_ni, .init_i, .init_index_i, .commit_i, .slot_i, .fn_i,
    .a_o(slot_a), .b_o(slot_b), .c_o(slot_c), .slot_is_fw_o(slot_is_fw), .slot_is_next_o(slot_is_next), .slot_is_orphan_o(slot_is_orphan),
    .fx_i(fx), .a_i(a_d), .b_i(b_d), .c_i(c_d), .wake_i, .rstart_i(active_i[RSTART]), .rfinish_i(active_i[RFINISH]),
    .ns_written_i, .gone_o(gone),
    .free_o, .check_o, .listq_o, .pullq_o, .ring_o, .pushq_o,
    .cqe_o, .may_fetch_o, .limit_we_i, .limit_i, .inflight_o, .below_limit_o
  );

  // --- posts: functions of which a slot holds one -----------------------------------------------------------
  logic [16:0] posts_q;
  logic        post_enters, post_leaves;
  assign posts_o = posts_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) posts_q <= '0;
    else if (commit_i && post_enters) posts_q[fn_i] <= 1'b1;
    else if (commit_i && post_leaves) posts_q[fn_i] <= 1'b0;
  end

  // --- items -------------------------------------------------------------------------------------------------------
  logic        done_event, ce_event, check_event, cqe_event, done_read_pop, done_write_pop;
  logic [3:0]  done_code, ce_code;
  logic [31:0] done_id, ce_id, check_id, ring_id, cqe_id, done_value, ce_value, check_value, ring_value, cqe_value;
  assign read_done_pop_o  = done_read_pop && commit_i;
  assign write_done_pop_o = done_write_pop && commit_i;
  see_done u_done (
    .active_i(active_i[DONE]), .read_valid_i(takes_read_done_i), .read_i(read_done_i), .write_i(write_done_i), .a_i(slot_a),
    .b_i(slot_b), .c_i(slot_c), .sqe_word0_i(sqe_i), .killed_i, .bits_i, .sq_i,
    .next_sequence_i, .fx_o(done_fx), .a_o(done_a), .b_o(done_b), .c_o(done_c), .read_pop_o(done_read_pop),
    .write_pop_o(done_write_pop), .rd_marked_o, .wr_marked_o, .count_error_o,
    .count_command_o, .fatal_o, .bits_we_o, .bits_o, .sq_we_o,
    .sq_o, .event_o(done_event), .event_code_o(done_code), .event_id_o(done_id), .event_value_o(done_value)
  );

  assign ce_pop_o = active_i[CE] && commit_i;
  see_ce u_ce (
    .active_i(active_i[CE]), .word0_i(ce_word0_i), .word1_i(ce_word1_i), .is_post_o, .post_fn_o, .a_i(slot_a),
    .b_i(slot_b), .c_i(slot_c), .prp1_i(prp1_q), .prp2_i(prp2_q), .word0_sqe_i(word0_q), .word6_sqe_i(word6_q), .slot_is_fw_i(slot_is_fw),
    .slot_is_next_i(slot_is_next), .slot_is_orphan_i(slot_is_orphan),
    .killed_i, .en_i, .none_free_i(free_o == 64'd0), .fx_o(ce_fx), .a_o(ce_a), .b_o(ce_b), .c_o(ce_c), .bad_o(count_bad_o),
    .event_o(ce_event), .event_code_o(ce_code), .event_id_o(ce_id), .event_value_o(ce_value)
  );

  assign post_enters = active_i[CE] && is_post_o && ce_fx.move;
  assign post_leaves = active_i[RFINISH] || (active_i[DONE] && done_fx.move && done_fx.state == see_types::SLOT_FREE && slot_a.post);

  see_check u_check (
    .active_i(active_i[CHECK]), .a_i(slot_a), .b_i(slot_b), .c_i(slot_c), .word0_i(word0_q), .prp1_i(prp1_q), .prp2_i(prp2_q),
    .word5_i(word5_q), .word6_i(word6_q), .attached_i, .shift_i, .size_i, .fx_o(check_fx), .a_o(check_a),
    .b_o(check_b), .c_o(check_c), .event_o(check_event), .event_id_o(check_id), .event_value_o(check_value)
  );

  logic                  walk_read, walk_write;
  see_types::read_job_t  walk_read_job, fetch_job, mark_read_job;
  see_types::write_job_t walk_write_job, cqe_job, msix_job, mark_write_job;
  logic [63:0]           walk_addr;
  see_walk u_walk (
    .list_i(active_i[LIST]), .pull_i(active_i[PULL]), .push_i(active_i[PUSH]), .slot_i, .a_i(slot_a), .b_i(slot_b),
    .prp1_i(prp1_q), .prp2_i(prp2_q), .prp_addr_o, .prp_i, .buffer_i(buffer), .fx_o(walk_fx), .a_o(walk_a), .b_o(walk_b),
    .read_o(walk_read), .read_job_o(walk_read_job), .write_o(walk_write), .write_job_o(walk_write_job), .addr_o(walk_addr)
  );

  see_ring u_ring (
    .clk_i, .rst_ni, .active_i(active_i[RING]), .commit_i, .event_pending_i, .event_fn_i,
    .event_kind_i, .refused_valid_i, .refused_i(refused_head_i), .slot_pending_i(ring_o != 64'd0),
    .takes_slot_o, .takes_fn_o(tell_fn_o), .event_taken_o, .refused_pop_o, .slot_i,
    .a_i(slot_a), .b_i(slot_b), .c_i(slot_c), .gone_i(gone), .opcode_i(word0_q[7:0]), .done_i(blocks_done), .buffer_i(buffer), .found_target_i,
    .found_lba_i, .found_blocks_i, .cc_i, .fx_o(ring_fx), .b_o(ring_b), .push_o(ringq_push_o),
    .is_command_o(ringq_is_command_o), .word8_o(ringq_word8_o), .word9_o(ringq_word9_o), .word10_o(ringq_word10_o),
    .word11_o(ringq_word11_o), .word12_o(ringq_word12_o), .word13_o(ringq_word13_o), .event_id_o(ring_id),
    .event_value_o(ring_value)
  );

  logic        cqe_write;
  logic [63:0] cqe_addr, cqe_word0, cqe_word1;
  see_cqe u_cqe (
    .active_i(active_i[CQE]), .slot_i, .a_i(slot_a), .c_i(slot_c), .bits_i, .sq_i, .cq_i,
    .cq_page_i, .msix_en_i, .fx_o(cqe_fx), .cq_we_o, .cq_o, .raise_o,
    .write_o(cqe_write), .write_job_o(cqe_job), .addr_o(cqe_addr), .word0_o(cqe_word0), .word1_o(cqe_word1),
    .event_o(cqe_event), .event_id_o(cqe_id), .event_value_o(cqe_value)
  );

  see_fetch u_fetch (
    .active_i(active_i[FETCH]), .slot_i, .fn_i, .queue_i(index_i), .fx_o(fetch_fx), .a_o(fetch_a), .b_o(fetch_b),
    .job_o(fetch_job)
  );

  // --- jobs for RD and WR --------------------------------------------------------------------------------------------
  always_comb begin
    mark_read_job       = '0;
    mark_read_job.kind  = see_types::READ_MARK;
    mark_read_job.fn    = fn_i;
    mark_write_job      = '0;
    mark_write_job.kind = see_types::WRITE_MARK;
    mark_write_job.fn   = fn_i;
    msix_job            = '0;
    msix_job.kind       = see_types::WRITE_MSI;
    msix_job.fn         = fn_i;
    msix_job.len        = intx_moves_i ? 18'd0 : 18'd4;
  end
  always_comb begin
    rdq_push_o = commit_i && (walk_read || active_i[FETCH] || active_i[RSTART]);
    rdq_job_o  = walk_read_job;
    rdq_addr_o = walk_addr;
    if (active_i[FETCH]) begin
      rdq_job_o  = fetch_job;
      rdq_addr_o = {sq_page_i, 12'd0} + {45'd0, sq_i.head, 6'd0};
    end
    if (active_i[RSTART]) begin
      rdq_job_o  = mark_read_job;
      rdq_addr_o = 64'd0;
    end

    wrq_push_o  = commit_i && (walk_write || cqe_write || active_i[MSIX] || active_i[RSTART]);
    wrq_job_o   = walk_write_job;
    wrq_addr_o  = walk_addr;
    wrq_word0_o = 64'd0;
    wrq_word1_o = 64'd0;
    if (active_i[CQE]) begin
      wrq_job_o   = cqe_job;
      wrq_addr_o  = cqe_addr;
      wrq_word0_o = cqe_word0;
      wrq_word1_o = cqe_word1;
    end
    if (active_i[MSIX]) begin
      wrq_job_o   = msix_job;
      wrq_addr_o  = intx_moves_i ? 64'd0 : msix_address_i;
      wrq_word0_o = {32'd0, msix_data_i};
      if (intx_moves_i) wrq_word0_o = intx_want_i ? 64'(see_pkg::SEE_INTA_ASSERT) : 64'(see_pkg::SEE_INTA_DEASSERT);
    end
    if (active_i[RSTART]) begin
      wrq_job_o  = mark_write_job;
      wrq_addr_o = 64'd0;
    end
  end

  see_events u_events (
    .clk_i, .rst_ni, .commit_i, .active_i, .fn_i, .refused_i(refuse_i), .refused_data_i(refused_i),
    .done_i(done_event), .done_code_i(done_code), .done_id_i(done_id), .done_value_i(done_value), .ce_i(ce_event),
    .ce_code_i(ce_code), .ce_id_i(ce_id), .ce_value_i(ce_value), .check_i(check_event), .check_id_i(check_id),
    .check_value_i(check_value), .ring_id_i(ring_id), .ring_value_i(ring_value), .cqe_i(cqe_event), .cqe_id_i(cqe_id),
    .cqe_value_i(cqe_value), .vector_i(index_i), .intx_i(intx_moves_i), .intx_want_i, .reset_flr_i, .event_valid_o, .event_code_o, .event_function_o,
    .event_id_o, .event_value_o
  );
endmodule
