// MSI-X: vector tables, masks, pending bits, and the item that sends one message. README section 8, MSIX.
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
    bits_we = 1'b0;
    if (commit_i) begin
      bits_we = data_we_i || raise_i || taken_i || reset_i;
      if (data_we_i) open_d = masked_i ? open & ~one : open | one;
      if (raise_i) pend_d = pend | raised;
      if (taken_i) begin
        pend_d = pend & ~one;
        last_d = irq_vector_i;
      end
      if (reset_i) begin
        pend_d = 9'd0;
        if (reset_flr_i) open_d = 9'd0;
      end
    end
  end
  lib_ram #(.Width(22), .Words(see_pkg::SEE_NUM_FUNCTIONS)) u_bits (
    .clk_i, .re_i(1'b1), .raddr_i(fn_i), .rdata_o({last, open, pend}),
    .we_i(bits_we || (init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS))),
    .waddr_i(init_i ? init_index_i[4:0] : fn_i), .wdata_i(init_i ? 22'd0 : {last_d, open_d, pend_d})
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) want_q <= '0;
    else if (bits_we) want_q[fn_i] <= (open_d & pend_d) != 9'd0;
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
