// Installation of a block: which way, which chunk, who must go before.
//
// Contract: with `pick_i` the row of the new block is at the inputs; `pick_valid_o` says that both of its ways are in use, so that one is evicted. With
// `take_i` the row of the chunk's owner is there; `owner_live_o` says that it still holds the chunk and is evicted. `converted_i` and `found_i` say
// where the block came from; a converted one is dirty.
module clb_install (
  input  logic        clk_i,
  input  logic        found_i,
  input  logic        converted_i,
  input  logic        pick_i,
  input  logic        take_i,
  input  logic [9:0]  request_row_i,
  input  logic [4:0]  count_i,
  input  logic [1:0]  valid_i,
  input  logic        recent_i,
  input  logic [61:0] info0_i,
  input  logic [61:0] info1_i,
  input  logic [9:0]  next_chunk_i,   // of size large_o
  input  logic [10:0] owner_i,        // {row, way} of that chunk
  output logic        pick_valid_o,
  output logic        owner_live_o,
  output logic        way_o,
  output logic        reuse_o,        // it keeps the chunk of the way that it replaces
  output logic        large_o,
  output logic        dirty_o,
  output logic [9:0]  chunk_o,
  output logic [9:0]  evict_row_o,
  output logic        evict_way_o,
  output logic        second_o        // the victim is the chunk's owner
);
  logic        way_q, second_q, reuse_q, large_q, dirty_q, evict_way_q, pick_way, pick_large;
  logic [9:0]  chunk_q, evict_row_q;
  logic [61:0] pick_info, owner_info;

  assign pick_large   = count_i > 5'(clb_pkg::CLB_SMALL_SLOTS);
  assign pick_way     = !valid_i[0] ? 1'b0 : !valid_i[1] ? 1'b1 : !recent_i;
  assign pick_valid_o = valid_i == 2'b11;
  assign pick_info    = pick_way ? info1_i : info0_i;
  assign owner_info   = owner_i[0] ? info1_i : info0_i;
  assign owner_live_o = valid_i[owner_i[0]] && owner_info[15] == large_q && owner_info[9:0] == next_chunk_i;
  assign way_o        = way_q;
  assign reuse_o      = reuse_q;
  assign large_o      = large_q;
  assign dirty_o      = dirty_q;
  assign chunk_o      = chunk_q;
  assign evict_row_o  = evict_row_q;
  assign evict_way_o  = evict_way_q;
  assign second_o     = second_q;

  always_ff @(posedge clk_i) begin
    if (found_i) dirty_q <= 1'b0;
    if (converted_i) dirty_q <= 1'b1;
    if (pick_i) begin
      way_q       <= pick_way;
      large_q     <= pick_large;
      reuse_q     <= pick_valid_o && pick_info[15] == pick_large;
      chunk_q     <= pick_info[9:0];
      evict_row_q <= request_row_i;
      evict_way_q <= pick_way;
      second_q    <= 1'b0;
    end
    if (take_i) begin
      chunk_q     <= next_chunk_i;
      evict_row_q <= owner_i[10:1];
      evict_way_q <= owner_i[0];
      second_q    <= owner_live_o;
    end
  end
endmodule
