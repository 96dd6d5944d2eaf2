// Registers of the classifier; addresses count from 0x1000 of the port's window.
module port_regs (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          reg_valid_i,
  input  logic          reg_write_i,
  input  logic [11:0]   reg_addr_i,
  input  logic [63:0]   reg_data_i,
  output logic          reg_ready_o,
  output logic          reg_rsp_valid_o,
  output logic [63:0]   reg_rsp_data_o,
  input  logic          reg_rsp_ready_i,
  output logic          enable_o,
  output logic          learn_o,
  output logic [1:0]    default_o,
  output logic [3:0]    default_func_o,
  output logic [47:0]   firmware_mac_o,
  output logic [1023:0] func_o,
  output logic [1023:0] rule_addresses_o,
  output logic [1023:0] rule_match_o,
  output logic          forget_o,
  output logic [3:0]    forget_owner_o,
  input  logic [9:0]    flows_i,
  input  logic [5:0]    forgotten_i,
  input  logic          learns_i,
  input  logic          decided_i,
  input  logic [3:0]    decided_count_i,
  input  logic [1087:0] served_i,
  input  logic [63:0]   place_value_i  // of the placement unit, 0 for addresses that are not its
);
  localparam int Base = port_pkg::PORT_FLOW_OFFSET;
  localparam logic [63:0] CONTROL_MASK = 64'hf33, FUNC_MASK = 64'he000_ffff_ffff_ffff, MATCH_MASK = 64'h80f3_1fff_ffff_ffff;

  logic [63:0]   control_q, answer_q, learned_q, revoked_q, value;
  logic [47:0]   firmware_mac_q;
  logic [1023:0] func_q, addresses_q, match_q, count_q;
  logic          answer_valid_q, taken, writes;
  logic [8:0]    word;

  assign word   = reg_addr_i[11:3];
  assign taken  = reg_valid_i && reg_ready_o;
  assign writes = taken && reg_write_i;

  assign reg_ready_o      = !answer_valid_q;
  assign reg_rsp_valid_o  = answer_valid_q;
  assign reg_rsp_data_o   = answer_q;
  assign enable_o         = control_q[0];
  assign learn_o          = control_q[1];
  assign default_o        = control_q[5:4];
  assign default_func_o   = control_q[11:8];
  assign firmware_mac_o   = firmware_mac_q;
  assign func_o           = func_q;
  assign rule_addresses_o = addresses_q;
  assign rule_match_o     = match_q;
  assign forget_o         = writes && word == 9'((port_pkg::PORT_FLOW_DETACH - Base) / 8);
  assign forget_owner_o   = reg_data_i[3:0];

  always_comb begin
    value = place_value_i;
    if (word == 9'((port_pkg::PORT_FLOW_CONTROL - Base) / 8)) value = control_q;
    if (word == 9'((port_pkg::PORT_FLOW_FIRMWARE_MAC - Base) / 8)) value = 64'(firmware_mac_q);
    if (word == 9'((port_pkg::PORT_FLOW_STATUS - Base) / 8)) value = 64'(flows_i);
    if (word == 9'((port_pkg::PORT_FLOW_COUNT_LEARNED - Base) / 8)) value = learned_q;
    if (word == 9'((port_pkg::PORT_FLOW_COUNT_REVOKED - Base) / 8)) value = revoked_q;
    for (int i = 0; i < 16; i++) begin
      if (word == 9'((port_pkg::PORT_FLOW_FN - Base) / 8 + i)) value = func_q[64*i +: 64];
      if (word == 9'((port_pkg::PORT_FLOW_RULE_ADDRESSES - Base) / 8 + 2 * i)) value = addresses_q[64*i +: 64];
      if (word == 9'((port_pkg::PORT_FLOW_RULE_MATCH - Base) / 8 + 2 * i)) value = match_q[64*i +: 64];
      if (word == 9'((port_pkg::PORT_FLOW_COUNT - Base) / 8 + i)) value = count_q[64*i +: 64];
    end
    for (int q = 0; q < port_pkg::PORT_FLOW_QUEUES; q++) begin
      if (word == 9'((port_pkg::PORT_FLOW_SERVED - Base) / 8 + q)) value = served_i[64*q +: 64];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      control_q      <= '0;
      firmware_mac_q <= '0;
      func_q         <= '0;
      addresses_q    <= '0;
      match_q        <= '0;
      count_q        <= '0;
      learned_q      <= '0;
      revoked_q      <= '0;
      answer_valid_q <= 1'b0;
      answer_q       <= '0;
    end else begin
      if (writes && word == 9'((port_pkg::PORT_FLOW_CONTROL - Base) / 8)) control_q <= reg_data_i & CONTROL_MASK;
      if (writes && word == 9'((port_pkg::PORT_FLOW_FIRMWARE_MAC - Base) / 8)) firmware_mac_q <= reg_data_i[47:0];
      for (int i = 0; i < 16; i++) begin
        if (writes && word == 9'((port_pkg::PORT_FLOW_FN - Base) / 8 + i)) func_q[64*i +: 64] <= reg_data_i & FUNC_MASK;
        if (writes && word == 9'((port_pkg::PORT_FLOW_RULE_ADDRESSES - Base) / 8 + 2 * i)) addresses_q[64*i +: 64] <= reg_data_i;
        if (writes && word == 9'((port_pkg::PORT_FLOW_RULE_MATCH - Base) / 8 + 2 * i))
          match_q[64*i +: 64] <= reg_data_i & MATCH_MASK;
        if (decided_i && decided_count_i == 4'(i)) count_q[64*i +: 64] <= count_q[64*i +: 64] + 64'd1;
      end
      if (learns_i) learned_q <= learned_q + 64'd1;
      if (forget_o) revoked_q <= revoked_q + 64'(forgotten_i);
      if (taken) begin
        answer_valid_q <= 1'b1;
        answer_q       <= reg_write_i ? '0 : value;
      end else if (reg_rsp_ready_i) begin
        answer_valid_q <= 1'b0;
        answer_q       <= '0;
      end
    end
  end

  logic unused_addr;
  assign unused_addr = ^reg_addr_i[2:0];
endmodule
