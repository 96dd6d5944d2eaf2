// Commander: serves the command queues of the partitions in turn, one command at a time. README, Commander.
module bau_command (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // configuration
  input  logic [1:0]               pt_valid_i,
  input  logic [87:0]              pt_base_i,
  input  logic [87:0]              pt_limit_i,
  input  logic [1:0]               enable_i,
  input  logic [111:0]             base_i,
  input  logic [15:0]              head_i,
  input  logic [15:0]              tail_i,
  // epochs
  input  logic                     epoch_i,
  input  logic [1:0]               drained_i,
  output logic                     flip_o,
  output bau_types::invalidation_t invalidation_o,
  // memory
  output logic                     access_valid_o,
  output bau_types::access_t       access_o,
  input  logic                     granted_i,
  input  logic                     answer_valid_i,
  input  logic [63:0]              answer_data_i,
  input  logic                     answer_err_i,
  // faults
  output logic                     fault_valid_o,
  output bau_types::fault_t        fault_o,
  input  logic                     fault_taken_i,
  // status
  output logic [1:0]               head_move_o,
  output logic [1:0]               fence_done_o,
  output logic [1:0]               refused_o,
  output logic                     count_o,
  output logic                     quiet_o
);
  typedef enum logic [3:0] {REST, READ, EXECUTE, DRAIN, FLUSH, FLUSH_WAIT, STORE, DONE, REFUSE} state_e;

  state_e      state_q, state_d;
  logic        partition_q, partition_d, turn_q, turn_d, old_epoch_q, old_epoch_d, error_q, error_d;
  logic [1:0]  asked_q, asked_d, got_q, got_d;
  logic [55:0] address_q, address_d;
  logic [63:0] word0_q, word0_d, word1_q, word1_d;

  logic [1:0]  waits;
  assign waits[0] = enable_i[0] && head_i[7:0] != tail_i[7:0];
  assign waits[1] = enable_i[1] && head_i[15:8] != tail_i[15:8];

  logic [7:0]  opcode;
  logic [55:0] fence_address;
  logic        is_fence, is_resume, legal;
  assign opcode        = word0_q[bau_pkg::BAU_COMMAND_OPCODE_LSB +: 8];
  assign fence_address = {word1_q[55:3], 3'd0};
  assign is_fence      = opcode == 8'(bau_pkg::BAU_COMMAND_FENCE);
  assign is_resume     = opcode == 8'(bau_pkg::BAU_COMMAND_RESUME);
  bau_bounds u_bounds (
    .pt_valid_i, .pt_base_i, .pt_limit_i, .partition_i(partition_q),
    .page_i(state_q == READ ? address_q[55:12] : fence_address[55:12]), .legal_o(legal)
  );

  always_comb begin
    state_d      = state_q;
    partition_d  = partition_q;
    turn_d       = turn_q;
    old_epoch_d  = old_epoch_q;
    error_d      = error_q;
    asked_d      = asked_q;
    got_d        = got_q;
    address_d    = address_q;
    word0_d      = word0_q;
    word1_d      = word1_q;
    flip_o       = 1'b0;
    head_move_o  = 2'd0;
    fence_done_o = 2'd0;
    refused_o    = 2'd0;
    count_o      = 1'b0;
    case (state_q)
      REST: if (waits != 2'd0) begin
        partition_d = waits[turn_q] ? turn_q : !turn_q;
        address_d   = base_i[56*partition_d +: 56] + {44'd0, head_i[8*partition_d +: 8], 4'd0};
        asked_d     = 2'd0;
        got_d       = 2'd0;
        error_d     = 1'b0;
        state_d     = READ;
      end
      READ: if (asked_q == 2'd0 && !legal) begin
        state_d = REFUSE;
      end else if (got_q == 2'd2) begin
        state_d = EXECUTE;
      end else begin
        if (granted_i) asked_d = asked_q + 2'd1;
        if (answer_valid_i) begin
          if (got_q == 2'd0) word0_d = answer_data_i;
          else word1_d = answer_data_i;
          got_d   = got_q + 2'd1;
          error_d = error_q || answer_err_i;
        end
      end
      EXECUTE: begin
        state_d = REFUSE;
        if (!error_q) begin
          if (opcode <= 8'(bau_pkg::BAU_COMMAND_INVALIDATE_IOTLB) || is_resume) begin
            state_d = DONE;
          end else if (is_fence && (fence_address == 56'd0 || legal)) begin
            flip_o      = 1'b1;
            old_epoch_d = epoch_i;
            state_d     = DRAIN;
          end
        end
      end
      DRAIN: if (drained_i[old_epoch_q]) state_d = FLUSH;
      FLUSH: if (granted_i) state_d = FLUSH_WAIT;
      FLUSH_WAIT: if (answer_valid_i) state_d = fence_address == 56'd0 ? DONE : STORE;
      STORE: if (granted_i) state_d = DONE;
      DONE: begin
        head_move_o[partition_q]  = 1'b1;
        fence_done_o[partition_q] = is_fence && word0_q[bau_pkg::BAU_COMMAND_IRQ_LSB];
        count_o                   = 1'b1;
        turn_d                    = !partition_q;
        state_d                   = REST;
      end
      default: if (fault_taken_i) begin  // REFUSE
        head_move_o[partition_q] = 1'b1;
        refused_o[partition_q]   = 1'b1;
        turn_d                   = !partition_q;
        state_d                  = REST;
      end
    endcase
  end

  logic in_force, drops;
  assign in_force                 = state_q == EXECUTE && !error_q;
  assign drops                    = word0_q[bau_pkg::BAU_COMMAND_DROP_LSB];
  assign invalidation_o.device    = in_force && opcode == 8'(bau_pkg::BAU_COMMAND_INVALIDATE_DTE);
  assign invalidation_o.resume    = in_force && is_resume && !drops;
  assign invalidation_o.drop      = in_force && is_resume && drops;
  assign invalidation_o.deny      = word0_q[bau_pkg::BAU_COMMAND_DENY_LSB];
  assign invalidation_o.iotlb     = in_force && opcode == 8'(bau_pkg::BAU_COMMAND_INVALIDATE_IOTLB);
  assign invalidation_o.all       = word0_q[bau_pkg::BAU_COMMAND_ALL_LSB];
  assign invalidation_o.partition = partition_q;
  assign invalidation_o.id        = opcode == 8'(bau_pkg::BAU_COMMAND_INVALIDATE_IOTLB) ? word0_q[bau_pkg::BAU_COMMAND_GSCID_LSB +: 16]
                                    : word0_q[bau_pkg::BAU_COMMAND_RID_LSB +: 16];

  assign access_valid_o = (state_q == READ && (asked_q == 2'd0 ? legal : asked_q == 2'd1)) || state_q == FLUSH || state_q == STORE;
  assign access_o.op    = state_q == STORE ? 3'(bau_pkg::BAU_MEM_WRITE) : 3'(bau_pkg::BAU_MEM_READ);
  assign access_o.addr  = state_q == STORE ? fence_address : state_q == READ ? address_q + {52'd0, asked_q[0], 3'd0} : address_q;
  assign access_o.data  = state_q == STORE ? 64'd1 : 64'd0;
  assign access_o.strb  = state_q == STORE ? 8'hff : 8'd0;
  assign access_o.tag   = {3'(bau_types::UNIT_COMMAND), 5'd0};

  assign fault_valid_o     = state_q == REFUSE;
  assign fault_o.cause     = 5'(bau_pkg::BAU_CAUSE_COMMAND);
  assign fault_o.write     = 1'b0;
  assign fault_o.partition = partition_q;
  assign fault_o.rid       = 16'd0;
  assign fault_o.id        = 32'd0;
  assign fault_o.address   = {8'd0, address_q};
  assign fault_o.detail    = 32'd0;
  assign quiet_o           = state_q == REST && waits == 2'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= REST;
      partition_q <= 1'b0;
      turn_q      <= 1'b0;
      old_epoch_q <= 1'b0;
    end else begin
      state_q     <= state_d;
      partition_q <= partition_d;
      turn_q      <= turn_d;
      old_epoch_q <= old_epoch_d;
      error_q     <= error_d;
      asked_q     <= asked_d;
      got_q       <= got_d;
      address_q   <= address_d;
      word0_q     <= word0_d;
      word1_q     <= word1_d;
    end
  end
endmodule
