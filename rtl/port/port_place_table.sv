// Buffers of the commands of each connection. Contents lie in RAM, validity in registers, since a connection's entries are forgotten at once:
// with the beginning of the connection, too, so that reset has nothing to do.
module port_place_table (
  input  logic        clk_i,
  input  logic        write_i,
  input  logic [4:0]  write_flow_i,
  input  logic [15:0] write_cccid_i,
  input  logic [18:0] write_length_i,
  input  logic [63:0] write_address_i,
  input  logic        write_valid_i,
  input  logic        forget_i,       // the entries of forget_flow_i
  input  logic [4:0]  forget_flow_i,
  input  logic [4:0]  flow_i,
  input  logic [15:0] cccid_i,
  output logic        hit_o,          // there is an entry for this command
  output logic [18:0] length_o,
  output logic [63:0] address_o
);
  localparam int Each = port_pkg::PORT_PLACE_ENTRIES, Entries = port_pkg::PORT_PLACE_FLOWS * Each;

  logic [98:0]        mem [0:Entries-1];
  logic [Entries-1:0] valid_q;
  logic [98:0]        entry;
  logic [10:0]        at, write_at;

  assign at        = {flow_i, cccid_i[5:0]};
  assign write_at  = {write_flow_i, write_cccid_i[5:0]};
  assign entry     = mem[at];
  assign hit_o     = valid_q[at] && entry[98:83] == cccid_i;
  assign length_o  = entry[82:64];
  assign address_o = entry[63:0];

  always_ff @(posedge clk_i) begin
    if (write_i) valid_q[write_at] <= write_valid_i;
    if (forget_i) valid_q[{forget_flow_i, 6'd0} +: Each] <= '0;
    if (write_i) mem[write_at] <= {write_cccid_i, write_length_i, write_address_i};
  end
endmodule
