// Device-table cache: a place for each requester id, words 0 to 5 of its entry, as wide as their defined bits, and the fetch of an
// entry. README, Translator (DEVICE, FETCH).
//
// Contract: `read_i` in cycle t shows the words of `rid_i` from cycle t+1 on until the next read. `cached_o` is combinational.
// `locate_i` latches where the entry of `rid_i` lies (`page_o`: its page, combinational). `start_i` begins a request; while `fetch_i` is 1
// the words are fetched, judged and stored; `over_o` is 1 in the cycle after the sixth, with `error_o` (memory) or `bad_o` (content).
// A good entry counts as cached from then on unless `killed_i`; an invalidation in the same cycle goes first.
// Cost: 64 x 272 bits of RAM.
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
  input  logic [55:0]              table_i,
  input  logic                     locate_i,
  output logic [43:0]              page_o,
  input  logic                     start_i,
  input  logic                     fetch_i,
  input  logic                     killed_i,
  input  logic                     partition_i,
  output logic                     over_o,
  output logic                     error_o,
  output logic                     bad_o,
  // memory
  output logic                     access_valid_o,
  output logic [55:0]              access_addr_o,
  input  logic                     granted_i,
  input  logic                     answer_valid_i,
  input  logic [63:0]              answer_data_i,
  input  logic                     answer_err_i,
  // invalidation
  input  logic [63:0]              owner_i,
  input  bau_types::invalidation_t invalidation_i
);
  logic [2:0]  asked_q, filled_q;
  logic        error_q, bad_q, paged_q;  // paged: word 0 says IOMMU_SV39X4
  logic [55:0] address_q, address_d;
  logic        take, bad;
  logic [5:0]  store;
  assign take  = fetch_i && answer_valid_i && filled_q != 3'd6;
  assign store = take ? 6'd1 << filled_q : 6'd0;
  lib_ram #(.Width(36), .Words(64)) u_word0 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word0_o),
    .we_i(store[0]), .waddr_i(rid_i), .wdata_i(answer_data_i[35:0]));
  lib_ram #(.Width(44), .Words(64)) u_word1 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word1_o),
    .we_i(store[1]), .waddr_i(rid_i), .wdata_i(answer_data_i[43:0]));
  lib_ram #(.Width(56), .Words(64)) u_word2 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word2_o),
    .we_i(store[2]), .waddr_i(rid_i), .wdata_i(answer_data_i[55:0]));
  lib_ram #(.Width(32), .Words(64)) u_word3 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word3_o),
    .we_i(store[3]), .waddr_i(rid_i), .wdata_i(answer_data_i[31:0]));
  lib_ram #(.Width(56), .Words(64)) u_word4 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word4_o),
    .we_i(store[4]), .waddr_i(rid_i), .wdata_i(answer_data_i[55:0]));
  lib_ram #(.Width(48), .Words(64)) u_word5 (.clk_i, .re_i(read_i), .raddr_i(rid_i), .rdata_o(word5_o),
    .we_i(store[5]), .waddr_i(rid_i), .wdata_i({answer_data_i[55:12], answer_data_i[3:0]}));

  // --- fetch ---------------------------------------------------------------------------------------------------
  always_comb begin
    case (filled_q)
      3'd0: bad = answer_data_i[63:36] != 28'd0 || answer_data_i[7:6] != 2'd0 || answer_data_i[3:2] == 2'd3 || !answer_data_i[0]
                    || answer_data_i[15:8] != {7'd0, partition_i};
      3'd1: bad = answer_data_i[63:44] != 20'd0 || (paged_q && answer_data_i[1:0] != 2'd0);
      3'd3: bad = answer_data_i[63:32] != 32'd0 || answer_data_i[15:0] > 16'(bau_pkg::BAU_NUM_TARGETS);
      3'd5: bad = answer_data_i[63:56] != 8'd0 || answer_data_i[11:4] != 8'd0 || answer_data_i[3:0] > 4'(bau_pkg::BAU_HOLD_LOG2_MAX);
      default: bad = answer_data_i[63:56] != 8'd0 || answer_data_i[4:0] != 5'd0;  // words 2 and 4: addresses of 32-byte units
    endcase
  end

  assign address_d      = locate_i ? table_i + {44'd0, rid_i, 6'd0} : address_q;
  assign page_o         = address_d[55:12];
  assign access_valid_o = fetch_i && asked_q != 3'd6;
  assign access_addr_o  = address_q + {50'd0, asked_q, 3'd0};
  assign over_o         = filled_q == 3'd6;
  assign error_o        = error_q;
  assign bad_o          = bad_q;

  always_ff @(posedge clk_i) begin
    address_q <= address_d;
    if (fetch_i && granted_i) asked_q <= asked_q + 3'd1;
    if (take) begin
      filled_q <= filled_q + 3'd1;
      error_q  <= error_q || answer_err_i;
      bad_q    <= bad_q || bad;
      if (filled_q == 3'd0) paged_q <= answer_data_i[3:2] == 2'(bau_pkg::BAU_IOMMU_SV39X4);
    end
    if (start_i) begin
      asked_q  <= 3'd0;
      filled_q <= 3'd0;
      error_q  <= 1'b0;
      bad_q    <= 1'b0;
      paged_q  <= 1'b0;
    end
  end

  // --- which entries are cached --------------------------------------------------------------------------------
  logic        keep;
  logic [63:0] cached_q, cached_d, named, owned;
  assign keep = fetch_i && over_o && !error_q && !bad_q && !killed_i;
  always_comb begin
    named = 64'd0;
    if (invalidation_i.all) named = '1;
    else if (invalidation_i.id[15:6] == 10'd0) named[invalidation_i.id[5:0]] = 1'b1;
    owned    = invalidation_i.partition ? owner_i : ~owner_i;
    cached_d = cached_q;
    if (keep) cached_d[rid_i] = 1'b1;
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
