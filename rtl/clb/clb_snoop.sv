// The snoop that waits or is being carried out: which of a row's entries it kills, and the epoch.
//
// Contract: `flush_i` or `snooped_i` makes it pending until `ends_i`, the last cycle of the scan. While `scanning_i`, `scanned_o` names the ways of the row at
// the inputs that die; how many they were is at `killed_o` one cycle later.
module clb_snoop (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        flush_i,
  input  logic        snooped_i,
  input  logic [49:0] snoop_line_i,
  input  logic        snoop_all_i,
  input  logic [1:0]  snoop_cause_i,
  input  logic        scanning_i,
  input  logic        ends_i,
  input  logic [1:0]  valid_i,
  input  logic [43:0] page0_i,
  input  logic [43:0] page1_i,
  input  logic [63:0] mask0_i,
  input  logic [63:0] mask1_i,
  input  logic [61:0] info0_i,
  input  logic [61:0] info1_i,
  output logic        pending_o,
  output logic        all_o,
  output logic [49:0] line_o,
  output logic [1:0]  scanned_o,
  output logic [1:0]  killed_o,
  output logic [1:0]  killed_cause_o,
  output logic [31:0] epoch_o
);
  logic        pending_q, all_q;
  logic [49:0] line_q;
  logic [1:0]  cause_q;
  logic [31:0] epoch_q;

  assign pending_o = pending_q;
  assign all_o     = all_q;
  assign line_o    = line_q;
  assign epoch_o   = epoch_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pending_q <= 1'b0;
    end else if (flush_i) begin
      pending_q <= 1'b1;
      all_q     <= 1'b1;
      line_q    <= 50'd0;
      cause_q   <= 2'(clb_pkg::CLB_CAUSE_FLUSH);
    end else if (snooped_i) begin
      pending_q <= 1'b1;
      all_q     <= snoop_all_i;
      line_q    <= snoop_line_i;
      cause_q   <= snoop_cause_i;
    end else if (ends_i) begin
      pending_q <= 1'b0;
    end
  end

  assign scanned_o[0] = valid_i[0] && (all_q || (page0_i == line_q[49:6] && mask0_i[line_q[5:0]])
                        || (info0_i[17] && info0_i[61:18] == line_q[49:6] && line_q[5:0] == 6'd0));
  assign scanned_o[1] = valid_i[1] && (all_q || (page1_i == line_q[49:6] && mask1_i[line_q[5:0]])
                        || (info1_i[17] && info1_i[61:18] == line_q[49:6] && line_q[5:0] == 6'd0));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      killed_o       <= 2'd0;
      killed_cause_o <= 2'd0;
      epoch_q        <= 32'd0;
    end else begin
      killed_o       <= scanning_i ? {1'b0, scanned_o[0]} + {1'b0, scanned_o[1]} : 2'd0;
      killed_cause_o <= scanning_i && scanned_o != 2'b00 ? cause_q : 2'd0;
      if (ends_i && all_q) epoch_q <= epoch_q + 32'd1;
    end
  end
endmodule
