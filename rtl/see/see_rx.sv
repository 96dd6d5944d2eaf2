// RX: takes TLPs apart. Requests become records for the sequencer; completions of reads go where their tag says.
// README section 3.
module see_rx
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic run_i,  // not in INIT
  // port pcie_rx
  input  logic        pcie_rx_valid_i,
  input  logic        pcie_rx_sop_i,
  input  logic        pcie_rx_eop_i,
  input  logic [63:0] pcie_rx_data_i,
  output logic        pcie_rx_ready_o,
  // the tag that tag_index_o selects
  output logic [2:0]  tag_index_o,
  input  logic        tag_busy_i,
  input  logic [4:0]  tag_gen_i,
  input  logic [4:0]  tag_fn_i,
  input  logic [1:0]  tag_kind_i,
  input  logic [9:0]  tag_left_i,
  input  logic [31:0] tag_dest_i,
  input  logic        tag_prpbad_i,
  output logic        tag_store_o,   // left, dest and prpbad take the next three
  output logic [9:0]  tag_left_o,
  output logic [31:0] tag_dest_o,
  output logic        tag_prpbad_o,
  output logic        tag_done_o,    // the tag is done with tag_err_o
  output logic [1:0]  tag_err_o,
  // NIC memory writes
  output logic        nw_push_o,
  output logic [31:0] nw_addr_o,
  output logic [63:0] nw_data_o,
  output logic [7:0]  nw_strb_o,
  input  logic        nw_ready_i,
  // SQE and PRP RAM writes
  output logic        sqe_we_o,
  output logic [8:0]  sqe_addr_o,
  output logic        prp_we_o,
  output logic [10:0] prp_addr_o,
  output logic [63:0] store_data_o,
  // requests
  output logic                req_valid_o,
  output see_types::request_t req_o,
  output logic [63:0]         req_addr_o,
  output logic [63:0]         req_data_o,
  input  logic                req_pop_i,
  // status
  output logic [31:0] dropped_o,
  output logic        in_h0_o,
  output logic        quiet_o
);
  typedef enum logic [2:0] {H0, H1, WRITE, BAD, GOOD, SKIP} state_e;

  state_e      state_q, state_d;
  logic [63:0] h0_q, h1_q;
  logic [2:0]  tag_q;
  logic [10:0] rem_q, rem_d;
  logic        over_q, over_d;
  logic [31:0] dropped_q;

  logic        rx_ready, rx_valid, sop, eop, pop, drop;
  logic [63:0] beat;
  logic [2:0]  rx_count;

  logic                req_push, req_ready, req_data_ready, req_data_valid;
  see_types::request_t request;
  logic [63:0]         request_addr, request_data;
  logic [2:0]          req_count, req_data_count;

  // --- rxq ---------------------------------------------------------------------------------------
  assign pcie_rx_ready_o = rx_ready && run_i;
  lib_beat_fifo #(.SideWidth(2), .Depth(4)) u_rxq (
    .clk_i, .rst_ni, .push_i(pcie_rx_valid_i && pcie_rx_ready_o), .data_i(pcie_rx_data_i),
    .side_i({pcie_rx_sop_i, pcie_rx_eop_i}), .ready_o(rx_ready), .valid_o(rx_valid), .data_o(beat),
    .side_o({sop, eop}), .pop_i(pop), .count_o(rx_count)
  );

  // --- what the first header beat says -------------------------------------------------------------
  logic [7:0]  tlp_type;
  logic [10:0] len;
  logic        poisoned, one_or_two, splits_word;
  assign tlp_type    = h0_q[31:24];
  assign len         = {h0_q[9:0] == 10'd0, h0_q[9:0]};
  assign poisoned    = h0_q[14];
  assign one_or_two  = len == 11'd1 || len == 11'd2;
  assign splits_word = len == 11'd2 && beat[34];  // two DWs must lie in one 64-bit word

  logic no_tag, bad_completion;
  assign tag_index_o    = (state_q == H1) ? beat[10:8] : tag_q;
  assign no_tag         = !tag_busy_i || beat[15:11] != tag_gen_i || beat[31:16] != see_types::routing_id(tag_fn_i);
  assign bad_completion = h0_q[47:45] != 3'd0 || poisoned || {len, 2'b00} > {3'd0, tag_left_i};

  // --- one beat ------------------------------------------------------------------------------------
  logic [3:0] bytes;
  assign bytes = (rem_q >= 11'd2) ? 4'd8 : 4'd4;

  always_comb begin
    state_d     = state_q;
    pop         = 1'b0;
    drop        = 1'b0;
    req_push    = 1'b0;
    rem_d       = rem_q;
    over_d      = over_q;
    tag_store_o = 1'b0;
    tag_done_o  = 1'b0;
    tag_err_o   = 2'd0;
    if (rx_valid) begin
      case (state_q)
        H0: begin
          pop = 1'b1;
          if (sop && !eop) state_d = H1;
          else drop = 1'b1;
        end
        H1: begin
          over_d = 1'b0;
          rem_d  = len;
          case (tlp_type)
            8'h20, 8'h04: begin
              if (!eop) drop = 1'b1;
              else if (req_ready) begin
                req_push = 1'b1;
                state_d  = H0;
              end
              pop = drop || req_push;
            end
            8'h60: begin
              drop    = eop || poisoned || !one_or_two || splits_word;
              pop     = 1'b1;
              state_d = WRITE;
            end
            8'h44: begin
              drop    = eop || poisoned || len != 11'd1;
              pop     = 1'b1;
              state_d = WRITE;
            end
            8'h0a: begin
              drop       = !eop || no_tag;
              pop        = 1'b1;
              tag_done_o = !drop;
              tag_err_o  = 2'd1;
              state_d    = H0;
            end
            8'h4a: begin
              drop    = eop || no_tag;
              pop     = 1'b1;
              state_d = bad_completion ? BAD : GOOD;
            end
            default: begin
              drop = 1'b1;
              pop  = 1'b1;
            end
          endcase
          if (drop) state_d = eop ? H0 : SKIP;
        end
        WRITE: begin
          if (!eop) begin
            drop    = 1'b1;
            state_d = SKIP;
          end else if (req_ready) begin
            req_push = 1'b1;
            state_d  = H0;
          end
          pop = drop || req_push;
        end
        BAD: begin
          pop        = 1'b1;
          tag_done_o = eop;
          tag_err_o  = 2'd1;
          if (eop) state_d = H0;
        end
        GOOD: begin
          pop         = rem_q == 11'd0 || tag_kind_i != see_types::READ_DATA || nw_ready_i;
          tag_store_o = pop && rem_q != 11'd0;
          if (pop) begin
            rem_d  = (rem_q >= 11'd2) ? rem_q - 11'd2 : 11'd0;
            over_d = over_q || rem_q == 11'd0;
            if (eop) begin
              state_d = H0;
              if (rem_d != 11'd0 || over_d) begin
                tag_done_o = 1'b1;
                tag_err_o  = 2'd1;
              end else if (tag_left_o == 10'd0) begin
                tag_done_o = 1'b1;
                tag_err_o  = {tag_prpbad_o, 1'b0};
              end
            end
          end
        end
        default: begin
          pop = 1'b1;
          if (eop) state_d = H0;
        end
      endcase
    end
  end

  // --- stores of completion data ---------------------------------------------------------------------
  assign tag_left_o   = tag_left_i - {6'd0, bytes};
  assign tag_dest_o   = tag_dest_i + {28'd0, bytes};
  assign tag_prpbad_o = tag_prpbad_i || (tag_kind_i == see_types::READ_LIST && (beat[11:0] != 12'd0 || beat == 64'd0));
  assign store_data_o = beat;
  assign nw_push_o    = tag_store_o && tag_kind_i == see_types::READ_DATA;
  assign nw_addr_o    = {tag_dest_i[31:3], 3'd0};
  assign nw_data_o    = tag_dest_i[2] ? {beat[31:0], beat[31:0]} : beat;
  assign nw_strb_o    = tag_dest_i[2] ? 8'hf0 : (bytes == 4'd4) ? 8'h0f : 8'hff;
  assign sqe_we_o     = tag_store_o && tag_kind_i == see_types::READ_SQE;
  assign sqe_addr_o   = tag_dest_i[11:3];
  assign prp_we_o     = tag_store_o && tag_kind_i == see_types::READ_LIST;
  assign prp_addr_o   = tag_dest_i[13:3];

  // --- request records -------------------------------------------------------------------------------
  logic [63:0] head;  // the second header beat of the request
  logic [3:0]  first_be;
  logic        is_memory, is_write, two, bad;
  assign head      = (state_q == WRITE) ? h1_q : beat;
  assign is_memory = h0_q[29];
  assign is_write  = h0_q[30];
  assign first_be  = h0_q[35:32];
  assign two       = len == 11'd2;
  assign bad       = !is_write && is_memory && (!one_or_two || splits_word);

  always_comb begin
    request.kind    = is_memory ? (is_write ? see_types::REQUEST_MWR : see_types::REQUEST_MRD)
                                : (is_write ? see_types::REQUEST_CFGWR : see_types::REQUEST_CFGRD);
    request.rid     = h0_q[63:48];
    request.tag     = h0_q[47:40];
    request.bad     = bad;
    request.two_dws = is_memory && two && !bad;
    request_addr    = is_memory ? {head[31:0], head[63:34], 2'd0} : {32'd0, head[31:0]};
    request_data    = 64'd0;
    if (bad) request.be = 8'd0;
    else if (!is_memory) request.be = {4'd0, first_be};
    else if (two) request.be = {h0_q[39:36], first_be};
    else request.be = head[34] ? {first_be, 4'd0} : {4'd0, first_be};
    if (is_write) begin
      if (is_memory && two) request_data = beat;
      else request_data = (is_memory && head[34]) ? {beat[31:0], 32'd0} : {32'd0, beat[31:0]};
    end
  end

  lib_beat_fifo #(.SideWidth(see_types::REQUEST_BITS), .Depth(4)) u_reqq (
    .clk_i, .rst_ni, .push_i(req_push), .data_i(request_addr), .side_i(request), .ready_o(req_ready),
    .valid_o(req_valid_o), .data_o(req_addr_o), .side_o(req_o), .pop_i(req_pop_i), .count_o(req_count)
  );
  lib_fifo #(.Width(64), .Depth(4)) u_reqq_data (
    .clk_i, .rst_ni, .push_i(req_push), .data_i(request_data), .ready_o(req_data_ready), .valid_o(req_data_valid),
    .data_o(req_data_o), .pop_i(req_pop_i), .count_o(req_data_count)
  );

  assign dropped_o = dropped_q;
  assign in_h0_o   = state_q == H0;
  assign quiet_o   = in_h0_o && rx_count == 3'd0 && req_count == 3'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= H0;
      dropped_q <= 32'd0;
      over_q    <= 1'b0;
    end else begin
      state_q <= state_d;
      over_q  <= over_d;
      if (drop) dropped_q <= dropped_q + 32'd1;
    end
    rem_q <= rem_d;
    if (pop && state_q == H0) h0_q <= beat;
    if (pop && state_q == H1) begin
      h1_q  <= beat;
      tag_q <= beat[10:8];
    end
  end

  logic unused;
  assign unused = &{1'b0, req_data_ready, req_data_valid, req_data_count, h0_q[44], h0_q[31:30], h0_q[13:10], h0_q[23:15], head[33:32]};

  `LIB_STABLE(a_pcie_rx, pcie_rx_valid_i, pcie_rx_ready_o, {pcie_rx_sop_i, pcie_rx_eop_i, pcie_rx_data_i})
endmodule
