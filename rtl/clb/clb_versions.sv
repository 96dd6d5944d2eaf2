// Versions of guest lines: a write to a line gives it a new version, so that blocks in the conversion buffer show their age.
//
// Contract: `version_o` is combinational from `index_i`. `bump_i` adds one to entry `bump_index_i` at the edge, `clear_i` sets it to 0.
module clb_versions (
  input  logic        clk_i,
  input  logic [9:0]  index_i,
  output logic [31:0] version_o,
  input  logic        clear_i,
  input  logic        bump_i,
  input  logic [9:0]  bump_index_i
);
  logic [31:0] mem [0:clb_pkg::CLB_VERSIONS-1];

  assign version_o = mem[index_i];

  always_ff @(posedge clk_i) begin
    if (clear_i || bump_i) mem[bump_index_i] <= clear_i ? 32'd0 : mem[bump_index_i] + 32'd1;
  end
endmodule
