// Item CE: an entry of the completion ring: the firmware ends, feeds or releases a command, or posts a completion of
// its own. README section 8, CE. Combinational; effects hold in the commit cycle (step 10).
module see_ce
(
  input  logic        active_i,
  input  logic [63:0] word0_i,
  input  logic [63:0] word1_i,
  // when the item is chosen
  output logic        is_post_o,
  output logic [4:0]  post_fn_o,
  // the slot
  input  see_types::slot_a_t a_i,
  input  see_types::slot_b_t b_i,
  input  see_types::slot_c_t c_i,
  input  logic [63:0] prp1_i,
  input  logic [63:0] prp2_i,
  input  logic [63:0] word0_sqe_i,
  input  logic [63:0] word6_sqe_i,
  input  logic        slot_is_fw_i,
  input  logic        slot_is_next_i,
  input  logic        slot_is_orphan_i,
  input  logic        killed_i,
  input  logic        en_i,
  input  logic        none_free_i,
  output see_types::slot_fx_t fx_o,
  output see_types::slot_a_t a_o,
  output see_types::slot_b_t b_o,
  output see_types::slot_c_t c_o,
  output logic        bad_o,
  output logic        event_o,
  output logic [3:0]  event_code_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o
);
  logic [3:0]  op;
  logic [14:0] status;
  logic [17:0] asked, length;
  logic        fn_exists, pull, known;
  logic        setup_bad;
  logic [3:0]  setup_state, go_unused;
  assign op        = word0_i[see_pkg::SEE_CENTRY_OP_LSB +: see_pkg::SEE_CENTRY_OP_WIDTH];
  assign status    = word0_i[see_pkg::SEE_CENTRY_STATUS_LSB +: see_pkg::SEE_CENTRY_STATUS_WIDTH];
  assign asked     = {word0_i[see_pkg::SEE_CENTRY_LENGTH_LSB + 2 +: see_pkg::SEE_CENTRY_LENGTH_WIDTH - 2], 2'b00};
  assign is_post_o = op == 4'(see_pkg::SEE_CE_POST);
  assign fn_exists = word1_i[60:56] < 5'(see_pkg::SEE_NUM_FUNCTIONS);
  assign post_fn_o = fn_exists ? word1_i[60:56] : 5'd0;
  assign pull      = op == 4'(see_pkg::SEE_CE_PULL);

  always_comb begin
    if (!pull && a_i.io) length = b_i.len;
    else if (asked > 18'(see_pkg::SEE_MAX_TRANSFER_BYTES)) length = 18'(see_pkg::SEE_MAX_TRANSFER_BYTES);
    else length = asked;
  end

  see_setup u_setup (
    .after_i(pull ? see_types::AFTER_PULL : see_types::AFTER_PUSH), .len_i(length), .prp1_i, .prp2_i, .bad_o(setup_bad),
    .state_o(setup_state), .go_o(go_unused)
  );

  // The slot waits for this answer, and the operation fits. NEXT and AGAIN ask for more of the command and end nothing.
  logic       next, again, names_blocks, more_fits;
  logic [7:0] opcode;
  assign next         = op == 4'(see_pkg::SEE_CE_NEXT);
  assign again        = op == 4'(see_pkg::SEE_CE_AGAIN);
  assign known        = (op < 4'(see_pkg::SEE_CE_POST) || next || again) && word0_i[7:6] == 2'd0;
  assign opcode       = word0_sqe_i[7:0];
  assign names_blocks = opcode == 8'd1 || opcode == 8'd2 || opcode == 8'd5 || opcode == 8'd8;
  assign more_fits    = a_i.io && !a_i.pulled &&
                        (next ? slot_is_fw_i && b_i.rest != 17'd0 : (slot_is_fw_i || slot_is_next_i) && names_blocks);

  always_comb begin
    fx_o          = '0;
    a_o           = a_i;
    b_o           = b_i;
    c_o           = c_i;
    bad_o         = 1'b0;
    event_o       = 1'b0;
    event_code_o  = 4'(see_pkg::SEE_EVENT_COMPLETION);
    event_id_o    = is_post_o ? 32'd0 : a_i.seq;
    event_value_o = {1'b0, status, 12'd0, op};
    if (active_i) begin
      if (is_post_o) begin
        bad_o = !fn_exists || word1_i[51:48] >= 4'(see_pkg::SEE_NUM_QUEUES) || killed_i || !en_i || none_free_i;
        if (!bad_o) begin
          event_o    = 1'b1;
          fx_o.move  = 1'b1;
          fx_o.state = see_types::SLOT_CQE;
          fx_o.we_a  = 1'b1;
          fx_o.we_c  = 1'b1;
          a_o        = '0;
          a_o.fn     = word1_i[60:56];
          a_o.qid    = word1_i[51:48];
          a_o.post   = 1'b1;
          c_o.cid    = word1_i[47:32];
          c_o.status = status;
          c_o.dw0    = word1_i[31:0];
        end
      end else if (known && (next || again)) begin
        if (!slot_is_orphan_i && !((slot_is_fw_i || slot_is_next_i) && killed_i)) begin
          bad_o      = !more_fits;
          event_o    = more_fits;
          fx_o.move  = more_fits;
          fx_o.state = see_types::SLOT_NEXT;
          fx_o.we_b  = more_fits && again;
          b_o.rest   = {1'b0, word6_sqe_i[15:0]} + 17'd1;
        end
      end else if (known && (slot_is_orphan_i || (slot_is_fw_i && killed_i))) begin
        fx_o.move  = 1'b1;
        fx_o.state = see_types::SLOT_FREE;
      end else if (!known || !slot_is_fw_i || (pull && a_i.io)) begin
        bad_o = 1'b1;
      end else begin
        event_o   = 1'b1;
        fx_o.move = 1'b1;
        if (op == 4'(see_pkg::SEE_CE_RELEASE)) begin
          fx_o.state = see_types::SLOT_FREE;
          fx_o.leave = !a_i.post;
        end else begin
          fx_o.we_a  = 1'b1;
          fx_o.we_b  = 1'b1;
          fx_o.we_c  = 1'b1;
          c_o.status = pull ? 15'd0 : status;
          if (!pull) c_o.dw0 = word1_i[31:0];
          if (pull && length == 18'd0) begin
            fx_o.state = see_types::SLOT_RING;
            a_o.pulled = 1'b1;
            b_o.len    = 18'd0;
          end else if (!pull && a_i.io && !a_i.pulled && b_i.rest != 17'd0 && status == 15'd0) begin
            fx_o.state = see_types::SLOT_RING;  // the next part
          end else if (length == 18'd0 || (!pull && (!word0_i[see_pkg::SEE_CENTRY_PUSH_LSB] || (a_i.io && a_i.pulled)))) begin
            fx_o.state = see_types::SLOT_CQE;
          end else begin
            b_o.len   = length;
            b_o.pos   = 18'd0;
            a_o.after = pull ? see_types::AFTER_PULL : see_types::AFTER_PUSH;
            a_o.chain = 1'b0;
            a_o.err   = 2'd0;
            b_o.left  = length;
            if (a_i.io) begin
              fx_o.state = see_types::SLOT_PUSHQ;
            end else if (!setup_bad) begin
              fx_o.state = setup_state;
            end else begin
              event_code_o  = 4'(see_pkg::SEE_EVENT_ERROR);
              event_value_o = {17'd0, see_types::STATUS_PRP_OFFSET};
              c_o.status    = see_types::STATUS_PRP_OFFSET;
              fx_o.state    = see_types::SLOT_RING;
              a_o.pulled    = 1'b1;
            end
          end
        end
      end
    end
  end

  logic unused;
  assign unused = &{1'b0, go_unused, word0_i[63:50], word0_i[33:31], word0_i[15:13], word0_i[5:0], word1_i[63:61], word1_i[55:52],
                    word0_sqe_i[63:8], word6_sqe_i[63:16]};
endmodule
