// MSI-X: vector tables, masks, pending bits, interrupts that are held back, and the items that send a message and that
// let time pass. README section 8, MSIX and COALESCE.
module see_msix
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  input  logic        commit_i,
  input  logic [4:0]  fn_i,
  input  logic [3:0]  irq_vector_i,
  // what the host sees of vector irq_vector_i and of the function's pending bits
  output logic [63:0] address_o,
  output logic [31:0] data_o,
  output logic        masked_o,
  output logic [8:0]  pending_o,
  // REQ writes
  input  logic        address_we_i,
  input  logic [61:0] address_i,  // without the two lowest bits
  input  logic        data_we_i,
  input  logic [31:0] data_i,
  input  logic        masked_i,
  // CQE: the vector `raise_vector_i` is pending
  input  logic        raise_i,
  input  logic [3:0]  raise_vector_i,
  input  logic        raise_now_i,   // it is not held back
  // coalescing: the register, the time
  input  logic        coalescing_we_i,
  input  logic [24:0] coalescing_i,
  output logic [24:0] coalescing_o,
  input  logic        tick_i,
  output logic        due_o,
  output logic [4:0]  due_fn_o,
  output logic        holding_o,     // an interrupt is held back somewhere
  // RFINISH: words in any cycle, bits at the end
  input  logic        clear_words_i,
  input  logic        reset_i,
  input  logic        reset_flr_i,
  // MSIX: which function is next, and which of its vectors (known two cycles after fn_i)
  input  logic [16:0] enabled_i,
  output logic        ready_o,
  output logic [4:0]  next_fn_o,
  output logic [3:0]  next_vector_o,
  input  logic        taken_i
);
  localparam int Words = see_pkg::SEE_NUM_FUNCTIONS * 16;

  // --- tables ----------------------------------------------------------------------------------------
  logic        clear, address_we, data_we;
  logic [8:0]  address;
  logic [61:0] address_word;
  assign clear      = init_i && init_index_i < 12'(Words);
  assign address_we = clear || clear_words_i || (commit_i && address_we_i);
  assign data_we    = clear || clear_words_i || (commit_i && data_we_i);
  assign address    = init_i ? init_index_i[8:0] : {fn_i, irq_vector_i};
  assign address_o  = {address_word, 2'b00};
  lib_ram #(.Width(62), .Words(Words)) u_address (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, irq_vector_i}), .rdata_o(address_word), .we_i(address_we), .waddr_i(address),
    .wdata_i((init_i || clear_words_i) ? 62'd0 : address_i)
  );
  lib_ram #(.Width(32), .Words(Words)) u_data (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, irq_vector_i}), .rdata_o(data_o), .we_i(data_we), .waddr_i(address),
    .wdata_i((init_i || clear_words_i) ? 32'd0 : data_i)
  );

  // --- masks (kept inverted: vectors are masked after a reset), pending bits, the vector served last -----
  see_types::coalesce_t hold, hold_d;
  logic [8:0]  open, pend, open_d, pend_d, one, raised;
  logic [3:0]  last, last_d;
  logic        bits_we;
  logic [16:0] want_q;
  assign one      = 9'd1 << irq_vector_i;
  assign raised   = 9'd1 << raise_vector_i;
  assign masked_o = (open & one) == 9'd0;
  assign pending_o = pend;

  always_comb begin
    open_d  = open;
    pend_d  = pend;
    last_d  = last;
    hold_d  = hold;
    bits_we = 1'b0;
    if (commit_i) begin
      bits_we = data_we_i || raise_i || taken_i || reset_i || coalescing_we_i || tick_i;
      if (data_we_i) open_d = masked_i ? open & ~one : open | one;
      if (coalescing_we_i) {hold_d.off, hold_d.units, hold_d.threshold} = coalescing_i;
      if (raise_i) begin
        if (at_once) begin
          pend_d      = pend | raised;
          hold_d.held = hold.held & ~raised;
        end else begin
          hold_d.held = hold.held | raised;
          if (hold.held == 9'd0) hold_d.age = 8'd0;
        end
        for (int v = 0; v < 9; v++)
          if (raised[v]) hold_d.counts[8*v +: 8] = at_once ? 8'd0 : count + 8'd1;
      end
      if (tick_i) begin
        hold_d.age = next_age[7:0];
        if (next_age >= {1'b0, hold.units}) begin
          pend_d        = pend | hold.held;
          hold_d.held   = 9'd0;
          hold_d.counts = 72'd0;
          hold_d.age    = 8'd0;
        end
      end
      if (taken_i) begin
        pend_d = pend & ~one;
        last_d = irq_vector_i;
      end
      if (reset_i) begin
        pend_d = 9'd0;
        hold_d = '0;
        if (reset_flr_i) open_d = 9'd0;
      end
    end
  end
  lib_ram #(.Width(see_types::COALESCE_BITS + 22), .Words(see_pkg::SEE_NUM_FUNCTIONS)) u_bits (
    .clk_i, .re_i(1'b1), .raddr_i(fn_i), .rdata_o({hold, last, open, pend}),
    .we_i(bits_we || (init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS))),
    .waddr_i(init_i ? init_index_i[4:0] : fn_i), .wdata_i(init_i ? '0 : {hold_d, last_d, open_d, pend_d})
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) want_q <= '0;
    else if (bits_we) want_q[fn_i] <= (open_d & pend_d) != 9'd0;
  end

  // --- interrupts held back ------------------------------------------------------------------------------
  localparam logic [16:0] LAST_CYCLE = 17'(see_pkg::SEE_COALESCE_CYCLES - 1);
  logic [16:0]  holding_q, due_q, due_d, timer_q;
  logic [127:0] counts;
  logic [7:0]   count;
  logic [8:0]   next_age;
  logic         at_once, wraps;
  assign counts       = {56'd0, hold.counts};
  assign count        = counts[{raise_vector_i, 3'd0} +: 8];
  assign at_once      = raise_now_i || hold.threshold == 8'd0 || hold.units == 8'd0 || (hold.off & raised) != 9'd0 || count == hold.threshold;
  assign next_age     = {1'b0, hold.age} + 9'd1;
  assign coalescing_o = {hold.off, hold.units, hold.threshold};
  assign holding_o    = holding_q != '0;
  assign due_o        = due_q != '0;
  assign wraps        = holding_o && timer_q == LAST_CYCLE;
  always_comb begin
    due_fn_o = 5'd0;
    if (due_o) due_fn_o = see_types::index32({15'd0, due_q & (~due_q + 17'd1)});
    due_d = due_q;
    if (commit_i && tick_i) due_d[fn_i] = 1'b0;
    if (wraps) due_d = due_d | holding_q;
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      holding_q <= '0;
      due_q     <= '0;
      timer_q   <= 17'd0;
    end else begin
      due_q   <= due_d;
      timer_q <= (!holding_o || wraps) ? 17'd0 : timer_q + 17'd1;
      if (bits_we) holding_q[fn_i] <= hold_d.held != 9'd0;
    end
  end

  // --- choice ----------------------------------------------------------------------------------------
  logic [4:0]  last_fn_q;
  logic [16:0] able;
  logic        unused;
  assign able      = want_q & enabled_i;
  assign ready_o   = able != '0;
  always_comb begin
    next_fn_o               = 5'd0;
    {unused, next_vector_o} = 5'd0;
    if (ready_o) next_fn_o = see_types::index32(see_types::after32({15'd0, able}, last_fn_q));
    if (taken_i) {unused, next_vector_o} = see_types::index32(see_types::after32({23'd0, open & pend}, {1'b0, last}));
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) last_fn_q <= 5'd0;
    else if (commit_i && taken_i) last_fn_q <= fn_i;
  end
endmodule
