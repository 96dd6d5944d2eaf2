// The assembler: fetches guest instructions, converts them through the table levels and joins their native ops to a block.
//
// Contract: `start_i` begins with the request at the inputs, which stays as it is until `done_o`, up for one cycle with `result_o`. The block is then in the
// assembly buffer: `count_o`, `mask_o`, `split_o`, slots through `read_slot_i` (combinational). The buffer is also written from outside, by `load_i` and
// `load_end_i`, while the assembler rests. A memory answer belongs to the assembler while it waits for one.
module clb_assemble (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic [59:0] key_i,
  input  logic [54:0] next_half_i,
  input  logic        next_valid_i,
  input  logic        single_i,
  input  logic [55:0] table_base_i,   // of the request's set
  input  logic        tables_drop_i,
  input  logic        pending_i,      // a snoop waits
  output logic        busy_o,
  output logic        done_o,
  output logic [2:0]  result_o,
  // memory
  output logic        burst_o,
  output logic        burst_space_o,
  output logic [55:0] burst_addr_o,
  output logic [5:0]  burst_words_o,
  input  logic        beat_i,
  input  logic        last_i,
  input  logic [63:0] data_i,
  input  logic        err_i,
  // prediction
  output logic [7:0]  prediction_index_o,
  input  logic [5:0]  prediction_i,
  // snoop
  input  logic        kill_i,
  input  logic        kill_all_i,
  input  logic [49:0] kill_line_i,
  // assembly buffer
  input  logic        load_word_i,
  input  logic        load_side_i,
  input  logic [4:0]  load_slot_i,
  input  logic        load_end_i,
  input  logic [4:0]  load_count_i,
  input  logic [63:0] load_mask_i,
  input  logic [4:0]  read_slot_i,
  output logic [63:0] word_o,
  output logic [40:0] side_o,
  output logic [4:0]  count_o,
  output logic [63:0] mask_o,
  output logic        split_o,
  output logic [8:0]  events_o        // see assignment
);
  typedef enum logic [4:0] {
    IDLE, SETUP, HEADER, SPACES, HALF0, FETCH, SPACE, SHAPE, HALF1, BASE, FIRST0, FIRST1, SECOND0, SECOND1, TABLE, HEAD, WORD,
    DIRECTIVE, PLACE, DONE
  } state_e;

  state_e      state_q, state_d, after_q, after_d;
  logic [2:0]  result_q, result_d;
  logic        bad_q, wide_q, condition_q;
  logic [31:0] insn_q;
  logic [2:0]  ops_q, op_q;
  logic [1:0]  space_q, flow_q, part_q, table_q;
  logic [3:0]  beat_q;
  logic [10:0] at_q;
  logic [29:0] pieces_q;
  logic [16:0] index_q;
  logic [15:0] row_q, directive_q;
  logic [5:0]  left_q;
  logic [63:0] word_q;
  logic [51:0] line_q;

  // --- the table image -----------------------------------------------------------------------------------------------
  logic        table_read, begins, ready, setup_miss, spaces_bad, filled, fails;
  logic [1:0]  image_part;
  logic [2:0]  spaces;
  logic [31:0] entry_offset, row_offset, word_offset, table_offset;
  logic [55:0] table_addr, spaces_addr;
  logic [63:0] shape;
  logic [4:0]  word_index;

  assign filled       = beat_i && last_i;
  assign fails        = bad_q || err_i;
  assign setup_miss   = table_base_i == 56'd0;
  assign begins       = state_q == SETUP && !setup_miss && !ready;
  assign spaces_bad   = ((state_q == HEADER || state_q == SPACES) && filled) && (fails || spaces == 3'd0);
  assign word_index   = 5'd1 + {2'd0, op_q} + {1'b0, op_q, 1'b0} + {3'd0, part_q};
  assign entry_offset = {11'd0, index_q, 4'd0} + ((state_q == FIRST1 || state_q == SECOND1) ? 32'd8 : 32'd0);
  assign row_offset   = {10'd0, row_q, 6'd0};
  assign word_offset  = {25'd0, word_index[4:1], 3'd0};

  always_comb begin
    table_read   = 1'b1;
    image_part   = 2'd2;
    table_offset = row_offset;
    case (state_q)
      FIRST0, FIRST1: begin
        image_part   = 2'd0;
        table_offset = entry_offset;
      end
      SECOND0, SECOND1: begin
        image_part   = 2'd1;
        table_offset = entry_offset;
      end
      HEAD: ;
      WORD: table_offset = row_offset + word_offset;
      DIRECTIVE: begin
        image_part   = 2'd3;
        table_offset = {14'd0, directive_q, 2'd0};
      end
      default: table_read = 1'b0;
    endcase
  end

  clb_image u_image (
    .clk_i, .base_i(table_base_i), .begin_i(begins), .drop_i(tables_drop_i), .header_i(state_q == HEADER && beat_i),
    .spaces_i(state_q == SPACES && beat_i), .loaded_i(state_q == SPACES && filled && !spaces_bad), .beat_i(beat_q), .data_i, .ready_o(ready),
    .spaces_o(spaces), .spaces_addr_o(spaces_addr), .space_i(space_q), .word_i(state_q == BASE ? 2'd2 : state_q == SHAPE ? 2'd1 : 2'd0),
    .shape_o(shape), .part_i(image_part), .offset_i(table_offset), .addr_o(table_addr)
  );

  // --- reads of tables and guest code --------------------------------------------------------------------------------
  logic        table_hit, table_open, fetch_read, fetch_hit, fetch_open, apart;
  logic [1:0]  table_select;
  logic [63:0] table_word;
  logic [54:0] half;
  logic [15:0] half_value;
  logic [31:0] low, high, value;

  assign apart        = single_i || at_q == 11'h7ff;
  assign half         = state_q == HALF1 ? (apart ? next_half_i : {key_i[43:0], at_q + 11'd1}) : {key_i[43:0], at_q};
  assign fetch_read   = (state_q == HALF0 && !pending_i) || (state_q == HALF1 && !(apart && (count_o != 5'd0 || !next_valid_i)));
  assign fetch_open   = fetch_read && !fetch_hit;
  assign table_select = image_part == 2'd3 ? 2'd2 : image_part;  // templates and directives share a cache
  assign table_open   = table_read && !table_hit;
  assign low          = table_word[31:0];
  assign high         = table_word[63:32];
  assign value        = (state_q == DIRECTIVE ? table_addr[2] : word_index[0]) ? high : low;

  clb_tables u_tables (
    .clk_i, .rst_ni, .select_i(table_select), .addr_i(table_addr), .hit_o(table_hit), .word_o(table_word), .drop_i(tables_drop_i),
    .open_i(table_open), .fill_select_i(table_q), .line_i(line_q), .beat_i(state_q == TABLE && beat_i), .beat_index_i(beat_q[0]), .data_i,
    .close_i(state_q == TABLE && filled && !fails)
  );
  clb_fetch u_fetch (
    .clk_i, .rst_ni, .half_i(half), .hit_o(fetch_hit), .value_o(half_value), .open_i(fetch_open), .beat_i(state_q == FETCH && beat_i),
    .beat_index_i(beat_q[2:0]), .data_i, .close_i(state_q == FETCH && filled && !fails), .line_i(line_q[49:0]), .kill_i, .kill_all_i, .kill_line_i
  );

  // --- conversion ----------------------------------------------------------------------------------------------------
  logic [31:0] number;
  logic        space_match, table_miss, last_entry;
  logic [5:0]  length;
  logic [63:0] bits, ones, substituted;

  assign space_match = (insn_q & shape[31:0]) == shape[63:32];
  assign number      = clb_types::spell(state_q == BASE ? pieces_q : high[29:0], insn_q);
  assign last_entry  = high[16:0] == 17'h1ffff || high[16:0] <= index_q;
  assign table_miss  = (state_q == FIRST1 && (low[31:30] == 2'd0 || !condition_q)) || (state_q == SECOND1 && !condition_q && last_entry);

  // field substitution: `length` bits of the instruction from bit value[4:0] on, to bit value[15:10], with sign if value[16]
  assign length      = {1'b0, value[9:5]} + 6'd1;
  assign ones        = 64'hffff_ffff_ffff_ffff >> (7'd64 - {1'b0, length});
  assign bits        = ({32'd0, insn_q} >> value[4:0]) & ones;
  assign substituted = (value[16] && bits[{1'b0, value[9:5]}] ? bits | ~ones : bits) << value[15:10];

  // --- joining the block ---------------------------------------------------------------------------------------------
  logic        final_op, stop;
  logic [10:0] next;

  clb_join u_join (
    .clk_i, .clear_i(start_i && state_q == IDLE), .key_i, .single_i, .place_i(state_q == PLACE), .op_i(op_q), .ops_i(ops_q), .op_word_i(word_q),
    .flow_i(flow_q), .at_i(at_q), .wide_i(wide_q), .split_i(state_q == HALF1 && fetch_read && fetch_hit && apart), .final_o(final_op), .stop_o(stop),
    .next_o(next), .prediction_index_o, .prediction_i, .load_word_i, .load_side_i, .load_slot_i, .load_data_i(data_i), .load_end_i, .load_count_i,
    .load_mask_i, .read_slot_i, .word_o, .side_o, .count_o, .mask_o, .split_o
  );

  // --- states --------------------------------------------------------------------------------------------------------
  // `close`: the instruction at hand cannot be had; it ends the block before it, or is answered itself.
  logic       close;
  logic [2:0] close_result;
  logic [5:0] space_words;

  assign space_words = {3'd0, spaces} + {2'd0, spaces, 1'b0};

  always_comb begin
    state_d      = state_q;
    after_d      = after_q;
    close        = 1'b0;
    close_result = clb_types::RESULT_MISS;
    result_d     = result_q;
    case (state_q)
      IDLE: if (start_i) state_d = SETUP;
      SETUP: begin
        close   = setup_miss;
        state_d = ready ? HALF0 : HEADER;
      end
      HEADER: begin
        close = spaces_bad;
        if (filled) state_d = SPACES;
      end
      SPACES: begin
        close = spaces_bad;
        if (filled) state_d = HALF0;
      end
      HALF0: begin
        if (pending_i) begin
          state_d  = DONE;
          result_d = clb_types::RESULT_ABORT;
        end else if (fetch_hit) begin
          state_d = SPACE;
        end else begin
          state_d = FETCH;
          after_d = HALF0;
        end
      end
      FETCH: begin
        close        = filled && fails;
        close_result = clb_types::RESULT_FAULT;
        if (filled) state_d = after_q;
      end
      SPACE: if (space_match || {1'b0, space_q} + 3'd1 == spaces) state_d = SHAPE;
      SHAPE: state_d = shape[2] ? HALF1 : BASE;
      HALF1: begin
        close        = !fetch_read;
        close_result = clb_types::RESULT_NEXT;
        if (fetch_hit) begin
          state_d = BASE;
        end else begin
          state_d = FETCH;
          after_d = HALF1;
        end
      end
      BASE: state_d = FIRST0;
      FIRST0: state_d = FIRST1;
      FIRST1: begin
        close   = table_hit && table_miss;
        state_d = low[31:30] == 2'd1 ? HEAD : SECOND0;
      end
      SECOND0: state_d = SECOND1;
      SECOND1: begin
        close   = table_hit && table_miss;
        state_d = condition_q ? HEAD : SECOND0;
      end
      TABLE: begin
        close = filled && fails;
        if (filled) state_d = after_q;
      end
      HEAD: begin
        close   = table_hit && {1'b0, count_o} + {3'd0, low[2:0]} > 6'(clb_pkg::CLB_BLOCK_SLOTS);
        state_d = WORD;
      end
      WORD: if (part_q == 2'd2) state_d = value[21:16] == 6'd0 ? PLACE : DIRECTIVE;
      DIRECTIVE: if (left_q == 6'd1) state_d = PLACE;
      PLACE: begin
        if (!final_op) begin
          state_d = WORD;
        end else if (single_i) begin
          state_d  = DONE;
          result_d = clb_types::RESULT_SINGLE;
        end else if (stop || count_o == 5'(clb_pkg::CLB_BLOCK_SLOTS - 1)) begin
          state_d  = DONE;
          result_d = clb_types::RESULT_BLOCK;
        end else begin
          state_d = HALF0;
        end
      end
      default: state_d = IDLE;
    endcase
    if (table_open) begin
      state_d = TABLE;
      after_d = state_q;
    end
    if (close) begin
      state_d  = DONE;
      result_d = count_o == 5'd0 ? close_result : clb_types::RESULT_BLOCK;
    end
  end

  assign busy_o        = state_q != IDLE;
  assign done_o        = state_q == DONE;
  assign result_o      = result_q;
  assign burst_o       = begins || (state_q == HEADER && filled && !spaces_bad) || fetch_open || table_open;
  assign burst_space_o = !fetch_open;
  assign burst_addr_o  = fetch_open ? {half[54:5], 6'd0} : table_open ? {table_addr[55:4], 4'd0} :
                         state_q == SETUP ? table_base_i + 56'd16 : spaces_addr;
  assign burst_words_o = fetch_open ? 6'd8 : table_open ? 6'd2 : state_q == SETUP ? 6'd5 : space_words;

  // {setup, fault, fetch fill, template fill, second fill, first fill, table miss, second, first}
  assign events_o = {
    begins,
    spaces_bad || ((state_q == FETCH || state_q == TABLE) && filled && fails),
    fetch_open,
    table_open && table_select == 2'd2,
    table_open && table_select == 2'd1,
    table_open && table_select == 2'd0,
    close && close_result == clb_types::RESULT_MISS && count_o == 5'd0,
    state_q == SECOND1 && table_hit && condition_q,
    state_q == FIRST1 && table_hit && !table_miss && low[31:30] == 2'd1
  };

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else if (state_q == IDLE) begin
      if (start_i) begin
        state_q <= SETUP;
        at_q    <= key_i[54:44];
      end
    end else begin
      state_q  <= state_d;
      after_q  <= after_d;
      result_q <= result_d;
      if (burst_o) begin
        beat_q <= 4'd0;
        bad_q  <= 1'b0;
      end else if (beat_i) begin
        beat_q <= beat_q + 4'd1;
        bad_q  <= fails;
      end
      if (fetch_open) line_q <= {2'd0, half[54:5]};
      if (table_open) begin
        line_q  <= table_addr[55:4];
        table_q <= table_select;
      end
      case (state_q)
        HALF0: begin
          insn_q  <= {16'd0, half_value};  // counts in the last cycle of the state, when it is a hit
          space_q <= 2'd0;
        end
        SPACE: if (state_d == SPACE) space_q <= space_q + 2'd1;
        SHAPE: begin
          wide_q   <= shape[2];
          pieces_q <= shape[61:32];
        end
        HALF1: insn_q[31:16] <= half_value;
        BASE: index_q <= 17'(shape[31:0] + number);
        FIRST0, SECOND0: condition_q <= (insn_q & low) == high;
        FIRST1: begin
          row_q <= low[15:0];
          if (table_hit) index_q <= 17'({16'd0, low[15:0]} + number);
        end
        SECOND1: begin
          row_q <= low[15:0];
          if (table_hit) index_q <= high[16:0];
        end
        HEAD: begin
          ops_q  <= low[2:0];
          flow_q <= low[17:16];
          op_q   <= 3'd0;
          part_q <= 2'd0;
        end
        WORD: begin
          if (table_hit) begin
            part_q <= part_q + 2'd1;
            case (part_q)
              2'd0: word_q <= {32'd0, value};
              2'd1: word_q[63:32] <= value;
              default: begin
                directive_q <= value[15:0];
                left_q      <= value[21:16];
              end
            endcase
          end
        end
        DIRECTIVE: begin
          if (table_hit) begin
            word_q      <= word_q | substituted;
            directive_q <= directive_q + 16'd1;
            left_q      <= left_q - 6'd1;
          end
        end
        PLACE: begin
          op_q   <= op_q + 3'd1;
          part_q <= 2'd0;
          if (final_op) at_q <= next;
        end
        default: ;
      endcase
    end
  end

  `LIB_ASSERT(a_capacity, state_q != PLACE || count_o < 5'(clb_pkg::CLB_BLOCK_SLOTS))
endmodule
