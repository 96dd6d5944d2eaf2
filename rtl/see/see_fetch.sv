// Item FETCH: a slot is taken for the next entry of a submission queue. README section 8, FETCH.
// Combinational; effects hold in the commit cycle (step 6).
module see_fetch
(
  input  logic       active_i,
  input  logic [5:0] slot_i,
  input  logic [4:0] fn_i,
  input  logic [3:0] queue_i,
  output see_types::slot_fx_t  fx_o,
  output see_types::slot_a_t   a_o,
  output see_types::slot_b_t   b_o,
  output see_types::read_job_t job_o
);
  always_comb begin
    fx_o       = '0;
    a_o        = '0;
    b_o        = '0;
    job_o.kind = see_types::READ_SQE;
    job_o.fn   = fn_i;
    job_o.slot = slot_i;
    job_o.dest = {20'd0, slot_i, 6'd0};
    job_o.len  = 18'd64;
    if (active_i) begin
      fx_o.move  = 1'b1;
      fx_o.state = see_types::SLOT_FETCH;
      fx_o.enter = 1'b1;
      fx_o.we_a  = 1'b1;
      fx_o.we_b  = 1'b1;
      a_o.fn     = fn_i;
      a_o.qid    = queue_i;
      b_o.left   = 18'd64;
    end
  end
endmodule
