// The placement unit: follows NVMe/TCP connections, says where C2HData goes, verifies digests (README.md, "The placement unit").
module port_place (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         seg_valid_i,
  input  logic         seg_job_i,
  input  logic [4:0]   seg_owner_i,
  input  logic [95:0]  seg_tuple_i,    // destination port, source port, destination, source
  input  logic [31:0]  seg_seq_i,
  input  logic [15:0]  seg_length_i,
  output logic         seg_ready_o,
  input  logic         pay_valid_i,
  input  logic [63:0]  pay_data_i,
  output logic         pay_ready_o,
  output logic         run_valid_o,
  output logic [15:0]  run_at_o,
  output logic [15:0]  run_length_o,
  output logic [63:0]  run_address_o,
  input  logic         run_ready_i,
  output logic         done_valid_o,
  output logic [15:0]  done_from_o,
  output logic [2:0]   done_bad_o,
  output logic [31:0]  done_crc_o,
  input  logic         done_ready_i,
  input  logic         write_i,        // of a register of the block
  input  logic [11:0]  addr_i,
  input  logic [63:0]  data_i,
  output logic [63:0]  value_o,
  output logic         open_o,
  output logic         idle_o
);
  typedef enum logic [2:0] {IDLE, FIND, LOOK, WORK, SAVE, DRAIN, DONE} state_e;
  // Fields of a PDU; no enumeration, since they are kept in memory.
  localparam logic [2:0] PRE = 3'd0, HEAD = 3'd1, HDIG = 3'd2, SKIP = 3'd3, DATA = 3'd4, DIG = 3'd5, JOB = 3'd6;
  localparam logic [15:0] NOT_FOLLOWED = 16'(port_pkg::PORT_PLACE_NOT);
  localparam logic [7:0]  C2H_DATA = 8'h07;

  state_e       state_q;
  logic [2:0]   field_q;
  logic         job_q, killed_q, due_q;
  logic [4:0]   owner_q, flow_q;
  logic [95:0]  tuple_q;
  logic [31:0]  seq_q, left_q, crc_q, digest_q;
  logic [15:0]  length_q, rest_q, at_q, from_q;
  logic [2:0]   bad_q;
  logic [2:0]   used_q;
  logic [63:0]  target_q;
  logic [191:0] head_q;
  logic [319:0] counts_q;  // SEGMENTS, OUT, BYTES, DATA_DIGEST, HEADER_DIGEST

  // --- registers, connections, entries ------------------------------------------------------------------------------
  logic        flow_write, entry_write, hit, in_sync, armed, starts, begins, loses, entry_hit;
  logic [95:0] write_tuple;
  logic [63:0] write_address, entry_address;
  logic [18:0] entry_length;
  logic [4:0]  found;
  logic [31:0] arm, ahead;
  logic        forgets;
  logic [15:0] cccid;

  assign forgets = flow_write && (data_i[49:48] == 2'(port_pkg::PORT_PLACE_CLOSE) || data_i[49:48] == 2'(port_pkg::PORT_PLACE_OPEN));

  port_place_regs u_regs (
    .clk_i, .rst_ni, .write_i, .addr_i, .data_i, .value_o, .flow_o(flow_write), .flow_tuple_o(write_tuple), .entry_o(entry_write),
    .entry_address_o(write_address), .counts_i(counts_q)
  );
  port_place_flows u_flows (
    .clk_i, .rst_ni, .write_i(flow_write), .write_op_i(data_i[49:48]), .write_flow_i(data_i[36:32]), .write_owner_i(data_i[44:40]),
    .write_seq_i(data_i[31:0]), .write_tuple_i(write_tuple), .owner_i(owner_q), .tuple_i(tuple_q), .hit_o(hit), .flow_o(found),
    .sync_o(in_sync), .armed_o(armed), .arm_o(arm), .begin_i(begins), .lose_i(loses), .lose_flow_i(flow_q), .open_o
  );
  port_place_table u_table (
    .clk_i, .write_i(entry_write), .write_flow_i(data_i[20:16]), .write_cccid_i(data_i[15:0]), .write_length_i(data_i[42:24]),
    .write_address_i(write_address), .write_valid_i(data_i[63]), .forget_i(forgets), .forget_flow_i(data_i[36:32]), .flow_i(flow_q),
    .cccid_i(cccid), .hit_o(entry_hit), .length_o(entry_length), .address_o(entry_address)
  );

  // State of the connections between segments: expected, field, left, crc, digest, head.
  logic [322:0] kept_mem [0:port_pkg::PORT_PLACE_FLOWS-1];
  logic [322:0] kept;
  logic [2:0]   kept_field;
  assign kept       = kept_mem[found];
  assign kept_field = kept[290:288];
  assign ahead      = arm - seq_q;
  assign begins     = state_q == FIND && !job_q && hit && armed && ahead < {16'b0, length_q};
  assign starts     = state_q == FIND && !job_q && hit && !begins && in_sync && kept[322:291] == seq_q;

  // --- what the header says -----------------------------------------------------------------------------------------
  logic        is_data, has_hdig, has_dig, head_wrong;
  logic [32:0] plen, pdo, datal, datao, h, d, skip;
  assign is_data    = head_q[7:0] == C2H_DATA;
  assign has_hdig   = head_q[8];
  assign has_dig    = is_data && head_q[9];
  assign h          = has_hdig ? 33'd4 : 33'd0;
  assign d          = has_dig ? 33'd4 : 33'd0;
  assign pdo        = 33'(head_q[31:24]);
  assign plen       = 33'(head_q[63:32]);
  assign cccid      = head_q[79:64];
  assign datao      = 33'(head_q[127:96]);
  assign datal      = 33'(head_q[159:128]);
  assign skip       = (is_data ? pdo : plen) - 33'd24 - h;
  assign head_wrong = is_data ? pdo < 33'd24 + h || plen != pdo + datal + d : plen < 33'd24 + h;

  // --- bytes --------------------------------------------------------------------------------------------------------
  logic         beat_valid, pops, drains, works, ends, consumes, takes_run, digest_wrong, serves;
  logic [63:0]  beat, chunk;
  logic [255:0] head_shifted;
  logic [95:0]  digest_shifted;
  logic [2:0]   count;
  logic [3:0]   room, bytes;
  logic [31:0]  crc_next;

  assign room     = 4'd8 - {1'b0, used_q};
  always_comb begin
    bytes = room;
    if (rest_q < 16'(bytes)) bytes = rest_q[3:0];
    if (left_q < 32'(bytes)) bytes = left_q[3:0];
  end
  assign works     = state_q == WORK && !(killed_q && !job_q);
  assign ends      = works && left_q == '0;
  assign takes_run = works && !ends && rest_q != '0 && due_q && field_q == DATA;
  assign consumes  = works && !ends && rest_q != '0 && !(due_q && field_q == DATA) && beat_valid;
  assign drains    = state_q == DRAIN && rest_q != '0 && beat_valid;
  assign pops      = drains || (consumes && (bytes == room || rest_q == 16'(bytes)));
  assign chunk     = beat >> {used_q, 3'b0};

  // What is above the bytes that are taken ends above what is kept.
  assign head_shifted   = {chunk, head_q} >> {bytes, 3'b0};
  assign digest_shifted = {chunk, digest_q} >> {bytes, 3'b0};
  assign digest_wrong   = digest_q != ~crc_q;
  assign serves         = entry_hit && datao + datal <= 33'(entry_length);
  assign loses          = ends && ((field_q == HEAD && head_wrong) || (field_q == HDIG && has_hdig && digest_wrong));

  port_crc32c u_crc (.crc_i(crc_q), .data_i(chunk), .bytes_i(bytes), .crc_o(crc_next));
  lib_fifo #(.Width(64), .Depth(4)) u_pay (
    .clk_i, .rst_ni, .push_i(pay_valid_i && pay_ready_o), .data_i(pay_data_i), .ready_o(pay_ready_o), .valid_o(beat_valid), .data_o(beat),
    .pop_i(pops), .count_o(count)
  );

  // --- states -------------------------------------------------------------------------------------------------------
  logic [15:0] stored, drained;
  logic        run_free, ends_segment, kills;
  logic        run_valid_q, done_valid_q;
  assign run_free  = !run_valid_q || run_ready_i;
  // The runs of a segment leave before its end is told.
  assign ends_segment = state_q == DONE && !run_valid_q && (!done_valid_q || done_ready_i);
  assign stored    = left_q < {16'b0, rest_q} ? left_q[15:0] : rest_q;
  assign drained   = rest_q < 16'(room) ? rest_q : 16'(room);
  assign kills     = forgets && ((state_q == FIND && hit && found == data_i[36:32]) ||
    ((state_q == LOOK || state_q == WORK || state_q == SAVE) && flow_q == data_i[36:32]));
  assign seg_ready_o = state_q == IDLE;

  // Only the state is reset: the rest is written on the way from IDLE before it is used.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else begin
      unique case (state_q)
        IDLE: begin
          killed_q <= 1'b0;
          at_q     <= '0;
          used_q   <= '0;
          bad_q    <= '0;
          from_q   <= NOT_FOLLOWED;
          if (seg_valid_i) begin
            state_q  <= FIND;
            job_q    <= seg_job_i;
            owner_q  <= seg_owner_i;
            tuple_q  <= seg_tuple_i;
            seq_q    <= seg_seq_i;
            length_q <= seg_length_i;
            rest_q   <= seg_length_i;
          end
        end
        FIND: begin
          flow_q  <= found;
          state_q <= DRAIN;
          if (job_q) begin
            state_q <= WORK;
            field_q <= JOB;
            left_q  <= {16'b0, length_q};
            crc_q   <= ~seq_q;
          end else if (begins) begin
            state_q <= WORK;
            field_q <= PRE;
            left_q  <= ahead;
            from_q  <= ahead[15:0];
          end else if (starts) begin
            field_q  <= kept_field;
            {left_q, crc_q, digest_q, head_q} <= kept[287:0];
            from_q  <= '0;
            state_q <= kept_field == DATA && kept[287:256] != '0 ? LOOK : WORK;
          end
        end
        LOOK: begin
          state_q  <= WORK;
          if (!serves) bad_q[2] <= 1'b1;
          due_q    <= serves;
          target_q <= entry_address + 64'(datao) + 64'(datal) - 64'(left_q);
        end
        WORK: begin
          if (!works) begin
            from_q  <= NOT_FOLLOWED;
            state_q <= DRAIN;
          end else if (ends) begin
            unique case (field_q)
              HEAD: begin
                field_q <= HDIG;
                left_q  <= h[31:0];
              end
              HDIG: begin
                field_q <= SKIP;
                left_q  <= skip[31:0];
              end
              SKIP: begin
                field_q <= DATA;
                left_q  <= is_data ? datal[31:0] : '0;
                crc_q   <= '1;
                if (is_data && datal != '0) state_q <= LOOK;
              end
              DATA: begin
                field_q <= DIG;
                left_q  <= d[31:0];
              end
              JOB: state_q <= DONE;
              default: begin
                field_q <= HEAD;
                left_q  <= 32'd24;
                crc_q   <= '1;
              end
            endcase
            if (loses) state_q <= DRAIN;
            if (field_q == HDIG && has_hdig && digest_wrong) bad_q[1] <= 1'b1;
            if (field_q == DIG && has_dig && digest_wrong) bad_q[0] <= 1'b1;
          end else if (rest_q == '0) begin
            state_q <= SAVE;
          end else if (takes_run) begin
            if (run_free) due_q <= 1'b0;
          end else if (consumes) begin
            used_q <= pops ? '0 : used_q + bytes[2:0];
            left_q <= left_q - 32'(bytes);
            rest_q <= rest_q - 16'(bytes);
            at_q   <= at_q + 16'(bytes);
            if (field_q == HEAD) head_q <= head_shifted[191:0];
            if (field_q == HDIG || field_q == DIG) digest_q <= digest_shifted[31:0];
            if (field_q == HEAD || field_q == DATA || field_q == JOB) crc_q <= crc_next;
          end
        end
        SAVE: state_q <= DONE;
        DRAIN: begin
          if (rest_q == '0) state_q <= DONE;
          if (drains) begin
            rest_q <= rest_q - drained;
            used_q <= '0;
          end
        end
        default: if (ends_segment) state_q <= IDLE;
      endcase
      if (kills) killed_q <= 1'b1;
    end
    if (state_q == SAVE && !killed_q) kept_mem[flow_q] <= {seq_q + 32'(length_q), field_q, left_q, crc_q, digest_q, head_q};
  end

  // --- what leaves --------------------------------------------------------------------------------------------------
  logic [95:0] run_q;
  logic [50:0] done_q;
  assign {run_at_o, run_length_o, run_address_o} = run_q;
  assign {done_from_o, done_bad_o, done_crc_o}   = done_q;
  assign run_valid_o  = run_valid_q;
  assign done_valid_o = done_valid_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      run_valid_q  <= 1'b0;
      run_q        <= '0;
      done_valid_q <= 1'b0;
      done_q       <= '0;
    end else begin
      if (takes_run && run_free) begin
        run_valid_q <= 1'b1;
        run_q       <= {at_q, stored, target_q};
      end else if (run_ready_i) begin
        run_valid_q <= 1'b0;
        run_q       <= '0;
      end
      if (ends_segment) begin
        done_valid_q <= 1'b1;
        done_q       <= {from_q, bad_q, job_q ? ~crc_q : 32'd0};
      end else if (done_ready_i) begin
        done_valid_q <= 1'b0;
        done_q       <= '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      counts_q <= '0;
    end else begin
      if (begins || starts) counts_q[63:0] <= counts_q[63:0] + 64'd1;
      if (state_q == FIND && !job_q && hit && !begins && !starts) counts_q[127:64] <= counts_q[127:64] + 64'd1;
      if (takes_run && run_free) counts_q[191:128] <= counts_q[191:128] + 64'(stored);
      if (ends && field_q == DIG && has_dig && digest_wrong) counts_q[255:192] <= counts_q[255:192] + 64'd1;
      if (ends && field_q == HDIG && has_hdig && digest_wrong) counts_q[319:256] <= counts_q[319:256] + 64'd1;
    end
  end

  assign idle_o = state_q == IDLE && count == '0 && !run_valid_q && !done_valid_q;

  `LIB_STABLE(a_run_stable, run_valid_o, run_ready_i, run_q)
  `LIB_STABLE(a_done_stable, done_valid_o, done_ready_i, done_q)

  logic unused_wires;
  assign unused_wires = ^{h[32], d[32], skip[32], head_shifted[255:192], digest_shifted[95:32], head_q[23:16], head_q[95:80], head_q[191:160], data_i[62:50], data_i[47:45]};
endmodule
