// The sequencer: clears the RAMs after reset, then runs one item after the other. An item of a class takes as many
// cycles as the table says and takes effect in its last one. README section 8.
module see_seq
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [see_types::CLASSES-1:0] ready_i,
  output logic        run_o,         // INIT is over
  output logic [11:0] init_index_o,  // the word to clear in INIT
  output logic        idle_o,        // no item runs and none is ready
  output logic        pick_o,        // the class of pick_class_o is chosen in this cycle
  output logic [3:0]  pick_class_o,
  output logic [see_types::CLASSES-1:0] active_o,  // the class of the item that runs, one-hot
  output logic [7:0]  step_o,        // cycles since the choice
  output logic        commit_o       // the item takes effect in this cycle
);
  localparam int INIT_CYCLES = 2176;
  typedef enum logic [1:0] {INIT, IDLE, RUN} state_e;

  state_e      state_q;
  logic [11:0] init_q;
  logic [3:0]  last_q;
  logic [7:0]  step_q, end_q, duration;
  logic [see_types::CLASSES-1:0] active_q, chosen;
  logic        unused_high;
  logic [16:0] unused_chosen;

  assign run_o        = state_q != INIT;
  assign init_index_o = init_q;
  assign idle_o       = state_q == IDLE && ready_i == '0;
  assign pick_o       = state_q == IDLE && ready_i != '0;
  assign active_o     = active_q;
  assign step_o       = step_q;
  assign commit_o     = state_q == RUN && step_q == end_q;

  always_comb begin
    {unused_chosen, chosen}     = 32'd0;
    {unused_high, pick_class_o} = 5'd0;
    duration                    = 8'd0;
    if (pick_o) begin
      {unused_chosen, chosen}     = see_types::after32({17'd0, ready_i}, {1'b0, last_q});
      {unused_high, pick_class_o} = see_types::index32({17'd0, chosen});
      case (32'(pick_class_o))
        see_types::CLASS_REQ: duration = 8'd8;
        see_types::CLASS_REG: duration = 8'd6;
        see_types::CLASS_DONE: duration = 8'd4;
        see_types::CLASS_CE: duration = 8'd10;
        see_types::CLASS_CHECK: duration = 8'd14;
        see_types::CLASS_LIST: duration = 8'd6;
        see_types::CLASS_PULL: duration = 8'd6;
        see_types::CLASS_RING: duration = 8'd36;
        see_types::CLASS_PUSH: duration = 8'd6;
        see_types::CLASS_CQE: duration = 8'd8;
        see_types::CLASS_MSIX: duration = 8'd5;
        see_types::CLASS_FETCH: duration = 8'd6;
        see_types::CLASS_RSTART: duration = 8'd4;
        see_types::CLASS_COALESCE: duration = 8'd6;
        default: duration = 8'd160;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q  <= INIT;
      init_q   <= 12'd0;
      last_q   <= 4'(see_types::CLASSES - 1);
      active_q <= '0;
      step_q   <= 8'd0;
    end else begin
      case (state_q)
        INIT: begin
          init_q <= init_q + 12'd1;
          if (init_q == 12'(INIT_CYCLES - 1)) state_q <= IDLE;
        end
        IDLE: begin
          if (pick_o) begin
            state_q  <= RUN;
            last_q   <= pick_class_o;
            active_q <= chosen;
            step_q   <= 8'd1;
            end_q    <= duration;
          end
        end
        default: begin
          step_q <= step_q + 8'd1;
          if (commit_o) begin
            state_q  <= IDLE;
            active_q <= '0;
            step_q   <= 8'd0;
          end
        end
      endcase
    end
  end

  `LIB_ASSERT(a_one_class, (active_q & (active_q - 1'b1)) == '0)
endmodule
