# Programs built by Debian's gcc-aarch64-linux-gnu run in U-mode of the guest kernel as under qemu-aarch64: testbench/system/a64_apps.tcl with fast and timed
# harts, and a snapshot in the middle of them (snapshot_a64.tcl); with the argument `long` with the harts behind their CLBs, host.0's in lockstep with its RTL.
# usage: ASSAY_BUILD=DIR tclsh8.6 testbench/system/a64_apps_test.tcl ?long?

namespace eval a64_apps_test {
    variable build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
}

# What qemu-aarch64 writes, as the scenario's expectation.
proc a64_apps_test::make_expected {directory} {
    variable build
    file mkdir $directory
    foreach program [glob $build/guests/*.a64] {
        set name [file rootname [file tail $program]]
        set f [open $directory/$name.txt w]
        try {
            set status [catch {exec qemu-aarch64-static -cpu cortex-a57 $program >@ $f} message options]
        } finally {
            close $f
        }
        if {$status} { error "qemu-aarch64: $program: $message" }
    }
}

proc a64_apps_test::main {arguments} {
    variable build
    set directory $build/test-results/a64_expected
    make_expected $directory
    set runs [list a64_apps {--hart fast} a64_apps "--hart timed --set checkpoint=$directory/checkpoint" snapshot_a64 {--hart fast}]
    if {"long" in $arguments} { set runs {a64_apps {--hart timed --clb lockstep --clb-hart 0}} }
    set failures 0
    foreach {scenario options} $runs {
        set failed [catch {exec $build/assay run testbench/system/$scenario.tcl --see model --bau model --port model {*}$options \
            --set build=$build --set expected=$directory --set directory=$build/test-results/a64 2>@1} output]
        puts "$scenario $options: [expr {$failed ? "FAILED\n$output" : [lindex [split $output \n] end-1]}]"
        incr failures $failed
    }
    return [expr {$failures > 0}]
}

exit [a64_apps_test::main $argv]
