// Translator: the order of checks that a request passes, and the order in which accesses go on. README, Translator.
module bau_translate (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // configuration
  input  logic [63:0]              owner_i,
  input  logic [1:0]               enable_i,
  input  logic [1:0]               pt_valid_i,
  input  logic [1:0]               pt_wait_i,
  input  logic [87:0]              pt_base_i,
  input  logic [87:0]              pt_limit_i,
  input  logic [111:0]             device_table_i,
  input  logic [13:0]              device_length_i,
  input  logic                     epoch_i,
  input  bau_types::invalidation_t invalidation_i,
  // requests in
  input  logic                     request_valid_i,
  input  bau_types::request_t      request_i,
  output logic                     request_pop_o,
  // the holder: what a function holds, what is parked, its offer and the verdicts
  output logic [5:0]               hold_rid_o,
  input  logic                     holds_i,
  input  logic                     hold_full_i,
  input  logic [43:0]              hold_ring_i,
  input  logic [3:0]               hold_log2_i,
  input  logic [12:0]              hold_tail_i,
  output bau_types::parked_t       parked_o,
  input  logic                     offer_i,
  input  bau_types::request_t      offered_i,
  input  logic                     deny_i,
  output logic                     replay_begun_o,
  output logic                     replay_held_o,
  output logic                     replay_done_o,
  output logic                     replay_write_o,
  // accesses and messages out
  input  logic                     issue_pop_i,
  output logic                     issue_valid_o,
  output bau_types::issue_t        issue_o,
  input  logic                     message_pop_i,
  output logic                     message_valid_o,
  output bau_types::message_t      message_o,
  // memory
  output logic                     access_valid_o,
  output bau_types::access_t       access_o,
  input  logic                     granted_i,
  input  logic                     answer_valid_i,
  input  logic [63:0]              answer_data_i,
  input  logic                     answer_err_i,
  // faults
  output logic                     fault_valid_o,
  output bau_types::fault_t        fault_o,
  input  logic                     fault_taken_i,
  // status
  output logic                     begun_o,
  output logic                     ended_o,
  output logic                     epoch_o,
  output logic [4:0]               count_o,   // parked, IOTLB miss and hit, DTE miss and hit
  output logic                     quiet_o
);
  typedef enum logic [3:0] {
    REST, DEVICE, FETCH, DOORBELL, LOOKUP, WALK, PERMIT, BOUNDS, PARK, STORE, REFUSE
  } state_e;

  state_e      state_q, state_d;
  logic        epoch_q, partition_q, partition_d;
  logic [4:0]  cause_q, cause_d;
  logic        fetched_q, fetched_d, miss_q, miss_d, killed_q, killed_d;
  logic [4:0]  slot_q, slot_d, next_slot_q, next_slot_d;
  logic        cached_q, cached_d;
  logic [43:0] page_q, page_d;
  bau_types::translation_t entry_q, entry_d;

  logic        start, refuse, walk, issue_push, message_push, finish, behind, meet, kills, legal;
  logic [4:0]  why;
  logic [2:0]  issue_kind;

  // --- the request ----------------------------------------------------------------------------------------
  bau_types::request_t request;
  logic                offered, take_replay, replay_q, owner, served;
  logic [5:0]          rid;
  bau_source u_source (
    .clk_i, .owner_i, .enable_i, .pt_valid_i, .pt_wait_i, .device_length_i, .link_valid_i(request_valid_i),
    .link_i(request_i), .holds_i, .hold_full_i, .offer_i, .offered_i, .resting_i(state_q == REST), .start_i(start),
    .valid_o(offered), .take_replay_o(take_replay), .replay_o(replay_q), .request_o(request), .owner_o(owner), .served_o(served)
  );
  assign rid         = request.rid[5:0];
  assign partition_d = start ? owner : partition_q;

  // --- device-table cache --------------------------------------------------------------------------------
  logic        device_read, device_cached, device_over, device_error, device_bad, device_access;
  logic [35:0] word0;
  logic [43:0] word1;
  logic [55:0] word2, word4, device_word;
  logic [43:0] device_page;
  logic [47:0] word5;
  logic [31:0] word3;
  bau_devices u_devices (
    .clk_i, .rst_ni, .rid_i(rid), .read_i(device_read), .cached_o(device_cached), .word0_o(word0), .word1_o(word1),
    .word2_o(word2), .word3_o(word3), .word4_o(word4), .word5_o(word5), .table_i(device_table_i[56*partition_q +: 56]),
    .locate_i(state_q == DEVICE), .page_o(device_page), .start_i(start), .fetch_i(state_q == FETCH), .killed_i(killed_q),
    .partition_i(partition_q), .over_o(device_over), .error_o(device_error), .bad_o(device_bad), .access_valid_o(device_access),
    .access_addr_o(device_word), .granted_i, .answer_valid_i, .answer_data_i, .answer_err_i, .owner_i, .invalidation_i
  );

  logic [15:0] gscid;
  logic [1:0]  mode;
  assign gscid = word0[bau_pkg::BAU_DTE_GSCID_LSB +: 16];
  assign mode  = word0[bau_pkg::BAU_DTE_IOMMU_MODE_LSB +: 2];

  // --- IOTLB ------------------------------------------------------------------------------------------
  bau_types::translation_t found;
  logic                    hit, store;
  logic [4:0]              hit_slot;
  bau_iotlb u_iotlb (
    .clk_i, .rst_ni, .partition_i(partition_q), .gscid_i(gscid), .vpn_i(request.address[40:12]), .hit_o(hit),
    .slot_o(hit_slot), .entry_o(found), .store_i(store), .store_slot_i(slot_q), .store_entry_i(entry_d),
    .invalidate_i(invalidation_i.iotlb), .invalidate_all_i(invalidation_i.all),
    .invalidate_partition_i(invalidation_i.partition), .invalidate_gscid_i(invalidation_i.id)
  );

  // --- parking ------------------------------------------------------------------------------------------
  logic        parked, park_last;
  logic [55:9] place;
  logic [63:0] header;
  logic [55:0] header_address;
  bau_park u_park (
    .clk_i, .rst_ni, .behind_i(behind), .behind_ring_i(hold_ring_i), .behind_log2_i(hold_log2_i), .behind_tail_i(hold_tail_i),
    .meet_i(meet), .meet_ring_i(word5[47:4]), .meet_log2_i(word5[3:0]), .request_i(request), .gscid_i(gscid),
    .valid_i(parked), .store_i(state_q == STORE), .granted_i, .parked_o, .place_o(place), .header_o(header),
    .header_addr_o(header_address), .last_o(park_last)
  );
  assign hold_rid_o = request_i.rid[5:0];
  assign kills      = invalidation_i.device || invalidation_i.iotlb || invalidation_i.drop;

  // --- page-table walk -----------------------------------------------------------------------------------
  logic                    walk_access, walk_leaf, walk_fail;
  logic [43:0]             walk_table;
  logic [55:0]             walk_word;
  logic [4:0]              walk_why;
  bau_types::translation_t walk_entry;
  bau_walk u_walk (
    .clk_i, .rst_ni, .start_i(walk), .root_i(word1), .address_i(request.address[40:12]), .partition_i(partition_q), .gscid_i(gscid),
    .table_o(walk_table), .legal_i(legal), .access_valid_o(walk_access), .access_addr_o(walk_word), .granted_i, .answer_valid_i,
    .answer_data_i, .answer_err_i, .leaf_o(walk_leaf), .entry_o(walk_entry), .fail_o(walk_fail), .why_o(walk_why)
  );

  // --- messages -------------------------------------------------------------------------------------------
  logic        message_ready, message_empty;
  logic [43:0] ite_page;
  logic [4:0]  message_why;
  bau_message u_message (
    .clk_i, .rst_ni, .request_i(request), .word0_i(word0), .word2_i(word2), .word3_i(word3), .word4_i(word4),
    .partition_i(partition_q), .hit_i(!miss_q), .epoch_i(epoch_q), .ite_page_o(ite_page), .legal_i(legal), .why_o(message_why),
    .push_i(message_push), .ready_o(message_ready), .valid_o(message_valid_o), .message_o, .pop_i(message_pop_i),
    .empty_o(message_empty)
  );

  // --- bounds: one check a cycle, of the page that the state is about ----------------------------------
  logic [43:0] checked_page;
  always_comb begin
    checked_page = page_q;
    if (state_q == DEVICE) checked_page = device_page;
    if (state_q == DOORBELL) checked_page = ite_page;
    if (state_q == WALK) checked_page = walk_table;
    if (state_q == PARK) checked_page = place[55:12];
  end
  bau_bounds u_bounds (.pt_valid_i, .pt_base_i, .pt_limit_i, .partition_i(partition_q), .page_i(checked_page), .legal_o(legal));

  // --- page of the access ---------------------------------------------------------------------------------
  logic [43:0] translated_page;
  logic        allowed;
  always_comb begin
    translated_page = entry_q.ppn;
    if (entry_q.level != 2'd0) translated_page[8:0] = request.address[20:12];
    if (entry_q.level == 2'd2) translated_page[17:9] = request.address[29:21];
  end
  assign allowed = request.kind == bau_types::KIND_READ ? entry_q.read : entry_q.write;

  // --- state machine --------------------------------------------------------------------------------------
  logic issue_ready;
  always_comb begin
    state_d      = state_q;
    start        = 1'b0;
    refuse       = 1'b0;
    why          = 5'd0;
    walk         = 1'b0;
    device_read  = 1'b0;
    fetched_d    = fetched_q;
    miss_d       = miss_q;
    slot_d       = slot_q;
    next_slot_d  = next_slot_q;
    cached_d     = cached_q;
    page_d       = page_q;
    entry_d      = entry_q;
    store        = 1'b0;
    issue_push   = 1'b0;
    issue_kind   = bau_types::ISSUE_READ;
    message_push = 1'b0;
    finish       = 1'b0;
    behind       = 1'b0;
    meet         = 1'b0;
    ended_o      = 1'b0;
    count_o      = 5'd0;
    parked       = 1'b0;
    replay_held_o = 1'b0;
    case (state_q)
      REST: if (offered && issue_ready && message_ready) begin
        start       = 1'b1;
        fetched_d   = 1'b0;
        miss_d      = 1'b0;
        device_read = 1'b1;
        behind      = !take_replay && holds_i;
        state_d     = behind ? PARK : DEVICE;
        refuse      = request.cause != 5'd0 || !served || (behind && hold_full_i);
        why         = request.cause != 5'd0 ? request.cause : !served ? 5'(bau_pkg::BAU_CAUSE_REQUESTER) : 5'(bau_pkg::BAU_CAUSE_HOLD_FULL);
      end
      DEVICE: if (!fetched_q && !device_cached) begin
        miss_d     = 1'b1;
        count_o[1] = 1'b1;
        state_d    = FETCH;
        refuse     = !legal;
        why        = 5'(bau_pkg::BAU_CAUSE_DTE_ACCESS);
      end else begin
        count_o[0] = !miss_q;
        if (request.kind == bau_types::KIND_MESSAGE) begin
          state_d = DOORBELL;
        end else if (mode == 2'(bau_pkg::BAU_IOMMU_BYPASS)) begin
          page_d  = request.address[55:12];
          state_d = BOUNDS;
          refuse  = request.address[63:56] != 8'd0;
          why     = 5'(bau_pkg::BAU_CAUSE_OUT_OF_BOUNDS);
        end else if (mode == 2'(bau_pkg::BAU_IOMMU_SV39X4)) begin
          state_d = LOOKUP;
          refuse  = request.address[63:41] != 23'd0;
          why     = 5'(bau_pkg::BAU_CAUSE_ADDRESS);
        end else begin
          refuse = 1'b1;
          why    = 5'(bau_pkg::BAU_CAUSE_BLOCKED);
        end
      end
      FETCH: if (device_over) begin
        refuse      = device_error || device_bad;
        why         = device_error ? 5'(bau_pkg::BAU_CAUSE_DTE_ACCESS) : 5'(bau_pkg::BAU_CAUSE_DTE_INVALID);
        fetched_d   = !refuse;
        device_read = 1'b1;
        state_d     = DEVICE;
      end
      DOORBELL: begin
        refuse       = message_why != 5'd0;
        why          = message_why;
        message_push = !refuse;
        issue_push   = !refuse;
        issue_kind   = bau_types::ISSUE_MESSAGE;
        finish       = !refuse;
        state_d      = REST;
      end
      LOOKUP: begin
        cached_d   = hit;
        count_o[2] = hit;
        count_o[3] = !hit;
        if (hit) begin
          entry_d = found;
          slot_d  = hit_slot;
          state_d = PERMIT;
        end else begin
          slot_d      = next_slot_q;
          next_slot_d = next_slot_q + 5'd1;
          walk        = 1'b1;
        end
      end
      WALK: begin
        refuse = walk_fail;
        why    = walk_why;
        if (walk_leaf) begin
          entry_d = walk_entry;
          store   = !killed_q && !kills;
          state_d = PERMIT;
        end
      end
      PERMIT: begin
        page_d  = allowed ? translated_page : page_q;
        walk    = !allowed && cached_q;
        refuse  = !allowed && !cached_q;
        why     = request.kind == bau_types::KIND_READ ? 5'(bau_pkg::BAU_CAUSE_READ_DENIED) : 5'(bau_pkg::BAU_CAUSE_WRITE_DENIED);
        state_d = BOUNDS;
        if (refuse && request.kind != bau_types::KIND_READ && entry_q.hold && word0[bau_pkg::BAU_DTE_HOLD_LSB]
            && !(replay_q && deny_i)) begin
          refuse        = 1'b0;
          meet          = !replay_q;
          replay_held_o = replay_q;
          ended_o       = replay_q;
          state_d       = replay_q ? REST : PARK;
        end
      end
      PARK: begin
        refuse  = !legal;
        why     = 5'(bau_pkg::BAU_CAUSE_HOLD_ACCESS);
        state_d = STORE;
      end
      STORE: if (granted_i && park_last) begin
        state_d = REST;
        if (killed_q || kills) begin  // what it was held for may be gone: begin again
          ended_o = 1'b1;
        end else begin
          parked     = 1'b1;
          count_o[4] = 1'b1;
          finish     = 1'b1;
          issue_push = request.kind == bau_types::KIND_WRITE;
          issue_kind = bau_types::ISSUE_PARK;
          ended_o    = !issue_push;
        end
      end
      BOUNDS: if (!legal) begin
        refuse = 1'b1;
        why    = 5'(bau_pkg::BAU_CAUSE_OUT_OF_BOUNDS);
      end else begin
        issue_push = 1'b1;
        issue_kind = request.kind == bau_types::KIND_READ ? bau_types::ISSUE_READ
                     : replay_q ? bau_types::ISSUE_REPLAY : bau_types::ISSUE_WRITE;
        finish     = 1'b1;
        state_d    = REST;
      end
      default: if (fault_taken_i) begin  // REFUSE
        ended_o    = 1'b1;
        finish     = 1'b1;
        issue_push = request.kind == bau_types::KIND_READ || (request.kind == bau_types::KIND_WRITE && !replay_q);
        issue_kind = request.kind == bau_types::KIND_READ ? bau_types::ISSUE_REFUSE : bau_types::ISSUE_DISCARD;
        state_d    = REST;
      end
    endcase
    if (walk) begin
      cached_d = 1'b0;
      state_d  = WALK;
    end
    if (refuse) state_d = REFUSE;
  end

  assign cause_d  = refuse ? why : cause_q;
  assign killed_d = !start && (killed_q || kills);
  assign request_pop_o  = finish && !replay_q;
  assign replay_begun_o = start && take_replay;
  assign replay_done_o  = finish && replay_q;
  assign replay_write_o = issue_push && issue_kind == bau_types::ISSUE_REPLAY;

  // --- accesses to the DMA unit -----------------------------------------------------------------------------
  logic issue_empty;
  bau_issue u_issue (
    .clk_i, .rst_ni, .push_i(issue_push), .kind_i(issue_kind), .epoch_i(epoch_q), .partition_i(partition_q), .request_i(request),
    .page_i(page_q), .place_i(place), .ready_o(issue_ready), .valid_o(issue_valid_o), .issue_o, .pop_i(issue_pop_i), .empty_o(issue_empty)
  );

  // --- outputs ------------------------------------------------------------------------------------------------
  assign access_valid_o = device_access || walk_access || state_q == STORE;
  assign access_o.addr  = state_q == FETCH ? device_word : state_q == STORE ? header_address : walk_word;
  assign access_o.op    = state_q == STORE ? 3'(bau_pkg::BAU_MEM_WRITE) : 3'(bau_pkg::BAU_MEM_READ);
  assign access_o.data  = state_q == STORE ? header : 64'd0;
  assign access_o.strb  = state_q == STORE ? 8'hff : 8'd0;
  assign access_o.tag   = {3'(bau_types::UNIT_TRANSLATE), 5'd0};

  assign fault_valid_o     = state_q == REFUSE;
  assign fault_o.cause     = cause_q;
  assign fault_o.write     = request.kind != bau_types::KIND_READ;
  assign fault_o.partition = partition_q;
  assign fault_o.rid       = request.rid;
  assign fault_o.id        = request.id;
  assign fault_o.address   = request.address;
  assign fault_o.detail    = request.data;

  assign begun_o = start;
  assign epoch_o = epoch_q;
  assign quiet_o = state_q == REST && issue_empty && message_empty;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= REST;
      epoch_q     <= 1'b0;
      next_slot_q <= 5'd0;
    end else begin
      state_q          <= state_d;
      epoch_q          <= start ? epoch_i : epoch_q;
      partition_q      <= partition_d;
      cause_q          <= cause_d;
      fetched_q        <= fetched_d;
      miss_q           <= miss_d;
      killed_q         <= killed_d;
      slot_q           <= slot_d;
      next_slot_q      <= next_slot_d;
      cached_q         <= cached_d;
      page_q           <= page_d;
      entry_q          <= entry_d;
    end
  end
endmodule
