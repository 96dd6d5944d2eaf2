// CRC32C of up to eight more bytes (polynomial 82F63B78h reflected), combinational. Inversion before and after is the user's.
module port_crc32c (
  input  logic [31:0] crc_i,
  input  logic [63:0] data_i,   // the earlier byte in bits 7:0
  input  logic [3:0]  bytes_i,  // how many of them count, at most 8
  output logic [31:0] crc_o
);
  function automatic logic [31:0] next_byte(input logic [31:0] crc, input logic [7:0] data);
    logic [31:0] c;
    c = crc ^ {24'b0, data};
    for (int i = 0; i < 8; i++) c = {1'b0, c[31:1]} ^ (c[0] ? 32'h82f6_3b78 : 32'd0);
    next_byte = c;
  endfunction

  always_comb begin
    crc_o = crc_i;
    for (int i = 0; i < 8; i++) begin
      if (bytes_i > 4'(i)) crc_o = next_byte(crc_o, data_i[8*i +: 8]);
    end
  end
endmodule
