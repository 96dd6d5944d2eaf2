// The three caches of the table image: first level, second level, templates and directives.
//
// Contract: that of clb_table_cache for the cache that `select_i` names; `fill_select_i` names the one that is being filled.
module clb_tables (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [1:0]  select_i,
  input  logic [55:0] addr_i,
  output logic        hit_o,
  output logic [63:0] word_o,
  input  logic        drop_i,
  input  logic        open_i,
  input  logic [1:0]  fill_select_i,
  input  logic [51:0] line_i,
  input  logic        beat_i,
  input  logic        beat_index_i,
  input  logic [63:0] data_i,
  input  logic        close_i
);
  logic        first_hit, second_hit, template_hit;
  logic [63:0] first_word, second_word, template_word;

  always_comb begin
    case (select_i)
      2'd0: begin
        hit_o  = first_hit;
        word_o = first_word;
      end
      2'd1: begin
        hit_o  = second_hit;
        word_o = second_word;
      end
      default: begin
        hit_o  = template_hit;
        word_o = template_word;
      end
    endcase
  end

  clb_table_cache #(.Lines(clb_pkg::CLB_FIRST_LINES)) u_first (
    .clk_i, .rst_ni, .addr_i, .hit_o(first_hit), .word_o(first_word), .drop_i, .open_i(open_i && select_i == 2'd0), .line_i,
    .beat_i(beat_i && fill_select_i == 2'd0), .beat_index_i, .data_i, .close_i(close_i && fill_select_i == 2'd0)
  );
  clb_table_cache #(.Lines(clb_pkg::CLB_SECOND_LINES)) u_second (
    .clk_i, .rst_ni, .addr_i, .hit_o(second_hit), .word_o(second_word), .drop_i, .open_i(open_i && select_i == 2'd1), .line_i,
    .beat_i(beat_i && fill_select_i == 2'd1), .beat_index_i, .data_i, .close_i(close_i && fill_select_i == 2'd1)
  );
  clb_table_cache #(.Lines(clb_pkg::CLB_TEMPLATE_LINES)) u_template (
    .clk_i, .rst_ni, .addr_i, .hit_o(template_hit), .word_o(template_word), .drop_i, .open_i(open_i && select_i == 2'd2), .line_i,
    .beat_i(beat_i && fill_select_i == 2'd2), .beat_index_i, .data_i, .close_i(close_i && fill_select_i == 2'd2)
  );
endmodule
