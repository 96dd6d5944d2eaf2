// Interrupt engine: carries one message or unblock after the other through the delivery protocol. README, Engine.
module bau_engine (
  input  logic                clk_i,
  input  logic                rst_ni,
  // configuration
  input  logic [1:0]          pt_valid_i,
  input  logic [87:0]         pt_base_i,
  input  logic [87:0]         pt_limit_i,
  input  logic [15:0]         pt_harts_i,
  input  logic [127:0]        lpid_map_i,
  input  logic [127:0]        subclass_mask_i,
  input  logic                epoch_i,
  // messages in, behind the writes before them
  input  bau_types::message_t message_i,
  output logic                message_pop_o,
  input  logic                release_i,
  // unblocks in: one place for each hart
  input  logic                unblock_i,
  input  logic [2:0]          unblock_hart_i,
  input  logic [55:0]         unblock_ite_i,
  output logic                unblock_room_o,
  // memory
  output logic                access_valid_o,
  output bau_types::access_t  access_o,
  input  logic                granted_i,
  input  logic                answer_valid_i,
  input  logic [63:0]         answer_data_i,
  input  logic                answer_err_i,
  // faults
  output logic                fault_valid_o,
  output bau_types::fault_t   fault_o,
  input  logic                fault_taken_i,
  // signals
  output logic                sig_valid_o,
  output logic [3:0]          sig_hart_o,
  output logic [3:0]          sig_partition_o,
  output logic [15:0]         sig_vmid_o,
  output logic [7:0]          sig_target_o,
  output logic [7:0]          sig_gein_o,
  input  logic                sig_ready_i,
  input  logic                sig_rsp_valid_i,
  input  logic                sig_rsp_match_i,
  output logic                sig_rsp_ready_o,
  // status
  output logic                event_valid_o,
  output logic [7:0]          event_code_o,
  output logic [15:0]         event_function_o,
  output logic [31:0]         event_id_o,
  output logic [31:0]         event_value_o,
  output logic [7:0]          notify_o,
  output logic                begun_o,
  output logic                ended_o,
  output logic                epoch_o,
  output logic [5:0]          count_o,   // rescan, unblock, recorded, broadcast, mismatch, direct
  output logic                quiet_o
);
  typedef enum logic [4:0] {
    REST, FETCH, ENTRY, SET, BLOCK, WAIT, DECIDE, CLEAR, UNBLOCK_FETCH, UNBLOCK_ENTRY, SCAN, SIGNAL, ANSWER, REREAD,
    COMPARE, SUMMARY, SUMMARY_WAIT, NOTIFY, SCANNED, REPORT, FINISH
  } state_e;

  state_e              state_q, state_d, after_q, after_d;
  bau_types::message_t m_q, m_d;
  logic [4:0]          cause_q, cause_d;
  logic                unblock_q, unblock_d, prefer_q, prefer_d;
  logic [4:0]          released_q;
  logic [30:0]         unblock_count_q, unblock_count_d;
  // what memory has answered
  logic                complete, first_answer, error, found, was_blocked;
  logic [63:0]         word0, sigvec;
  logic [7:0]          own_target;
  logic [55:0]         own_summary;
  logic [3:0]          own_subclass;
  logic [2:0]          hart_q, hart_d;
  logic [7:0]          gein_q, gein_d;

  // --- unblocks that wait -------------------------------------------------------------------------------
  logic        take_unblock, any_pending, has_owner, hart_partition;
  logic [55:0] pending_ite;
  bau_unblock u_unblock (
    .clk_i, .rst_ni, .pt_valid_i, .pt_harts_i, .unblock_i, .hart_i(unblock_hart_i), .ite_i(unblock_ite_i),
    .room_o(unblock_room_o), .take_i(take_unblock), .waits_o(any_pending), .ite_o(pending_ite),
    .partition_o(hart_partition), .owned_o(has_owner)
  );

  // --- bounds: one check a cycle, of the page that the state is about --------------------------------------
  logic [43:0] checked_page;
  logic        legal;
  always_comb begin
    checked_page = m_q.ite[55:12];
    if (state_q == ENTRY || state_q == UNBLOCK_ENTRY) checked_page = sigvec[55:12];
    if (state_q == SUMMARY) checked_page = m_q.summary[55:12];
  end
  bau_bounds u_bounds (.pt_valid_i, .pt_base_i, .pt_limit_i, .partition_i(m_q.partition), .page_i(checked_page), .legal_o(legal));

  // --- what the entry says -------------------------------------------------------------------------------------
  logic       may_signal, sigvec_bad, hart_valid, unused_map;
  logic [7:0] lpid, map;
  assign may_signal = m_q.direct && word0[bau_pkg::BAU_ITE_DIRECT_LSB] && word0[bau_pkg::BAU_ITE_RUNNING_LSB];
  assign sigvec_bad = sigvec[63:56] != 8'd0 || sigvec[5:0] != 6'd0 || !legal;
  assign lpid       = word0[bau_pkg::BAU_ITE_LPID_LSB +: 8];
  assign map        = lpid_map_i[{m_q.partition, lpid[2:0], 3'd0} +: 8];
  assign unused_map = ^map[6:4];
  assign hart_valid = lpid < 8'(bau_pkg::BAU_NUM_LPIDS) && map[7] && map[3:0] < 4'(bau_pkg::BAU_NUM_HARTS);

  logic [7:0] notified;
  always_comb begin
    for (int h = 0; h < bau_pkg::BAU_NUM_HARTS; h++) begin
      notified[h] = subclass_mask_i[7'(16 * h) + {3'd0, m_q.subclass}] && pt_harts_i[{m_q.partition, 3'(h)}];
    end
  end

  // --- state machine ---------------------------------------------------------------------------------------------
  logic        restart, event_valid, event_of_target;
  logic [7:0]  event_code;
  logic [15:0] event_low;
  logic [31:0] event_word;
  always_comb begin
    state_d         = state_q;
    after_d         = after_q;
    cause_d         = cause_q;
    m_d             = m_q;
    unblock_d       = unblock_q;
    prefer_d        = prefer_q;
    unblock_count_d = unblock_count_q;
    hart_d          = hart_q;
    gein_d          = gein_q;
    message_pop_o   = 1'b0;
    take_unblock    = 1'b0;
    begun_o         = 1'b0;
    ended_o         = 1'b0;
    notify_o        = 8'd0;
    count_o         = 6'd0;
    event_valid     = 1'b0;
    event_of_target = 1'b1;
    event_code      = 8'd0;
    event_low       = 16'd0;
    event_word      = word0[31:0];
    case (state_q)
      REST: if (any_pending && (prefer_q || released_q == 5'd0)) begin
        take_unblock = 1'b1;
        prefer_d     = 1'b0;
        if (has_owner) begin
          begun_o         = 1'b1;
          unblock_count_d = unblock_count_q + 31'd1;
          unblock_d       = 1'b1;
          m_d             = '0;
          m_d.id          = {1'b1, unblock_count_d};
          m_d.ite         = pending_ite;
          m_d.partition   = hart_partition;
          m_d.direct      = 1'b1;
          m_d.epoch       = epoch_i;
          state_d         = CLEAR;
        end
      end else if (released_q != 5'd0) begin
        message_pop_o = 1'b1;
        prefer_d      = 1'b1;
        unblock_d     = 1'b0;
        m_d           = message_i;
        event_valid   = 1'b1;
        event_code    = 8'(bau_pkg::BAU_EVENT_DTE_READ);
        event_low     = {15'd0, message_i.hit};
        state_d       = FETCH;
      end
      FETCH: if (complete) state_d = ENTRY;
      ENTRY, UNBLOCK_ENTRY: begin
        event_valid     = 1'b1;
        event_of_target = 1'b0;
        event_code      = 8'(bau_pkg::BAU_EVENT_ITE_READ);
        after_d         = FINISH;
        state_d         = REPORT;
        if (error) cause_d = 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS);
        else if (!word0[bau_pkg::BAU_ITE_VALID_LSB]) cause_d = 5'(bau_pkg::BAU_CAUSE_ITE_INVALID);
        else if (sigvec_bad) cause_d = 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS);
        else state_d = unblock_q ? SCAN : SET;
        if (unblock_q) begin
          m_d.target   = own_target;
          m_d.summary  = own_summary;
          m_d.subclass = own_subclass;
          m_d.vmid     = word0[bau_pkg::BAU_ITE_VMID_LSB +: 16];
        end
      end
      SET: if (granted_i) state_d = may_signal ? BLOCK : WAIT;
      BLOCK: if (granted_i) state_d = WAIT;
      WAIT: if (complete) state_d = DECIDE;
      DECIDE: begin
        state_d = REPORT;
        if (error) begin
          cause_d = unblock_q ? 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS) : 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS);
          after_d = FINISH;
        end else if (!may_signal) begin
          state_d = SUMMARY;
        end else if (was_blocked) begin
          event_valid = 1'b1;
          event_code  = 8'(bau_pkg::BAU_EVENT_RECORDED);
          event_low   = {7'd0, m_q.sigbit};
          count_o[2]  = 1'b1;
          state_d     = FINISH;
        end else if (!hart_valid) begin
          cause_d = 5'(bau_pkg::BAU_CAUSE_LPID);
          after_d = SUMMARY;
        end else begin
          hart_d      = map[2:0];
          gein_d      = word0[bau_pkg::BAU_ITE_GEIN_LSB +: 8];
          event_valid = 1'b1;
          event_code  = 8'(bau_pkg::BAU_EVENT_SIGNAL);
          event_low   = {13'd0, map[2:0]};
          state_d     = SIGNAL;
        end
      end
      SIGNAL: if (sig_ready_i) state_d = ANSWER;
      ANSWER: if (sig_rsp_valid_i) begin
        event_valid = 1'b1;
        event_code  = sig_rsp_match_i ? 8'(bau_pkg::BAU_EVENT_ACCEPTED) : 8'(bau_pkg::BAU_EVENT_MISMATCH);
        event_low   = {13'd0, hart_q};
        count_o[0]  = sig_rsp_match_i;
        count_o[1]  = !sig_rsp_match_i;
        state_d     = sig_rsp_match_i ? REREAD : SUMMARY;
      end
      REREAD: if (granted_i) state_d = COMPARE;
      COMPARE: if (answer_valid_i) begin
        state_d = FINISH;
        if (answer_err_i || answer_data_i != word0) begin
          event_valid     = 1'b1;
          event_of_target = 1'b0;
          event_code      = 8'(bau_pkg::BAU_EVENT_CHANGED);
          event_word      = answer_data_i[31:0];
          state_d         = SUMMARY;
        end
      end
      SUMMARY: if (!legal) begin
        cause_d = 5'(bau_pkg::BAU_CAUSE_SUMMARY_ACCESS);
        after_d = NOTIFY;
        state_d = REPORT;
      end else if (granted_i) begin
        state_d = SUMMARY_WAIT;
      end
      SUMMARY_WAIT: if (answer_valid_i) begin
        state_d = NOTIFY;
        if (answer_err_i) begin
          cause_d = 5'(bau_pkg::BAU_CAUSE_SUMMARY_ACCESS);
          after_d = NOTIFY;
          state_d = REPORT;
        end
      end
      NOTIFY: begin
        notify_o    = notified;
        event_valid = 1'b1;
        event_code  = 8'(bau_pkg::BAU_EVENT_BROADCAST);
        event_low   = {8'd0, notified};
        count_o[3]  = 1'b1;
        state_d     = FINISH;
      end
      CLEAR: if (!legal) begin
        cause_d = 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS);
        after_d = FINISH;
        state_d = REPORT;
      end else if (granted_i) begin
        state_d = UNBLOCK_FETCH;
      end
      UNBLOCK_FETCH: if (complete) state_d = UNBLOCK_ENTRY;
      SCAN: if (complete) state_d = SCANNED;
      SCANNED: begin
        event_valid = 1'b1;
        event_code  = 8'(bau_pkg::BAU_EVENT_UNBLOCK);
        event_low   = {15'd0, found};
        count_o[4]  = 1'b1;
        state_d     = FINISH;
        if (error) begin
          cause_d = 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS);
          after_d = FINISH;
          state_d = REPORT;
        end else if (found) begin
          count_o[5] = 1'b1;
          state_d    = may_signal ? BLOCK : SUMMARY;
        end
      end
      REPORT: if (fault_taken_i) state_d = after_q;
      default: begin  // FINISH
        ended_o = 1'b1;
        state_d = REST;
      end
    endcase

    if (first_answer) begin
      event_valid = 1'b1;
      event_code  = 8'(bau_pkg::BAU_EVENT_VECTOR_SET);
      event_low   = {7'd0, m_q.sigbit};
    end
  end
  // A new collection of answers begins.
  assign restart = (state_q == REST || state_q == ENTRY || state_q == UNBLOCK_ENTRY || state_q == SCANNED) && state_d != state_q;

  // --- memory --------------------------------------------------------------------------------------------------------
  bau_engine_memory u_memory (
    .clk_i, .restart_i(restart), .fetch_i(state_q == FETCH), .unblock_fetch_i(state_q == UNBLOCK_FETCH),
    .scan_i(state_q == SCAN), .set_i(state_q == SET), .block_i(state_q == BLOCK),
    .wait_i(state_q == WAIT), .clear_i(state_q == CLEAR), .summary_i(state_q == SUMMARY), .reread_i(state_q == REREAD),
    .unblock_i(unblock_q), .may_signal_i(may_signal), .legal_i(legal), .message_i(m_q), .access_valid_o,
    .access_o, .granted_i, .answer_valid_i, .answer_data_i, .answer_err_i, .complete_o(complete), .first_answer_o(first_answer), .error_o(error),
    .word0_o(word0), .sigvec_o(sigvec), .target_o(own_target), .summary_o(own_summary),
    .subclass_o(own_subclass), .found_o(found), .was_blocked_o(was_blocked)
  );

  // --- outputs ---------------------------------------------------------------------------------------------------------
  assign fault_valid_o     = state_q == REPORT;
  assign fault_o.cause     = cause_q;
  assign fault_o.write     = 1'b1;
  assign fault_o.partition = m_q.partition;
  assign fault_o.rid       = m_q.rid;
  assign fault_o.id        = m_q.id;
  assign fault_o.address   = cause_q == 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS) ? sigvec
                             : {8'd0, cause_q == 5'(bau_pkg::BAU_CAUSE_SUMMARY_ACCESS) ? m_q.summary : m_q.ite};
  assign fault_o.detail    = {23'd0, m_q.sigbit};

  assign sig_valid_o     = state_q == SIGNAL;
  assign sig_hart_o      = sig_valid_o ? {1'b0, hart_q} : 4'd0;
  assign sig_partition_o = sig_valid_o ? {3'd0, m_q.partition} : 4'd0;
  assign sig_vmid_o      = sig_valid_o ? m_q.vmid : 16'd0;
  assign sig_target_o    = sig_valid_o ? m_q.target : 8'd0;
  assign sig_gein_o      = sig_valid_o ? gein_q : 8'd0;
  assign sig_rsp_ready_o = state_q == ANSWER;
  assign epoch_o         = m_q.epoch;
  assign quiet_o         = state_q == REST && !any_pending;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q          <= REST;
      after_q          <= REST;
      m_q              <= '0;
      cause_q          <= 5'd0;
      unblock_q        <= 1'b0;
      prefer_q         <= 1'b0;
      released_q       <= 5'd0;
      unblock_count_q  <= 31'd0;
      hart_q           <= 3'd0;
      gein_q           <= 8'd0;
      event_valid_o    <= 1'b0;
      event_code_o     <= 8'd0;
      event_function_o <= 16'd0;
      event_id_o       <= 32'd0;
      event_value_o    <= 32'd0;
    end else begin
      state_q          <= state_d;
      after_q          <= after_d;
      m_q              <= m_d;
      cause_q          <= cause_d;
      unblock_q        <= unblock_d;
      prefer_q         <= prefer_d;
      released_q       <= released_q + {4'd0, release_i} - {4'd0, message_pop_o};
      unblock_count_q  <= unblock_count_d;
      hart_q           <= hart_d;
      gein_q           <= gein_d;
      event_valid_o    <= event_valid;
      event_code_o     <= event_code;
      event_function_o <= event_valid ? m_d.rid : 16'd0;
      event_id_o       <= event_valid ? m_d.id : 32'd0;
      event_value_o    <= !event_valid ? 32'd0 : event_of_target ? {8'd0, m_d.target, event_low} : event_word;
    end
  end

  `LIB_ASSERT(a_blocked_before_signal, state_q != SIGNAL || !was_blocked)
  `LIB_STABLE(a_sig, sig_valid_o, sig_ready_i, ({sig_hart_o, sig_partition_o, sig_vmid_o, sig_target_o, sig_gein_o}))
endmodule
