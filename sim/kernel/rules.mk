# The co-simulation kernel.
$(eval $(call c_library,pins,sim/kernel/pins.c $(foreach block,$(RTL_BLOCKS),$(if $(wildcard rtl/$(block)/ports.tcl),$(B)/gen/$(block)_pins.c))))
$(eval $(call c_library,kernel,$(filter-out %/pins.c,$(wildcard sim/kernel/*.c))))
$(eval $(call unit_test,sim_kernel,$(wildcard testbench/unit/sim/*.c),kernel pins trace,-lelf -lzstd))
