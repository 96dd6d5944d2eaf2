// The start of a data movement along a command's PRPs: checks PRP1 and PRP2, then lists first, or data at once.
// README section 8, setup and go. Combinational.
module see_setup
(
  input  logic [1:0]  after_i,
  input  logic [17:0] len_i,
  input  logic [63:0] prp1_i,
  input  logic [63:0] prp2_i,
  output logic        bad_o,    // PRP Offset Invalid
  output logic [3:0]  state_o,  // else: the slot's next state
  output logic [3:0]  go_o      // the state once the PRPs are known
);
  logic [6:0] count;
  assign count = see_types::pages(prp1_i[11:0], len_i);
  assign bad_o = prp1_i[1:0] != 2'd0 || (count == 7'd2 && prp2_i[11:0] != 12'd0) || (count > 7'd2 && prp2_i[2:0] != 3'd0) ||
                 (count >= 7'd2 && prp2_i == 64'd0);

  always_comb begin
    case (after_i)
      see_types::AFTER_PULL: go_o = see_types::SLOT_PULLQ;
      see_types::AFTER_PUSH: go_o = see_types::SLOT_PUSHQ;
      default: go_o = see_types::SLOT_RING;
    endcase
    state_o = (count > 7'd2) ? see_types::SLOT_LISTQ : go_o;
  end

  logic unused;
  assign unused = &{1'b0, prp1_i[63:12]};
endmodule
