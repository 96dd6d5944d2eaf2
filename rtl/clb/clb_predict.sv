// Prediction of far branches: {turns, strength, direction, valid} an entry.
//
// Contract: `entry_o` is combinational from `index_i`. A resolved branch (`train_i`) changes its entry at the edge; `direction_o` is the direction that the
// entry has from then on. A prediction turns at most three times. `clear_i` empties entry `clear_index_i`.
module clb_predict (
  input  logic       clk_i,
  input  logic       clear_i,
  input  logic [7:0] clear_index_i,
  input  logic [7:0] index_i,
  output logic [5:0] entry_o,
  input  logic       train_i,
  input  logic [7:0] train_index_i,
  input  logic       taken_i,
  input  logic       predicted_i,
  output logic       direction_o
);
  logic [5:0] mem [0:clb_pkg::CLB_PREDICTIONS-1];
  logic [5:0] old, updated;

  assign entry_o     = mem[index_i];
  assign old         = mem[train_index_i];
  assign direction_o = updated[1];

  always_comb begin
    updated = old;
    updated[0] = 1'b1;
    if (!old[0]) begin
      updated[1]   = predicted_i;
      updated[3:2] = {1'b0, taken_i == predicted_i};
    end else if (old[1] == taken_i) begin
      if (old[3:2] != 2'd3) updated[3:2] = old[3:2] + 2'd1;
    end else if (old[3:2] != 2'd0) begin
      updated[3:2] = old[3:2] - 2'd1;
    end else if (old[5:4] != 2'd3) begin
      updated[1]   = taken_i;
      updated[5:4] = old[5:4] + 2'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) mem[clear_index_i] <= 6'd0;
    else if (train_i) mem[train_index_i] <= updated;
  end
endmodule
