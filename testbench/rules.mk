# The GoogleTest shim, the runner, and the entry points. Each entry point installs what is missing, then builds, then runs.
$(eval $(call c_library,gtest_shim,testbench/gtest/shim.cpp,))

# make run [VOLUME0=FILE] [VOLUME1=FILE] [SEE=model|rtl|lockstep] [BAU=...] [CLB=none|model|rtl|lockstep] [SEED=N] [WAVES=1]
SEE ?= lockstep
CLB ?= none
BAU ?= lockstep
SEED ?= 1
# The window of WAVES=1: both guests do I/O, and after 0.3 million cycles a snapshot begins.
WAVES_FROM ?= 52000000
WAVES_CYCLES ?= 400000
SCENARIO ?= testbench/system/first_io.tcl
RUN_FLAGS = --failure-window 5000000 --failure-files $(B)/run/failure --see $(SEE) --bau $(BAU) --clb $(CLB) --seed $(SEED) --report $(B)/run/report.json --set build=$(B) \
	$(if $(VOLUME0),--set volume0=$(VOLUME0)) $(if $(VOLUME1),--set volume1=$(VOLUME1)) $(if $(filter-out 0,$(WAVES)),--waves $(B)/run/first_io.fst --waves-from $(WAVES_FROM) --waves-cycles $(WAVES_CYCLES))

run: deps ## build everything and run the main scenario
	+$(Q)$(MAKE) --no-print-directory all
	$(Q)mkdir -p $(B)/run && $(B)/assay run $(SCENARIO) $(RUN_FLAGS)

test: deps ## run every test; the last line counts them
	+$(Q)$(MAKE) --no-print-directory all unit-tests
	$(Q)$(TCLSH) testbench/run_tests.tcl $(B) $(UNIT_TESTS) $(SCRIPT_TESTS)

test-long: deps ## the tests that need more than a minute
	+$(Q)$(MAKE) --no-print-directory all unit-tests
	$(Q)$(TCLSH) testbench/run_tests.tcl $(B) $(LONG_TESTS)

bench: deps ## measure, as ratios in one sitting
	+$(Q)$(MAKE) --no-print-directory all unit-tests
	$(Q)for b in $(BENCHES); do ASSAY_BUILD=$(B) $(TCLSH) $$b || exit 1; done

# Which tests belong to test-long: the testplan tells a result that is missing from one that only they give.
GENERATED += $(B)/long_tests
$(B)/long_tests: $(wildcard rules.mk */rules.mk */*/rules.mk)
	$(Q)mkdir -p $(@D) && printf '%s\n' $(LONG_TESTS) > $@

.PHONY: unit-tests
unit-tests: $$(UNIT_TESTS)
all: $$(GENERATED) $$(PROGRAMS) ## build everything that a run needs

SCRIPT_TESTS += $(wildcard testbench/system/*_test.tcl)
LONG_TESTS += testbench/system/interrupt_race_long.tcl
LONG_TESTS += testbench/system/checkpoint_long.tcl
LONG_TESTS += testbench/system/failure_window_long.tcl
LONG_TESTS += testbench/system/joint_long.tcl
LONG_TESTS += testbench/system/sriov_long.tcl
LONG_TESTS += testbench/system/hotplug_long.tcl
LONG_TESTS += testbench/system/accelerator_faults_long.tcl
LONG_TESTS += testbench/system/partition_fuzz_long.tcl
BENCHES += testbench/bench/board_bench.tcl
BENCHES += testbench/bench/observe_bench.tcl
BENCHES += testbench/bench/storage_bench.tcl
BENCHES += testbench/bench/stripe_bench.tcl
BENCHES += testbench/bench/accelerator_bench.tcl
