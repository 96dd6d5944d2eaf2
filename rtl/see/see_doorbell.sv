// A doorbell write: moves a tail or a head, or refuses. README section 8, REQ. Combinational.
module see_doorbell
(
  input  logic        active_i,  // the request that runs is a doorbell write of an enabled controller
  input  logic [7:0]  be_i,
  input  logic [63:0] data_i,
  input  logic [8:0]  queue_i,
  input  logic [4:0]  fn_i,
  input  see_types::queue_bits_t bits_i,
  input  see_types::sq_t sq_i,
  input  see_types::cq_t cq_i,
  output logic           sq_we_o,
  output see_types::sq_t sq_o,
  output see_types::queue_bits_t bits_o,
  output logic           cq_we_o,
  output see_types::cq_t cq_o,
  output logic           refuse_o,
  output see_types::refused_t refused_o
);
  logic        is_sq, is_cq, exists, too_large, beyond;
  logic [31:0] value;
  logic [8:0]  one;
  logic [12:0] moved, limit;

  always_comb begin
    is_sq     = active_i && be_i == 8'h0f;
    is_cq     = active_i && be_i == 8'hf0;
    value     = is_cq ? data_i[63:32] : data_i[31:0];
    one       = 9'd1 << queue_i[3:0];
    exists    = 1'b0;
    too_large = 1'b0;
    beyond    = 1'b0;
    moved     = 13'd0;
    limit     = 13'd0;
    if (is_sq) begin
      exists    = queue_i <= 9'd8 && (bits_i.sq_valid & one) != 9'd0;
      too_large = value >= {19'd0, sq_i.size};
      moved     = see_types::distance(value[12:0], sq_i.head, sq_i.size);
      limit     = see_types::distance(sq_i.tail, sq_i.head, sq_i.size);
      beyond    = moved < limit;
    end else if (is_cq) begin
      exists    = queue_i <= 9'd8 && (bits_i.cq_valid & one) != 9'd0;
      too_large = value >= {19'd0, cq_i.size};
      moved     = see_types::distance(value[12:0], cq_i.head, cq_i.size);
      limit     = see_types::distance(cq_i.tail, cq_i.head, cq_i.size);
      beyond    = moved > limit;
    end
  end

  always_comb begin
    sq_we_o = is_sq && exists && !too_large && !beyond;
    cq_we_o = is_cq && exists && !too_large && !beyond;
    sq_o    = sq_i;
    cq_o    = cq_i;
    bits_o  = bits_i;
    sq_o.tail   = value[12:0];
    cq_o.head   = value[12:0];
    bits_o.pend = (value[12:0] != sq_i.head) ? bits_i.pend | one : bits_i.pend & ~one;
    refuse_o            = (is_sq || is_cq) && !sq_we_o && !cq_we_o;
    refused_o.fn        = fn_i;
    refused_o.qid       = queue_i[7:0];
    refused_o.cq        = is_cq;
    refused_o.bad_value = exists;
    refused_o.value     = value;
  end
endmodule
