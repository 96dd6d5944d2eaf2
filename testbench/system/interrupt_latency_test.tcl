# The latency laboratory on the cells that the goal figures need, the BAU in lockstep; the same figures with models; bad parameters; a picture of
# one interrupt.
# Status 0: all pass; 1: one failed.
source [file join [file dirname [info script]] harness.tcl]

proc main {} {
    set scenario testbench/system/interrupt_latency.tcl
    set directory $harness::build/test-work/latency
    file mkdir $directory
    set cells [list --set build=$harness::build --set directory=$directory --set loads=idle --set caches=warm --set goals=1 --set pings=40]
    lassign [harness::assay run $scenario --bau lockstep {*}$cells --set paths=direct,direct-idle,classical,classical-idle --set over=1,5,5p] status output errors
    harness::check [expr {$status == 0}] "the laboratory ends with status $status: $output $errors"
    harness::check [expr {[regexp {direct +idle +1 +warm +39 +356} $output]}] "direct delivery does not take 356 cycles: $output"
    foreach name {interrupt_latency.json interrupt_latency_distributions.svg interrupt_latency_stages.svg} {
        harness::check [expr {[file size $directory/$name] > 500}] "$name is empty"
    }
    lassign [harness::assay run $scenario {*}[lrange $cells 0 3] --set pings=20 --set paths=mismatch,broadcast-busy --set loads=cpu,storage --set over=1 --set caches=cold] status output errors
    harness::check [expr {$status == 0}] "cold caches and load end with status $status: $output $errors"
    foreach {name value} {paths direkt loads none over 3 caches hot pings 0} {
        lassign [harness::assay run $scenario --set build=$harness::build --set $name=$value] status output errors
        harness::check [expr {$status == 2 && [string match "*$name*$value*" $errors]}] "$name=$value ends with status $status: $errors"
    }
    set failed [catch {exec [info nameofexecutable] waveforms/paths.tcl $directory/waves $harness::build direct 2>@1} output]
    harness::check [expr {!$failed && [string match "*handled after 356*" $output] && [file size $directory/waves/direct.png] > 5000 && [file size $directory/waves/direct.gtkw] > 500}] \
        "no picture of a direct interrupt: $output"
    harness::finish
}

main
