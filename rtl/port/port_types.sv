// What a header says, between the fields stage and the decision.
package port_types;
  typedef struct packed {
    logic        dir;  // 0: from the line
    logic [4:0]  source;
    logic        is_ip;
    logic        has_ports;
    logic        is_flow;  // IPv4, no fragment
    logic [7:0]  protocol;
    logic [6:0]  l3;
    logic [6:0]  l4;
    logic [7:0]  payload;
    logic [15:0] sport;
    logic [15:0] dport;
    logic [15:0] hash;
    logic [31:0] saddr;
    logic [31:0] daddr;
    logic [47:0] smac;
    logic [47:0] dmac;
  } fields_t;

  typedef struct packed {
    logic        dir;
    logic [2:0]  kind;
    logic [2:0]  path;
    logic [3:0]  func;
    logic [15:0] mask;
    logic [6:0]  l3;
    logic [6:0]  l4;
    logic [7:0]  payload;
    logic [15:0] hash;
  } verdict_t;
endpackage
