# The NIC's firmware: lwIP from its Debian source package, the RISC-V image, the host build that tests use.

LWIP_DIR := $(B)/src/lwip
LWIP_STAMP := $(LWIP_DIR)/.version

# What the NIC and the embedded targets use of lwIP: IPv4, TCP, UDP, ICMP, ARP, raw API.
LWIP_SOURCES := $(addprefix src/core/,def.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c raw.c stats.c \
    tcp.c tcp_in.c tcp_out.c timeouts.c udp.c ipv4/etharp.c ipv4/icmp.c ipv4/ip4.c ipv4/ip4_addr.c ipv4/ip4_frag.c) \
    src/netif/ethernet.c

$(LWIP_STAMP): .ci/fetch-sources
	$(call say,FETCH,$@)
	$(Q).ci/fetch-sources $(B)/src lwip && touch $@

# Ed25519 and SHA-512 of images' signatures: the portable files of libsodium, with field arithmetic for 128-bit products.
SODIUM_DIR := $(B)/src/libsodium/src/libsodium
SODIUM_STAMP := $(B)/src/libsodium/.version
SODIUM_SOURCES := crypto_core/ed25519/ref10/ed25519_ref10.c crypto_hash/sha512/hash_sha512.c crypto_hash/sha512/cp/hash_sha512_cp.c \
    crypto_verify/sodium/verify.c sodium/utils.c crypto_sign/ed25519/ref10/open.c crypto_sign/ed25519/sign_ed25519.c \
    crypto_sign/ed25519/ref10/sign.c crypto_sign/ed25519/ref10/keypair.c
SODIUM_CFLAGS := -isystem $(SODIUM_DIR)/include -isystem $(SODIUM_DIR)/include/sodium
SODIUM_BUILD := -DHAVE_TI_MODE -DNATIVE_LITTLE_ENDIAN -w -ffunction-sections -fdata-sections $(SODIUM_CFLAGS)

$(SODIUM_STAMP): .ci/fetch-sources $(LWIP_STAMP)
	$(call say,FETCH,$@)
	$(Q).ci/fetch-sources $(B)/src libsodium && touch $@

# lwip_library NAME, DIRECTORY of lwipopts.h, [EXTRA CFLAGS]: $(B)/lib/libNAME.a for the host.
# Users compile with $(call lwip_cflags,DIRECTORY) and name $(LWIP_STAMP) as order-only prerequisite.
# lwIP is not ours to fix: its warnings are off.
lwip_cflags = -I$(1) -Ifirmware/lwip/include -isystem $(LWIP_DIR)/src/include
define lwip_library
$(B)/lib/lib$(1).a: $(patsubst %.c,$(B)/obj/lwip-$(1)/%.o,$(LWIP_SOURCES))
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && $$(AR) rcs $$@ $$^
$(B)/obj/lwip-$(1)/%.o: $(LWIP_STAMP) $(wildcard $(2)/lwip*.h) firmware/lwip/include/arch/cc.h
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CC) -std=gnu11 $$(OPT) -g -w -D_GNU_SOURCE $(call lwip_cflags,$(2)) $(3) -c -o $$@ $(LWIP_DIR)/$$*.c
endef

# ---- The image: $(B)/firmware/assay-nic.elf ----------------------------------------------------------------------
FW_CC ?= riscv64-unknown-elf-gcc
# The processor performs misaligned accesses in one cycle (Zicclsm), so the compiler may use them; of the tunings that say so,
# this is the one for a simple in-order core.
FW_ARCH := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-strict-align -mtune=thead-c906
# picolibc's multilib is known by the older name of the same architecture.
FW_LINK_ARCH := -march=rv64imac -mabi=lp64 -mcmodel=medany -mno-strict-align -mtune=thead-c906
FW_BASE := --specs=picolibc.specs -std=gnu11 -O2 -g -fno-common -ffunction-sections -fdata-sections \
    -fno-stack-protector $(FW_ARCH)
