# Sources of the CLB, packages first.
clb_SV := $(addprefix rtl/clb/,clb_types.sv clb_memory.sv clb_table_cache.sv clb_tables.sv clb_fetch.sv clb_predict.sv clb_versions.sv clb_pending.sv \
	clb_route.sv clb_map.sv clb_chain.sv clb_output.sv clb_snoop.sv clb_install.sv clb_native.sv clb_image.sv clb_join.sv clb_assemble.sv clb_buffer.sv \
	clb_regs.sv clb_forward.sv clb.sv)
