// Memory side of the interrupt engine: what each of its states asks for, and what it gathers of the answers. README, Engine.
//
// Contract: at most one of the state inputs is 1. `restart_i` begins a new gathering at the edge. FETCH, UNBLOCK_FETCH, SCAN, SET,
// BLOCK and WAIT gather: `complete_o` is 1 in the cycle after the last needed answer. `first_answer_o` is 1 in the cycle in which the
// or into the signal vector is answered.
module bau_engine_memory (
  input  logic                clk_i,
  // the engine's state
  input  logic                restart_i,
  input  logic                fetch_i,
  input  logic                unblock_fetch_i,
  input  logic                scan_i,
  input  logic                set_i,
  input  logic                block_i,
  input  logic                wait_i,
  input  logic                clear_i,
  input  logic                summary_i,
  input  logic                reread_i,
  input  logic                unblock_i,
  input  logic                may_signal_i,
  input  logic                legal_i,
  input  bau_types::message_t message_i,
  // memory
  output logic                access_valid_o,
  output bau_types::access_t  access_o,
  input  logic                granted_i,
  input  logic                answer_valid_i,
  input  logic [63:0]         answer_data_i,
  input  logic                answer_err_i,
  // what has been gathered
  output logic                complete_o,
  output logic                first_answer_o,
  output logic                error_o,
  output logic [63:0]         word0_o,
  output logic [63:0]         sigvec_o,
  output logic [7:0]          target_o,       // the entry's own, for what follows UNBLOCK
  output logic [55:0]         summary_o,
  output logic [3:0]          subclass_o,
  output logic                found_o,        // a word of the signal vector is not 0
  output logic                was_blocked_o
);
  logic [3:0]  asked_q, got_q, needed;
  logic        error_q, found_q, old_q;
  logic [63:0] word0_q, sigvec_q;
  logic [7:0]  target_q;
  logic [50:0] summary_q;
  logic [3:0]  subclass_q;

  // --- answers ---------------------------------------------------------------------------------------------------
  logic gathers, marks, answered;
  assign marks    = set_i || block_i || wait_i;
  assign gathers  = fetch_i || unblock_fetch_i || scan_i || marks;
  assign answered = gathers && answer_valid_i;
  always_comb begin
    needed = !unblock_i && may_signal_i ? 4'd2 : 4'd1;
    if (fetch_i) needed = 4'd2;
    if (unblock_fetch_i) needed = 4'd4;
    if (scan_i) needed = 4'd8;
  end
  assign complete_o     = got_q == needed;
  assign first_answer_o = answered && marks && got_q == 4'd0 && !unblock_i;

  always_ff @(posedge clk_i) begin
    if (gathers && granted_i) asked_q <= asked_q + 4'd1;
    if (answered) begin
      got_q   <= got_q + 4'd1;
      error_q <= error_q || answer_err_i;
      if (fetch_i && got_q == 4'd0) word0_q <= answer_data_i;
      if (fetch_i && got_q != 4'd0) sigvec_q <= answer_data_i;
      if (unblock_fetch_i && got_q == 4'd1) word0_q <= answer_data_i;
      if (unblock_fetch_i && got_q == 4'd2) sigvec_q <= answer_data_i;
      if (unblock_fetch_i && got_q == 4'd3) begin
        target_q   <= answer_data_i[bau_pkg::BAU_ITE_UNBLOCK_TARGET_LSB +: 8];
        summary_q  <= answer_data_i[55:5];
        subclass_q <= answer_data_i[3:0];
      end
      if (scan_i) found_q <= (got_q != 4'd0 && found_q) || answer_data_i != 64'd0;
      if (marks && !first_answer_o) old_q <= answer_data_i[bau_pkg::BAU_ITE_BLOCKED_LSB];
    end
    if (restart_i) begin
      asked_q <= 4'd0;
      got_q   <= 4'd0;
      error_q <= 1'b0;
    end
  end
  assign error_o       = error_q;
  assign word0_o       = word0_q;
  assign sigvec_o      = sigvec_q;
  assign target_o      = target_q;
  assign summary_o     = {summary_q, 5'd0};
  assign subclass_o    = subclass_q;
  assign found_o       = found_q;
  assign was_blocked_o = old_q;

  // --- accesses --------------------------------------------------------------------------------------------------
  logic [55:0] vector, blocked;
  assign vector  = {sigvec_q[55:6], 6'd0};
  assign blocked = message_i.ite + 56'd8;

  always_comb begin
    access_valid_o = fetch_i ? asked_q < 4'd2 : unblock_fetch_i ? asked_q < 4'd3 : scan_i ? asked_q < 4'd8
                     : clear_i || summary_i ? legal_i : set_i || block_i || reread_i;
    access_o.op    = 3'(bau_pkg::BAU_MEM_READ);
    access_o.addr  = message_i.ite;
    access_o.data  = 64'd0;
    access_o.strb  = set_i || block_i || clear_i || summary_i ? 8'hff : 8'd0;
    access_o.tag   = {3'(bau_types::UNIT_ENGINE), 5'd0};
    if (fetch_i) access_o.addr = message_i.ite + {51'd0, asked_q[0], 4'd0};
    if (unblock_fetch_i) access_o.addr = message_i.ite + {51'd0, asked_q == 4'd0 ? 2'd0 : asked_q[1:0] + 2'd1, 3'd0};
    if (scan_i) access_o.addr = vector + {50'd0, asked_q[2:0], 3'd0};
    if (set_i) begin
      access_o.op   = 3'(bau_pkg::BAU_MEM_OR);
      access_o.addr = vector + {50'd0, message_i.sigbit[8:6], 3'd0};
      access_o.data = 64'd1 << message_i.sigbit[5:0];
    end
    if (block_i) begin
      access_o.op   = 3'(bau_pkg::BAU_MEM_OR);
      access_o.addr = blocked;
      access_o.data = 64'd1;
    end
    if (clear_i) begin
      access_o.op   = 3'(bau_pkg::BAU_MEM_AND);
      access_o.addr = blocked;
      access_o.data = ~64'd1;
    end
    if (summary_i) begin
      access_o.op   = 3'(bau_pkg::BAU_MEM_OR);
      access_o.addr = message_i.summary + {51'd0, message_i.target[7:6], 3'd0};
      access_o.data = 64'd1 << message_i.target[5:0];
    end
  end

  logic unused_message;
  assign unused_message = ^{message_i.id, message_i.rid, message_i.vmid, message_i.subclass, message_i.partition, message_i.direct,
                            message_i.hit, message_i.epoch};
endmodule
