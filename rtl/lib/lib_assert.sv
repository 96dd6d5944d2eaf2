// Assertion macros. First in the file list of every block: they are plain text to the files after it.
//
// LIB_ASSERT(name, condition)  `condition` holds at every clock edge out of reset (needs clk_i and rst_ni in scope).
// LIB_STABLE(name, valid, ready, payload)  protocol checker of one valid/ready channel: an offer that was not
//                              taken is still there in the next cycle with the same payload.
// Both are empty unless ASSAY_ASSERT is defined, so that neither synthesis nor the fast simulation pays for them.
`ifdef ASSAY_ASSERT
`define LIB_ASSERT(name, condition) \
  always_ff @(posedge clk_i) begin : name \
    if (rst_ni && !(condition)) begin \
      $display("assertion %m failed"); \
      $stop; \
    end \
  end

`define LIB_STABLE(name, valid, ready, payload) \
  logic name``_stalled_q; \
  logic [$bits(payload)-1:0] name``_payload_q; \
  always_ff @(posedge clk_i) begin : name \
    name``_stalled_q <= rst_ni && (valid) && !(ready); \
    name``_payload_q <= (payload); \
    if (rst_ni && name``_stalled_q && !((valid) && name``_payload_q == (payload))) begin \
      $display("channel %m: a stalled offer changed"); \
      $stop; \
    end \
  end
`else
`define LIB_ASSERT(name, condition)
`define LIB_STABLE(name, valid, ready, payload)
`endif
