// Learned flows: 8 sets of 4 of each function. The tuples lie in RAM, one memory a way; validity in registers, since forgetting a
// function's entries takes one cycle. A flow that is in its set already stays where it is; a new one takes the set's ways in turn.
module port_flows (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [3:0]   func_i,
  input  logic [2:0]   set_i,
  input  logic [103:0] tuple_i,     // protocol, local port, remote port, local address, remote address
  output logic         hit_o,       // it is among the valid ones of func_i, set_i
  input  logic         learn_i,     // it becomes one of them
  input  logic         forget_i,
  input  logic [3:0]   forget_func_i,
  output logic [9:0]   count_o,     // valid entries
  output logic [5:0]   forgotten_o  // valid entries of forget_func_i
);
  logic [511:0] valid_q;
  logic [255:0] next_q;   // of each set, the way that a new flow takes; it may begin with any
  logic [3:0]   match;
  logic [31:0]  owned;
  logic [9:0]   count_q;
  logic [1:0]   way;
  logic         takes, adds;

  for (genvar w = 0; w < 4; w++) begin : g_way
    logic [103:0] tuple_mem [0:127];
    assign match[w] = valid_q[{func_i, set_i, 2'(w)}] && tuple_mem[{func_i, set_i}] == tuple_i;
    always_ff @(posedge clk_i) begin
      if (takes && way == 2'(w)) tuple_mem[{func_i, set_i}] <= tuple_i;
    end
  end

  assign hit_o   = |match;
  assign way     = next_q[{func_i, set_i, 1'b0} +: 2];
  assign takes   = learn_i && !hit_o;
  assign owned   = valid_q[{forget_func_i, 5'd0} +: 32];
  assign count_o = count_q;
  assign adds    = takes && !valid_q[{func_i, set_i, way}] && !(forget_i && forget_func_i == func_i);

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
      if (takes) next_q[{func_i, set_i, 1'b0} +: 2] <= way + 2'd1;
      if (takes) valid_q[{func_i, set_i, way}] <= 1'b1;
      if (forget_i) valid_q[{forget_func_i, 5'd0} +: 32] <= '0;
    end
  end
endmodule
