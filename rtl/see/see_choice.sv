// Which classes have something to do, and on what the chosen item works: its slot, function and index (a queue or a
// vector). README section 8, the table of classes.
module see_choice
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic       pick_i,
  input  logic [3:0] class_i,
  input  logic [see_types::CLASSES-1:0] active_i,
  input  logic [7:0] step_i,
  // what waits
  input  logic        enable_i,
  input  logic        request_i,
  input  logic        access_i,
  input  logic        read_done_i,
  input  logic [5:0]  read_done_slot_i,
  input  logic        write_done_i,
  input  logic [5:0]  write_done_slot_i,
  input  logic        entry_i,
  input  logic        entry_is_post_i,
  input  logic [5:0]  entry_slot_i,
  input  logic        tell_i,        // an event or a refused doorbell for the firmware
  input  logic        ring_room_i,
  input  logic        vector_i,
  input  logic        reset_wanted_i,
  input  logic        reset_active_i,
  input  logic        reset_marked_i,
  input  logic [16:0] run_i,         // functions that may fetch
  input  logic [16:0] want_admin_i,
  input  logic [16:0] want_io_i,
  input  logic [16:0] below_limit_i,
  input  logic [16:0] admin_idle_i,
  input  logic        may_fetch_i,   // posts keep slots enough
  input  logic        coalesce_i,
  // sets of slots
  input  logic [63:0] free_i,
  input  logic [63:0] check_i,
  input  logic [63:0] listq_i,
  input  logic [63:0] pullq_i,
  input  logic [63:0] ring_i,
  input  logic [63:0] pushq_i,
  input  logic [63:0] cqe_i,
  // room for what items push
  input  logic        cplq_i,
  input  logic        rspq_i,
  input  logic        rdq_i,
  input  logic        wrq_i,
  input  logic        ringq_i,
  output logic [see_types::CLASSES-1:0] ready_o,
  // functions and indices as others know them
  input  logic [4:0]  access_fn_i,
  input  logic [3:0]  access_index_i,
  input  logic [4:0]  request_fn_i,
  input  logic [3:0]  request_index_i,
  input  logic [4:0]  post_fn_i,
  input  logic        takes_slot_i,
  input  logic [4:0]  tell_fn_i,
  input  logic [4:0]  vector_fn_i,
  input  logic [3:0]  vector_index_i,
  input  logic [4:0]  reset_wanted_fn_i,
  input  logic [4:0]  reset_fn_i,
  input  logic [4:0]  slot_fn_i,
  input  logic [3:0]  slot_queue_i,
  input  logic [4:0]  coalesce_fn_i,
  input  logic [8:0]  turn_set_i,
  input  logic [3:0]  turn_last_i,
  output logic        read_done_o,  // DONE takes the head of doneq, not of wdoneq
  output logic [5:0]  slot_o,
  output logic [4:0]  fn_o,
  output logic [3:0]  index_o
);
  logic [16:0] fetchable;
  logic [5:0]  slot_q, slot_d;
  logic [4:0]  fn_q, fn_d;
  logic [3:0]  index_q, index_d;
  logic        read_done_q;
  assign read_done_o = read_done_q;
  assign slot_o      = slot_q;
  assign fn_o        = fn_q;
  assign index_o     = index_q;

  // --- ready classes -----------------------------------------------------------------------------------
  logic [16:0] admin_room;
  assign admin_room = below_limit_i | admin_idle_i;
  assign fetchable = run_i & ((want_admin_i & admin_room) | (want_io_i & below_limit_i));
  assign ready_o[see_types::CLASS_REQ]     = request_i && cplq_i;
  assign ready_o[see_types::CLASS_REG]     = access_i && rspq_i;
  assign ready_o[see_types::CLASS_DONE]    = read_done_i || write_done_i;
  assign ready_o[see_types::CLASS_CE]      = entry_i;
  assign ready_o[see_types::CLASS_CHECK]   = check_i != 64'd0;
  assign ready_o[see_types::CLASS_LIST]    = listq_i != 64'd0 && rdq_i;
  assign ready_o[see_types::CLASS_PULL]    = pullq_i != 64'd0 && rdq_i;
  assign ready_o[see_types::CLASS_RING]    = enable_i && ringq_i && ring_room_i && (tell_i || ring_i != 64'd0);
  assign ready_o[see_types::CLASS_PUSH]    = pushq_i != 64'd0 && wrq_i;
  assign ready_o[see_types::CLASS_CQE]     = cqe_i != 64'd0 && wrq_i;
  assign ready_o[see_types::CLASS_MSIX]    = vector_i && wrq_i;
  assign ready_o[see_types::CLASS_FETCH]   = enable_i && fetchable != '0 && may_fetch_i && rdq_i;
  assign ready_o[see_types::CLASS_RSTART]  = !reset_active_i && reset_wanted_i && rdq_i && wrq_i;
  assign ready_o[see_types::CLASS_RFINISH] = reset_active_i && reset_marked_i;

  assign ready_o[see_types::CLASS_COALESCE] = coalesce_i;

  // --- the slot ----------------------------------------------------------------------------------------
  // Each class goes round the slots on its own.
  logic [5:0]  last_q [0:5];
  logic [2:0]  turn;
  logic [63:0] set;
  logic        by_turn;
  always_comb begin
    by_turn = 1'b1;
    turn    = 3'd0;
    set     = free_i;
    case (32'(class_i))
      see_types::CLASS_CHECK: set = check_i;
      see_types::CLASS_LIST: set = listq_i;
      see_types::CLASS_PULL: set = pullq_i;
      see_types::CLASS_RING: set = ring_i;
      see_types::CLASS_PUSH: set = pushq_i;
      see_types::CLASS_CQE: set = cqe_i;
      default: by_turn = 1'b0;
    endcase
    case (32'(class_i))
      see_types::CLASS_LIST: turn = 3'd1;
      see_types::CLASS_PULL: turn = 3'd2;
      see_types::CLASS_RING: turn = 3'd3;
      see_types::CLASS_PUSH: turn = 3'd4;
      see_types::CLASS_CQE: turn = 3'd5;
      default: turn = 3'd0;
    endcase
  end

  always_comb begin
    slot_d = slot_q;
    if (pick_i) begin
      if (by_turn) slot_d = see_types::index64(see_types::after64(set, last_q[turn]));
      else if (32'(class_i) == see_types::CLASS_DONE) slot_d = read_done_i ? read_done_slot_i : write_done_slot_i;
      else if (32'(class_i) == see_types::CLASS_CE && !entry_is_post_i) slot_d = entry_slot_i;
      else slot_d = see_types::index64(see_types::lowest64(free_i));
    end
  end

  logic moves_turn;  // a descriptor that is not about a slot leaves the turn where it is
  assign moves_turn = pick_i && by_turn && (32'(class_i) != see_types::CLASS_RING || takes_slot_i);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int i = 0; i < 6; i++) last_q[i] <= 6'd0;
    end else if (moves_turn) begin
      last_q[turn] <= slot_d;
    end
  end

  // --- function and index --------------------------------------------------------------------------------
  logic [4:0]  last_fetch_q, fetch_fn;
  logic [8:0]  fetch_set;
  logic        works_on_slot, unused;
  logic [3:0]  fetch_queue;
  assign fetch_set = turn_set_i & {{8{below_limit_i[fn_q]}}, admin_room[fn_q]};
  always_comb begin
    fetch_fn              = 5'd0;
    {unused, fetch_queue} = 5'd0;
    if (pick_i) fetch_fn = see_types::index32(see_types::after32({15'd0, fetchable}, last_fetch_q));
    if (active_i[see_types::CLASS_FETCH])
      {unused, fetch_queue} = see_types::index32(see_types::after32({23'd0, fetch_set}, {1'b0, turn_last_i}));
  end
  assign works_on_slot = active_i[see_types::CLASS_DONE] || (active_i[see_types::CLASS_CE] && !entry_is_post_i) ||
                         active_i[see_types::CLASS_CHECK] || active_i[see_types::CLASS_LIST] || active_i[see_types::CLASS_PULL] ||
                         (active_i[see_types::CLASS_RING] && takes_slot_i) || active_i[see_types::CLASS_PUSH] ||
                         active_i[see_types::CLASS_CQE];

  always_comb begin
    fn_d    = fn_q;
    index_d = index_q;
    if (pick_i) begin
      index_d = (32'(class_i) == see_types::CLASS_RFINISH) ? 4'd0 : access_index_i;
      case (32'(class_i))
        see_types::CLASS_REG: fn_d = access_fn_i;
        see_types::CLASS_CE: fn_d = post_fn_i;
        see_types::CLASS_RING: fn_d = tell_fn_i;
        see_types::CLASS_MSIX: fn_d = vector_fn_i;
        see_types::CLASS_FETCH: fn_d = fetch_fn;
        see_types::CLASS_RSTART: fn_d = reset_wanted_fn_i;
        see_types::CLASS_RFINISH: fn_d = reset_fn_i;
        see_types::CLASS_COALESCE: fn_d = coalesce_fn_i;
        default: fn_d = 5'd0;
      endcase
    end else if (step_i == 8'd1 && active_i[see_types::CLASS_REQ]) begin
      fn_d    = request_fn_i;
      index_d = request_index_i;
    end else if (step_i == 8'd2 && works_on_slot) begin
      fn_d    = slot_fn_i;
      index_d = slot_queue_i;
    end else if (step_i == 8'd2 && active_i[see_types::CLASS_FETCH]) begin
      index_d = fetch_queue;
    end else if (step_i == 8'd2 && active_i[see_types::CLASS_MSIX]) begin
      index_d = vector_index_i;
    end else if (active_i[see_types::CLASS_RFINISH]) begin
      index_d = step_i[4:1];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) last_fetch_q <= 5'd0;
    else if (active_i[see_types::CLASS_FETCH]) last_fetch_q <= fn_q;
    slot_q  <= slot_d;
    if (pick_i) read_done_q <= read_done_i;
    fn_q    <= fn_d;
    index_q <= index_d;
  end
endmodule
