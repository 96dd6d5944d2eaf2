// Item REG: one register access of the firmware. README section 8, REG.
//
// The address says at once which function, queue and extent are meant (target_*_o, taken when the item is chosen);
// the RAMs deliver from step 2 on; effects hold in the commit cycle (step 6).
module see_reg
(
  input  logic        active_i,
  input  logic        write_i,
  input  logic [15:0] addr_i,
  input  logic [63:0] data_i,
  output logic [4:0]  target_fn_o,
  output logic [3:0]  target_queue_o,
  output logic [2:0]  target_extent_o,
  output logic [1:0]  nvme_index_o,
  // operands of that function
  input  logic        en_i,
  input  logic        busy_i,
  input  logic [3:0]  csts_i,
  input  logic [63:0] nvme_i,
  input  logic [6:0]  inflight_i,
  input  logic        attached_i,
  input  logic [1:0]  shift_i,
  input  logic [63:0] size_i,
  input  logic [63:0] first_i,
  input  logic [63:0] length_i,
  input  logic [63:0] target_i,
  input  logic [63:0] remote_i,
  input  logic [11:0] map_i,
  input  see_types::queue_bits_t bits_i,
  input  see_types::sq_t sq_i,
  input  logic [51:0] sq_page_i,
  input  see_types::cq_t cq_i,
  input  logic [51:0] cq_page_i,
  input  logic [1:0]  priority_i,
  input  logic [31:0] arbitration_i,
  input  logic [24:0] coalescing_i,
  // global registers
  input  logic [63:0] global_i,
  output logic        global_write_o,
  // effects
  output logic        csts_we_o,
  output logic [3:0]  csts_o,
  output logic        attached_we_o,
  output logic        size_we_o,
  output logic [4:0]  extent_we_o,
  output logic        bits_we_o,
  output see_types::queue_bits_t bits_o,
  output logic        sq_we_o,
  output see_types::sq_t sq_o,
  output logic        sq_page_we_o,
  output logic        cq_we_o,
  output see_types::cq_t cq_o,
  output logic        cq_page_we_o,
  output logic        priority_we_o,
  output logic        arbitration_we_o,
  output logic        coalescing_we_o,
  output logic        wake_o,
  output logic [63:0] answer_o
);
  localparam logic [5:0] PLACES = 6'd16;  // functions and queue contexts start at 16 strides of their size
  localparam logic [4:0] LAST_FN = 5'(see_pkg::SEE_NUM_FUNCTIONS - 1);
  localparam logic [7:0] FN_CC = 8'(see_pkg::SEE_FN_CC);
  localparam logic [7:0] FN_CSTS = 8'(see_pkg::SEE_FN_CSTS);
  localparam logic [7:0] FN_AQA = 8'(see_pkg::SEE_FN_AQA);
  localparam logic [7:0] FN_ASQ = 8'(see_pkg::SEE_FN_ASQ);
  localparam logic [7:0] FN_ACQ = 8'(see_pkg::SEE_FN_ACQ);
  localparam logic [7:0] FN_NS = 8'(see_pkg::SEE_FN_NS);
  localparam logic [7:0] FN_NS_SIZE = 8'(see_pkg::SEE_FN_NS_SIZE);
  localparam logic [7:0] FN_ARBITRATION = 8'(see_pkg::SEE_FN_ARBITRATION);
  localparam logic [7:0] FN_COALESCING = 8'(see_pkg::SEE_FN_COALESCING);
  localparam logic [7:0] FN_INFLIGHT = 8'(see_pkg::SEE_FN_INFLIGHT);

  // --- which register ------------------------------------------------------------------------------------
  logic [7:0] fn_page, offset;
  logic [5:0] queue_page;
  logic [6:0] extent_page;
  logic       is_global, is_function, is_queue, is_extent;
  assign offset     = {addr_i[7:3], 3'd0};
  assign fn_page    = addr_i[15:8] - {2'd0, PLACES};
  assign queue_page = addr_i[15:10] - PLACES;
  assign is_global  = addr_i[15:12] == 4'd0;
  assign is_function = !is_global && addr_i[15:14] == 2'd0 && fn_page <= {3'd0, LAST_FN};
  assign is_queue   = addr_i[15:14] != 2'd0 && queue_page <= {1'b0, LAST_FN} && addr_i[9:6] < 4'(see_pkg::SEE_NUM_QUEUES);
  assign extent_page = addr_i[15:9] - 7'(see_pkg::SEE_EXTENT_BASE / see_pkg::SEE_EXTENT_FN_STRIDE);
  assign is_extent   = extent_page <= {2'd0, LAST_FN};

  assign target_fn_o     = is_function ? fn_page[4:0] : is_extent ? extent_page[4:0] : is_queue ? queue_page[4:0] : 5'd0;
  assign target_queue_o  = is_queue ? addr_i[9:6] : 4'd0;
  assign target_extent_o = addr_i[8:6];
  always_comb begin
    case (offset)
      FN_AQA: nvme_index_o = 2'd1;
      FN_ASQ: nvme_index_o = 2'd2;
      FN_ACQ: nvme_index_o = 2'd3;
      default: nvme_index_o = 2'd0;
    endcase
  end

  // --- reads -----------------------------------------------------------------------------------------------
  logic [63:0] function_value, extent_value, queue_value;
  logic [8:0]  one;
  assign one = 9'd1 << addr_i[9:6];

  always_comb begin
    case (addr_i[5:3])
      3'd0: extent_value = first_i;
      3'd1: extent_value = length_i;
      3'd2: extent_value = remote_i;
      3'd3: extent_value = {45'd0, map_i[11:9], 3'd0, map_i[8:4], 4'd0, map_i[3:0]};
      3'd4: extent_value = target_i;
      default: extent_value = 64'd0;
    endcase
    case (offset)
      FN_CC: function_value = {32'd0, nvme_i[63:32]};
      FN_CSTS: function_value = {60'd0, csts_i};
      FN_AQA: function_value = {32'd0, nvme_i[31:0]};
      FN_ASQ, FN_ACQ: function_value = nvme_i;
      FN_NS: function_value = {54'd0, shift_i, 7'd0, attached_i};
      FN_NS_SIZE: function_value = size_i;
      FN_ARBITRATION: function_value = {32'd0, arbitration_i};
      FN_COALESCING: function_value = {39'd0, coalescing_i};
      FN_INFLIGHT: function_value = {57'd0, inflight_i};
      default: function_value = 64'd0;
    endcase
    case (addr_i[5:3])
      3'd0: queue_value = {sq_page_i, 12'd0};
      3'd1: queue_value = {35'd0, sq_i.size, 8'd0, sq_i.cqid, 1'b0, priority_i, (bits_i.sq_valid & one) != 9'd0};
      3'd2: queue_value = {25'd0, sq_i.inflight, 3'd0, sq_i.tail, 3'd0, sq_i.head};
      3'd4: queue_value = {cq_page_i, 12'd0};
      3'd5: queue_value = {35'd0, cq_i.size, 8'd0, cq_i.irq_vector, 2'd0, cq_i.ien, (bits_i.cq_valid & one) != 9'd0};
      3'd6: queue_value = {31'd0, cq_i.phase, 3'd0, cq_i.tail, 3'd0, cq_i.head};
      default: queue_value = 64'd0;
    endcase
  end

  always_comb begin
    answer_o = 64'd0;
    if (active_i && !write_i) begin
      if (is_global) answer_o = global_i;
      else if (is_extent) answer_o = extent_value;
      else if (is_function) answer_o = function_value;
      else if (is_queue) answer_o = queue_value;
    end
  end

  // --- writes of a function --------------------------------------------------------------------------------
  logic writes, writes_function, writes_queue;
  assign writes          = active_i && write_i;
  assign writes_function = writes && is_function;
  assign writes_queue    = writes && is_queue;
  assign global_write_o  = writes && is_global;
  assign csts_we_o       = writes_function && offset == FN_CSTS;
  assign csts_o          = {data_i[3:1], data_i[0] && en_i && !busy_i};
  assign attached_we_o   = writes_function && offset == FN_NS;
  assign size_we_o       = writes_function && offset == FN_NS_SIZE;
  assign arbitration_we_o = writes_function && offset == FN_ARBITRATION;
  assign coalescing_we_o  = writes_function && offset == FN_COALESCING;
  assign extent_we_o     = (writes && is_extent && addr_i[5:3] <= 3'd4) ? 5'd1 << addr_i[5:3] : 5'd0;

  // --- writes of a queue -----------------------------------------------------------------------------------
  logic        valid, allowed, sq_control, cq_control, sq_state, cq_state;
  logic [12:0] size;
  logic [15:0] head, tail;
  assign valid        = data_i[0];
  assign size         = data_i[see_pkg::SEE_SQ_CONTROL_SIZE_LSB +: see_pkg::SEE_SQ_CONTROL_SIZE_WIDTH];
  assign allowed      = !valid || (en_i && !busy_i && size >= 13'd2 && size <= 13'(see_pkg::SEE_MAX_ADMIN_ENTRIES));
  assign sq_control   = writes_queue && addr_i[5:3] == 3'd1 && allowed;
  assign cq_control   = writes_queue && addr_i[5:3] == 3'd5 && allowed;
  assign head         = data_i[15:0];
  assign tail         = data_i[31:16];
  assign sq_state     = writes_queue && addr_i[5:3] == 3'd2 && (bits_i.sq_valid & one) != 9'd0 && head < 16'(sq_i.size) && tail < 16'(sq_i.size);
  assign cq_state     = writes_queue && addr_i[5:3] == 3'd6 && (bits_i.cq_valid & one) != 9'd0 && head < 16'(cq_i.size) && tail < 16'(cq_i.size);
  assign sq_page_we_o = writes_queue && addr_i[5:3] == 3'd0;
  assign cq_page_we_o = writes_queue && addr_i[5:3] == 3'd4;
  assign wake_o       = sq_control || cq_control || sq_state || cq_state;
  assign bits_we_o    = sq_control || cq_control || sq_state;
  assign sq_we_o      = (sq_control && valid) || sq_state;
  assign priority_we_o = sq_control && valid && addr_i[9:6] != 4'd0;
  assign cq_we_o      = (cq_control && valid) || cq_state;

  always_comb begin
    bits_o = bits_i;
    if (sq_control) begin
      bits_o.sq_valid = valid ? bits_i.sq_valid | one : bits_i.sq_valid & ~one;
      bits_o.pend     = bits_i.pend & ~one;
    end
    if (sq_state) bits_o.pend = head != tail ? bits_i.pend | one : bits_i.pend & ~one;
    if (cq_control) bits_o.cq_valid = valid ? bits_i.cq_valid | one : bits_i.cq_valid & ~one;
    sq_o.inflight = sq_i.inflight;
    sq_o.size     = size;
    sq_o.cqid     = data_i[see_pkg::SEE_SQ_CONTROL_CQID_LSB +: see_pkg::SEE_SQ_CONTROL_CQID_WIDTH];
    sq_o.head     = 13'd0;
    sq_o.tail     = 13'd0;
    cq_o.size       = size;
    cq_o.ien        = data_i[see_pkg::SEE_CQ_CONTROL_IEN_LSB];
    cq_o.irq_vector = data_i[see_pkg::SEE_CQ_CONTROL_VECTOR_LSB +: see_pkg::SEE_CQ_CONTROL_VECTOR_WIDTH];
    cq_o.head       = 13'd0;
    cq_o.tail       = 13'd0;
    cq_o.phase      = 1'b1;
    if (sq_state) begin
      sq_o      = sq_i;
      sq_o.head = head[12:0];
      sq_o.tail = tail[12:0];
    end
    if (cq_state) begin
      cq_o       = cq_i;
      cq_o.head  = head[12:0];
      cq_o.tail  = tail[12:0];
      cq_o.phase = data_i[32];
    end
  end

  logic unused;
  assign unused = &{1'b0, addr_i[2:0], data_i[63:33], nvme_i[63:32]};
endmodule
