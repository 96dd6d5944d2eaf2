// INTx of the PF: which completion queues hold entries that the host has not acknowledged, and whether the last message
// told the host so. README section 8, State and MSIX.
//
// In a commit at most one of written, acknowledged, changed, mask_we, reset and taken is 1.
module see_intx
(
  input  logic clk_i,
  input  logic rst_ni,
  input  logic       commit_i,  // an item of the PF commits
  input  logic [3:0] queue_i,
  // CQE: an entry was written, and its queue interrupts
  input  logic       written_i,
  // REQ: the head moved; pending_i: there are entries left
  input  logic       acknowledged_i,
  input  logic       pending_i,
  // REG: queues were created or deleted
  input  logic       changed_i,
  input  logic [8:0] cq_valid_i,
  input  logic       created_i,
  // REQ: INTMS, INTMC
  input  logic       mask_we_i,
  input  logic       mask_i,
  // RFINISH
  input  logic       reset_i,
  // configuration
  input  logic       msix_en_i,
  input  logic       off_i,
  // MSIX: the message is sent
  input  logic       taken_i,
  output logic       status_o,
  output logic       want_o,
  output logic       moves_o
);
  logic [8:0] queues_q, queues_d, one;
  logic       masked_q, sent_q;
  assign one      = 9'd1 << queue_i;
  assign status_o = queues_q != 9'd0 && !msix_en_i && !masked_q;
  assign want_o   = status_o && !off_i;
  assign moves_o  = want_o != sent_q;

  always_comb begin
    queues_d = queues_q;
    if (written_i) queues_d = queues_q | one;
    if (acknowledged_i) queues_d = pending_i ? queues_q | one : queues_q & ~one;
    if (changed_i) queues_d = queues_q & cq_valid_i & ~(created_i ? one : 9'd0);
    if (reset_i) queues_d = 9'd0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      queues_q <= 9'd0;
      masked_q <= 1'b0;
    end else if (commit_i) begin
      queues_q <= queues_d;
      if (mask_we_i) masked_q <= mask_i;
      if (reset_i) masked_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) sent_q <= 1'b0;
    else if (commit_i && taken_i) sent_q <= want_o;
  end
endmodule
