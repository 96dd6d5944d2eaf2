// A lib_fifo for 64-bit beats with a few side bits (start, end, strobes, address, tag).
//
// Contract: that of lib_fifo. Data and side bits are stored apart so that simulation never handles a vector
// wider than 64 bits; keep SideWidth <= 64.
module lib_beat_fifo #(
  parameter int SideWidth = 2,
  parameter int Depth = 2,
  localparam int IndexWidth = $clog2(Depth)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 push_i,
  input  logic [63:0]          data_i,
  input  logic [SideWidth-1:0] side_i,
  output logic                 ready_o,
  output logic                 valid_o,
  output logic [63:0]          data_o,
  output logic [SideWidth-1:0] side_o,
  input  logic                 pop_i,
  output logic [IndexWidth:0]  count_o
);
  logic [63:0]          data_mem [0:Depth-1];
  logic [SideWidth-1:0] side_mem [0:Depth-1];
  logic [IndexWidth:0]  write_q, read_q;
  logic                 push, pop;

  assign count_o = write_q - read_q;
  assign ready_o = !count_o[IndexWidth];
  assign valid_o = write_q != read_q;
  assign data_o  = valid_o ? data_mem[read_q[IndexWidth-1:0]] : '0;
  assign side_o  = valid_o ? side_mem[read_q[IndexWidth-1:0]] : '0;
  assign push    = push_i && ready_o;
  assign pop     = pop_i && valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
    end else begin
      if (push) write_q <= write_q + 1'b1;
      if (pop) read_q <= read_q + 1'b1;
    end
    if (push) begin
      data_mem[write_q[IndexWidth-1:0]] <= data_i;
      side_mem[write_q[IndexWidth-1:0]] <= side_i;
    end
  end

  `LIB_ASSERT(a_no_overflow, !push_i || ready_o)
  `LIB_ASSERT(a_no_underflow, !pop_i || valid_o)
endmodule
