# A board with a snapshot volume, and what scenarios of snapshots share.
# Parameters (--set NAME=VALUE): build, directory.

namespace eval snapshot_lab {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run/snapshot]
    variable random [dict get $assay::options seed]
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

# A board whose volumes are FILES, with HARTS harts; the hypervisor is up, the PF has VFS functions, volume SNAPSHOTS takes snapshots.
proc snapshot_lab::start {files harts vfs snapshots format} {
    variable build
    variable bios
    set n 0
    set lines [list "ip 10.0.0.2/24" "mac 02:00:00:00:00:02" "seed [dict get $assay::options seed]" "kato 0"]
    foreach file $files {
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $file
        lappend lines "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1"
        incr n
    }
    board create -harts $harts -ram 256M -bios $bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [join $lines \n]\n
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

# Starts a VM with workload dirty; returns its number.
proc snapshot_lab::dirty_vm {name vcpus memory arguments} {
    variable build
    set vm [vm create $name -vcpus $vcpus -memory $memory -image $build/hypervisor/guest-kernel.elf -bootargs "workload=dirty $arguments"]
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
