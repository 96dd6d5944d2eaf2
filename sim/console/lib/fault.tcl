# fault link: disturbs frames. (fault target is in board.tcl.)

namespace eval fault {
    namespace export firmware link lockstep pcie
}

# fault link PORT ?-drop PPM? ?-duplicate PPM? ?-corrupt PPM? ?-delay PPM? ?-cycles N?
# Faults, in parts per million, of the frames that enter the switch at PORT: 0 is the NIC, then come the links of `port attach`, then
# the targets. A delayed frame is up to N cycles late. Without options the link is perfect again.
proc fault::link {port args} {
    set values [dict create -drop 0 -duplicate 0 -corrupt 0 -delay 0 -cycles 10000]
    foreach {name value} $args {
        if {![dict exists $values $name]} {
            assay::bad_input "fault link: unknown option \"$name\""
        }
        dict set values $name $value
    }
    assay::link_fault $port {*}[dict values $values]
}

# fault lockstep BLOCK PIN CYCLE: from CYCLE on an output of the block's RTL is wrong: a test of the testbench itself.
proc fault::lockstep {block pin cycle} { assay::lockstep_fault $block $pin $cycle }

# fault firmware crash|hang ?LOST?: breaks the NIC's firmware, which is to restart and go on. LOST: an object that it keeps over restarts (firmware/boot/keep.h)
# is overwritten, as a bug could: kept, all that is known of commands; controllers, that of the PF.
proc fault::firmware {how args} { assay::break_firmware $how {*}$args }

# fault pcie none|poison|drop ?EVERY? ?all|storage|network?: every n-th completion of the host with data (for all functions, the SEE's, the network
# functions) is poisoned, or lost, so that the reader times out.
proc fault::pcie {mode {every 1} {whose all}} { assay::pcie_fault $mode $every $whose }
