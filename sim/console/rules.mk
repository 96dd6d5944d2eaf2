# The program: Tcl console over the board.
$(B)/gen/console_library.c: sim/console/embed.tcl $(wildcard sim/console/lib/*.tcl)
	$(call say,GEN,$@)
	$(Q)$(TCLSH) $< $@ console_library $(filter-out $<,$^)
GENERATED += $(B)/gen/console_library.c

# Not position-independent: a checkpoint of the fabric holds addresses of static data and functions.
TCL_CFLAGS := -isystem /usr/include/tcl8.6
$(eval $(call program,assay,$(wildcard sim/console/*.c) $(B)/gen/console_library.c,\
	gdb_stub vfio_user \
	kernel pins trace wave_tool systemc_platform \
	fabric fabric_net \
	board port_model hart convert \
	see_model see_rtl see_rtl_debug see_view \
	bau_model bau_rtl bau_rtl_debug bau_view \
	clb_model clb_rtl clb_rtl_debug clb_view \
	port_classifier port_rtl port_rtl_debug port_view \
	boot_host sodium_host boot_rom verilated discover snapshot regress task coverage,\
	-no-pie -lsystemc -ltcl8.6 -lfdt -ldw -lelf -lcapstone -lcairo -lz -llzma -lzstd -llz4 -lpthread -lm,$(TCL_CFLAGS)))
