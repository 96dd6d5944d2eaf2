# Native ops a second of a timed hart behind its CLB: with the C model, and with model and RTL in lockstep; their ratio in one sitting.
# Usage: tclsh8.6 clb_bench.tcl   (environment ASSAY_BUILD: the build directory, default build)
set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]

lassign [exec $build/test/clb_speed model 20000000] - model cycles
lassign [exec $build/test/clb_speed_lockstep lockstep 4000000] - lockstep
puts [format "timed hart behind its CLB: model %.1f M native ops a CPU second (goal 8), lockstep with the RTL %.2f (goal 1), ratio %.1f; %.2f cycles an op" \
    [expr {$model / 1e6}] [expr {$lockstep / 1e6}] [expr {$model / $lockstep}] $cycles]
