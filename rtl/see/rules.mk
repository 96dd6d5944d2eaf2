# The SEE's RTL, packages first.
see_SV := $(patsubst %,rtl/see/%.sv,see_types see_rx see_tags see_rd see_tx see_wr see_cr see_rw see_nm see_seq see_choice \
	see_slots see_turn see_queues see_functions see_config see_intx see_msix see_namespace see_globals see_setup see_doorbell see_req see_reg \
	see_done see_ce see_check see_walk see_ring see_cqe see_fetch see_events see_commands see_core see)

$(eval $(call unit_test,see_lockstep,$(wildcard testbench/lockstep/see/*.c) models/board/tlp.c,\
	see_model see_rtl_debug verilated pins,$(VERILATED_LDLIBS) -lz))
