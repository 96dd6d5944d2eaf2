# Sources of the BAU, packages first.
bau_SV := $(addprefix rtl/bau/,bau_types.sv bau_bounds.sv bau_rx.sv bau_iotlb.sv bau_devices.sv bau_park.sv bau_walk.sv bau_message.sv bau_issue.sv bau_source.sv bau_translate.sv bau_hold.sv bau_dma.sv bau_complete.sv \
	bau_unblock.sv bau_engine_memory.sv bau_engine.sv bau_command.sv bau_fault.sv bau_regs.sv bau.sv)
