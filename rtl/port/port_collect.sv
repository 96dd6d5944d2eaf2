// Collector of one direction: the beats of a header, until the fields stage takes it.
module port_collect (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         valid_i,
  input  logic         sop_i,
  input  logic         eop_i,
  input  logic [4:0]   source_i,
  input  logic [13:0]  length_i,
  input  logic [63:0]  data_i,
  output logic         ready_o,
  output logic         whole_o,
  output logic         begun_o,
  output logic [767:0] header_o,
  output logic [4:0]   source_o,
  output logic [13:0]  length_o,
  input  logic         take_i
);
  logic [767:0] header_q;
  logic [3:0]   beats_q, place;
  logic         begun_q, whole_q, starts, taken;
  logic [4:0]   source_q;
  logic [13:0]  length_q;

  assign ready_o  = !whole_q;
  assign whole_o  = whole_q;
  assign begun_o  = begun_q;
  assign header_o = header_q;
  assign source_o = source_q;
  assign length_o = length_q;
  assign taken    = valid_i && ready_o;
  assign starts   = sop_i || !begun_q;
  assign place    = starts ? 4'd0 : beats_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      begun_q <= 1'b0;
      whole_q <= 1'b0;
    end else if (taken) begin
      for (int b = 0; b < 12; b++) begin
        if (place == 4'(b)) header_q[64*b +: 64] <= data_i;
        else if (starts) header_q[64*b +: 64] <= '0;
      end
      beats_q  <= place == 4'd12 ? 4'd12 : place + 4'd1;
      begun_q  <= 1'b1;
      whole_q  <= eop_i;
      source_q <= source_i;
      length_q <= length_i;
    end else if (take_i) begin
      begun_q <= 1'b0;
      whole_q <= 1'b0;
    end
  end

  `LIB_ASSERT(a_take_whole, !take_i || whole_q)
endmodule
