// Queue of accesses from the translator to the DMA unit. README, Translator.
//
// Contract: `push_i` queues the request under way as `kind_i`, at `page_i` or, for PARK, behind the header of its place;
// `ready_o` says that there is room. Cost: 4 entries.
module bau_issue (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                push_i,
  input  logic [2:0]          kind_i,
  input  logic                epoch_i,
  input  logic                partition_i,
  input  bau_types::request_t request_i,
  input  logic [43:0]         page_i,
  input  logic [55:9]         place_i,
  output logic                ready_o,
  output logic                valid_o,
  output bau_types::issue_t   issue_o,
  input  logic                pop_i,
  output logic                empty_o
);
  bau_types::issue_t issue;
  logic [2:0]        count;
  assign issue.kind      = kind_i;
  assign issue.epoch     = epoch_i;
  assign issue.partition = partition_i;
  assign issue.rid       = request_i.rid;
  assign issue.tag       = request_i.tag;
  assign issue.length    = request_i.length;
  assign issue.first_be  = request_i.first_be;
  assign issue.last_be   = request_i.last_be;
  assign issue.address   = kind_i == bau_types::ISSUE_PARK ? {place_i, 9'd256} : {page_i, request_i.address[11:0]};
  lib_fifo #(.Width(bau_types::ISSUE_BITS), .Depth(4)) u_queue (
    .clk_i, .rst_ni, .push_i, .data_i(issue), .ready_o, .valid_o, .data_o(issue_o), .pop_i, .count_o(count)
  );
  assign empty_o = count == 3'd0;

  logic unused_request;
  assign unused_request = ^{request_i.kind, request_i.cause, request_i.address[63:12], request_i.id, request_i.data};

  `LIB_ASSERT(a_room, !push_i || ready_o)
endmodule
