// Faulter: takes one fault at a time: an event and, if there is room, a record in the partition's fault queue. README, Faults.
module bau_fault (
  input  logic               clk_i,
  input  logic               rst_ni,
  // configuration
  input  logic [1:0]         pt_valid_i,
  input  logic [87:0]        pt_base_i,
  input  logic [87:0]        pt_limit_i,
  input  logic [1:0]         enable_i,
  input  logic [111:0]       base_i,
  input  logic [7:0]         log2_i,
  input  logic [15:0]        head_i,
  input  logic [15:0]        tail_i,
  // the chosen fault
  input  logic               fault_valid_i,
  input  bau_types::fault_t  fault_i,
  output logic               fault_take_o,
  // memory
  output logic               access_valid_o,
  output bau_types::access_t access_o,
  input  logic               granted_i,
  // status
  output logic [1:0]         written_o,
  output logic [1:0]         lost_o,
  output logic               event_valid_o,
  output logic [15:0]        event_function_o,
  output logic [31:0]        event_id_o,
  output logic [31:0]        event_value_o,
  output logic               quiet_o
);
  typedef enum logic [1:0] {REST, CHECK, WRITE} state_e;

  state_e             state_q, state_d;
  logic [1:0]         index_q, index_d;
  bau_types::fault_t  record_q, record_d;
  logic [31:0]        sequence_q;
  logic [55:0]        address_q, address_d;
  logic               event_q;

  logic [55:0] address;
  logic [7:0]  mask, next_tail;
  logic        legal, room;
  assign address   = base_i[56*record_q.partition +: 56] + {43'd0, tail_i[8*record_q.partition +: 8], 5'd0};
  assign mask      = ~(8'hff << log2_i[4*record_q.partition +: 4]);
  assign next_tail = (tail_i[8*record_q.partition +: 8] + 8'd1) & mask;
  assign room      = enable_i[record_q.partition] && next_tail != head_i[8*record_q.partition +: 8] && legal;
  bau_bounds u_bounds (.pt_valid_i, .pt_base_i, .pt_limit_i, .partition_i(record_q.partition), .page_i(address[55:12]), .legal_o(legal));

  always_comb begin
    state_d   = state_q;
    index_d   = index_q;
    record_d  = record_q;
    address_d = address_q;
    written_o = 2'd0;
    lost_o    = 2'd0;
    case (state_q)
      CHECK: begin
        address_d                  = address;
        lost_o[record_q.partition] = !room;
        state_d                    = room ? WRITE : REST;
      end
      WRITE: if (granted_i) begin
        index_d = index_q + 2'd1;
        if (index_q == 2'd3) begin
          written_o[record_q.partition] = 1'b1;
          state_d                       = REST;
        end
      end
      default: if (fault_valid_i) begin
        record_d = fault_i;
        index_d  = 2'd0;
        state_d  = CHECK;
      end
    endcase
  end

  assign fault_take_o   = state_q == REST && fault_valid_i;
  assign access_valid_o = state_q == WRITE;
  assign access_o.op    = 3'(bau_pkg::BAU_MEM_WRITE);
  assign access_o.addr  = address_q + {51'd0, index_q, 3'd0};
  assign access_o.strb  = 8'hff;
  assign access_o.tag   = {3'(bau_types::UNIT_FAULT), 5'd0};
  always_comb begin
    case (index_q)
      2'd0: access_o.data = {record_q.id, record_q.rid, 3'd0, record_q.partition, 3'd0, record_q.write, 3'd0, record_q.cause};
      2'd1: access_o.data = record_q.address;
      2'd2: access_o.data = {32'd0, record_q.detail};
      default: access_o.data = {32'd0, sequence_q};
    endcase
  end

  assign event_valid_o    = event_q;
  assign event_function_o = event_q ? record_q.rid : 16'd0;
  assign event_id_o       = event_q ? record_q.id : 32'd0;
  assign event_value_o    = event_q ? {27'd0, record_q.cause} : 32'd0;
  assign quiet_o          = state_q == REST;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q    <= REST;
      sequence_q <= 32'd0;
      event_q    <= 1'b0;
    end else begin
      state_q    <= state_d;
      sequence_q <= fault_take_o ? sequence_q + 32'd1 : sequence_q;
      event_q    <= fault_take_o;
    end
    index_q   <= index_d;
    record_q  <= record_d;
    address_q <= address_d;
  end
endmodule
