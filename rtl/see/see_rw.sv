// RW: writes descriptors into the firmware ring, word by word, and moves the producer index when they are in memory.
// README section 7.
module see_rw
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [31:0] base_i,
  input  logic [3:0]  log2_i,
  output logic [15:0] produced_o,
  // ringq
  input  logic        push_i,
  input  logic        is_command_i,
  input  logic [5:0]  slot_i,
  input  logic [63:0] word8_i,
  input  logic [63:0] word9_i,
  input  logic [63:0] word10_i,
  input  logic [63:0] word11_i,
  input  logic [63:0] word12_i,
  input  logic [31:0] word13_i,
  output logic        ready_o,
  // SQE RAM: the word of sqe_addr_o is there in the next cycle
  output logic        sqe_re_o,
  output logic [8:0]  sqe_addr_o,
  input  logic [63:0] sqe_data_i,
  // NIC memory writes
  output logic        nw_push_o,
  output logic [31:0] nw_addr_o,
  output logic [63:0] nw_data_o,
  input  logic        nw_ready_i,
  input  logic        nw_empty_i,
  output logic        quiet_o
);
  typedef enum logic [1:0] {IDLE, W, F} state_e;

  state_e      state_q, state_d;
  logic [3:0]  k_q;
  logic [15:0] produced_q, masked;
  logic        is_command_q;
  logic [5:0]  slot_q;
  logic [63:0] word8_q, word9_q, word10_q, word11_q, word12_q;
  logic [31:0] word13_q;

  // --- ringq -------------------------------------------------------------------------------------------
  logic        pop, valid, is_command, ready_b, valid_b, ready_c, valid_c;
  logic [5:0]  slot;
  logic [63:0] word8, word9, word10, word11, word12;
  logic [31:0] word13;
  logic [1:0]  count, count_b, count_c;
  lib_beat_fifo #(.SideWidth(39), .Depth(2)) u_ringq_a (
    .clk_i, .rst_ni, .push_i, .data_i(word8_i), .side_i({is_command_i, slot_i, word13_i}), .ready_o, .valid_o(valid),
    .data_o(word8), .side_o({is_command, slot, word13}), .pop_i(pop), .count_o(count)
  );
  lib_beat_fifo #(.SideWidth(64), .Depth(2)) u_ringq_b (
    .clk_i, .rst_ni, .push_i, .data_i(word9_i), .side_i(word10_i), .ready_o(ready_b), .valid_o(valid_b),
    .data_o(word9), .side_o(word10), .pop_i(pop), .count_o(count_b)
  );
  lib_beat_fifo #(.SideWidth(64), .Depth(2)) u_ringq_c (
    .clk_i, .rst_ni, .push_i, .data_i(word11_i), .side_i(word12_i), .ready_o(ready_c), .valid_o(valid_c),
    .data_o(word11), .side_o(word12), .pop_i(pop), .count_o(count_c)
  );

  // --- one word a cycle ----------------------------------------------------------------------------
  assign pop        = state_q == IDLE && valid;
  assign nw_push_o  = state_q == W && nw_ready_i;
  assign masked     = produced_q & ((16'd1 << log2_i) - 16'd1);
  assign nw_addr_o  = base_i + {9'd0, masked, k_q, 3'd0};
  assign produced_o = produced_q;
  assign sqe_re_o   = pop || nw_push_o;
  assign sqe_addr_o = pop ? {slot, 3'd0} : {slot_q, k_q[2:0] + 3'd1};

  always_comb begin
    nw_data_o = 64'd0;
    if (!k_q[3]) nw_data_o = is_command_q ? sqe_data_i : 64'd0;
    else begin
      case (k_q[2:0])
        3'd0: nw_data_o = word8_q;
        3'd1: nw_data_o = word9_q;
        3'd2: nw_data_o = word10_q;
        3'd3: nw_data_o = word11_q;
        3'd4: nw_data_o = word12_q;
        3'd5: nw_data_o = {32'd0, word13_q};
        default: nw_data_o = 64'd0;
      endcase
    end
  end

  always_comb begin
    state_d = state_q;
    case (state_q)
      IDLE: if (valid) state_d = W;
      W: if (nw_push_o && k_q == 4'd15) state_d = F;
      default: if (nw_empty_i) state_d = IDLE;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q    <= IDLE;
      produced_q <= 16'd0;
    end else begin
      state_q <= state_d;
      if (state_q == F && nw_empty_i) produced_q <= produced_q + 16'd1;
    end
    if (pop) k_q <= 4'd0;
    else if (nw_push_o) k_q <= k_q + 4'd1;
    if (pop) begin
      is_command_q <= is_command;
      slot_q       <= slot;
      word8_q      <= word8;
      word9_q      <= word9;
      word10_q     <= word10;
      word11_q     <= word11;
      word12_q     <= word12;
      word13_q     <= word13;
    end
  end

  assign quiet_o = state_q == IDLE && count == 2'd0;

  logic unused;
  assign unused = &{1'b0, ready_b, valid_b, count_b, ready_c, valid_c, count_c};
endmodule
