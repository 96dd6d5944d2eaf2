// Whose turn it is among the submission queues of a function, and what a turn costs. README section 8, FETCH.
// Combinational; for the choice, and once more for what is about to be stored.
module see_turn
(
  input  see_types::queue_bits_t bits_i,
  input  see_types::turn_t       turn_i,
  output logic [8:0]             set_o,   // queues whose turn it is and that do not wait for an SQE
  output logic [3:0]             last_o,  // the queue of these that was served last
  // the queue that is served
  input  logic [3:0]             queue_i,
  output see_types::turn_t       taken_o
);
  logic [8:0]  waiting, of_urgent, of_high, of_medium, of_low, chosen;
  logic [31:0] priorities;
  logic [1:0]  priority_of, chosen_class;
  logic [8:0]  credit;
  logic        spends;

  always_comb begin
    waiting    = bits_i.sq_valid & bits_i.pend;
    of_urgent  = 9'd0;
    of_high    = 9'd0;
    of_medium  = 9'd0;
    of_low     = 9'd0;
    priorities = {14'd0, turn_i.priorities, 2'd0};
    for (int q = 1; q < 9; q++) begin
      case (priorities[2*q +: 2])
        2'd0: of_urgent[q] = waiting[q];
        2'd1: of_high[q] = waiting[q];
        2'd2: of_medium[q] = waiting[q];
        default: of_low[q] = waiting[q];
      endcase
    end

    chosen_class = 2'd0;
    chosen       = of_urgent;
    if (!turn_i.weighted) begin
      chosen = waiting;
    end else if (waiting[0]) begin
      chosen = 9'd1;
    end else if (of_urgent != 9'd0) begin
      chosen = of_urgent;
    end else if (of_high != 9'd0 && turn_i.high != 9'd0) begin
      {chosen_class, chosen} = {2'd1, of_high};
    end else if (of_medium != 9'd0 && turn_i.middle != 9'd0) begin
      {chosen_class, chosen} = {2'd2, of_medium};
    end else if (of_low != 9'd0 && turn_i.low != 9'd0) begin
      {chosen_class, chosen} = {2'd3, of_low};
    end else if (of_high != 9'd0) begin
      {chosen_class, chosen} = {2'd1, of_high};
    end else if (of_medium != 9'd0) begin
      {chosen_class, chosen} = {2'd2, of_medium};
    end else begin
      {chosen_class, chosen} = {2'd3, of_low};
    end
    set_o  = chosen & ~bits_i.fetching;
    last_o = turn_i.last[{chosen_class, 2'b00} +: 4];
  end

  // --- the cost ----------------------------------------------------------------------------------------
  always_comb begin
    taken_o     = turn_i;
    priority_of = turn_i.weighted ? priorities[{queue_i, 1'b0} +: 2] : 2'd0;
    if (!turn_i.weighted || queue_i != 4'd0) taken_o.last[{priority_of, 2'b00} +: 4] = queue_i;
    credit = (priority_of == 2'd1) ? turn_i.high : (priority_of == 2'd2) ? turn_i.middle : turn_i.low;
    spends = priority_of != 2'd0;
    if (spends && credit == 9'd0) begin
      taken_o.high   = {1'b0, turn_i.high_weight} + 9'd1;
      taken_o.middle = {1'b0, turn_i.middle_weight} + 9'd1;
      taken_o.low    = {1'b0, turn_i.low_weight} + 9'd1;
    end
    if (priority_of == 2'd1) taken_o.high = taken_o.high - 9'd1;
    if (priority_of == 2'd2) taken_o.middle = taken_o.middle - 9'd1;
    if (priority_of == 2'd3) taken_o.low = taken_o.low - 9'd1;
  end

  logic unused;
  assign unused = &{1'b0, bits_i.cq_valid};
endmodule
