// The event port: what the item that commits has to report is shown in the following cycle. README sections 2 and 8.
module see_events
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic       commit_i,
  input  logic [see_types::CLASSES-1:0] active_i,
  input  logic [4:0] fn_i,
  input  logic        refused_i,
  input  see_types::refused_t refused_data_i,
  input  logic        done_i,
  input  logic [3:0]  done_code_i,
  input  logic [31:0] done_id_i,
  input  logic [31:0] done_value_i,
  input  logic        ce_i,
  input  logic [3:0]  ce_code_i,
  input  logic [31:0] ce_id_i,
  input  logic [31:0] ce_value_i,
  input  logic        check_i,
  input  logic [31:0] check_id_i,
  input  logic [31:0] check_value_i,
  input  logic [31:0] ring_id_i,
  input  logic [31:0] ring_value_i,
  input  logic        cqe_i,
  input  logic [31:0] cqe_id_i,
  input  logic [31:0] cqe_value_i,
  input  logic [3:0]  vector_i,
  input  logic        intx_i,       // the message is INTx
  input  logic        intx_want_i,
  input  logic        reset_flr_i,
  output logic        event_valid_o,
  output logic [7:0]  event_code_o,
  output logic [7:0]  event_function_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o
);
  logic        valid_q, valid_d;
  logic [3:0]  code_q, code_d;
  logic [4:0]  fn_q;
  logic [31:0] id_q, id_d, value_q, value_d;
  assign event_valid_o    = valid_q;
  assign event_code_o     = {4'd0, code_q};
  assign event_function_o = {3'd0, fn_q};
  assign event_id_o       = id_q;
  assign event_value_o    = value_q;

  always_comb begin
    valid_d = 1'b0;
    code_d  = 4'd0;
    id_d    = 32'd0;
    value_d = 32'd0;
    if (commit_i) begin
      if (active_i[see_types::CLASS_REQ]) begin
        valid_d = refused_i;
        code_d  = 4'(see_pkg::SEE_EVENT_DOORBELL);
        value_d = {6'd0, refused_data_i.bad_value, refused_data_i.cq, refused_data_i.qid, refused_data_i.value[15:0]};
      end
      if (active_i[see_types::CLASS_DONE]) begin
        {valid_d, code_d} = {done_i, done_code_i};
        {id_d, value_d}   = {done_id_i, done_value_i};
      end
      if (active_i[see_types::CLASS_CE]) begin
        {valid_d, code_d} = {ce_i, ce_code_i};
        {id_d, value_d}   = {ce_id_i, ce_value_i};
      end
      if (active_i[see_types::CLASS_CHECK]) begin
        {valid_d, code_d} = {check_i, 4'(see_pkg::SEE_EVENT_ERROR)};
        {id_d, value_d}   = {check_id_i, check_value_i};
      end
      if (active_i[see_types::CLASS_RING]) begin
        {valid_d, code_d} = {1'b1, 4'(see_pkg::SEE_EVENT_DESCRIPTOR)};
        {id_d, value_d}   = {ring_id_i, ring_value_i};
      end
      if (active_i[see_types::CLASS_CQE]) begin
        {valid_d, code_d} = {cqe_i, 4'(see_pkg::SEE_EVENT_CQE)};
        {id_d, value_d}   = {cqe_id_i, cqe_value_i};
      end
      if (active_i[see_types::CLASS_MSIX]) begin
        {valid_d, code_d} = {1'b1, 4'(see_pkg::SEE_EVENT_MSIX)};
        value_d           = {28'd0, vector_i};
        if (intx_i) begin
          code_d  = 4'(see_pkg::SEE_EVENT_INTX);
          value_d = {31'd0, intx_want_i};
        end
      end
      if (active_i[see_types::CLASS_RFINISH]) begin
        {valid_d, code_d} = {1'b1, 4'(see_pkg::SEE_EVENT_RESET)};
        value_d           = {31'd0, reset_flr_i};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || !valid_d) begin
      valid_q <= 1'b0;
      code_q  <= 4'd0;
      fn_q    <= 5'd0;
      id_q    <= 32'd0;
      value_q <= 32'd0;
    end else begin
      valid_q <= 1'b1;
      code_q  <= code_d;
      fn_q    <= fn_i;
      id_q    <= id_d;
      value_q <= value_d;
    end
  end

  logic unused;
  assign unused = &{1'b0, refused_data_i.fn, refused_data_i.value[31:16]};
endmodule
