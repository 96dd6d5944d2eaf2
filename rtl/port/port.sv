// Flow classifier and placement unit of the Ethernet port: joins the units of README.md.
module port (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        rx_valid_i,
  input  logic        rx_sop_i,
  input  logic        rx_eop_i,
  input  logic [13:0] rx_length_i,
  input  logic [63:0] rx_data_i,
  output logic        rx_ready_o,
  input  logic        tx_valid_i,
  input  logic        tx_sop_i,
  input  logic        tx_eop_i,
  input  logic [4:0]  tx_source_i,
  input  logic [13:0] tx_length_i,
  input  logic [63:0] tx_data_i,
  output logic        tx_ready_o,
  output logic        verdict_valid_o,
  output logic        verdict_dir_o,
  output logic [2:0]  verdict_kind_o,
  output logic [2:0]  verdict_path_o,
  output logic [3:0]  verdict_function_o,
  output logic [15:0] verdict_mask_o,
  output logic [6:0]  verdict_l3_o,
  output logic [6:0]  verdict_l4_o,
  output logic [7:0]  verdict_payload_o,
  output logic [15:0] verdict_hash_o,
  input  logic        verdict_ready_i,
  input  logic        want_valid_i,
  input  logic [4:0]  want_queue_i,
  input  logic [13:0] want_length_i,
  output logic        want_ready_o,
  output logic        grant_valid_o,
  output logic [4:0]  grant_queue_o,
  output logic [13:0] grant_length_o,
  input  logic        grant_ready_i,
  input  logic        reg_valid_i,
  input  logic        reg_write_i,
  input  logic [11:0] reg_addr_i,
  input  logic [63:0] reg_data_i,
  output logic        reg_ready_o,
  output logic        reg_rsp_valid_o,
  output logic [63:0] reg_rsp_data_o,
  input  logic        reg_rsp_ready_i,
  input  logic        seg_valid_i,
  input  logic        seg_job_i,
  input  logic [4:0]  seg_owner_i,
  input  logic [31:0] seg_saddr_i,
  input  logic [31:0] seg_daddr_i,
  input  logic [15:0] seg_sport_i,
  input  logic [15:0] seg_dport_i,
  input  logic [31:0] seg_seq_i,
  input  logic [15:0] seg_length_i,
  output logic        seg_ready_o,
  input  logic        pay_valid_i,
  input  logic [63:0] pay_data_i,
  output logic        pay_ready_o,
  output logic        run_valid_o,
  output logic [15:0] run_at_o,
  output logic [15:0] run_length_o,
  output logic [63:0] run_address_o,
  input  logic        run_ready_i,
  output logic        done_valid_o,
  output logic [15:0] done_from_o,
  output logic [2:0]  done_bad_o,
  output logic [31:0] done_crc_o,
  input  logic        done_ready_i,
  output logic        open_o,
  output logic        idle_o
);
  // --- collectors -----------------------------------------------------------------------------------------------
  logic [1:0]   whole, begun, take;
  logic [767:0] rx_header, tx_header;
  logic [13:0]  rx_length, tx_length;
  logic [4:0]   tx_source, unused_source;

  port_collect u_rx (
    .clk_i, .rst_ni, .valid_i(rx_valid_i), .sop_i(rx_sop_i), .eop_i(rx_eop_i), .source_i(5'd0), .length_i(rx_length_i),
    .data_i(rx_data_i), .ready_o(rx_ready_o), .whole_o(whole[0]), .begun_o(begun[0]), .header_o(rx_header),
    .source_o(unused_source), .length_o(rx_length), .take_i(take[0])
  );
  port_collect u_tx (
    .clk_i, .rst_ni, .valid_i(tx_valid_i), .sop_i(tx_sop_i), .eop_i(tx_eop_i), .source_i(tx_source_i), .length_i(tx_length_i),
    .data_i(tx_data_i), .ready_o(tx_ready_o), .whole_o(whole[1]), .begun_o(begun[1]), .header_o(tx_header),
    .source_o(tx_source), .length_o(tx_length), .take_i(take[1])
  );

  // --- fields -----------------------------------------------------------------------------------------------------
  logic                fields_valid_q, decides, fields_free, chosen_valid, chosen;
  port_types::fields_t fields_q, parsed;

  assign fields_free = !fields_valid_q || decides;
  assign take        = fields_free && chosen_valid ? (chosen ? 2'b10 : 2'b01) : 2'b00;

  lib_arbiter #(.Requesters(2)) u_arbiter (
    .clk_i, .rst_ni, .request_i(whole), .accept_i(fields_free), .valid_o(chosen_valid), .index_o(chosen)
  );
  port_parse u_parse (
    .header_i(chosen ? tx_header : rx_header), .length_i(chosen ? tx_length : rx_length), .dir_i(chosen),
    .source_i(chosen ? tx_source : 5'd0), .fields_o(parsed)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fields_valid_q <= 1'b0;
    end else if (fields_free) begin
      fields_valid_q <= chosen_valid;
      if (chosen_valid) fields_q <= parsed;
    end
  end

  // --- decision ---------------------------------------------------------------------------------------------------
  logic                 verdict_valid_q, enable, learn, rule_hit, flow_known, wants_learn, learns, forget;
  logic [1:0]           default_action, rule_action;
  logic [3:0]           default_func, rule_func, flow_func, forget_owner;
  logic [47:0]          firmware_mac;
  logic [1023:0]        func, rule_addresses, rule_match;
  logic [103:0]         flow_tuple;
  logic [2:0]           flow_set;
  logic [9:0]           flows;
  logic [5:0]           forgotten;
  port_types::verdict_t verdict, verdict_q;

  assign decides    = fields_valid_q && (!verdict_valid_q || verdict_ready_i);
  assign flow_set   = fields_q.hash[2:0] ^ fields_q.hash[5:3] ^ fields_q.hash[8:6] ^ fields_q.hash[11:9] ^ fields_q.hash[14:12] ^ {2'b0, fields_q.hash[15]};
  assign learns     = decides && wants_learn;

  port_rules u_rules (
    .addresses_i(rule_addresses), .match_i(rule_match), .fields_i(fields_q), .hit_o(rule_hit), .action_o(rule_action), .func_o(rule_func)
  );
  port_flows u_flows (
    .clk_i, .rst_ni, .func_i(flow_func), .set_i(flow_set), .tuple_i(flow_tuple), .hit_o(flow_known), .learn_i(learns), .forget_i(forget),
    .forget_func_i(forget_owner), .count_o(flows), .forgotten_o(forgotten)
  );
  port_decide u_decide (
    .enable_i(enable), .learn_i(learn), .default_i(default_action), .default_func_i(default_func), .firmware_mac_i(firmware_mac),
    .func_i(func), .rule_hit_i(rule_hit), .rule_action_i(rule_action), .rule_func_i(rule_func), .flow_known_i(flow_known),
    .flow_func_o(flow_func), .flow_tuple_o(flow_tuple), .fields_i(fields_q), .verdict_o(verdict), .learns_o(wants_learn)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      verdict_valid_q <= 1'b0;
      verdict_q       <= '0;
    end else if (decides) begin
      verdict_valid_q <= 1'b1;
      verdict_q       <= verdict;
    end else if (verdict_ready_i) begin
      verdict_valid_q <= 1'b0;
      verdict_q       <= '0;
    end
  end
  assign verdict_valid_o    = verdict_valid_q;
  assign verdict_dir_o      = verdict_q.dir;
  assign verdict_kind_o     = verdict_q.kind;
  assign verdict_path_o     = verdict_q.path;
  assign verdict_function_o = verdict_q.func;
  assign verdict_mask_o     = verdict_q.mask;
  assign verdict_l3_o       = verdict_q.l3;
  assign verdict_l4_o       = verdict_q.l4;
  assign verdict_payload_o  = verdict_q.payload;
  assign verdict_hash_o     = verdict_q.hash;

  // --- transmit queues ----------------------------------------------------------------------------------------------
  logic          wants;
  logic [1087:0] served;
  assign want_ready_o = 1'b1;

  port_queues u_queues (
    .clk_i, .rst_ni, .want_valid_i, .want_queue_i, .want_length_i, .grant_valid_o, .grant_queue_o, .grant_length_o, .grant_ready_i,
    .wants_o(wants), .served_o(served)
  );

  // --- registers ------------------------------------------------------------------------------------------------------
  logic [63:0] place_value;
  port_regs u_regs (
    .clk_i, .rst_ni, .reg_valid_i, .reg_write_i, .reg_addr_i, .reg_data_i, .reg_ready_o, .reg_rsp_valid_o, .reg_rsp_data_o,
    .reg_rsp_ready_i, .enable_o(enable), .learn_o(learn), .default_o(default_action), .default_func_o(default_func),
    .firmware_mac_o(firmware_mac), .func_o(func), .rule_addresses_o(rule_addresses), .rule_match_o(rule_match), .forget_o(forget),
    .forget_owner_o(forget_owner), .flows_i(flows), .forgotten_i(forgotten), .learns_i(learns), .decided_i(decides),
    .decided_count_i({verdict.dir, verdict.path}), .served_i(served), .place_value_i(place_value)
  );

  // --- placement ---------------------------------------------------------------------------------------------------
  logic        place_idle;

  port_place u_place (
    .clk_i, .rst_ni, .seg_valid_i, .seg_job_i, .seg_owner_i, .seg_tuple_i({seg_dport_i, seg_sport_i, seg_daddr_i, seg_saddr_i}), .seg_seq_i,
    .seg_length_i, .seg_ready_o, .pay_valid_i, .pay_data_i, .pay_ready_o, .run_valid_o, .run_at_o, .run_length_o, .run_address_o, .run_ready_i,
    .done_valid_o, .done_from_o, .done_bad_o, .done_crc_o, .done_ready_i, .write_i(reg_valid_i && reg_ready_o && reg_write_i),
    .addr_i(reg_addr_i), .data_i(reg_data_i), .value_o(place_value), .open_o, .idle_o(place_idle)
  );

  assign idle_o = begun == '0 && !fields_valid_q && !verdict_valid_q && !wants && !grant_valid_o && !reg_rsp_valid_o && place_idle;

  `LIB_STABLE(a_verdict_stable, verdict_valid_o, verdict_ready_i, verdict_q)
  `LIB_STABLE(a_grant_stable, grant_valid_o, grant_ready_i, {grant_queue_o, grant_length_o})

  logic unused_wires;
  assign unused_wires = ^unused_source;
endmodule
