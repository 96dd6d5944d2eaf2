# Whatever is wrong outside gets one line that names what and where, and exit status 2; nothing half-written stays behind.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/bad_input
file delete -force $directory
file mkdir $directory

proc write_file {name text} {
    set path $::directory/$name
    set channel [open $path w]
    puts -nonewline $channel $text
    close $channel
    return $path
}

proc refused {what pattern args} {
    lassign [harness::assay {*}$args] status output errors
    set lines [split [string trim $errors] \n]
    harness::check [expr {$status == 2}] "$what: status $status, not 2: $errors"
    harness::check [expr {[llength $lines] == 1 && [string match $pattern $errors]}] "$what: says \"$errors\", expected one line like \"$pattern\""
}

proc first_io {args} {
    return [list run testbench/system/first_io.tcl --see model --bau model --set build=$harness::build --set directory=$::directory/run --report $::directory/report.json {*}$args]
}

proc directory_in {name} {
    file mkdir $::directory/$name
    return $::directory/$name
}

# A parameter that nobody asked for did not do what its user wanted: he is told.
proc misspelt_parameter {} {
    set scenario [write_file right.tcl "assay::parameter length 3\n"]
    lassign [harness::assay run $scenario --set lenght=4] status output errors
    harness::check [expr {$status == 0 && [string match "*--set lenght*no such parameter*" $errors]}] "a misspelt parameter: status $status, \"$errors\""
    lassign [harness::assay run $scenario --set length=4] status output errors
    harness::check [expr {$status == 0 && $errors eq ""}] "a right parameter: status $status, \"$errors\""
}

# Ctrl-C ends a run in order: one line, the report, whole waves.
proc interrupted {} {
    set scenario [write_file endless.tcl "board create -harts 1\nboard run 1000000000000\n"]
    set pid [exec $harness::build/assay run $scenario --see model --bau model --port model --waves $::directory/cut.fst --waves-from 1 --waves-cycles 1000 \
        --report $::directory/cut.json --progress $::directory/cut.progress > $::directory/cut.out 2>@1 &]
    for {set i 0} {$i < 1200 && ![file exists $::directory/cut.progress]} {incr i} {
        after 50
    }
    exec kill -INT $pid
    for {set i 0} {$i < 1200 && ![file exists $::directory/cut.json]} {incr i} {
        after 50
    }
    set channel [open $::directory/cut.out]
    set text [read $channel]
    close $channel
    harness::check [string match "assay: $scenario: interrupted at cycle *\nreproduce: *" $text] "an interrupted run says: $text"
    harness::check [string match "interrupted at cycle *" [harness::report_value $::directory/cut.json reason]] "an interrupted run has no report"
    lassign [harness::assay wave list $::directory/cut.fst] status
    harness::check [expr {$status == 0}] "the waves of an interrupted run cannot be read"
}

# Waves that were cut anywhere, or hold wrong bytes: the tool reads what there is, or says one line; it neither dies nor goes on for ever.
proc damaged_waves {} {
    set channel [open $::directory/cut.fst rb]
    set bytes [read $channel]
    close $channel
    set size [string length $bytes]
    set random $harness::seed
    for {set i 0} {$i < 24} {incr i} {
        set random [expr {($random * 1103515245 + 12345) & 0x7fffffff}]
        set at [expr {$random % $size}]
        set damaged [expr {$i == 0 ? [string range $bytes 0 end-1] : $i < 8 ? [string range $bytes 0 $at] : [string replace $bytes $at $at [format %c [expr {$random >> 16 & 255}]]]}]
        set channel [open $::directory/damaged.fst wb]
        puts -nonewline $channel $damaged
        close $channel
        foreach verb {{list} {query lockstep.bau.model.out_i}} {
            lassign [harness::assay wave [lindex $verb 0] $::directory/damaged.fst {*}[lrange $verb 1 end]] status output errors
            harness::check [expr {$status == 0 || ($status == 2 && [regexp {^assay: wave file \S*damaged.fst: [^\n]+\n?$} $errors])}] \
                "waves damaged at byte $at of $size ($i, seed $harness::seed), [lindex $verb 0]: $status, $errors"
            harness::check [expr {$i >= 8 || $status == 2}] "waves that were cut at byte $at were read"
        }
    }
}

# A limit on the size of files stands for a full disk: the writer of waves, which maps its files, must not die of it without a word.
proc full_disk {} {
    set scenario [write_file waves.tcl "board create -harts 1\nboard run 200000\n"]
    set command [list $harness::build/assay run $scenario --see model --bau model --port model --waves $::directory/full.fst --waves-from 1 --waves-cycles 100000]
    set failed [catch {exec bash -c {trap "" XFSZ; ulimit -f 1; exec "$@"} full {*}$command 2>@1} text options]
    harness::check [expr {$failed && [lindex [dict get $options -errorcode] 2] == 2 && [string match "assay: waves *full.fst: the disk is full*" $text]}] "waves on a full disk: $text"
    harness::check [expr {[glob -nocomplain $::directory/full.fst*] eq ""}] "waves on a full disk left a file"
}

