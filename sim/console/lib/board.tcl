# board, vm, volume, port, fault: the console's commands over the primitives in C (assay::*).

namespace eval assay {
    variable asked [dict create] ;# the parameters that the scenario asked for
}

namespace eval board {
    namespace export create run wait echo text type cycle
    namespace ensemble create
}

proc assay::bad_input {text} {
    return -code error -errorcode BAD_INPUT $text
}

proc assay::check {condition text} {
    if {!$condition} {
        return -code error -errorcode CHECK $text
    }
}

# A parameter of the scenario: --set NAME=VALUE, else the default. Where the default is a number, so must be the value.
proc assay::parameter {name default} {
    variable asked
    set settings [dict get $assay::options settings]
    dict set asked $name 1
    if {![dict exists $settings $name]} {
        return $default
    }
    set value [dict get $settings $name]
    if {[string is digit -strict $default] && ![string is digit -strict $value]} {
        assay::bad_input "--set $name takes a number without a sign, not \"$value\""
    }
    return $value
}

# "256M" -> bytes
proc assay::bytes {text} {
    if {![regexp {^(\d+)([KMG]?)$} $text -> number unit]} {
        assay::bad_input "\"$text\" is not a size: digits, then K, M or G"
    }
    return [expr {$number * [dict get {"" 1 K 1024 M 1048576 G 1073741824} $unit]}]
}

# board create ?-harts N? ?-partitions N? ?-sstc 0|1? ?-ram SIZE? ?-bios FILE? ?-kernel FILE? ?-kernel_1 FILE? ?-payload FILE? ?-initrd FILE? ?-firmware FILE? ?-slot-flash FILE? ?-config TEXT? ?-bootargs TEXT? ?-mailbox SIZE?
proc board::create {args} {
    set known {-harts harts -partitions partitions -sstc sstc -kernel_1 kernel_1 -ram ram -bios bios -kernel kernel -payload payload -initrd initrd -firmware firmware -slot-flash slot_flash -config nic_config -bootargs bootargs -mailbox mailbox}
    set config [dict create]
    foreach {name value} $args {
        if {![dict exists $known $name]} {
            assay::bad_input "board create: unknown option \"$name\""
        }
        if {$name in {-ram -mailbox}} {
            set value [assay::bytes $value]
        }
        dict set config [dict get $known $name] $value
    }
    assay::create $config
}

proc board::run {cycles} { assay::run $cycles }
proc board::type {text} { assay::type $text }
proc board::cycle {} { assay::cycle }
proc board::text {{console host}} { assay::text $console }
proc board::echo {console {prefix ""}} { assay::echo $console $prefix }

# Waits until a line of the console (host or nic) contains TEXT; returns the line. A check fails after CYCLES.
proc board::wait {text cycles {console host}} {
    set line [assay::wait $console $text $cycles]
    assay::check [expr {$line ne ""}] "the $console console did not print \"$text\" within $cycles cycles"
    return $line
}

# partition N SCRIPT: vm, volume and task commands in it speak to the hypervisor of that partition.
proc partition {number script} {
    set before [assay::partition $number]
    try {
        uplevel 1 $script
    } finally {
        assay::partition $before
    }
}

namespace eval vm {
    variable ops {ping 1 create 2 assign 3 start 4 stop 5 destroy 6 list 7 stat 8 pf_enable 9 pf_set_vfs 20 attach 10 volumes 11 limit 12 nic_update 60 assign_net 50}
    variable patience 400000000
    namespace export ping create assign assign_net start stop destroy list stat
    namespace ensemble create
}

# One request to the hypervisor; a refusal is a failed check with the hypervisor's own text.
proc vm::request {op words {name ""} {text ""} {image ""}} {
    variable ops
    variable patience
    lassign [assay::mailbox [dict get $ops $op] $words $name $text $image $patience] status values answer
    assay::check [expr {$status == 0}] "hypervisor refused $op: [string trim $answer] (status $status)"
    return [::list $values $answer]
}

proc vm::ping {} { lindex [request ping {}] 0 }

# vm create NAME ?-vcpus N? ?-memory SIZE? ?-image FILE? ?-initrd FILE? ?-bootargs TEXT? -> number
proc vm::create {name args} {
    set options [dict merge {-vcpus 1 -memory 16M -image "" -initrd "" -bootargs ""} $args]
    set words [::list [dict get $options -vcpus] [assay::bytes [dict get $options -memory]] 0 0]
    set image [dict get $options -image]
    set initrd [dict get $options -initrd]
    if {$initrd eq ""} {
        return [lindex [request create $words $name [dict get $options -bootargs] $image] 0 0]
    }
    lassign [join_images $image $initrd] joined offset bytes
    try {
        return [lindex [request create [concat $words $offset $bytes] $name [dict get $options -bootargs] $joined] 0 0]
    } finally {
        file delete $joined
    }
}

