# For tests that run the program from outside: tclsh scripts that source this file, check, and end with harness::finish.

namespace eval harness {
    variable build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
    variable failures 0
    variable seed [expr {[info exists ::env(ASSAY_SEED)] ? $::env(ASSAY_SEED) : 1}]
}

# Runs the program; returns {status stdout stderr}.
proc harness::assay {args} {
    variable build
    set errors $build/test-results/[pid].stderr
    file mkdir [file dirname $errors]
    set status 0
    if {[catch {exec $build/assay {*}$args 2> $errors < /dev/null} output options]} {
        set code [dict get $options -errorcode]
        set status [expr {[lindex $code 0] eq "CHILDSTATUS" ? [lindex $code 2] : 128}]
        regsub {\n?child process exited abnormally$} $output "" output
    }
    set channel [open $errors]
    set text [read $channel]
    close $channel
    file delete $errors
    return [list $status $output $text]
}

# A volume of pseudo-random bytes, 512 a block.
proc harness::make_volume {path seed {blocks 4096}} {
    set words {}
    for {set i 0} {$i < $blocks * 128} {incr i} {
        set seed [expr {($seed * 1103515245 + 12345) & 0x7fffffff}]
        lappend words $seed
    }
    set channel [open $path wb]
    puts -nonewline $channel [binary format i* $words]
    close $channel
}

proc harness::check {condition text} {
    variable failures
    if {!$condition} {
        incr failures
        puts "FAILED: $text"
    }
}

# The value of a scalar key ("state_hash", "blocks.see.mismatches") of a report written by the program.
proc harness::report_value {file key} {
    set channel [open $file]
    set text [read $channel]
    close $channel
    foreach part [lrange [split $key .] 0 end-1] {
        if {![regexp -indices "\"$part\": \\x7b" $text place]} {
            error "$file has no object $part"
        }
        set text [string range $text [lindex $place 1] end]
    }
    if {![regexp "\"[lindex [split $key .] end]\": (\"\[^\"\]*\"|\[-0-9.\]+)" $text -> value]} {
        error "$file has no key $key"
    }
    return [string trim $value \"]
}

proc harness::finish {} {
    variable failures
    if {$failures} {
        puts "$failures checks failed"
        exit 1
    }
    puts "all checks passed"
    exit 0
}
