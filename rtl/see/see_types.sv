// Types and helpers that the units of the SEE share. Names follow rtl/see/README.md.
package see_types;
  // Commands of the sequencer, in the order of their cyclic arbitration.
  localparam int CLASS_REQ = 0;
  localparam int CLASS_REG = 1;
  localparam int CLASS_DONE = 2;
  localparam int CLASS_CE = 3;
  localparam int CLASS_CHECK = 4;
  localparam int CLASS_LIST = 5;
  localparam int CLASS_PULL = 6;
  localparam int CLASS_RING = 7;
  localparam int CLASS_PUSH = 8;
  localparam int CLASS_CQE = 9;
  localparam int CLASS_MSIX = 10;
  localparam int CLASS_FETCH = 11;
  localparam int CLASS_RSTART = 12;
  localparam int CLASS_RFINISH = 13;
  localparam int CLASS_COALESCE = 14;
  localparam int CLASSES = 15;

  localparam logic [3:0] SLOT_FREE = 4'd0;
  localparam logic [3:0] SLOT_FETCH = 4'd1;
  localparam logic [3:0] SLOT_CHECK = 4'd2;
  localparam logic [3:0] SLOT_LISTQ = 4'd3;
  localparam logic [3:0] SLOT_LIST = 4'd4;
  localparam logic [3:0] SLOT_PULLQ = 4'd5;
  localparam logic [3:0] SLOT_PULL = 4'd6;
  localparam logic [3:0] SLOT_RING = 4'd7;
  localparam logic [3:0] SLOT_FW = 4'd8;
  localparam logic [3:0] SLOT_PUSHQ = 4'd9;
  localparam logic [3:0] SLOT_CQE = 4'd10;
  localparam logic [3:0] SLOT_CQWAIT = 4'd11;
  localparam logic [3:0] SLOT_ORPHAN = 4'd12;
  localparam logic [3:0] SLOT_SENT = 4'd13;
  localparam logic [3:0] SLOT_NEXT = 4'd14;

  localparam logic [1:0] AFTER_RING = 2'd0;
  localparam logic [1:0] AFTER_PULL = 2'd1;
  localparam logic [1:0] AFTER_PUSH = 2'd2;

  localparam logic [1:0] READ_SQE = 2'd0;
  localparam logic [1:0] READ_LIST = 2'd1;
  localparam logic [1:0] READ_DATA = 2'd2;
  localparam logic [1:0] READ_MARK = 2'd3;

  localparam logic [1:0] WRITE_DATA = 2'd0;
  localparam logic [1:0] WRITE_CQE = 2'd1;
  localparam logic [1:0] WRITE_MSI = 2'd2;
  localparam logic [1:0] WRITE_MARK = 2'd3;

  localparam logic [1:0] REQUEST_CFGRD = 2'd0;
  localparam logic [1:0] REQUEST_CFGWR = 2'd1;
  localparam logic [1:0] REQUEST_MRD = 2'd2;
  localparam logic [1:0] REQUEST_MWR = 2'd3;

  // NVMe status fields (SC, SCT and DNR) that the SEE gives itself.
  localparam logic [14:0] STATUS_TRANSFER_ERROR = 15'h0004;
  localparam logic [14:0] STATUS_INVALID_FIELD = 15'h4002;
  localparam logic [14:0] STATUS_INVALID_NAMESPACE = 15'h400b;
  localparam logic [14:0] STATUS_PRP_OFFSET = 15'h4013;
  localparam logic [14:0] STATUS_LBA_RANGE = 15'h4080;

  // The context of a slot, in three RAM words.
  typedef struct packed {
    logic [4:0]  fn;
    logic [3:0]  qid;
    logic        io;
    logic        post;
    logic        pulled;
    logic [1:0]  after;
    logic [1:0]  err;
    logic        chain;
    logic        chained;
    logic [31:0] seq;
  } slot_a_t;
  typedef struct packed {
    logic [17:0] len;
    logic [17:0] pos;
    logic [17:0] left;
    logic [16:0] rest;  // blocks that the firmware has not been told of
    logic [1:0]  shift; // its blocks have 512 << shift bytes
  } slot_b_t;
  typedef struct packed {
    logic [15:0] cid;
    logic [14:0] status;
    logic [31:0] dw0;
  } slot_c_t;

  // What an item does to the slot it works on when it commits.
  typedef struct packed {
    logic       move;   // the slot enters `state`
    logic [3:0] state;
    logic       leave;  // the slot gives its places in its function and queue back
    logic       enter;  // the slot takes a place in its function and queue
    logic       we_a;
    logic       we_b;
    logic       we_c;
  } slot_fx_t;

  typedef struct packed {
    logic       valid;
    logic [3:0] code;
    logic [4:0] fn;
  } event_head_t;

  // A queue pair's rings.
  typedef struct packed {
    logic [12:0] size;
    logic [3:0]  cqid;
    logic [12:0] head;
    logic [12:0] tail;
    logic [6:0]  inflight;
  } sq_t;
  typedef struct packed {
    logic [12:0] size;
    logic        ien;
    logic [3:0]  irq_vector;
    logic [12:0] head;
    logic [12:0] tail;
    logic        phase;
  } cq_t;
  // Whose turn it is among the submission queues of a function.
  typedef struct packed {
    logic [15:0] last;        // the queue served last, by priority
    logic [15:0] priorities;  // of queues 1 to 8
    logic [7:0]  high_weight;
    logic [7:0]  middle_weight;
    logic [7:0]  low_weight;
    logic        weighted;
    logic [2:0]  burst;
    logic [8:0]  high;        // credits
    logic [8:0]  middle;
    logic [8:0]  low;
  } turn_t;
  // Interrupts of a function that are held back.
  typedef struct packed {
    logic [8:0]  held;
    logic [71:0] counts;  // a byte a vector
    logic [7:0]  age;
    logic [8:0]  off;     // vectors that are not coalesced
    logic [7:0]  units;
    logic [7:0]  threshold;
  } coalesce_t;
  // The queue bits of a function, bit q for queue pair q.
  typedef struct packed {
    logic [8:0] sq_valid;
    logic [8:0] pend;
    logic [8:0] fetching;
    logic [8:0] cq_valid;
  } queue_bits_t;

  typedef struct packed {
    logic [1:0]  kind;
    logic [4:0]  fn;
    logic [5:0]  slot;
    logic [31:0] dest;
    logic [17:0] len;
  } read_job_t;
  typedef struct packed {
    logic [1:0]  kind;
    logic [4:0]  fn;
    logic [5:0]  slot;
    logic [31:0] nm;
    logic [17:0] len;
  } write_job_t;
  typedef struct packed {
    logic       mark;
    logic [5:0] slot;
  } write_done_t;
  typedef struct packed {
    logic [1:0]  kind;
    logic [5:0]  slot;
    logic [17:0] bytes;
    logic [1:0]  err;
  } read_done_t;
  typedef struct packed {
    logic [1:0]  kind;
    logic [15:0] rid;
    logic [7:0]  tag;
    logic [7:0]  be;
    logic        bad;
    logic        two_dws;
  } request_t;
  typedef struct packed {
    logic [4:0]  fn;
    logic [7:0]  qid;
    logic        cq;
    logic        bad_value;
    logic [31:0] value;
  } refused_t;

  // Widths of the types above, for memories and FIFOs (Yosys has no $bits of a type).
  localparam int SLOT_A_BITS = 50;
  localparam int SLOT_B_BITS = 73;
  localparam int SLOT_C_BITS = 63;
  localparam int SQ_BITS = 50;
  localparam int CQ_BITS = 45;
  localparam int QUEUE_BITS_BITS = 36;
  localparam int TURN_BITS = 87;
  localparam int COALESCE_BITS = 114;
  localparam int READ_JOB_BITS = 63;
  localparam int READ_DONE_BITS = 28;
  localparam int WRITE_JOB_BITS = 63;
  localparam int WRITE_DONE_BITS = 7;
  localparam int REQUEST_BITS = 36;
  localparam int REFUSED_BITS = 47;

  // The lowest bit of a set, alone.
  function automatic logic [63:0] lowest64(input logic [63:0] set);
    lowest64 = set & (~set + 64'd1);
  endfunction

  // The first member of a set after `last` in cyclic order, alone; 0 if the set is empty.
  function automatic logic [63:0] after64(input logic [63:0] set, input logic [5:0] last);
    logic [63:0] above;
    above = set & ~((64'd2 << last) - 64'd1);
    after64 = (above != 64'd0) ? lowest64(above) : lowest64(set);
  endfunction

  // The number of the one bit that is set.
  function automatic logic [5:0] index64(input logic [63:0] one);
    index64 = {|(one & 64'hffffffff_00000000), |(one & 64'hffff0000_ffff0000), |(one & 64'hff00ff00_ff00ff00),
               |(one & 64'hf0f0f0f0_f0f0f0f0), |(one & 64'hcccccccc_cccccccc), |(one & 64'haaaaaaaa_aaaaaaaa)};
  endfunction

  // The same for the bits of up to 32 functions, queues, vectors or classes.
  function automatic logic [31:0] after32(input logic [31:0] set, input logic [4:0] last);
    logic [31:0] above, from;
    above = set & ~((32'd2 << last) - 32'd1);
    from = (above != 32'd0) ? above : set;
    after32 = from & (~from + 32'd1);
  endfunction

  function automatic logic [4:0] index32(input logic [31:0] one);
    index32 = {|(one & 32'hffff0000), |(one & 32'hff00ff00), |(one & 32'hf0f0f0f0), |(one & 32'hcccccccc), |(one & 32'haaaaaaaa)};
  endfunction

  function automatic logic [15:0] routing_id(input logic [4:0] fn);
    routing_id = (fn == 5'd0) ? 16'(see_pkg::SEE_PF_RID) : 16'(see_pkg::SEE_FIRST_VF_RID) + {11'd0, fn} - 16'd1;
  endfunction

  // The next entry of a ring of `size` entries.
  function automatic logic [12:0] next_entry(input logic [12:0] entry, input logic [12:0] size);
    logic [13:0] next;
    next = {1'b0, entry} + 14'd1;
    next_entry = (next >= {1'b0, size}) ? 13'd0 : next[12:0];
  endfunction

  // (to - from) in a ring of `size` entries; both are less than size.
  function automatic logic [12:0] distance(input logic [12:0] to, input logic [12:0] from, input logic [12:0] size);
    distance = (to >= from) ? to - from : to - from + size;
  endfunction

  function automatic logic [63:0] byte_mask(input logic [7:0] be);
    byte_mask = {{8{be[7]}}, {8{be[6]}}, {8{be[5]}}, {8{be[4]}}, {8{be[3]}}, {8{be[2]}}, {8{be[1]}}, {8{be[0]}}};
  endfunction

  // Bytes of as many blocks of 512 << shift bytes, of at most a transfer.
  function automatic logic [17:0] block_bytes(input logic [8:0] blocks, input logic [1:0] shift);
    block_bytes = {blocks, 9'd0} << shift;
  endfunction

  // Pages that `len` bytes touch when they start `offset` bytes into a page.
  function automatic logic [6:0] pages(input logic [11:0] offset, input logic [17:0] len);
    pages = 7'(({7'd0, offset} + {1'b0, len} + 19'd4095) >> 12);
  endfunction
endpackage
