# Event log, latencies, waves.
WAVE_TOOL := $(wildcard sim/trace/wave_*.c)
$(eval $(call c_library,trace,$(filter-out $(WAVE_TOOL),$(wildcard sim/trace/*.c))))
$(eval $(call c_library,wave_tool,$(WAVE_TOOL),-isystem $(VERILATOR_ROOT)/include -isystem /usr/include/cairo))
