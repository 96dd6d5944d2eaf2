# A debugger on the harts and the NIC processor of a board in lockstep: breakpoints, watchpoints, steps, memory through both stages.
source [file join [file dirname [info script]] harness.tcl]

set directory [file normalize $harness::build/test-results/gdb]
set build [file normalize $harness::build]

proc slurp {file} {
    set channel [open $file]
    set text [read $channel]
    close $channel
    return $text
}

# Runs the scenario under GDB with a script; returns what GDB printed.
proc debug {name script backend} {
    variable directory
    set options [list --see $backend --bau $backend --set build=$harness::build --set directory=$directory/$name --set ops=20 --report $directory/$name.json]
    set pid [exec $harness::build/assay run testbench/system/first_io.tcl {*}$options --gdb 0 > $directory/$name.out 2> $directory/$name.err &]
    for {set i 0} {$i < 200 && ![regexp {localhost:(\d+)} [slurp $directory/$name.err] -> port]} {incr i} {
        after 50
    }
    set channel [open $directory/$name.gdb w]
    puts $channel "set pagination off\nset confirm off\nset architecture riscv:rv64\ntarget remote localhost:$port\n$script"
    close $channel
    catch {exec timeout 500 gdb-multiarch -nx -batch -x $directory/$name.gdb < /dev/null 2>@1} output
    for {set i 0} {$i < 1200 && ![regexp -line {^(PASS|FAIL)} [slurp $directory/$name.out]]} {incr i} {
        after 50
    }
    return $output
}

proc expect {output args} {
    foreach pattern $args {
        harness::check [regexp $pattern $output] "GDB did not print $pattern:\n$output"
    }
}

proc debug_hypervisor {} {
    variable build
    variable directory
    set output [debug hypervisor [subst -nocommands {
info threads
symbol-file $build/hypervisor/assay-hv.elf
break hart_main
continue
p \$priv
delete
stepi
stepi
p/x \$pc - (unsigned long)hart_main
watch harts[1].online
continue
delete
break vm_create
continue
bt 2
delete
set var *(int *)0x8fff0000 = 0x5eed
x/wx 0x8fff0000
thread 4
p/x (unsigned long)\$pc >> 24
stepi
monitor cycle
monitor phys on
detach
}] lockstep]
    expect $output {host hart 2} {NIC processor} {Breakpoint 1, hart_main} {Old value = false} {New value = true} \
        {vm_create \(request} {op_vm_create} {0x8fff0000:\s+0x00005eed} {\$\d+ = 0x80\n} {addresses are physical} {detached}
    harness::check [regexp {\$\d+ = 0x([2-9a])\n} $output] "two steps did not go two instructions on:\n$output"
    harness::check [regexp -line {^PASS} [slurp $directory/hypervisor.out]] "the run did not pass after the debugger had left"
}

# In a guest: V = 1, and addresses go through the guest's and the hypervisor's tables. Both are linked to the same addresses, so V is asked.
proc debug_guest {} {
    variable build
    variable directory
    set output [debug guest [subst -nocommands {
symbol-file $build/hypervisor/guest-kernel.elf
break nvme_queue_submit if \$priv & 4
continue
bt 3
p (char *)bootargs
p (unsigned long)\$hgatp >> 60
p \$priv & 7
detach
}] model]
    expect $output {Breakpoint 1, nvme_queue_submit} {"workload=io seed=} {= 8\n} {= 5\n} {detached}
    harness::check [regexp -line {^PASS} [slurp $directory/guest.out]] "the run did not pass after the debugger had left"
}

# A debugger that only looks changes nothing.
proc look_only {} {
    variable directory
    debug looked "info threads\ninfo registers pc\ndetach" model
    lassign [harness::assay run testbench/system/first_io.tcl --see model --bau model --set build=$harness::build --set directory=$directory/alone --set ops=20 \
        --report $directory/alone.json] status
    harness::check [expr {$status == 0 && [harness::report_value $directory/alone.json state_hash] eq [harness::report_value $directory/looked.json state_hash]}] \
        "a debugger that only looked changed the run"
}

proc main {} {
    variable directory
    file delete -force $directory
    file mkdir $directory
    debug_hypervisor
    debug_guest
    look_only
    lassign [harness::assay run testbench/system/first_io.tcl --gdb 99999] status output errors
    harness::check [expr {$status == 2 && [string match "*--gdb takes a TCP port*" $errors]}] "a port out of range: $status $errors"
}

main
harness::finish
