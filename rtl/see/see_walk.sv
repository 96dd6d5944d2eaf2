// Items LIST, PULL and PUSH: the next piece of a command's PRP list, or the next page of its data, becomes a job of RD
// or WR. README section 8. Combinational; effects hold in the commit cycle (step 6).
//
// prp_addr_o selects an entry of the PRP RAM; its word must be there in the commit cycle.
module see_walk
(
  input  logic        list_i,
  input  logic        pull_i,
  input  logic        push_i,
  input  logic [5:0]  slot_i,
  input  see_types::slot_a_t a_i,
  input  see_types::slot_b_t b_i,
  input  logic [63:0] prp1_i,
  input  logic [63:0] prp2_i,
  output logic [10:0] prp_addr_o,
  input  logic [63:0] prp_i,
  input  logic [31:0] buffer_i,  // of the slot, with the page offset of PRP1
  output see_types::slot_fx_t fx_o,
  output see_types::slot_a_t a_o,
  output see_types::slot_b_t b_o,
  output logic                  read_o,
  output see_types::read_job_t  read_job_o,
  output logic                  write_o,
  output see_types::write_job_t write_job_o,
  output logic [63:0]           addr_o
);
  // --- list: `room` entries lie between PRP2 and the end of its page, the last of them points on if `need` is more ---
  logic [6:0]  count, need;
  logic [9:0]  room;
  logic        chained;
  logic [6:0]  list_count;
  logic [63:0] list_addr;
  logic [31:0] list_dest;
  always_comb begin
    count      = 7'd0;
    need       = 7'd0;
    room       = 10'd0;
    chained    = 1'b0;
    list_count = 7'd0;
    list_addr  = prp2_i;
    list_dest  = {18'd0, slot_i, 8'd0};
    if (list_i || pull_i || push_i) begin
      count = see_types::pages(prp1_i[11:0], b_i.len);
      need  = count - 7'd1;
      room  = 10'((13'd4096 - {1'b0, prp2_i[11:0]}) >> 3);
      if (!a_i.chain) begin
        chained    = {3'd0, need} > room;
        list_count = chained ? room[6:0] : need;
      end else begin
        list_count = need - (room[6:0] - 7'd1);
        list_addr  = prp_i;
        list_dest  = {18'd0, slot_i, 8'd0} + {19'd0, room - 10'd1, 3'd0};
      end
    end
  end

  // --- data: the page that byte `pos` of the transfer lies in ---------------------------------------------------
  logic [18:0] at;
  logic [6:0]  page_index;
  logic [63:0] page;
  logic [17:0] in_page, rest, bytes;
  always_comb begin
    at         = {7'd0, prp1_i[11:0]} + {1'b0, b_i.pos};
    page_index = at[18:12];
    if (page_index == 7'd0) page = prp1_i;
    else if (count == 7'd2) page = prp2_i;
    else page = prp_i;
    in_page = 18'd4096 - {6'd0, at[11:0]};
    rest    = b_i.len - b_i.pos;
    bytes   = (rest < in_page) ? rest : in_page;
  end

  assign prp_addr_o = list_i ? {slot_i, 5'd0} + {1'b0, room} - 11'd1 : {slot_i, 5'd0} + {4'd0, page_index} - 11'd1;

  logic unused;
  assign unused = &{1'b0, page[11:0]};

  always_comb begin
    fx_o        = '0;
    a_o         = a_i;
    b_o         = b_i;
    read_o      = list_i || pull_i;
    write_o     = push_i;
    addr_o      = {page[63:12], at[11:0]};
    read_job_o.kind  = see_types::READ_DATA;
    read_job_o.fn    = a_i.fn;
    read_job_o.slot  = slot_i;
    read_job_o.dest  = buffer_i + {14'd0, b_i.pos};
    read_job_o.len   = bytes;
    write_job_o.kind = see_types::WRITE_DATA;
    write_job_o.fn   = a_i.fn;
    write_job_o.slot = 6'd0;
    write_job_o.nm   = buffer_i + {14'd0, b_i.pos};
    write_job_o.len  = bytes;
    if (list_i) begin
      addr_o          = list_addr;
      read_job_o.kind = see_types::READ_LIST;
      read_job_o.dest = list_dest;
      read_job_o.len  = {8'd0, list_count, 3'd0};
      fx_o.move       = 1'b1;
      fx_o.state      = see_types::SLOT_LIST;
      fx_o.we_a       = 1'b1;
      fx_o.we_b       = 1'b1;
      a_o.chained     = chained;
      a_o.err         = 2'd0;
      b_o.left        = {8'd0, list_count, 3'd0};
    end else if (pull_i || push_i) begin
      fx_o.we_b  = 1'b1;
      b_o.pos    = b_i.pos + bytes;
      fx_o.move  = rest == bytes;
      fx_o.state = pull_i ? see_types::SLOT_PULL : see_types::SLOT_CQE;
    end
  end
endmodule
