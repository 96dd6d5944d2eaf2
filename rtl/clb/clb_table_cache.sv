// A cache of the table image: direct-mapped, lines of two 64-bit words.
//
// Contract: `hit_o` and `word_o` are combinational from `addr_i`. A fill begins with `open_i` (the line of `addr_i` becomes void), brings words with
// `beat_i` and ends with `close_i`, both for line `line_i`. `drop_i` voids all lines.
module clb_table_cache #(
  parameter int Lines = 64,
  localparam int IndexWidth = $clog2(Lines)
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [55:0] addr_i,
  output logic        hit_o,
  output logic [63:0] word_o,
  input  logic        drop_i,
  input  logic        open_i,
  input  logic [51:0] line_i,
  input  logic        beat_i,
  input  logic        beat_index_i,
  input  logic [63:0] data_i,
  input  logic        close_i
);
  logic [Lines-1:0]      valid_q;
  logic [51:0]           tag_mem  [0:Lines-1];
  logic [63:0]           word_mem [0:2*Lines-1];
  logic [IndexWidth-1:0] index, line;

  assign index  = addr_i[4 +: IndexWidth];
  assign line   = line_i[IndexWidth-1:0];
  assign hit_o  = valid_q[index] && tag_mem[index] == addr_i[55:4];
  assign word_o = word_mem[{index, addr_i[3]}];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || drop_i) begin
      valid_q <= '0;
    end else begin
      if (open_i) valid_q[index] <= 1'b0;
      if (close_i) valid_q[line] <= 1'b1;
    end
    if (close_i) tag_mem[line] <= line_i;
    if (beat_i) word_mem[{line, beat_index_i}] <= data_i;
  end
endmodule
