// CR: fetches the entries that the firmware put into the completion ring. README section 7.
module see_cr
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        enable_i,
  input  logic [31:0] base_i,
  input  logic [3:0]  log2_i,
  input  logic [15:0] tail_i,
  output logic [15:0] head_o,
  // NIC memory reads
  output logic        ask_o,
  output logic [31:0] ask_addr_o,
  input  logic        ask_ready_i,
  input  logic        answer_i,
  input  logic [63:0] answer_data_i,
  // ceq, to the sequencer
  output logic        entry_valid_o,
  output logic [63:0] entry_word0_o,
  output logic [63:0] entry_word1_o,
  input  logic        entry_pop_i,
  output logic        quiet_o
);
  typedef enum logic [1:0] {IDLE, R0, R1, W0} state_e;

  state_e      state_q, state_d;
  logic [15:0] head_q;
  logic [1:0]  got_q;
  logic [63:0] word0_q, word1_q;
  logic        push, queue_ready, start;
  logic [1:0]  queue_count;
  logic [15:0] masked_head;

  assign head_o      = head_q;
  assign masked_head = head_q & ((16'd1 << log2_i) - 16'd1);
  assign start       = enable_i && head_q != tail_i && queue_ready;
  assign push        = state_q == W0 && got_q == 2'd2;
  assign ask_o       = (state_q == R0 || state_q == R1) && ask_ready_i;
  assign ask_addr_o  = base_i + {12'd0, masked_head, 4'd0} + ((state_q == R1) ? 32'd8 : 32'd0);

  always_comb begin
    state_d = state_q;
    case (state_q)
      IDLE: if (start) state_d = R0;
      R0: if (ask_ready_i) state_d = R1;
      R1: if (ask_ready_i) state_d = W0;
      default: if (push) state_d = IDLE;
    endcase
  end

  lib_beat_fifo #(.SideWidth(64), .Depth(2)) u_ceq (
    .clk_i, .rst_ni, .push_i(push), .data_i(word0_q), .side_i(word1_q), .ready_o(queue_ready), .valid_o(entry_valid_o),
    .data_o(entry_word0_o), .side_o(entry_word1_o), .pop_i(entry_pop_i), .count_o(queue_count)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      head_q  <= 16'd0;
      got_q   <= 2'd0;
    end else begin
      state_q <= state_d;
      if (push) head_q <= head_q + 16'd1;
      got_q <= push ? 2'd0 : got_q + {1'b0, answer_i};
    end
    if (answer_i && got_q == 2'd0) word0_q <= answer_data_i;
    if (answer_i && got_q == 2'd1) word1_q <= answer_data_i;
  end

  assign quiet_o = state_q == IDLE && !start && queue_count == 2'd0;

  `LIB_ASSERT(a_answers_are_awaited, !answer_i || got_q != 2'd2)
endmodule
