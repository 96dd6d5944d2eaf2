# A scenario that fails by itself: OpenSBI alone never prints what is waited for. For failure_window_test.tcl.
board create -harts 1 -ram 128M -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin
board wait "a line that nobody prints" 3000000
