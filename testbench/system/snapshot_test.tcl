# Snapshots on the board, in lockstep and on the models, and the tool that looks into their volume.
source [file join [file dirname [info script]] harness.tcl]

proc scenario {name arguments} {
    set directory $harness::build/test-results/snapshot-$name
    lassign [harness::assay run testbench/system/$name.tcl --set build=$harness::build --set directory=$directory --seed $harness::seed {*}$arguments] status output errors
    set ::last_output $output
    puts "$name $arguments: status $status"
    harness::check [expr {$status == 0}] "$name $arguments: status $status: $errors\n$output"
    return $directory
}

proc tool {status text args} {
    lassign [harness::assay snapshot {*}$args] got output errors
    harness::check [expr {$got == $status && [string match $text "$output$errors"]}] "assay snapshot $args: status $got: $output$errors"
    return $output
}

proc look {directory} {
    set image $directory/volume0.img
    tool 0 "1 first vm writer memory 8388608 vcpus 1 parent 0*" list $image
    tool 0 "snapshot 1 ok, content *" verify $image
    tool 0 "snapshot 1 ok, content *" verify $image 1
    tool 0 "" extract $image 1 $directory/memory
    harness::check [expr {[file size $directory/memory] == 8388608}] "the extracted memory has [file size $directory/memory] bytes"
    tool 0 "0 of 2048 pages differ" diff $image 1 1
    tool 2 "*snapshot 7 is not on the volume*" verify $image 7
    tool 2 "*No such file*" list $directory/missing
    file copy -force $image $directory/cut.img
    set channel [open $directory/cut.img r+b]
    chan truncate $channel 300000
    close $channel
    tool 2 "*is shorter than when it was formatted*" list $directory/cut.img
    tool 2 "usage:*" frobnicate $image
}

# `assay snapshot diff` and `extract` of the chain against what the simulator's own copies say, which no reader of images has touched.
proc judge_diff {directory} {
    foreach id {1 2 3} {
        set channel [open $directory/golden-$id.mem rb]
        set golden($id) [read $channel]
        close $channel
        tool 0 "" extract $directory/chain.img $id $directory/extracted
        harness::check [expr {![catch {exec cmp $directory/extracted $directory/golden-$id.mem}]}] "extract of $id is not the memory of the instant"
    }
    foreach {a b} {1 2 2 3 3 1} {
        set expected {}
        set pages [expr {[string length $golden($a)] / 4096}]
        for {set page 0} {$page < $pages} {incr page} {
            set range [list [expr {$page * 4096}] [expr {$page * 4096 + 4095}]]
            if {[string range $golden($a) {*}$range] ne [string range $golden($b) {*}$range]} {
                lappend expected [format "page %d address 0x%x" $page [expr {0x80000000 + $page * 4096}]]
            }
        }
        harness::check [expr {[llength $expected] > 10}] "snapshots $a and $b hardly differ"
        set answer [split [tool 1 "*" diff $directory/chain.img $a $b] \n]
        harness::check [expr {$answer eq [concat $expected [list "[llength $expected] of $pages pages differ"]]}] "diff $a $b: [llength $answer] lines, [llength $expected] pages differ"
    }
}

# One kind of damage to an image: the tool says so in one line and ends with status 2.
proc damage {image name pattern offset bytes args} {
    set copy [file dirname $image]/damaged.img
    file copy -force $image $copy
    set channel [open $copy r+b]
    seek $channel $offset
    puts -nonewline $channel $bytes
    close $channel
    set text [tool 2 $pattern {*}[lreplace $args 1 1 $copy]]
    lassign [harness::assay snapshot {*}[lreplace $args 1 1 $copy]] status output errors
    harness::check [expr {[llength [split [string trim $errors] \n]] == 1}] "$name: not one line: $errors"
}

proc damages {directory} {
    set image $directory/volume0.img
    set channel [open $image rb]
    set header [read $channel 8192]
    close $channel
    binary scan $header @[expr {4096 + 120}]wuwuwuwuwuwu first count data index index_sum state
    damage $image foreign "*is no snapshot volume*" 0 "not a volume at all" list $image
    damage $image "newer volume" "*is of a format version that is not known here*" 8 [binary format iu 99] list $image
    damage $image "newer snapshot" "*slot 0 is of a format version that is not known here*" [expr {4096 + 8}] [binary format iu 99] verify $image
    damage $image "older snapshot" "*slot 0 *version*" [expr {4096 + 8}] [binary format iu 3] verify $image
    damage $image "header's bit in the directory" "*slot 0 has a damaged header*" [expr {4096 + 50}] \x55 verify $image
    damage $image "header's bit" "*snapshot 1 is not on the volume*" [expr {4096 + 50}] \x55 verify $image 1
    damage $image "index" "*damaged index*" [expr {$index * 4096 + 100}] \xa5\xa5 verify $image 1
    damage $image "state" "*damaged state*" [expr {$state * 4096 + 100}] \xa5\xa5 verify $image 1
    damage $image "page" "*page * damaged*" [expr {$first * 4096 + 100}] \xa5\xa5 verify $image 1
}

# A chain, what may go wrong, and power cuts; what they leave is restored on another board.
proc recover {directory output} {
    regexp {ended: (dirty done.*?errors=0)} $output -> ended
    foreach image [glob $directory/cut-*.img] {
        scenario snapshot_recover [list --see model --bau model --hart fast --set image=$image --set ended=$ended]
    }
}

proc main {} {
    look [set directory [scenario snapshot_basic {--see model --bau model --hart fast}]]
    damages $directory
    scenario snapshot_basic {--see lockstep --bau lockstep --set "target_options=block 4096"}
    scenario snapshot_io {--see lockstep --bau lockstep --set ops=400}
    scenario snapshot_io {--see model --bau model --hart fast --set ops=1000 --set path=intx --set net=1}
    judge_diff [scenario snapshot_chain {--see model --bau model}]
    scenario snapshot_full_queue {--see model --bau model --hart fast}
    scenario snapshot_faults {--see model --bau model --set cancels=6}
    scenario snapshot_restore {--see model --bau model --set cancels=4}
    scenario snapshot_mistakes {--see model --bau model --port model --hart fast}
    scenario snapshot_races {--see model --bau model --port model --hart fast}
    scenario snapshot_failover {--see model --bau model --hart fast}
    set directory [scenario snapshot_powercut {--see model --bau model}]
    recover $directory $::last_output
    scenario snapshot_powercut_vf {--see model --bau model --hart fast --set points=40}
    harness::finish
}

main
