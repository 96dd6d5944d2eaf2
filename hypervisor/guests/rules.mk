# Programs for the guest kernel's U-mode, each for A64 and RV64, and the archives of them that a VM gets as its initial RAM disk.
A64_CC := aarch64-linux-gnu-gcc
APP_NAMES := sort digest compress marks
APP_CFLAGS := -std=gnu11 -O2 -g $(WARN) -ffreestanding -fno-stack-protector -fno-pic -fno-builtin -fno-tree-loop-distribute-patterns -I.
APP_LDFLAGS := -nostdlib -static -no-pie -Wl,--no-warn-rwx-segments -Wl,--build-id=none -Wl,-z,max-page-size=4096
APP_COMMON := hypervisor/guests/apps/app.c
A64_APPS := $(patsubst %,$(B)/guests/%.a64,$(APP_NAMES))
RV64_APPS := $(patsubst %,$(B)/guests/%.rv64,$(APP_NAMES))
# A64 programs that end by an exception.
FAULT_APPS := $(patsubst %,$(B)/guests/%.fault,undefined store kernel fetch misaligned breakpoint)

$(B)/guests/%.a64: hypervisor/guests/apps/%.c $(APP_COMMON) hypervisor/guests/apps/app.h
	$(call say,A64CC,$@)
	$(Q)mkdir -p $(@D) && $(A64_CC) $(APP_CFLAGS) -mgeneral-regs-only $(APP_LDFLAGS) -o $@ $< $(APP_COMMON)
$(B)/guests/%.fault: hypervisor/guests/apps/fault.c $(APP_COMMON) hypervisor/guests/apps/app.h
	$(call say,A64CC,$@)
	$(Q)mkdir -p $(@D) && $(A64_CC) $(APP_CFLAGS) -DFAULT_$* -mgeneral-regs-only $(APP_LDFLAGS) -o $@ $< $(APP_COMMON)
$(B)/guests/%.rv64: hypervisor/guests/apps/%.c $(APP_COMMON) hypervisor/guests/apps/app.h
	$(call say,RVCC,$@)
	$(Q)mkdir -p $(@D) && $(RV_CC) $(APP_CFLAGS) -march=rv64imac -mabi=lp64 -Wl,--no-relax $(APP_LDFLAGS) -o $@ $< $(APP_COMMON) -lgcc
PROGRAMS += $(A64_APPS) $(RV64_APPS) $(FAULT_APPS)

# apps_archive NAME, PROGRAMS
define apps_archive
$(B)/guests/$(1).cpio: $(2)
	$$(call say,CPIO,$$@)
	$$(Q)cd $(B)/guests && printf '%s\n' $(notdir $(2)) | LC_ALL=C cpio --quiet --reproducible -H newc -o > $(1).cpio.new && mv $(1).cpio.new $(1).cpio
PROGRAMS += $(B)/guests/$(1).cpio
endef
$(eval $(call apps_archive,apps,$(A64_APPS) $(RV64_APPS)))
$(eval $(call apps_archive,faults,$(FAULT_APPS)))
