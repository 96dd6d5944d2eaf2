// Translator: device-table cache, checks of messages, IOTLB and walker, and the order in which accesses go on. README, Translator.
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
    REST, DEVICE, FETCH, DOORBELL, LOOKUP, WALK, ENTRY, LEAF, PERMIT, BOUNDS, PARK, STORE, REFUSE
  } state_e;

  state_e      state_q, state_d;
  logic        epoch_q, partition_q, partition_d;
  logic [4:0]  cause_q, cause_d;
  logic        fetched_q, fetched_d, miss_q, miss_d, killed_q, killed_d;
  logic [2:0]  asked_q, asked_d, filled_q, filled_d;
  logic        error_q, error_d, bad_q, bad_d, paged_q, paged_d;
  logic [1:0]  level_q, level_d;
  logic [4:0]  slot_q, slot_d, next_slot_q, next_slot_d;
  logic        cached_q, cached_d;
  logic [55:0] device_address_q, device_address_d;
  logic [43:0] table_q, table_d, page_q, page_d;
  logic [63:0] pte_q;
  logic        pte_error_q;
  bau_types::translation_t entry_q, entry_d;

  logic        replay_q, replay_d, turn_q;
  logic        start, refuse, walk, issue_push, message_push, finish, behind, meet, kills;
  bau_types::request_t request;
  logic [4:0]  why;
  logic [2:0]  issue_kind;

  // --- device-table cache --------------------------------------------------------------------------------
  logic [5:0]  rid;
  logic        device_read, device_store, device_cached, device_bad, device_keep;
  logic [35:0] word0;
  logic [43:0] word1;
  logic [55:0] word2, word4;
  logic [47:0] word5;
  logic [31:0] word3;
  assign rid          = request.rid[5:0];
  assign device_store = state_q == FETCH && answer_valid_i && filled_q != 3'd6;
  assign device_keep  = state_q == FETCH && filled_q == 3'd6 && !refuse && !killed_q;
  bau_devices u_devices (
    .clk_i, .rst_ni, .rid_i(rid), .read_i(device_read), .cached_o(device_cached), .word0_o(word0), .word1_o(word1),
    .word2_o(word2), .word3_o(word3), .word4_o(word4), .word5_o(word5),
    .store_i(device_store), .index_i(filled_q), .data_i(answer_data_i), .partition_i(partition_q), .paged_i(paged_q), .bad_o(device_bad), .keep_i(device_keep), .owner_i, .invalidation_i
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
  logic [55:9] place;
  logic [63:0] header;
  logic        park_meets;
  logic [43:0] park_ring;
  logic [3:0]  park_log2;
  bau_park u_park (
    .clk_i, .rst_ni, .behind_i(behind), .behind_ring_i(hold_ring_i), .behind_log2_i(hold_log2_i), .behind_tail_i(hold_tail_i),
    .meet_i(meet), .meet_ring_i(word5[47:4]), .meet_log2_i(word5[3:0]), .request_i(request), .index_i(asked_q[1:0]),
    .meets_o(park_meets), .ring_o(park_ring), .log2_o(park_log2), .place_o(place), .header_o(header)
  );
  assign hold_rid_o       = request_i.rid[5:0];
  assign parked_o.meets   = park_meets;
  assign parked_o.write   = request.kind == bau_types::KIND_WRITE;
  assign parked_o.rid     = rid;
  assign parked_o.ring    = park_ring;
  assign parked_o.log2    = park_log2;
  assign parked_o.address = request.address[40:0];
  assign parked_o.gscid   = gscid;
  assign kills            = invalidation_i.device || invalidation_i.iotlb || invalidation_i.drop;

  // --- bounds: one check a cycle, of the page that the state is about ----------------------------------
  logic [43:0] checked_page;
  logic [55:0] ite;
  logic        legal;
  assign device_address_d = state_q == DEVICE
    ? device_table_i[56*partition_q +: 56] + {44'd0, rid, 6'd0} : device_address_q;
  assign ite = word2 + {43'd0, request.address[11:4], 5'd0};
  always_comb begin
    checked_page = page_q;
    if (state_q == DEVICE) checked_page = device_address_d[55:12];
    if (state_q == DOORBELL) checked_page = ite[55:12];
    if (state_q == WALK) checked_page = table_q;
    if (state_q == PARK) checked_page = place[55:12];
  end
  bau_bounds u_bounds (.pt_valid_i, .pt_base_i, .pt_limit_i, .partition_i(partition_q), .page_i(checked_page), .legal_o(legal));

  // --- page-table entry ---------------------------------------------------------------------------------
  logic [43:0] pte_ppn;
  logic        pte_wrong, pte_leaf, pte_misaligned, usable, unused_pte;
  assign pte_ppn        = pte_q[53:10];
  assign pte_wrong      = !pte_q[0] || pte_q[2:1] == 2'b10 || pte_q[63:54] != 10'd0;
  assign pte_leaf       = pte_q[1] || pte_q[3];
  assign pte_misaligned = (level_q == 2'd1 && pte_ppn[8:0] != 9'd0) || (level_q == 2'd2 && pte_ppn[17:0] != 18'd0);
  assign usable         = pte_q[4] && pte_q[6];
  assign unused_pte     = ^{pte_q[9:8], pte_q[5]};

  // --- message ------------------------------------------------------------------------------------------
  logic [16:0] sigbit;
  logic [43:0] doorbell_page;
  assign sigbit        = {8'd0, request.data[8:0]} + {1'b0, word3[bau_pkg::BAU_DTE_SIGVEC_BASE_LSB +: 16]};
  assign doorbell_page = (44'(bau_pkg::BAU_DOORBELL_BASE) >> 12) + {43'd0, partition_q};

  // --- page of the access ---------------------------------------------------------------------------------
  logic [43:0] translated_page;
  logic        allowed;
  always_comb begin
    translated_page = entry_q.ppn;
    if (entry_q.level != 2'd0) translated_page[8:0] = request.address[20:12];
    if (entry_q.level == 2'd2) translated_page[17:9] = request.address[29:21];
  end
  assign allowed = request.kind == bau_types::KIND_READ ? entry_q.read : entry_q.write;

  // --- source of the request ----------------------------------------------------------------------------------
  // The link's head does not count while it has to go into a hold ring that is full.
  logic        link_offers, link_owner, link_served, take_replay;
  assign link_owner  = request_i.rid[15:6] == 10'd0 && owner_i[request_i.rid[5:0]];
  assign link_served = request_i.rid[15:6] == 10'd0 && pt_valid_i[link_owner] && enable_i[link_owner]
                       && {1'b0, request_i.rid[5:0]} < device_length_i[7*link_owner +: 7];
  assign link_offers = request_valid_i && (request_i.cause != 5'd0 || !link_served || !holds_i || !hold_full_i
                                          || !pt_wait_i[link_owner]);
  assign take_replay = offer_i && (!link_offers || turn_q);
  assign replay_d    = state_q == REST ? take_replay : replay_q;
  assign request     = replay_d ? offered_i : request_i;

  // --- state machine --------------------------------------------------------------------------------------
  logic served;
  logic issue_ready, message_ready;
  assign partition_d = start ? request.rid[15:6] == 10'd0 && owner_i[rid] : partition_q;
  assign served      = request.rid[15:6] == 10'd0 && pt_valid_i[partition_d] && enable_i[partition_d]
                       && {1'b0, rid} < device_length_i[7*partition_d +: 7];

  always_comb begin
    state_d      = state_q;
    start        = 1'b0;
    refuse       = 1'b0;
    why          = 5'd0;
    walk         = 1'b0;
    device_read  = 1'b0;
    fetched_d    = fetched_q;
    miss_d       = miss_q;
    asked_d      = asked_q;
    filled_d     = filled_q;
    error_d      = error_q;
    bad_d        = bad_q;
    paged_d      = paged_q;
    level_d      = level_q;
    slot_d       = slot_q;
    next_slot_d  = next_slot_q;
    cached_d     = cached_q;
    table_d      = table_q;
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
    parked_o.valid = 1'b0;
    replay_held_o  = 1'b0;
    case (state_q)
      REST: if ((link_offers || offer_i) && issue_ready && message_ready) begin
        start       = 1'b1;
        fetched_d   = 1'b0;
        miss_d      = 1'b0;
        asked_d     = 3'd0;
        filled_d    = 3'd0;
        error_d     = 1'b0;
        bad_d       = 1'b0;
        paged_d     = 1'b0;
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
      FETCH: if (filled_q == 3'd6) begin
        refuse      = error_q || bad_q;
        why         = error_q ? 5'(bau_pkg::BAU_CAUSE_DTE_ACCESS) : 5'(bau_pkg::BAU_CAUSE_DTE_INVALID);
        fetched_d   = !refuse;
        device_read = 1'b1;
        state_d     = DEVICE;
      end else begin
        if (granted_i) asked_d = asked_q + 3'd1;
        if (answer_valid_i) begin
          filled_d = filled_q + 3'd1;
          error_d  = error_q || answer_err_i;
          bad_d    = bad_q || device_bad;
          if (filled_q == 3'd0) paged_d = answer_data_i[3:2] == 2'(bau_pkg::BAU_IOMMU_SV39X4);
        end
      end
      DOORBELL: begin
        refuse = 1'b1;
        if (request.address[55:12] != doorbell_page) why = 5'(bau_pkg::BAU_CAUSE_MESSAGE);
        else if ({8'd0, request.address[11:4]} >= word3[15:0]) why = 5'(bau_pkg::BAU_CAUSE_TARGET);
        else if (request.data[31:9] != 23'd0 || sigbit[16:9] != 8'd0) why = 5'(bau_pkg::BAU_CAUSE_VECTOR);
        else if (!legal) why = 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS);
        else begin
          refuse        = 1'b0;
          message_push  = 1'b1;
          issue_push    = 1'b1;
          issue_kind    = bau_types::ISSUE_MESSAGE;
          finish        = 1'b1;
          state_d       = REST;
        end
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
        refuse  = !legal;
        why     = 5'(bau_pkg::BAU_CAUSE_PTE_ACCESS);
        state_d = granted_i ? ENTRY : WALK;
      end
      ENTRY: if (answer_valid_i) state_d = LEAF;
      LEAF: begin
        why = 5'(bau_pkg::BAU_CAUSE_PTE_INVALID);
        if (pte_error_q) begin
          refuse = 1'b1;
          why    = 5'(bau_pkg::BAU_CAUSE_PTE_ACCESS);
        end else if (pte_wrong || (!pte_leaf && level_q == 2'd0) || (pte_leaf && pte_misaligned)) begin
          refuse = 1'b1;
        end else if (!pte_leaf) begin
          level_d = level_q - 2'd1;
          table_d = pte_ppn;
          state_d = WALK;
        end else begin
          entry_d.partition = partition_q;
          entry_d.gscid     = gscid;
          entry_d.level     = level_q;
          entry_d.read      = usable && pte_q[1];
          entry_d.write     = usable && pte_q[2] && pte_q[7];
          entry_d.hold      = pte_q[4] && pte_q[1] && !pte_q[2];
          entry_d.vpn       = request.address[40:12];
          entry_d.ppn       = pte_ppn;
          store             = !killed_q && !kills;
          state_d           = PERMIT;
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
        asked_d = 3'd0;
        state_d = STORE;
      end
      STORE: if (granted_i) begin
        asked_d = asked_q + 3'd1;
        if (asked_q == 3'd2) begin
          state_d = REST;
          if (killed_q || kills) begin  // what it was held for may be gone: begin again
            ended_o = 1'b1;
          end else begin
            parked_o.valid = 1'b1;
            count_o[4]     = 1'b1;
            finish         = 1'b1;
            issue_push     = request.kind == bau_types::KIND_WRITE;
            issue_kind     = bau_types::ISSUE_PARK;
            ended_o        = !issue_push;
          end
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
      level_d  = 2'd2;
      table_d  = word1 | {42'd0, request.address[40:39]};
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

  // --- buffers ----------------------------------------------------------------------------------------------
  bau_types::issue_t   issue_d;
  bau_types::message_t message_d;
  logic [2:0]          issue_count;
  logic [4:0]          message_count;
  assign issue_d.kind      = issue_kind;
  assign issue_d.epoch     = epoch_q;
  assign issue_d.partition = partition_q;
  assign issue_d.rid       = request.rid;
  assign issue_d.tag       = request.tag;
  assign issue_d.length    = request.length;
  assign issue_d.first_be  = request.first_be;
  assign issue_d.last_be   = request.last_be;
  assign issue_d.address   = issue_kind == bau_types::ISSUE_PARK ? {place, 9'd256} : {page_q, request.address[11:0]};
  lib_fifo #(.Width(bau_types::ISSUE_BITS), .Depth(4)) u_issue (
    .clk_i, .rst_ni, .push_i(issue_push), .data_i(issue_d), .ready_o(issue_ready), .valid_o(issue_valid_o),
    .data_o(issue_o), .pop_i(issue_pop_i), .count_o(issue_count)
  );

  assign message_d.id        = request.id;
  assign message_d.rid       = request.rid;
  assign message_d.target    = request.address[11:4];
  assign message_d.sigbit    = sigbit[8:0];
  assign message_d.ite       = ite;
  assign message_d.summary   = word4;
  assign message_d.vmid      = gscid;
  assign message_d.subclass  = word0[bau_pkg::BAU_DTE_SUBCLASS_LSB +: 4];
  assign message_d.partition = partition_q;
  assign message_d.direct    = word0[bau_pkg::BAU_DTE_DIRECT_LSB] && !word0[bau_pkg::BAU_DTE_FORCE_BROADCAST_LSB];
  assign message_d.hit       = !miss_q;
  assign message_d.epoch     = epoch_q;
  lib_fifo #(.Width(bau_types::MESSAGE_BITS), .Depth(16)) u_message (
    .clk_i, .rst_ni, .push_i(message_push), .data_i(message_d), .ready_o(message_ready), .valid_o(message_valid_o),
    .data_o(message_o), .pop_i(message_pop_i), .count_o(message_count)
  );

  // --- outputs ------------------------------------------------------------------------------------------------
  logic [8:0] index;
  assign index = level_q == 2'd2 ? request.address[38:30] : level_q == 2'd1 ? request.address[29:21] : request.address[20:12];
  assign access_valid_o = (state_q == FETCH && asked_q != 3'd6) || (state_q == WALK && legal) || state_q == STORE;
  assign access_o.addr  = state_q == FETCH ? device_address_q + {50'd0, asked_q, 3'd0}
                          : state_q == STORE ? {place, 4'd0, asked_q[1:0], 3'd0} : {table_q, index, 3'd0};
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
  assign quiet_o = state_q == REST && issue_count == '0 && message_count == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q          <= REST;
      epoch_q          <= 1'b0;
      replay_q         <= 1'b0;
      turn_q           <= 1'b0;
      partition_q      <= 1'b0;
      cause_q          <= 5'd0;
      fetched_q        <= 1'b0;
      miss_q           <= 1'b0;
      killed_q         <= 1'b0;
      asked_q          <= 3'd0;
      filled_q         <= 3'd0;
      error_q          <= 1'b0;
      bad_q            <= 1'b0;
      paged_q          <= 1'b0;
      level_q          <= 2'd0;
      slot_q           <= 5'd0;
      next_slot_q      <= 5'd0;
      cached_q         <= 1'b0;
      device_address_q <= 56'd0;
      table_q          <= 44'd0;
      page_q           <= 44'd0;
      pte_q            <= 64'd0;
      pte_error_q      <= 1'b0;
      entry_q          <= '0;
    end else begin
      state_q          <= state_d;
      epoch_q          <= start ? epoch_i : epoch_q;
      replay_q         <= start ? take_replay : replay_q;
      turn_q           <= start ? !take_replay : turn_q;
      partition_q      <= partition_d;
      cause_q          <= cause_d;
      fetched_q        <= fetched_d;
      miss_q           <= miss_d;
      killed_q         <= killed_d;
      asked_q          <= asked_d;
      filled_q         <= filled_d;
      error_q          <= error_d;
      bad_q            <= bad_d;
      paged_q          <= paged_d;
      level_q          <= level_d;
      slot_q           <= slot_d;
      next_slot_q      <= next_slot_d;
      cached_q         <= cached_d;
      device_address_q <= device_address_d;
      table_q          <= table_d;
      page_q           <= page_d;
      if (state_q == ENTRY && answer_valid_i) begin
        pte_q       <= answer_data_i;
        pte_error_q <= answer_err_i;
      end
      entry_q          <= entry_d;
    end
  end

  `LIB_ASSERT(a_issue_room, !issue_push || issue_ready)
  `LIB_ASSERT(a_message_room, !message_push || message_ready)
  `LIB_ASSERT(a_access_in_bounds, state_q != WALK || !granted_i || legal)
endmodule
