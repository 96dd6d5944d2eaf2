// Connections that the placement unit follows: which segment belongs to which, and whether it is followed (README.md, "Connections").
// What a register write sets at an edge prevails over what the unit sets.
module port_place_flows (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         write_i,       // of PLACE_FLOW
  input  logic [1:0]   write_op_i,
  input  logic [4:0]   write_flow_i,
  input  logic [4:0]   write_owner_i,
  input  logic [31:0]  write_seq_i,
  input  logic [95:0]  write_tuple_i, // own port, remote port, own address, remote address
  input  logic [4:0]   owner_i,
  input  logic [95:0]  tuple_i,
  output logic         hit_o,
  output logic [4:0]   flow_o,        // lowest that matches
  output logic         sync_o,        // of that one
  output logic         armed_o,
  output logic [31:0]  arm_o,
  input  logic         begin_i,       // flow_o is followed from where it is armed
  input  logic         lose_i,        // lose_flow_i is followed no more
  input  logic [4:0]   lose_flow_i,
  output logic         open_o
);
  localparam int Flows = port_pkg::PORT_PLACE_FLOWS;
  localparam logic [1:0] CLOSE = 2'(port_pkg::PORT_PLACE_CLOSE), OPEN = 2'(port_pkg::PORT_PLACE_OPEN), ARM = 2'(port_pkg::PORT_PLACE_ARM);

  logic [Flows-1:0]     valid_q, sync_q, armed_q, hits;
  logic [Flows*101-1:0] key_q;
  logic [Flows*32-1:0]  arm_q;

  always_comb begin
    flow_o = '0;
    for (int i = Flows - 1; i >= 0; i--) begin
      hits[i] = valid_q[i] && key_q[101*i +: 101] == {owner_i, tuple_i};
      if (hits[i]) flow_o = 5'(i);
    end
  end
  assign hit_o   = |hits;
  assign sync_o  = sync_q[flow_o];
  assign armed_o = armed_q[flow_o];
  assign arm_o   = arm_q[{5'd0, flow_o} * 10'd32 +: 32];
  assign open_o  = |valid_q;

  for (genvar i = 0; i < Flows; i++) begin : g_flow
    logic written;
    assign written = write_i && write_flow_i == 5'(i);

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        valid_q[i] <= 1'b0;
      end else begin
        if (begin_i && flow_o == 5'(i)) begin
          sync_q[i]  <= 1'b1;
          armed_q[i] <= 1'b0;
        end
        if (lose_i && lose_flow_i == 5'(i)) sync_q[i] <= 1'b0;
        if (written && write_op_i == CLOSE) begin
          valid_q[i] <= 1'b0;
          sync_q[i]  <= 1'b0;
          armed_q[i] <= 1'b0;
        end
        if (written && write_op_i == OPEN) begin
          valid_q[i]          <= 1'b1;
          sync_q[i]           <= 1'b0;
          key_q[101*i +: 101] <= {write_owner_i, write_tuple_i};
        end
        if (written && (write_op_i == OPEN || write_op_i == ARM)) begin
          armed_q[i]        <= 1'b1;
          arm_q[32*i +: 32] <= write_seq_i;
        end
      end
    end
  end
endmodule
