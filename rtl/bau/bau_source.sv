// Which request the translator takes next: the head of the link or the holder's offer, in turn. README, Translator (REST).
//
// Contract: `take_replay_o`, `valid_o` and `request_o` are combinational from the heads; `request_o` of the request under way stays
// the same until `start_i`, because its source keeps it. `served_o` is about `request_o`. Nothing is cleared after reset: what the
// holder offers came from the link before, whose start has set the turn.
module bau_source (
  input  logic                clk_i,
  input  logic [63:0]         owner_i,
  input  logic [1:0]          enable_i,
  input  logic [1:0]          pt_valid_i,
  input  logic [1:0]          pt_wait_i,
  input  logic [13:0]         device_length_i,
  input  logic                link_valid_i,
  input  bau_types::request_t link_i,
  input  logic                holds_i,      // the link's function holds something
  input  logic                hold_full_i,  // and its ring is full
  input  logic                offer_i,
  input  bau_types::request_t offered_i,
  input  logic                resting_i,
  input  logic                start_i,
  output logic                valid_o,
  output logic                take_replay_o,
  output logic                replay_o,     // the request under way is the holder's
  output bau_types::request_t request_o,
  output logic                owner_o,
  output logic                served_o
);
  logic replay_q, turn_q;

  // The link's head does not count while it has to go into a hold ring that is full.
  logic link_owner, link_served, link_offers;
  assign link_owner    = link_i.rid[15:6] == 10'd0 && owner_i[link_i.rid[5:0]];
  assign link_served   = link_i.rid[15:6] == 10'd0 && pt_valid_i[link_owner] && enable_i[link_owner]
                         && {1'b0, link_i.rid[5:0]} < device_length_i[7*link_owner +: 7];
  assign link_offers   = link_valid_i && (link_i.cause != 5'd0 || !link_served || !holds_i || !hold_full_i
                                          || !pt_wait_i[link_owner]);
  assign take_replay_o = offer_i && (!link_offers || turn_q);
  assign valid_o       = link_offers || offer_i;
  assign request_o     = (resting_i ? take_replay_o : replay_q) ? offered_i : link_i;
  assign owner_o       = request_o.rid[15:6] == 10'd0 && owner_i[request_o.rid[5:0]];
  assign served_o      = request_o.rid[15:6] == 10'd0 && pt_valid_i[owner_o] && enable_i[owner_o]
                         && {1'b0, request_o.rid[5:0]} < device_length_i[7*owner_o +: 7];
  assign replay_o      = replay_q;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      replay_q <= take_replay_o;
      turn_q   <= !take_replay_o;
    end
  end
endmodule
