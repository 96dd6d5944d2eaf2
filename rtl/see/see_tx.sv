// TX: sends completions of the host's requests, read requests and writes, one whole TLP after the other. README section 4.
module see_tx
(
  input  logic clk_i,
  input  logic rst_ni,
  // cplq
  input  logic        cpl_push_i,
  input  logic [63:0] cpl_beat0_i,
  input  logic [63:0] cpl_beat1_i,
  input  logic        cpl_has_data_i,
  input  logic [63:0] cpl_data_i,
  output logic        cpl_ready_o,
  // rdrq
  input  logic        read_valid_i,
  input  logic [63:0] read_beat0_i,
  input  logic [63:0] read_beat1_i,
  output logic        read_pop_o,
  // wtxq
  input  logic        write_valid_i,
  input  logic        write_eop_i,
  input  logic [63:0] write_data_i,
  output logic        write_pop_o,
  // port pcie_tx
  output logic        pcie_tx_valid_o,
  output logic        pcie_tx_sop_o,
  output logic        pcie_tx_eop_o,
  output logic [63:0] pcie_tx_data_o,
  input  logic        pcie_tx_ready_i,
  output logic        quiet_o
);
  typedef enum logic [2:0] {FREE, C1, C2, R1, W} state_e;

  state_e      state_q, state_d;
  logic        push, sop, eop, tx_ready, cpl_pop, after_write_q, after_write_d;
  logic [63:0] data;
  logic        cpl_valid, cpl_has_data, body_ready, body_valid;
  logic [63:0] cpl_beat0, cpl_beat1, cpl_data;
  logic [2:0]  cpl_count, body_count;
  logic [1:0]  tx_count;

  lib_beat_fifo #(.SideWidth(64), .Depth(4)) u_cplq (
    .clk_i, .rst_ni, .push_i(cpl_push_i), .data_i(cpl_beat0_i), .side_i(cpl_beat1_i), .ready_o(cpl_ready_o),
    .valid_o(cpl_valid), .data_o(cpl_beat0), .side_o(cpl_beat1), .pop_i(cpl_pop), .count_o(cpl_count)
  );
  lib_beat_fifo #(.SideWidth(1), .Depth(4)) u_cplq_data (
    .clk_i, .rst_ni, .push_i(cpl_push_i), .data_i(cpl_data_i), .side_i(cpl_has_data_i), .ready_o(body_ready),
    .valid_o(body_valid), .data_o(cpl_data), .side_o(cpl_has_data), .pop_i(cpl_pop), .count_o(body_count)
  );

  always_comb begin
    state_d       = state_q;
    after_write_d = after_write_q;
    push          = 1'b0;
    sop           = 1'b0;
    eop           = 1'b0;
    data          = write_data_i;
    cpl_pop       = 1'b0;
    read_pop_o    = 1'b0;
    write_pop_o   = 1'b0;
    if (tx_ready) begin
      case (state_q)
        FREE: begin
          // A completion never passes a write; a read may follow each write, so that neither direction starves.
          push = cpl_valid || read_valid_i || write_valid_i;
          sop  = 1'b1;
          if (read_valid_i && !cpl_valid && (after_write_q || !write_valid_i)) begin
            data          = read_beat0_i;
            after_write_d = 1'b0;
            state_d       = R1;
          end else if (write_valid_i) begin
            write_pop_o   = 1'b1;  // the first of two beats at least
            after_write_d = 1'b1;
            state_d       = W;
          end else if (cpl_valid) begin
            data          = cpl_beat0;
            after_write_d = 1'b0;
            state_d       = C1;
          end
        end
        C1: begin
          push    = 1'b1;
          data    = cpl_beat1;
          eop     = !cpl_has_data;
          cpl_pop = eop;
          state_d = eop ? FREE : C2;
        end
        C2: begin
          push    = 1'b1;
          data    = cpl_data;
          eop     = 1'b1;
          cpl_pop = 1'b1;
          state_d = FREE;
        end
        R1: begin
          push       = 1'b1;
          data       = read_beat1_i;
          eop        = 1'b1;
          read_pop_o = 1'b1;
          state_d    = FREE;
        end
        W: begin
          push        = write_valid_i;
          eop         = write_eop_i;
          write_pop_o = write_valid_i;
          if (write_valid_i && write_eop_i) state_d = FREE;
        end
        default: state_d = FREE;
      endcase
    end
  end

  lib_beat_fifo #(.SideWidth(2), .Depth(2)) u_txq (
    .clk_i, .rst_ni, .push_i(push), .data_i(data), .side_i({sop, eop}), .ready_o(tx_ready), .valid_o(pcie_tx_valid_o),
    .data_o(pcie_tx_data_o), .side_o({pcie_tx_sop_o, pcie_tx_eop_o}), .pop_i(pcie_tx_valid_o && pcie_tx_ready_i),
    .count_o(tx_count)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= FREE;
      after_write_q <= 1'b0;
    end else begin
      state_q       <= state_d;
      after_write_q <= after_write_d;
    end
  end

  assign quiet_o = state_q == FREE && cpl_count == 3'd0 && tx_count == 2'd0;

  logic unused;
  assign unused = &{1'b0, body_ready, body_valid, body_count};

  `LIB_STABLE(a_pcie_tx, pcie_tx_valid_o, pcie_tx_ready_i, {pcie_tx_sop_o, pcie_tx_eop_o, pcie_tx_data_o})
endmodule
