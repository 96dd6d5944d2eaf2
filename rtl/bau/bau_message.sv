// Check of a message against its device-table entry, and the queue of messages to the engine. README, Translator (DOORBELL).
//
// Contract: `why_o` is 0 for a good message, else the cause why it is refused (combinational; `legal_i` tells whether the page of
// `ite_page_o` is in bounds). `push_i` queues it; `ready_o` says that there is room.
module bau_message (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  bau_types::request_t request_i,
  input  logic [35:0]         word0_i,
  input  logic [55:0]         word2_i,
  input  logic [31:0]         word3_i,
  input  logic [55:0]         word4_i,
  input  logic                partition_i,
  input  logic                hit_i,
  input  logic                epoch_i,
  output logic [43:0]         ite_page_o,
  input  logic                legal_i,
  output logic [4:0]          why_o,
  input  logic                push_i,
  output logic                ready_o,
  output logic                valid_o,
  output bau_types::message_t message_o,
  input  logic                pop_i,
  output logic                empty_o
);
  logic [16:0] sigbit;
  logic [43:0] page;
  logic [55:0] ite;
  assign sigbit = {8'd0, request_i.data[8:0]} + {1'b0, word3_i[bau_pkg::BAU_DTE_SIGVEC_BASE_LSB +: 16]};
  assign page   = (44'(bau_pkg::BAU_DOORBELL_BASE) >> 12) + {43'd0, partition_i};
  assign ite    = word2_i + {43'd0, request_i.address[11:4], 5'd0};
  assign ite_page_o = ite[55:12];
  always_comb begin
    why_o = 5'd0;
    if (request_i.address[55:12] != page) why_o = 5'(bau_pkg::BAU_CAUSE_MESSAGE);
    else if ({8'd0, request_i.address[11:4]} >= word3_i[15:0]) why_o = 5'(bau_pkg::BAU_CAUSE_TARGET);
    else if (request_i.data[31:9] != 23'd0 || sigbit[16:9] != 8'd0) why_o = 5'(bau_pkg::BAU_CAUSE_VECTOR);
    else if (!legal_i) why_o = 5'(bau_pkg::BAU_CAUSE_ITE_ACCESS);
  end

  bau_types::message_t message;
  logic [4:0]          count;
  assign message.id        = request_i.id;
  assign message.rid       = request_i.rid;
  assign message.target    = request_i.address[11:4];
  assign message.sigbit    = sigbit[8:0];
  assign message.ite       = ite;
  assign message.summary   = word4_i;
  assign message.vmid      = word0_i[bau_pkg::BAU_DTE_GSCID_LSB +: 16];
  assign message.subclass  = word0_i[bau_pkg::BAU_DTE_SUBCLASS_LSB +: 4];
  assign message.partition = partition_i;
  assign message.direct    = word0_i[bau_pkg::BAU_DTE_DIRECT_LSB] && !word0_i[bau_pkg::BAU_DTE_FORCE_BROADCAST_LSB];
  assign message.hit       = hit_i;
  assign message.epoch     = epoch_i;
  lib_fifo #(.Width(bau_types::MESSAGE_BITS), .Depth(16)) u_queue (
    .clk_i, .rst_ni, .push_i, .data_i(message), .ready_o, .valid_o, .data_o(message_o), .pop_i, .count_o(count)
  );
  assign empty_o = count == 5'd0;

  logic unused;
  assign unused = ^{request_i.kind, request_i.cause, request_i.tag, request_i.length, request_i.first_be, request_i.last_be,
                    request_i.address[63:56], request_i.address[3:0], word0_i[15:5], word0_i[3:2], word0_i[0]};

  `LIB_ASSERT(a_room, !push_i || ready_o)
endmodule
