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
  output logic [3:0]  last_sq_o,
  output see_types::sq_t sq_o,
  output logic [51:0] sq_page_o,
  output see_types::cq_t cq_o,
  output logic [51:0] cq_page_o,
  // effects of the item
  input  logic        bits_we_i,
  input  see_types::queue_bits_t bits_i,
  input  logic [3:0]  last_sq_i,
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
  output logic [16:0] want_io_o
);
  localparam int Words = see_pkg::SEE_NUM_FUNCTIONS * 16;

  // --- bits ----------------------------------------------------------------------------------------
  logic        bits_we, clear;
  logic [8:0]  wanted;
  logic [16:0] want_admin_q, want_io_q;
  assign clear   = init_i && init_index_i < 12'(Words);
  assign bits_we = commit_i && bits_we_i;
  lib_ram #(.Width(see_types::QUEUE_BITS_BITS + 4), .Words(see_pkg::SEE_NUM_FUNCTIONS)) u_bits (
    .clk_i, .re_i(1'b1), .raddr_i(fn_i), .rdata_o({last_sq_o, bits_o}),
    .we_i(bits_we || (init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS))),
    .waddr_i(init_i ? init_index_i[4:0] : fn_i), .wdata_i(init_i ? '0 : {last_sq_i, bits_i})
  );

  assign wanted       = bits_i.sq_valid & bits_i.pend & ~bits_i.fetching;
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
