# Fuzzers; they need clang's libFuzzer and run for as long as one lets them:
#   make fuzz-target-stream FUZZ_SECONDS=60
FUZZ_SECONDS ?= 60
FUZZ_TARGET_SOURCES := testbench/fuzz/target_stream.c testbench/unit/fabric/host_side.c $(FABRIC_CORE)

.PHONY: fuzz-target-stream
fuzz-target-stream: ## fuzz the NVMe/TCP target for FUZZ_SECONDS
	$(Q)mkdir -p $(B)/fuzz/target_stream && clang -g -O1 -fsanitize=fuzzer,address,undefined $(CPPFLAGS) -w \
	    -o $(B)/fuzz/target_stream_fuzzer $(filter-out sim/fabric/fabric%,$(FUZZ_TARGET_SOURCES))
	$(Q)$(B)/fuzz/target_stream_fuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -print_final_stats=1 $(B)/fuzz/target_stream
