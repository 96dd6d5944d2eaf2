// The conversion buffer in memory: finds blocks there and writes evicted ones back.
//
// Contract: `probe_i` looks for `key_i`; with `done_o` (one cycle) `hit_o` says whether the assembly buffer has been loaded with it. `write_i` writes the block
// described by the victim inputs, which stay until `done_o`; its ops are read through `slot_o` (combinational).
module clb_buffer (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        probe_i,
  input  logic        write_i,
  input  logic [59:0] key_i,          // of the request
  input  logic [59:0] victim_key_i,
  input  logic [63:0] victim_mask_i,
  input  logic [4:0]  victim_count_i,
  input  logic [31:0] epoch_i,
  input  logic [55:0] register_i,     // BUFFER: base and mask
  output logic        idle_o,
  output logic        done_o,
  output logic        hit_o,
  // versions
  output logic [9:0]  version_index_o,
  input  logic [31:0] version_i,
  // memory
  output logic        burst_o,
  output logic [55:0] burst_addr_o,
  output logic [5:0]  burst_words_o,
  input  logic        beat_i,
  input  logic        last_i,
  input  logic [63:0] data_i,
  input  logic        err_i,
  output logic        mem_write_o,
  output logic [55:0] mem_addr_o,
  output logic [63:0] mem_data_o,
  input  logic        mem_free_i,
  // native cache
  output logic [4:0]  slot_o,
  input  logic [63:0] word_i,
  input  logic [40:0] side_i,
  // assembly buffer
  output logic        load_word_o,
  output logic        load_side_o,
  output logic [4:0]  load_slot_o,
  output logic        load_end_o,
  output logic [4:0]  load_count_o,
  output logic [63:0] load_mask_o,
  output logic [2:0]  events_o        // {fault, stale, hit}
);
  typedef enum logic [3:0] {IDLE, HEAD, CHECK, SUM, COMPARE, FILL, WRITE_HEAD, WRITE_OP, WRITE_SIDE, DONE} state_e;

  state_e      state_q, state_d;
  logic        writing_q, bad_q, hit_q, hit_d, valid, fails, last_slot;
  logic [5:0]  beat_q;
  logic [4:0]  slot_q, count_q;
  logic [59:0] key_q;
  logic [63:0] head_mask_q, mask_q, lines_q, lowest, head0_q;
  logic [36:0] head1_q;
  logic [31:0] head_sum_q, sum_q;
  logic [55:0] address;
  logic [10:0] number;
  logic [5:0]  line;

  assign number  = clb_types::buffer_of(state_q == IDLE ? key_i : key_q) & register_i[10:0];
  assign address = {register_i[55:12], 12'd0} + {36'd0, number, 9'd0};
  assign fails   = bad_q || err_i;
  assign valid   = !bad_q && head0_q == {4'b1000, key_q} && head1_q[31:0] == epoch_i && head1_q[36:32] != 5'd0
                   && head1_q[36:32] <= 5'(clb_pkg::CLB_BLOCK_SLOTS);
  assign lowest  = lines_q & (~lines_q + 64'd1);
  assign last_slot = slot_q + 5'd1 == count_q;
  assign version_index_o = clb_types::version_of({key_q[43:0], line});

  // number of the one bit that is set
  assign line = {(lowest & 64'hffff_ffff_0000_0000) != 64'd0, (lowest & 64'hffff_0000_ffff_0000) != 64'd0, (lowest & 64'hff00_ff00_ff00_ff00) != 64'd0,
                 (lowest & 64'hf0f0_f0f0_f0f0_f0f0) != 64'd0, (lowest & 64'hcccc_cccc_cccc_cccc) != 64'd0, (lowest & 64'haaaa_aaaa_aaaa_aaaa) != 64'd0};

  always_comb begin
    state_d = state_q;
    hit_d   = hit_q;
    case (state_q)
      IDLE: begin
        if (probe_i) state_d = HEAD;
        else if (write_i) state_d = SUM;
      end
      HEAD: if (beat_i && last_i) state_d = CHECK;
      CHECK: begin
        state_d = valid ? SUM : DONE;
        hit_d   = 1'b0;
      end
      SUM: if (lines_q == 64'd0) state_d = writing_q ? WRITE_HEAD : COMPARE;
      COMPARE: begin
        state_d = sum_q == head_sum_q ? FILL : DONE;
        hit_d   = 1'b0;
      end
      FILL: begin
        if (beat_i && last_i) begin
          state_d = DONE;
          hit_d   = !fails;
        end
      end
      WRITE_HEAD: if (mem_free_i && beat_q[1:0] == 2'd3) state_d = WRITE_OP;
      WRITE_OP: if (mem_free_i) state_d = WRITE_SIDE;
      WRITE_SIDE: if (mem_free_i) state_d = last_slot ? DONE : WRITE_OP;
      default: state_d = IDLE;
    endcase
  end

  assign idle_o        = state_q == IDLE;
  assign done_o        = state_q == DONE;
  assign hit_o         = hit_q;
  assign burst_o       = (state_q == IDLE && probe_i) || (state_q == COMPARE && state_d == FILL);
  assign burst_addr_o  = state_q == IDLE ? address : address + 56'd32;
  assign burst_words_o = state_q == IDLE ? 6'd4 : {count_q, 1'b0};
  assign slot_o        = slot_q;
  assign load_word_o   = state_q == FILL && beat_i && !beat_q[0];
  assign load_side_o   = state_q == FILL && beat_i && beat_q[0];
  assign load_slot_o   = beat_q[5:1];
  assign load_end_o    = state_q == FILL && beat_i && last_i;
  assign load_count_o  = count_q;
  assign load_mask_o   = mask_q;
  assign events_o      = {
    (state_q == CHECK && bad_q) || (load_end_o && fails),
    state_q == COMPARE && state_d == DONE,
    load_end_o && !fails
  };

  always_comb begin
    mem_write_o = 1'b0;
    mem_addr_o  = address;
    mem_data_o  = 64'd0;
    case (state_q)
      WRITE_HEAD: begin
        mem_write_o = mem_free_i;
        mem_addr_o  = address + {51'd0, beat_q[1:0], 3'd0};
        case (beat_q[1:0])
          2'd0: mem_data_o = {4'b1000, key_q};
          2'd1: mem_data_o = {27'd0, count_q, epoch_i};
          2'd2: mem_data_o = mask_q;
          default: mem_data_o = {32'd0, sum_q};
        endcase
      end
      WRITE_OP: begin
        mem_write_o = mem_free_i;
        mem_addr_o  = address + 56'd32 + {47'd0, slot_q, 4'd0};
        mem_data_o  = word_i;
      end
      WRITE_SIDE: begin
        mem_write_o = mem_free_i;
        mem_addr_o  = address + 56'd40 + {47'd0, slot_q, 4'd0};
        mem_data_o  = {23'd0, side_i};
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else begin
      state_q <= state_d;
      hit_q   <= hit_d;
      case (state_q)
        IDLE: begin
          beat_q    <= 6'd0;
          slot_q    <= 5'd0;
          bad_q     <= 1'b0;
          writing_q <= !probe_i;
          key_q     <= probe_i ? key_i : victim_key_i;
          if (!probe_i) begin
            mask_q  <= victim_mask_i;
            lines_q <= victim_mask_i;
            sum_q   <= 32'd0;
            count_q <= victim_count_i;
          end
        end
        HEAD: begin
          if (beat_i) begin
            beat_q <= beat_q + 6'd1;
            bad_q  <= fails;
            case (beat_q[1:0])
              2'd0: head0_q <= data_i;
              2'd1: head1_q <= data_i[36:0];
              2'd2: head_mask_q <= data_i;
              default: head_sum_q <= data_i[31:0];
            endcase
          end
        end
        CHECK: begin
          count_q <= head1_q[36:32];
          mask_q  <= head_mask_q;
          lines_q <= head_mask_q;
          sum_q   <= 32'd0;
        end
        SUM: begin
          if (lines_q != 64'd0) begin
            sum_q   <= sum_q + version_i;
            lines_q <= lines_q & ~lowest;
          end
        end
        COMPARE: beat_q <= 6'd0;
        FILL: begin
          if (beat_i) begin
            beat_q <= beat_q + 6'd1;
            bad_q  <= fails;
          end
        end
        WRITE_HEAD: if (mem_free_i) beat_q <= beat_q + 6'd1;
        WRITE_SIDE: if (mem_free_i) slot_q <= slot_q + 5'd1;
        default: ;
      endcase
    end
  end
endmodule
