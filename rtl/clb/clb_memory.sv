// The memory port: bursts of reads, single posted writes.
//
// Contract: `start_i` begins a burst of `words_i` reads at `addr_i`; no burst and no write is under way then, save that a burst may start with the
// last answer of the one before. Answers arrive in order: `beat_o` marks one, `last_o` the last of its burst. A write is taken in a cycle with `free_o`.
module clb_memory (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        start_i,
  input  logic        space_i,
  input  logic [55:0] addr_i,
  input  logic [5:0]  words_i,
  input  logic        write_i,
  input  logic [55:0] write_addr_i,
  input  logic [63:0] write_data_i,
  output logic        free_o,
  output logic        beat_o,
  output logic        last_o,
  output logic        mem_valid_o,
  output logic        mem_write_o,
  output logic        mem_space_o,
  output logic [55:0] mem_addr_o,
  output logic [63:0] mem_data_o,
  input  logic        mem_ready_i,
  input  logic        mem_rsp_valid_i
);
  logic [5:0]  to_issue_q, to_come_q;
  logic [55:0] addr_q;
  logic        space_q, read;

  assign free_o = !mem_valid_o || mem_ready_i;
  assign beat_o = mem_rsp_valid_i && to_come_q != 6'd0;
  assign last_o = to_come_q == 6'd1;
  assign read   = !write_i && to_issue_q != 6'd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      mem_valid_o <= 1'b0;
      mem_write_o <= 1'b0;
      mem_space_o <= 1'b0;
      mem_addr_o  <= 56'd0;
      mem_data_o  <= 64'd0;
    end else if (free_o) begin
      mem_valid_o <= write_i || read;
      mem_write_o <= write_i;
      mem_space_o <= write_i || (read && space_q);
      mem_addr_o  <= write_i ? write_addr_i : read ? addr_q : 56'd0;
      mem_data_o  <= write_i ? write_data_i : 64'd0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      to_issue_q <= 6'd0;
    end else if (start_i) begin
      to_issue_q <= words_i;
      to_come_q  <= words_i;
      addr_q     <= addr_i;
      space_q    <= space_i;
    end else begin
      if (free_o && read) begin
        to_issue_q <= to_issue_q - 6'd1;
        addr_q     <= addr_q + 56'd8;
      end
      if (beat_o) to_come_q <= to_come_q - 6'd1;
    end
  end

  `LIB_STABLE(a_mem_stable, mem_valid_o, mem_ready_i, {mem_write_o, mem_space_o, mem_addr_o, mem_data_o})
endmodule
