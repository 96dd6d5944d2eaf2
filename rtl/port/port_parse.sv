// Header to fields, combinational. Byte i of the frame is header_i[8i+7:8i].
module port_parse (
  input  logic [767:0]        header_i,
  input  logic [13:0]         length_i,
  input  logic                dir_i,
  input  logic [4:0]          source_i,
  output port_types::fields_t fields_o
);
  logic         vlan, is_ip, fragment, transport, tcp, udp, has_ports;
  logic [15:0]  kind;
  logic [159:0] ip;      // first 20 bytes of the network header
  logic [103:0] l4bytes; // first 13 bytes of the transport header
  logic [6:0]   at, l4;
  logic [31:0]  mixed, saddr, daddr;
  logic [15:0]  sport, dport;

  assign vlan = length_i >= 14'd18 && header_i[103:96] == 8'h81 && header_i[111:104] == 8'h00;
  assign at   = vlan ? 7'd18 : 7'd14;
  assign kind = vlan ? {header_i[135:128], header_i[143:136]} : {header_i[103:96], header_i[111:104]};
  assign ip   = vlan ? header_i[144 +: 160] : header_i[112 +: 160];

  assign is_ip     = kind == 16'h0800 && length_i >= 14'(at) + 14'd20 && ip[7:4] == 4'd4 && ip[3:0] >= 4'd5;
  assign l4        = at + {1'b0, ip[3:0], 2'b00};
  assign tcp       = ip[79:72] == 8'd6;
  assign udp       = ip[79:72] == 8'd17;
  assign fragment  = ip[53:48] != '0 || ip[63:56] != '0;
  assign transport = is_ip && (tcp || udp) && !fragment;
  assign has_ports = transport && length_i >= 14'(l4) + 14'd4;
  assign l4bytes   = header_i[{3'b0, l4} * 10'd8 +: 104];

  assign saddr = is_ip ? {ip[103:96], ip[111:104], ip[119:112], ip[127:120]} : '0;
  assign daddr = is_ip ? {ip[135:128], ip[143:136], ip[151:144], ip[159:152]} : '0;
  assign sport = has_ports ? {l4bytes[7:0], l4bytes[15:8]} : '0;
  assign dport = has_ports ? {l4bytes[23:16], l4bytes[31:24]} : '0;
  assign mixed = saddr ^ daddr ^ {sport ^ dport, sport ^ dport};

  always_comb begin
    fields_o        = '0;
    fields_o.dir    = dir_i;
    fields_o.source = source_i;
    fields_o.dmac   = header_i[47:0];
    fields_o.smac   = header_i[95:48];
    if (is_ip) begin
      fields_o.is_ip    = 1'b1;
      fields_o.is_flow  = !fragment;
      fields_o.l3       = at;
      fields_o.protocol = ip[79:72];
      fields_o.saddr    = saddr;
      fields_o.daddr    = daddr;
      fields_o.hash     = mixed[31:16] ^ mixed[15:0];
    end
    if (has_ports) begin
      fields_o.has_ports = 1'b1;
      fields_o.l4        = l4;
      fields_o.sport     = sport;
      fields_o.dport     = dport;
      if (udp) fields_o.payload = {1'b0, l4} + 8'd8;
      else if (length_i >= 14'(l4) + 14'd20) fields_o.payload = {1'b0, l4} + {2'b0, l4bytes[103:100], 2'b00};
    end
  end

  logic unused_bytes;
  assign unused_bytes = ^{ip[95:80], ip[71:64], ip[55:54], ip[47:8], l4bytes[99:32]};
endmodule
