// Item DONE: a read job or a completion queue entry of a slot came to its end, or a marker came through.
// README section 8, DONE. Combinational; effects hold in the commit cycle (step 4).
module see_done
(
  input  logic active_i,
  input  logic read_valid_i,  // the item is about read_i, else about write_i
  input  see_types::read_done_t read_i,
  input  see_types::write_done_t write_i,
  // the slot
  input  see_types::slot_a_t a_i,
  input  see_types::slot_b_t b_i,
  input  see_types::slot_c_t c_i,
  input  logic [63:0] sqe_word0_i,
  input  logic        killed_i,
  input  see_types::queue_bits_t bits_i,
  input  see_types::sq_t sq_i,
  input  logic [31:0] next_sequence_i,
  output see_types::slot_fx_t fx_o,
  output see_types::slot_a_t a_o,
  output see_types::slot_b_t b_o,
  output see_types::slot_c_t c_o,
  output logic        read_pop_o,
  output logic        write_pop_o,
  output logic        rd_marked_o,
  output logic        wr_marked_o,
  output logic        count_error_o,
  output logic        count_command_o,
  output logic        fatal_o,
  output logic        bits_we_o,
  output see_types::queue_bits_t bits_o,
  output logic        sq_we_o,
  output see_types::sq_t sq_o,
  output logic        event_o,
  output logic [3:0]  event_code_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o
);
  logic       works, ended, exists;
  logic [1:0] err;
  logic [8:0] one;
  logic [3:0] go;

  always_comb begin
    case (a_i.after)
      see_types::AFTER_PULL: go = see_types::SLOT_PULLQ;
      see_types::AFTER_PUSH: go = see_types::SLOT_PUSHQ;
      default: go = see_types::SLOT_RING;
    endcase
  end

  // The command ends with `status`, or its pull does if the firmware asked for one.
  logic        fails;
  logic [14:0] status;
  assign err         = (a_i.err != 2'd0) ? a_i.err : read_i.err;
  assign status      = (read_i.kind == see_types::READ_LIST && err == 2'd2) ? see_types::STATUS_PRP_OFFSET
                                                                            : see_types::STATUS_TRANSFER_ERROR;

  always_comb begin
    read_pop_o      = active_i && read_valid_i;
    write_pop_o     = active_i && !read_valid_i;
    rd_marked_o     = read_pop_o && read_i.kind == see_types::READ_MARK;
    wr_marked_o     = write_pop_o && write_i.mark;
    works           = read_pop_o && read_i.kind != see_types::READ_MARK && !killed_i;
    one             = 9'd1 << a_i.qid;
    exists          = (bits_i.sq_valid & one) != 9'd0;
    ended           = works && b_i.left == read_i.bytes;
    fails           = ended && read_i.kind != see_types::READ_SQE && err != 2'd0;
    count_error_o   = works && read_i.err == 2'd1;
    count_command_o = 1'b0;
    fatal_o         = 1'b0;
    bits_we_o       = 1'b0;
    bits_o          = bits_i;
    sq_we_o         = 1'b0;
    sq_o            = sq_i;
    event_o         = 1'b0;
    event_code_o    = 4'(see_pkg::SEE_EVENT_ERROR);
    event_id_o      = a_i.seq;
    event_value_o   = {17'd0, status};
    fx_o            = '0;
    a_o             = a_i;
    b_o             = b_i;
    c_o             = c_i;
    if (works) begin
      fx_o.we_a = 1'b1;
      fx_o.we_b = 1'b1;
      a_o.err   = err;
      b_o.left  = b_i.left - read_i.bytes;
    end
    if (write_pop_o && !write_i.mark && !killed_i) begin
      fx_o.move  = 1'b1;
      fx_o.state = see_types::SLOT_FREE;
      fx_o.leave = !a_i.post;
    end
    if (fails) begin
      event_o    = 1'b1;
      fx_o.move  = 1'b1;
      fx_o.state = see_types::SLOT_RING;
      fx_o.we_c  = 1'b1;
      c_o.status = status;
      a_o.pulled = 1'b1;
    end else if (ended) begin
      fx_o.move = 1'b1;
      case (read_i.kind)
        see_types::READ_SQE: begin
          bits_we_o       = 1'b1;
          bits_o.fetching = bits_i.fetching & ~one;
          fx_o.state      = see_types::SLOT_FREE;
          if (err != 2'd0) begin
            fatal_o         = 1'b1;
            bits_o.sq_valid = bits_i.sq_valid & ~one;
            bits_o.pend     = bits_i.pend & ~one;
            fx_o.leave      = 1'b1;
            event_o         = 1'b1;
            event_id_o      = 32'd0;
          end else if (!exists) begin
            fx_o.leave = 1'b1;
          end else begin
            sq_we_o         = 1'b1;
            sq_o.head       = see_types::next_entry(sq_i.head, sq_i.size);
            bits_o.pend     = (sq_o.head != sq_i.tail) ? bits_i.pend | one : bits_i.pend & ~one;
            count_command_o = 1'b1;
            fx_o.state      = see_types::SLOT_CHECK;
            fx_o.we_c       = 1'b1;
            a_o.seq         = next_sequence_i;
            a_o.pulled      = 1'b0;
            a_o.post        = 1'b0;
            c_o.cid         = sqe_word0_i[31:16];
            c_o.status      = 15'd0;
            c_o.dw0         = 32'd0;
            event_o         = 1'b1;
            event_code_o    = 4'(see_pkg::SEE_EVENT_FETCHED);
            event_id_o      = next_sequence_i;
            event_value_o   = sqe_word0_i[31:0];
          end
        end
        see_types::READ_LIST: begin
          if (a_i.chained) begin
            fx_o.state = see_types::SLOT_LISTQ;
            a_o.chain  = 1'b1;
          end else begin
            fx_o.state = go;
            b_o.pos    = 18'd0;
            b_o.left   = b_i.len;
            a_o.err    = 2'd0;
          end
        end
        default: begin
          fx_o.state = see_types::SLOT_RING;
          a_o.pulled = !a_i.io;
        end
      endcase
    end
  end

  logic unused;
  assign unused = &{1'b0, read_i.slot, write_i.slot, sqe_word0_i[63:32]};
endmodule
