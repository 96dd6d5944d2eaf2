// Registers and counters.
//
// Contract: an access is taken in a cycle with `ready_i`, its answer is there in the next one. `flush_o` and `tables_drop_o` are up in the cycle in which the
// write is taken. Events of a cycle are counted at its end: an access in that cycle does not see them yet.
module clb_regs (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        ready_i,
  input  logic        reg_valid_i,
  input  logic        reg_write_i,
  input  logic [11:0] reg_addr_i,
  input  logic [63:0] reg_data_i,
  output logic        rsp_valid_o,
  input  logic        rsp_ready_i,
  output logic [63:0] rsp_data_o,
  input  logic [clb_pkg::CLB_EVENTS-1:0] events_i,
  input  logic [1:0]  killed_i,
  input  logic [1:0]  killed_cause_i,
  input  logic [31:0] epoch_i,
  input  logic [9:0]  next_small_i,
  input  logic [8:0]  next_large_i,
  output logic        use_buffer_o,
  output logic [55:0] buffer_o,
  input  logic [1:0]  set_i,
  output logic [55:0] table_base_o,   // of set_i
  output logic        tables_drop_o,
  output logic        flush_o
);
  localparam int EVENTS = clb_pkg::CLB_EVENTS;

  logic [EVENTS*32-1:0] count_q;
  logic [4*32-1:0]      killed_q;
  logic [55:0]          table_mem [0:3];
  logic [3:0]           table_set_q;
  logic [11:0]          addr, counter_offset, killed_offset;
  logic                 taken, written, in_tables, in_counters, in_killed;
  logic [63:0]          data;

  assign addr           = {reg_addr_i[11:3], 3'd0};
  assign taken          = reg_valid_i && ready_i;
  assign written        = taken && reg_write_i;
  assign in_tables      = addr >= 12'(clb_pkg::CLB_TABLE0) && addr <= 12'(clb_pkg::CLB_TABLE3);
  assign counter_offset = addr - 12'(clb_pkg::CLB_COUNTERS);
  assign killed_offset  = addr - 12'(clb_pkg::CLB_KILLED);
  assign in_counters    = counter_offset < 12'(8 * EVENTS);
  assign in_killed      = killed_offset < 12'd32;
  assign tables_drop_o  = written && in_tables;
  assign flush_o        = written && addr == 12'(clb_pkg::CLB_CONTROL) && reg_data_i[clb_pkg::CLB_CONTROL_FLUSH_LSB];
  assign table_base_o   = table_set_q[set_i] ? table_mem[set_i] : 56'd0;

  always_comb begin
    data = 64'd0;
    if (in_tables) begin
      data = table_set_q[addr[4:3]] ? {8'd0, table_mem[addr[4:3]]} : 64'd0;
    end else if (in_counters) begin
      data = {32'd0, count_q[32*counter_offset[7:3] +: 32]};
    end else if (in_killed) begin
      data = {32'd0, killed_q[32*killed_offset[4:3] +: 32]};
    end else begin
      case (addr)
        12'(clb_pkg::CLB_ID): data = clb_pkg::CLB_ID_RESET;
        12'(clb_pkg::CLB_CONTROL): data = {63'd0, use_buffer_o};
        12'(clb_pkg::CLB_BUFFER): data = {8'd0, buffer_o};
        12'(clb_pkg::CLB_EPOCH): data = {32'd0, epoch_i};
        12'(clb_pkg::CLB_CHUNKS): data = {39'd0, next_large_i, 6'd0, next_small_i};
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rsp_valid_o <= 1'b0;
      rsp_data_o  <= 64'd0;
    end else if (taken) begin
      rsp_valid_o <= 1'b1;
      rsp_data_o  <= reg_write_i ? 64'd0 : data;
    end else if (rsp_ready_i) begin
      rsp_valid_o <= 1'b0;
      rsp_data_o  <= 64'd0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      use_buffer_o <= 1'b0;
      buffer_o     <= 56'd0;
      table_set_q  <= 4'd0;
    end else if (written) begin
      if (addr == 12'(clb_pkg::CLB_CONTROL)) use_buffer_o <= reg_data_i[clb_pkg::CLB_CONTROL_BUFFER_LSB];
      if (addr == 12'(clb_pkg::CLB_BUFFER)) buffer_o <= {reg_data_i[55:12], 1'b0, reg_data_i[10:0]};
      if (in_tables) table_set_q[addr[4:3]] <= 1'b1;
    end
    if (tables_drop_o) table_mem[addr[4:3]] <= reg_data_i[55:0];
  end

  // Counters are looked at only where something happened: a simulation does not touch them in most cycles.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q  <= '0;
      killed_q <= '0;
    end else begin
      if (events_i != '0) begin
        for (int i = 0; i < EVENTS; i++) begin
          if (events_i[i]) count_q[32*i +: 32] <= count_q[32*i +: 32] + 32'd1;
        end
      end
      if (killed_i != 2'd0) killed_q[32*killed_cause_i +: 32] <= killed_q[32*killed_cause_i +: 32] + {30'd0, killed_i};
    end
  end
endmodule
