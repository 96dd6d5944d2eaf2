// The rules that the firmware sets, against one header: the lowest that matches. Combinational.
module port_rules (
  input  logic [1023:0]       addresses_i,  // rule i: [64i+63:64i]
  input  logic [1023:0]       match_i,
  input  port_types::fields_t fields_i,
  output logic                hit_o,
  output logic [1:0]          action_o,
  output logic [3:0]          func_o
);
  logic [15:0] hits;

  for (genvar i = 0; i < 16; i++) begin : g_rule
    logic [63:0] a, m;
    logic        unused;
    assign a = addresses_i[64*i +: 64];
    assign m = match_i[64*i +: 64];
    assign hits[i] = m[63] && fields_i.is_ip && (fields_i.has_ports || !(m[42] || m[43])) &&
      (!m[40] || a[31:0] == fields_i.saddr) && (!m[41] || a[63:32] == fields_i.daddr) &&
      (!m[42] || m[15:0] == fields_i.sport) && (!m[43] || m[31:16] == fields_i.dport) &&
      (!m[44] || m[39:32] == fields_i.protocol);
    assign unused = ^{m[62:45]};
  end

  always_comb begin
    action_o = '0;
    func_o   = '0;
    for (int i = 15; i >= 0; i--) begin
      if (hits[i]) begin
        action_o = match_i[64*i + 48 +: 2];
        func_o   = match_i[64*i + 52 +: 4];
      end
    end
  end
  assign hit_o = |hits;

  logic unused_fields;
  assign unused_fields = ^{fields_i.dir, fields_i.source, fields_i.is_flow, fields_i.l3, fields_i.l4, fields_i.payload, fields_i.hash, fields_i.smac, fields_i.dmac};
endmodule
