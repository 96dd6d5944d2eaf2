# Neither storage nor packets starve when the port is saturated (port_fairness.tcl): two VMs read their volumes as fast as the line goes while two
# exchange TCP, calm, in a storm of frames for everybody and for the firmware, and in one of frames for one VM. Floors are parts of what the same VMs get when it is calm.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/port_fairness
file mkdir $directory
foreach n {0 1} {
    harness::make_volume $directory/volume$n [expr {$n + 5}] 4096
}

# Returns {storage Gbit/s network0 Gbit/s ...}.
proc run {what arguments} {
    global directory
    lassign [harness::assay run testbench/system/port_fairness.tcl --see model --bau model --port model --seed $harness::seed --set build=$harness::build \
        --set directory=$directory --set storage=2 --set network=2 {*}$arguments] status output errors
    harness::check [expr {$status == 0 && [regexp {RESULT ([^\n]*)} $output -> line]}] "$what: status $status: $errors\n$output"
    puts "$what: $line"
    return [string map {= " "} $line]
}

proc expect {what got calm floors} {
    dict for {name part} $floors {
        harness::check [expr {[dict get $got $name] >= $part * [dict get $calm $name]}] \
            "$what: $name has [dict get $got $name] Gbit/s, [dict get $calm $name] when it is calm; the floor is $part of that"
    }
}

set calm [run calm {}]
# Frames of 9,000 bytes on a line of 25 Gbit/s, and some room for the others.
harness::check [expr {[dict get $calm storage] > 22}] "calm: storage has [dict get $calm storage] Gbit/s only"
harness::check [expr {min([dict get $calm network0], [dict get $calm network1]) > 0.1}] "calm: [dict get $calm network0] and [dict get $calm network1] Gbit/s of TCP"
# The storm itself takes 3.4 Gbit/s of the line.
expect "frames for one" [run "frames for one" {--set storm=200 --set to=function}] $calm {storage 0.8 network1 0.7}
expect "frames for all" [run "frames for all" {--set storm=200 --set {to=everybody firmware}}] $calm {storage 0.8 network0 0.5 network1 0.5}
harness::finish
