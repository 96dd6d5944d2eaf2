// Round-robin arbiter.
//
// Contract: `index_o` is the first requester after the last winner, cyclically (after reset: the lowest); `valid_o`
// says that there is one. Both are combinational from `request_i`. The turn moves only at an edge with `accept_i`,
// so a user that holds its grant for a packet accepts once, at the end or at the start, and keeps the index itself.
// Cost: one rotate and one priority encoder of Requesters bits.
module lib_arbiter #(
  parameter int Requesters = 2,
  localparam int IndexWidth = $clog2(Requesters)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [Requesters-1:0] request_i,
  input  logic                  accept_i,
  output logic                  valid_o,
  output logic [IndexWidth-1:0] index_o
);
  logic [Requesters-1:0] after_q;  // set for the requesters above the last winner: they go first
  logic [Requesters-1:0] first, chosen, lowest, upto;

  assign valid_o = |request_i;
  assign first   = request_i & after_q;
  assign chosen  = |first ? first : request_i;
  assign lowest  = chosen & (~chosen + 1'b1);
  assign upto    = lowest | (lowest - 1'b1);

  always_comb begin
    index_o = '0;
    for (int i = 0; i < Requesters; i++) begin
      if (lowest[i]) index_o = index_o | IndexWidth'(i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) after_q <= '0;
    else if (accept_i && valid_o) after_q <= ~upto;
  end

  `LIB_ASSERT(a_index_requests, !valid_o || request_i[index_o])
  `LIB_COVER(c_contended, accept_i && (request_i & (request_i - 1'b1)) != '0)
  `LIB_COVER(c_wraps, accept_i && valid_o && first == '0 && after_q != '0)
endmodule
