# Programs built by Debian's gcc-aarch64-linux-gnu run in U-mode of the guest kernel as under qemu-aarch64: testbench/system/a64_apps.tcl with fast and timed
# harts; with the argument `long` with the harts behind their CLBs, host.0's in lockstep with its RTL.
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
        if {$name ne "faults" && $status} { error "qemu-aarch64: $program: $message" }
    }
}

proc a64_apps_test::main {arguments} {
    variable build
    set directory $build/test-results/a64_expected
    make_expected $directory
    set runs [expr {"long" in $arguments ? {{--hart timed --clb lockstep --clb-hart 0}} : {{--hart fast} {--hart timed}}}]
    set failures 0
    foreach options $runs {
        set failed [catch {exec $build/assay run testbench/system/a64_apps.tcl --see model --bau model --port model {*}$options \
            --set build=$build --set expected=$directory 2>@1} output]
        puts "$options: [expr {$failed ? "FAILED\n$output" : [lindex [split $output \n] end-1]}]"
        incr failures $failed
    }
    return [expr {$failures > 0}]
}

exit [a64_apps_test::main $argv]
