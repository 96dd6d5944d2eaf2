// The assembly buffer: joins the converted instructions of a block, each with the side information by which the hart goes on.
//
// Contract: `clear_i` empties it. `place_i` puts native op `op_i` of the instruction at `at_i` behind the ops that are there (combinational `final_o`: it is the
// instruction's last; then `next_o` is where the block goes on, and `stop_o` that it ends here). While nothing is placed the buffer is also written from
// outside, by `load_*_i`. Slots are read through `read_slot_i`, combinational.
module clb_join (
  input  logic        clk_i,
  input  logic        clear_i,
  // the request
  input  logic [59:0] key_i,
  input  logic        single_i,
  // the instruction
  input  logic        place_i,
  input  logic [2:0]  op_i,
  input  logic [2:0]  ops_i,
  input  logic [63:0] op_word_i,
  input  logic [1:0]  flow_i,
  input  logic [10:0] at_i,
  input  logic        wide_i,
  input  logic        split_i,        // its second half lies in another page
  output logic        final_o,
  output logic        stop_o,
  output logic [10:0] next_o,
  // prediction
  output logic [7:0]  prediction_index_o,
  input  logic [5:0]  prediction_i,
  // slots from outside
  input  logic        load_word_i,
  input  logic        load_side_i,
  input  logic [4:0]  load_slot_i,
  input  logic [63:0] load_data_i,
  input  logic        load_end_i,
  input  logic [4:0]  load_count_i,
  input  logic [63:0] load_mask_i,
  // the block
  input  logic [4:0]  read_slot_i,
  output logic [63:0] word_o,
  output logic [40:0] side_o,
  output logic [4:0]  count_o,
  output logic [63:0] mask_o,
  output logic        split_o
);
  logic [63:0] word_mem [0:31];
  logic [40:0] side_mem [0:31];
  logic [4:0]  count_q;
  logic [63:0] mask_q;
  logic        split_q, near, final_op;
  logic [4:0]  near_index;
  logic [40:0] stored, placed;
  logic [10:0] route_next, route_opposite, route_target;
  logic        route_far, route_taken, route_near, route_wait;

  assign count_o = count_q;
  assign mask_o  = mask_q;
  assign split_o = split_q;
  assign word_o  = word_mem[read_slot_i];
  assign stored  = side_mem[read_slot_i];
  // a branch that found its target is near: {taken, far, near, index, opposite, next, at}
  assign side_o  = near ? {stored[40], 1'b0, 1'b1, near_index, 11'd0, stored[21:0]} : stored;

  assign final_op = {1'b0, op_i} + 4'd1 >= {1'b0, ops_i};
  assign final_o  = final_op;
  assign next_o   = route_next;
  assign placed   = final_op ? {route_taken, route_far, route_near, 5'd0, route_opposite, route_next, at_i} : {19'd0, at_i, at_i};
  assign prediction_index_o = clb_types::prediction_of(key_i[7:0], at_i);

  clb_route u_route (
    .flow_i, .at_i, .wide_i, .offset_i(op_word_i[63:32]), .start_i(key_i[54:44]), .keep_i(!single_i), .prediction_i,
    .next_o(route_next), .opposite_o(route_opposite), .target_o(route_target), .stop_o, .far_o(route_far), .taken_o(route_taken),
    .near_o(route_near), .wait_o(route_wait)
  );
  clb_pending u_pending (
    .clk_i, .clear_i(clear_i || load_end_i), .add_i(place_i && final_op && route_wait), .target_i(route_target),
    .resolve_i(place_i && op_i == 3'd0), .at_i, .slot_i(count_q), .query_i(read_slot_i), .near_o(near), .index_o(near_index)
  );

  always_ff @(posedge clk_i) begin
    if (place_i) begin
      word_mem[count_q] <= op_word_i;
      side_mem[count_q] <= placed;
    end
    if (load_word_i) word_mem[load_slot_i] <= load_data_i;
    if (load_side_i) side_mem[load_slot_i] <= load_data_i[40:0];
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) begin
      count_q <= 5'd0;
      mask_q  <= 64'd0;
      split_q <= 1'b0;
    end else if (load_end_i) begin
      count_q <= load_count_i;
      mask_q  <= load_mask_i;
      split_q <= 1'b0;
    end else begin
      if (place_i) count_q <= count_q + 5'd1;
      if (place_i && final_op) begin
        mask_q <= mask_q | (64'd1 << at_i[10:5]) | (wide_i && at_i != 11'h7ff ? 64'd1 << 6'((at_i + 11'd1) >> 5) : 64'd0);
      end
      if (split_i) split_q <= 1'b1;
    end
  end
endmodule
