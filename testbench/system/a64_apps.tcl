# A64 and RV64 programs in U-mode of the guest kernel, all at once on one vCPU, while other VMs with such programs share the hart: every program's
# output must be what `expected` says (a file NAME.txt for each program, made by qemu-aarch64). In a third VM programs fault, each in its own way.
# Parameters: build, expected (directory), checkpoint (a file: the run is saved in the middle, goes on, is restored and goes on again; both must be the same).

namespace eval a64_apps {
    variable build [assay::parameter build build]
    variable expected [assay::parameter expected $build/guests/expected]
    variable patience 4000000000
    variable programs {sort digest compress marks}
    # program, cause, pc, value; `here` is its faulting instruction
    variable faults {
        undefined 2 here 0x7
        store 15 here 0x0
        kernel 13 here 0x80200000
        fetch 12 0x3000000000 0x3000000000
        misaligned 5 here words
        breakpoint 3 here here
    }
}

# What PROGRAM of VM has written, from the console's text.
proc a64_apps::output {vm program} {
    set lines {}
    foreach line [split [board text host] \n] {
        if {[regexp "^\\\[vm$vm\\\] $program\\| ?(.*)$" [string trimright $line \r] -> text]} { lappend lines $text }
    }
    return [join $lines \n]\n
}

proc a64_apps::symbol {program name} {
    variable build
    foreach line [split [exec aarch64-linux-gnu-nm $build/guests/$program] \n] {
        if {[regexp "^0*(\[0-9a-f\]+) . $name\(\\.\\d+)?$" $line -> address]} { return 0x$address }
    }
    error "$program has no $name"
}

# Processes that fault are killed, each at its instruction and for the right reason.
proc a64_apps::check_faults {vm} {
    variable faults
    foreach {name cause pc value} $faults {
        set pattern "process $name.fault killed: cause=(\\d+) pc=(0x\[0-9a-f\]+) value=(0x\[0-9a-f\]+)"
        assay::check [regexp $pattern [board text host] -> said_cause said_pc said_value] "vm$vm: $name.fault was not killed"
        if {$pc eq "here"} { set pc [symbol $name.fault fault_here] }
        if {$value eq "here"} { set value $pc }
        if {$value eq "words"} { set value [format 0x%x [expr {[symbol $name.fault words] + 1}]] }
        assay::check [expr {"$said_cause $said_pc $said_value" eq "$cause $pc $value"}] \
            "vm$vm: $name.fault: cause $said_cause at $said_pc, $said_value; not $cause at $pc, $value"
        assay::check [expr {[output $vm $name.fault] eq "before\n"}] "vm$vm: $name.fault wrote [output $vm $name.fault]"
    }
}

proc a64_apps::check_programs {vm} {
    variable expected
    variable programs
    foreach program $programs {
        set f [open $expected/$program.txt]
        set wanted [read $f]
        close $f
        foreach isa {a64 rv64} {
            assay::check [expr {[string first "\[vm$vm\] process $program.$isa exited 0" [board text host]] >= 0}] "vm$vm: $program.$isa did not exit with 0"
            assay::check [expr {[output $vm $program.$isa] eq $wanted}] "vm$vm: $program.$isa wrote [output $vm $program.$isa], not $wanted"
        }
    }
}

# Runs until the VM says so.
proc a64_apps::wait {vm text} {
    variable patience
    if {[string first "\[vm$vm\] $text" [board text host]] < 0} { board wait "\[vm$vm\] $text" $patience }
}

# The way from a checkpoint among the processes on is the same twice.
proc a64_apps::check_checkpoint {file} {
    board run 3000000
    checkpoint save $file
    foreach way {first second} {
        board run 4000000
        set $way "[board cycle] [dict get [assay::stats] state_hash]"
        if {$way eq "first"} { checkpoint restore $file }
    }
    file delete $file
    assay::check [expr {$first eq $second}] "the run ended at $first, after the restore at $second"
}

proc a64_apps::main {} {
    variable build
    board create -harts 3 -ram 256M -mailbox 32M -firmware $build/firmware/assay-nic.elf -kernel $build/hypervisor/assay-hv.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\n"
    board wait "mailbox:" 100000000
    foreach {name archive} {one apps two apps faults faults} {
        lappend vms [vm create $name -memory 16M -image $build/hypervisor/guest-kernel.elf -initrd $build/guests/$archive.cpio -bootargs "workload=apps"]
    }
    foreach vm $vms { vm pin $vm 0 yes }
    foreach vm $vms { vm start $vm }
    lassign $vms one two faults
    set file [assay::parameter checkpoint ""]
    if {$file ne ""} { check_checkpoint $file }
    wait $faults "apps done processes=6 errors=0"
    wait $one "apps done processes=8 errors=0"
    wait $two "apps done processes=8 errors=0"
    check_faults $faults
    check_programs $one
    check_programs $two
    puts "16 processes of two ISAs in two VMs ended as under qemu-aarch64, 6 faulted in a third, by cycle [board cycle]"
    puts "PASS"
}

a64_apps::main
