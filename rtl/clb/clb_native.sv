// The native cache: slots of native ops with side information, and to which entry of the CLB each chunk was given.
//
// Contract: reads are combinational; a write at an edge is seen from the next cycle on. An owner means something only while its entry is valid and names
// the chunk. `take_i` moves the turn of the size `large_i` on.
module clb_native (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [14:0] read_i,
  output logic [63:0] word_o,
  output logic [40:0] side_o,
  input  logic        write_i,
  input  logic [14:0] write_slot_i,
  input  logic [63:0] word_i,
  input  logic [40:0] side_i,
  input  logic        large_i,
  input  logic        take_i,
  output logic [9:0]  next_o,         // chunk whose turn it is, of that size
  output logic [10:0] owner_o,        // {row, way} of it
  input  logic        own_i,
  input  logic [9:0]  own_chunk_i,
  input  logic [10:0] own_entry_i,
  output logic [9:0]  next_small_o,
  output logic [8:0]  next_large_o
);
  localparam int SLOTS = clb_pkg::CLB_LARGE_CHUNKS * clb_pkg::CLB_LARGE_SLOTS + (clb_pkg::CLB_SMALL_CHUNKS + 1) * clb_pkg::CLB_SMALL_SLOTS;

  logic [63:0] word_mem [0:SLOTS-1];
  logic [40:0] side_mem [0:SLOTS-1];
  logic [10:0] small_mem [0:clb_pkg::CLB_SMALL_CHUNKS-1];
  logic [10:0] large_mem [0:clb_pkg::CLB_LARGE_CHUNKS-1];
  logic [9:0]  small_q;
  logic [8:0]  large_q;

  assign word_o       = word_mem[read_i];
  assign side_o       = side_mem[read_i];
  assign next_o       = large_i ? {1'b0, large_q} : small_q;
  assign owner_o      = large_i ? large_mem[large_q] : small_mem[small_q];
  assign next_small_o = small_q;
  assign next_large_o = large_q;

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      word_mem[write_slot_i] <= word_i;
      side_mem[write_slot_i] <= side_i;
    end
    if (own_i && !large_i) small_mem[own_chunk_i] <= own_entry_i;
    if (own_i && large_i) large_mem[own_chunk_i[8:0]] <= own_entry_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      small_q <= '0;
      large_q <= '0;
    end else if (take_i) begin
      if (large_i) large_q <= large_q + 1'b1;
      else small_q <= small_q + 1'b1;
    end
  end
endmodule
