// Item RING: the next descriptor for the firmware: an event of a function, a refused doorbell or a command.
// README section 8, RING. The choice is made when the item starts; effects hold in the commit cycle (step 36).
module see_ring
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        active_i,
  input  logic        commit_i,
  // what there is to tell
  input  logic        event_pending_i,
  input  logic [4:0]  event_fn_i,
  input  logic [1:0]  event_kind_i,
  input  logic        refused_valid_i,
  input  see_types::refused_t refused_i,
  input  logic        slot_pending_i,
  output logic        takes_slot_o,
  output logic [4:0]  takes_fn_o,  // if it is no slot
  output logic        event_taken_o,
  output logic        refused_pop_o,
  // the command
  input  logic [5:0]  slot_i,
  input  see_types::slot_a_t a_i,
  input  see_types::slot_b_t b_i,
  input  see_types::slot_c_t c_i,
  input  logic        gone_i,          // its namespace
  input  logic [7:0]  opcode_i,
  input  logic [16:0] done_i,          // blocks of the command that came before
  input  logic [31:0] buffer_i,
  input  logic [63:0] found_target_i,
  input  logic [63:0] found_lba_i,
  input  logic [16:0] found_blocks_i,  // of the part; 0: there is no place
  input  logic [31:0] cc_i,
  output see_types::slot_fx_t fx_o,
  output see_types::slot_b_t b_o,
  // ringq
  output logic        push_o,
  output logic        is_command_o,
  output logic [63:0] word8_o,
  output logic [63:0] word9_o,
  output logic [63:0] word10_o,
  output logic [63:0] word11_o,
  output logic [63:0] word12_o,
  output logic [31:0] word13_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o
);
  logic turn_q;  // refused doorbells come before the next command
  logic takes_event, takes_refused, has_lba;
  assign takes_event   = event_pending_i;
  assign takes_refused = !takes_event && refused_valid_i && (turn_q || !slot_pending_i);
  assign takes_slot_o  = !takes_event && !takes_refused;
  assign takes_fn_o    = takes_event ? event_fn_i : refused_i.fn;
  assign event_taken_o = active_i && takes_event;
  assign refused_pop_o = active_i && takes_refused;
  assign push_o        = active_i && commit_i;
  assign is_command_o  = takes_slot_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) turn_q <= 1'b0;
    else if (push_o && takes_slot_o) turn_q <= 1'b1;
    else if (push_o && takes_refused) turn_q <= 1'b0;
  end

  // --- the descriptor ------------------------------------------------------------------------------------
  logic [7:0] kind;
  logic [16:0] blocks;
  assign blocks = (found_blocks_i == 17'd0) ? b_i.rest : found_blocks_i;
  assign has_lba = a_i.io && !a_i.pulled && (opcode_i == 8'd1 || opcode_i == 8'd2 || opcode_i == 8'd5 || opcode_i == 8'd8);
  always_comb begin
    if (takes_slot_o) kind = a_i.pulled ? 8'(see_pkg::SEE_DESC_PULLED) : 8'(see_pkg::SEE_DESC_COMMAND);
    else if (takes_refused) kind = 8'(see_pkg::SEE_DESC_BAD_DOORBELL);
    else begin
      case (event_kind_i)
        2'd0: kind = 8'(see_pkg::SEE_DESC_FLR);
        2'd1: kind = 8'(see_pkg::SEE_DESC_DISABLE);
        2'd2: kind = 8'(see_pkg::SEE_DESC_ENABLE);
        default: kind = 8'(see_pkg::SEE_DESC_SHUTDOWN);
      endcase
    end
  end

  always_comb begin
    word8_o       = 64'd0;
    word9_o       = 64'd0;
    word10_o      = 64'd0;
    word11_o      = 64'd0;
    word12_o      = 64'd0;
    word13_o      = 32'd0;
    event_id_o    = 32'd0;
    event_value_o = 32'd0;
    fx_o          = '0;
    b_o           = b_i;
    if (active_i) begin
      event_value_o = {24'd0, kind};
      word8_o[7:0]  = kind;
      if (takes_slot_o) begin
        fx_o.move       = 1'b1;
        fx_o.state      = see_types::SLOT_FW;
        word8_o[15:8]   = {3'd0, a_i.fn};
        word8_o[23:16]  = {2'd0, slot_i};
        word8_o[31:24]  = {4'd0, a_i.qid};
        word8_o[46:32]  = a_i.pulled ? c_i.status : 15'd0;
        word8_o[52:51]  = b_i.shift;
        word8_o[53]     = a_i.io && gone_i;
        word9_o         = {buffer_i, 14'd0, b_i.len};
        word12_o[63:32] = a_i.seq;
        if (has_lba) begin
          word10_o       = found_target_i;
          word11_o       = found_lba_i;
          word12_o[16:0] = found_blocks_i;
          word8_o[50]    = done_i != 17'd0;
          word9_o[17:0]  = (opcode_i == 8'd8) ? 18'd0 : see_types::block_bytes(blocks[8:0], b_i.shift);
          if (opcode_i != 8'd8) word9_o[63:32] = buffer_i + {14'd0, see_types::block_bytes(done_i[8:0], b_i.shift)};
          fx_o.we_b      = 1'b1;
          b_o.rest       = b_i.rest - blocks;
        end
        event_id_o          = a_i.seq;
        event_value_o[13:8] = slot_i;
      end else begin
        word8_o[15:8] = {3'd0, takes_fn_o};
        if (takes_refused) begin
          word8_o[31:24] = refused_i.qid;
          word8_o[48]    = refused_i.cq;
          word8_o[49]    = refused_i.bad_value;
          word13_o       = refused_i.value;
        end else if (event_kind_i == 2'd3) begin
          word13_o = cc_i;
        end
      end
    end
  end

  logic unused;
  assign unused = &{1'b0, a_i.post, a_i.after, a_i.err, a_i.chain, a_i.chained, b_i.pos, b_i.left, c_i.cid, c_i.dw0};
endmodule
