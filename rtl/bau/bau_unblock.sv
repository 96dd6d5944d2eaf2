// Unblocks that wait for the engine: one place for each hart. README, Engine and Registers.
//
// Contract: an unblock offered with `unblock_i` is stored at the edge if `room_o`, which is: the hart's place is free or holds the
// same entry. `waits_o`, `ite_o`, `partition_o` and `owned_o` show the next one in turn; `take_i` frees its place, unless the same
// hart offers again in that cycle. Cost: 8 addresses, one round-robin arbiter.
module bau_unblock (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [1:0]  pt_valid_i,
  input  logic [15:0] pt_harts_i,
  input  logic        unblock_i,
  input  logic [2:0]  hart_i,
  input  logic [55:0] ite_i,
  output logic        room_o,
  input  logic        take_i,
  output logic        waits_o,
  output logic [55:0] ite_o,
  output logic        partition_o,  // the lowest valid partition with the hart
  output logic        owned_o       // there is one
);
  logic [7:0]  pending_q, pending_d;
  logic [55:0] ite_mem [0:7];
  logic [2:0]  next_hart;
  lib_arbiter #(.Requesters(8)) u_turn (
    .clk_i, .rst_ni, .request_i(pending_q), .accept_i(take_i), .valid_o(waits_o), .index_o(next_hart)
  );

  assign room_o = !pending_q[hart_i] || ite_mem[hart_i] == ite_i;
  always_comb begin
    pending_d = pending_q;
    if (take_i) pending_d[next_hart] = 1'b0;
    if (unblock_i && room_o) pending_d[hart_i] = 1'b1;
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) pending_q <= 8'd0;
    else pending_q <= pending_d;
    if (unblock_i && room_o) ite_mem[hart_i] <= ite_i;
  end

  logic in_first, in_second;
  assign in_first    = pt_valid_i[0] && pt_harts_i[{1'b0, next_hart}];
  assign in_second   = pt_valid_i[1] && pt_harts_i[{1'b1, next_hart}];
  assign owned_o     = in_first || in_second;
  assign partition_o = !in_first;
  assign ite_o       = ite_mem[next_hart];
endmodule
