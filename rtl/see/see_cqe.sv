// Item CQE: the completion queue entry of a command that ended. README section 8, CQE.
// Combinational; effects hold in the commit cycle (step 8).
module see_cqe
(
  input  logic        active_i,
  input  logic [5:0]  slot_i,
  input  see_types::slot_a_t a_i,
  input  see_types::slot_c_t c_i,
  input  see_types::queue_bits_t bits_i,
  input  see_types::sq_t sq_i,
  input  see_types::cq_t cq_i,
  input  logic [51:0] cq_page_i,
  input  logic        msix_en_i,
  output see_types::slot_fx_t fx_o,
  output logic           cq_we_o,
  output see_types::cq_t cq_o,
  output logic           raise_o,
  output logic           write_o,
  output see_types::write_job_t write_job_o,
  output logic [63:0]    addr_o,
  output logic [63:0]    word0_o,
  output logic [63:0]    word1_o,
  output logic           event_o,
  output logic [31:0]    event_id_o,
  output logic [31:0]    event_value_o
);
  logic        gone, full;
  logic [12:0] next;
  always_comb begin
    gone = (bits_i.sq_valid & (9'd1 << a_i.qid)) == 9'd0 || (bits_i.cq_valid & (9'd1 << sq_i.cqid)) == 9'd0;
    next = see_types::next_entry(cq_i.tail, cq_i.size);
    full = next == cq_i.head;

    fx_o             = '0;
    cq_we_o          = 1'b0;
    cq_o             = cq_i;
    cq_o.tail        = next;
    cq_o.phase       = cq_i.phase ^ (next == 13'd0);
    raise_o          = 1'b0;
    write_o          = 1'b0;
    write_job_o.kind = see_types::WRITE_CQE;
    write_job_o.fn   = a_i.fn;
    write_job_o.slot = slot_i;
    write_job_o.nm   = 32'd0;
    write_job_o.len  = 18'd16;
    addr_o           = {cq_page_i, 12'd0} + {47'd0, cq_i.tail, 4'd0};
    word0_o          = {32'd0, c_i.dw0};
    word1_o          = {c_i.status, cq_i.phase, c_i.cid, 12'd0, a_i.qid, 3'd0, sq_i.head};
    event_o          = 1'b0;
    event_id_o       = a_i.seq;
    event_value_o    = {c_i.cid, 1'b0, c_i.status};
    if (active_i) begin
      fx_o.move  = 1'b1;
      fx_o.state = see_types::SLOT_SENT;
      write_o    = 1'b1;
      if (gone) begin
        write_job_o.len = 18'd0;
        addr_o          = 64'd0;
        word0_o         = 64'd0;
        word1_o         = 64'd0;
      end else if (full) begin
        write_o    = 1'b0;
        fx_o.state = see_types::SLOT_CQWAIT;
      end else begin
        cq_we_o = 1'b1;
        raise_o = cq_i.ien && cq_i.irq_vector < 4'(see_pkg::SEE_NUM_VECTORS) && msix_en_i;
        event_o = 1'b1;
      end
    end
  end

  logic unused;
  assign unused = &{1'b0, a_i.io, a_i.post, a_i.pulled, a_i.after, a_i.err, a_i.chain, a_i.chained, bits_i.pend, bits_i.fetching,
                    sq_i.size, sq_i.tail, sq_i.inflight};
endmodule
