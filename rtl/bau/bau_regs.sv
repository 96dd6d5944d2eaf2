// Registers: one access of a hart at a time; events of the units set their bits and move their counters and indices. README, Registers.
module bau_regs (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         reg_valid_i,
  input  logic         reg_write_i,
  input  logic [19:0]  reg_addr_i,
  input  logic [63:0]  reg_data_i,
  output logic         reg_ready_o,
  output logic         reg_rsp_valid_o,
  output logic [63:0]  reg_rsp_data_o,
  output logic         reg_rsp_retry_o,
  input  logic         reg_rsp_ready_i,
  // unblocks to the engine
  output logic         unblock_o,
  output logic [2:0]   unblock_hart_o,
  output logic [55:0]  unblock_ite_o,
  input  logic         unblock_room_i,
  // events of the units
  input  logic [bau_pkg::BAU_NUM_COUNTERS-1:0] count_i,
  input  logic [7:0]   notify_i,
  input  logic [1:0]   fault_written_i,
  input  logic [1:0]   fault_lost_i,
  input  logic [1:0]   fence_done_i,
  input  logic [1:0]   refused_i,
  input  logic [1:0]   head_move_i,
  input  logic [1:0]   event_written_i,
  input  logic [1:0]   event_lost_i,
  input  logic [63:0]  held_i,
  // configuration
  output logic [63:0]  owner_o,
  output logic [1:0]   pt_valid_o,
  output logic [1:0]   pt_wait_o,
  output logic [15:0]  pt_harts_o,
  output logic [87:0]  pt_base_o,
  output logic [87:0]  pt_limit_o,
  output logic [127:0] lpid_map_o,
  output logic [1:0]   enable_o,
  output logic [1:0]   command_enable_o,
  output logic [1:0]   fault_enable_o,
  output logic [111:0] device_table_o,
  output logic [13:0]  device_length_o,
  output logic [111:0] command_base_o,
  output logic [15:0]  command_head_o,
  output logic [15:0]  command_tail_o,
  output logic [111:0] fault_base_o,
  output logic [7:0]   fault_log2_o,
  output logic [15:0]  fault_head_o,
  output logic [15:0]  fault_tail_o,
  output logic [1:0]   event_enable_o,
  output logic [111:0] event_base_o,
  output logic [7:0]   event_log2_o,
  output logic [15:0]  event_head_o,
  output logic [15:0]  event_tail_o,
  output logic [127:0] subclass_mask_o,
  // outputs of the block
  output logic [7:0]   notify_o,
  output logic [1:0]   irq_o,
  output logic         quiet_o
);
  localparam logic [7:0] PARTITION_PAGES = 8'(bau_pkg::BAU_PARTITION_PAGE >> 12);
  localparam logic [7:0] GUEST_PAGES     = 8'(bau_pkg::BAU_GUEST_PAGE >> 12);

  typedef enum logic [1:0] {REST, EXECUTE, ANSWER} state_e;

  state_e      state_q, state_d;
  logic        write_q, retry_q, retry_d;
  logic [19:3] address_q;
  logic [63:0] data_q, data_d, owner_q;

  // --- where the access goes ------------------------------------------------------------------------------
  logic [11:0] offset;
  logic [7:0]  page;
  logic        in_global, in_table, in_counts, in_notify, in_guest, do_write;
  assign page      = address_q[19:12];
  assign offset    = {address_q[11:3], 3'd0};
  assign in_global = page == 8'd0;
  assign in_table  = in_global && offset[11:7] == 5'(bau_pkg::BAU_PT_CONTROL >> 7);
  assign in_counts = in_global && offset[11:8] == 4'(bau_pkg::BAU_COUNT_MESSAGES >> 8);
  assign in_notify = page == 8'(bau_pkg::BAU_NOTIFY_PAGE >> 12) && offset[11:7] == 5'd0;
  assign in_guest  = page[7:3] == GUEST_PAGES[7:3];
  assign do_write  = state_q == EXECUTE && write_q;

  assign unblock_o      = do_write && in_guest && offset == 12'(bau_pkg::BAU_UNBLOCK);
  assign unblock_hart_o = page[2:0];
  assign unblock_ite_o  = {data_q[55:5], 5'd0};

  // --- partitions -------------------------------------------------------------------------------------------
  logic [127:0] table_reads, page_reads;
  for (genvar p = 0; p < bau_pkg::BAU_NUM_PARTITIONS; p++) begin : g_partition
    logic        valid_q, wait_q;
    logic [7:0]  harts_q;
    logic [43:0] base_q, limit_q;
    logic [63:0] lpid_map_q;
    logic [3:0]  enables_q;
    logic [2:0]  irqs_q;
    logic [5:0]  status_q, status_set;
    logic [49:0] device_table_q, command_base_q, fault_base_q, event_base_q;
    logic [6:0]  device_length_q;
    logic [3:0]  command_log2_q, command_log2_d, fault_log2_q, fault_log2_d, event_log2_q, event_log2_d, new_log2;
    logic [7:0]  command_head_q, command_head_d, command_tail_q, command_tail_d;
    logic [7:0]  fault_head_q, fault_head_d, fault_tail_q, fault_tail_d;
    logic [7:0]  event_head_q, event_head_d, event_tail_q, event_tail_d;
    logic        table_hit, page_hit, table_write, page_write;

    assign table_hit   = in_table && offset[6] == 1'(p);
    assign page_hit    = page == PARTITION_PAGES + 8'(p);
    assign table_write = do_write && table_hit;
    assign page_write  = do_write && page_hit;
    assign new_log2    = data_q[3:0] > 4'd8 ? 4'd8 : data_q[3:0];
    assign status_set  = {event_lost_i[p], event_written_i[p], refused_i[p], fence_done_i[p], fault_lost_i[p], fault_written_i[p]};

    always_comb begin
      case (offset[5:0])
        6'(bau_pkg::BAU_PT_CONTROL): table_reads[64*p +: 64] = {48'd0, harts_q, 6'd0, wait_q, valid_q};
        6'(bau_pkg::BAU_PT_BASE):    table_reads[64*p +: 64] = {8'd0, base_q, 12'd0};
        6'(bau_pkg::BAU_PT_LIMIT):   table_reads[64*p +: 64] = {8'd0, limit_q, 12'd0};
        6'(bau_pkg::BAU_PT_LPID_MAP): table_reads[64*p +: 64] = lpid_map_q;
        default:                     table_reads[64*p +: 64] = 64'd0;
      endcase
      case (offset)
        12'(bau_pkg::BAU_CONTROL):             page_reads[64*p +: 64] = {53'd0, irqs_q, 4'd0, enables_q};
        12'(bau_pkg::BAU_STATUS):              page_reads[64*p +: 64] = {58'd0, status_q};
        12'(bau_pkg::BAU_DEVICE_TABLE):        page_reads[64*p +: 64] = {8'd0, device_table_q, 6'd0};
        12'(bau_pkg::BAU_DEVICE_TABLE_LENGTH): page_reads[64*p +: 64] = {57'd0, device_length_q};
        12'(bau_pkg::BAU_COMMAND_BASE):        page_reads[64*p +: 64] = {8'd0, command_base_q, 6'd0};
        12'(bau_pkg::BAU_COMMAND_SIZE):        page_reads[64*p +: 64] = {60'd0, command_log2_q};
        12'(bau_pkg::BAU_COMMAND_HEAD):        page_reads[64*p +: 64] = {56'd0, command_head_q};
        12'(bau_pkg::BAU_COMMAND_TAIL):        page_reads[64*p +: 64] = {56'd0, command_tail_q};
        12'(bau_pkg::BAU_FAULT_BASE):          page_reads[64*p +: 64] = {8'd0, fault_base_q, 6'd0};
        12'(bau_pkg::BAU_FAULT_SIZE):          page_reads[64*p +: 64] = {60'd0, fault_log2_q};
        12'(bau_pkg::BAU_FAULT_HEAD):          page_reads[64*p +: 64] = {56'd0, fault_head_q};
        12'(bau_pkg::BAU_FAULT_TAIL):          page_reads[64*p +: 64] = {56'd0, fault_tail_q};
        12'(bau_pkg::BAU_EVENT_BASE):          page_reads[64*p +: 64] = {8'd0, event_base_q, 6'd0};
        12'(bau_pkg::BAU_EVENT_SIZE):          page_reads[64*p +: 64] = {60'd0, event_log2_q};
        12'(bau_pkg::BAU_EVENT_HEAD):          page_reads[64*p +: 64] = {56'd0, event_head_q};
        12'(bau_pkg::BAU_EVENT_TAIL):          page_reads[64*p +: 64] = {56'd0, event_tail_q};
        12'(bau_pkg::BAU_HELD):                page_reads[64*p +: 64] = held_i & (p == 1 ? owner_q : ~owner_q);
        default:                               page_reads[64*p +: 64] = 64'd0;
      endcase
    end

    // Indices: first what software writes, then the move of the BAU, both within the size.
    always_comb begin
      command_log2_d = command_log2_q;
      command_head_d = command_head_q;
      command_tail_d = command_tail_q;
      fault_log2_d   = fault_log2_q;
      fault_head_d   = fault_head_q;
      fault_tail_d   = fault_tail_q;
      event_log2_d   = event_log2_q;
      event_head_d   = event_head_q;
      event_tail_d   = event_tail_q;
      if (page_write) begin
        case (offset)
          12'(bau_pkg::BAU_COMMAND_SIZE): begin
            command_log2_d = new_log2;
            command_head_d = 8'd0;
            command_tail_d = 8'd0;
          end
          12'(bau_pkg::BAU_COMMAND_TAIL): command_tail_d = data_q[7:0] & ~(8'hff << command_log2_q);
          12'(bau_pkg::BAU_FAULT_SIZE): begin
            fault_log2_d = new_log2;
            fault_head_d = 8'd0;
            fault_tail_d = 8'd0;
          end
          12'(bau_pkg::BAU_FAULT_HEAD): fault_head_d = data_q[7:0] & ~(8'hff << fault_log2_q);
          12'(bau_pkg::BAU_EVENT_SIZE): begin
            event_log2_d = new_log2;
            event_head_d = 8'd0;
            event_tail_d = 8'd0;
          end
          12'(bau_pkg::BAU_EVENT_HEAD): event_head_d = data_q[7:0] & ~(8'hff << event_log2_q);
          default: ;
        endcase
      end
      command_head_d = (command_head_d + {7'd0, head_move_i[p]}) & ~(8'hff << command_log2_d);
      event_tail_d   = (event_tail_d + {7'd0, event_written_i[p]}) & ~(8'hff << event_log2_d);
      fault_tail_d   = (fault_tail_d + {7'd0, fault_written_i[p]}) & ~(8'hff << fault_log2_d);
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        valid_q         <= 1'b0;
        wait_q          <= 1'b0;
        harts_q         <= 8'd0;
        base_q          <= 44'd0;
        limit_q         <= 44'd0;
        lpid_map_q      <= 64'd0;
        enables_q       <= 4'd0;
        irqs_q          <= 3'd0;
        status_q        <= 6'd0;
        device_table_q  <= 50'd0;
        device_length_q <= 7'd0;
        command_base_q  <= 50'd0;
        command_log2_q  <= 4'd0;
        command_head_q  <= 8'd0;
        command_tail_q  <= 8'd0;
        fault_base_q    <= 50'd0;
        fault_log2_q    <= 4'd0;
        fault_head_q    <= 8'd0;
        fault_tail_q    <= 8'd0;
        event_base_q    <= 50'd0;
        event_log2_q    <= 4'd0;
        event_head_q    <= 8'd0;
        event_tail_q    <= 8'd0;
      end else begin
        command_log2_q <= command_log2_d;
        command_head_q <= command_head_d;
        command_tail_q <= command_tail_d;
        fault_log2_q   <= fault_log2_d;
        fault_head_q   <= fault_head_d;
        fault_tail_q   <= fault_tail_d;
        event_log2_q   <= event_log2_d;
        event_head_q   <= event_head_d;
        event_tail_q   <= event_tail_d;
        status_q       <= (page_write && offset == 12'(bau_pkg::BAU_STATUS) ? status_q & ~data_q[5:0] : status_q) | status_set;
        if (table_write) begin
          case (offset[5:0])
            6'(bau_pkg::BAU_PT_CONTROL): begin
              valid_q <= data_q[bau_pkg::BAU_PT_CONTROL_VALID_LSB];
              wait_q  <= data_q[bau_pkg::BAU_PT_CONTROL_WAIT_LSB];
              harts_q <= data_q[bau_pkg::BAU_PT_CONTROL_HARTS_LSB +: 8];
            end
            6'(bau_pkg::BAU_PT_BASE):     base_q     <= data_q[55:12];
            6'(bau_pkg::BAU_PT_LIMIT):    limit_q    <= data_q[55:12];
            6'(bau_pkg::BAU_PT_LPID_MAP): lpid_map_q <= data_q;
            default: ;
          endcase
        end
        if (page_write) begin
          case (offset)
            12'(bau_pkg::BAU_CONTROL): begin
              enables_q <= data_q[3:0];
              irqs_q    <= data_q[10:8];
            end
            12'(bau_pkg::BAU_DEVICE_TABLE):        device_table_q  <= data_q[55:6];
            12'(bau_pkg::BAU_DEVICE_TABLE_LENGTH): device_length_q <= data_q[6:0];
            12'(bau_pkg::BAU_COMMAND_BASE):        command_base_q  <= data_q[55:6];
            12'(bau_pkg::BAU_FAULT_BASE):          fault_base_q    <= data_q[55:6];
            12'(bau_pkg::BAU_EVENT_BASE):          event_base_q    <= data_q[55:6];
            default: ;
          endcase
        end
      end
    end

    assign pt_valid_o[p]              = valid_q;
    assign pt_wait_o[p]               = wait_q;
    assign pt_harts_o[8*p +: 8]       = harts_q;
    assign pt_base_o[44*p +: 44]      = base_q;
    assign pt_limit_o[44*p +: 44]     = limit_q;
    assign lpid_map_o[64*p +: 64]     = lpid_map_q;
    assign enable_o[p]                = enables_q[0];
    assign command_enable_o[p]        = enables_q[1];
    assign fault_enable_o[p]          = enables_q[2];
    assign device_table_o[56*p +: 56] = {device_table_q, 6'd0};
    assign device_length_o[7*p +: 7]  = device_length_q;
    assign command_base_o[56*p +: 56] = {command_base_q, 6'd0};
    assign command_head_o[8*p +: 8]   = command_head_q;
    assign command_tail_o[8*p +: 8]   = command_tail_q;
    assign fault_base_o[56*p +: 56]   = {fault_base_q, 6'd0};
    assign fault_log2_o[4*p +: 4]     = fault_log2_q;
    assign fault_head_o[8*p +: 8]     = fault_head_q;
    assign fault_tail_o[8*p +: 8]     = fault_tail_q;
    assign event_enable_o[p]          = enables_q[3];
    assign event_base_o[56*p +: 56]   = {event_base_q, 6'd0};
    assign event_log2_o[4*p +: 4]     = event_log2_q;
    assign event_head_o[8*p +: 8]     = event_head_q;
    assign event_tail_o[8*p +: 8]     = event_tail_q;
    assign irq_o[p] = (irqs_q[0] && status_q[1:0] != 2'd0) || (irqs_q[1] && status_q[3:2] != 2'd0)
                      || (irqs_q[2] && status_q[5:4] != 2'd0);
  end

  // --- notification of harts ------------------------------------------------------------------------------------
  logic [127:0] subclass_mask_q;
  logic [7:0]   notify_q, acknowledged;
  always_comb begin
    acknowledged = 8'd0;
    if (do_write && in_notify && offset[3]) acknowledged[offset[6:4]] = data_q[0];
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      subclass_mask_q <= 128'd0;
      notify_q        <= 8'd0;
    end else begin
      notify_q <= (notify_q & ~acknowledged) | notify_i;
      if (do_write && in_notify && !offset[3]) subclass_mask_q[16*offset[6:4] +: 16] <= data_q[15:0];
    end
  end

  // --- counters ---------------------------------------------------------------------------------------------------
  logic [64*bau_pkg::BAU_NUM_COUNTERS-1:0] counters;
  for (genvar k = 0; k < bau_pkg::BAU_NUM_COUNTERS; k++) begin : g_counter
    logic [63:0] count_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) count_q <= 64'd0;
      else if (count_i[k]) count_q <= count_q + 64'd1;
    end
    assign counters[64*k +: 64] = count_q;
  end

  // --- reads --------------------------------------------------------------------------------------------------------
  logic [63:0] global_read, read;
  always_comb begin
    case (offset)
      12'(bau_pkg::BAU_ID):              global_read = bau_pkg::BAU_ID_RESET;
      12'(bau_pkg::BAU_CAPACITY):        global_read = bau_pkg::BAU_CAPACITY_RESET;
      12'(bau_pkg::BAU_REQUESTER_OWNER): global_read = owner_q;
      default:                           global_read = 64'd0;
    endcase
    if (in_table) global_read = table_reads[64*offset[6] +: 64];
    if (in_counts) global_read = offset[7:3] < 5'(bau_pkg::BAU_NUM_COUNTERS) ? counters[64*offset[7:3] +: 64] : 64'd0;
    read = 64'd0;
    if (in_global) read = global_read;
    else if (page == PARTITION_PAGES) read = page_reads[63:0];
    else if (page == PARTITION_PAGES + 8'd1) read = page_reads[127:64];
    else if (in_notify && offset[3]) read = {63'd0, notify_q[offset[6:4]]};
    else if (in_notify) read = {48'd0, subclass_mask_q[16*offset[6:4] +: 16]};
  end

  // --- the access -----------------------------------------------------------------------------------------------------
  always_comb begin
    state_d = state_q;
    data_d  = data_q;
    retry_d = retry_q;
    case (state_q)
      EXECUTE: begin
        data_d  = write_q ? 64'd0 : read;
        retry_d = unblock_o && !unblock_room_i;
        state_d = ANSWER;
      end
      ANSWER: if (reg_rsp_ready_i) state_d = REST;
      default: if (reg_valid_i) begin
        data_d  = reg_data_i;
        state_d = EXECUTE;
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= REST;
      owner_q <= 64'd0;
    end else begin
      state_q <= state_d;
      if (state_q == REST && reg_valid_i) begin
        write_q   <= reg_write_i;
        address_q <= reg_addr_i[19:3];
      end
      if (do_write && in_global && offset == 12'(bau_pkg::BAU_REQUESTER_OWNER)) owner_q <= data_q;
    end
    data_q  <= data_d;
    retry_q <= retry_d;
  end

  assign reg_ready_o     = state_q == REST;
  assign reg_rsp_valid_o = state_q == ANSWER;
  assign reg_rsp_data_o  = state_q == ANSWER ? data_q : 64'd0;
  assign reg_rsp_retry_o = state_q == ANSWER && retry_q;
  assign owner_o         = owner_q;
  assign subclass_mask_o = subclass_mask_q;
  assign notify_o        = notify_q;
  assign quiet_o         = state_q == REST;

  logic unused_address;
  assign unused_address = ^reg_addr_i[2:0];

  `LIB_STABLE(a_reg_rsp, reg_rsp_valid_o, reg_rsp_ready_i, ({reg_rsp_data_o, reg_rsp_retry_o}))
endmodule
