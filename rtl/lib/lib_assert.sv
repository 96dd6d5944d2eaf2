// Assertion macros. First in the file list of every block: they are plain text to the files after it.
//
// LIB_ASSERT(name, condition)  `condition` holds at every clock edge out of reset (needs clk_i and rst_ni in scope).
// LIB_STABLE(name, valid, ready, payload)  protocol checker of one valid/ready channel: an offer that was not
//                              taken is still there in the next cycle with the same payload.
// LIB_COVER(name, condition)   user coverage point: `condition` held at a clock edge out of reset. LIB_STABLE covers an offer that waits.
// Synthesis does not see them; a simulation built with --noassert and without coverage does not pay for them.
`ifdef SYNTHESIS
`define LIB_ASSERT(name, condition)
`define LIB_STABLE(name, valid, ready, payload)
`define LIB_COVER(name, condition)
`else
`define LIB_COVER(name, condition) \
  name : cover property (@(posedge clk_i) rst_ni && (condition));

`define LIB_ASSERT(name, condition) \
  always_ff @(posedge clk_i) begin \
    if (rst_ni) name : assert (condition); \
  end

`define LIB_STABLE(name, valid, ready, payload) \
  logic name``_stalled_q; \
  logic [$bits(payload)-1:0] name``_payload_q; \
  always_ff @(posedge clk_i) begin \
    name``_stalled_q <= rst_ni && (valid) && !(ready); \
    name``_payload_q <= (payload); \
    if (rst_ni && name``_stalled_q) name : assert ((valid) && name``_payload_q == (payload)); \
  end \
  `LIB_COVER(name``_waits, (valid) && !(ready))
`endif