# A temporary file with an image and an initial RAM disk behind it, and where that is. -> file, offset, bytes
proc vm::join_images {image initrd} {
    if {$image eq ""} {
        assay::bad_input "vm create: -initrd needs -image"
    }
    set parts {}
    foreach name [::list $image $initrd] {
        if {[catch {open $name rb} channel]} {
            assay::bad_input "image $name: cannot be read"
        }
        lappend parts [read $channel]
        close $channel
    }
    set offset [expr {([string length [lindex $parts 0]] + 4095) & ~4095}]
    set out [file tempfile path]
    chan configure $out -translation binary
    puts -nonewline $out [lindex $parts 0]
    seek $out $offset
    puts -nonewline $out [lindex $parts 1]
    close $out
    return [::list $path $offset [string length [lindex $parts 1]]]
}

proc vm::assign {vm vf} { request assign [::list $vm $vf]; return }
proc vm::assign_net {vm function} { request assign_net [::list $vm $function]; return }
proc vm::start {vm} { request start [::list $vm]; return }
proc vm::stop {vm} { request stop [::list $vm]; return }
# vm destroy VM ?-force 1?: forced, a task that has the VM is ended first; otherwise the VM stays
proc vm::destroy {vm args} {
    set options [dict merge {-force 0} $args]
    request destroy [::list $vm [expr {bool([dict get $options -force])}]]
    return
}
proc vm::list {} { lindex [request list {}] 1 }

# vm stat N -> dict
proc vm::stat {vm} {
    set result [dict create]
    foreach line [split [string trim [lindex [request stat [::list $vm]] 1]] \n] {
        dict set result [lindex $line 0] [lindex $line 1]
    }
    return $result
}

namespace eval volume {
    namespace export enable functions attach detach limit list
    namespace ensemble create
}

proc volume::enable {functions} { lindex [vm::request pf_enable [::list $functions]] 0 }
# volume functions N: from now on the PF has N virtual functions (0 to 16); VMs may run, and lose theirs and get them back
proc volume::functions {number} { vm::request pf_set_vfs [::list $number]; return }
proc volume::attach {vf volume} { vm::request attach [::list $vf $volume]; return }
proc volume::detach {vf} { attach $vf 0xffffffff }
# volume limit VF ?-iops N? ?-kib N?: from now on the VF gets at most N commands and N KiB a second; without: as many as there are
proc volume::limit {vf args} {
    set limits [dict merge {-iops 0 -kib 0} $args]
    if {[dict size $limits] != 2} {
        assay::bad_input "volume limit: VF ?-iops N? ?-kib N?"
    }
    vm::request limit [::list $vf [dict get $limits -iops] [dict get $limits -kib]]
    return
}
proc volume::list {} { lindex [vm::request volumes {}] 1 }

# storage resize TARGET SIZE: the volume behind target number TARGET, and its file, get another size, as an administrator of the storage does it
namespace eval storage {
    namespace export resize
    namespace ensemble create
}

proc storage::resize {target size} { assay::target_resize $target [assay::bytes $size] }

# port attach qemu:unix:PATH|replay:FILE ?RECORDING?: comes before board create
namespace eval port {
    namespace export attach
    namespace ensemble create
}

proc port::attach {link {recording ""}} {
    assay::attach $link {*}[expr {$recording eq "" ? {} : [::list $recording]}]
}

namespace eval fault {
    namespace export target access cable
    namespace ensemble create
}

proc fault::target {number mode} { assay::target_mode $number $mode }

# fault access TARGET optimized|non-optimized|inaccessible|loss|change: asymmetric namespace access (the target was made with -ana)
proc fault::access {number state} { assay::target_ana $number $state }

# fault cable PORT up|down: the cable at a port of the switch (0: the NIC, then the links of `port attach`, then the targets)
proc fault::cable {port state} { assay::link_state $port $state }

# checkpoint save FILE, checkpoint restore FILE: the whole board (sim/kernel/checkpoint.h). What the scenario remembers is its own.
namespace eval checkpoint {
    namespace export save restore
    namespace ensemble create
}

proc checkpoint::save {file} { assay::checkpoint save $file }
proc checkpoint::restore {file} { assay::checkpoint restore $file }
