// Page-table walker of the IOMMU: Sv39x4, one entry after the other, and what a leaf allows. README, Translator (WALK, ENTRY, LEAF).
//
// Contract: `start_i` begins a walk for the address, which stays until the end. While it runs, `table_o` is the page whose bounds
// `legal_i` tells. In one cycle `leaf_o` (with `entry_o`) or `fail_o` (with `why_o`) ends it. Cost: one memory access a level.
module bau_walk (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    start_i,
  input  logic [43:0]             root_i,
  input  logic [40:12]            address_i,
  input  logic                    partition_i,
  input  logic [15:0]             gscid_i,
  output logic [43:0]             table_o,
  input  logic                    legal_i,
  // memory
  output logic                    access_valid_o,
  output logic [55:0]             access_addr_o,
  input  logic                    granted_i,
  input  logic                    answer_valid_i,
  input  logic [63:0]             answer_data_i,
  input  logic                    answer_err_i,
  // the end
  output logic                    leaf_o,
  output bau_types::translation_t entry_o,
  output logic                    fail_o,
  output logic [4:0]              why_o
);
  typedef enum logic [1:0] {REST, WALK, ENTRY, LEAF} state_e;

  state_e      state_q, state_d;
  logic [1:0]  level_q, level_d;
  logic [43:0] table_q, table_d;
  logic [63:0] pte_q;
  logic        error_q;

  logic [43:0] ppn;
  logic        wrong, leaf, misaligned, usable, unused_pte;
  assign ppn        = pte_q[53:10];
  assign leaf       = pte_q[1] || pte_q[3];
  assign misaligned = (level_q == 2'd1 && ppn[8:0] != 9'd0) || (level_q == 2'd2 && ppn[17:0] != 18'd0);
  assign wrong      = !pte_q[0] || pte_q[2:1] == 2'b10 || pte_q[63:54] != 10'd0 || (leaf ? misaligned : level_q == 2'd0);
  assign usable     = pte_q[4] && pte_q[6];
  assign unused_pte = ^{pte_q[9:8], pte_q[5]};

  assign entry_o.partition = partition_i;
  assign entry_o.gscid     = gscid_i;
  assign entry_o.level     = level_q;
  assign entry_o.read      = usable && pte_q[1];
  assign entry_o.write     = usable && pte_q[2] && pte_q[7];
  assign entry_o.hold      = pte_q[4] && pte_q[1] && !pte_q[2];
  assign entry_o.vpn       = address_i;
  assign entry_o.ppn       = ppn;

  assign fail_o = (state_q == WALK && !legal_i) || (state_q == LEAF && (error_q || wrong));
  assign leaf_o = state_q == LEAF && !error_q && !wrong && leaf;
  assign why_o  = state_q == LEAF && !error_q ? 5'(bau_pkg::BAU_CAUSE_PTE_INVALID) : 5'(bau_pkg::BAU_CAUSE_PTE_ACCESS);

  always_comb begin
    state_d = state_q;
    level_d = level_q;
    table_d = table_q;
    case (state_q)
      WALK: if (granted_i) state_d = ENTRY;
      ENTRY: if (answer_valid_i) state_d = LEAF;
      LEAF: begin
        level_d = level_q - 2'd1;
        table_d = ppn;
        state_d = WALK;
      end
      default: ;  // REST
    endcase
    if (fail_o || leaf_o) state_d = REST;
    if (start_i) begin
      level_d = 2'd2;
      table_d = root_i | {42'd0, address_i[40:39]};
      state_d = WALK;
    end
  end

  logic [8:0] index;
  assign index          = level_q == 2'd2 ? address_i[38:30] : level_q == 2'd1 ? address_i[29:21] : address_i[20:12];
  assign table_o        = table_q;
  assign access_valid_o = state_q == WALK && legal_i;
  assign access_addr_o  = {table_q, index, 3'd0};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= REST;
      level_q <= 2'd0;
      table_q <= 44'd0;
      pte_q   <= 64'd0;
      error_q <= 1'b0;
    end else begin
      state_q <= state_d;
      level_q <= level_d;
      table_q <= table_d;
      if (state_q == ENTRY && answer_valid_i) begin
        pte_q   <= answer_data_i;
        error_q <= answer_err_i;
      end
    end
  end

  `LIB_ASSERT(a_access_in_bounds, state_q != WALK || !granted_i || legal_i)
endmodule