# Every scenario that fails has a report and the command that repeats it.
proc failed_scenario {} {
    set scenario [write_file fails.tcl "board create -harts 1\nboard run \[assay::parameter n 100\]\nassay::check 0 {not so}\n"]
    lassign [harness::assay run $scenario --report $::directory/failed.json --set n=500 --set "text=a b"] status output errors
    harness::check [expr {$status == 1 && [string match "*not so\n*reproduce: build/assay run $scenario *--seed 1 --set n=500 --set 'text=a b'*" $errors]}] \
        "a failed scenario: status $status, \"$errors\""
    set channel [open $::directory/failed.json]
    set report [read $channel]
    close $channel
    harness::check [expr {[string match "*\"result\": \"fail\"*\"reason\": \"not so\"*\"cycles\": 500*" $report]}] "its report: $report"
}

# Every command tells how it is used.
proc helps {} {
    foreach command {console coverage discover firmware latency regress run snapshot status timeline wave} {
        lassign [harness::assay $command --help] status output errors
        harness::check [expr {$status == 0 && $errors eq "" && [string match "*assay $command *" $output]}] "$command --help: status $status, \"$output$errors\""
    }
    lassign [harness::assay run [write_file help.tcl "help\nhelp task\nhelp tusk\n"]] status output errors
    harness::check [expr {$status == 2 && [regexp -all -line {^task wait N CYCLES} $output] == 2 && [string match "*no command \"tusk\"*" $errors]}] "help of the console: $output$errors"
}

proc main {} {
    helps
    refused "no command" "*command is missing*"
    refused "unknown command" "*\"fly\"*" fly
    refused "unknown option" "*\"--fast\"*" {*}[first_io --fast yes]
    refused "option without value" "*missing after*--seed*" run x.tcl --seed
    refused "unknown backend" "*--see*\"verilog\"*" {*}[first_io --see verilog]
    refused "seed that is no number" "*--seed*\"1x\"*" {*}[first_io --seed 1x]
    refused "scenario that is not there" "*no/such.tcl*" run no/such.tcl
    refused "scenario with an error" "*broken.tcl:2*" run [write_file broken.tcl "\nbord create\n"]
    refused "scenario with a wrong board" "*harts*" run [write_file harts.tcl "board create -harts 99\n"]
    refused "volume that is not there" "*volume 0*no/such.img*" {*}[first_io --set volume0=no/such.img]
    refused "volume that is too short" "*volume 1*short.img*4096*" {*}[first_io --set volume1=[write_file short.img [string repeat x 4096]]]
    refused "volume with a broken end" "*volume 1*odd.img*" {*}[first_io --set volume1=[write_file odd.img [string repeat x 2000001]]]
    refused "target that refuses" "*volume 1*10.0.0.11:4420*refuses*" {*}[first_io --set target1=refuses]
    refused "target mode that is none" "*target*\"sleeps\"*" {*}[first_io --set target0=sleeps]
    set text [write_file text.bin "not a program"]
    refused "firmware that is none" "*firmware image*text.bin*not an ELF*" run [write_file firmware.tcl "board create -firmware $text\n"]
    refused "firmware that is not there" "*firmware image*none.elf*" run [write_file missing.tcl "board create -firmware $::directory/none.elf\n"]
    refused "hypervisor that is not there" "*hypervisor image*none.bin*" run [write_file hv.tcl "board create -kernel $::directory/none.bin\n"]
    refused "hypervisor that is none" "*hypervisor image*text.bin*not an ELF*" run [write_file hv_text.tcl "board create -kernel $text\n"]
    refused "payload that is empty" "*payload*empty.bin*empty*" run [write_file empty.tcl "board create -payload [write_file empty.bin {}]\n"]
    refused "waves that cannot be written" "*waves*" {*}[first_io --waves /nonexistent/a.fst]
    refused "report that cannot be written" "*--report*a_directory*" {*}[first_io --report [directory_in a_directory]]
    refused "coverage that cannot be written" "*--coverage*none/x*" {*}[first_io --coverage $::directory/none/x]
    refused "number that is none" "*--set ops*\"many\"*" {*}[first_io --set ops=many]
    refused "number below zero" "*--set ops*\"-1\"*" {*}[first_io --set ops=-1]
    refused "capture that cannot be written" "*nonexistent*" run [write_file pcap.tcl "assay::pcap /nonexistent/x.pcap\nboard create\n"]
    misspelt_parameter
    failed_scenario
    full_disk
    interrupted
    damaged_waves
    harness::check [expr {![file exists $::directory/report.json] && ![file exists $::directory/report.json.new]}] "a refused run left a report"
}

main
harness::finish
