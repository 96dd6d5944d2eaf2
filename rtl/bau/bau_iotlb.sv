// IOTLB: fully associative cache of translations, any page size.
//
// Contract: `hit_o`, `slot_o` (the lowest match) and `entry_o` are combinational from the lookup. A store at an edge is
// seen from the next cycle on; there is none in the cycle of an invalidation.
// Cost: one comparator of 46 bits for each entry.
module bau_iotlb (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       partition_i,
  input  logic [15:0]                gscid_i,
  input  logic [28:0]                vpn_i,
  output logic                       hit_o,
  output logic [4:0]                 slot_o,
  output bau_types::translation_t    entry_o,
  input  logic                       store_i,
  input  logic [4:0]                 store_slot_i,
  input  bau_types::translation_t    store_entry_i,
  input  logic                       invalidate_i,
  input  logic                       invalidate_all_i,
  input  logic                       invalidate_partition_i,
  input  logic [15:0]                invalidate_gscid_i
);
  localparam int ENTRIES = bau_pkg::BAU_IOTLB_ENTRIES;

  logic [ENTRIES-1:0]                    match;
  logic [bau_types::TRANSLATION_BITS-1:0] entry_mem [0:ENTRIES-1];

  for (genvar i = 0; i < ENTRIES; i++) begin : g_entry
    logic        valid_q, partition_q;
    logic [15:0] gscid_q;
    logic [28:0] vpn_q;
    logic [1:0]  level_q;
    logic [28:0] differs;
    logic        dies, stored;

    assign differs  = vpn_q ^ vpn_i;
    assign match[i] = valid_q && partition_q == partition_i && gscid_q == gscid_i && differs[28:18] == 11'd0
                      && (level_q == 2'd2 || differs[17:9] == 9'd0) && (level_q != 2'd0 || differs[8:0] == 9'd0);
    assign stored   = store_i && store_slot_i == 5'(i);
    assign dies     = invalidate_i && partition_q == invalidate_partition_i
                      && (invalidate_all_i || gscid_q == invalidate_gscid_i);

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        valid_q <= 1'b0;
      end else if (stored) begin
        valid_q     <= 1'b1;
        partition_q <= store_entry_i.partition;
        gscid_q     <= store_entry_i.gscid;
        vpn_q       <= store_entry_i.vpn;
        level_q     <= store_entry_i.level;
      end else if (dies) begin
        valid_q <= 1'b0;
      end
    end
  end

  always_comb begin
    slot_o = 5'd0;
    for (int i = ENTRIES - 1; i >= 0; i--) begin
      if (match[i]) slot_o = 5'(i);
    end
  end
  assign hit_o   = |match;
  assign entry_o = entry_mem[slot_o];

  always_ff @(posedge clk_i) begin
    if (store_i) entry_mem[store_slot_i] <= store_entry_i;
  end

  `LIB_ASSERT(a_store_is_not_overtaken, !store_i || !invalidate_i)
endmodule
