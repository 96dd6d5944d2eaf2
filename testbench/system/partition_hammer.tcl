# Two partitions of four harts whose software does nothing but use the BAU's registers (testbench/system/rogue, hammer=): even harts read, odd ones
# unblock entries that change, which have to be repeated until the engine has taken the one before. The accesses of harts are served in turn, so that
# nobody waits longer than a turn of all, whichever its partition, and all get the same share.
# Parameters: accesses (of each hart), build.

set build [assay::parameter build build]
set accesses [assay::parameter accesses 10000]
# Eight harts of 4 cycles, and what the measuring instructions take themselves.
set bound 48

board create -harts 8 -partitions 2 -ram 256M -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/testbench/rogue.elf \
    -kernel_1 $build/testbench/rogue.elf -bootargs "hammer=$accesses" -firmware $build/firmware/assay-nic.elf -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\n"

proc hammered {} { regexp -all -inline {hammer hart=\d+ accesses=\d+ longest=\d+ elapsed=\d+} "[board text host] [board text host1]" }

while {[llength [hammered]] < 8} {
    assay::check [expr {[board cycle] < 400000000}] "the harts do not end: [board text host][board text host1]"
    board run 1000000
}
set elapsed {}
foreach line [hammered] {
    regexp {hart=(\d+) accesses=(\d+) longest=(\d+) elapsed=(\d+)} $line -> hart done longest cycles
    puts "hart $hart of partition [expr {$hart / 4}]: $done [expr {$hart & 1 ? {unblocks} : {reads}}], the longest $longest cycles, [expr {$cycles / $done}] on average"
    if {!($hart & 1)} {
        assay::check [expr {$longest <= $bound}] "a read of hart $hart took $longest cycles, the bound is $bound"
        lappend elapsed $cycles
    }
}
set elapsed [lsort -integer $elapsed]
assay::check [expr {[lindex $elapsed end] * 100 <= [lindex $elapsed 0] * 110}] "the harts' shares differ: $elapsed cycles for the same number of reads"
puts "PASS"
