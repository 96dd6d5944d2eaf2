// Item CHECK: sorts a fetched command: to the firmware as it is, failed at once, or its data first.
// README section 8, CHECK. Combinational; effects hold in the commit cycle (step 14).
module see_check
(
  input  logic        active_i,
  input  see_types::slot_a_t a_i,
  input  see_types::slot_b_t b_i,
  input  see_types::slot_c_t c_i,
  // SQE words
  input  logic [63:0] word0_i,
  input  logic [63:0] prp1_i,
  input  logic [63:0] prp2_i,
  input  logic [63:0] word5_i,
  input  logic [63:0] word6_i,
  input  logic        attached_i,
  input  logic [1:0]  shift_i,
  input  logic [63:0] size_i,
  output see_types::slot_fx_t fx_o,
  output see_types::slot_a_t a_o,
  output see_types::slot_b_t b_o,
  output see_types::slot_c_t c_o,
  output logic        event_o,
  output logic [31:0] event_id_o,
  output logic [31:0] event_value_o
);
  localparam logic [7:0] FLUSH = 8'd0;
  localparam logic [7:0] WRITE = 8'd1;
  localparam logic [7:0] READ = 8'd2;
  localparam logic [7:0] COMPARE = 8'd5;
  localparam logic [7:0] WRITE_ZEROES = 8'd8;
  localparam logic [7:0] DATASET_MANAGEMENT = 8'd9;

  logic [7:0]  opcode;
  logic [16:0] blocks;
  logic        moves_blocks, names_blocks, is_io, fails, setup_bad;
  logic [14:0] status;
  logic [17:0] len;
  logic [1:0]  after;
  logic [3:0]  setup_state, go_unused;

  assign opcode       = word0_i[7:0];
  assign blocks       = {1'b0, word6_i[15:0]} + 17'd1;
  assign moves_blocks = opcode == READ || opcode == WRITE || opcode == COMPARE;
  assign names_blocks = moves_blocks || opcode == WRITE_ZEROES;
  assign is_io        = a_i.qid != 4'd0 && (names_blocks || opcode == FLUSH || opcode == DATASET_MANAGEMENT);
  assign len          = moves_blocks ? see_types::block_bytes(blocks[8:0], shift_i) :
                        (opcode == DATASET_MANAGEMENT) ? {5'd0, {1'b0, word5_i[7:0]} + 9'd1, 4'd0} : 18'd0;
  assign after        = (opcode == WRITE || opcode == COMPARE || opcode == DATASET_MANAGEMENT) ? see_types::AFTER_PULL
                                                                                               : see_types::AFTER_RING;
  see_setup u_setup (
    .after_i(after), .len_i(len), .prp1_i, .prp2_i, .bad_o(setup_bad), .state_o(setup_state), .go_o(go_unused)
  );

  always_comb begin
    fails  = 1'b1;
    status = see_types::STATUS_INVALID_FIELD;
    if (word0_i[9:8] != 2'd0 || word0_i[15:14] != 2'd0) begin
      status = see_types::STATUS_INVALID_FIELD;
    end else if (!attached_i || !(word0_i[63:32] == 32'd1 || (opcode == FLUSH && word0_i[63:32] == 32'hffffffff))) begin
      status = see_types::STATUS_INVALID_NAMESPACE;
    end else if (moves_blocks && blocks > (17'(see_pkg::SEE_MAX_TRANSFER_BYTES / 512) >> shift_i)) begin
      status = see_types::STATUS_INVALID_FIELD;
    end else if (names_blocks && (word5_i > size_i || {47'd0, blocks} > size_i - word5_i)) begin
      status = see_types::STATUS_LBA_RANGE;
    end else if (len != 18'd0 && setup_bad) begin
      status = see_types::STATUS_PRP_OFFSET;
    end else begin
      fails = 1'b0;
    end
  end

  always_comb begin
    fx_o          = '0;
    a_o           = a_i;
    b_o           = b_i;
    c_o           = c_i;
    event_o       = 1'b0;
    event_id_o    = a_i.seq;
    event_value_o = {17'd0, status};
    if (active_i) begin
      fx_o.move  = 1'b1;
      fx_o.we_a  = 1'b1;
      fx_o.we_b  = 1'b1;
      fx_o.state = see_types::SLOT_RING;
      a_o.io     = is_io;
      b_o.len    = is_io ? len : 18'd0;
      b_o.rest   = (is_io && names_blocks) ? blocks : 17'd0;
      b_o.shift  = is_io ? shift_i : 2'd0;
      if (is_io && fails) begin
        event_o    = 1'b1;
        fx_o.we_c  = 1'b1;
        a_o.pulled = 1'b1;
        c_o.status = status;
      end else if (is_io && len != 18'd0) begin
        fx_o.state = setup_state;
        a_o.after  = after;
        a_o.chain  = 1'b0;
        a_o.err    = 2'd0;
        b_o.pos    = 18'd0;
        b_o.left   = len;
      end
    end
  end

  logic unused;
  assign unused = &{1'b0, go_unused, word0_i[31:16], word0_i[13:10], word6_i[63:16], b_i.len, b_i.rest, b_i.shift};
endmodule
