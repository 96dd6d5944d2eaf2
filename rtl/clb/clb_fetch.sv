// The guest fetch buffer: lines of 64 bytes, replaced in turn.
//
// Contract: `hit_o` and `value_o` are combinational from `half_i` (a physical address / 2). A fill begins with `open_i`, brings words with `beat_i` and
// ends with `close_i`, which makes the line that of `line_i`. `kill_i` voids the lines that hold `kill_line_i`, or all.
module clb_fetch (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [54:0] half_i,
  output logic        hit_o,
  output logic [15:0] value_o,
  input  logic        open_i,
  input  logic        beat_i,
  input  logic [2:0]  beat_index_i,
  input  logic [63:0] data_i,
  input  logic        close_i,
  input  logic [49:0] line_i,
  input  logic        kill_i,
  input  logic        kill_all_i,
  input  logic [49:0] kill_line_i
);
  localparam int LINES = clb_pkg::CLB_FETCH_LINES;

  logic [LINES-1:0]    valid_q, match, dies;
  logic [LINES*50-1:0] line_q;
  logic [63:0]         word_mem [0:8*LINES-1];
  logic [63:0]         word;
  logic [1:0]          next_q, found;

  for (genvar i = 0; i < LINES; i++) begin : g_line
    assign match[i] = valid_q[i] && line_q[50*i +: 50] == half_i[54:5];
    assign dies[i]  = kill_i && (kill_all_i || line_q[50*i +: 50] == kill_line_i);
  end

  assign hit_o = |match;
  assign found = match[0] ? 2'd0 : match[1] ? 2'd1 : match[2] ? 2'd2 : 2'd3;
  assign word  = word_mem[{found, half_i[4:2]}];

  always_comb begin
    case (half_i[1:0])
      2'd0: value_o = word[15:0];
      2'd1: value_o = word[31:16];
      2'd2: value_o = word[47:32];
      default: value_o = word[63:48];
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else begin
      valid_q <= valid_q & ~dies;
      if (open_i) valid_q[next_q] <= 1'b0;
      if (close_i) begin
        valid_q[next_q]          <= 1'b1;
        line_q[50*next_q +: 50]  <= line_i;
        next_q                   <= next_q + 2'd1;
      end
    end
    if (beat_i) word_mem[{next_q, beat_index_i}] <= data_i;
  end
endmodule
