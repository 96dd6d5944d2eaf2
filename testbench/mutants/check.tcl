# Applies each patch BLOCK-NAME.patch of this directory to a copy of the project and checks that the lockstep test of BLOCK
# (BUILD/test/BLOCK_lockstep) fails with a mismatch of a named port. The first line of a patch says what it breaks.
# usage: tclsh8.6 testbench/mutants/check.tcl ?BLOCK?         from the top of the project; all blocks without an argument
#   environment: ASSAY_BUILD, the build directory (build): the copy lies in its subdirectory mutants
# Exit status 0 if every mutant is caught, 1 if one survives, 2 if one cannot be applied or built.

namespace eval mutants {
    variable top [pwd]
    variable here [file dirname [file normalize [info script]]]
}

proc mutants::build_directory {} {
    return [file normalize [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]]
}

# A copy of all that git does not ignore, so that no mutant ever touches the project itself.
proc mutants::copy_project {copy} {
    variable top
    file delete -force $copy/src
    file mkdir $copy/src
    foreach entry [glob -directory $top -tails * .ci] {
        if {[file normalize $top/$entry] ne [build_directory]} {
            file copy $top/$entry $copy/src/$entry
        }
    }
}

proc mutants::build {copy block} {
    set target $copy/build/test/${block}_lockstep
    exec make -C $copy/src B=$copy/build $target >& $copy/build.log
    return $target
}

# Returns the line that names the mismatch, or "" if the test passed.
proc mutants::run_test {program} {
    if {![catch {exec $program --gtest_break_on_failure=0 2>@1} output]} {
        return ""
    }
    if {![regexp -line {lockstep: block .*} $output line]} {
        return "failed without a mismatch of a port: [lindex [split [string trim $output] \n] end]"
    }
    return $line
}

proc mutants::check {copy patch} {
    variable top
    set name [file rootname [file tail $patch]]
    set block [lindex [split $name -] 0]
    file delete -force $copy/src/rtl/$block
    file copy $top/rtl/$block $copy/src/rtl/$block
    exec patch -p1 -s -d $copy/src < $patch
    set line [run_test [build $copy $block]]
    puts [format "%-32s %s" $name [expr {$line eq "" ? "SURVIVES" : $line}]]
    flush stdout
    file delete -force $copy/src/rtl/$block
    file copy $top/rtl/$block $copy/src/rtl/$block
    return [expr {$line ne ""}]
}

proc mutants::main {argv} {
    variable here
    set patches [lsort [glob -directory $here [lindex [concat $argv *] 0]-*.patch]]
    set copy [build_directory]/mutants
    set caught 0
    copy_project $copy
    foreach patch $patches {
        incr caught [check $copy $patch]
    }
    puts "$caught of [llength $patches] mutants caught"
    return [expr {$caught == [llength $patches] ? 0 : 1}]
}

try {
    exit [mutants::main $argv]
} on error {message} {
    puts stderr "mutants: $message"
    exit 2
}
