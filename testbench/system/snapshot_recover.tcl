# Another board, with a volume's file that some other board left (--set image=FILE): everything on it is restored into a fresh VM, which must end with
# --set ended=TEXT.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_recover {}

proc snapshot_recover::main {} {
    set file $snapshot_lab::directory/volume0.img
    file mkdir $snapshot_lab::directory
    file copy -force [assay::parameter image ""] $file
    snapshot_lab::start [list $file] 3 1 0 0
    set ids [assay::snapshot_list $file]
    assay::check [expr {$ids ne ""}] "nothing is on the volume"
    foreach id $ids {
        set vm [vm restore $id -name back$id]
        set line [snapshot_lab::await $vm "dirty done" 1 400000000]
        assay::check [expr {$line eq [assay::parameter ended ""]}] "snapshot $id ended with \"$line\""
    }
    snapshot_lab::say "restored $ids on another board: they ended as on the first"
}

snapshot_recover::main
