# Event log, latencies, waves.
WAVE_TOOL := $(wildcard sim/trace/wave_*.c)
COVERAGE_TOOL := $(addprefix sim/trace/,source_lines.c executed.c coverage_cli.c backtrace.c crash_cli.c)
$(eval $(call c_library,trace,$(filter-out $(WAVE_TOOL) $(COVERAGE_TOOL),$(wildcard sim/trace/*.c))))
$(eval $(call c_library,coverage,$(COVERAGE_TOOL)))
$(eval $(call c_library,wave_tool,$(WAVE_TOOL),-isystem $(VERILATOR_ROOT)/include -isystem /usr/include/cairo))
