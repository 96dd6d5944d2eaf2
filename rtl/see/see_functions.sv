// What the sequencer keeps per function beside queues: controller registers, status, requests for a reset and events
// that the firmware has yet to hear of. README section 8, State.
//
// A bit vector has bit f for function f. In one commit at most one item acts, so no two inputs below meet.
module see_functions
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic        init_i,
  input  logic [11:0] init_index_i,
  input  logic        commit_i,
  input  logic [4:0]  fn_i,
  // controller registers in RAM: 0 {CC, INTM}, 1 AQA, 2 ASQ, 3 ACQ; nvme_o is the word of the last cycle's nvme_index_i
  input  logic [1:0]  nvme_index_i,
  output logic [63:0] nvme_o,
  input  logic        nvme_we_i,  // any cycle
  input  logic [63:0] nvme_i,
  // REQ
  input  logic        en_we_i,
  input  logic        en_i,
  input  logic        want_enable_i,
  input  logic        want_shutdown_i,
  input  logic        want_reset_i,
  input  logic [16:0] want_flr_i,
  // REG and DONE
  input  logic        csts_we_i,
  input  logic [3:0]  csts_i,
  input  logic        fatal_i,
  // RING: the event of the descriptor, lowest function first: FLR, disable, enable, shutdown
  input  logic        event_taken_i,
  output logic        event_pending_o,
  output logic [4:0]  event_fn_o,
  output logic [1:0]  event_kind_o,
  // RSTART and RFINISH
  input  logic        rstart_i,
  input  logic        rfinish_i,
  input  logic        rd_marked_i,
  input  logic        wr_marked_i,
  output logic        reset_wanted_o,
  output logic        reset_active_o,
  output logic        reset_marked_o,
  output logic [4:0]  reset_fn_o,
  output logic        reset_flr_o,
  output logic [4:0]  wanted_fn_o,  // the function that RSTART takes
  // state
  output logic [3:0]  csts_o,       // of fn_i
  output logic [16:0] en_o,
  output logic [16:0] rdy_o,
  output logic [16:0] cfs_o,
  output logic [16:0] kill_o,
  output logic [16:0] busy_o
);
  logic [16:0] en_q, rdy_q, cfs_q, shst0_q, shst1_q, kill_q, rst_req_q, flr_req_q;
  logic [16:0] ev_flr_q, ev_dis_q, ev_en_q, ev_shn_q;
  logic [16:0] one, set_shutdown, set_reset, set_enable;
  logic        active_q, flr_q, rd_marked_q, wr_marked_q;
  logic [4:0]  reset_fn_q;

  assign one            = 17'd1 << fn_i;
  assign en_o           = en_q;
  assign rdy_o          = rdy_q;
  assign cfs_o          = cfs_q;
  assign kill_o         = kill_q;
  assign busy_o         = kill_q | rst_req_q | flr_req_q;
  assign csts_o         = {shst1_q[fn_i], shst0_q[fn_i], cfs_q[fn_i], rdy_q[fn_i]};
  assign reset_wanted_o = (rst_req_q | flr_req_q) != '0;
  assign reset_active_o = active_q;
  assign reset_marked_o = rd_marked_q && wr_marked_q;
  assign reset_fn_o     = reset_fn_q;
  assign reset_flr_o    = flr_q;

  // --- controller registers --------------------------------------------------------------------------
  logic clear;
  assign clear = init_i && init_index_i < 12'(see_pkg::SEE_NUM_FUNCTIONS * 4);
  lib_ram #(.Width(64), .Words(see_pkg::SEE_NUM_FUNCTIONS * 4)) u_nvme (
    .clk_i, .re_i(1'b1), .raddr_i({fn_i, nvme_index_i}), .rdata_o(nvme_o), .we_i(clear || nvme_we_i),
    .waddr_i(init_i ? init_index_i[6:0] : {fn_i, nvme_index_i}), .wdata_i(init_i ? 64'd0 : nvme_i)
  );

  // --- choices ---------------------------------------------------------------------------------------
  logic [16:0] events;
  logic [31:0] wanted;
  assign wanted          = {15'd0, rst_req_q | flr_req_q};
  assign event_pending_o = (ev_flr_q | ev_dis_q | ev_en_q | ev_shn_q) != '0;
  always_comb begin
    if (ev_flr_q != '0) {event_kind_o, events} = {2'd0, ev_flr_q};
    else if (ev_dis_q != '0) {event_kind_o, events} = {2'd1, ev_dis_q};
    else if (ev_en_q != '0) {event_kind_o, events} = {2'd2, ev_en_q};
    else {event_kind_o, events} = {2'd3, ev_shn_q};
    event_fn_o  = 5'd0;
    wanted_fn_o = 5'd0;
    if (event_pending_o) event_fn_o = see_types::index32({15'd0, events & (~events + 17'd1)});
    if (reset_wanted_o) wanted_fn_o = see_types::index32(wanted & (~wanted + 32'd1));
  end

  // --- state -----------------------------------------------------------------------------------------
  assign set_shutdown = want_shutdown_i ? one : '0;
  assign set_reset    = want_reset_i ? one : '0;
  assign set_enable   = want_enable_i ? one : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      en_q      <= '0;
      rdy_q     <= '0;
      cfs_q     <= '0;
      shst0_q   <= '0;
      shst1_q   <= '0;
      kill_q    <= '0;
      rst_req_q <= '0;
      flr_req_q <= '0;
      ev_flr_q  <= '0;
      ev_dis_q  <= '0;
      ev_en_q   <= '0;
      ev_shn_q  <= '0;
      active_q  <= 1'b0;
    end else if (commit_i) begin
      ev_en_q   <= ev_en_q | set_enable;
      ev_shn_q  <= ev_shn_q | set_shutdown;
      rst_req_q <= rst_req_q | set_reset;
      flr_req_q <= flr_req_q | want_flr_i;
      if (en_we_i) en_q[fn_i] <= en_i;
      if (csts_we_i) begin
        rdy_q[fn_i]   <= csts_i[0];
        cfs_q[fn_i]   <= csts_i[1];
        shst0_q[fn_i] <= csts_i[2];
        shst1_q[fn_i] <= csts_i[3];
      end
      if (fatal_i) cfs_q[fn_i] <= 1'b1;
      if (event_taken_i) begin
        case (event_kind_o)
          2'd0: ev_flr_q <= ev_flr_q & ~one;
          2'd1: ev_dis_q <= ev_dis_q & ~one;
          2'd2: ev_en_q <= ev_en_q & ~one;
          default: ev_shn_q <= ev_shn_q & ~one;
        endcase
      end
      if (rstart_i) begin
        active_q   <= 1'b1;
        reset_fn_q <= fn_i;
        flr_q      <= flr_req_q[fn_i];
        rst_req_q  <= rst_req_q & ~one;
        flr_req_q  <= flr_req_q & ~one;
        kill_q     <= kill_q | one;
      end
      if (rfinish_i) begin
        active_q <= 1'b0;
        kill_q   <= kill_q & ~one;
        rdy_q    <= rdy_q & ~one;
        cfs_q    <= cfs_q & ~one;
        shst0_q  <= shst0_q & ~one;
        shst1_q  <= shst1_q & ~one;
        ev_shn_q <= ev_shn_q & ~one;
        ev_en_q  <= ev_en_q & ~one;
        if (flr_q) begin
          en_q     <= en_q & ~one;
          ev_dis_q <= ev_dis_q & ~one;
          ev_flr_q <= ev_flr_q | one;
        end else begin
          ev_dis_q <= ev_dis_q | one;
          if (en_q[fn_i] && !rst_req_q[fn_i] && !flr_req_q[fn_i]) ev_en_q <= ev_en_q | one;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || (commit_i && rstart_i)) begin
      rd_marked_q <= 1'b0;
      wr_marked_q <= 1'b0;
    end else if (commit_i) begin
      if (rd_marked_i) rd_marked_q <= 1'b1;
      if (wr_marked_i) wr_marked_q <= 1'b1;
    end
  end

  `LIB_ASSERT(a_one_killed, (kill_q & (kill_q - 17'd1)) == '0)
endmodule
