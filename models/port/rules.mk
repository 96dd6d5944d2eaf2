# The flow classifier and the placement unit of the port. The CRC is the library's that the targets use: its answers are tested there.
$(eval $(call c_library,port_classifier,$(wildcard models/port/*.c) sim/fabric/crc32c.c))
$(eval $(call unit_test,port_lockstep,$(wildcard testbench/lockstep/port/*.c),port_classifier port_rtl_debug verilated pins,$(VERILATED_LDLIBS) -lz))
