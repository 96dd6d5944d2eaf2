# Crash recovery of the NIC's firmware: crashes at many places of guests' I/O, in the boot ROM too; a hang that the watchdog ends; the dump that is left.
# Backends: models with fast processors, and blocks in lockstep with timed ones; both give the same state hash for every choice of backends.
source testbench/system/harness.tcl

namespace eval crash_test {
    variable directory $harness::build/test-results/firmware_crash
}

proc crash_test::run {name faults args} {
    variable directory
    file mkdir $directory/$name
    lassign [harness::assay run testbench/system/firmware_crash.tcl --seed $harness::seed --report $directory/$name/report.json --set build=$harness::build \
        --set directory=$directory/$name --set faults=$faults --set volume0=$directory/v0 --set volume1=$directory/v1 {*}$args] status output errors
    harness::check [expr {$status == 0 && [regexp {RESTARTS (\d+)} $output -> restarts]}] "$name: status $status: $errors$output"
    return $output
}

proc crash_test::main {} {
    variable directory
    file mkdir $directory
    harness::make_volume $directory/v0 1
    harness::make_volume $directory/v1 2
    set fast {--see model --bau model --port model --hart fast --set ops=150}
    # Primes, so that each falls elsewhere in what the firmware does; the hang last, since the watchdog takes 20 ms to see it.
    set output [run repeated {60013 crash 7000003 crash 6500009 crash 3000017 hang} {*}$fast --set dump=$directory/hang.crash]
    harness::check [expr {[regexp -all {crash: trap} $output] == 3 && [regexp {crash: watchdog} $output]}] "repeated: not every crash was reported: $output"
    set output [run fallback {2000000 crash 600000 crash 600000 crash 600000 crash} {*}$fast]
    harness::check [regexp {boot: slot 1: crashes} $output] "fallback: slot 1 was not given up: $output"
    lassign [harness::assay firmware crash $directory/hang.crash --image $harness::build/firmware/assay-nic.elf] status output errors
    harness::check [expr {$status == 0 && [regexp {watchdog} $output] && [regexp {main} $output]}] "crash dump: $errors$output"
    lassign [harness::assay run testbench/system/firmware_crash_snapshot.tcl --seed $harness::seed --set build=$harness::build --set directory=$directory/snapshot \
        --see model --bau model --port model --hart fast] status output errors
    harness::check [expr {$status == 0 && [regexp {RESTARTS 3} $output]}] "a snapshot under crashes: status $status: $errors$output"
    set hashes {}
    foreach see {lockstep model} {
        run timed_$see {2500009 crash} --see $see --bau $see --port $see --set ops=20
        lappend hashes [harness::report_value $directory/timed_$see/report.json state_hash]
    }
    harness::check [expr {[lindex $hashes 0] eq [lindex $hashes 1]}] "the state hash depends on the backends: $hashes"
}

crash_test::main
harness::finish
