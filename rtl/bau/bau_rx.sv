// Receiver of TLPs: from beats to requests, messages and write payload. README, Receiver.
module bau_rx (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                pcie_rx_valid_i,
  input  logic                pcie_rx_sop_i,
  input  logic                pcie_rx_eop_i,
  input  logic [63:0]         pcie_rx_data_i,
  output logic                pcie_rx_ready_o,
  input  logic                request_pop_i,
  output logic                request_valid_o,
  output bau_types::request_t request_o,
  input  logic                payload_pop_i,
  output logic                payload_valid_o,
  output logic [63:0]         payload_data_o,
  output logic                payload_kill_o,
  output logic                arrival_valid_o,
  output logic [15:0]         arrival_function_o,
  output logic [31:0]         arrival_id_o,
  output logic [31:0]         arrival_value_o,
  output logic                message_o,
  output logic                quiet_o
);
  localparam logic [63:0] DOORBELL_PAGE = 64'(bau_pkg::BAU_DOORBELL_BASE) >> 12;
  localparam logic [7:0]  TYPE_READ     = 8'h20;
  localparam logic [7:0]  TYPE_WRITE    = 8'h60;

  typedef enum logic [2:0] {HEAD, ADDRESS, PAYLOAD, MESSAGE, SKIP, PAD, REPORT} state_e;

  state_e      state_q, state_d;
  logic        report_q, report_d;
  logic [5:0]  left_q, left_d;
  logic [31:0] dw0_q, dw0_d, dw1_q, dw1_d;
  logic [63:0] address_q, address_d;
  logic [31:0] sequence_q, sequence_d;
  logic        arrival_q, arrival_d;
  logic [15:0] arrival_function_q;
  logic [31:0] arrival_value_q;

  logic [63:0] beat;
  logic        beat_valid, sop, eop, pop;
  logic [2:0]  in_count;
  lib_beat_fifo #(.SideWidth(2), .Depth(4)) u_in (
    .clk_i, .rst_ni, .push_i(pcie_rx_valid_i && pcie_rx_ready_o), .data_i(pcie_rx_data_i),
    .side_i({pcie_rx_sop_i, pcie_rx_eop_i}), .ready_o(pcie_rx_ready_o), .valid_o(beat_valid), .data_o(beat),
    .side_o({sop, eop}), .pop_i(pop), .count_o(in_count)
  );

  bau_types::request_t request_d;
  logic                request_push, request_ready;
  logic [3:0]          request_count;
  lib_fifo #(.Width(bau_types::REQUEST_BITS), .Depth(8)) u_request (
    .clk_i, .rst_ni, .push_i(request_push), .data_i(request_d), .ready_o(request_ready), .valid_o(request_valid_o),
    .data_o(request_o), .pop_i(request_pop_i), .count_o(request_count)
  );

  logic        payload_push, payload_ready;
  logic [5:0]  payload_count;
  lib_beat_fifo #(.SideWidth(1), .Depth(32)) u_payload (
    .clk_i, .rst_ni, .push_i(payload_push), .data_i(state_q == PAD ? 64'd0 : beat), .side_i(state_q == PAD),
    .ready_o(payload_ready), .valid_o(payload_valid_o), .data_o(payload_data_o), .side_o(payload_kill_o),
    .pop_i(payload_pop_i), .count_o(payload_count)
  );

  // What the header in dw0, dw1 and the address that stands in the beat say.
  logic [63:0] address;
  logic [9:0]  length;
  logic [3:0]  first_be, last_be;
  logic        enables, in_page, fits_read, fits_write, doorbell, plain_message;
  assign address       = {beat[31:0], beat[63:34], 2'b00};
  assign length        = dw0_q[9:0];
  assign first_be      = dw1_q[3:0];
  assign last_be       = dw1_q[7:4];
  assign enables       = length == 10'd1 ? last_be == 4'd0 : first_be != 4'd0 && last_be != 4'd0;
  assign in_page        = {1'b0, address[11:2]} + {1'b0, length} <= 11'd1024;
  assign fits_read     = length != 10'd0 && length <= 10'(bau_pkg::BAU_READ_BYTES / 4) && enables && in_page;
  assign fits_write    = length != 10'd0 && length <= 10'(bau_pkg::BAU_PAYLOAD_BYTES / 4) && enables && in_page;
  assign doorbell      = {12'd0, address[63:12]} >= DOORBELL_PAGE
                         && {12'd0, address[63:12]} < DOORBELL_PAGE + 64'(bau_pkg::BAU_NUM_PARTITIONS);
  assign plain_message = length == 10'd1 && first_be == 4'hf && address[3:0] == 4'd0;

  // The kinds of request that can be pushed, one of them in a cycle.
  logic       is_read, good_read, good_write;
  logic [1:0] kind;
  logic [4:0] cause;
  assign is_read    = (dw0_q[31:24] & 8'h5f) == 8'd0;
  assign good_read  = dw0_q[31:24] == TYPE_READ && eop && fits_read;
  assign good_write = dw0_q[31:24] == TYPE_WRITE && !eop && !dw0_q[14] && fits_write;

  always_comb begin
    state_d      = state_q;
    report_d     = report_q;
    left_d       = left_q;
    dw0_d        = dw0_q;
    dw1_d        = dw1_q;
    address_d    = address_q;
    sequence_d   = sequence_q;
    arrival_d    = 1'b0;
    pop          = 1'b0;
    request_push = 1'b0;
    payload_push = 1'b0;
    kind         = bau_types::KIND_DROP;
    cause        = 5'(bau_pkg::BAU_CAUSE_TLP);
    case (state_q)
      HEAD: begin
        pop = beat_valid;
        if (beat_valid && sop) begin
          dw0_d     = beat[31:0];
          dw1_d     = beat[63:32];
          address_d = 64'd0;
          state_d   = eop ? REPORT : ADDRESS;
        end
      end
      ADDRESS: if (beat_valid && request_ready) begin
        if (sop) begin
          state_d = REPORT;
        end else begin
          pop          = 1'b1;
          address_d    = address;
          report_d     = 1'b0;
          request_push = 1'b1;
          state_d      = eop ? HEAD : SKIP;
          if (is_read) begin
            kind  = bau_types::KIND_READ;
            cause = !good_read ? 5'(bau_pkg::BAU_CAUSE_TLP) : doorbell ? 5'(bau_pkg::BAU_CAUSE_MESSAGE) : 5'd0;
          end else if (good_write && !doorbell) begin
            kind    = bau_types::KIND_WRITE;
            cause   = 5'd0;
            left_d  = length[6:1] + {5'd0, length[0]};
            state_d = PAYLOAD;
          end else if (good_write && plain_message) begin
            request_push = 1'b0;
            state_d      = MESSAGE;
          end else if (good_write) begin
            cause = 5'(bau_pkg::BAU_CAUSE_MESSAGE);
          end
        end
      end
      MESSAGE: if (beat_valid && request_ready) begin
        if (sop) begin
          state_d = REPORT;
        end else begin
          pop          = 1'b1;
          request_push = 1'b1;
          state_d      = SKIP;
          if (eop) begin
            kind       = bau_types::KIND_MESSAGE;
            cause      = 5'd0;
            sequence_d = sequence_q + 32'd1;
            arrival_d  = 1'b1;
            state_d    = HEAD;
          end
        end
      end
      PAYLOAD: if (beat_valid && payload_ready) begin
        if (sop) begin
          state_d = PAD;
        end else begin
          pop          = 1'b1;
          payload_push = 1'b1;
          left_d       = left_q - 6'd1;
          if (eop) begin
            state_d = left_q == 6'd1 ? HEAD : PAD;
          end else begin
            report_d = left_q == 6'd1;
            state_d  = left_q == 6'd1 ? SKIP : PAYLOAD;
          end
        end
      end
      PAD: if (payload_ready) begin
        payload_push = 1'b1;
        left_d       = left_q - 6'd1;
        state_d      = left_q == 6'd1 ? REPORT : PAD;
      end
      SKIP: if (beat_valid) begin
        pop = !sop;
        if (sop || eop) state_d = report_q ? REPORT : HEAD;
      end
      default: if (request_ready) begin
        request_push = 1'b1;
        state_d      = HEAD;
      end
    endcase
  end

  assign request_d.kind     = kind;
  assign request_d.cause    = cause;
  assign request_d.rid      = dw1_q[31:16];
  assign request_d.tag      = dw1_q[15:8];
  assign request_d.length   = dw0_q[7:0];
  assign request_d.first_be = first_be;
  assign request_d.last_be  = last_be;
  assign request_d.address  = address_d;
  assign request_d.id       = kind == bau_types::KIND_MESSAGE ? sequence_d : 32'd0;
  assign request_d.data     = kind == bau_types::KIND_MESSAGE ? beat[31:0] : dw0_q;

  assign message_o          = arrival_d;
  assign arrival_valid_o    = arrival_q;
  assign arrival_function_o = arrival_function_q;
  assign arrival_id_o       = arrival_q ? sequence_q : 32'd0;
  assign arrival_value_o    = arrival_value_q;
  assign quiet_o            = state_q == HEAD && in_count == '0 && request_count == '0 && payload_count == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q            <= HEAD;
      report_q           <= 1'b0;
      sequence_q         <= 32'd0;
      arrival_q          <= 1'b0;
      arrival_function_q <= 16'd0;
      arrival_value_q    <= 32'd0;
    end else begin
      state_q            <= state_d;
      report_q           <= report_d;
      left_q             <= left_d;
      dw0_q              <= dw0_d;
      dw1_q              <= dw1_d;
      address_q          <= address_d;
      sequence_q         <= sequence_d;
      arrival_q          <= arrival_d;
      arrival_function_q <= arrival_d ? dw1_q[31:16] : 16'd0;
      arrival_value_q    <= arrival_d ? {8'd0, address_q[11:4], beat[15:0]} : 32'd0;
    end
  end

  `LIB_ASSERT(a_request_room, !request_push || request_ready)
  `LIB_ASSERT(a_payload_room, !payload_push || payload_ready)
endmodule
