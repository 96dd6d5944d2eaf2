// How a block goes on after an instruction. Combinational.
module clb_route (
  input  logic [1:0]  flow_i,       // straight, branch, jump, leave
  input  logic [10:0] at_i,
  input  logic        wide_i,
  input  logic [31:0] offset_i,     // immediate of the last native op
  input  logic [10:0] start_i,      // first instruction of the block
  input  logic        keep_i,       // the block will be kept
  input  logic [5:0]  prediction_i,
  output logic [10:0] next_o,
  output logic [10:0] opposite_o,
  output logic [10:0] target_o,
  output logic        stop_o,
  output logic        far_o,
  output logic        taken_o,
  output logic        near_o,
  output logic        wait_o        // the target may still join the block
);
  localparam logic [10:0] NEAR_HALVES = 11'(clb_pkg::CLB_NEAR_BYTES / 2);

  logic [11:0] fall;
  logic [32:0] to;
  logic [10:0] ahead;
  logic        in_page, predicted;

  assign fall      = {1'b0, at_i} + (wide_i ? 12'd2 : 12'd1);
  assign to        = {21'd0, at_i, 1'b0} + {offset_i[31], offset_i};
  assign in_page   = to[32:12] == 21'd0;
  assign target_o  = to[11:1];
  assign ahead     = target_o - at_i;
  assign predicted = prediction_i[0] ? prediction_i[1] : offset_i[31];

  always_comb begin
    next_o     = fall[10:0];
    stop_o     = fall[11];
    opposite_o = 11'd0;
    far_o      = 1'b0;
    taken_o    = 1'b0;
    near_o     = 1'b0;
    wait_o     = 1'b0;
    case (flow_i)
      2'd0: ;
      2'd1: begin
        if (in_page && keep_i && target_o == start_i) begin
          near_o = 1'b1;
        end else if (predicted) begin
          far_o      = 1'b1;
          taken_o    = 1'b1;
          opposite_o = fall[11] ? 11'd0 : fall[10:0];
          next_o     = target_o;
          stop_o     = !in_page;
        end else begin
          far_o      = 1'b1;
          opposite_o = in_page ? target_o : 11'd0;
          wait_o     = in_page && target_o > at_i && ahead < NEAR_HALVES && keep_i;
        end
      end
      2'd2: begin
        next_o = target_o;
        stop_o = !in_page;
      end
      default: begin
        next_o = 11'd0;
        stop_o = 1'b1;
      end
    endcase
  end
endmodule