# Across files, since lwIP is many small functions; not where CSRs are named, which the link architecture does not know.
FW_LTO := -flto
$(B)/firmware/obj/firmware/boot/%.o: FW_LTO :=
FW_CORE_SOURCES := $(addprefix firmware/,core/config.c core/config_volume.c core/cursor.c core/copy.c core/crc32c.c core/log.c net/lan.c fabric/fabric.c fabric/storage.c fabric/discovery.c fabric/path.c fabric/ana.c \
    fabric/setup.c fabric/setup_connect.c fabric/setup_identify.c fabric/setup_discovery.c fabric/watch.c fabric/queue.c fabric/queue_tx.c fabric/queue_rx.c nvme/controller.c nvme/queues.c nvme/identify.c \
    nvme/features.c nvme/log_pages.c nvme/async.c nvme/function_state.c nvme/attach.c nvme/volumes.c nvme/layout.c nvme/io.c nvme/parts.c nvme/spread.c nvme/mirror.c nvme/qos.c \
    nvme/firmware.c nvme/volume_record.c update/update.c)
FW_BOARD_SOURCES := $(addprefix firmware/,main.c boot/interrupt.c boot/clock.c boot/info.c boot/system.c boot/uart.c boot/trap.c boot/memory.c net/port.c net/place.c see/see.c see/context.c)
FW_OBJECTS := $(patsubst %.c,$(B)/firmware/obj/%.o,$(FW_CORE_SOURCES) $(FW_BOARD_SOURCES)) \
    $(B)/firmware/obj/firmware/boot/crt0.o $(patsubst %.c,$(B)/firmware/obj/lwip/%.o,$(LWIP_SOURCES))

