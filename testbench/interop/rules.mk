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

INTEROP_WORLD := testbench/interop/lan.c testbench/interop/verified_io.c
$(eval $(call unit_test,network,testbench/interop/network_test.c $(INTEROP_WORLD),initiator port_model fabric fabric_net,,-Wno-sign-compare))
$(eval $(call unit_test,network_options,testbench/interop/network_options_test.c testbench/interop/many_targets.c $(INTEROP_WORLD),initiator port_model fabric fabric_net,,-Wno-sign-compare))
$(eval $(call unit_test,network_quirks,testbench/interop/network_quirks_test.c testbench/interop/many_targets.c $(INTEROP_WORLD),initiator port_model fabric fabric_net,,-Wno-sign-compare))
SCRIPT_TESTS += testbench/interop/capture_test.tcl

# The Linux kernel's target in a virtual machine.
$(eval $(call program_at,$(B)/interop/nvmet_client,testbench/interop/nvmet_client.c $(INTEROP_WORLD),initiator port_model fabric fabric_net))
PROGRAMS += $(B)/interop/nvmet_client
LONG_TESTS += testbench/interop/nvmet_interop.tcl
LONG_TESTS += testbench/interop/nvmet_board_test.tcl
LONG_TESTS += testbench/interop/faulty_links_test.tcl
$(eval $(call program_at,$(B)/interop/target_server,testbench/interop/target_server.c,fabric fabric_net))
PROGRAMS += $(B)/interop/target_server
LONG_TESTS += testbench/interop/nvme_host_interop.tcl
LONG_TESTS += testbench/interop/linux_board_test.tcl
LONG_TESTS += testbench/interop/linux_net_test.tcl
LONG_TESTS += testbench/interop/stock_kernel_test.tcl
SCRIPT_TESTS += testbench/interop/uboot_board_test.tcl

# The NIC for a host outside, by vfio-user.
$(eval $(call program_at,$(B)/interop/vfio_nvme,testbench/interop/vfio_nvme.c testbench/interop/vfio_client.c,))
PROGRAMS += $(B)/interop/vfio_nvme
SCRIPT_TESTS += testbench/interop/vfio_user_test.tcl
