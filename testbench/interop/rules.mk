# Our ends of the network against each other and against others' software.

# The firmware's initiator for the host; all names but initiator_* are hidden (see sim/fabric/rules.mk).
$(call objects,testbench/interop/initiator.c): LOCAL_CFLAGS += $(call lwip_cflags,firmware/lwip)
$(call objects,testbench/interop/initiator.c): | $(LWIP_STAMP)
DEPS += $(patsubst %.o,%.d,$(call objects,testbench/interop/initiator.c))

$(B)/obj/testbench/interop/initiator_hidden.o: $(call objects,testbench/interop/initiator.c) $(B)/lib/libnic_host.a $(B)/lib/liblwip_nic_host.a
	$(call say,LINK,$@)
	$(Q)ld -r -o $@.all $< --start-group $(filter %.a,$^) --end-group
	$(Q)objcopy --wildcard --keep-global-symbol='initiator_*' $@.all $@ && rm -f $@.all

$(B)/lib/libinitiator.a: $(B)/obj/testbench/interop/initiator_hidden.o
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

$(eval $(call unit_test,network,testbench/interop/network_test.c testbench/interop/lan.c,initiator port_model fabric fabric_net,,-Wno-sign-compare))
SCRIPT_TESTS += testbench/interop/capture_test.tcl
