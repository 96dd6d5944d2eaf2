// The table image in use: its header, its spaces with their shapes, and where what lies in it.
//
// Contract: `begin_i` takes `base_i` and forgets the image before it; then the beats of the header come (`header_i`), then those of the spaces (`spaces_i`),
// `loaded_i` with the last of these: from then on `ready_o` holds until the base is another one or `drop_i`. `addr_o` and `shape_o` are combinational.
module clb_image (
  input  logic        clk_i,
  input  logic [55:0] base_i,
  input  logic        begin_i,
  input  logic        drop_i,
  input  logic        header_i,
  input  logic        spaces_i,
  input  logic        loaded_i,
  input  logic [3:0]  beat_i,
  input  logic [63:0] data_i,
  output logic        ready_o,
  output logic [2:0]  spaces_o,       // how many
  output logic [55:0] spaces_addr_o,
  // a shape: its space, its word
  input  logic [1:0]  space_i,
  input  logic [1:0]  word_i,
  output logic [63:0] shape_o,
  // an address: first level, second level, templates, directives
  input  logic [1:0]  part_i,
  input  logic [31:0] offset_i,
  output logic [55:0] addr_o
);
  logic [55:0] base_q;
  logic        loaded_q;
  logic [31:0] first_q, second_q, templates_q, directives_q, space_offset_q, part;
  logic [2:0]  spaces_q;
  logic [63:0] shape_mem [0:4*clb_pkg::CLB_SPACES-1];

  assign ready_o       = loaded_q && base_q == base_i;
  assign spaces_o      = spaces_q;
  assign spaces_addr_o = base_q + {24'd0, space_offset_q};
  assign shape_o       = shape_mem[{space_i, word_i}];
  assign addr_o        = base_q + {24'd0, part} + {24'd0, offset_i};

  always_comb begin
    case (part_i)
      2'd0: part = first_q;
      2'd1: part = second_q;
      2'd2: part = templates_q;
      default: part = directives_q;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (begin_i) base_q <= base_i;
    if (begin_i || drop_i) loaded_q <= 1'b0;
    else if (loaded_i) loaded_q <= 1'b1;
    if (header_i) begin
      case (beat_i[2:0])
        3'd0: begin
          spaces_q       <= data_i[31:0] > 32'(clb_pkg::CLB_SPACES) ? 3'(clb_pkg::CLB_SPACES) : data_i[2:0];
          space_offset_q <= data_i[63:32];
        end
        3'd1: first_q <= data_i[63:32];
        3'd2: second_q <= data_i[63:32];
        3'd3: templates_q <= data_i[63:32];
        default: directives_q <= data_i[63:32];
      endcase
    end
    if (spaces_i) shape_mem[space_slot(beat_i)] <= data_i;
  end

  // Word n of the spaces is word n % 3 of space n / 3.
  function automatic logic [3:0] space_slot(input logic [3:0] n);
    space_slot = n < 4'd3 ? n : n < 4'd6 ? n + 4'd1 : n < 4'd9 ? n + 4'd2 : n + 4'd3;
  endfunction
endmodule
