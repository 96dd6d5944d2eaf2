// PLACE_* registers: two sets of what the writes of PLACE_FLOW and PLACE_ENTRY take their operands from. Counters are the unit's.
module port_place_regs (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        write_i,
  input  logic [11:0] addr_i,      // from 0x1000 of the port's window
  input  logic [63:0] data_i,
  output logic [63:0] value_o,     // what a read of addr_i gives, 0 if it is none of these
  output logic        flow_o,      // PLACE_FLOW is written
  output logic [95:0] flow_tuple_o,
  output logic        entry_o,     // PLACE_ENTRY is written
  output logic [63:0] entry_address_o,
  input  logic [319:0] counts_i    // PLACE_COUNT_*
);
  localparam int Base = port_pkg::PORT_FLOW_OFFSET;
  localparam logic [8:0] TUPLE = 9'((port_pkg::PORT_PLACE_TUPLE - Base) / 8), PORTS = 9'((port_pkg::PORT_PLACE_PORTS - Base) / 8),
    FLOW = 9'((port_pkg::PORT_PLACE_FLOW - Base) / 8), ADDRESS = 9'((port_pkg::PORT_PLACE_ADDRESS - Base) / 8),
    ENTRY = 9'((port_pkg::PORT_PLACE_ENTRY - Base) / 8), COUNTS = 9'((port_pkg::PORT_PLACE_COUNT_SEGMENTS - Base) / 8);

  logic [127:0] tuple_q, address_q;
  logic [63:0]  ports_q;
  logic [8:0]   word, plain;
  logic         set;

  assign word            = addr_i[11:3];
  assign set             = word[4];
  assign plain           = {word[8:5], 1'b0, word[3:0]};
  assign flow_o          = write_i && plain == FLOW;
  assign entry_o         = write_i && plain == ENTRY;
  assign flow_tuple_o    = set ? {ports_q[63:32], tuple_q[127:64]} : {ports_q[31:0], tuple_q[63:0]};
  assign entry_address_o = set ? address_q[127:64] : address_q[63:0];

  always_comb begin
    value_o = '0;
    if (plain == TUPLE) value_o = flow_tuple_o[63:0];
    if (plain == PORTS) value_o = 64'(flow_tuple_o[95:64]);
    if (plain == ADDRESS) value_o = entry_address_o;
    for (int i = 0; i < 5; i++) if (word == COUNTS + 9'(i)) value_o = counts_i[64*i +: 64];
  end

  for (genvar i = 0; i < 2; i++) begin : g_set
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        tuple_q[64*i +: 64]   <= '0;
        ports_q[32*i +: 32]   <= '0;
        address_q[64*i +: 64] <= '0;
      end else if (write_i && set == 1'(i)) begin
        if (plain == TUPLE) tuple_q[64*i +: 64] <= data_i;
        if (plain == PORTS) ports_q[32*i +: 32] <= data_i[31:0];
        if (plain == ADDRESS) address_q[64*i +: 64] <= data_i;
      end
    end
  end

  logic unused_addr;
  assign unused_addr = ^addr_i[2:0];
endmodule
