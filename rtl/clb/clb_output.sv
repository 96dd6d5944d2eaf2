// The output register of ops.
//
// Contract: `forward_i` loads an op of the native cache, `emit_i` an answer that is no block; both only while the register is `free_i`. It is empty, with
// every field 0, when it is free and nothing is loaded.
module clb_output (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        free_i,
  input  logic        forward_i,
  input  logic        emit_i,
  input  logic [63:0] word_i,
  input  logic [40:0] side_i,
  input  logic        last_i,
  input  logic [3:0]  tag_i,
  input  logic [2:0]  result_i,       // of what is emitted
  input  logic [10:0] at_i,           // of what is emitted
  output logic        op_valid_o,
  output logic [63:0] op_word_o,
  output logic [1:0]  op_kind_o,
  output logic [10:0] op_at_o,
  output logic [10:0] op_next_o,
  output logic        op_last_o,
  output logic        op_far_o,
  output logic        op_taken_o,
  output logic        op_near_o,
  output logic [4:0]  op_index_o,
  output logic [10:0] op_opposite_o,
  output logic [3:0]  op_tag_o
);
  always_ff @(posedge clk_i) begin
    if (!rst_ni || (free_i && !forward_i && !emit_i)) begin
      op_valid_o    <= 1'b0;
      op_word_o     <= 64'd0;
      op_kind_o     <= 2'd0;
      op_at_o       <= 11'd0;
      op_next_o     <= 11'd0;
      op_opposite_o <= 11'd0;
      op_index_o    <= 5'd0;
      op_near_o     <= 1'b0;
      op_far_o      <= 1'b0;
      op_taken_o    <= 1'b0;
      op_last_o     <= 1'b0;
      op_tag_o      <= 4'd0;
    end else if (forward_i) begin
      op_valid_o    <= 1'b1;
      op_word_o     <= word_i;
      op_kind_o     <= 2'(clb_pkg::CLB_OP_NATIVE);
      op_at_o       <= side_i[10:0];
      op_next_o     <= side_i[21:11];
      op_opposite_o <= side_i[32:22];
      op_index_o    <= side_i[37:33];
      op_near_o     <= side_i[38];
      op_far_o      <= side_i[39];
      op_taken_o    <= side_i[40];
      op_last_o     <= last_i;
      op_tag_o      <= tag_i;
    end else if (emit_i) begin
      op_valid_o    <= 1'b1;
      op_word_o     <= 64'd0;
      op_kind_o     <= result_i == clb_types::RESULT_MISS ? 2'(clb_pkg::CLB_OP_MISS) :
                       result_i == clb_types::RESULT_NEXT ? 2'(clb_pkg::CLB_OP_NEXT) : 2'(clb_pkg::CLB_OP_FAULT);
      op_at_o       <= at_i;
      op_next_o     <= 11'd0;
      op_opposite_o <= 11'd0;
      op_index_o    <= 5'd0;
      op_near_o     <= 1'b0;
      op_far_o      <= 1'b0;
      op_taken_o    <= 1'b0;
      op_last_o     <= 1'b1;
      op_tag_o      <= tag_i;
    end
  end
endmodule
