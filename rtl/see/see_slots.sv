// The command slots: their states as one set of slots per state, their contexts in RAM, and which function holds them.
// README section 8, State.
//
// Slots in FETCH, LIST, PULL and SENT wait for RD or WR and are in no set.
module see_slots
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  input  logic        commit_i,
  // the slot and the function that the item works on
  input  logic [5:0]  slot_i,
  input  logic [4:0]  fn_i,
  output see_types::slot_a_t a_o,
  output see_types::slot_b_t b_o,
  output see_types::slot_c_t c_o,
  output logic        slot_is_fw_o,
  output logic        slot_is_next_o,
  output logic        slot_is_orphan_o,
  // what the item does to it
  input  see_types::slot_fx_t fx_i,
  input  see_types::slot_a_t  a_i,
  input  see_types::slot_b_t  b_i,
  input  see_types::slot_c_t  c_i,
  // what an item does to all slots of the function
  input  logic        wake_i,     // CQWAIT -> CQE
  input  logic        rstart_i,   // they wait for nothing but rfinish
  input  logic        rfinish_i,  // FW -> ORPHAN, the others are freed
  input  logic        ns_written_i,  // they are commands of a namespace that is gone
  output logic        gone_o,        // slot_i's is
  // sets
  output logic [63:0] free_o,
  output logic [63:0] check_o,
  output logic [63:0] listq_o,
  output logic [63:0] pullq_o,
  output logic [63:0] ring_o,
  output logic [63:0] pushq_o,
  output logic [63:0] cqe_o,
  output logic        may_fetch_o,  // a slot stays for a post of every function
  // places of a function
  input  logic        limit_we_i,
  input  logic [6:0]  limit_i,
  output logic [6:0]  inflight_o,     // of fn_i
  output logic [16:0] below_limit_o
);
  logic [63:0] free_q, check_q, listq_q, pullq_q, ring_q, fw_q, next_q, pushq_q, cqe_q, cqwait_q, orphan_q;
  logic [63:0] one, owned, owned_d, busy;
  logic        owned_we, move;

  assign one  = 64'd1 << slot_i;
  assign move = commit_i && fx_i.move;

  assign free_o           = free_q;
  assign check_o          = check_q;
  assign listq_o          = listq_q;
  assign pullq_o          = pullq_q;
  assign ring_o           = ring_q | next_q;
  assign pushq_o          = pushq_q;
  assign cqe_o            = cqe_q;
  assign slot_is_fw_o     = fw_q[slot_i];
  assign slot_is_next_o   = next_q[slot_i];
  assign slot_is_orphan_o = orphan_q[slot_i];

  logic [6:0] free_count;
  always_comb begin
    free_count = 7'd0;
    for (int s = 0; s < 64; s++) free_count = free_count + {6'd0, free_q[s]};
  end
  assign may_fetch_o = free_count > 7'(see_pkg::SEE_NUM_FUNCTIONS);

  // --- contexts ------------------------------------------------------------------------------------
  lib_ram #(.Width(see_types::SLOT_A_BITS), .Words(64)) u_a (
    .clk_i, .re_i(1'b1), .raddr_i(slot_i), .rdata_o(a_o), .we_i(commit_i && fx_i.we_a), .waddr_i(slot_i), .wdata_i(a_i)
  );
  lib_ram #(.Width(see_types::SLOT_B_BITS), .Words(64)) u_b (
    .clk_i, .re_i(1'b1), .raddr_i(slot_i), .rdata_o(b_o), .we_i(commit_i && fx_i.we_b), .waddr_i(slot_i), .wdata_i(b_i)
  );
  lib_ram #(.Width(see_types::SLOT_C_BITS), .Words(64)) u_c (
    .clk_i, .re_i(1'b1), .raddr_i(slot_i), .rdata_o(c_o), .we_i(commit_i && fx_i.we_c), .waddr_i(slot_i), .wdata_i(c_i)
  );

  // --- which function holds a slot -----------------------------------------------------------------
  assign busy = owned & ~fw_q & ~orphan_q;  // at rfinish none is in NEXT

  always_comb begin
    owned_we = init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS);
    owned_d  = 64'd0;
    if (commit_i) begin
      owned_we = fx_i.move || rfinish_i;
      if (rfinish_i) owned_d = owned & ~busy;
      else if (fx_i.state == see_types::SLOT_FREE) owned_d = owned & ~one;
      else owned_d = owned | one;
    end
  end
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS)) u_owned (
    .clk_i, .re_i(1'b1), .raddr_i(fn_i), .rdata_o(owned), .we_i(owned_we),
    .waddr_i(init_i ? init_index_i[4:0] : fn_i), .wdata_i(owned_d)
  );

  // --- sets ----------------------------------------------------------------------------------------
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      free_q   <= '1;
      check_q  <= '0;
      listq_q  <= '0;
      pullq_q  <= '0;
      ring_q   <= '0;
      fw_q     <= '0;
      next_q   <= '0;
      pushq_q  <= '0;
      cqe_q    <= '0;
      cqwait_q <= '0;
      orphan_q <= '0;
    end else if (move) begin
      free_q   <= (free_q & ~one) | ((fx_i.state == see_types::SLOT_FREE) ? one : 64'd0);
      check_q  <= (check_q & ~one) | ((fx_i.state == see_types::SLOT_CHECK) ? one : 64'd0);
      listq_q  <= (listq_q & ~one) | ((fx_i.state == see_types::SLOT_LISTQ) ? one : 64'd0);
      pullq_q  <= (pullq_q & ~one) | ((fx_i.state == see_types::SLOT_PULLQ) ? one : 64'd0);
      ring_q   <= (ring_q & ~one) | ((fx_i.state == see_types::SLOT_RING) ? one : 64'd0);
      fw_q     <= (fw_q & ~one) | ((fx_i.state == see_types::SLOT_FW) ? one : 64'd0);
      next_q   <= (next_q & ~one) | ((fx_i.state == see_types::SLOT_NEXT) ? one : 64'd0);
      pushq_q  <= (pushq_q & ~one) | ((fx_i.state == see_types::SLOT_PUSHQ) ? one : 64'd0);
      cqe_q    <= (cqe_q & ~one) | ((fx_i.state == see_types::SLOT_CQE) ? one : 64'd0);
      cqwait_q <= (cqwait_q & ~one) | ((fx_i.state == see_types::SLOT_CQWAIT) ? one : 64'd0);
      orphan_q <= orphan_q & ~one;
    end else if (commit_i && wake_i) begin
      cqe_q    <= cqe_q | (cqwait_q & owned);
      cqwait_q <= cqwait_q & ~owned;
    end else if (commit_i && (rstart_i || rfinish_i)) begin
      if (rfinish_i) free_q <= free_q | busy;
      check_q  <= check_q & ~owned;
      listq_q  <= listq_q & ~owned;
      pullq_q  <= pullq_q & ~owned;
      ring_q   <= ring_q & ~owned;
      pushq_q  <= pushq_q & ~owned;
      cqe_q    <= cqe_q & ~owned;
      cqwait_q <= cqwait_q & ~owned;
      next_q   <= next_q & ~owned;
      if (rfinish_i) begin
        orphan_q <= orphan_q | (fw_q & owned);
        fw_q     <= fw_q & ~owned;
      end else begin
        fw_q     <= fw_q | (next_q & owned);
      end
    end
  end

  // --- commands of a namespace that is gone; a new command is of the present one ---------------------
  logic [63:0] gone_q;
  assign gone_o = gone_q[slot_i];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) gone_q <= '0;
    else if (commit_i && ns_written_i) gone_q <= gone_q | owned;
    else if (move && fx_i.state == see_types::SLOT_CHECK) gone_q <= gone_q & ~one;
  end

  // --- places --------------------------------------------------------------------------------------
  logic [6:0]  inflight_q [0:see_pkg::SEE_NUM_FUNCTIONS-1];
  logic [6:0]  limit_q, inflight_d;
  logic [16:0] below_q;
  logic        inflight_we;

  assign inflight_o    = inflight_q[fn_i];
  assign below_limit_o = below_q;
  assign inflight_we   = commit_i && (fx_i.enter || fx_i.leave || rfinish_i);
  assign inflight_d    = rfinish_i ? 7'd0 : fx_i.enter ? inflight_o + 7'd1 : inflight_o - 7'd1;

  always_ff @(posedge clk_i) begin
    if (init_i) begin
      if (init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS)) inflight_q[init_index_i[4:0]] <= 7'd0;
    end else if (inflight_we) begin
      inflight_q[fn_i] <= inflight_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      limit_q <= see_pkg::SEE_SLOT_LIMIT_RESET[6:0];
      below_q <= '1;
    end else if (limit_we_i) begin
      limit_q <= limit_i;
      for (int f = 0; f < see_pkg::SEE_NUM_FUNCTIONS; f++) below_q[f] <= inflight_q[f] < limit_i;
    end else if (inflight_we) begin
      below_q[fn_i] <= inflight_d < limit_q;
    end
  end

  `LIB_ASSERT(a_never_below_zero, !(commit_i && fx_i.leave) || inflight_o != 7'd0)
  `LIB_ASSERT(a_enter_takes_free, !(commit_i && fx_i.enter) || free_q[slot_i])
endmodule
