// The NIC memory ports: write and read queues, who asked for the next answer. README section 1 (nwq, nrq, who).
//
// RX comes before RW at the write queue, CR before WR at the read queue.
module see_nm
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic run_i,  // not in INIT
  // writers
  input  logic        rx_push_i,
  input  logic [31:0] rx_addr_i,
  input  logic [63:0] rx_data_i,
  input  logic [7:0]  rx_strb_i,
  output logic        rx_ready_o,
  input  logic        rw_push_i,
  input  logic [31:0] rw_addr_i,
  input  logic [63:0] rw_data_i,
  output logic        rw_ready_o,
  output logic        writes_empty_o,
  // readers
  input  logic        cr_ask_i,
  input  logic [31:0] cr_addr_i,
  output logic        cr_ready_o,
  output logic        cr_answer_o,
  input  logic        wr_ask_i,
  input  logic [31:0] wr_addr_i,
  output logic        wr_ready_o,
  output logic        wr_answer_o,
  output logic [63:0] answer_data_o,
  // port nm_rsp
  input  logic        nm_rsp_valid_i,
  input  logic [63:0] nm_rsp_data_i,
  output logic        nm_rsp_ready_o,
  // ports nm_wr and nm_rd
  output logic        nm_wr_valid_o,
  output logic [31:0] nm_wr_addr_o,
  output logic [63:0] nm_wr_data_o,
  output logic [7:0]  nm_wr_strb_o,
  input  logic        nm_wr_ready_i,
  output logic        nm_rd_valid_o,
  output logic [31:0] nm_rd_addr_o,
  input  logic        nm_rd_ready_i,
  output logic        quiet_o
);
  logic        write_ready, read_ready, answer, who, who_valid, who_ready;
  logic [2:0]  write_count;
  logic [1:0]  read_count;
  logic [5:0]  who_count;

  assign rx_ready_o     = write_ready;
  assign rw_ready_o     = write_ready && !rx_push_i;
  assign writes_empty_o = write_count == 3'd0;
  lib_beat_fifo #(.SideWidth(40), .Depth(4)) u_nwq (
    .clk_i, .rst_ni, .push_i(rx_push_i || rw_push_i), .data_i(rx_push_i ? rx_data_i : rw_data_i),
    .side_i(rx_push_i ? {rx_addr_i, rx_strb_i} : {rw_addr_i, 8'hff}), .ready_o(write_ready), .valid_o(nm_wr_valid_o),
    .data_o(nm_wr_data_o), .side_o({nm_wr_addr_o, nm_wr_strb_o}), .pop_i(nm_wr_valid_o && nm_wr_ready_i),
    .count_o(write_count)
  );

  assign cr_ready_o = read_ready;
  assign wr_ready_o = read_ready && !cr_ask_i;
  lib_fifo #(.Width(32), .Depth(2)) u_nrq (
    .clk_i, .rst_ni, .push_i(cr_ask_i || wr_ask_i), .data_i(cr_ask_i ? cr_addr_i : wr_addr_i), .ready_o(read_ready),
    .valid_o(nm_rd_valid_o), .data_o(nm_rd_addr_o), .pop_i(nm_rd_valid_o && nm_rd_ready_i), .count_o(read_count)
  );

  assign nm_rsp_ready_o = run_i;
  assign answer         = nm_rsp_valid_i && run_i && who_valid;
  assign cr_answer_o    = answer && who;
  assign wr_answer_o    = answer && !who;
  assign answer_data_o  = nm_rsp_data_i;
  lib_fifo #(.Width(1), .Depth(32)) u_who (
    .clk_i, .rst_ni, .push_i(cr_ask_i || wr_ask_i), .data_i(cr_ask_i), .ready_o(who_ready), .valid_o(who_valid),
    .data_o(who), .pop_i(answer), .count_o(who_count)
  );

  assign quiet_o = write_count == 3'd0 && read_count == 2'd0 && who_count == 6'd0;

  logic unused;
  assign unused = who_ready;

  `LIB_ASSERT(a_one_writer, !(rx_push_i && rw_push_i))
  `LIB_ASSERT(a_one_reader, !(cr_ask_i && wr_ask_i))
  `LIB_STABLE(a_nm_wr, nm_wr_valid_o, nm_wr_ready_i, {nm_wr_addr_o, nm_wr_data_o, nm_wr_strb_o})
  `LIB_STABLE(a_nm_rd, nm_rd_valid_o, nm_rd_ready_i, nm_rd_addr_o)
  `LIB_STABLE(a_nm_rsp, nm_rsp_valid_i, nm_rsp_ready_o, nm_rsp_data_i)
endmodule
