# Tasks (TASK_SOURCES: hypervisor/rules.mk, which is read first), and the regression runner over them.
$(eval $(call c_library,task,$(TASK_SOURCES)))
$(eval $(call unit_test,task,$(wildcard testbench/unit/regress/test_task*.c),task))

$(B)/gen/regress_library.c: sim/console/embed.tcl $(wildcard sim/regress/lib/*.tcl)
	$(call say,GEN,$@)
	$(Q)$(TCLSH) $< $@ regress_library $(filter-out $<,$^)
GENERATED += $(B)/gen/regress_library.c

$(eval $(call c_library,regress,$(filter-out $(TASK_SOURCES),$(wildcard sim/regress/*.c)) $(B)/gen/regress_library.c,$(TCL_CFLAGS)))
