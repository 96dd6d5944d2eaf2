// Namespace 1 of every function: attached or not, bytes of a block, size, and the extents that say where its blocks lie.
// README section 8, REG (access) and RING (parts of a command).
module see_namespace
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  input  logic        commit_i,
  input  logic [4:0]  fn_i,
  // REG
  input  logic        access_i,
  input  logic [2:0]  extent_i,
  // the words of fn_i and of the extent of the cycle before
  output logic        attached_o,  // of fn_i now
  output logic [1:0]  shift_o,     // likewise: a block has 512 << shift_o bytes
  output logic [63:0] size_o,
  output logic [63:0] first_o,
  output logic [63:0] length_o,
  output logic [63:0] remote_o,
  output logic [11:0] map_o,       // MEMBER, CHUNK, WIDTH
  output logic [63:0] target_o,
  input  logic        attached_we_i,
  input  logic        size_we_i,
  input  logic [4:0]  extent_we_i,  // first, length, remote, map, target
  input  logic [63:0] data_i,
  // RING: the lookup runs from step 7 to 34
  input  logic        lookup_i,
  input  logic [7:0]  step_i,
  input  logic [63:0] lba_i,
  input  logic [16:0] rest_i,       // blocks that are asked for
  output logic [63:0] found_target_o,
  output logic [63:0] found_lba_o,
  output logic [16:0] found_blocks_o
);
  localparam int Words = see_pkg::SEE_NUM_FUNCTIONS * see_pkg::SEE_NUM_EXTENTS;
  localparam logic [7:0] FIRST_STEP = 8'd7;    // the address of extent 0
  localparam logic [7:0] DIVIDE_STEP = 8'd17;  // 4 bits of the quotient a step, 16 steps

  logic [16:0] attached_q;
  logic [33:0] shift_q;  // two bits a function
  logic        clear, clear_functions;
  logic [2:0]  extent, member;
  logic [7:0]  address;
  logic [63:0] data;
  assign clear           = init_i && init_index_i < 12'(Words);
  assign clear_functions = init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS);
  assign address         = init_i ? init_index_i[7:0] : {fn_i, extent};
  assign data            = init_i ? 64'd0 : data_i;
  assign attached_o      = attached_q[fn_i];
  assign shift_o         = shift_q[{fn_i, 1'b0} +: 2];
  assign extent          = access_i ? extent_i : (step_i >= DIVIDE_STEP) ? member : 3'(step_i - FIRST_STEP);

  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS)) u_size (
    .clk_i, .re_i(1'b1), .raddr_i(fn_i), .rdata_o(size_o), .we_i(clear_functions || (commit_i && size_we_i)),
    .waddr_i(init_i ? init_index_i[4:0] : fn_i), .wdata_i(data)
  );
  lib_ram #(.Width(64), .Words(Words)) u_first (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent}), .rdata_o(first_o), .we_i(clear || (commit_i && extent_we_i[0])),
    .waddr_i(address), .wdata_i(data)
  );
  lib_ram #(.Width(64), .Words(Words)) u_length (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent}), .rdata_o(length_o), .we_i(clear || (commit_i && extent_we_i[1])),
    .waddr_i(address), .wdata_i(data)
  );
  lib_ram #(.Width(64), .Words(Words)) u_remote (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent}), .rdata_o(remote_o), .we_i(clear || (commit_i && extent_we_i[2])),
    .waddr_i(address), .wdata_i(data)
  );
  lib_ram #(.Width(12), .Words(Words)) u_map (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent}), .rdata_o(map_o), .we_i(clear || (commit_i && extent_we_i[3])),
    .waddr_i(address), .wdata_i({data[18:16], data[12:8], data[3:0]})
  );
  lib_ram #(.Width(64), .Words(Words)) u_target (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, extent}), .rdata_o(target_o), .we_i(clear || (commit_i && extent_we_i[4])),
    .waddr_i(address), .wdata_i(data)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      attached_q <= '0;
      shift_q    <= '0;
    end else if (commit_i && attached_we_i) begin
      attached_q[fn_i]           <= data_i[see_pkg::SEE_FN_NS_ATTACHED_LSB];
      shift_q[{fn_i, 1'b0} +: 2] <= data_i[see_pkg::SEE_FN_NS_BLOCK_SHIFT_LSB +: 2];
    end
  end

  // --- the lowest extent that holds lba_i: extent_i of the step before is tried ----------------------------
  logic        found_q;
  logic [63:0] into_q, length_q, remote_q, into;
  logic [11:0] map_q;
  assign into = lba_i - first_o;
  always_ff @(posedge clk_i) begin
    if (lookup_i && step_i == FIRST_STEP) begin
      found_q <= 1'b0;
    end else if (lookup_i && step_i > FIRST_STEP && step_i <= FIRST_STEP + 8'd8 && !found_q && lba_i >= first_o && into < length_o) begin
      found_q  <= 1'b1;
      into_q   <= into;
      length_q <= length_o;
      remote_q <= remote_o;
      map_q    <= map_o;
    end
  end

  // --- stripes: the number of the chunk by the width ---------------------------------------------------------
  logic [3:0]  width;
  logic [4:0]  shift;
  logic [63:0] chunk, chunk_mask, offset, left, run;
  logic [63:0] dividend_q, quotient_q, dividend_d, quotient_d;
  logic [3:0]  remainder_q, remainder_d;
  logic [4:0]  trial;
  logic        striped;
  assign width      = map_q[3:0];
  assign shift      = map_q[8:4];
  assign striped    = width > 4'd1;
  assign chunk      = 64'd1 << shift;
  assign chunk_mask = chunk - 64'd1;
  assign offset     = into_q & chunk_mask;
  assign left       = chunk - offset;
  always_comb begin
    dividend_d  = dividend_q;
    quotient_d  = quotient_q;
    remainder_d = remainder_q;
    trial       = 5'd0;
    for (int i = 0; i < 4; i++) begin
      trial      = {remainder_d, dividend_d[63]};
      dividend_d = {dividend_d[62:0], 1'b0};
      quotient_d = {quotient_d[62:0], trial >= {1'b0, width}};
      remainder_d = (trial >= {1'b0, width}) ? 4'(trial - {1'b0, width}) : trial[3:0];
    end
  end
  always_ff @(posedge clk_i) begin
    if (step_i < DIVIDE_STEP) begin
      dividend_q  <= into_q >> shift;
      quotient_q  <= 64'd0;
      remainder_q <= 4'd0;
    end else if (step_i < DIVIDE_STEP + 8'd16) begin
      dividend_q  <= dividend_d;
      quotient_q  <= quotient_d;
      remainder_q <= remainder_d;
    end
  end

  assign member = map_q[11:9] + (striped ? remainder_q[2:0] : 3'd0);
  always_comb begin
    run = length_q - into_q;
    if (striped && left < run) run = left;
    found_target_o = 64'd0;
    found_lba_o    = 64'd0;
    found_blocks_o = 17'd0;
    if (found_q) begin
      found_target_o = target_o;
      found_lba_o    = remote_q + (striped ? (quotient_q << shift) + offset : into_q);
      found_blocks_o = (run > {47'd0, rest_i}) ? rest_i : run[16:0];
    end
  end
endmodule
