# Event log and waves.
$(eval $(call c_library,trace,$(wildcard sim/trace/*.c)))
