# Debian's own riscv64 kernel on the board and as a guest of the hypervisor (stock_kernel.tcl). Downloads it by package name first (115 MB).
# usage: ASSAY_BUILD=build tclsh8.6 stock_kernel_test.tcl ?native|guest ...?
# Exit status: 0 pass, 1 fail, 77 if the packages are not to be had here.

set here [file dirname [file normalize [info script]]]
source $here/linux/stock.tcl

proc main {build places} {
    global here
    try {
        set kernel [stock_kernel::ensure $build/stock]
    } trap SKIP text {
        puts "skipped: $text"
        exit 77
    }
    set failed 0
    foreach where $places {
        incr failed [catch {exec $build/assay run $here/stock_kernel.tcl --hart fast --set build=$build --set stock=$kernel --set where=$where 2>@1} output]
        puts $output
    }
    puts "[llength $places] runs, $failed failed"
    exit [expr {$failed > 0}]
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}] [expr {[llength $argv] ? $argv : {native guest}}]
