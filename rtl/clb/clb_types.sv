// Functions that the units of the CLB share. A key is {mode, set, at, page}: 60 bits, as word 0 of a slot of the conversion buffer.
package clb_types;

  // What the assembler answers.
  localparam logic [2:0] RESULT_BLOCK  = 3'd0;
  localparam logic [2:0] RESULT_SINGLE = 3'd1;
  localparam logic [2:0] RESULT_MISS   = 3'd2;
  localparam logic [2:0] RESULT_NEXT   = 3'd3;
  localparam logic [2:0] RESULT_FAULT  = 3'd4;
  localparam logic [2:0] RESULT_ABORT  = 3'd5;

  function automatic logic [9:0] row_of(input logic [59:0] key);
    row_of = key[9:0] ^ key[53:44] ^ {4'b0000, key[54], key[56:55], key[59:57]};
  endfunction

  function automatic logic [9:0] version_of(input logic [49:0] line);
    version_of = line[15:6] ^ line[25:16] ^ {line[5:0], 4'b0000};
  endfunction

  function automatic logic [7:0] prediction_of(input logic [7:0] page, input logic [10:0] at);
    prediction_of = page ^ at[7:0] ^ {at[10:8], 5'b00000};
  endfunction

  // Number of a slot of the conversion buffer, before the mask.
  function automatic logic [10:0] buffer_of(input logic [59:0] key);
    buffer_of = key[54:44] ^ {key[3:0], 7'b0000000} ^ {4'b0000, key[10:4]} ^ {6'b000000, key[56:55], key[59:57]};
  endfunction

  function automatic logic [14:0] base_of(input logic is_large, input logic [9:0] chunk);
    base_of = is_large ? {1'b0, chunk[8:0], 5'b00000} : {2'b10, chunk, 3'b000};
  endfunction

  // The number that up to three bit ranges of an instruction spell, most significant range first.
  function automatic logic [31:0] spell(input logic [29:0] pieces, input logic [31:0] insn);
    logic [31:0] first, second, third;
    first  = (insn >> pieces[4:0]) & ((32'd1 << pieces[9:5]) - 32'd1);
    second = (insn >> pieces[14:10]) & ((32'd1 << pieces[19:15]) - 32'd1);
    third  = (insn >> pieces[24:20]) & ((32'd1 << pieces[29:25]) - 32'd1);
    spell  = (((first << pieces[19:15]) | second) << pieces[29:25]) | third;
  endfunction
endpackage
