# A small sample of mutants of every block, judged by the lockstep tests alone: the flow works from the sources to the score, and at least 70 % die.
# (The sign-off's limit, 90 % of a sample of 100 and more over all stages, is a row of the sign-off table.)
# environment: ASSAY_BUILD, the build directory (build); ASSAY_SEED, which mutants (1)
set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
set seed [expr {[info exists ::env(ASSAY_SEED)] ? $::env(ASSAY_SEED) : 1}]
set blocks {see bau port clb}
catch {exec make mutate B=$build N=20 SEED=$seed "MUTATE_BLOCKS=$blocks" MUTATE_STAGES=lockstep 2>@1} output
puts $output
foreach block $blocks {
    if {![regexp "$block: 20 mutants, .*?score (\[0-9.\]+) %" $output -> score] || $score < 70} {
        puts "FAILED: $block has [expr {[info exists score] ? "a score of $score %" : "no score"}]; reproduce: make mutate N=20 SEED=$seed MUTATE_BLOCKS=$block MUTATE_STAGES=lockstep"
        exit 1
    }
    unset score
}
