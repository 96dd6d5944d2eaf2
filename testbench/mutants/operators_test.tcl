# The kinds of changes: what becomes of a small source, and that the schema of all mutants is the source again when none is selected.
source testbench/mutants/sites.tcl
source testbench/mutants/operators.tcl
source testbench/mutants/schemata.tcl

namespace eval mutate {}

proc mutate::read_text {path} { return $::sample }

set sample {module sample (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [3:0] first_i,
  input  logic [3:0] other_i,
  output logic [3:0] sum_o
);
  typedef enum logic [1:0] {IDLE, RUN, STOP} state_e;
  state_e     state_q, state_d;
  logic [3:0] count_q, kept_q;
  logic       go;

  assign go    = first_i[2] && other_i != 4'd3;
  assign sum_o = go ? {first_i[1:0], other_i[3:2]} : count_q + 4'd1;
  always_comb begin
    state_d = state_q;
    case (state_q)
      IDLE: begin
        if (go) state_d = RUN;
        else if (first_i < other_i) state_d = STOP;
      end
      default: state_d = IDLE;
    endcase
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
    end else begin
      state_q <= state_d;
      if (go) count_q <= kept_q;
    end
  end
  sub u_sub (.clk_i, .in_i(count_q), .out_o(kept_q));
endmodule
}

set failed 0
proc check {condition text} {
    if {!$condition} {
        puts "FAILED: $text"
        incr ::failed
    }
}

# With many seeds every choice of a change is met.
set seen [dict create]
for {set seed 1} {$seed <= 20} {incr seed} {
    foreach mutant [schemata::order sample.sv $seed] {
        dict set seen "[dict get $mutant operator] => [dict get $mutant text]" 1
    }
}
foreach expected {
    {&& to || => first_i[2] || other_i != 4'd3}
    {left of && dropped => other_i != 4'd3}
    {!= to == => first_i[2] && other_i == 4'd3}
    {4'd3 to 4'd4 => first_i[2] && other_i != 4'd4}
    {4'd3 to 4'd2 => first_i[2] && other_i != 4'd2}
    {[2] to [1] => first_i[1] && other_i != 4'd3}
    {[2] to [3] => first_i[3] && other_i != 4'd3}
    {[3:2] to [2:1] => *other_i[2 : 1]*}
    {parts of {} exchanged => *{ other_i[3 : 2], first_i[1 : 0] }*}
    {branches of ? exchanged => !(go) ? *}
    {first_i to other_i => other_i[2] && *}
    {count_q to kept_q => kept_q}
    {kept_q to count_q => count_q}
    {state_d to state_q => state_q}
    {the next condition first => (go) && !(first_i < other_i)}
    {< to <= => first_i <= other_i}
    {never true => 1'b0}
    {RUN to STOP => STOP}
    {reset left out => ;}
    {left out => ;}
    {inverted => (state_d) ^ '1}
    {bit * stuck at 0 => (kept_q) & ~*bits(count_q)*}
    {bit * inverted => (count_q) ^ *bits(count_q)*}
} {
    check [expr {[lsearch -glob [dict keys $seen] [string map {\[ \\\[ \] \\\]} $expected]] >= 0}] "no mutant \"$expected\""
}
# Nothing that only names a type, a port or an output's wire; nor combinational logic that keeps its own value, which is what the register does.
foreach forbidden {{*clk_i to*} {*rst_ni to*} {kept_q to count_q => count_q)*} {state_q to state_d => state_d}} {
    check [expr {[lsearch -glob [dict keys $seen] $forbidden] < 0}] "a mutant \"$forbidden\""
}
# All in one source: with the select value 0 what stands behind each colon is the source's own text.
set numbered [dict create]
set number 0
foreach mutant [schemata::order sample.sv 3] {
    dict set numbered [incr number] $mutant
}
set text [schemata::apply $sample $numbered]
check [expr {[llength [split $text \n]] == [llength [split $sample \n]]}] "lines have moved"
check [expr {[regexp -all {selected [!=]= \d+} $text] == $number}] "[regexp -all {selected [!=]= \d+} $text] places for $number mutants"
check [expr {[schemata::order sample.sv 3] eq [schemata::order sample.sv 3]}] "the same seed gives other mutants"
puts "[dict size $seen] changes met, $failed checks failed"
exit [expr {$failed > 0}]
