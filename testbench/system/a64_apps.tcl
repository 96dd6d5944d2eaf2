# A64 and RV64 programs in U-mode of the guest kernel, all at once on one vCPU, while a second VM with the same programs shares the hart: every
# program's output must be what `expected` says (a file NAME.txt for each program, made by qemu-aarch64), and nothing is killed.
# Parameters: build, expected (directory).

namespace eval a64_apps {
    variable build [assay::parameter build build]
    variable expected [assay::parameter expected $build/guests/expected]
    variable patience 4000000000
    variable programs {sort digest compress marks}
}

# What PROGRAM of VM has written, from the console's text.
proc a64_apps::output {vm program} {
    set lines {}
    foreach line [split [board text host] \n] {
        if {[regexp "^\\\[vm$vm\\\] $program\\| ?(.*)$" [string trimright $line \r] -> text]} { lappend lines $text }
    }
    return [join $lines \n]\n
}

proc a64_apps::main {} {
    variable build
    variable expected
    variable patience
    variable programs
    board create -harts 3 -ram 256M -mailbox 32M -firmware $build/firmware/assay-nic.elf -kernel $build/hypervisor/assay-hv.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\n"
    board wait "mailbox:" 100000000
    foreach name {one two} {
        lappend vms [vm create $name -memory 16M -image $build/hypervisor/guest-kernel.elf -initrd $build/guests/apps.cpio -bootargs "workload=apps"]
    }
    foreach vm $vms { vm pin $vm 0 yes }
    foreach vm $vms { vm start $vm }
    foreach vm $vms { board wait "\[vm$vm\] apps done" $patience }
    set done [board cycle]
    foreach vm $vms {
        assay::check [expr {[string first "\[vm$vm\] apps done processes=8 errors=0" [board text host]] >= 0}] "vm$vm: programs were refused"
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
    puts "16 processes of two ISAs in two VMs ended as under qemu-aarch64 by cycle $done"
    puts "PASS"
}

if {[catch a64_apps::main m o]} { puts [board text host]; return -options $o $m }
