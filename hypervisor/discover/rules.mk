# Kernel discovery: a freestanding core, its front end for files, the command line.
discover_core := memory exports banner syscalls trace rule_pattern rule match discover ps paging paging_high paging_a64
discover_host := unpack image dump capstone capstone_x86 capstone_a64 tables_rv64 session report trace_print discover_cli
discover_rules := $(sort $(wildcard hypervisor/discover/rules/*.rules))
DISCOVER_LIBS := -lcapstone -lz -llzma -lzstd -llz4

$(B)/gen/discover_rules.c: hypervisor/discover/embed_rules.tcl $(discover_rules)
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $(TCLSH) $< $@ $(discover_rules)
GENERATED += $(B)/gen/discover_rules.c

$(eval $(call c_library,discover,$(patsubst %,hypervisor/discover/%.c,$(discover_core) $(discover_host)) $(B)/gen/discover_rules.c))
$(eval $(call program,assay-discover,hypervisor/discover/main.c,discover convert,$(DISCOVER_LIBS)))

# The judge: reads kallsyms and BTF, which the library never does.
$(eval $(call program,test/discover-truth,$(patsubst %,testbench/interop/discover/%.c,truth_main kallsyms btf),discover convert,$(DISCOVER_LIBS)))
SCRIPT_TESTS += testbench/interop/discover/test_discover_kernels.tcl testbench/interop/discover/test_discover_dump.tcl
LONG_TESTS += $(patsubst %,testbench/interop/discover/test_discover_%.tcl,all suites dumps live)

# The fuzz target is one program, built by clang with its sanitizers; without clang its test says that it skips.
ifneq ($(shell command -v clang),)
discover_fuzz_sources := testbench/fuzz/discover.c $(patsubst %,hypervisor/discover/%.c,$(discover_core) unpack image dump capstone capstone_x86 capstone_a64 tables_rv64) \
	models/convert/convert.c models/convert/load.c models/convert/disasm.c $(B)/gen/rv64_tables.c $(B)/gen/discover_rules.c
$(B)/test/discover-fuzz: $(discover_fuzz_sources) $(wildcard hypervisor/discover/*.h)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o $@ $(discover_fuzz_sources) $(DISCOVER_LIBS)
PROGRAMS += $(B)/test/discover-fuzz
endif
SCRIPT_TESTS += testbench/fuzz/test_discover_fuzz.tcl

$(eval $(call unit_test,test_discover,testbench/unit/discover/fixture.c testbench/unit/discover/test_discover.c testbench/unit/discover/test_rv64.c,discover convert,$(DISCOVER_LIBS)))
$(eval $(call unit_test,test_discover_files,testbench/unit/discover/test_discover_files.c,discover convert,$(DISCOVER_LIBS)))
