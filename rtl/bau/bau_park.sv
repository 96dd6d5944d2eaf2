// Where the translator parks a request: the place of a hold ring, and the header that goes there. README, Held writes and Translator.
//
// Contract: `behind_i` latches the ring and tail that the holder shows for the request's function, `meet_i` the ring of the
// device-table entry and its first place; from the next cycle on the outputs are about that place. `store_i`: the header is written;
// `last_o` shows its last word.
module bau_park (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                behind_i,
  input  logic [43:0]         behind_ring_i,
  input  logic [3:0]          behind_log2_i,
  input  logic [12:0]         behind_tail_i,
  input  logic                meet_i,
  input  logic [43:0]         meet_ring_i,
  input  logic [3:0]          meet_log2_i,
  input  bau_types::request_t request_i,
  input  logic [15:0]         gscid_i,
  input  logic                valid_i,   // the request is parked in this cycle
  input  logic                store_i,
  input  logic                granted_i,
  output bau_types::parked_t  parked_o,
  output logic [55:9]         place_o,
  output logic [63:0]         header_o,
  output logic [55:0]         header_addr_o,
  output logic                last_o
);
  logic        meets_q;
  logic [43:0] ring_q;
  logic [3:0]  log2_q;
  logic [12:0] index_q;
  logic [11:0] slot;
  logic [1:0]  word_q;  // of the header

  assign slot    = index_q[11:0] & ~(12'hfff << log2_q);
  assign place_o = {ring_q, 3'd0} + {35'd0, slot};
  assign last_o  = word_q == 2'd2;
  assign parked_o.valid   = valid_i;
  assign parked_o.meets   = meets_q;
  assign parked_o.write   = request_i.kind == bau_types::KIND_WRITE;
  assign parked_o.rid     = request_i.rid[5:0];
  assign parked_o.ring    = ring_q;
  assign parked_o.log2    = log2_q;
  assign parked_o.address = request_i.address[40:0];
  assign parked_o.gscid   = gscid_i;
  assign header_addr_o = {place_o, 4'd0, word_q, 3'd0};
  always_comb begin
    case (word_q)
      2'd0: header_o = {38'd0, request_i.kind, request_i.last_be, request_i.first_be, request_i.length, request_i.tag};
      2'd1: header_o = request_i.address;
      default: header_o = {request_i.id, request_i.data};
    endcase
  end

  logic unused_request;
  assign unused_request = ^{request_i.cause, request_i.rid[15:6], index_q[12]};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_q <= 2'd0;
    end else if (store_i && granted_i) begin
      word_q  <= last_o ? 2'd0 : word_q + 2'd1;
    end else if (behind_i) begin
      meets_q <= 1'b0;
      ring_q  <= behind_ring_i;
      log2_q  <= behind_log2_i;
      index_q <= behind_tail_i;
    end else if (meet_i) begin
      meets_q <= 1'b1;
      ring_q  <= meet_ring_i;
      log2_q  <= meet_log2_i;
      index_q <= 13'd0;
    end
  end
endmodule
