# A board with a snapshot volume, and what scenarios of snapshots share.
# Parameters (--set NAME=VALUE): build, directory, target_options (of each target: `assay::target`).

namespace eval snapshot_lab {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run/snapshot]
    variable random [dict get $assay::options seed]
    variable second_path {} ;# numbers of volumes that two targets of one subsystem serve; the second of volume N is target [count of files] + its place here
    variable bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin
}

proc snapshot_lab::say {text} {
    puts [format "%10.3f ms  %s" [expr {[board cycle] / 1e6}] $text]
}

# The next number below BELOW, by the run's seed.
proc snapshot_lab::random {below} {
    variable random
    set random [expr {($random * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
    return [expr {($random >> 33) % $below}]
}

# An empty file of SIZE for volume NUMBER; returns its path.
proc snapshot_lab::empty_volume {number size} {
    variable directory
    file mkdir $directory
    set path $directory/volume$number.img
    close [open $path w]
    set channel [open $path r+b]
    chan truncate $channel [assay::bytes $size]
    close $channel
    return $path
}

# A board whose volumes are FILES, with HARTS harts; the hypervisor is up, the PF has VFS functions, volume SNAPSHOTS takes snapshots. MORE: lines of the NIC's
# configuration.
proc snapshot_lab::start {files harts vfs snapshots format {more {}}} {
    variable build
    variable bios
    variable second_path
    set n 0
    set lines [list "ip 10.0.0.2/24" "mac 02:00:00:00:00:02" "seed [dict get $assay::options seed]" "kato 0"]
    foreach file $files {
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $file {*}[expr {$n in $second_path ? "ana optimized" : ""}] {*}[assay::parameter target_options ""]
        set others [expr {$n in $second_path ? " path 10.0.0.[expr {40 + $n}]:4420 queues 2 timeout 3" : ""}]
        lappend lines "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1$others"
        incr n
    }
    foreach second $second_path {
        assay::target 10.0.0.[expr {40 + $second}]/24 nqn.2026-11.assay:target$second [lindex $files $second] ana non-optimized
    }
    board create -harts $harts -ram 256M -bios $bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [join [concat $lines $more] \n]\n
    vm ping
    volume enable $vfs
    set patience 20
    while {[regexp -all -line {^volume \d+ ready} [volume list]] < $n} {
        assay::check [incr patience -1] "the volumes do not become ready"
        board run 5000000
    }
    volume snapshots $snapshots -format $format
    say "snapshot volume open, [llength $files] volumes"
}

# Puts the bytes of FROM into FILE, which stays the same file: somebody has it open.
proc snapshot_lab::put_back {from file} {
    set channel [open $from rb]
    set bytes [read $channel]
    close $channel
    set channel [open $file r+b]
    puts -nonewline $channel $bytes
    close $channel
}

proc snapshot_lab::same_file {a b} {
    return [expr {![catch {exec cmp -s $a $b}]}]
}

# Starts a VM with workload dirty; returns its number. ARGS: more options of vm create.
proc snapshot_lab::dirty_vm {name vcpus memory arguments args} {
    variable build
    set vm [vm create $name -vcpus $vcpus -memory $memory -image $build/hypervisor/guest-kernel.elf -bootargs "workload=dirty $arguments" {*}$args]
    vm start $vm
    return $vm
}

# The lines that VM N has printed and that contain TEXT.
proc snapshot_lab::lines {n text} {
    set found {}
    foreach line [split [board text host] \n] {
        if {[string first "\[vm$n\] " $line] >= 0 && [string first $text $line] >= 0} {
            lappend found [string trim [regsub {^.*\[vm\d+\] } $line ""]]
        }
    }
    return $found
}

# Runs until VM N has printed COUNT lines with TEXT; returns the last of them.
proc snapshot_lab::await {n text count cycles} {
    set limit [expr {[board cycle] + $cycles}]
    while {[llength [set found [lines $n $text]]] < $count} {
        assay::check [expr {[board cycle] < $limit}] "vm$n did not print \"$text\" $count times within $cycles cycles"
        board run 500000
    }
    return [lindex $found end]
}

# ---- a volume's file, looked at and changed from outside; hypervisor/snapshot/format.h ----

# The checksum of BYTES, a multiple of 8 (hypervisor/snapshot/sum.h).
proc snapshot_lab::sum {bytes} {
    set mask 0xffffffffffffffff
    set factor 0xbf58476d1ce4e5b9
    set sum [expr {(0x9e3779b97f4a7c15 + [string length $bytes]) & $mask}]
    binary scan $bytes wu* words
    set fours [expr {[llength $words] / 4 * 4}]
    set sectors [expr {[llength $words] / 64 * 64}]
    for {set i 0} {$i < $fours} {incr i 4} {
        lassign [lrange $words $i [expr {$i + 3}]] a b c d
        set sum [expr {(((((((($sum + $a) & $mask) ^ $b) + $c) & $mask) ^ $d)) * $factor) & $mask}]
        if {$i < $sectors && $i % 64 == 60} {
            set sum [expr {$sum ^ ($sum >> 32)}]
        }
    }
    foreach word [lrange $words $fours end] {
        set sum [expr {(($sum + $word) * $factor) & $mask}]
    }
    set sum [expr {(($sum ^ ($sum >> 29)) * 0x94d049bb133111eb) & $mask}]
    return [expr {$sum ^ ($sum >> 32)}]
}

proc snapshot_lab::file_bytes {file offset count} {
    set channel [open $file rb]
    seek $channel $offset
    set bytes [read $channel $count]
    close $channel
    return $bytes
}

proc snapshot_lab::file_put {file offset bytes} {
    set channel [open $file r+b]
    seek $channel $offset
    puts -nonewline $channel $bytes
    close $channel
}

# The word at OFFSET of the header in slot SLOT.
proc snapshot_lab::header_word {file slot offset} {
    binary scan [file_bytes $file [expr {4096 * (1 + $slot) + $offset}] 8] wu word
    return $word
}

proc snapshot_lab::put_header_word {file slot offset word} {
    file_put $file [expr {4096 * (1 + $slot) + $offset}] [binary format wu $word]
}

# Changes the state of the snapshot in slot SLOT: the bytes at OFFSET of the payload of its first record of KIND become BYTES; the sums are made right. Returns
# what was there.
proc snapshot_lab::change_state {file slot kind offset bytes} {
    set place [expr {4096 * [header_word $file $slot 160]}]
    set state [file_bytes $file $place [header_word $file $slot 168]]
    for {set at 0} {1} {incr at [expr {16 + (($size + 7) & ~7)}]} {
        binary scan $state @${at}iuiuiuiu seen index size version
        assay::check [expr {$seen != 0}] "no record of kind $kind in slot $slot of $file"
        if {$seen == $kind} {
            break
        }
    }
    set from [expr {$at + 16 + $offset}]
    set before [string range $state $from [expr {$from + [string length $bytes] - 1}]]
    set state [string replace $state $from [expr {$from + [string length $bytes] - 1}] $bytes]
    file_put $file $place $state
    put_header_word $file $slot 176 [sum $state]
    reseal $file $slot
    return $before
}

proc snapshot_lab::reseal {file slot} {
    put_header_word $file $slot 248 0
    put_header_word $file $slot 248 [sum [file_bytes $file [expr {4096 * (1 + $slot)}] 4096]]
}
