# The guest kernel with NVMe/TCP on its own vCPU (accelerator mode): its NVMe driver is replaced by the firmware's initiator and lwIP.
NVMETCP_KERNEL := $(filter-out hypervisor/guests/kernel/nvme%.c,$(GUEST_KERNEL_SOURCES))
NVMETCP_OWN := $(wildcard hypervisor/guests/nvmetcp/*.c)
NVMETCP_FIRMWARE := $(addprefix firmware/,core/crc32c.c core/copy.c core/cursor.c net/lan.c $(patsubst firmware/%,%,$(wildcard firmware/fabric/*.c)))
NVMETCP_OBJECTS := $(call rv_objects,$(NVMETCP_KERNEL)) $(patsubst %.c,$(B)/obj/nvmetcp/%.o,$(NVMETCP_OWN) $(NVMETCP_FIRMWARE)) \
	$(patsubst %.c,$(B)/obj/nvmetcp/lwip/%.o,$(LWIP_SOURCES))

$(B)/obj/nvmetcp/lwip/%.o: $(LWIP_STAMP) $(LWIP_OPTIONS)
	$(call say,RVCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(FW_BASE) -w -I. $(call lwip_cflags,firmware/lwip) -c -o $@ $(LWIP_DIR)/$*.c
$(B)/obj/nvmetcp/%.o: %.c $(LWIP_OPTIONS) | $$(GENERATED) $(LWIP_STAMP)
	$(call say,RVCC,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) $(FW_BASE) -ffreestanding $(WARN) -I. -I$(B)/gen $(call lwip_cflags,firmware/lwip) -MMD -MP -c -o $@ $<

$(B)/hypervisor/guest-nvmetcp.elf: $(NVMETCP_OBJECTS) hypervisor/guests/kernel/kernel.lds
	$(call say,RVLINK,$@)
	$(Q)mkdir -p $(@D) && $(FW_CC) --specs=picolibc.specs $(FW_LINK_ARCH) -O2 -g $(RV_LDFLAGS) -T hypervisor/guests/kernel/kernel.lds -o $@ $(NVMETCP_OBJECTS) -lc -lgcc
PROGRAMS += $(B)/hypervisor/guest-nvmetcp.elf
DEPS += $(patsubst %.o,%.d,$(filter-out $(B)/obj/nvmetcp/lwip/%,$(NVMETCP_OBJECTS)))
