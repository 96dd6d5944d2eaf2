// First-in first-out buffer between two units of one clock.
//
// Contract: an entry pushed at edge t is offered from cycle t+1 on; there is no path from push to the output and none
// from pop to ready. `ready_o` is "fewer than Depth entries stored", `valid_o` is "at least one". A push while full
// and a pop while empty are ignored (and assert). `data_o` is 0 while empty, so that an idle channel has one value.
// Cost: Depth words of registers or RAM (Depth is a power of two, at least 2), two pointers with one extra bit.
module lib_fifo #(
  parameter int Width = 8,
  parameter int Depth = 2,
  localparam int IndexWidth = $clog2(Depth)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                push_i,
  input  logic [Width-1:0]    data_i,
  output logic                ready_o,
  output logic                valid_o,
  output logic [Width-1:0]    data_o,
  input  logic                pop_i,
  output logic [IndexWidth:0] count_o
);
  logic [Width-1:0]    mem [0:Depth-1];
  logic [IndexWidth:0] write_q, read_q;
  logic                push, pop;

  assign count_o = write_q - read_q;
  assign ready_o = !count_o[IndexWidth];
  assign valid_o = write_q != read_q;
  assign data_o  = valid_o ? mem[read_q[IndexWidth-1:0]] : '0;
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
    if (push) mem[write_q[IndexWidth-1:0]] <= data_i;
  end

  `LIB_ASSERT(a_no_overflow, !push_i || ready_o)
  `LIB_ASSERT(a_no_underflow, !pop_i || valid_o)
  `LIB_COVER(c_full, !ready_o)
  `LIB_COVER(c_full_pop, !ready_o && pop)
  `LIB_COVER(c_push_pop, push && pop)
endmodule
