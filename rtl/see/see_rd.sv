// RD: cuts read jobs into read requests, one tag each, and reports what became of them. README section 5.
module see_rd
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [16:0] drop_i,  // functions that must not read
  // rdq
  input  logic                 push_i,
  input  see_types::read_job_t job_i,
  input  logic [63:0]          addr_i,
  output logic                 ready_o,
  // tags
  input  logic                  tag_free_i,
  input  logic [2:0]            tag_index_i,
  input  logic [4:0]            tag_gen_i,
  output logic                  tag_open_o,
  output see_types::read_job_t  tag_job_o,
  output logic [9:0]            tag_bytes_o,
  input  logic                  others_only_i,
  input  logic                  collect_i,
  input  see_types::read_done_t collected_i,
  output logic                  collect_ready_o,
  // rdrq, to TX
  output logic        request_valid_o,
  output logic [63:0] request_beat0_o,
  output logic [63:0] request_beat1_o,
  input  logic        request_pop_i,
  // doneq, to the sequencer
  output logic                  done_valid_o,
  output see_types::read_done_t done_o,
  input  logic                  done_pop_i,
  output logic                  quiet_o
);
  logic                 load, queue_valid;
  see_types::read_job_t queue_job, job_q, job_d;
  logic [63:0]          queue_addr, addr_q, addr_d;
  logic                 valid_q, valid_d;
  logic [3:0]           queue_count;

  lib_beat_fifo #(.SideWidth(see_types::READ_JOB_BITS), .Depth(8)) u_rdq (
    .clk_i, .rst_ni, .push_i, .data_i(addr_i), .side_i(job_i), .ready_o, .valid_o(queue_valid),
    .data_o(queue_addr), .side_o(queue_job), .pop_i(load), .count_o(queue_count)
  );

  // --- what the job in hand can do in this cycle -----------------------------------------------------
  logic       report, request_ready, may_report, issue;
  logic [9:0] room, bytes;
  assign may_report = valid_q && !collect_i && collect_ready_o;
  assign room       = 10'(see_pkg::SEE_READ_REQUEST_BYTES) - {1'b0, addr_q[8:0]};
  assign load       = !valid_q && queue_valid;
  assign report     = may_report && ((job_q.kind == see_types::READ_MARK) ? others_only_i : drop_i[job_q.fn]);
  assign issue      = valid_q && job_q.kind != see_types::READ_MARK && !drop_i[job_q.fn] && tag_free_i && request_ready;

  always_comb begin
    if (addr_q[2]) bytes = 10'd4;
    else if (job_q.len < {8'd0, room}) bytes = job_q.len[9:0];
    else bytes = room;
  end

  always_comb begin
    job_d   = job_q;
    addr_d  = addr_q;
    valid_d = valid_q;
    if (load) begin
      job_d   = queue_job;
      addr_d  = queue_addr;
      valid_d = 1'b1;
    end else if (issue) begin
      job_d.dest = job_q.dest + {22'd0, bytes};
      job_d.len  = job_q.len - {8'd0, bytes};
      addr_d     = addr_q + {54'd0, bytes};
      valid_d    = job_d.len != 18'd0;
    end else if (report) begin
      valid_d = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_d;
    job_q  <= job_d;
    addr_q <= addr_d;
  end

  assign tag_open_o  = issue;
  assign tag_job_o   = job_q;
  assign tag_bytes_o = bytes;

  // --- rdrq: the header's two beats -------------------------------------------------------------------
  logic [63:0] beat0, beat1;
  logic [1:0]  request_count;
  assign beat0 = {see_types::routing_id(job_q.fn), tag_gen_i, tag_index_i, (bytes > 10'd4) ? 4'hf : 4'h0, 4'hf,
                  8'h20, 14'd0, 2'd0, bytes[9:2]};
  assign beat1 = {addr_q[31:0], addr_q[63:32]};
  lib_beat_fifo #(.SideWidth(64), .Depth(2)) u_rdrq (
    .clk_i, .rst_ni, .push_i(issue), .data_i(beat0), .side_i(beat1), .ready_o(request_ready), .valid_o(request_valid_o),
    .data_o(request_beat0_o), .side_o(request_beat1_o), .pop_i(request_pop_i), .count_o(request_count)
  );

  // --- doneq -------------------------------------------------------------------------------------------
  see_types::read_done_t reported;
  logic [2:0]            done_count;
  always_comb begin
    reported.kind  = job_q.kind;
    reported.slot  = (job_q.kind == see_types::READ_MARK) ? 6'd0 : job_q.slot;
    reported.bytes = (job_q.kind == see_types::READ_MARK) ? 18'd0 : job_q.len;
    reported.err   = (job_q.kind == see_types::READ_MARK) ? 2'd0 : 2'd1;
  end
  lib_fifo #(.Width(see_types::READ_DONE_BITS), .Depth(4)) u_doneq (
    .clk_i, .rst_ni, .push_i(collect_i || report), .data_i(collect_i ? collected_i : reported), .ready_o(collect_ready_o),
    .valid_o(done_valid_o), .data_o(done_o), .pop_i(done_pop_i), .count_o(done_count)
  );

  assign quiet_o = !valid_q && queue_count == 4'd0 && request_count == 2'd0 && done_count == 3'd0;
endmodule
