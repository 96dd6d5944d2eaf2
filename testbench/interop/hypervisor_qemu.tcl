# The hypervisor on stock QEMU (`virt`, H extension) above Debian's OpenSBI: the same image that Assay boots.
# usage: ASSAY_BUILD=DIR tclsh8.6 testbench/interop/hypervisor_qemu.tcl
# Status 0: all cases pass. 77: QEMU is not installed. 1: a case failed; its console output is printed.

namespace eval hv {
    variable failures 0
}

proc hv::boot {image bootargs {machine {}}} {
    set options [dict merge {cpu rv64,h=true harts 3 bios default} $machine]
    set command [list timeout 60 qemu-system-riscv64 -M virt -cpu [dict get $options cpu] -smp [dict get $options harts] -m 256M \
        -bios [dict get $options bios] -display none -serial stdio -monitor none -kernel $image -append $bootargs]
    catch {exec {*}$command < /dev/null 2>@1} output
    return [string map [list \r ""] $output]
}

# Every pattern of `expected` must occur as a whole line, as often as the number before it says.
proc hv::check {name output expected} {
    variable failures
    set missing {}
    foreach {count pattern} $expected {
        set seen [llength [lsearch -all -regexp [split $output \n] "^(?:$pattern)$"]]
        if {$seen != $count} {
            lappend missing "seen $seen times, not $count: $pattern"
        }
    }
    if {[regexp {panic|guest exception|error:} $output line]} {
        lappend missing "unexpected: $line"
    }
    if {$missing eq ""} {
        puts "$name: ok"
        return
    }
    incr failures
    puts "$name: FAILED\n  [join $missing "\n  "]\n--- console\n$output\n---"
}

proc hv::case_hello {image} {
    check "two guests compute, take timer interrupts and print" [boot $image ""] {
        1 {\[hv\] assay hypervisor: 3 harts, .* sstc yes}
        1 {\[hv\] management on hart 2}
        2 {\[vm[01]\] hello tick 5}
        1 {\[vm0\] hello primes 2262 errors=0}
        1 {\[vm1\] hello primes 2262 errors=0}
        2 {\[hv\] vm[01] shutdown, .*}
        1 {\[hv\] all guests have ended}
    }
}

proc hv::case_fw_jump {image} {
    set bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin
    if {![file exists $bios]} {
        error "Debian's OpenSBI is not installed: $bios"
    }
    check "fw_jump" [boot $image "" [dict create bios $bios]] {
        2 {\[vm[01]\] hello primes 2262 errors=0}
        1 {\[hv\] all guests have ended}
    }
}

# Nine vCPUs on two harts; without Sstc the timers are the hypervisor's.
proc hv::case_overcommit {image} {
    check "overcommit without Sstc" [boot $image "workload=hello vms=3 vcpus=3" {cpu rv64,h=true,sstc=false}] {
        1 {\[hv\] assay hypervisor: 3 harts, .* sstc no}
        3 {\[vm[012]\] hello vcpus 3}
        3 {\[vm[012]\] hello primes 2262 errors=0}
        1 {\[hv\] all guests have ended}
    }
}

proc hv::case_single_hart {image} {
    check "one hart does everything" [boot $image "workload=hello vms=2 vcpus=2" {harts 1}] {
        1 {\[hv\] management on hart 0}
        2 {\[vm[01]\] hello primes 2262 errors=0}
        1 {\[hv\] all guests have ended}
    }
}

# A guest that touches what is not its own gets the fault; the other one runs on.
proc hv::case_touch {image} {
    check "foreign accesses" [boot $image "workload=touch"] {
        2 {\[vm[01]\] touch attempts=27 errors=0}
        2 {\[vm[01]\] guest done}
        2 {\[hv\] vm[01] shutdown, .* faults 19}
        1 {\[hv\] all guests have ended}
    }
}

# Without the hypervisor extension there is one clear line.
proc hv::case_no_extension {image} {
    check "no hypervisor extension" [string map {panic: stops:} [boot $image "" {cpu rv64,h=false}]] {
        1 {\[hv\] stops: a hart lacks the hypervisor extension.*}
        0 {\[vm0\].*}
    }
}

proc hv::main {} {
    variable failures
    set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
    if {[auto_execok qemu-system-riscv64] eq ""} {
        puts "qemu-system-riscv64 is not installed"
        return 77
    }
    set image $build/hypervisor/assay-hv.bin
    foreach case [lsort [info procs ::hv::case_*]] {
        $case $image
    }
    return [expr {$failures > 0}]
}

exit [hv::main]
