# A small sample of netlist mutants of the blocks (make mutate with few of them): the score must be 90 %.
# environment: ASSAY_BUILD, the build directory (build); ASSAY_SEED, which mutants (1)
set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
set seed [expr {[info exists ::env(ASSAY_SEED)] ? $::env(ASSAY_SEED) : 1}]
if {[catch {exec make mutate B=$build N=20 SEED=$seed "MUTATE_BLOCKS=see bau" MUTATE_STAGES=lockstep 2>@1} output]} {
    puts $output
    exit 1
}
puts $output
