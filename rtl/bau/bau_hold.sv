// Holder: what waits in the hold rings, its page events, and its replay. README, Held writes and Holder.
module bau_hold (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // configuration
  input  logic [63:0]              owner_i,
  input  logic [1:0]               pt_valid_i,
  input  logic [87:0]              pt_base_i,
  input  logic [87:0]              pt_limit_i,
  input  logic [1:0]               event_enable_i,
  input  logic [111:0]             event_base_i,
  input  logic [7:0]               event_log2_i,
  input  logic [15:0]              event_head_i,
  input  logic [15:0]              event_tail_i,
  input  bau_types::invalidation_t invalidation_i,
  // the translator: what a function holds, what it parks, what it does with the offer
  input  logic [5:0]               rid_i,
  output logic                     holds_o,
  output logic                     full_o,
  output logic [43:0]              ring_o,
  output logic [3:0]               log2_o,
  output logic [12:0]              tail_o,
  input  bau_types::parked_t       parked_i,
  output logic                     offer_o,
  output bau_types::request_t      request_o,
  output logic                     deny_o,
  input  logic                     begun_i,
  input  logic                     held_i,
  input  logic                     done_i,
  input  logic                     write_i,   // done: the payload is wanted
  // the dma
  input  logic                     park_ended_i,
  output logic                     payload_valid_o,
  output logic [63:0]              payload_data_o,
  output logic                     payload_kill_o,
  input  logic                     payload_pop_i,
  // memory
  output logic                     access_valid_o,
  output bau_types::access_t       access_o,
  input  logic                     granted_i,
  input  logic                     answer_valid_i,
  input  logic [63:0]              answer_data_i,
  input  logic                     answer_err_i,
  // status
  output logic [63:0]              held_o,
  output logic [1:0]               event_written_o,
  output logic [1:0]               event_lost_o,
  output logic [1:0]               count_o,   // page event, replayed
  output logic                     quiet_o
);
  localparam int DEVICES = bau_pkg::BAU_NUM_DEVICES;

  typedef enum logic [2:0] {REST, EVENT, SETTLE, HEADER, OFFER, VERDICT, DATA, POP} state_e;

  state_e               state_q, state_d;
  logic                 partition_q, partition_d, error_q, error_d, cancelled_q, cancelled_d;
  logic [5:0]           rid_q, rid_d, last_q;
  logic [5:0]           asked_q, asked_d, got_q, got_d;
  logic [3:0]           parks_q, waits_q, waits_d;
  logic [DEVICES-1:0]   held_q, held_d, due_q, due_d, ready_q, ready_d, deny_q, deny_d;
  logic [55:0]          address_q, address_d;
  logic [255:0]         word_q;

  // --- what is kept for each function ---------------------------------------------------------------------
  logic [47:0] ring_mem [0:DEVICES-1];  // page, log2
  logic [12:0] head_mem [0:DEVICES-1];
  logic [12:0] tail_mem [0:DEVICES-1];
  logic [56:0] last_mem [0:DEVICES-1];  // device address, GSCID
  assign ring_o  = ring_mem[rid_i][47:4];
  assign log2_o  = ring_mem[rid_i][3:0];
  assign tail_o  = tail_mem[rid_i];
  assign holds_o = held_q[rid_i];
  logic [12:0] stored;
  assign stored = tail_o - head_mem[rid_i];
  assign full_o = stored == 13'd1 << log2_o;

  // --- choice ---------------------------------------------------------------------------------------------
  logic [1:0]  room;
  logic [63:0] announceable, later;
  logic [5:0]  event_rid, ready_rid, later_rid, chosen;
  for (genvar p = 0; p < 2; p++) begin : g_room
    logic [7:0] next_tail;
    assign next_tail = (event_tail_i[8*p +: 8] + 8'd1) & ~(8'hff << event_log2_i[4*p +: 4]);
    assign room[p]   = event_enable_i[p] && next_tail != event_head_i[8*p +: 8];
  end
  assign announceable = due_q & ((owner_i & {64{room[1]}}) | (~owner_i & {64{room[0]}}));
  always_comb begin
    later     = 64'd0;
    event_rid = 6'd0;
    ready_rid = 6'd0;
    later_rid = 6'd0;
    for (int r = DEVICES - 1; r >= 0; r--) begin
      later[r] = ready_q[r] && 6'(r) > last_q;
      if (announceable[r]) event_rid = 6'(r);
      if (ready_q[r]) ready_rid = 6'(r);
      if (later[r]) later_rid = 6'(r);
    end
  end
  assign chosen = later != 64'd0 ? later_rid : ready_rid;

  logic [47:0] chosen_ring;
  logic [11:0] chosen_place;
  logic [55:0] event_address;
  logic        event_partition;
  assign chosen_ring     = ring_mem[chosen];
  assign chosen_place    = head_mem[chosen][11:0] & ~(12'hfff << chosen_ring[3:0]);
  assign event_partition = owner_i[event_rid];
  assign event_address   = event_base_i[56*event_partition +: 56] + {44'd0, event_tail_i[8*event_partition +: 8], 4'd0};

  logic legal;
  bau_bounds u_bounds (.pt_valid_i, .pt_base_i, .pt_limit_i, .partition_i(partition_q), .page_i(address_q[55:12]), .legal_o(legal));

  // --- the offer -----------------------------------------------------------------------------------------------
  // The ring lies in the hypervisor's memory: what stands there may be anything.
  logic [10:0] end_dw;
  logic [7:0]  length;
  logic [1:0]  kind;
  logic        sized, sensible, unused_word;
  assign kind     = word_q[64*0 + bau_pkg::BAU_HOLD_PLACE_KIND_LSB +: 2];
  assign length   = word_q[64*0 + bau_pkg::BAU_HOLD_PLACE_LENGTH_LSB +: 8];
  assign end_dw   = {1'b0, word_q[75:66]} + {3'd0, length};
  assign sized    = length != 8'd0 && length <= (kind == bau_types::KIND_READ ? 8'd128 : 8'd64) && end_dw <= 11'd1024;
  assign sensible = !error_q && (kind == bau_types::KIND_MESSAGE || (kind != bau_types::KIND_DROP && sized));
  assign offer_o            = state_q == OFFER && !cancelled_q;
  assign deny_o             = deny_q[rid_q];
  assign request_o.kind     = sensible ? kind : bau_types::KIND_DROP;
  assign request_o.cause    = sensible ? 5'd0 : 5'(bau_pkg::BAU_CAUSE_HOLD_ACCESS);
  assign request_o.rid      = {10'd0, rid_q};
  assign request_o.tag      = word_q[64*0 + bau_pkg::BAU_HOLD_PLACE_TAG_LSB +: 8];
  assign request_o.length   = length;
  assign request_o.first_be = word_q[64*0 + bau_pkg::BAU_HOLD_PLACE_FIRST_BE_LSB +: 4];
  assign request_o.last_be  = word_q[64*0 + bau_pkg::BAU_HOLD_PLACE_LAST_BE_LSB +: 4];
  assign request_o.address  = word_q[127:64];
  assign request_o.id       = word_q[191:160];
  assign request_o.data     = word_q[159:128];
  assign unused_word        = ^{word_q[63:26], word_q[255:198]};

  // --- state machine ----------------------------------------------------------------------------------------------
  logic [5:0] words;
  logic [7:0] span;
  logic       unused_span;
  logic       take_event, take_ready, pop, held_again, emptied, replay_push;
  assign span        = length + 8'd1;
  assign words       = span[6:1];
  assign unused_span = span[7] ^ span[0];
  always_comb begin
    state_d         = state_q;
    partition_d     = partition_q;
    rid_d           = rid_q;
    asked_d         = asked_q;
    got_d           = got_q;
    error_d         = error_q;
    waits_d         = waits_q;
    address_d       = address_q;
    take_event      = 1'b0;
    take_ready      = 1'b0;
    pop             = 1'b0;
    held_again      = 1'b0;
    replay_push     = 1'b0;
    event_written_o = 2'd0;
    event_lost_o    = 2'd0;
    case (state_q)
      REST: begin
        asked_d = 6'd0;
        got_d   = 6'd0;
        error_d = 1'b0;
        if (announceable != 64'd0) begin
          take_event  = 1'b1;
          partition_d = event_partition;
          address_d   = event_address;
          state_d     = EVENT;
        end else if (ready_q != 64'd0) begin
          take_ready  = 1'b1;
          rid_d       = chosen;
          partition_d = owner_i[chosen];
          address_d   = {chosen_ring[47:4], 12'd0} + {35'd0, chosen_place, 9'd0};
          waits_d     = parks_q - {3'd0, park_ended_i};
          state_d     = SETTLE;
        end
      end
      EVENT: if (!legal) begin
        event_lost_o[partition_q] = 1'b1;
        state_d                   = REST;
      end else if (granted_i) begin
        asked_d = asked_q + 6'd1;
        if (asked_q == 6'd1) begin
          event_written_o[partition_q] = 1'b1;
          state_d                      = REST;
        end
      end
      SETTLE: if (cancelled_q) state_d = REST;
      else if (waits_q == 4'd0) state_d = HEADER;
      else waits_d = waits_q - {3'd0, park_ended_i};
      HEADER: if ((asked_q == 6'd0 && !legal) || got_q == 6'd4) begin
        error_d = error_q || got_q != 6'd4;
        asked_d = 6'd0;
        got_d   = 6'd0;
        state_d = OFFER;
      end else begin
        if (granted_i) asked_d = asked_q + 6'd1;
        if (answer_valid_i) begin
          got_d   = got_q + 6'd1;
          error_d = error_q || answer_err_i;
        end
      end
      OFFER: if (cancelled_q) state_d = REST;
      else if (begun_i) state_d = VERDICT;
      VERDICT: if (held_i) begin
        held_again = !cancelled_q;
        state_d    = REST;
      end else if (done_i) begin
        state_d = write_i ? DATA : POP;
      end
      DATA: if (got_q == words) begin
        state_d = POP;
      end else begin
        if (granted_i) asked_d = asked_q + 6'd1;
        if (answer_valid_i) begin
          replay_push = 1'b1;
          got_d       = got_q + 6'd1;
        end
      end
      default: begin  // POP
        pop     = !cancelled_q;
        state_d = REST;
      end
    endcase
  end

  // --- what is held: the holder's own step, what is parked, commands -----------------------------------------------
  logic [12:0] popped_head, parked_tail;
  logic        revived;
  logic [63:0] named, resumed;
  assign popped_head = head_mem[rid_q] + 13'd1;
  assign emptied     = pop && popped_head == tail_mem[rid_q];
  assign parked_tail = tail_mem[parked_i.rid];
  always_comb begin
    held_d      = held_q;
    due_d       = due_q;
    ready_d     = ready_q;
    deny_d      = deny_q;
    cancelled_d = cancelled_q && state_q != REST;
    if (take_event) due_d[event_rid] = 1'b0;
    if (held_again) begin
      due_d[rid_q]   = 1'b1;
      ready_d[rid_q] = 1'b0;
    end
    if (pop) deny_d[rid_q] = 1'b0;
    if (emptied) begin
      held_d[rid_q]  = 1'b0;
      ready_d[rid_q] = 1'b0;
    end
    revived = parked_i.valid && !parked_i.meets && !held_d[parked_i.rid];  // what it stood behind is gone
    if (parked_i.valid) held_d[parked_i.rid] = 1'b1;
    if (parked_i.valid && parked_i.meets) due_d[parked_i.rid] = 1'b1;
    if (revived) ready_d[parked_i.rid] = 1'b1;

    named = 64'd0;
    if (invalidation_i.all) named = '1;
    else if (invalidation_i.id[15:6] == 10'd0) named[invalidation_i.id[5:0]] = 1'b1;
    named   = named & (invalidation_i.partition ? owner_i : ~owner_i);
    resumed = named & held_d;
    if (invalidation_i.resume) begin
      ready_d = ready_d | resumed;
      due_d   = due_d & ~resumed;
      deny_d  = invalidation_i.deny ? deny_d | resumed : deny_d & ~resumed;
    end
    if (invalidation_i.drop || invalidation_i.device) begin
      held_d  = held_d & ~named;
      due_d   = due_d & ~named;
      ready_d = ready_d & ~named;
      deny_d  = deny_d & ~named;
      if (named[rid_d]) cancelled_d = 1'b1;
    end
  end

  logic unused_iotlb;
  assign unused_iotlb = invalidation_i.iotlb;

  // --- outputs --------------------------------------------------------------------------------------------------------
  logic       kill, replay_ready;
  logic [5:0] replay_count;
  assign kill = answer_err_i || got_q >= word_q[197:192];
  lib_beat_fifo #(.SideWidth(1), .Depth(32)) u_replay (
    .clk_i, .rst_ni, .push_i(replay_push), .data_i(answer_data_i), .side_i(kill), .ready_o(replay_ready),
    .valid_o(payload_valid_o), .data_o(payload_data_o), .side_o(payload_kill_o), .pop_i(payload_pop_i), .count_o(replay_count)
  );

  assign access_valid_o = (state_q == EVENT && legal) || (state_q == HEADER && (asked_q == 6'd0 ? legal : asked_q < 6'd4))
                          || (state_q == DATA && asked_q < words);
  assign access_o.op    = state_q == EVENT ? 3'(bau_pkg::BAU_MEM_WRITE) : 3'(bau_pkg::BAU_MEM_READ);
  assign access_o.addr  = address_q + {47'd0, asked_q, 3'd0} + (state_q == DATA ? 56'd256 : 56'd0);
  assign access_o.data  = state_q == EVENT ? word_q[64*asked_q[0] +: 64] : 64'd0;
  assign access_o.strb  = state_q == EVENT ? 8'hff : 8'd0;
  assign access_o.tag   = {3'(bau_types::UNIT_HOLD), 5'd0};
  assign held_o         = held_q;
  assign count_o        = {state_q == POP, |event_written_o};
  assign quiet_o        = state_q == REST && ready_q == 64'd0 && announceable == 64'd0 && replay_count == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= REST;
      cancelled_q <= 1'b0;
      last_q      <= 6'd0;
      parks_q     <= 4'd0;
      held_q      <= '0;
      due_q       <= '0;
      ready_q     <= '0;
      deny_q      <= '0;
    end else begin
      state_q     <= state_d;
      cancelled_q <= cancelled_d;
      last_q      <= take_ready ? chosen : last_q;
      parks_q     <= parks_q + {3'd0, parked_i.valid && parked_i.write} - {3'd0, park_ended_i};
      held_q      <= held_d;
      due_q       <= due_d;
      ready_q     <= ready_d;
      deny_q      <= deny_d;
    end
    partition_q <= partition_d;
    error_q     <= error_d;
    rid_q       <= rid_d;
    asked_q     <= asked_d;
    got_q       <= got_d;
    waits_q     <= waits_d;
    address_q   <= address_d;
    if (state_q == HEADER && answer_valid_i) word_q[64*got_q[1:0] +: 64] <= answer_data_i;
    if (take_event) begin
      word_q[63:0]   <= {16'd0, last_mem[event_rid][15:0], 10'd0, event_rid, 3'd0, event_partition, 12'd0};
      word_q[127:64] <= {23'd0, last_mem[event_rid][56:16]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (pop) head_mem[rid_q] <= popped_head;
    if (held_again) last_mem[rid_q] <= {parked_i.address, parked_i.gscid};
    if (parked_i.valid) begin
      tail_mem[parked_i.rid] <= parked_i.meets ? 13'd1 : parked_tail + 13'd1;
      if (parked_i.meets) begin
        ring_mem[parked_i.rid] <= {parked_i.ring, parked_i.log2};
        last_mem[parked_i.rid] <= {parked_i.address, parked_i.gscid};
        head_mem[parked_i.rid] <= 13'd0;
      end
      if (revived) head_mem[parked_i.rid] <= parked_tail;
    end
  end

  `LIB_ASSERT(a_replay_has_room, !replay_push || replay_ready)
  `LIB_ASSERT(a_room_for_the_parked, !parked_i.valid || parked_i.meets || !held_q[parked_i.rid] || rid_i != parked_i.rid || !full_o)
endmodule
