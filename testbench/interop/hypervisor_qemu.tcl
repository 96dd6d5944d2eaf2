# The hypervisor on stock QEMU (`virt`, H extension) above Debian's OpenSBI: the same image that Assay boots.
# usage: ASSAY_BUILD=DIR tclsh8.6 testbench/interop/hypervisor_qemu.tcl
# Status 0: all cases pass. 77: QEMU is not installed. 1: a case failed; its console output is printed.

namespace eval hv {
    variable failures 0
    variable turns {cpu rv64,h=true,sstc=true turns 1}
}

# QEMU 7.2 loses interrupts of a guest's Sstc timer (riscv_cpu_update_mip reads whether it is due before it takes the global lock, and forgets the request for it
# if another interrupt ends at that moment): on a loaded machine in one boot of 50 the guest spins on WFI for ever with VSTIP pending and enabled. So harts that
# run at the same time have no Sstc here, and harts with Sstc take turns, counted by instructions.
proc hv::boot {image bootargs {machine {}}} {
    set options [dict merge {cpu rv64,h=true,sstc=false harts 3 bios default turns 0} $machine]
    set command [list timeout 60 qemu-system-riscv64 -M virt -cpu [dict get $options cpu] -smp [dict get $options harts] -m 256M \
        -bios [dict get $options bios] -display none -serial stdio -monitor none -kernel $image -append $bootargs]
    if {[dict get $options turns]} {
        lappend command -icount shift=3,sleep=off
    }
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
    foreach {machine sstc} [list {} no $::hv::turns yes] {
        check "two guests compute, take timer interrupts and print, Sstc: $sstc" [boot $image "" $machine] [string map [list SSTC $sstc] {
            1 {\[hv\] assay hypervisor: 3 harts, .* sstc SSTC}
            1 {\[hv\] management on hart 2}
            2 {\[vm[01]\] hello through the uart}
            2 {\[vm[01]\] hello tick 5}
            1 {\[vm0\] hello primes 2262 errors=0}
            1 {\[vm1\] hello primes 2262 errors=0}
            2 {\[hv\] vm[01] shutdown, .*}
            1 {\[hv\] all guests have ended}
        }]
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

# Nine vCPUs on two harts, with timers that are the hypervisor's; and on one, with timers that are the harts' (two that take turns would wait long for each other).
proc hv::case_overcommit {image} {
    foreach {harts machine sstc} [list 3 {} no 2 [dict merge $::hv::turns {harts 2}] yes] {
        check "overcommit, Sstc: $sstc" [boot $image "workload=hello vms=3 vcpus=3" $machine] [string map [list SSTC $sstc HARTS $harts] {
            1 {\[hv\] assay hypervisor: HARTS harts, .* sstc SSTC}
            3 {\[vm[012]\] hello vcpus 3}
            3 {\[vm[012]\] hello primes 2262 errors=0}
            1 {\[hv\] all guests have ended}
        }]
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
        2 {\[vm[01]\] touch attempts=165 errors=0}
        2 {\[vm[01]\] guest done}
        2 {\[hv\] vm[01] shutdown, .* faults 36}
        1 {\[hv\] all guests have ended}
    }
}

# Harts with all that QEMU knows; state enables among it, which hide senvcfg from guests until they are set. QEMU 7.2 has no such processor.
proc hv::case_max {image} {
    if {![regexp {\mmax\M} [exec qemu-system-riscv64 -M virt -cpu help]]} {
        return
    }
    check "harts with every extension" [boot $image "" {cpu max}] {
        1 {\[vm0\] hello primes 2262 errors=0}
        1 {\[vm1\] hello primes 2262 errors=0}
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

# The guest kernel natively above OpenSBI: its NVMe driver and workload against QEMU's controller, polled. `drive` adds to the drive's options.
proc hv::boot_native {kernel image bootargs {drive ""}} {
    set command [list timeout 60 qemu-system-riscv64 -M virt -cpu rv64,h=true -m 64M -display none -serial stdio -monitor none -kernel $kernel \
        -append $bootargs -drive "if=none,id=d0,format=raw$drive,file=$image" -device nvme,drive=d0,serial=1]
    catch {exec {*}$command < /dev/null 2>@1} output
    return [string map {\r "" error: failure:} $output]
}

# 512 KiB whose CRC32C is known: each 8-byte word holds its index.
proc hv::make_volume {file} {
    set words {}
    for {set i 0} {$i < 65536} {incr i} {
        lappend words $i
    }
    set channel [open $file wb]
    puts -nonewline $channel [binary format w* $words]
    close $channel
}

proc hv::case_native_io {image} {
    set kernel [file dirname $image]/guest-kernel.bin
    set volume [file dirname $image]/native-io.img
    make_volume $volume
    set output [boot_native $kernel $volume "workload=io seed=5 ops=500 qd=32"]
    check "guest's NVMe driver on QEMU's controller" $output {
        1 {image crc32c=1aa43ca5 bytes=524288}
        1 {io done ops=500 bytes=[0-9]+ errors=0}
        1 {guest done}
    }
    make_volume $volume
    set output [boot_native $kernel $volume "workload=io seed=5 ops=500 qd=32 first_lba=900 lbas=100"]
    check "arguments that do not fit the volume" [boot_native $kernel $volume "workload=io first_lba=1000 lbas=100"] {
        1 {io failure: volume of 1024 blocks does not fit the arguments}
    }
    check "outside its region the volume is untouched" $output {1 {io done ops=500 bytes=[0-9]+ errors=0}}
    set channel [open $volume rb]
    set words [split_words [read $channel]]
    close $channel
    set changed {}
    for {set i 0} {$i < 65536} {incr i} {
        if {[lindex $words $i] != $i} {
            lappend changed [expr {$i / 64}]
        }
    }
    set changed [lsort -unique -integer $changed]
    check "its region was written" "changed blocks [lindex $changed 0] to [lindex $changed end]\n" {1 {changed blocks 900 to 999}}
}

# The guest kernel's processes: the RV64 programs run, those of the ISA that QEMU's harts lack are refused.
proc hv::case_native_processes {image} {
    set directory [file dirname $image]
    catch {exec timeout 60 qemu-system-riscv64 -M virt -cpu rv64,h=true -m 64M -display none -serial stdio -monitor none \
        -kernel $directory/guest-kernel.bin -initrd $directory/../guests/apps.cpio -append workload=apps < /dev/null 2>@1} output
    check "processes of the guest kernel" [string map {\r ""} $output] {
        4 {process (sort|digest|compress|marks)\.rv64 exited 0}
        4 {program (sort|digest|compress|marks)\.a64: of an ISA that this machine lacks}
        1 {digest.rv64\| sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad}
        1 {apps done processes=4 errors=4}
    }
}

proc hv::split_words {bytes} {
    binary scan $bytes w* words
    return $words
}

# A write that the controller fails is an error that the workload counts.
proc hv::case_native_failure {image} {
    set kernel [file dirname $image]/guest-kernel.bin
    set volume [file dirname $image]/native-io.img
    make_volume $volume
    set rules [file dirname $image]/blkdebug.conf
    set channel [open $rules w]
    puts $channel "\[inject-error\]\nevent = \"pwritev\"\nerrno = \"5\"\nonce = \"on\""
    close $channel
    set output [boot_native $kernel blkdebug:$rules:$volume "workload=io seed=5 ops=50 qd=1"]
    check "a failed command is counted" $output {
        1 {io error status op=[0-9]+ lba=[0-9]+}
        1 {io done ops=50 bytes=[0-9]+ errors=1}
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
