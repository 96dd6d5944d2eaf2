# The stub for GDB.
$(eval $(call c_library,gdb_stub,$(wildcard sim/gdb/*.c)))
