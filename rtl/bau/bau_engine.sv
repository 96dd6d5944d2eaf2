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
  logic                unblock_q, unblock_d, prefer_q, prefer_d, error_q, error_d, old_q, old_d;
  logic [4:0]          released_q;
  logic [3:0]          asked_q, asked_d, got_q, got_d;
  logic [30:0]         unblock_count_q, unblock_count_d;
  logic [63:0]         word0_q, word0_d, sigvec_q, sigvec_d, word3_q, word3_d;
  logic                found_q, found_d;
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
    if (state_q == ENTRY || state_q == UNBLOCK_ENTRY) checked_page = sigvec_q[55:12];
    if (state_q == SUMMARY) checked_page = m_q.summary[55:12];
  end
  bau_bounds u_bounds (.pt_valid_i, .pt_base_i, .pt_limit_i, .partition_i(m_q.partition), .page_i(checked_page), .legal_o(legal));

  // --- what the entry says -------------------------------------------------------------------------------------
  logic       may_signal, sigvec_bad, hart_valid, unused_map;
  logic [7:0] lpid, map;
  assign may_signal = m_q.direct && word0_q[bau_pkg::BAU_ITE_DIRECT_LSB] && word0_q[bau_pkg::BAU_ITE_RUNNING_LSB];
  assign sigvec_bad = sigvec_q[63:56] != 8'd0 || sigvec_q[5:0] != 6'd0 || !legal;
  assign lpid       = word0_q[bau_pkg::BAU_ITE_LPID_LSB +: 8];
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
  logic        complete, collecting, event_valid, event_of_target;
  logic [3:0]  needed;
  logic [7:0]  event_code;
  logic [15:0] event_low;
  logic [31:0] event_word;
  assign complete = got_q == needed;
  always_comb begin
    case (state_q)
      FETCH:         needed = 4'd2;
      UNBLOCK_FETCH: needed = 4'd4;
      SCAN:          needed = 4'd8;
      default:       needed = !unblock_q && may_signal ? 4'd2 : 4'd1;
    endcase
  end

  always_comb begin
    state_d         = state_q;
    after_d         = after_q;
    cause_d         = cause_q;
    m_d             = m_q;
    unblock_d       = unblock_q;
    prefer_d        = prefer_q;
    error_d         = error_q;
    old_d           = old_q;
    asked_d         = asked_q;
    got_d           = got_q;
    unblock_count_d = unblock_count_q;
    word0_d         = word0_q;
    sigvec_d        = sigvec_q;
    word3_d         = word3_q;
    found_d         = found_q;
    hart_d          = hart_q;
    gein_d          = gein_q;
    message_pop_o   = 1'b0;
    take_unblock    = 1'b0;
    collecting      = 1'b0;
    begun_o         = 1'b0;
    ended_o         = 1'b0;
    notify_o        = 8'd0;
    count_o         = 6'd0;
    event_valid     = 1'b0;
    event_of_target = 1'b1;
    event_code      = 8'd0;
    event_low       = 16'd0;
    event_word      = word0_q[31:0];
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
      FETCH: begin
        collecting = 1'b1;
        if (complete) state_d = ENTRY;
      end
      ENTRY, UNBLOCK_ENTRY: begin
        event_valid     = 1'b1;
        event_of_target = 1'b0;
        event_code      = 8'(bau_pkg::BAU_EVENT_ITE_READ);
        after_d         = FINISH;
        state_d         = REPORT;
        if (error_q) cause_d = 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS);
        else if (!word0_q[bau_pkg::BAU_ITE_VALID_LSB]) cause_d = 5'(bau_pkg::BAU_CAUSE_ITE_INVALID);
        else if (sigvec_bad) cause_d = 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS);
        else state_d = unblock_q ? SCAN : SET;
        if (unblock_q) begin
          m_d.target   = word3_q[bau_pkg::BAU_ITE_UNBLOCK_TARGET_LSB +: 8];
          m_d.summary  = {word3_q[55:5], 5'd0};
          m_d.subclass = word3_q[3:0];
          m_d.vmid     = word0_q[bau_pkg::BAU_ITE_VMID_LSB +: 16];
        end
      end
      SET: begin
        collecting = 1'b1;
        if (granted_i) state_d = may_signal ? BLOCK : WAIT;
      end
      BLOCK: begin
        collecting = 1'b1;
        if (granted_i) state_d = WAIT;
      end
      WAIT: begin
        collecting = 1'b1;
        if (complete) state_d = DECIDE;
      end
      DECIDE: begin
        state_d = REPORT;
        if (error_q) begin
          cause_d = unblock_q ? 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS) : 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS);
          after_d = FINISH;
        end else if (!may_signal) begin
          state_d = SUMMARY;
        end else if (old_q) begin
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
          gein_d      = word0_q[bau_pkg::BAU_ITE_GEIN_LSB +: 8];
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
        if (answer_err_i || answer_data_i != word0_q) begin
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
      UNBLOCK_FETCH: begin
        collecting = 1'b1;
        if (complete) state_d = UNBLOCK_ENTRY;
      end
      SCAN: begin
        collecting = 1'b1;
        if (complete) state_d = SCANNED;
      end
      SCANNED: begin
        event_valid = 1'b1;
        event_code  = 8'(bau_pkg::BAU_EVENT_UNBLOCK);
        event_low   = {15'd0, found_q};
        count_o[4]  = 1'b1;
        state_d     = FINISH;
        if (error_q) begin
          cause_d = 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS);
          after_d = FINISH;
          state_d = REPORT;
        end else if (found_q) begin
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

    if (collecting) begin
      if (granted_i) asked_d = asked_q + 4'd1;
      if (answer_valid_i) begin
        got_d   = got_q + 4'd1;
        error_d = error_q || answer_err_i;
        case (state_q)
          FETCH: begin
            if (got_q == 4'd0) word0_d = answer_data_i;
            else sigvec_d = answer_data_i;
          end
          UNBLOCK_FETCH: begin
            if (got_q == 4'd1) word0_d = answer_data_i;
            if (got_q == 4'd2) sigvec_d = answer_data_i;
            if (got_q == 4'd3) word3_d = answer_data_i;
          end
          SCAN: found_d = (got_q != 4'd0 && found_q) || answer_data_i != 64'd0;
          default: if (got_q == 4'd0 && !unblock_q) begin
            event_valid = 1'b1;
            event_code  = 8'(bau_pkg::BAU_EVENT_VECTOR_SET);
            event_low   = {7'd0, m_q.sigbit};
          end else begin
            old_d = answer_data_i[bau_pkg::BAU_ITE_BLOCKED_LSB];
          end
        endcase
      end
    end
    // A new collection begins with the counts at 0.
    if ((state_q == REST || state_q == ENTRY || state_q == UNBLOCK_ENTRY || state_q == SCANNED) && state_d != state_q) begin
      asked_d = 4'd0;
      got_d   = 4'd0;
      error_d = 1'b0;
    end
  end

  // --- memory --------------------------------------------------------------------------------------------------------
  logic [63:0] sigvec_mask, target_mask;
  logic [55:0] sigvec;
  assign sigvec = {sigvec_q[55:6], 6'd0};
  always_comb begin
    sigvec_mask = 64'd0;
    target_mask = 64'd0;
    sigvec_mask[m_q.sigbit[5:0]] = 1'b1;
    target_mask[m_q.target[5:0]] = 1'b1;
    access_valid_o = 1'b0;
    access_o.op    = 3'(bau_pkg::BAU_MEM_READ);
    access_o.addr  = m_q.ite;
    access_o.data  = 64'd0;
    access_o.strb  = 8'd0;
    access_o.tag   = {3'(bau_types::UNIT_ENGINE), 5'd0};
    case (state_q)
      FETCH: begin
        access_valid_o = asked_q < 4'd2;
        access_o.addr  = m_q.ite + {51'd0, asked_q[0], 4'd0};
      end
      UNBLOCK_FETCH: begin
        access_valid_o = asked_q < 4'd3;
        access_o.addr  = m_q.ite + {51'd0, asked_q == 4'd0 ? 2'd0 : asked_q[1:0] + 2'd1, 3'd0};
      end
      SCAN: begin
        access_valid_o = asked_q < 4'd8;
        access_o.addr  = sigvec + {50'd0, asked_q[2:0], 3'd0};
      end
      SET: begin
        access_valid_o = 1'b1;
        access_o.op    = 3'(bau_pkg::BAU_MEM_OR);
        access_o.addr  = sigvec + {50'd0, m_q.sigbit[8:6], 3'd0};
        access_o.data  = sigvec_mask;
        access_o.strb  = 8'hff;
      end
      BLOCK: begin
        access_valid_o = 1'b1;
        access_o.op    = 3'(bau_pkg::BAU_MEM_OR);
        access_o.addr  = m_q.ite + 56'd8;
        access_o.data  = 64'd1;
        access_o.strb  = 8'hff;
      end
      CLEAR: begin
        access_valid_o = legal;
        access_o.op    = 3'(bau_pkg::BAU_MEM_AND);
        access_o.addr  = m_q.ite + 56'd8;
        access_o.data  = ~64'd1;
        access_o.strb  = 8'hff;
      end
      SUMMARY: begin
        access_valid_o = legal;
        access_o.op    = 3'(bau_pkg::BAU_MEM_OR);
        access_o.addr  = m_q.summary + {51'd0, m_q.target[7:6], 3'd0};
        access_o.data  = target_mask;
        access_o.strb  = 8'hff;
      end
      default: access_valid_o = state_q == REREAD;
    endcase
  end

  // --- outputs ---------------------------------------------------------------------------------------------------------
  assign fault_valid_o     = state_q == REPORT;
  assign fault_o.cause     = cause_q;
  assign fault_o.write     = 1'b1;
  assign fault_o.partition = m_q.partition;
  assign fault_o.rid       = m_q.rid;
  assign fault_o.id        = m_q.id;
  assign fault_o.address   = cause_q == 5'(bau_pkg::BAU_CAUSE_SIGVEC_ACCESS) ? sigvec_q
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
      error_q          <= 1'b0;
      old_q            <= 1'b0;
      released_q       <= 5'd0;
      asked_q          <= 4'd0;
      got_q            <= 4'd0;
      unblock_count_q  <= 31'd0;
      word0_q          <= 64'd0;
      sigvec_q         <= 64'd0;
      word3_q          <= 64'd0;
      found_q          <= 1'b0;
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
      error_q          <= error_d;
      old_q            <= old_d;
      released_q       <= released_q + {4'd0, release_i} - {4'd0, message_pop_o};
      asked_q          <= asked_d;
      got_q            <= got_d;
      unblock_count_q  <= unblock_count_d;
      word0_q          <= word0_d;
      sigvec_q         <= sigvec_d;
      word3_q          <= word3_d;
      found_q          <= found_d;
      hart_q           <= hart_d;
      gein_q           <= gein_d;
      event_valid_o    <= event_valid;
      event_code_o     <= event_code;
      event_function_o <= event_valid ? m_d.rid : 16'd0;
      event_id_o       <= event_valid ? m_d.id : 32'd0;
      event_value_o    <= !event_valid ? 32'd0 : event_of_target ? {8'd0, m_d.target, event_low} : event_word;
    end
  end

  `LIB_ASSERT(a_blocked_before_signal, state_q != SIGNAL || !old_q)
  `LIB_STABLE(a_sig, sig_valid_o, sig_ready_i, ({sig_hart_o, sig_partition_o, sig_vmid_o, sig_target_o, sig_gein_o}))
endmodule
