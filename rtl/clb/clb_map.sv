// The conversion lookaside buffer itself: two ways of entries that map a guest block to its native block.
//
// Contract: everything of row `row_i` is at the outputs, combinational. At an edge `kill_i` makes ways of row `kill_row_i` void, `install_i` writes one,
// `touch_i` notes that it was used, `clear_i` empties the row; for install and clear both rows are the same one. An entry is {next page, split, dirty, large,
// count, chunk} beside key and mask.
module clb_map (
  input  logic        clk_i,
  input  logic [9:0]  row_i,
  input  logic [9:0]  kill_row_i,
  input  logic        clear_i,
  input  logic [1:0]  kill_i,
  input  logic        install_i,
  input  logic        touch_i,
  input  logic        way_i,          // of install and touch
  input  logic [59:0] key_i,
  input  logic [63:0] mask_i,
  input  logic [61:0] info_i,
  output logic [1:0]  valid_o,
  output logic        recent_o,
  output logic [59:0] key0_o,
  output logic [59:0] key1_o,
  output logic [63:0] mask0_o,
  output logic [63:0] mask1_o,
  output logic [61:0] info0_o,
  output logic [61:0] info1_o
);
  localparam int ROWS = clb_pkg::CLB_ROWS;

  logic        valid0_mem [0:ROWS-1];
  logic        valid1_mem [0:ROWS-1];
  logic        recent_mem [0:ROWS-1];
  logic [59:0] key0_mem   [0:ROWS-1];
  logic [59:0] key1_mem   [0:ROWS-1];
  logic [63:0] mask0_mem  [0:ROWS-1];
  logic [63:0] mask1_mem  [0:ROWS-1];
  logic [61:0] info0_mem  [0:ROWS-1];
  logic [61:0] info1_mem  [0:ROWS-1];
  logic        install0, install1;

  assign valid_o  = {valid1_mem[row_i], valid0_mem[row_i]};
  assign recent_o = recent_mem[row_i];
  assign key0_o   = key0_mem[row_i];
  assign key1_o   = key1_mem[row_i];
  assign mask0_o  = mask0_mem[row_i];
  assign mask1_o  = mask1_mem[row_i];
  assign info0_o  = info0_mem[row_i];
  assign info1_o  = info1_mem[row_i];
  assign install0 = install_i && !way_i;
  assign install1 = install_i && way_i;

  always_ff @(posedge clk_i) begin
    if (clear_i || kill_i[0] || install0) valid0_mem[kill_row_i] <= install0;
    if (clear_i || kill_i[1] || install1) valid1_mem[kill_row_i] <= install1;
    if (clear_i || install_i || touch_i) recent_mem[row_i] <= way_i && !clear_i;
    if (install0) begin
      key0_mem[row_i]  <= key_i;
      mask0_mem[row_i] <= mask_i;
      info0_mem[row_i] <= info_i;
    end
    if (install1) begin
      key1_mem[row_i]  <= key_i;
      mask1_mem[row_i] <= mask_i;
      info1_mem[row_i] <= info_i;
    end
  end
endmodule
