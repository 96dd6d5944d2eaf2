// The tags of read requests in flight. RD opens them, RX fills and ends them, the timer expires them, and a tag that
// is done is collected into doneq. README section 5 (collect, timer).
//
// A tag has one writer in a cycle: RX writes only busy tags and the timer expires tags only while RX is in H0;
// collection takes done tags, opening takes free ones.
module see_tags
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [15:0] timeout_i, // CPL_TIMEOUT
  input  logic       rx_in_h0_i,
  // RX's view of one tag
  input  logic [2:0]  rx_index_i,
  output logic        rx_busy_o,
  output logic [4:0]  rx_gen_o,
  output logic [4:0]  rx_fn_o,
  output logic [1:0]  rx_kind_o,
  output logic [9:0]  rx_left_o,
  output logic [31:0] rx_dest_o,
  output logic        rx_prpbad_o,
  input  logic        rx_store_i,
  input  logic [9:0]  rx_left_i,
  input  logic [31:0] rx_dest_i,
  input  logic        rx_prpbad_i,
  input  logic        rx_done_i,
  input  logic [1:0]  rx_err_i,
  // RD opens the lowest free tag
  output logic        free_o,
  output logic [2:0]  free_index_o,
  output logic [4:0]  free_gen_o,
  input  logic        open_i,
  input  see_types::read_job_t job_i,
  input  logic [9:0]  bytes_i,
  output logic        others_only_o,  // job_i is a MARK and no tag in use belongs to its function
  // a done tag leaves
  output logic                  collect_o,
  output see_types::read_done_t collected_o,
  input  logic                  collect_ready_i,
  output logic                  quiet_o
);
  // Bit t is tag t.
  logic [7:0] busy_q, done_q, prpbad_q;

  logic [4:0]  gen_q   [0:7];
  logic [15:0] age_q   [0:7];
  logic [4:0]  fn_q    [0:7];
  logic [5:0]  slot_q  [0:7];
  logic [1:0]  kind_q  [0:7];
  logic [31:0] dest_q  [0:7];
  logic [9:0]  left_q  [0:7];
  logic [9:0]  bytes_q [0:7];
  logic [1:0]  err_q   [0:7];
  logic [11:0] timer_q;

  // --- RX ------------------------------------------------------------------------------------------
  assign rx_busy_o   = busy_q[rx_index_i];
  assign rx_prpbad_o = prpbad_q[rx_index_i];
  assign rx_gen_o    = gen_q[rx_index_i];
  assign rx_fn_o     = fn_q[rx_index_i];
  assign rx_kind_o   = kind_q[rx_index_i];
  assign rx_left_o   = left_q[rx_index_i];
  assign rx_dest_o   = dest_q[rx_index_i];

  // --- the lowest free and the lowest done tag -------------------------------------------------------
  logic [7:0] free, free_one, done_one;
  logic [2:0] done_index;
  assign free         = ~(busy_q | done_q);
  assign free_one     = free & (~free + 8'd1);
  assign done_one     = done_q & (~done_q + 8'd1);
  assign free_o       = free != 8'd0;
  assign free_index_o = {|free_one[7:4], |(free_one & 8'hcc), |(free_one & 8'haa)};
  assign done_index   = {|done_one[7:4], |(done_one & 8'hcc), |(done_one & 8'haa)};
  assign free_gen_o   = gen_q[free_index_o];

  assign collect_o         = done_q != 8'd0 && collect_ready_i;
  assign collected_o.kind  = kind_q[done_index];
  assign collected_o.slot  = slot_q[done_index];
  assign collected_o.bytes = {8'd0, bytes_q[done_index]};
  assign collected_o.err   = err_q[done_index];

  always_comb begin
    others_only_o = 1'b1;
    if (job_i.kind == see_types::READ_MARK) begin
      for (int t = 0; t < 8; t++) begin
        if (!free[t] && fn_q[t] == job_i.fn) others_only_o = 1'b0;
      end
    end
  end

  // --- timer ---------------------------------------------------------------------------------------
  logic       tick;
  logic [7:0] expired;
  assign tick = timer_q == 12'(see_pkg::SEE_TIMER_CYCLES - 1) && rx_in_h0_i && busy_q != 8'd0;

  always_comb begin
    expired = 8'd0;
    if (tick && timeout_i != 16'd0) begin
      for (int t = 0; t < 8; t++) expired[t] = busy_q[t] && {1'b0, age_q[t]} + 17'd1 >= {1'b0, timeout_i};
    end
  end

  // --- state ---------------------------------------------------------------------------------------
  logic [7:0] opened, finished;
  assign opened   = open_i ? free_one : 8'd0;
  assign finished = (rx_done_i ? 8'd1 << rx_index_i : 8'd0) | expired;
  assign quiet_o  = free == 8'hff && timer_q == 12'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q  <= 8'd0;
      done_q  <= 8'd0;
      timer_q <= 12'd0;
    end else begin
      busy_q <= (busy_q | opened) & ~finished;
      done_q <= (done_q | finished) & ~(collect_o ? done_one : 8'd0);
      if (busy_q == 8'd0 || tick) timer_q <= 12'd0;
      else if (timer_q != 12'(see_pkg::SEE_TIMER_CYCLES - 1)) timer_q <= timer_q + 12'd1;
    end
  end

  // The generation of a tag changes when its request fails, so that late completions find another one.
  logic [7:0] failed;
  assign failed = (rx_done_i && rx_err_i == 2'd1 ? 8'd1 << rx_index_i : 8'd0) | expired;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int t = 0; t < 8; t++) gen_q[t] <= 5'd0;
    end else if (failed != 8'd0) begin
      for (int t = 0; t < 8; t++) begin
        if (failed[t]) gen_q[t] <= gen_q[t] + 5'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (open_i) begin
      fn_q[free_index_o]    <= job_i.fn;
      slot_q[free_index_o]  <= job_i.slot;
      kind_q[free_index_o]  <= job_i.kind;
      dest_q[free_index_o]  <= job_i.dest;
      left_q[free_index_o]  <= bytes_i;
      bytes_q[free_index_o] <= bytes_i;
    end
    if (rx_store_i) begin
      dest_q[rx_index_i] <= rx_dest_i;
      left_q[rx_index_i] <= rx_left_i;
    end
    prpbad_q <= (prpbad_q & ~opened) | (rx_store_i && rx_prpbad_i ? 8'd1 << rx_index_i : 8'd0);
  end

  always_ff @(posedge clk_i) begin
    if (tick) begin
      for (int t = 0; t < 8; t++) age_q[t] <= age_q[t] + 16'd1;
    end
    if (open_i) age_q[free_index_o] <= 16'd0;
  end

  always_ff @(posedge clk_i) begin
    if (expired != 8'd0) begin
      for (int t = 0; t < 8; t++) begin
        if (expired[t]) err_q[t] <= 2'd1;
      end
    end
    if (rx_done_i) err_q[rx_index_i] <= rx_err_i;
  end

  logic unused;
  assign unused = &{1'b0, job_i.len};

  `LIB_ASSERT(a_rx_owns_its_tag, !(rx_store_i || rx_done_i) || busy_q[rx_index_i])
  `LIB_ASSERT(a_timer_waits_for_rx, !(tick && (rx_store_i || rx_done_i)))
endmodule
