// Learned flows: 64 entries at the index of the hash. The tuples lie in RAM, validity and owner in registers, since
// forgetting a function's entries takes one cycle.
module port_flows (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [5:0]   index_i,
  output logic         valid_o,     // of the entry at index_i
  output logic [3:0]   owner_o,
  output logic [103:0] tuple_o,     // protocol, local port, remote port, local address, remote address
  input  logic         learn_i,     // the entry at index_i becomes learn_owner_i's
  input  logic [3:0]   learn_owner_i,
  input  logic [103:0] learn_tuple_i,
  input  logic         forget_i,
  input  logic [3:0]   forget_owner_i,
  output logic [6:0]   count_o,     // valid entries
  output logic [6:0]   forgotten_o  // valid entries of forget_owner_i
);
  logic [103:0] tuple_mem [0:63];
  logic [63:0]  valid_q, owned;
  logic [255:0] owner_q;

  assign valid_o = valid_q[index_i];
  assign owner_o = owner_q[{index_i, 2'b00} +: 4];
  assign tuple_o = tuple_mem[index_i];

  always_comb begin
    count_o     = '0;
    forgotten_o = '0;
    for (int i = 0; i < 64; i++) begin
      owned[i]    = valid_q[i] && owner_q[4*i +: 4] == forget_owner_i;
      count_o     = count_o + {6'b0, valid_q[i]};
      forgotten_o = forgotten_o + {6'b0, owned[i]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      owner_q <= '0;
    end else begin
      for (int i = 0; i < 64; i++) begin
        if (learn_i && index_i == 6'(i)) begin
          valid_q[i]         <= !(forget_i && learn_owner_i == forget_owner_i);
          owner_q[4*i +: 4]  <= learn_owner_i;
        end else if (forget_i && owned[i]) begin
          valid_q[i] <= 1'b0;
        end
      end
    end
    if (learn_i) tuple_mem[index_i] <= learn_tuple_i;
  end
endmodule
