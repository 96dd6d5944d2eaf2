// Device-table cache: a place for each requester id, words 0 to 5 of its entry, as wide as their defined bits. README, Translator.
//
// Contract: `read_i` in cycle t shows the words of `rid_i` from cycle t+1 on until the next read. `cached_o` is combinational.
// `store_i` stores `data_i` as word `index_i`; `bad_o` says whether it may not be so in an entry of the partition (combinational).
// `keep_i` marks the entry as cached; an invalidation in the same cycle goes first. Cost: 64 x 272 bits of RAM.
module bau_devices (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic [5:0]               rid_i,
  input  logic                     read_i,
  output logic                     cached_o,
  output logic [35:0]              word0_o,
  output logic [43:0]              word1_o,
  output logic [55:0]              word2_o,
  output logic [31:0]              word3_o,
  output logic [55:0]              word4_o,
  output logic [47:0]              word5_o,  // ring page, log2
  input  logic                     store_i,
  input  logic [2:0]               index_i,
  input  logic [63:0]              data_i,
  input  logic                     partition_i,
  input  logic                     paged_i,  // word 0 says IOMMU_SV39X4
  output logic                     bad_o,
  input  logic                     keep_i,
  input  logic [63:0]              owner_i,
  input  bau_types::invalidation_t invalidation_i
);
  logic [5:0] store;
  assign store = store_i ? 6'd1 << index_i : 6'd0;
  lib_ram #(.Width(36), .Words(64)) u_word0 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word0_o),
    .we_i(store[0]), .waddr_i(rid_i), .wdata_i(data_i[35:0]));
  lib_ram #(.Width(44), .Words(64)) u_word1 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word1_o),
    .we_i(store[1]), .waddr_i(rid_i), .wdata_i(data_i[43:0]));
  lib_ram #(.Width(56), .Words(64)) u_word2 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word2_o),
    .we_i(store[2]), .waddr_i(rid_i), .wdata_i(data_i[55:0]));
  lib_ram #(.Width(32), .Words(64)) u_word3 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word3_o),
    .we_i(store[3]), .waddr_i(rid_i), .wdata_i(data_i[31:0]));
  lib_ram #(.Width(56), .Words(64)) u_word4 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word4_o),
    .we_i(store[4]), .waddr_i(rid_i), .wdata_i(data_i[55:0]));
  lib_ram #(.Width(48), .Words(64)) u_word5 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word5_o),
    .we_i(store[5]), .waddr_i(rid_i), .wdata_i({data_i[55:12], data_i[3:0]}));

  always_comb begin
    case (index_i)
      3'd0: bad_o = data_i[63:36] != 28'd0 || data_i[7:6] != 2'd0 || data_i[3:2] == 2'd3 || !data_i[0]
                    || data_i[15:8] != {7'd0, partition_i};
      3'd1: bad_o = data_i[63:44] != 20'd0 || (paged_i && data_i[1:0] != 2'd0);
      3'd3: bad_o = data_i[63:32] != 32'd0 || data_i[15:0] > 16'(bau_pkg::BAU_NUM_TARGETS);
      3'd5: bad_o = data_i[63:56] != 8'd0 || data_i[11:4] != 8'd0 || data_i[3:0] > 4'(bau_pkg::BAU_HOLD_LOG2_MAX);
      default: bad_o = data_i[63:56] != 8'd0 || data_i[4:0] != 5'd0;  // words 2 and 4: addresses of 32-byte units
    endcase
  end

  logic [63:0] cached_q, cached_d, named, owned;
  always_comb begin
    named = 64'd0;
    if (invalidation_i.all) named = '1;
    else if (invalidation_i.id[15:6] == 10'd0) named[invalidation_i.id[5:0]] = 1'b1;
    owned    = invalidation_i.partition ? owner_i : ~owner_i;
    cached_d = cached_q;
    if (keep_i) cached_d[rid_i] = 1'b1;
    if (invalidation_i.device) cached_d = cached_d & ~(named & owned);
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) cached_q <= 64'd0;
    else cached_q <= cached_d;
  end
  assign cached_o = cached_q[rid_i];

  logic unused_iotlb;
  assign unused_iotlb = ^{invalidation_i.iotlb, invalidation_i.resume, invalidation_i.drop, invalidation_i.deny};
endmodule
