// Item REQ: one request of the host: configuration space, controller registers, doorbells, MSI-X. README section 8, REQ.
//
// Step 1 decodes (decode_*_o feed the function and index registers), the RAMs deliver from step 3 on, effects hold in
// the commit cycle (step 8).
module see_req
(
  input  logic clk_i,
  input  logic active_i,
  input  logic commit_i,
  // the request
  input  see_types::request_t request_i,
  input  logic [63:0] addr_i,
  input  logic [63:0] data_i,
  // decoding
  input  logic        mse_i,
  input  logic [49:0] bar0_i,
  input  logic        vf_mse_i,
  input  logic [49:0] vf_bar_i,
  input  logic [4:0]  vfs_i,
  output logic [4:0]  decode_fn_o,
  output logic [3:0]  decode_index_o,
  // operands of function fn_i
  input  logic [4:0]  fn_i,
  input  logic        busy_i,
  input  logic        rdy_i,
  input  logic [3:0]  csts_i,
  input  see_types::queue_bits_t bits_i,
  input  see_types::sq_t sq_i,
  input  see_types::cq_t cq_i,
  // configuration space
  output logic [6:0]  cfg_dw_o,
  input  logic [31:0] cfg_value_i,
  input  logic [31:0] cfg_writable_i,
  input  logic        intx_status_i,
  input  logic        vf_en_i,
  output logic        cfg_write_o,
  output logic [31:0] cfg_value_o,
  output logic [16:0] want_flr_o,
  // controller registers
  output logic [1:0]  nvme_index_o,
  input  logic [63:0] nvme_i,
  output logic        nvme_we_o,
  output logic [63:0] nvme_o,
  output logic        en_we_o,
  output logic        en_o,
  output logic        want_enable_o,
  output logic        want_shutdown_o,
  output logic        want_reset_o,
  // MSI-X
  input  logic [63:0] msix_address_i,
  input  logic [31:0] msix_data_i,
  input  logic        msix_masked_i,
  input  logic [8:0]  msix_pending_i,
  output logic        msix_address_we_o,
  output logic [61:0] msix_address_o,
  output logic        msix_data_we_o,
  output logic [31:0] msix_data_o,
  output logic        msix_masked_o,
  // doorbells
  output logic           sq_we_o,
  output see_types::sq_t sq_o,
  output see_types::queue_bits_t bits_o,
  output logic           cq_we_o,
  output see_types::cq_t cq_o,
  output logic           refuse_o,
  output see_types::refused_t refused_o,
  // completion
  output logic        cpl_push_o,
  output logic [63:0] cpl_beat0_o,
  output logic [63:0] cpl_beat1_o,
  output logic        cpl_has_data_o,
  output logic [63:0] cpl_data_o
);
  logic is_config, is_write, is_read;
  assign is_config = !request_i.kind[1];
  assign is_write  = request_i.kind[0];
  assign is_read   = !is_write;

  // --- which function ----------------------------------------------------------------------------------
  logic        hit, hit_q;
  logic [15:0] vf_rid;
  logic [49:0] vf_page;
  always_comb begin
    hit         = 1'b0;
    decode_fn_o = 5'd0;
    vf_rid      = addr_i[31:16] - 16'(see_pkg::SEE_FIRST_VF_RID);
    vf_page     = addr_i[63:14] - vf_bar_i;
    if (active_i) begin
      if (is_config) begin
        if (addr_i[31:16] == 16'(see_pkg::SEE_PF_RID)) begin
          hit = 1'b1;
        end else if (vf_rid < {11'd0, vfs_i}) begin
          hit         = 1'b1;
          decode_fn_o = vf_rid[4:0] + 5'd1;
        end
      end else if (mse_i && addr_i[63:14] == bar0_i) begin
        hit = 1'b1;
      end else if (vf_en_i && vf_mse_i && vf_page < {45'd0, vfs_i}) begin
        hit         = 1'b1;
        decode_fn_o = vf_page[4:0] + 5'd1;
      end
    end
  end
  always_ff @(posedge clk_i) hit_q <= hit;

  // --- which register ----------------------------------------------------------------------------------
  logic [1:0] region;  // of BAR0: registers, doorbells, MSI-X table, pending bits
  logic [8:0] word;    // 64-bit word in the region
  logic       is_vector, is_memory_hit, is_memory_write, is_config_write;
  assign region          = addr_i[13:12];
  assign word            = addr_i[11:3];
  assign is_vector       = region == 2'd2 && word[8:1] < 8'(see_pkg::SEE_NUM_VECTORS);
  assign is_memory_hit   = !is_config && hit_q && !request_i.bad;  // by the commit of another item hit_q is 0
  assign is_memory_write = is_memory_hit && is_write;
  assign is_config_write = is_config && hit_q && is_write && addr_i[11:9] == 3'd0;
  assign decode_index_o  = (region == 2'd1) ? word[3:0] : word[4:1];
  assign cfg_dw_o        = addr_i[8:2];

  always_comb begin
    case (word[2:0])
      3'd4: nvme_index_o = 2'd1;
      3'd5: nvme_index_o = 2'd2;
      3'd6: nvme_index_o = 2'd3;
      default: nvme_index_o = 2'd0;
    endcase
  end

  // --- configuration writes ----------------------------------------------------------------------------
  logic [31:0] cfg_mask;
  logic [16:0] vfs_set;
  assign cfg_mask    = cfg_writable_i & {{8{request_i.be[3]}}, {8{request_i.be[2]}}, {8{request_i.be[1]}}, {8{request_i.be[0]}}};
  assign cfg_value_o = (cfg_value_i & ~cfg_mask) | (data_i[31:0] & cfg_mask);
  assign cfg_write_o = is_config_write && commit_i;
  assign vfs_set     = {16'((17'd1 << vfs_i) - 17'd1), 1'b0};

  always_comb begin
    want_flr_o = '0;
    if (is_config_write) begin
      if (cfg_dw_o == 7'(see_pkg::SEE_CFG_DEVCTL / 4) && data_i[15] && request_i.be[1]) begin
        want_flr_o = 17'd1 << fn_i;
        if (fn_i == 5'd0) want_flr_o = vfs_set | 17'd1;
      end
      if (cfg_dw_o == 7'(see_pkg::SEE_CFG_SRIOV_CONTROL / 4) && fn_i == 5'd0 && vf_en_i && !cfg_value_o[0]) begin
        want_flr_o = vfs_set;
      end
    end
  end

  // --- reads of BAR0 -----------------------------------------------------------------------------------
  logic [63:0] value;
  always_comb begin
    value = 64'd0;
    if (is_memory_hit && is_read) begin
      case (region)
        2'd0: begin
          if (word[8:3] == 6'd0) begin
            case (word[2:0])
              3'd0: value = see_pkg::SEE_CAP_RESET;
              3'd1: value = {nvme_i[31:0], see_pkg::SEE_VS_RESET};
              3'd2: value = nvme_i;
              3'd3: value = {28'd0, csts_i, 32'd0};
              3'd4: value = {nvme_i[31:0], 32'd0};
              3'd5, 3'd6: value = nvme_i;
              default: ;
            endcase
          end
        end
        2'd2: if (is_vector) value = word[0] ? {31'd0, msix_masked_i, msix_data_i} : msix_address_i;
        2'd3: if (word == 9'd0) value = {55'd0, msix_pending_i};
        default: ;
      endcase
    end
  end

  // --- writes of BAR0 ----------------------------------------------------------------------------------
  logic [63:0] mask, written, merged;
  logic [31:0] cc;
  logic        en_now;
  always_comb begin
    nvme_we_o       = 1'b0;
    nvme_o          = nvme_i;
    en_we_o         = 1'b0;
    want_enable_o   = 1'b0;
    want_shutdown_o = 1'b0;
    want_reset_o    = 1'b0;
    mask            = see_types::byte_mask(request_i.be);
    written         = data_i & mask;
    merged          = (nvme_i & ~mask) | written;
    cc              = merged[63:32] & 32'h00fffff1;
    en_now          = nvme_i[32];
    if (is_memory_write && region == 2'd0 && word[8:3] == 6'd0) begin
      nvme_we_o = commit_i;
      case (word[2:0])
        3'd1: nvme_o = {nvme_i[63:32], nvme_i[31:0] | written[63:32]};
        3'd2: begin
          nvme_o          = {cc, nvme_i[31:0] & ~written[31:0]};
          en_we_o         = 1'b1;
          want_enable_o   = !en_now && cc[0] && !busy_i;
          want_reset_o    = en_now && !cc[0];
          want_shutdown_o = en_now && cc[0] && nvme_i[47:46] == 2'd0 && cc[15:14] != 2'd0;
        end
        3'd4: nvme_o = {32'd0, ((nvme_i[31:0] & ~mask[63:32]) | written[63:32]) & 32'h0fff0fff};
        3'd5, 3'd6: nvme_o = {merged[63:12], 12'd0};
        default: nvme_we_o = 1'b0;
      endcase
    end
  end
  assign en_o = cc[0];

  logic [63:0] vector_merged;
  assign vector_merged     = (msix_address_i & ~mask) | written;
  assign msix_address_we_o = is_memory_write && is_vector && !word[0];
  assign msix_address_o    = vector_merged[63:2];
  assign msix_data_we_o    = is_memory_write && is_vector && word[0];
  assign msix_data_o       = (msix_data_i & ~mask[31:0]) | written[31:0];
  assign msix_masked_o     = request_i.be[4] ? data_i[32] : msix_masked_i;

  see_doorbell u_doorbell (
    .active_i(is_memory_write && region == 2'd1 && !busy_i && rdy_i), .be_i(request_i.be), .data_i, .queue_i(word),
    .fn_i, .bits_i, .sq_i, .cq_i, .sq_we_o, .sq_o, .bits_o, .cq_we_o, .cq_o, .refuse_o, .refused_o
  );

  // --- completion --------------------------------------------------------------------------------------
  logic [2:0]  lowest, highest, status;
  logic [3:0]  count;
  logic [6:0]  lower;
  logic [15:0] completer;
  always_comb begin
    lowest  = {addr_i[2], 2'b00};
    highest = {addr_i[2], 2'b00};
    if (active_i && request_i.be != 8'd0) begin
      for (int i = 7; i >= 0; i--) if (request_i.be[i]) lowest = 3'(i);
      for (int i = 0; i < 8; i++) if (request_i.be[i]) highest = 3'(i);
    end
    count     = is_config ? 4'd4 : {1'b0, highest} - {1'b0, lowest} + 4'd1;
    lower     = is_config ? 7'd0 : {addr_i[6:3], lowest};
    status    = !hit_q ? 3'd1 : request_i.bad ? 3'd4 : 3'd0;
    completer = hit_q ? see_types::routing_id(fn_i) : is_config ? addr_i[31:16] : 16'(see_pkg::SEE_PF_RID);
  end

  assign cpl_push_o     = active_i && commit_i && (is_config || is_read);
  assign cpl_has_data_o = is_read && status == 3'd0;
  assign cpl_beat0_o    = {completer, status, 1'b0, 8'd0, count,
                           cpl_has_data_o ? 8'h4a : 8'h0a, 22'd0, cpl_has_data_o ? (request_i.two_dws ? 2'd2 : 2'd1) : 2'd0};
  assign cpl_beat1_o    = {32'd0, request_i.rid, request_i.tag, 1'b0, lower};

  logic [31:0] cfg_read;
  always_comb begin
    cfg_read = cfg_value_i;
    if (fn_i == 5'd0 && cfg_dw_o == 7'(see_pkg::SEE_CFG_COMMAND / 4)) cfg_read[19] = intx_status_i;
    cpl_data_o = value;
    if (is_config) cpl_data_o = {32'd0, (addr_i[11:9] == 3'd0) ? cfg_read : 32'd0};
    else if (!request_i.two_dws) cpl_data_o = {32'd0, addr_i[2] ? value[63:32] : value[31:0]};
  end

  logic unused;
  assign unused = &{1'b0, vector_merged[1:0], merged[11:0], addr_i[1:0]};
endmodule
