// Who sends next: start-time fair queueing in bytes over 17 transmit queues (README.md).
module port_queues (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          want_valid_i,
  input  logic [4:0]    want_queue_i,
  input  logic [13:0]   want_length_i,
  output logic          grant_valid_o,
  output logic [4:0]    grant_queue_o,
  output logic [13:0]   grant_length_o,
  input  logic          grant_ready_i,
  output logic          wants_o,        // some queue does
  output logic [1087:0] served_o        // bytes of queue q: [64q+63:64q]
);
  localparam int Queues = port_pkg::PORT_FLOW_QUEUES;

  logic [Queues-1:0]    wants_q;
  logic [14*Queues-1:0] length_q;
  logic [32*Queues-1:0] start_q, finish_q;
  logic [64*Queues-1:0] served_q;
  logic [31:0]          now_q;  // V
  logic                 grant_valid_q, decides, found;
  logic [4:0]           grant_queue_q, winner;
  logic [13:0]          grant_length_q;
  logic [31:0]          best, difference;

  assign wants_o        = |wants_q;
  assign served_o       = served_q;
  assign grant_valid_o  = grant_valid_q;
  assign grant_queue_o  = grant_queue_q;
  assign grant_length_o = grant_length_q;
  assign decides        = !grant_valid_q || grant_ready_i;

  always_comb begin
    found  = 1'b0;
    winner = '0;
    best   = '0;
    for (int q = 0; q < Queues; q++) begin
      difference = start_q[32*q +: 32] - best;
      if (wants_q[q] && (!found || difference[31])) begin
        found  = 1'b1;
        winner = 5'(q);
        best   = start_q[32*q +: 32];
      end
    end
  end

  for (genvar q = 0; q < Queues; q++) begin : g_queue
    logic        wanted, granted;
    logic [31:0] ahead, start, length;
    logic        unused;
    assign wanted  = want_valid_i && want_queue_i == 5'(q);
    assign granted = decides && found && winner == 5'(q);
    assign length  = 32'(want_length_i);
    // The later of V and F; a queue that wants already keeps its start tag.
    assign ahead   = now_q - finish_q[32*q +: 32];
    assign start   = wants_q[q] && !granted ? start_q[32*q +: 32] : ahead[31] ? finish_q[32*q +: 32] : now_q;
    assign unused  = ^ahead[30:0];

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        wants_q[q]           <= 1'b0;
        finish_q[32*q +: 32] <= '0;
        served_q[64*q +: 64] <= '0;
      end else begin
        if (granted) begin
          wants_q[q]           <= 1'b0;
          served_q[64*q +: 64] <= served_q[64*q +: 64] + 64'(length_q[14*q +: 14]);
        end
        if (wanted) begin
          wants_q[q]           <= 1'b1;
          length_q[14*q +: 14] <= want_length_i;
          start_q[32*q +: 32]  <= start;
          finish_q[32*q +: 32] <= start + length;
        end
      end
    end
  end

  logic unused_difference;
  assign unused_difference = ^difference[30:0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      grant_valid_q  <= 1'b0;
      grant_queue_q  <= '0;
      grant_length_q <= '0;
      now_q          <= '0;
    end else if (decides) begin
      grant_valid_q  <= found;
      grant_queue_q  <= winner;
      grant_length_q <= found ? length_q[{3'b0, winner} * 8'd14 +: 14] : '0;
      if (found) now_q <= best;
    end
  end
endmodule
