# The NIC's firmware is replaced under the guests' verified I/O: downloaded and committed by the hypervisor's PF, started without a reset.
# Images that must not be taken are refused before. Parameters: those of first_io_parts.tcl.
source testbench/system/first_io_parts.tcl

proc refused {text status script} {
    set failed [catch {uplevel 1 $script} answer]
    assay::check [expr {$failed && [string match "*NVMe status 0x$status*" $answer]}] "$text was not refused with status $status: $answer"
}

proc run {} {
    set directory [assay::parameter directory .]
    set elf $first_io::build/firmware/assay-nic.elf
    firmware sign $elf $directory/new.img 1.1
    firmware sign $elf $directory/newer.img 2.0 2
    set channel [open $directory/new.img rb]
    set bytes [read $channel]
    close $channel
    set channel [open $directory/forged.img wb]
    puts -nonewline $channel [string replace $bytes 5000 5000 [expr {[string index $bytes 5000] eq "x" ? "y" : "x"}]]
    close $channel
    first_io::build_board
    first_io::start_guests
    board run 3000000
    refused "a forged image" 107 {firmware update $directory/forged.img}
    refused "a forged image for a slot" 107 {firmware update $directory/forged.img -slot 1 -activate no}
    firmware update $directory/new.img
    board run 25000000
    assay::check [regexp {firmware: slot 2 is started next} [board text nic]] "the update was not noticed"
    firmware update $directory/newer.img
    board run 25000000
    refused "an older image" 113 {firmware update $directory/new.img}
    first_io::follow
    first_io::check_all
    assay::check [expr {[regexp -all {restarted, \d+ us} [board text nic]] == 2}] "the firmware did not restart twice: [board text nic]"
    puts "UPDATED"
}

run
