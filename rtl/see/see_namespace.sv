// Namespace 1 of every function: attached or not, size, and the extents that say where its blocks lie.
// README section 8, REG (access) and RING (lookup).
module see_namespace
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  input  logic        commit_i,
  input  logic [4:0]  fn_i,
  input  logic [1:0]  extent_i,
  // the words of fn_i and extent_i of the cycle before
  output logic        attached_o,  // of fn_i now
  output logic [63:0] size_o,
  output logic [63:0] first_o,
  output logic [63:0] length_o,
  output logic [63:0] target_o,
  output logic [63:0] remote_o,
  // REG writes
  input  logic        attached_we_i,
  input  logic        size_we_i,
  input  logic [3:0]  extent_we_i,  // first, length, target, remote
  input  logic [63:0] data_i,
  // lookup: while lookup_i, extent_i of the cycle before is tried; the lowest that holds lba_i stays
  input  logic        lookup_start_i,
  input  logic        lookup_i,
  input  logic [63:0] lba_i,
  output logic [63:0] found_target_o,
  output logic [63:0] found_lba_o,
  output logic [31:0] found_blocks_o
);
  logic [16:0] attached_q;
  logic        clear, clear_functions;
  logic [6:0]  address;
  logic [63:0] data;
  assign clear           = init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS * 4);
  assign clear_functions = init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS);
  assign address         = init_i ? init_index_i[6:0] : {fn_i, extent_i};
  assign data            = init_i ? 64'd0 : data_i;
  assign attached_o      = attached_q[fn_i];

  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS)) u_size (
    .clk_i, .re_i(1'b1), .raddr_i(fn_i), .rdata_o(size_o), .we_i(clear_functions || (commit_i && size_we_i)),
    .waddr_i(init_i ? init_index_i[4:0] : fn_i), .wdata_i(data)
  );
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS * 4)) u_first (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent_i}), .rdata_o(first_o), .we_i(clear || (commit_i && extent_we_i[0])),
    .waddr_i(address), .wdata_i(data)
  );
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS * 4)) u_length (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent_i}), .rdata_o(length_o), .we_i(clear || (commit_i && extent_we_i[1])),
    .waddr_i(address), .wdata_i(data)
  );
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS * 4)) u_target (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent_i}), .rdata_o(target_o), .we_i(clear || (commit_i && extent_we_i[2])),
    .waddr_i(address), .wdata_i(data)
  );
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS * 4)) u_remote (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent_i}), .rdata_o(remote_o), .we_i(clear || (commit_i && extent_we_i[3])),
    .waddr_i(address), .wdata_i(data)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) attached_q <= '0;
    else if (commit_i && attached_we_i) attached_q[fn_i] <= data_i[0];
  end

  // --- lookup ----------------------------------------------------------------------------------------
  logic        found_q;
  logic [63:0] target_q, remote_lba_q;
  logic [31:0] blocks_q;
  logic [63:0] into, rest;
  assign into         = lba_i - first_o;
  assign rest           = length_o - into;
  assign found_target_o = target_q;
  assign found_lba_o    = remote_lba_q;
  assign found_blocks_o = blocks_q;

  always_ff @(posedge clk_i) begin
    if (lookup_start_i) begin
      found_q      <= 1'b0;
      target_q     <= 64'd0;
      remote_lba_q <= 64'd0;
      blocks_q     <= 32'd0;
    end else if (lookup_i && !found_q && lba_i >= first_o && into < length_o) begin
      found_q      <= 1'b1;
      target_q     <= target_o;
      remote_lba_q <= remote_o + into;
      blocks_q     <= (rest > 64'h00000000_ffffffff) ? 32'hffffffff : rest[31:0];
    end
  end
endmodule
