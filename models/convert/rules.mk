# The conversion tables, compiled from the guest ISA's description, and the converter that reads them.
CONVERT_GEN := $(B)/gen/rv64_tables.c $(B)/gen/rv64.tbl $(B)/gen/native_ops.h
$(B)/gen/rv64_tables.c: models/convert/tables.tcl models/convert/describe.tcl models/convert/native.tcl models/convert/rv64.tcl
	$(call say,TABLES,$@)
	$(Q)$(TCLSH) models/convert/tables.tcl models/convert/rv64.tcl $(B)/gen
$(B)/gen/rv64.tbl $(B)/gen/native_ops.h: $(B)/gen/rv64_tables.c ;
GENERATED += $(CONVERT_GEN)
$(B)/gen/a64/a64_tables.c: models/convert/tables.tcl models/convert/describe.tcl models/convert/native.tcl models/convert/a64.tcl
	$(call say,TABLES,$@)
	$(Q)$(TCLSH) models/convert/tables.tcl models/convert/a64.tcl $(@D)
GENERATED += $(B)/gen/a64/a64_tables.c

$(eval $(call c_library,convert,models/convert/convert.c models/convert/load.c models/convert/disasm.c $(B)/gen/rv64_tables.c $(B)/gen/a64/a64_tables.c))
$(eval $(call unit_test,convert_tables,testbench/unit/convert/test_tables.c,convert))
SCRIPT_TESTS += testbench/unit/convert/descriptions.tcl
# The reference page of the supported instructions, from the same description.
$(B)/gen/rv64_instructions.md: models/convert/reference.tcl models/convert/describe.tcl models/convert/native.tcl models/convert/rv64.tcl
	$(call say,GEN,$@)
	$(Q)$(TCLSH) models/convert/reference.tcl models/convert/rv64.tcl $@
$(B)/gen/a64_instructions.md: models/convert/reference.tcl models/convert/describe.tcl models/convert/native.tcl models/convert/a64.tcl
	$(call say,GEN,$@)
	$(Q)$(TCLSH) models/convert/reference.tcl models/convert/a64.tcl $@
GENERATED += $(B)/gen/rv64_instructions.md $(B)/gen/a64_instructions.md
SCRIPT_TESTS += testbench/unit/convert/reference_test.tcl
