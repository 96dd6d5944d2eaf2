# Builds firmware of broken.tcl and has assay firmware check judge it: the check that is meant to find the fault must.
source testbench/system/harness.tcl
source testbench/conformance/broken.tcl

namespace eval broken {
    variable directory $harness::build/test-results/broken_firmware
}

proc broken::replace {file old new} {
    set channel [open $file]
    set text [read $channel]
    close $channel
    set at [string first $old $text]
    if {$at < 0 || [string first $old $text [expr {$at + 1}]] >= 0} {
        error "$file: \"$old\" must stand there exactly once"
    }
    return [string replace $text $at [expr {$at + [string length $old] - 1}] $new]
}

proc broken::make {target args} {
    exec env -u MAKEFLAGS -u MAKELEVEL make -s B=$harness::build $target {*}$args 2>@stderr
}

# Returns the broken source's path.
proc broken::write {name source old new} {
    variable directory
    file mkdir $directory/$name
    set channel [open $directory/$name/source.c w]
    puts -nonewline $channel [replace $source $old $new]
    close $channel
    return $directory/$name/source.c
}

# Returns the image's path.
proc broken::build {name source old new} {
    variable directory
    set replacement [write $name $source $old $new]
    set image $directory/$name/assay-nic.elf
    make firmware-variant SOURCE=$source REPLACEMENT=$replacement IMAGE=$image
    return $image
}

# Every build's text is still where it was, and compiles: entries must not rot until somebody judges them all.
proc broken::compile_all {} {
    variable builds
    variable directory
    foreach {name source old new finders} $builds {
        set failed [catch {make firmware-variant-compiles REPLACEMENT=[write $name $source $old $new]} text]
        harness::check [expr {!$failed}] "$name: $text"
        file delete -force $directory/$name
    }
}

proc broken::judge {name source old new finders} {
    variable directory
    set image [build $name $source $old $new]
    lassign [harness::assay firmware check --image $image --output $directory/$name --stop on] status output errors
    harness::check [expr {$status == 1}] "$name: exit status $status: $errors"
    set found [regexp -inline -line {^  (\S+)  .*  (fail|blocked)} $output]
    harness::check [expr {[lindex $found 1] in $finders}] "$name: found by \"[lindex $found 1]\", not by $finders: $output"
    puts "$name: found by [lindex $found 1]"
    file delete -force $directory/$name
}

# Judges the first COUNT builds.
proc broken::judge_all {count} {
    variable builds
    foreach {name source old new finders} [lrange $builds 0 [expr {5 * $count - 1}]] {
        judge $name $source $old $new $finders
    }
}
