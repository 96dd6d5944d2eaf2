# Scenario: the NIC for a host outside of the simulation, by vfio-user (sim/vfio_user). It serves one client and ends when that goes.
# Parameters (--set NAME=VALUE): socket, volume0 (a file; it is copied, never written), build, directory.
#
#     build/assay run testbench/system/vfio_user.tcl --hart fast --see model --bau model --port model --set socket=/tmp/nvme/cntrl
#
# SPDK's initiator then finds the controller at traddr /tmp/nvme; QEMU (10.1 or later) takes
#     -device '{"driver":"vfio-user-pci","socket":{"path":"/tmp/nvme/cntrl","type":"unix"}}'

source [file join [file dirname [info script]] volumes.tcl]

namespace eval vfio_user {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable patience 20000000
}

proc vfio_user::main {} {
    variable build
    variable directory
    variable patience
    set socket [assay::parameter socket $directory/vfio-user.sock]
    lassign [volumes::prepare 0 $directory] image
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $image
    board create -harts 1 -ram 64M -mailbox 0K -firmware $build/firmware/assay-nic.elf \
        -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\nattach 0 0\n"
    board wait "attached to function 0" $patience nic
    puts "listening at $socket"
    flush stdout
    set result [assay::vfio_user $socket]
    puts "the client has gone: [dict get $result messages] messages, [dict get $result rejected] rejected, [dict get $result interrupts] interrupts,\
        [dict get $result refused] accesses of the device refused"
}

vfio_user::main
