// Chains: to which entries the hart last went from an entry's block, by an ordinary request and by one with `mispredict`.
//
// Contract: `valid_o`, `to_*_o` are the chain of the present block for `exit_i`; they are a hint that whoever follows it must check. The present block is the one
// that was entered last (`enter_i`: entry `row_i`, `way_i`) or installed last (`install_i`, whose chains are cleared). `leave_i` remembers the block that a request
// leaves; `note_i` in the next cycle makes `row_i`, `way_i` its chain for the exit that it was left by. Nothing is cleared after reset: no entry is entered before
// it is installed.
module clb_chain (
  input  logic       clk_i,
  input  logic [9:0] row_i,
  input  logic       way_i,
  input  logic       enter_i,
  input  logic       install_i,
  input  logic       note_i,
  input  logic       leave_i,
  input  logic       from_valid_i,
  input  logic [9:0] from_row_i,
  input  logic       from_way_i,
  input  logic       exit_i,
  output logic       valid_o,
  output logic [9:0] to_row_o,
  output logic       to_way_o
);
  // {valid, row, way}
  logic [11:0] end0_mem   [0:clb_pkg::CLB_ROWS-1];
  logic [11:0] end1_mem   [0:clb_pkg::CLB_ROWS-1];
  logic [11:0] other0_mem [0:clb_pkg::CLB_ROWS-1];
  logic [11:0] other1_mem [0:clb_pkg::CLB_ROWS-1];
  logic [11:0] end_q, other_q, written;
  logic        from_valid_q, from_way_q, exit_q, note;
  logic [9:0]  from_row_q, write_row;
  logic [1:0]  write_end, write_other;

  assign {valid_o, to_row_o, to_way_o} = exit_i ? other_q : end_q;

  assign note        = note_i && from_valid_q;
  assign write_row   = note ? from_row_q : row_i;
  assign written     = note ? {1'b1, row_i, way_i} : 12'd0;

  always_comb begin
    write_end   = 2'b00;
    write_other = 2'b00;
    if (install_i) begin
      write_end   = {way_i, !way_i};
      write_other = {way_i, !way_i};
    end else if (note) begin
      if (exit_q) write_other = {from_way_q, !from_way_q};
      else write_end = {from_way_q, !from_way_q};
    end
  end

  always_ff @(posedge clk_i) begin
    if (write_end[0]) end0_mem[write_row] <= written;
    if (write_end[1]) end1_mem[write_row] <= written;
    if (write_other[0]) other0_mem[write_row] <= written;
    if (write_other[1]) other1_mem[write_row] <= written;
  end

  always_ff @(posedge clk_i) begin
    if (enter_i) begin
      end_q   <= way_i ? end1_mem[row_i] : end0_mem[row_i];
      other_q <= way_i ? other1_mem[row_i] : other0_mem[row_i];
    end else if (install_i) begin
      end_q   <= 12'd0;
      other_q <= 12'd0;
    end
    if (leave_i) begin
      from_valid_q <= from_valid_i;
      from_row_q   <= from_row_i;
      from_way_q   <= from_way_i;
      exit_q       <= exit_i;
    end
  end
endmodule
