// Forward branches of the block being assembled that wait for their targets.
//
// Contract: `add_i` takes the first free place, if there is one. `resolve_i` marks the waiting branches to `at_i` with slot `slot_i`. `near_o` says that the
// branch in slot `query_i` has found its target, in slot `index_o`; combinational. `clear_i` empties all places.
module clb_pending (
  input  logic        clk_i,
  input  logic        clear_i,
  input  logic        add_i,
  input  logic [10:0] target_i,
  input  logic        resolve_i,
  input  logic [10:0] at_i,
  input  logic [4:0]  slot_i,
  input  logic [4:0]  query_i,
  output logic        near_o,
  output logic [4:0]  index_o
);
  localparam int PLACES = clb_pkg::CLB_PENDING;

  logic [PLACES-1:0]   valid_q, resolved_q, first, match;
  logic [PLACES*5-1:0] chosen;

  assign first  = ~valid_q & (valid_q + 1'b1);
  assign near_o = |match;

  for (genvar i = 0; i < PLACES; i++) begin : g_place
    logic [10:0] target_q;
    logic [4:0]  slot_q, index_q;

    assign match[i]         = valid_q[i] && resolved_q[i] && slot_q == query_i;
    assign chosen[5*i +: 5] = match[i] ? index_q : 5'd0;

    always_ff @(posedge clk_i) begin
      if (clear_i) begin
        valid_q[i]    <= 1'b0;
        resolved_q[i] <= 1'b0;
      end else begin
        if (add_i && first[i]) begin
          valid_q[i] <= 1'b1;
          target_q   <= target_i;
          slot_q     <= slot_i;
        end
        if (resolve_i && valid_q[i] && !resolved_q[i] && target_q == at_i) begin
          resolved_q[i] <= 1'b1;
          index_q       <= slot_i;
        end
      end
    end
  end

  always_comb begin
    index_o = 5'd0;
    for (int i = 0; i < PLACES; i++) index_o = index_o | chosen[5*i +: 5];
  end
endmodule
