# Generates one file from the descriptions of a block.
# usage: tclsh8.6 generate.tcl BLOCK_DIRECTORY KIND OUTPUT
#   KIND: regs.h pkg.sv ports.h lockstep_top.sv view.sv pins.c reference.md
# Exit status 2 with one line for a wrong description or usage; OUTPUT is then left as it was.

set here [file dirname [file normalize [info script]]]
source $here/describe.tcl
source $here/emit_registers.tcl
source $here/emit_ports.tcl

proc render {description kind} {
    switch -- $kind {
        regs.h { return [emit_registers::c_header $description] }
        pkg.sv { return [emit_registers::sv_package $description] }
        ports.h { return [emit_ports::c_header $description] }
        lockstep_top.sv { return [emit_ports::wrapper $description] }
        view.sv { return [emit_ports::viewer $description] }
        pins.c { return [emit_ports::c_table $description] }
        reference.md { return [emit_registers::reference $description][emit_ports::reference $description] }
        default { throw {DESCRIBE} "generate: kind \"$kind\" is unknown" }
    }
}

proc main {argv} {
    if {[llength $argv] != 3} {
        throw {DESCRIBE} "usage: generate.tcl BLOCK_DIRECTORY KIND OUTPUT"
    }
    lassign $argv directory kind output
    set text [render [describe::read_block $directory] $kind]
    file mkdir [file dirname $output]
    set channel [open $output.new w]
    puts -nonewline $channel $text
    close $channel
    file rename -force $output.new $output
}

try {
    main $argv
} trap DESCRIBE {message} {
    puts stderr $message
    exit 2
}
