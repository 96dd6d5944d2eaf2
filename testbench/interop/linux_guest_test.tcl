# A stock Linux as a guest of the hypervisor, two of them with a network function each, then three of them with nine vCPUs on two harts and
# four with sixteen on three. Builds the kernel first if build/linux has none (about 10 CPU minutes).
# usage: ASSAY_BUILD=build tclsh8.6 linux_guest_test.tcl
# Exit status: 0 pass, 1 fail, 77 if the kernel cannot be built here.

set here [file dirname [file normalize [info script]]]
source $here/linux/build.tcl

proc main {build} {
    global here
    try {
        set linux [linux_build::ensure $build/linux]
        linux_build::build_init $linux net_init.c net.cpio
    } trap SKIP text {
        puts "skipped: $text"
        exit 77
    }
    foreach {scenario settings} {linux_guest {} linux_guest_net {} linux_guests {} linux_guests {--set vcpus=4,4,4,4 --set harts=4}} {
        if {[catch {exec $build/assay run $here/$scenario.tcl --hart fast --set build=$build --set linux=$linux {*}$settings 2>@1} output]} {
            puts $output
            exit 1
        }
        puts $output
    }
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
