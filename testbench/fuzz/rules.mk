# Fuzzers; they need clang's libFuzzer and run for as long as one lets them:
#   make fuzz-target-stream FUZZ_SECONDS=60
FUZZ_SECONDS ?= 60
FUZZ_TARGET_SOURCES := testbench/fuzz/target_stream.c testbench/unit/fabric/host_side.c $(FABRIC_CORE)

.PHONY: fuzz-target-stream
fuzz-target-stream: ## fuzz the NVMe/TCP target for FUZZ_SECONDS
	$(Q)mkdir -p $(B)/fuzz/target_stream && clang -g -O1 -fsanitize=fuzzer,address,undefined $(CPPFLAGS) -w \
	    -o $(B)/fuzz/target_stream_fuzzer $(filter-out sim/fabric/fabric%,$(FUZZ_TARGET_SOURCES))
	$(Q)$(B)/fuzz/target_stream_fuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -print_final_stats=1 $(B)/fuzz/target_stream

# Fuzz targets that `make test` runs for a bounded time: the firmware's initiator, its NVMe commands, the shared port. Without clang their test says that it skips.
ifneq ($(shell command -v clang),)
fuzz_initiator_sources := testbench/fuzz/initiator_stream.c firmware/fabric/queue.c firmware/fabric/queue_tx.c firmware/fabric/queue_rx.c \
	firmware/core/crc32c.c firmware/core/copy.c firmware/net/place_none.c
$(B)/test/fuzz-initiator-stream: $(fuzz_initiator_sources) $(wildcard testbench/fuzz/*.h) $(wildcard firmware/fabric/*.h) $(B)/lib/liblwip_nic_host.a
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) $(call lwip_cflags,firmware/lwip) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o $@ $(fuzz_initiator_sources) $(B)/lib/liblwip_nic_host.a
fuzz_paths_sources := testbench/fuzz/initiator_paths.c firmware/fabric/ana.c firmware/fabric/discovery.c firmware/fabric/path.c $(wildcard firmware/fabric/setup*.c) \
	firmware/fabric/storage.c firmware/fabric/watch.c $(wildcard firmware/core/c[ou]*.c) firmware/core/crc32c.c
$(B)/test/fuzz-initiator-paths: $(fuzz_paths_sources) firmware/fabric/fabric.c $(wildcard testbench/fuzz/*.h firmware/fabric/*.h firmware/core/*.h)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) $(call lwip_cflags,firmware/lwip) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o $@ $(fuzz_paths_sources)
fuzz_port_sources := testbench/fuzz/shared_port.c $(wildcard models/nic/netdev*.c) models/nic/exchange.c models/nic/placer.c models/nic/checksum.c \
	$(wildcard models/port/*.c) sim/fabric/crc32c.c models/board/tlp.c
$(B)/test/fuzz-shared-port: $(fuzz_port_sources) $(wildcard testbench/fuzz/*.h) $(wildcard models/nic/*.h models/port/*.h) | $$(GENERATED)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o $@ $(fuzz_port_sources)
fuzz_firmware_sources := testbench/fuzz/firmware_commands.c testbench/unit/firmware/fake_see.c testbench/unit/firmware/fake_system.c \
	$(wildcard firmware/nvme/*.c) firmware/update/update.c firmware/core/config.c firmware/core/config_volume.c firmware/core/cursor.c firmware/core/crc32c.c models/nic/flash.c $(BOOT_HOST_SOURCES)
$(B)/test/fuzz-firmware-commands: $(fuzz_firmware_sources) $(wildcard testbench/fuzz/*.h) $(wildcard firmware/*/*.h testbench/unit/firmware/*.h) $(B)/lib/libsodium_host.a | $$(GENERATED)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) $(SODIUM_CFLAGS) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o $@ $(fuzz_firmware_sources) $(B)/lib/libsodium_host.a
PROGRAMS += $(B)/test/fuzz-initiator-stream $(B)/test/fuzz-initiator-paths $(B)/test/fuzz-shared-port $(B)/test/fuzz-firmware-commands
endif
SCRIPT_TESTS += testbench/fuzz/test_network_fuzz.tcl