# The options are named since -MMD leaves out what system headers (lwIP's, here) include.
LWIP_OPTIONS := firmware/lwip/lwipopts.h firmware/lwip/lwippools.h firmware/lwip/include/arch/cc.h
$(B)/firmware/obj/%.o: %.c $(LWIP_OPTIONS) | $$(GENERATED) $(LWIP_STAMP)
	$(call say,FWCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(FW_BASE) $(FW_LTO) $(WARN) -I. -I$(B)/gen $(call lwip_cflags,firmware/lwip) -MMD -MP -c -o $@ $<

$(B)/firmware/obj/%.o: %.S
	$(call say,FWCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(FW_BASE) -MMD -MP -c -o $@ $<

$(B)/firmware/obj/lwip/%.o: $(LWIP_STAMP) $(LWIP_OPTIONS)
	$(call say,FWCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(FW_BASE) $(FW_LTO) -w -I. $(call lwip_cflags,firmware/lwip) -c -o $@ $(LWIP_DIR)/$*.c

$(B)/firmware/assay-nic.elf: $(FW_OBJECTS) firmware/boot/link.ld
	$(call say,FWLD,$@)
	$(Q)$(FW_CC) --specs=picolibc.specs -O2 -g -flto -flto-partition=one $(FW_LINK_ARCH) -nostartfiles -T firmware/boot/link.ld -Wl,--gc-sections -Wl,--build-id=sha1 \
	    -Wl,--no-warn-rwx-segments -Wl,-Map=$(B)/firmware/assay-nic.map -o $@ $(FW_OBJECTS)

# ---- The boot ROM: $(B)/firmware/boot-rom.elf, and as an array for the board --------------------------------------
ROM_SOURCES := firmware/boot/rom/rom.c firmware/boot/rom/choose.c firmware/boot/memory.c firmware/boot/image.c firmware/boot/record.c firmware/boot/test_key_public.c
ROM_OBJECTS := $(patsubst %.c,$(B)/rom/obj/%.o,$(ROM_SOURCES)) $(B)/rom/obj/firmware/boot/rom/entry.o $(patsubst %.c,$(B)/rom/obj/sodium/%.o,$(SODIUM_SOURCES))
ROM_CFLAGS := --specs=picolibc.specs -std=gnu11 -O2 -g -fno-common -ffunction-sections -fdata-sections -fno-stack-protector \
    -march=rv64imac_zba_zbb_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-strict-align -mtune=thead-c906

$(B)/rom/obj/%.o: %.c | $$(GENERATED) $(SODIUM_STAMP)
	$(call say,ROMCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(ROM_CFLAGS) $(WARN) -I. -I$(B)/gen $(SODIUM_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/rom/obj/%.o: %.S
	$(call say,ROMCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(ROM_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/rom/obj/sodium/%.o: $(SODIUM_STAMP)
	$(call say,ROMCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(ROM_CFLAGS) $(SODIUM_BUILD) -c -o $@ $(SODIUM_DIR)/$*.c
$(B)/firmware/boot-rom.elf: $(ROM_OBJECTS) firmware/boot/rom/rom.ld
	$(call say,FWLD,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) --specs=picolibc.specs -g $(FW_LINK_ARCH) -nostartfiles -T firmware/boot/rom/rom.ld -Wl,--gc-sections -Wl,--no-relax \
	    -Wl,--no-warn-rwx-segments -o $@ $(ROM_OBJECTS)
$(B)/gen/boot_rom.c: $(B)/firmware/boot-rom.elf firmware/boot/rom/embed.tcl
	$(call say,GEN,$@)
	$(Q)$(FW_CC:gcc=objcopy) -O binary $< $(B)/firmware/boot-rom.bin && $(TCLSH) firmware/boot/rom/embed.tcl $(B)/firmware/boot-rom.bin $@
DEPS += $(patsubst %.o,%.d,$(filter-out $(B)/rom/obj/sodium/%,$(ROM_OBJECTS)))
PROGRAMS += $(B)/firmware/boot-rom.elf

# The same for the host: to sign, to judge, and for tests.
$(B)/lib/libsodium_host.a: $(patsubst %.c,$(B)/obj/sodium/%.o,$(SODIUM_SOURCES)) $(B)/obj/firmware/boot/sodium_host.o
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^
$(B)/obj/sodium/%.o: $(SODIUM_STAMP)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 $(OPT) -g $(SODIUM_BUILD) -c -o $@ $(SODIUM_DIR)/$*.c
BOOT_HOST_SOURCES := $(addprefix firmware/boot/,image.c record.c test_key_public.c sign.c rom/choose.c)
$(eval $(call c_library,boot_host,$(BOOT_HOST_SOURCES),$(SODIUM_CFLAGS),$(SODIUM_STAMP)))
$(eval $(call c_library,boot_rom,$(B)/gen/boot_rom.c))
$(eval $(call unit_test,boot,$(wildcard testbench/unit/boot/*.c),boot_host sodium_host,,$(SODIUM_CFLAGS)))

DEPS += $(patsubst %.o,%.d,$(filter-out $(B)/firmware/obj/lwip/%,$(FW_OBJECTS)))
PROGRAMS += $(B)/firmware/assay-nic.elf

# ---- The host build: everything but boot and the two device drivers, for tests -----------------------------------
$(eval $(call lwip_library,lwip_nic_host,firmware/lwip))
$(eval $(call c_library,nic_host,$(FW_CORE_SOURCES) firmware/net/place_none.c,$(call lwip_cflags,firmware/lwip),$(LWIP_STAMP)))
$(eval $(call unit_test,firmware,$(wildcard testbench/unit/firmware/*.c),nic_host lwip_nic_host fabric port_model boot_host sodium_host,,\
    $(call lwip_cflags,firmware/lwip)))
$(call objects,$(wildcard testbench/unit/firmware/*.c)): | $(LWIP_STAMP)
$(call objects,$(FW_CORE_SOURCES) $(wildcard testbench/unit/firmware/*.c)): $(LWIP_OPTIONS)
# The image on the board, under guests' I/O, with targets that go away and a VM that is destroyed.
SCRIPT_TESTS += testbench/unit/firmware/board_test.tcl

# An image with one source replaced, to see whether assay firmware check finds what is wrong with it:
#   make firmware-variant SOURCE=firmware/nvme/io.c REPLACEMENT=FILE.c IMAGE=FILE.elf
.PHONY: firmware-variant firmware-variant-compiles
FW_VARIANT_CC = $(FW_CC) $(FW_BASE) $(FW_LTO) $(WARN) -Wno-unused -I. -I$(B)/gen $(call lwip_cflags,firmware/lwip)
firmware-variant-compiles: | $$(GENERATED) $(LWIP_STAMP)
	$(Q)$(FW_VARIANT_CC) -fsyntax-only $(REPLACEMENT)
firmware-variant: $(FW_OBJECTS)
	$(Q)$(FW_VARIANT_CC) -c -o $(IMAGE).o $(REPLACEMENT)
	$(Q)$(FW_CC) --specs=picolibc.specs -O2 -g -flto -flto-partition=one $(FW_LINK_ARCH) -nostartfiles -T firmware/boot/link.ld -Wl,--gc-sections -Wl,--build-id=sha1 \
	    -Wl,--no-warn-rwx-segments -o $(IMAGE) $(filter-out $(B)/firmware/obj/$(SOURCE:.c=.o),$(FW_OBJECTS)) $(IMAGE).o
