// Simple dual-port RAM: one synchronous read port, one write port.
//
// Contract: `rdata_o` in cycle t+1 is the word that `raddr_i` selected in cycle t, if `re_i` was set; otherwise the
// output holds. A read and a write of the same word at the same edge read the old word. Not reset: the user keeps
// valid bits or clears the words itself. Cost: Words x Width bits of RAM.
module lib_ram #(
  parameter int Width = 64,
  parameter int Words = 64,
  localparam int AddrWidth = $clog2(Words)
) (
  input  logic                 clk_i,
  input  logic                 re_i,
  input  logic [AddrWidth-1:0] raddr_i,
  output logic [Width-1:0]     rdata_o,
  input  logic                 we_i,
  input  logic [AddrWidth-1:0] waddr_i,
  input  logic [Width-1:0]     wdata_i
);
  logic [Width-1:0] mem [0:Words-1];

  always_ff @(posedge clk_i) begin
    if (re_i) rdata_o <= mem[raddr_i];
    if (we_i) mem[waddr_i] <= wdata_i;
  end
endmodule
