// Translator: device-table cache, checks of messages, IOTLB and walker, and the order in which accesses go on. README, Translator.
module bau_translate (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // configuration
  input  logic [63:0]              owner_i,
  input  logic [1:0]               enable_i,
  input  logic [1:0]               pt_valid_i,
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
  output logic [3:0]               count_o,   // IOTLB miss and hit, DTE miss and hit
  output logic                     quiet_o
);
  typedef enum logic [3:0] {
    REST, DEVICE, FETCH, DOORBELL, LOOKUP, WALK, ENTRY, LEAF, PERMIT, BOUNDS, REFUSE
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

  logic        start, refuse, walk, issue_push, message_push;
  logic [4:0]  why;
  logic [2:0]  issue_kind;

  // --- device-table cache --------------------------------------------------------------------------------
  logic [5:0]  rid;
  logic        device_read, device_store, device_cached, device_bad, device_keep;
  logic [35:0] word0;
  logic [43:0] word1;
  logic [55:0] word2, word4;
  logic [31:0] word3;
  assign rid          = request_i.rid[5:0];
  assign device_store = state_q == FETCH && answer_valid_i && filled_q != 3'd5;
  assign device_keep  = state_q == FETCH && filled_q == 3'd5 && !refuse && !killed_q;
  bau_devices u_devices (
    .clk_i, .rst_ni, .rid_i(rid), .read_i(device_read), .cached_o(device_cached), .word0_o(word0), .word1_o(word1),
    .word2_o(word2), .word3_o(word3), .word4_o(word4), .store_i(device_store), .index_i(filled_q), .data_i(answer_data_i),
    .partition_i(partition_q), .paged_i(paged_q), .bad_o(device_bad), .keep_i(device_keep), .owner_i, .invalidation_i
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
    .clk_i, .rst_ni, .partition_i(partition_q), .gscid_i(gscid), .vpn_i(request_i.address[40:12]), .hit_o(hit),
    .slot_o(hit_slot), .entry_o(found), .store_i(store), .store_slot_i(slot_q), .store_entry_i(entry_d),
    .invalidate_i(invalidation_i.iotlb), .invalidate_all_i(invalidation_i.all),
    .invalidate_partition_i(invalidation_i.partition), .invalidate_gscid_i(invalidation_i.id)
  );

  // --- bounds: one check a cycle, of the page that the state is about ----------------------------------
  logic [43:0] checked_page;
  logic [55:0] ite;
  logic        legal;
  assign device_address_d = state_q == DEVICE
    ? device_table_i[56*partition_q +: 56] + {44'd0, rid, 6'd0} : device_address_q;
  assign ite = word2 + {43'd0, request_i.address[11:4], 5'd0};
  always_comb begin
    checked_page = page_q;
    if (state_q == DEVICE) checked_page = device_address_d[55:12];
    if (state_q == DOORBELL) checked_page = ite[55:12];
    if (state_q == WALK) checked_page = table_q;
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
  assign sigbit        = {8'd0, request_i.data[8:0]} + {1'b0, word3[bau_pkg::BAU_DTE_SIGVEC_BASE_LSB +: 16]};
  assign doorbell_page = (44'(bau_pkg::BAU_DOORBELL_BASE) >> 12) + {43'd0, partition_q};

  // --- page of the access ---------------------------------------------------------------------------------
  logic [43:0] translated_page;
  logic        allowed;
  always_comb begin
    translated_page = entry_q.ppn;
    if (entry_q.level != 2'd0) translated_page[8:0] = request_i.address[20:12];
    if (entry_q.level == 2'd2) translated_page[17:9] = request_i.address[29:21];
  end
  assign allowed = request_i.kind == bau_types::KIND_READ ? entry_q.read : entry_q.write;

  // --- state machine --------------------------------------------------------------------------------------
  logic served;
  logic issue_ready, message_ready;
  assign partition_d = start ? request_i.rid[15:6] == 10'd0 && owner_i[rid] : partition_q;
  assign served      = request_i.rid[15:6] == 10'd0 && pt_valid_i[partition_d] && enable_i[partition_d]
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
    request_pop_o = 1'b0;
    ended_o      = 1'b0;
    count_o      = 4'd0;
    case (state_q)
      REST: if (request_valid_i && issue_ready && message_ready) begin
        start       = 1'b1;
        fetched_d   = 1'b0;
        miss_d      = 1'b0;
        asked_d     = 3'd0;
        filled_d    = 3'd0;
        error_d     = 1'b0;
        bad_d       = 1'b0;
        paged_d     = 1'b0;
        device_read = 1'b1;
        state_d     = DEVICE;
        refuse      = request_i.cause != 5'd0 || !served;
        why         = request_i.cause != 5'd0 ? request_i.cause : 5'(bau_pkg::BAU_CAUSE_REQUESTER);
      end
      DEVICE: if (!fetched_q && !device_cached) begin
        miss_d     = 1'b1;
        count_o[1] = 1'b1;
        state_d    = FETCH;
        refuse     = !legal;
        why        = 5'(bau_pkg::BAU_CAUSE_DTE_ACCESS);
      end else begin
        count_o[0] = !miss_q;
        if (request_i.kind == bau_types::KIND_MESSAGE) begin
          state_d = DOORBELL;
        end else if (mode == 2'(bau_pkg::BAU_IOMMU_BYPASS)) begin
          page_d  = request_i.address[55:12];
          state_d = BOUNDS;
          refuse  = request_i.address[63:56] != 8'd0;
          why     = 5'(bau_pkg::BAU_CAUSE_OUT_OF_BOUNDS);
        end else if (mode == 2'(bau_pkg::BAU_IOMMU_SV39X4)) begin
          state_d = LOOKUP;
          refuse  = request_i.address[63:41] != 23'd0;
          why     = 5'(bau_pkg::BAU_CAUSE_ADDRESS);
        end else begin
          refuse = 1'b1;
          why    = 5'(bau_pkg::BAU_CAUSE_BLOCKED);
        end
      end
      FETCH: if (filled_q == 3'd5) begin
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
        if (request_i.address[55:12] != doorbell_page) why = 5'(bau_pkg::BAU_CAUSE_MESSAGE);
        else if ({8'd0, request_i.address[11:4]} >= word3[15:0]) why = 5'(bau_pkg::BAU_CAUSE_TARGET);
        else if (request_i.data[31:9] != 23'd0 || sigbit[16:9] != 8'd0) why = 5'(bau_pkg::BAU_CAUSE_VECTOR);
        else if (!legal) why = 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS);
        else begin
          refuse        = 1'b0;
          message_push  = 1'b1;
          issue_push    = 1'b1;
          issue_kind    = bau_types::ISSUE_MESSAGE;
          request_pop_o = 1'b1;
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
          entry_d.vpn       = request_i.address[40:12];
          entry_d.ppn       = pte_ppn;
          store             = !killed_q && !invalidation_i.device && !invalidation_i.iotlb;
          state_d           = PERMIT;
        end
      end
      PERMIT: begin
        page_d  = allowed ? translated_page : page_q;
        walk    = !allowed && cached_q;
        refuse  = !allowed && !cached_q;
        why     = request_i.kind == bau_types::KIND_READ ? 5'(bau_pkg::BAU_CAUSE_READ_DENIED) : 5'(bau_pkg::BAU_CAUSE_WRITE_DENIED);
        state_d = BOUNDS;
      end
      BOUNDS: if (!legal) begin
        refuse = 1'b1;
        why    = 5'(bau_pkg::BAU_CAUSE_OUT_OF_BOUNDS);
      end else begin
        issue_push    = 1'b1;
        issue_kind    = request_i.kind == bau_types::KIND_READ ? bau_types::ISSUE_READ : bau_types::ISSUE_WRITE;
        request_pop_o = 1'b1;
        state_d       = REST;
      end
      default: if (fault_taken_i) begin  // REFUSE
        ended_o       = 1'b1;
        request_pop_o = 1'b1;
        issue_push    = request_i.kind == bau_types::KIND_READ || request_i.kind == bau_types::KIND_WRITE;
        issue_kind    = request_i.kind == bau_types::KIND_READ ? bau_types::ISSUE_REFUSE : bau_types::ISSUE_DISCARD;
        state_d       = REST;
      end
    endcase
    if (walk) begin
      cached_d = 1'b0;
      level_d  = 2'd2;
      table_d  = word1 | {42'd0, request_i.address[40:39]};
      state_d  = WALK;
    end
    if (refuse) state_d = REFUSE;
  end

  assign cause_d  = refuse ? why : cause_q;
  assign killed_d = !start && (killed_q || invalidation_i.device || invalidation_i.iotlb);

  // --- buffers ----------------------------------------------------------------------------------------------
  bau_types::issue_t   issue_d;
  bau_types::message_t message_d;
  logic [2:0]          issue_count;
  logic [4:0]          message_count;
  assign issue_d.kind      = issue_kind;
  assign issue_d.epoch     = epoch_q;
  assign issue_d.partition = partition_q;
  assign issue_d.rid       = request_i.rid;
  assign issue_d.tag       = request_i.tag;
  assign issue_d.length    = request_i.length;
  assign issue_d.first_be  = request_i.first_be;
  assign issue_d.last_be   = request_i.last_be;
  assign issue_d.address   = {page_q, request_i.address[11:0]};
  lib_fifo #(.Width(bau_types::ISSUE_BITS), .Depth(4)) u_issue (
    .clk_i, .rst_ni, .push_i(issue_push), .data_i(issue_d), .ready_o(issue_ready), .valid_o(issue_valid_o),
    .data_o(issue_o), .pop_i(issue_pop_i), .count_o(issue_count)
  );

  assign message_d.id        = request_i.id;
  assign message_d.rid       = request_i.rid;
  assign message_d.target    = request_i.address[11:4];
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
  assign index = level_q == 2'd2 ? request_i.address[38:30] : level_q == 2'd1 ? request_i.address[29:21] : request_i.address[20:12];
  assign access_valid_o = (state_q == FETCH && asked_q != 3'd5) || (state_q == WALK && legal);
  assign access_o.op    = 3'(bau_pkg::BAU_MEM_READ);
  assign access_o.addr  = state_q == FETCH ? device_address_q + {50'd0, asked_q, 3'd0} : {table_q, index, 3'd0};
  assign access_o.data  = 64'd0;
  assign access_o.strb  = 8'd0;
  assign access_o.tag   = {3'(bau_types::UNIT_TRANSLATE), 5'd0};

  assign fault_valid_o     = state_q == REFUSE;
  assign fault_o.cause     = cause_q;
  assign fault_o.write     = request_i.kind != bau_types::KIND_READ;
  assign fault_o.partition = partition_q;
  assign fault_o.rid       = request_i.rid;
  assign fault_o.id        = request_i.id;
  assign fault_o.address   = request_i.address;
  assign fault_o.detail    = request_i.data;

  assign begun_o = start;
  assign epoch_o = epoch_q;
  assign quiet_o = state_q == REST && issue_count == '0 && message_count == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q          <= REST;
      epoch_q          <= 1'b0;
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
