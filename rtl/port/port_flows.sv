// Learned flows: 32 of each function, at the index of the hash. The tuples lie in RAM, validity in registers, since forgetting a
// function's entries takes one cycle.
module port_flows (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [3:0]   func_i,
  input  logic [4:0]   index_i,
  output logic         valid_o,     // of the entry at func_i, index_i
  output logic [103:0] tuple_o,     // protocol, local port, remote port, local address, remote address
  input  logic         learn_i,     // that entry becomes learn_tuple_i
  input  logic [103:0] learn_tuple_i,
  input  logic         forget_i,
  input  logic [3:0]   forget_func_i,
  output logic [9:0]   count_o,     // valid entries
  output logic [5:0]   forgotten_o  // valid entries of forget_func_i
);
  logic [103:0] tuple_mem [0:511];
  logic [511:0] valid_q;
  logic [31:0]  owned;
  logic [9:0]   count_q;
  logic         adds;

  assign valid_o = valid_q[{func_i, index_i}];
  assign tuple_o = tuple_mem[{func_i, index_i}];
  assign owned   = valid_q[{forget_func_i, 5'd0} +: 32];

  assign count_o = count_q;
  assign adds    = learn_i && !valid_o && !(forget_i && forget_func_i == func_i);

  always_comb begin
    forgotten_o = '0;
    for (int i = 0; i < 32; i++) forgotten_o = forgotten_o + {5'b0, owned[i]};
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      count_q <= '0;
    end else begin
      count_q <= count_q + {9'b0, adds} - (forget_i ? {4'b0, forgotten_o} : 10'd0);
      if (learn_i) valid_q[{func_i, index_i}] <= 1'b1;
      if (forget_i) valid_q[{forget_func_i, 5'd0} +: 32] <= '0;
    end
    if (learn_i) tuple_mem[{func_i, index_i}] <= learn_tuple_i;
  end
endmodule
