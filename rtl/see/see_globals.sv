// Firmware registers that belong to no function, and the counters. README section 8, REG.
module see_globals
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        active_i,  // an access runs: value_o is wanted
  input  logic        commit_i,
  // REG: the register at byte offset index_i * 8
  input  logic [8:0]  index_i,
  output logic [63:0] value_o,
  input  logic        write_i,
  input  logic [31:0] data_i,
  output logic        slot_limit_we_o,
  // counted by items
  input  logic        count_error_i,
  input  logic        count_post_i,
  input  logic        count_bad_completion_i,
  input  logic        count_descriptor_i,
  input  logic        count_command_i,
  output logic [31:0] next_sequence_o,
  // shown here, kept elsewhere
  input  logic [15:0] ring_produced_i,
  input  logic [15:0] cring_head_i,
  input  logic [31:0] dropped_i,
  input  logic [16:0] posts_i,
  input  logic [63:0] slots_free_i,
  input  logic        vf_en_i,
  input  logic        vf_mse_i,
  input  logic [4:0]  num_vfs_i,
  // settings
  output logic        enable_o,
  output logic        irq_o,
  output logic [31:0] buffer_base_o,
  output logic [31:0] ring_base_o,
  output logic [3:0]  ring_log2_o,
  output logic        ring_room_o,
  output logic [31:0] cring_base_o,
  output logic [3:0]  cring_log2_o,
  output logic [15:0] cring_tail_o,
  output logic [15:0] timeout_o,
  output logic [16:0] hold_o
);
  localparam logic [8:0] ID = 9'(see_pkg::SEE_ID / 8);
  localparam logic [8:0] CTRL = 9'(see_pkg::SEE_CTRL / 8);
  localparam logic [8:0] BUFFER_BASE = 9'(see_pkg::SEE_BUFFER_BASE / 8);
  localparam logic [8:0] RING_BASE = 9'(see_pkg::SEE_RING_BASE / 8);
  localparam logic [8:0] RING_LOG2 = 9'(see_pkg::SEE_RING_LOG2 / 8);
  localparam logic [8:0] RING_PROD = 9'(see_pkg::SEE_RING_PROD / 8);
  localparam logic [8:0] RING_CONS = 9'(see_pkg::SEE_RING_CONS / 8);
  localparam logic [8:0] CRING_BASE = 9'(see_pkg::SEE_CRING_BASE / 8);
  localparam logic [8:0] CRING_LOG2 = 9'(see_pkg::SEE_CRING_LOG2 / 8);
  localparam logic [8:0] CRING_TAIL = 9'(see_pkg::SEE_CRING_TAIL / 8);
  localparam logic [8:0] CRING_HEAD = 9'(see_pkg::SEE_CRING_HEAD / 8);
  localparam logic [8:0] CPL_TIMEOUT = 9'(see_pkg::SEE_CPL_TIMEOUT / 8);
  localparam logic [8:0] SLOT_LIMIT = 9'(see_pkg::SEE_SLOT_LIMIT / 8);
  localparam logic [8:0] VF_STATUS = 9'(see_pkg::SEE_VF_STATUS / 8);
  localparam logic [8:0] SLOTS_FREE = 9'(see_pkg::SEE_SLOTS_FREE / 8);
  localparam logic [8:0] ERRORS = 9'(see_pkg::SEE_ERRORS / 8);
  localparam logic [8:0] DROPPED = 9'(see_pkg::SEE_DROPPED / 8);
  localparam logic [8:0] HOLD = 9'(see_pkg::SEE_HOLD / 8);
  localparam logic [8:0] POSTS = 9'(see_pkg::SEE_POSTS / 8);
  localparam logic [8:0] BAD_COMPLETIONS = 9'(see_pkg::SEE_BAD_COMPLETIONS / 8);

  logic        enable_q, irq_enable_q;
  logic [31:0] buffer_base_q, ring_base_q, cring_base_q;
  logic [3:0]  ring_log2_q, cring_log2_q;
  logic [15:0] ring_cons_q, cring_tail_q, allocated_q, ring_used, posts_taken_q;
  logic [15:0] timeout_q;
  logic [6:0]  slot_limit_q;
  logic [16:0] hold_q;
  logic [31:0] errors_q, bad_completions_q, sequence_q;

  assign enable_o        = enable_q;
  assign irq_o           = enable_q && irq_enable_q && ring_produced_i != ring_cons_q;
  assign buffer_base_o   = buffer_base_q;
  assign ring_base_o     = ring_base_q;
  assign ring_log2_o     = ring_log2_q;
  assign ring_used       = allocated_q - ring_cons_q;
  assign ring_room_o     = ring_used < (16'd1 << ring_log2_q);
  assign cring_base_o    = cring_base_q;
  assign cring_log2_o    = cring_log2_q;
  assign cring_tail_o    = cring_tail_q;
  assign timeout_o       = timeout_q;
  assign hold_o          = hold_q;
  assign next_sequence_o = sequence_q + 32'd1;
  assign slot_limit_we_o = commit_i && write_i && index_i == SLOT_LIMIT;

  always_comb begin
    value_o = 64'd0;
    if (active_i) case (index_i)
      ID: value_o = see_pkg::SEE_ID_RESET;
      CTRL: value_o = {62'd0, irq_enable_q, enable_q};
      BUFFER_BASE: value_o = {32'd0, buffer_base_q};
      RING_BASE: value_o = {32'd0, ring_base_q};
      RING_LOG2: value_o = {60'd0, ring_log2_q};
      RING_PROD: value_o = {48'd0, ring_produced_i};
      RING_CONS: value_o = {48'd0, ring_cons_q};
      CRING_BASE: value_o = {32'd0, cring_base_q};
      CRING_LOG2: value_o = {60'd0, cring_log2_q};
      CRING_TAIL: value_o = {48'd0, cring_tail_q};
      CRING_HEAD: value_o = {48'd0, cring_head_i};
      CPL_TIMEOUT: value_o = {48'd0, timeout_q};
      SLOT_LIMIT: value_o = {57'd0, slot_limit_q};
      VF_STATUS: value_o = {51'd0, num_vfs_i, 6'd0, vf_mse_i, vf_en_i};
      SLOTS_FREE: value_o = slots_free_i;
      ERRORS: value_o = {32'd0, errors_q};
      DROPPED: value_o = {32'd0, dropped_i};
      HOLD: value_o = {47'd0, hold_q};
      POSTS: value_o = {16'd0, posts_taken_q, 15'd0, posts_i};
      BAD_COMPLETIONS: value_o = {32'd0, bad_completions_q};
      default: value_o = 64'd0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      enable_q      <= 1'b0;
      irq_enable_q  <= 1'b0;
      buffer_base_q <= 32'd0;
      ring_base_q   <= 32'd0;
      ring_log2_q   <= 4'd0;
      ring_cons_q   <= 16'd0;
      cring_base_q  <= 32'd0;
      cring_log2_q  <= 4'd0;
      cring_tail_q  <= 16'd0;
      timeout_q     <= see_pkg::SEE_CPL_TIMEOUT_RESET[15:0];
      hold_q        <= '0;
      slot_limit_q  <= see_pkg::SEE_SLOT_LIMIT_RESET[6:0];
    end else if (commit_i && write_i) begin
      case (index_i)
        CTRL: {irq_enable_q, enable_q} <= data_i[1:0];
        BUFFER_BASE: buffer_base_q <= data_i[31:0];
        RING_BASE: ring_base_q <= data_i[31:0];
        RING_LOG2: ring_log2_q <= data_i[3:0];
        RING_CONS: ring_cons_q <= data_i[15:0];
        CRING_BASE: cring_base_q <= data_i[31:0];
        CRING_LOG2: cring_log2_q <= data_i[3:0];
        CRING_TAIL: cring_tail_q <= data_i[15:0];
        CPL_TIMEOUT: timeout_q <= data_i[15:0];
        SLOT_LIMIT: slot_limit_q <= data_i[6:0];
        HOLD: hold_q <= data_i[16:0];
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      errors_q          <= 32'd0;
      bad_completions_q <= 32'd0;
      allocated_q       <= 16'd0;
      posts_taken_q     <= 16'd0;
      sequence_q        <= 32'd0;
    end else if (commit_i) begin
      if (count_error_i) errors_q <= errors_q + 32'd1;
      if (count_post_i) posts_taken_q <= posts_taken_q + 16'd1;
      if (count_bad_completion_i) bad_completions_q <= bad_completions_q + 32'd1;
      if (count_descriptor_i) allocated_q <= allocated_q + 16'd1;
      if (count_command_i) sequence_q <= sequence_q + 32'd1;
    end
  end
endmodule
