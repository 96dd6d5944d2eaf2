// DMA: carries accesses out in their order, one word of memory a cycle, and releases messages behind earlier writes. README, DMA.
module bau_dma (
  input  logic                clk_i,
  input  logic                rst_ni,
  // accesses and write payload in
  input  logic                issue_valid_i,
  input  bau_types::issue_t   issue_i,
  output logic                issue_pop_o,
  input  logic                payload_valid_i,
  input  logic [63:0]         payload_data_i,
  input  logic                payload_kill_i,
  output logic                payload_pop_o,
  // payload of replayed writes
  input  logic                replay_valid_i,
  input  logic [63:0]         replay_data_i,
  input  logic                replay_kill_i,
  output logic                replay_pop_o,
  // memory
  output logic                access_valid_o,
  output bau_types::access_t  access_o,
  input  logic                granted_i,
  input  logic                answer_valid_i,
  input  logic [63:0]         answer_data_i,
  input  logic [2:0]          answer_tag_i,
  input  logic                answer_err_i,
  // completions, their ends and their data out
  output logic                chunk_valid_o,
  output bau_types::chunk_t   chunk_o,
  input  logic                chunk_pop_i,
  output logic                done_valid_o,
  output logic                done_error_o,
  input  logic                done_pop_i,
  output logic [63:0]         word_o,
  input  logic                word_pop_i,
  // status
  output logic                release_o,
  output logic                park_ended_o,
  output logic                write_ended_o,
  output logic                write_epoch_o,
  output logic                read_ended_o,
  output logic                read_epoch_o,
  output logic                count_read_o,
  output logic                quiet_o
);
  typedef enum logic [2:0] {REST, CHUNK, READ, WRITE, DISCARD, PARK, TRAILER} state_e;

  state_e            state_q, state_d;
  bau_types::issue_t job_q, job_d;
  logic              first_q, first_d;
  logic [7:0]        left_q, left_d;
  logic [11:0]       bytes_q, bytes_d;
  logic [5:0]        words_q, words_d;
  logic [31:0]       carry_q, carry_d;
  logic              carry_kill_q, carry_kill_d;
  logic [7:0]        reserved_q;
  logic              error_q;
  logic              chunk_push, chunk_ready;

  // Disabled bytes before the first and after the last enabled one; 0 if none is enabled.
  function automatic logic [1:0] leading(input logic [3:0] enables);
    leading = enables[0] || enables == 4'd0 ? 2'd0 : enables[1] ? 2'd1 : enables[2] ? 2'd2 : 2'd3;
  endfunction
  function automatic logic [1:0] trailing(input logic [3:0] enables);
    trailing = enables[3] || enables == 4'd0 ? 2'd0 : enables[2] ? 2'd1 : enables[1] ? 2'd2 : 2'd3;
  endfunction

  // --- starting a job -------------------------------------------------------------------------------
  logic [11:0] all_bytes;
  logic [3:0]  end_be;
  assign end_be    = issue_i.length == 8'd1 ? issue_i.first_be : issue_i.last_be;
  assign all_bytes = issue_i.length == 8'd1 && issue_i.first_be == 4'd0 ? 12'd1
    : {2'd0, issue_i.length, 2'd0} - {10'd0, leading(issue_i.first_be)} - {10'd0, trailing(end_be)};

  // --- chunks of a read -------------------------------------------------------------------------------
  logic [6:0] room;
  logic [7:0] chunk_length, span;
  logic       unused_span;
  assign room         = 7'd64 - {1'b0, job_q.address[7:2]};
  assign chunk_length = left_q < {1'b0, room} ? left_q : {1'b0, room};
  assign span         = chunk_length + {7'd0, job_q.address[2]} + 8'd1;
  assign unused_span  = span[7] ^ span[0];

  // --- payload: from the link, of a replay from the holder ---------------------------------------------
  logic        replay, beat_valid, beat_kill, beat_pop;
  logic [63:0] beat_data;
  logic [5:0]  good_q, good_d;
  assign replay        = job_q.kind == bau_types::ISSUE_REPLAY;
  assign beat_valid    = replay ? replay_valid_i : payload_valid_i;
  assign beat_data     = replay ? replay_data_i : payload_data_i;
  assign beat_kill     = replay ? replay_kill_i : payload_kill_i;
  assign payload_pop_o = beat_pop && !replay;
  assign replay_pop_o  = beat_pop && replay;

  // --- words of a write ---------------------------------------------------------------------------------
  // left_q counts the DW slots that are done, from the first aligned word; `low` is the DW in the lower slot of the next word.
  logic       odd, needs_beat, low_in, high_in;
  logic [7:0] low, high;
  logic [3:0] low_be, high_be;
  assign odd        = job_q.address[2];
  assign needs_beat = left_q < job_q.length;
  assign low        = left_q - {7'd0, odd};
  assign high       = low + 8'd1;
  assign low_in     = !(odd && left_q == 8'd0) && low < job_q.length;
  assign high_in    = high < job_q.length;
  always_comb begin
    low_be  = low == 8'd0 ? job_q.first_be : low == job_q.length - 8'd1 ? job_q.last_be : 4'hf;
    high_be = high == 8'd0 ? job_q.first_be : high == job_q.length - 8'd1 ? job_q.last_be : 4'hf;
    if (!low_in || (odd ? carry_kill_q : beat_kill)) low_be = 4'd0;
    if (!high_in || beat_kill) high_be = 4'd0;
  end

  // --- state machine --------------------------------------------------------------------------------------
  bau_types::chunk_t chunk_d;
  always_comb begin
    state_d       = state_q;
    job_d         = job_q;
    first_d       = first_q;
    left_d        = left_q;
    bytes_d       = bytes_q;
    words_d       = words_q;
    carry_d       = carry_q;
    carry_kill_d  = carry_kill_q;
    issue_pop_o   = 1'b0;
    beat_pop      = 1'b0;
    good_d        = good_q;
    park_ended_o  = 1'b0;
    chunk_push    = 1'b0;
    release_o     = 1'b0;
    write_ended_o = 1'b0;
    count_read_o  = 1'b0;
    case (state_q)
      REST: if (issue_valid_i && chunk_ready) begin
        issue_pop_o = 1'b1;
        job_d       = issue_i;
        first_d     = 1'b1;
        bytes_d     = all_bytes;
        left_d      = 8'd0;
        good_d      = 6'd0;
        case (issue_i.kind)
          bau_types::ISSUE_READ: begin
            left_d  = issue_i.length;
            state_d = CHUNK;
          end
          bau_types::ISSUE_WRITE, bau_types::ISSUE_REPLAY: state_d = WRITE;
          bau_types::ISSUE_PARK:    state_d = PARK;
          bau_types::ISSUE_DISCARD: state_d = DISCARD;
          bau_types::ISSUE_MESSAGE: release_o = 1'b1;
          default:                  chunk_push = 1'b1;
        endcase
      end
      CHUNK: if (chunk_ready) begin
        chunk_push = 1'b1;
        words_d    = span[6:1];
        bytes_d    = bytes_q - {2'd0, chunk_length, 2'd0} + (first_q ? {10'd0, leading(job_q.first_be)} : 12'd0);
        left_d     = left_q - chunk_length;
        first_d    = 1'b0;
        state_d    = READ;
      end
      READ: if (granted_i) begin
        job_d.address = {job_q.address[55:3] + 53'd1, 3'd0};
        words_d       = words_q - 6'd1;
        if (words_q == 6'd1) begin
          count_read_o = left_q == 8'd0;
          state_d      = left_q == 8'd0 ? REST : CHUNK;
        end
      end
      WRITE: if (granted_i) begin
        beat_pop = needs_beat;
        if (needs_beat) begin
          carry_d      = beat_data[63:32];
          carry_kill_d = beat_kill;
        end
        job_d.address = job_q.address + 56'd8;
        left_d        = left_q + 8'd2;
        if (left_d >= job_q.length + {7'd0, odd}) begin
          write_ended_o = 1'b1;
          state_d       = REST;
        end
      end
      PARK: if (granted_i) begin
        beat_pop = 1'b1;
        good_d   = good_q + {5'd0, !beat_kill};
        left_d   = left_q + 8'd2;
        if (left_d >= job_q.length) state_d = TRAILER;
      end
      TRAILER: if (granted_i) begin
        park_ended_o = 1'b1;
        state_d      = REST;
      end
      default: if (beat_valid) begin  // DISCARD
        beat_pop = 1'b1;
        left_d   = left_q + 8'd2;
        if (left_d >= job_q.length) state_d = REST;
      end
    endcase
  end

  // --- memory -----------------------------------------------------------------------------------------------
  logic        last_word;
  logic [63:0] write_data;
  assign last_word  = words_q == 6'd1;
  assign write_data = !odd ? (needs_beat ? beat_data : 64'd0) : {needs_beat ? beat_data[31:0] : 32'd0, carry_q};
  always_comb begin
    access_valid_o = state_q == READ && reserved_q < 8'd128;
    access_o.op    = 3'(bau_pkg::BAU_MEM_WRITE);
    access_o.addr  = {job_q.address[55:3], 3'd0};
    access_o.data  = write_data;
    access_o.strb  = {high_be, low_be};
    access_o.tag   = {3'(bau_types::UNIT_DMA), 2'd0, state_q == READ && job_q.epoch,
                      state_q == READ && last_word && left_q == 8'd0, state_q == READ && last_word};
    case (state_q)
      WRITE: access_valid_o = !needs_beat || beat_valid;
      PARK: begin
        access_valid_o = beat_valid;
        access_o.addr  = {job_q.address[55:8], left_q[5:1], 3'd0};
        access_o.data  = beat_data;
        access_o.strb  = 8'hff;
      end
      TRAILER: begin
        access_valid_o = 1'b1;
        access_o.addr  = {job_q.address[55:9], 9'd24};
        access_o.data  = {58'd0, good_q};
        access_o.strb  = 8'hff;
      end
      default: begin
        access_o.op   = 3'(bau_pkg::BAU_MEM_READ);
        access_o.data = 64'd0;
        access_o.strb = 8'd0;
      end
    endcase
  end

  // --- buffers ------------------------------------------------------------------------------------------------
  assign chunk_d.refuse    = state_q == REST;
  assign chunk_d.partition = state_q == REST ? issue_i.partition : job_q.partition;
  assign chunk_d.rid       = state_q == REST ? issue_i.rid : job_q.rid;
  assign chunk_d.tag       = state_q == REST ? issue_i.tag : job_q.tag;
  assign chunk_d.length    = state_q == REST ? 8'd0 : chunk_length;
  assign chunk_d.words     = span[6:1];
  assign chunk_d.lower     = state_q == REST ? {issue_i.address[6:2], leading(issue_i.first_be)}
                             : {job_q.address[6:2], first_q ? leading(job_q.first_be) : 2'd0};
  assign chunk_d.bytes     = state_q == REST ? all_bytes : bytes_q;
  assign chunk_d.address   = state_q == REST ? issue_i.address : job_q.address;

  logic [3:0] chunk_count;
  lib_fifo #(.Width(bau_types::CHUNK_BITS), .Depth(8)) u_chunk (
    .clk_i, .rst_ni, .push_i(chunk_push), .data_i(chunk_d), .ready_o(chunk_ready), .valid_o(chunk_valid_o),
    .data_o(chunk_o), .pop_i(chunk_pop_i), .count_o(chunk_count)
  );

  logic       done_push, done_ready, word_ready, word_valid;
  logic [3:0] done_count;
  logic [7:0] word_count;
  assign done_push = answer_valid_i && answer_tag_i[0];
  lib_fifo #(.Width(1), .Depth(8)) u_done (
    .clk_i, .rst_ni, .push_i(done_push), .data_i(error_q || answer_err_i), .ready_o(done_ready), .valid_o(done_valid_o),
    .data_o(done_error_o), .pop_i(done_pop_i), .count_o(done_count)
  );
  lib_fifo #(.Width(64), .Depth(128)) u_word (
    .clk_i, .rst_ni, .push_i(answer_valid_i), .data_i(answer_data_i), .ready_o(word_ready), .valid_o(word_valid),
    .data_o(word_o), .pop_i(word_pop_i), .count_o(word_count)
  );

  assign write_epoch_o = job_q.epoch;
  assign read_ended_o  = done_push && answer_tag_i[1];
  assign read_epoch_o  = answer_tag_i[2];
  assign quiet_o       = state_q == REST && chunk_count == '0 && done_count == '0 && word_count == '0 && reserved_q == 8'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q    <= REST;
      carry_q    <= 32'd0;  // shows in bytes of the first word that are not written
      reserved_q <= 8'd0;
      error_q    <= 1'b0;
    end else begin
      state_q    <= state_d;
      carry_q    <= carry_d;
      reserved_q <= reserved_q + {7'd0, state_q == READ && granted_i} - {7'd0, word_pop_i};
      if (answer_valid_i) error_q <= !answer_tag_i[0] && (error_q || answer_err_i);
    end
    job_q        <= job_d;
    first_q      <= first_d;
    left_q       <= left_d;
    bytes_q      <= bytes_d;
    words_q      <= words_d;
    carry_kill_q <= carry_kill_d;
    good_q       <= good_d;
  end

  `LIB_ASSERT(a_words_have_room, !answer_valid_i || word_ready)
  `LIB_ASSERT(a_done_has_room, !done_push || done_ready)
  `LIB_ASSERT(a_word_is_there, !word_pop_i || word_valid)
endmodule
