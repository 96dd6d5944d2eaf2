// Configuration space: what the host may change of it in RAM, the fixed part as a function, and the bits that the
// rest of the SEE follows. README section 9 (a value is ROM ^ RAM).
module see_config
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  input  logic [4:0]  fn_i,
  input  logic        active_i,  // a request runs: value_o and writable_o are wanted
  // REQ: the register of dw_i; value_o belongs to the dw_i and fn_i of the cycle before
  input  logic [6:0]  dw_i,
  output logic [31:0] value_o,
  output logic [31:0] writable_o,
  input  logic        write_i,  // in the commit cycle
  input  logic [31:0] value_i,
  // RFINISH of a function-level reset: words in any cycle, flops at the end
  input  logic        clear_i,
  input  logic        reset_i,
  // what the rest follows
  output logic [16:0] bme_o,
  output logic [16:0] msix_en_o,
  output logic [16:0] msix_mask_o,
  output logic        mse_o,
  output logic        intx_off_o,
  output logic [49:0] bar0_o,
  output logic        vf_en_o,
  output logic        vf_mse_o,
  output logic [15:0] num_vfs_o,
  output logic [49:0] vf_bar_o,
  output logic [4:0]  vfs_o
);
  localparam logic [6:0] DW_COMMAND = 7'(see_pkg::SEE_CFG_COMMAND / 4);
  localparam logic [6:0] DW_BAR0 = 7'(see_pkg::SEE_CFG_BAR0 / 4);
  localparam logic [6:0] DW_MSIX = 7'(see_pkg::SEE_CFG_MSIX / 4);
  localparam logic [6:0] DW_SRIOV_CONTROL = 7'(see_pkg::SEE_CFG_SRIOV_CONTROL / 4);
  localparam logic [6:0] DW_SRIOV_NUMVFS = 7'(see_pkg::SEE_CFG_SRIOV_NUMVFS / 4);
  localparam logic [6:0] DW_SRIOV_BAR0 = 7'(see_pkg::SEE_CFG_SRIOV_BAR0 / 4);

  logic [31:0] rom_word, ram_word, mask;
  logic        is_vf;
  assign is_vf = fn_i != 5'd0;

  // --- fixed values and writable bits ----------------------------------------------------------------
  always_comb begin
    rom_word = 32'd0;
    if (active_i) case ({dw_i, 2'b00})
      9'h000: rom_word = is_vf ? 32'hffffffff : {16'(see_pkg::SEE_PF_DEVICE_ID), 16'(see_pkg::SEE_VENDOR_ID)};
      9'h004: rom_word = 32'h00100000;
      9'h008: rom_word = 32'(see_pkg::SEE_CLASS_REVISION);
      9'h010: rom_word = is_vf ? 32'd0 : 32'h00000004;
      9'h02c: rom_word = {16'h0001, 16'(see_pkg::SEE_VENDOR_ID)};
      9'h034: rom_word = 32'h00000040;
      9'h03c: rom_word = is_vf ? 32'd0 : 32'h00000100;
      9'h040: rom_word = 32'h00035001;
      9'h044: rom_word = 32'h00000008;
      9'h050: rom_word = 32'h00086011;
      9'h054: rom_word = 32'h00002000;
      9'h058: rom_word = 32'h00003000;
      9'h060: rom_word = 32'h00020010;
      9'h064: rom_word = 32'h10008001;
      9'h068: rom_word = is_vf ? 32'd0 : 32'h00002810;
      9'h06c: rom_word = 32'h00000084;
      9'h070: rom_word = is_vf ? 32'd0 : 32'h00840000;
      9'h100: rom_word = is_vf ? 32'h00020001 : 32'h14020001;
      9'h10c: rom_word = 32'h00462030;
      9'h114: rom_word = 32'h00002000;
      9'h140: rom_word = is_vf ? 32'd0 : 32'h00010010;
      9'h14c: rom_word = is_vf ? 32'd0 : 32'h00100010;
      9'h154: rom_word = is_vf ? 32'd0 : 32'h00010008;
      9'h158: rom_word = is_vf ? 32'd0 : {16'(see_pkg::SEE_VF_DEVICE_ID), 16'd0};
      9'h15c: rom_word = is_vf ? 32'd0 : 32'h00000001;
      9'h160: rom_word = is_vf ? 32'd0 : 32'h00000001;
      9'h164: rom_word = is_vf ? 32'd0 : 32'h00000004;
      default: rom_word = 32'd0;
    endcase
  end

  always_comb begin
    mask = 32'd0;
    case ({dw_i, 2'b00})
      9'h004: mask = is_vf ? 32'h00000004 : 32'h00000546;
      9'h044: mask = 32'h00000003;
      9'h050: mask = 32'hc0000000;
      default: mask = 32'd0;
    endcase
    if (!is_vf && active_i) begin
      case ({dw_i, 2'b00})
        9'h00c: mask = 32'h000000ff;
        9'h010: mask = 32'hffffc000;
        9'h014: mask = 32'hffffffff;
        9'h03c: mask = 32'h000000ff;
        9'h068: mask = 32'h00007fff;
        9'h108: mask = 32'h003ff030;
        9'h10c: mask = 32'h003ff030;
        9'h114: mask = 32'h000031c1;
        9'h148: mask = 32'h00000009;
        9'h150: mask = vf_en_q ? 32'd0 : 32'h0000ffff;
        9'h164: mask = 32'hffffc000;
        9'h168: mask = 32'hffffffff;
        default: ;
      endcase
    end
  end

  assign value_o    = rom_word ^ ram_word;
  assign writable_o = mask;

  // --- RAM -------------------------------------------------------------------------------------------
  logic        we;
  logic [11:0] address;
  logic [31:0] data;
  always_comb begin
    we      = init_i || write_i || clear_i;
    address = init_i ? init_index_i : {fn_i, dw_i};
    data    = write_i ? value_i ^ rom_word : 32'd0;
  end
  lib_ram #(.Width(32), .Words(see_pkg::SEE_NUM_FUNCTIONS * 128)) u_cfg (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, dw_i}), .rdata_o(ram_word), .we_i(we), .waddr_i(address), .wdata_i(data)
  );

  // --- flops that follow the RAM -----------------------------------------------------------------------
  logic [16:0] bme_q, msix_en_q, msix_mask_q;
  logic        mse_q, intx_off_q, vf_en_q, vf_mse_q;
  logic [15:0] num_vfs_q;
  logic [49:0] bar0_q, vf_bar_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      bme_q       <= '0;
      msix_en_q   <= '0;
      msix_mask_q <= '0;
    end else if (write_i) begin
      if (dw_i == DW_COMMAND) bme_q[fn_i] <= value_i[2];
      if (dw_i == DW_MSIX) begin
        msix_en_q[fn_i]   <= value_i[31];
        msix_mask_q[fn_i] <= value_i[30];
      end
    end else if (reset_i) begin
      bme_q[fn_i]       <= 1'b0;
      msix_en_q[fn_i]   <= 1'b0;
      msix_mask_q[fn_i] <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || (reset_i && !is_vf)) begin
      {mse_q, intx_off_q} <= 2'd0;
      bar0_q    <= '0;
      vf_en_q   <= 1'b0;
      vf_mse_q  <= 1'b0;
      num_vfs_q <= '0;
      vf_bar_q  <= '0;
    end else if (write_i && !is_vf) begin
      case (dw_i)
        DW_COMMAND: {mse_q, intx_off_q} <= {value_i[1], value_i[10]};
        DW_BAR0: bar0_q[17:0] <= value_i[31:14];
        DW_BAR0 + 7'd1: bar0_q[49:18] <= value_i;
        DW_SRIOV_CONTROL: {vf_mse_q, vf_en_q} <= {value_i[3], value_i[0]};
        DW_SRIOV_NUMVFS: num_vfs_q <= value_i[15:0];
        DW_SRIOV_BAR0: vf_bar_q[17:0] <= value_i[31:14];
        DW_SRIOV_BAR0 + 7'd1: vf_bar_q[49:18] <= value_i;
        default: ;
      endcase
    end
  end

  assign bme_o       = bme_q;
  assign msix_en_o   = msix_en_q;
  assign msix_mask_o = msix_mask_q;
  assign mse_o       = mse_q;
  assign intx_off_o  = intx_off_q;
  assign bar0_o      = bar0_q;
  assign vf_en_o     = vf_en_q;
  assign vf_mse_o    = vf_mse_q;
  assign num_vfs_o   = num_vfs_q;
  assign vf_bar_o    = vf_bar_q;
  assign vfs_o       = !vf_en_q ? 5'd0 : (num_vfs_q > 16'd16) ? 5'd16 : num_vfs_q[4:0];
endmodule
