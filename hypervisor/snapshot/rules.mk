# The snapshot format as a native library, and `assay snapshot` over it.
$(eval $(call c_library,snapshot,hypervisor/snapshot/format.c hypervisor/snapshot/codec.c $(wildcard hypervisor/snapshot/native/*.c)))
$(eval $(call unit_test,snapshot,testbench/unit/snapshot/test_snapshot.c testbench/unit/snapshot/image_maker.c,snapshot,-llz4))

$(eval $(call unit_test,snapshot_queue,testbench/unit/snapshot/test_queue.c hypervisor/snapshot/queue.c hypervisor/snapshot/writer.c,snapshot))

# The fuzz target is one program, built by clang with its sanitizers; without clang its test says that it skips.
ifneq ($(shell command -v clang),)
snapshot_fuzz_sources := testbench/fuzz/snapshot.c testbench/unit/snapshot/image_maker.c $(patsubst %,hypervisor/snapshot/%.c,format codec native/image)
$(B)/test/snapshot-fuzz: $(snapshot_fuzz_sources) $(wildcard hypervisor/snapshot/*.h hypervisor/snapshot/native/*.h) testbench/unit/snapshot/image_maker.h
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o $@ $(snapshot_fuzz_sources)
PROGRAMS += $(B)/test/snapshot-fuzz
endif
SCRIPT_TESTS += testbench/fuzz/test_snapshot_fuzz.tcl
LONG_TESTS += testbench/system/snapshot_interference_long.tcl
