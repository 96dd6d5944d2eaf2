// Types and constants that the units of the BAU share. Names follow rtl/bau/README.md.
package bau_types;
  // Users of host memory, in descending priority; also bits 7:5 of the tag.
  localparam int UNIT_ENGINE    = 0;
  localparam int UNIT_TRANSLATE = 1;
  localparam int UNIT_COMMAND   = 2;
  localparam int UNIT_FAULT     = 3;
  localparam int UNIT_DMA       = 4;
  localparam int UNIT_HOLD      = 5;
  localparam int UNITS          = 6;

  // Counters, in the order of the COUNT registers.
  localparam int COUNT_MESSAGES   = 0;
  localparam int COUNT_DIRECT     = 1;
  localparam int COUNT_MISMATCH   = 2;
  localparam int COUNT_BROADCAST  = 3;
  localparam int COUNT_RECORDED   = 4;
  localparam int COUNT_UNBLOCK    = 5;
  localparam int COUNT_RESCAN     = 6;
  localparam int COUNT_FAULT      = 7;
  localparam int COUNT_FAULT_LOST = 8;
  localparam int COUNT_DTE_HIT    = 9;
  localparam int COUNT_DTE_MISS   = 10;
  localparam int COUNT_IOTLB_HIT  = 11;
  localparam int COUNT_IOTLB_MISS = 12;
  localparam int COUNT_DMA_READ   = 13;
  localparam int COUNT_DMA_WRITE  = 14;
  localparam int COUNT_COMMAND    = 15;
  localparam int COUNT_HELD       = 16;
  localparam int COUNT_REPLAYED   = 17;
  localparam int COUNT_PAGE_EVENT = 18;

  localparam logic [1:0] KIND_READ    = 2'd0;
  localparam logic [1:0] KIND_WRITE   = 2'd1;
  localparam logic [1:0] KIND_MESSAGE = 2'd2;
  localparam logic [1:0] KIND_DROP    = 2'd3;

  localparam logic [2:0] ISSUE_READ    = 3'd0;
  localparam logic [2:0] ISSUE_WRITE   = 3'd1;
  localparam logic [2:0] ISSUE_MESSAGE = 3'd2;
  localparam logic [2:0] ISSUE_REFUSE  = 3'd3;
  localparam logic [2:0] ISSUE_DISCARD = 3'd4;
  localparam logic [2:0] ISSUE_PARK    = 3'd5;  // payload to a place of a hold ring
  localparam logic [2:0] ISSUE_REPLAY  = 3'd6;  // a write whose payload comes from the holder

  // A TLP after the receiver.
  localparam int REQUEST_BITS = 175;
  typedef struct packed {
    logic [1:0]  kind;
    logic [4:0]  cause;
    logic [15:0] rid;
    logic [7:0]  tag;
    logic [7:0]  length;
    logic [3:0]  first_be;
    logic [3:0]  last_be;
    logic [63:0] address;
    logic [31:0] id;
    logic [31:0] data;
  } request_t;

  // An access after translation.
  localparam int ISSUE_BITS = 101;
  typedef struct packed {
    logic [2:0]  kind;
    logic        epoch;
    logic        partition;
    logic [15:0] rid;
    logic [7:0]  tag;
    logic [7:0]  length;
    logic [3:0]  first_be;
    logic [3:0]  last_be;
    logic [55:0] address;
  } issue_t;

  // A message with what the engine needs of its device-table entry.
  localparam int MESSAGE_BITS = 201;
  typedef struct packed {
    logic [31:0] id;
    logic [15:0] rid;
    logic [7:0]  target;
    logic [8:0]  sigbit;
    logic [55:0] ite;
    logic [55:0] summary;
    logic [15:0] vmid;
    logic [3:0]  subclass;
    logic        partition;
    logic        direct;
    logic        hit;
    logic        epoch;
  } message_t;

  // A completion to be sent.
  localparam int CHUNK_BITS = 115;
  typedef struct packed {
    logic        refuse;
    logic        partition;
    logic [15:0] rid;
    logic [7:0]  tag;
    logic [7:0]  length;
    logic [5:0]  words;
    logic [6:0]  lower;
    logic [11:0] bytes;
    logic [55:0] address;
  } chunk_t;

  typedef struct packed {
    logic [2:0]  op;
    logic [55:0] addr;
    logic [63:0] data;
    logic [7:0]  strb;
    logic [7:0]  tag;
  } access_t;

  typedef struct packed {
    logic [4:0]  cause;
    logic        write;
    logic        partition;
    logic [15:0] rid;
    logic [31:0] id;
    logic [63:0] address;
    logic [31:0] detail;
  } fault_t;

  // A command about cached or held things, in force at the end of the cycle.
  typedef struct packed {
    logic        device;
    logic        iotlb;
    logic        resume;
    logic        drop;
    logic        deny;
    logic        all;
    logic        partition;
    logic [15:0] id;
  } invalidation_t;

  // A request that the translator has put into a hold ring; address and GSCID are valid with the verdict `held` too.
  typedef struct packed {
    logic        valid;
    logic        meets;  // it met its page: the ring begins
    logic        write;
    logic [5:0]  rid;
    logic [43:0] ring;
    logic [3:0]  log2;
    logic [40:0] address;
    logic [15:0] gscid;
  } parked_t;

  // One cached or walked translation.
  localparam int TRANSLATION_BITS = 95;
  typedef struct packed {
    logic        partition;
    logic [15:0] gscid;
    logic [1:0]  level;
    logic        read;
    logic        write;
    logic        hold;  // readable, not writable
    logic [28:0] vpn;
    logic [43:0] ppn;
  } translation_t;
endpackage
