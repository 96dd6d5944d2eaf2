// Completer: sends a completion as soon as all its data has arrived. README, Completer.
module bau_complete (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               chunk_valid_i,
  input  bau_types::chunk_t  chunk_i,
  output logic               chunk_pop_o,
  input  logic               done_valid_i,
  input  logic               done_error_i,
  output logic               done_pop_o,
  input  logic [63:0]        word_i,
  output logic               word_pop_o,
  output logic               fault_valid_o,
  output bau_types::fault_t  fault_o,
  input  logic               fault_taken_i,
  output logic               pcie_tx_valid_o,
  output logic               pcie_tx_sop_o,
  output logic               pcie_tx_eop_o,
  output logic [63:0]        pcie_tx_data_o,
  input  logic               pcie_tx_ready_i,
  output logic               quiet_o
);
  localparam logic [7:0] TYPE_COMPLETION      = 8'h0a;
  localparam logic [7:0] TYPE_COMPLETION_DATA = 8'h4a;
  localparam logic [2:0] STATUS_UR            = 3'd1;

  typedef enum logic [2:0] {REST, REPORT, HEAD, ADDRESS, DATA} state_e;

  state_e            state_q, state_d;
  bau_types::chunk_t chunk_q, chunk_d;
  logic              error_q, error_d;
  logic [31:0]       carry_q, carry_d;

  logic        push, room, sop, eop, odd;
  logic [63:0] beat, word;
  logic [31:0] dw0, dw1, dw2;
  logic [2:0]  tx_count;
  assign odd  = chunk_q.address[2];
  assign word = chunk_q.words != 6'd0 ? word_i : 64'd0;
  assign dw0  = {chunk_q.refuse ? TYPE_COMPLETION : TYPE_COMPLETION_DATA, 9'd0, error_q, 6'd0, chunk_q.length};
  assign dw1  = {16'd0, chunk_q.refuse ? STATUS_UR : 3'd0, 1'b0, chunk_q.bytes};
  assign dw2  = {chunk_q.rid, chunk_q.tag, 1'b0, chunk_q.lower};

  always_comb begin
    state_d     = state_q;
    chunk_d     = chunk_q;
    error_d     = error_q;
    carry_d     = carry_q;
    chunk_pop_o = 1'b0;
    done_pop_o  = 1'b0;
    word_pop_o  = 1'b0;
    push        = 1'b0;
    sop         = 1'b0;
    eop         = 1'b0;
    beat        = {dw1, dw0};
    case (state_q)
      REST: if (chunk_valid_i && (chunk_i.refuse || done_valid_i)) begin
        chunk_pop_o = 1'b1;
        done_pop_o  = !chunk_i.refuse;
        chunk_d     = chunk_i;
        error_d     = !chunk_i.refuse && done_error_i;
        state_d     = error_d ? REPORT : HEAD;
      end
      REPORT: if (fault_taken_i) state_d = HEAD;
      HEAD: if (room) begin
        push    = 1'b1;
        sop     = 1'b1;
        state_d = ADDRESS;
      end
      ADDRESS: begin
        beat = {32'd0, dw2};
        if (room) begin
          push    = 1'b1;
          eop     = chunk_q.refuse;
          state_d = chunk_q.refuse ? REST : DATA;
          if (!chunk_q.refuse && odd) begin
            word_pop_o    = 1'b1;
            chunk_d.words = chunk_q.words - 6'd1;
            carry_d       = word_i[63:32];
          end
        end
      end
      default: begin  // DATA
        beat = odd ? {word[31:0], carry_q} : word;
        if (chunk_q.length == 8'd1) beat[63:32] = 32'd0;
        if (room) begin
          push           = 1'b1;
          eop            = chunk_q.length <= 8'd2;
          word_pop_o     = chunk_q.words != 6'd0;
          carry_d        = word[63:32];
          chunk_d.words  = chunk_q.words - {5'd0, word_pop_o};
          chunk_d.length = eop ? 8'd0 : chunk_q.length - 8'd2;
          state_d        = eop ? REST : DATA;
        end
      end
    endcase
  end

  lib_beat_fifo #(.SideWidth(2), .Depth(4)) u_tx (
    .clk_i, .rst_ni, .push_i(push), .data_i(beat), .side_i({sop, eop}), .ready_o(room), .valid_o(pcie_tx_valid_o),
    .data_o(pcie_tx_data_o), .side_o({pcie_tx_sop_o, pcie_tx_eop_o}), .pop_i(pcie_tx_valid_o && pcie_tx_ready_i),
    .count_o(tx_count)
  );

  assign fault_valid_o     = state_q == REPORT;
  assign fault_o.cause     = 5'(bau_pkg::BAU_CAUSE_MEMORY);
  assign fault_o.write     = 1'b0;
  assign fault_o.partition = chunk_q.partition;
  assign fault_o.rid       = chunk_q.rid;
  assign fault_o.id        = 32'd0;
  assign fault_o.address   = {8'd0, chunk_q.address};
  assign fault_o.detail    = 32'd0;
  assign quiet_o           = state_q == REST && tx_count == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= REST;
    else state_q <= state_d;
    chunk_q <= chunk_d;
    error_q <= error_d;
    carry_q <= carry_d;
  end

  `LIB_STABLE(a_pcie_tx, pcie_tx_valid_o, pcie_tx_ready_i, ({pcie_tx_sop_o, pcie_tx_eop_o, pcie_tx_data_o}))
endmodule
