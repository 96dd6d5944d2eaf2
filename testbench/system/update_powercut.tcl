# Power cuts in a firmware update. cut=under: the PF downloads and commits an image while guests do verified I/O; what a loss of power would leave of the slot
# flash is kept at POINTS cycles (cut-N.img in the directory), and the guests notice nothing. cut=after image=FILE: another board with such a flash.
# Parameters beside those of first_io_parts.tcl.
source testbench/system/first_io_parts.tcl

proc under {} {
    set directory $first_io::directory
    set points [assay::parameter points 16]
    file mkdir $directory
    firmware sign $first_io::build/firmware/assay-nic.elf $directory/new.img 2.0
    first_io::build_board
    first_io::start_guests
    board run 2000000
    set patience $vm::patience
    set vm::patience 100000 ;# the request goes on
    catch {firmware update $directory/new.img -activate reset}
    set vm::patience $patience
    for {set i 0} {$i < $points || ![regexp {firmware: slot 2 is started next} [board text nic]]} {incr i} {
        assay::check [expr {$i < 10 * $points}] "the update does not come to its end: [board text nic]"
        if {$i < $points} {
            firmware flash $directory/cut-$i.img
        }
        board run [expr {900000 + 7919 * $i}]
    }
    firmware flash $directory/cut-[expr {$points - 1}].img ;# the last one is of after the update, however long that took
    first_io::follow
    first_io::check_all
    puts "CUT at $points points"
}

proc after {} {
    set directory $first_io::directory
    set blank $directory/after.img
    foreach n {0 1} {
        close [open $blank.$n w]
        volumes::tool truncate -s 1M $blank.$n
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $blank.$n
    }
    board create -harts 1 -ram 256M -slot-flash [assay::parameter image ""] -config [first_io::nic_config]
    board run 12000000
    assay::check [regexp {storage 1: ready} [board text nic]] "the firmware does not start: [board text nic]"
    puts "STARTED [regexp -all -inline -line {^boot: .*$} [board text nic]]"
}

[assay::parameter cut under]
