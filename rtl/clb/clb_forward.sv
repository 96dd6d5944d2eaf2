// The request at hand and the block being forwarded: compares map entries with the request, enters the one that fits, counts the block's ops out.
//
// Contract: a request is taken in the cycle of `accept_o` (phase `rest_i`) and stays in `key_o` and its neighbours until the next one. In that cycle the map shows
// the row that the chain names (`chained_o`: entered at once), in phase `lookup_i` the request's own (`hit_o`); `enters_o` is either, in `hit_way_o`. In phase
// `commit_i` the block just installed becomes the present one. `forward_o`: the op in slot `slot_o` of the native cache leaves, as the block's last if `last_o`.
module clb_forward (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        rest_i,
  input  logic        lookup_i,
  input  logic        commit_i,
  input  logic        pending_i,      // a snoop waits
  input  logic        free_i,         // the output takes an op
  // request
  input  logic        req_valid_i,
  input  logic        req_kind_i,
  input  logic [55:0] req_pa_i,
  input  logic [55:0] req_next_pa_i,
  input  logic        req_next_valid_i,
  input  logic        req_single_i,
  input  logic [2:0]  req_mode_i,
  input  logic        req_isa_i,
  input  logic [4:0]  req_index_i,
  input  logic [3:0]  req_tag_i,
  output logic        accept_o,
  output logic        near_o,
  output logic [59:0] key_o,
  output logic [55:0] next_pa_o,
  output logic        next_valid_o,
  output logic        single_o,
  // map: row `row_i`; chain of the present block
  input  logic [9:0]  row_i,
  input  logic [1:0]  valid_i,
  input  logic [59:0] key0_i,
  input  logic [59:0] key1_i,
  input  logic [61:0] info0_i,
  input  logic [61:0] info1_i,
  input  logic        chain_valid_i,
  input  logic [9:0]  chain_row_i,
  input  logic        chain_way_i,
  output logic        hit_o,
  output logic        chained_o,
  output logic        enters_o,
  output logic        hit_way_o,
  // installation
  input  logic [14:0] install_base_i,
  input  logic [4:0]  install_count_i,
  input  logic [9:0]  install_row_i,
  input  logic        install_way_i,
  // the present block, and what ends it: its retraining (the map kills it in this cycle), a snoop or flush
  input  logic        retrain_i,
  input  logic        drop_i,
  output logic        present_o,
  output logic        kept_o,         // it has an entry
  output logic [9:0]  present_row_o,
  output logic        present_way_o,
  output logic        ended_o,        // none, or all of its ops have left
  // the op that leaves
  output logic        forward_o,
  output logic [14:0] slot_o,
  output logic        last_o,
  output logic [3:0]  tag_o
);
  // the request
  logic [59:0] key_q;
  logic [55:0] next_pa_q;
  logic        next_valid_q, single_q;
  logic [3:0]  tag_q;

  // the block being forwarded
  logic        present_q, kept_q, way_q;
  logic [14:0] base_q;
  logic [4:0]  count_q, next_q;
  logic [9:0]  row_q;

  // --- comparison ----------------------------------------------------------------------------------------------------
  // A request that is just being taken is compared with the entry that the chain names, a looked-up one with both ways of its row.
  logic        rests, accept, near, hit, chained, enters, hit_way, wanted_next;
  logic [1:0]  req_set, match;
  logic [59:0] request_key, wanted_key;
  logic [43:0] wanted_page;
  logic [61:0] info;
  logic [14:0] hit_base;
  logic [4:0]  hit_count;

  always_comb begin
    case (req_mode_i)
      3'(clb_pkg::CLB_MODE_M): req_set = 2'(clb_pkg::CLB_SET_SYSTEM);
      3'(clb_pkg::CLB_MODE_S), 3'(clb_pkg::CLB_MODE_VS): req_set = 2'(clb_pkg::CLB_SET_EMULATION);
      default: req_set = {1'b1, req_isa_i};
    endcase
  end

  assign rests       = rest_i && !pending_i;
  assign accept      = rests && req_valid_i;
  assign near        = accept && req_kind_i == 1'(clb_pkg::CLB_REQ_NEAR) && present_q;
  assign request_key = {req_mode_i, req_set, req_pa_i[11:1], req_pa_i[55:12]};
  assign wanted_key  = rest_i ? request_key : key_q;
  assign wanted_page = rest_i ? req_next_pa_i[55:12] : next_pa_q[55:12];
  assign wanted_next = rest_i ? req_next_valid_i : next_valid_q;
  assign match[0]    = valid_i[0] && key0_i == wanted_key && (!info0_i[17] || (wanted_next && info0_i[61:18] == wanted_page));
  assign match[1]    = valid_i[1] && key1_i == wanted_key && (!info1_i[17] || (wanted_next && info1_i[61:18] == wanted_page));
  assign chained     = accept && !near && !req_single_i && present_q && kept_q && chain_valid_i && match[chain_way_i]
                       && !(retrain_i && chain_row_i == row_q && chain_way_i == way_q);
  assign hit         = lookup_i && !pending_i && !single_q && match != 2'b00;
  assign enters      = hit || chained;
  assign hit_way     = rest_i ? chain_way_i : !match[0];
  assign info        = hit_way ? info1_i : info0_i;
  assign hit_base    = clb_types::base_of(info[15], info[9:0]);
  assign hit_count   = info[14:10];

  assign accept_o     = accept;
  assign near_o       = near;
  assign key_o        = key_q;
  assign next_pa_o    = next_pa_q;
  assign next_valid_o = next_valid_q;
  assign single_o     = single_q;
  assign hit_o        = hit;
  assign chained_o    = chained;
  assign enters_o     = enters;
  assign hit_way_o    = hit_way;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      key_q <= 60'd0;
    end else if (accept) begin
      tag_q <= req_tag_i;
      if (!near) begin
        key_q        <= request_key;
        next_pa_q    <= req_next_pa_i;
        next_valid_q <= req_next_valid_i;
        single_q     <= req_single_i;
      end
    end
  end

  // --- forwarding ----------------------------------------------------------------------------------------------------
  logic [4:0]  count, next;
  logic [14:0] base;
  logic        forward;

  always_comb begin
    base  = base_q;
    count = count_q;
    next  = next_q;
    if (enters) begin
      base  = hit_base;
      count = hit_count;
      next  = 5'd0;
    end else if (near) begin
      next = req_index_i;
    end
  end

  assign forward   = free_i && (enters || (rests && present_q && (near || !accept) && next < count));
  assign forward_o = forward;
  assign slot_o    = base + {10'd0, next};
  assign last_o    = next + 5'd1 == count;
  assign tag_o     = near || chained ? req_tag_i : tag_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      present_q <= 1'b0;
    end else begin
      if (enters) begin
        present_q <= 1'b1;
        kept_q    <= 1'b1;
        base_q    <= hit_base;
        count_q   <= hit_count;
        row_q     <= row_i;
        way_q     <= hit_way;
      end else if (commit_i && !pending_i) begin
        present_q <= 1'b1;
        kept_q    <= !single_q;
        base_q    <= install_base_i;
        count_q   <= install_count_i;
        row_q     <= install_row_i;
        way_q     <= install_way_i;
      end else if (accept && !near) begin
        present_q <= 1'b0;
      end
      if (drop_i) present_q <= 1'b0;
      if (forward) next_q <= next + 5'd1;
      else if (near) next_q <= req_index_i;
      else if (enters || commit_i) next_q <= 5'd0;
    end
  end

  assign present_o     = present_q;
  assign kept_o        = kept_q;
  assign present_row_o = row_q;
  assign present_way_o = way_q;
  assign ended_o       = !present_q || next_q >= count_q;
endmodule
