// The queue pairs: a few bits of all queues of a function in one word, addresses and ring positions one word a queue,
// and, for the choice of what to fetch, which functions have anything. README section 8, State.
module see_queues
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  input  logic        commit_i,
  input  logic [4:0]  fn_i,
  input  logic [3:0]  sq_i,
  input  logic [3:0]  cq_i,
  output see_types::queue_bits_t bits_o,
  output logic [8:0]  turn_set_o,   // whose turn it is, and which of these was served last
  output logic [3:0]  turn_last_o,
  output logic [1:0]  priority_o,   // of queue sq_i
  output logic [31:0] arbitration_o,
  output see_types::sq_t sq_o,
  output logic [51:0] sq_page_o,
  output see_types::cq_t cq_o,
  output logic [51:0] cq_page_o,
  // effects of the item
  input  logic        bits_we_i,
  input  see_types::queue_bits_t bits_i,
  input  logic        turn_taken_i,  // by queue sq_i
  input  logic        priority_we_i,
  input  logic        arbitration_we_i,
  input  logic [1:0]  priority_i,
  input  logic [27:0] arbitration_i,  // weights, WRR, AB
  input  logic        reset_i,
  input  logic        sq_we_i,
  input  see_types::sq_t sq_i_data,
  input  logic        sq_enter_i,
  input  logic        sq_leave_i,
  input  logic        sq_page_we_i,
  input  logic        cq_we_i,
  input  see_types::cq_t cq_i_data,
  input  logic        cq_page_we_i,
  input  logic [51:0] page_i,
  input  logic        clear_inflight_i,  // any cycle
  // functions with something to fetch: from the admin queue, from another one
  output logic [16:0] want_admin_o,
  output logic [16:0] want_io_o,
  output logic [16:0] admin_idle_o  // no command of the admin queue is in a slot
);
  localparam int Words = see_pkg::SEE_NUM_FUNCTIONS * 16;

  // --- bits ----------------------------------------------------------------------------------------
  logic        bits_we, clear;
  logic [8:0]  wanted;
  logic [16:0] want_admin_q, want_io_q;
  assign clear   = init_i && init_index_i < 12'(Words);
  assign bits_we = commit_i && (bits_we_i || arbitration_we_i);
  lib_ram #(.Width(see_types::QUEUE_BITS_BITS + see_types::TURN_BITS), .Words(see_pkg::SEE_NUM_FUNCTIONS)) u_bits (
    .clk_i, .re_i(1'b1), .raddr_i(fn_i), .rdata_o({turn, bits_o}),
    .we_i(bits_we || (init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS))),
    .waddr_i(init_i ? init_index_i[4:0] : fn_i), .wdata_i(init_i ? '0 : {turn_d, bits_i})
  );

  // --- turns ---------------------------------------------------------------------------------------
  see_types::turn_t turn, turn_d, turn_taken, unused_taken;
  logic [3:0]       unused_last;
  logic [31:0]      priorities;
  see_turn u_turn (
    .bits_i(bits_o), .turn_i(turn), .set_o(turn_set_o), .last_o(turn_last_o), .queue_i(sq_i), .taken_o(turn_taken)
  );
  see_turn u_next_turn (
    .bits_i(bits_i), .turn_i(turn_d), .set_o(wanted), .last_o(unused_last), .queue_i(4'd0), .taken_o(unused_taken)
  );
  assign priorities    = {14'd0, turn.priorities, 2'd0};
  assign priority_o    = priorities[{sq_i, 1'b0} +: 2];
  assign arbitration_o = {turn.high_weight, turn.middle_weight, turn.low_weight, 4'd0, turn.weighted, turn.burst};
  always_comb begin
    turn_d = turn_taken_i ? turn_taken : turn;
    if (priority_we_i) begin
      for (int q = 1; q < 9; q++)
        if (sq_i == 4'(q)) turn_d.priorities[2*(q-1) +: 2] = priority_i;
    end
    if (arbitration_we_i) begin
      {turn_d.high_weight, turn_d.middle_weight, turn_d.low_weight} = arbitration_i[27:4];
      {turn_d.weighted, turn_d.burst}                               = arbitration_i[3:0];
      {turn_d.high, turn_d.middle, turn_d.low}                      = 27'd0;
    end
    if (reset_i) turn_d = '0;
  end

  assign want_admin_o = want_admin_q;
  assign want_io_o    = want_io_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      want_admin_q <= '0;
      want_io_q    <= '0;
    end else if (bits_we) begin
      want_admin_q[fn_i] <= wanted[0];
      want_io_q[fn_i]    <= |wanted[8:1];
    end
  end

  logic [16:0] admin_idle_q;
  assign admin_idle_o = admin_idle_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) admin_idle_q <= '1;
    else if (!init_i && sq_we && sq_i == 4'd0) admin_idle_q[fn_i] <= sq_d.inflight == 7'd0;
  end

  // --- submission queues ---------------------------------------------------------------------------
  see_types::sq_t sq_d;
  logic           sq_we;
  always_comb begin
    sq_we = clear;
    sq_d  = '0;
    if (!init_i) begin
      sq_we = clear_inflight_i || (commit_i && (sq_we_i || sq_enter_i || sq_leave_i));
      sq_d  = sq_we_i ? sq_i_data : sq_o;
      if (clear_inflight_i) sq_d.inflight = 7'd0;
      else if (sq_enter_i) sq_d.inflight = sq_o.inflight + 7'd1;
      else if (sq_leave_i) sq_d.inflight = sq_o.inflight - 7'd1;
    end
  end
  lib_ram #(.Width(see_types::SQ_BITS), .Words(Words)) u_sq (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, sq_i}), .rdata_o(sq_o), .we_i(sq_we),
    .waddr_i(init_i ? init_index_i[8:0] : {fn_i, sq_i}), .wdata_i(sq_d)
  );
  lib_ram #(.Width(52), .Words(Words)) u_sq_page (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, sq_i}), .rdata_o(sq_page_o), .we_i(clear || (commit_i && sq_page_we_i)),
    .waddr_i(init_i ? init_index_i[8:0] : {fn_i, sq_i}), .wdata_i(init_i ? 52'd0 : page_i)
  );

  // --- completion queues ---------------------------------------------------------------------------
  lib_ram #(.Width(see_types::CQ_BITS), .Words(Words)) u_cq (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, cq_i}), .rdata_o(cq_o), .we_i(clear || (commit_i && cq_we_i)),
    .waddr_i(init_i ? init_index_i[8:0] : {fn_i, cq_i}), .wdata_i(init_i ? '0 : cq_i_data)
  );
  lib_ram #(.Width(52), .Words(Words)) u_cq_page (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, cq_i}), .rdata_o(cq_page_o), .we_i(clear || (commit_i && cq_page_we_i)),
    .waddr_i(init_i ? init_index_i[8:0] : {fn_i, cq_i}), .wdata_i(init_i ? 52'd0 : page_i)
  );

  `LIB_ASSERT(a_leave_from_some, !(commit_i && sq_leave_i) || sq_o.inflight != 7'd0)
endmodule
