// Fields to verdict, combinational: README.md, "What it decides".
module port_decide (
  input  logic                 enable_i,
  input  logic                 learn_i,
  input  logic [1:0]           default_i,
  input  logic [3:0]           default_func_i,
  input  logic [47:0]          firmware_mac_i,
  input  logic [1023:0]        func_i,       // register of function f: [64f+63:64f]
  input  logic                 rule_hit_i,
  input  logic [1:0]           rule_action_i,
  input  logic [3:0]           rule_func_i,
  input  logic                 flow_known_i,
  output logic [3:0]           flow_func_o,  // whose learned flows are looked into
  output logic [103:0]         flow_tuple_o, // for which one: protocol, local port, remote port, local address, remote address
  input  port_types::fields_t  fields_i,
  output port_types::verdict_t verdict_o,
  output logic                 learns_o
);
  localparam logic [2:0] DROP = 3'(port_pkg::PORT_FLOW_DROP), FIRMWARE = 3'(port_pkg::PORT_FLOW_FIRMWARE),
    FUNC = 3'(port_pkg::PORT_FLOW_FUNCTION), LINE = 3'(port_pkg::PORT_FLOW_LINE), FLOOD = 3'(port_pkg::PORT_FLOW_FLOOD);

  logic [15:0] on, guarded, mine, is_dest;
  logic [4:0]  self5;
  logic [3:0]  self, dest, act_func;
  logic        firmware_sends, group, dest_hit, may_send, flow_hit, act_valid;
  logic [1:0]  action;
  logic [2:0]  act_path;

  assign firmware_sends = fields_i.source == 5'd0;
  assign self5          = fields_i.source - 5'd1;
  assign self           = self5[3:0];
  assign group          = fields_i.dmac[0];

  for (genvar f = 0; f < 16; f++) begin : g_func
    logic own_source, unused;
    assign on[f]      = func_i[64*f + 63];
    assign guarded[f] = func_i[64*f + 61];
    assign own_source = func_i[64*f +: 48] == fields_i.smac;
    assign mine[f]    = on[f] && (func_i[64*f + 62] || own_source) && self == 4'(f);
    assign is_dest[f] = on[f] && func_i[64*f +: 48] == fields_i.dmac &&
                        (!fields_i.dir || firmware_sends || self != 4'(f));
    assign unused     = ^func_i[64*f + 48 +: 13];
  end
  assign may_send = |mine;
  assign dest_hit = |is_dest;
  always_comb begin
    dest = '0;
    for (int f = 15; f >= 0; f--) if (is_dest[f]) dest = 4'(f);
  end

  assign flow_func_o = fields_i.dir ? self : dest;
  assign flow_tuple_o = fields_i.dir ? {fields_i.protocol, fields_i.sport, fields_i.dport, fields_i.saddr, fields_i.daddr}
                                     : {fields_i.protocol, fields_i.dport, fields_i.sport, fields_i.daddr, fields_i.saddr};
  assign flow_hit = fields_i.is_flow && flow_known_i && dest_hit;

  // An action: of a rule, or of what is for nobody.
  assign action    = rule_hit_i ? rule_action_i : default_i;
  assign act_func  = rule_hit_i ? rule_func_i : default_func_i;
  assign act_path  = rule_hit_i ? 3'(port_pkg::PORT_FLOW_PATH_RULE) : 3'(port_pkg::PORT_FLOW_PATH_DEFAULT);
  assign act_valid = action == 2'd2 && on[act_func];

  always_comb begin
    verdict_o         = '0;
    learns_o          = 1'b0;
    verdict_o.dir     = fields_i.dir;
    verdict_o.l3      = fields_i.l3;
    verdict_o.l4      = fields_i.l4;
    verdict_o.payload = fields_i.payload;
    verdict_o.hash    = fields_i.hash;
    verdict_o.kind    = DROP;
    if (fields_i.dir && fields_i.source > 5'd16) begin
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_REFUSED);
    end else if (!enable_i) begin
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_BYPASS);
      if (!fields_i.dir) verdict_o.kind = FIRMWARE;
      else if (firmware_sends) verdict_o.kind = LINE;
      else verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_REFUSED);
    end else if (fields_i.dir && !firmware_sends && !may_send) begin
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_REFUSED);
    end else if (group) begin
      verdict_o.kind = FLOOD;
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_FLOOD);
      verdict_o.mask = on;
      if (fields_i.dir && !firmware_sends) verdict_o.mask[self] = 1'b0;
    end else if (!fields_i.dir && rule_hit_i) begin
      verdict_o.path = act_path;
      if (action == 2'd1) verdict_o.kind = FIRMWARE;
      if (act_valid) begin
        verdict_o.kind = FUNC;
        verdict_o.func = act_func;
      end
    end else if (!fields_i.dir && flow_hit) begin
      verdict_o.kind = FUNC;
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_LEARNED);
      verdict_o.func = dest;
    end else if (fields_i.dmac == firmware_mac_i && !(fields_i.dir && firmware_sends)) begin
      verdict_o.kind = FIRMWARE;
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_MAC);
    end else if (dest_hit) begin
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_GUARD);
      if (!(fields_i.is_ip && guarded[dest])) begin
        verdict_o.kind = FUNC;
        verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_MAC);
        verdict_o.func = dest;
      end
    end else if (!fields_i.dir) begin
      verdict_o.path = act_path;
      if (action == 2'd1) verdict_o.kind = FIRMWARE;
      if (act_valid) begin
        verdict_o.kind = FUNC;
        verdict_o.func = act_func;
      end
    end else begin
      verdict_o.kind = LINE;
      verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_DEFAULT);
      learns_o       = learn_i && !firmware_sends && fields_i.is_flow;
    end
  end

  logic unused_self;
  assign unused_self = self5[4] ^ fields_i.has_ports;
endmodule
