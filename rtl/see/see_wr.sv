// WR: turns write jobs into memory writes of at most 256 bytes. Data comes from NIC memory, asked for ahead of its
// use; completion queue entries and MSI-X messages come with the job. README section 6.
module see_wr
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [16:0] drop_i,  // functions that must not write
  // wrq
  input  logic                  push_i,
  input  see_types::write_job_t job_i,
  input  logic [63:0]           addr_i,
  input  logic [63:0]           word0_i,
  input  logic [63:0]           word1_i,
  output logic                  ready_o,
  // wdoneq: a MARK came through, or the completion queue entry of a slot is on its way
  output logic                   done_valid_o,
  output see_types::write_done_t done_o,
  input  logic                   done_pop_i,
  // NIC memory reads
  output logic        ask_o,
  output logic [31:0] ask_addr_o,
  input  logic        ask_ready_i,
  input  logic        answer_i,
  input  logic [63:0] answer_data_i,
  // wtxq, to TX
  output logic        tx_valid_o,
  output logic        tx_eop_o,
  output logic [63:0] tx_data_o,
  input  logic        tx_pop_i,
  output logic        quiet_o
);
  typedef enum logic [2:0] {IDLE, H0, H1, D, DRAIN} state_e;

  // --- wrq, in two halves ----------------------------------------------------------------------------
  logic                  queue_valid, pop, words_ready, words_valid;
  see_types::write_job_t queue_job;
  logic [63:0]           queue_addr, queue_word0, queue_word1;
  logic [3:0]            queue_count, words_count;

  lib_beat_fifo #(.SideWidth(see_types::WRITE_JOB_BITS), .Depth(8)) u_wrq (
    .clk_i, .rst_ni, .push_i, .data_i(addr_i), .side_i(job_i), .ready_o, .valid_o(queue_valid),
    .data_o(queue_addr), .side_o(queue_job), .pop_i(pop), .count_o(queue_count)
  );
  lib_beat_fifo #(.SideWidth(64), .Depth(8)) u_wrq_words (
    .clk_i, .rst_ni, .push_i, .data_i(word0_i), .side_i(word1_i), .ready_o(words_ready), .valid_o(words_valid),
    .data_o(queue_word0), .side_o(queue_word1), .pop_i(pop), .count_o(words_count)
  );

  // --- state -------------------------------------------------------------------------------------------
  state_e                state_q, state_d;
  see_types::write_job_t job_q, job_d;
  logic [63:0]           addr_q, addr_d, word0_q, word1_q;
  logic [14:0]           ask_left_q, ask_left_d;
  logic [31:0]           ask_addr_q, ask_addr_d;
  logic [4:0]            out_q;
  logic [5:0]            beats_q, beats_d;
  logic [8:0]            n_q, n_d;
  logic                  second_q;  // the job's second word is next

  // --- reads ahead -------------------------------------------------------------------------------------
  logic        data_valid, data_pop, data_ready, dropped;
  logic [63:0] data;
  logic [4:0]  data_count;
  assign dropped = drop_i[job_q.fn] && !is_message;
  assign ask_o   = state_q != IDLE && ask_left_q != 15'd0 && {1'b0, out_q} + {1'b0, data_count} < 6'd16 && ask_ready_i &&
                   !(state_q == H0 && dropped);
  assign ask_addr_o = ask_addr_q;

  lib_fifo #(.Width(64), .Depth(16)) u_rdata (
    .clk_i, .rst_ni, .push_i(answer_i), .data_i(answer_data_i), .ready_o(data_ready), .valid_o(data_valid),
    .data_o(data), .pop_i(data_pop), .count_o(data_count)
  );

  // --- headers and beats -----------------------------------------------------------------------------
  logic        push, eop, tx_ready, is_data, is_cqe, is_mark, done_push, done_ready;
  logic [63:0] beat;
  logic [8:0]  room;
  logic [2:0]  tx_count;
  logic [14:0] words_to_ask;
  logic        is_message, queue_is_message;  // INTx: nothing holds it back
  assign is_data = job_q.kind == see_types::WRITE_DATA;
  assign is_cqe  = job_q.kind == see_types::WRITE_CQE;
  assign is_mark = queue_job.kind == see_types::WRITE_MARK;
  assign is_message       = job_q.kind == see_types::WRITE_MSI && job_q.len == 18'd0;
  assign queue_is_message = queue_job.kind == see_types::WRITE_MSI && queue_job.len == 18'd0;
  assign room    = 9'(see_pkg::SEE_WRITE_PAYLOAD_BYTES) - {1'b0, addr_q[7:0]};
  assign words_to_ask = 15'(({16'd0, queue_job.nm[2:0]} + {1'b0, queue_job.len} + 19'd7) >> 3);

  always_comb begin
    if (addr_q[2]) n_d = 9'd4;
    else if (job_q.len < {9'd0, room}) n_d = job_q.len[8:0];
    else n_d = room;
    if (state_q != H0) n_d = n_q;
  end

  always_comb begin
    state_d    = state_q;
    job_d      = job_q;
    addr_d     = addr_q;
    beats_d    = beats_q;
    ask_left_d = ask_o ? ask_left_q - 15'd1 : ask_left_q;
    ask_addr_d = ask_o ? ask_addr_q + 32'd8 : ask_addr_q;
    pop        = 1'b0;
    push       = 1'b0;
    eop        = 1'b0;
    beat       = 64'd0;
    data_pop   = 1'b0;
    done_push  = 1'b0;
    case (state_q)
      IDLE: begin
        pop = queue_valid && (done_ready || !(is_mark || queue_job.kind == see_types::WRITE_CQE));
        if (is_mark) begin
          done_push = pop;
        end else if (!queue_is_message && (drop_i[queue_job.fn] || queue_job.len == 18'd0)) begin
          done_push = pop && queue_job.kind == see_types::WRITE_CQE;
        end else if (pop) begin
          job_d      = queue_job;
          addr_d     = queue_addr;
          ask_left_d = (queue_job.kind == see_types::WRITE_DATA) ? words_to_ask : 15'd0;
          ask_addr_d = {queue_job.nm[31:3], 3'd0};
          state_d    = H0;
        end
      end
      H0: begin
        beat = {see_types::routing_id(job_q.fn), 8'd0, (n_d > 9'd4) ? 4'hf : 4'h0, 4'hf, 8'h60, 14'd0, 3'd0, n_d[8:2]};
        if (is_message) beat = {see_types::routing_id(job_q.fn), 8'd0, word0_q[7:0], 8'h34, 24'd0};
        push = !dropped && tx_ready;
        if (dropped) begin
          ask_left_d = 15'd0;
          done_push  = is_cqe;
          state_d    = DRAIN;
        end else if (tx_ready) begin
          state_d = H1;
        end
      end
      H1: begin
        beat    = {addr_q[31:0], addr_q[63:32]};
        push    = tx_ready;
        beats_d = 6'(({1'b0, n_q} + 10'd7) >> 3);
        eop     = is_message;
        if (tx_ready) state_d = is_message ? IDLE : D;
      end
      D: begin
        push     = tx_ready && (!is_data || data_valid);
        data_pop = push && is_data;
        eop      = beats_q == 6'd1;
        if (is_data) begin
          if (addr_q[2]) beat = {32'd0, data[63:32]};
          else if (eop && n_q[2]) beat = {32'd0, data[31:0]};
          else beat = data;
        end else if (job_q.kind == see_types::WRITE_MSI) begin
          beat = {32'd0, word0_q[31:0]};
        end else begin
          beat = second_q ? word1_q : word0_q;
        end
        if (push) begin
          beats_d = beats_q - 6'd1;
          if (eop) begin
            addr_d    = addr_q + {55'd0, n_q};
            job_d.len = job_q.len - {9'd0, n_q};
            state_d   = (job_d.len == 18'd0) ? IDLE : H0;
            done_push = is_cqe;
          end
        end
      end
      default: begin
        data_pop = data_valid;
        if (out_q == 5'd0 && !data_valid) state_d = IDLE;
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q    <= IDLE;
      ask_left_q <= 15'd0;
      out_q      <= 5'd0;
    end else begin
      state_q    <= state_d;
      ask_left_q <= ask_left_d;
      out_q      <= out_q + {4'd0, ask_o} - {4'd0, answer_i};
    end
    job_q      <= job_d;
    addr_q     <= addr_d;
    ask_addr_q <= ask_addr_d;
    beats_q    <= beats_d;
    n_q        <= n_d;
    second_q   <= state_q == D && (second_q || push);
    if (pop) begin
      word0_q <= queue_word0;
      word1_q <= queue_word1;
    end
  end

  // --- queues out ----------------------------------------------------------------------------------
  lib_beat_fifo #(.SideWidth(1), .Depth(4)) u_wtxq (
    .clk_i, .rst_ni, .push_i(push), .data_i(beat), .side_i(eop), .ready_o(tx_ready), .valid_o(tx_valid_o),
    .data_o(tx_data_o), .side_o(tx_eop_o), .pop_i(tx_pop_i), .count_o(tx_count)
  );

  logic [1:0]             done_count;
  see_types::write_done_t done;
  assign done.mark = state_q == IDLE && is_mark;
  assign done.slot = (state_q != IDLE) ? job_q.slot : queue_job.slot;
  lib_fifo #(.Width(see_types::WRITE_DONE_BITS), .Depth(2)) u_wdoneq (
    .clk_i, .rst_ni, .push_i(done_push), .data_i(done), .ready_o(done_ready), .valid_o(done_valid_o), .data_o(done_o),
    .pop_i(done_pop_i), .count_o(done_count)
  );

  assign quiet_o = state_q == IDLE && queue_count == 4'd0 && tx_count == 3'd0 && done_count == 2'd0 && data_count == 5'd0;

  logic unused;
  assign unused = &{1'b0, words_ready, words_valid, words_count, data_ready, job_q.nm, n_d[1:0]};

  `LIB_ASSERT(a_answers_have_room, !answer_i || data_ready)
  `LIB_ASSERT(a_answers_are_awaited, !answer_i || out_q != 5'd0)
  `LIB_ASSERT(a_all_data_used, !(state_q == IDLE) || (out_q == 5'd0 && data_count == 5'd0))
endmodule
