# The fabric domain: switch, NVMe/TCP targets over lwIP, captures, links to virtual machines.
FABRIC_NET := $(wildcard sim/fabric/net*.c)
FABRIC_CORE := $(filter-out $(FABRIC_NET),$(wildcard sim/fabric/*.c))

$(eval $(call c_library,fabric,$(FABRIC_CORE)))

# lwIP has global names and global state. Its objects and ours are linked into one whose only global names are net_*,
# so that a program may hold another lwIP (the firmware's host build). Programs name both libraries: fabric fabric_net.
$(eval $(call lwip_library,lwip_fabric,sim/fabric/lwip))
$(call objects,$(FABRIC_NET)): LOCAL_CFLAGS += $(call lwip_cflags,sim/fabric/lwip)
$(call objects,$(FABRIC_NET)): | $(LWIP_STAMP)
DEPS += $(patsubst %.o,%.d,$(call objects,$(FABRIC_NET)))

$(B)/obj/sim/fabric/net_with_lwip.o: sim/fabric/net_state.ld $(call objects,$(FABRIC_NET)) $(B)/lib/liblwip_fabric.a
	$(call say,LINK,$@)
	$(Q)ld -r -T sim/fabric/net_state.ld -o $@.all $(call objects,$(FABRIC_NET)) --start-group $(B)/lib/liblwip_fabric.a --end-group
	$(Q)objcopy --wildcard --keep-global-symbol='net_*' $@.all $@ && rm -f $@.all

$(B)/lib/libfabric_net.a: $(B)/obj/sim/fabric/net_with_lwip.o
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

$(eval $(call unit_test,fabric,$(wildcard testbench/unit/fabric/*.c),fabric fabric_net,,-Wno-sign-compare))
