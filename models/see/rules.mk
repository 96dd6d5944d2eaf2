# The SEE in C: usable without any simulator.
$(eval $(call c_library,see_model,$(wildcard models/see/*.c)))

# Its unit tests, and the same tests with the RTL in lockstep.
see_tests := $(addprefix testbench/unit/see/,bench.c driver.c) $(wildcard testbench/unit/see/test_*.c) models/board/tlp.c
$(eval $(call unit_test,see,$(see_tests) testbench/unit/see/device_model.c,see_model))
$(eval $(call unit_test,see_unit_lockstep,$(see_tests) testbench/unit/see/device_lockstep.c,see_model see_rtl verilated pins,\
	$(VERILATED_LDLIBS)))


# Hostile hosts against the model, bounded in make test; without clang the test says that it skips.
ifneq ($(shell command -v clang),)
see_fuzz_sources := testbench/fuzz/see.c $(addprefix testbench/unit/see/,bench.c driver.c device_model.c) models/board/tlp.c $(wildcard models/see/*.c)
$(B)/test/see-fuzz: $(see_fuzz_sources) $(wildcard testbench/fuzz/*.h) $(wildcard models/see/*.h testbench/unit/see/*.h) | $$(GENERATED)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) -std=gnu11 -O2 -g -w -fsanitize=fuzzer,address,undefined  -fno-sanitize-recover=undefined -o $@ $(see_fuzz_sources)
PROGRAMS += $(B)/test/see-fuzz
endif
SCRIPT_TESTS += testbench/fuzz/test_see_fuzz.tcl
