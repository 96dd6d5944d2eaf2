# The CLB's model and its unit tests.
$(eval $(call c_library,clb_model,$(addprefix models/clb/,clb.c control.c assemble.c convert.c buffer.c registers.c),))
CLB_RIG := testbench/unit/clb/machine.c models/board/front_end.c
CLB_TESTS := $(addprefix testbench/unit/clb/,rig.c test_blocks.c test_timing.c test_random.c random_image.c test_keeping.c test_machine.c test_programs.c test_precise.c)
$(eval $(call unit_test,clb,$(CLB_RIG) $(CLB_TESTS) testbench/unit/clb/test_saving.c testbench/unit/clb/machine_model.c testbench/unit/clb/rig_model.c,clb_model hart_test_parts hart_board hart convert))
# The same tests with model and RTL in lockstep.
$(eval $(call unit_test,clb_lockstep,$(CLB_RIG) $(CLB_TESTS) testbench/lockstep/clb/machine_pair.c testbench/lockstep/clb/rig_pair.c,\
	clb_model clb_rtl verilated hart_test_parts hart_board hart convert pins,$(VERILATED_LDLIBS)))
# Speed of a timed hart behind the model, and behind model and RTL in lockstep.
$(eval $(call program,test/clb_speed,testbench/bench/clb_speed.c $(CLB_RIG) testbench/unit/clb/machine_model.c,clb_model hart_board hart convert))
$(eval $(call program,test/clb_speed_lockstep,testbench/bench/clb_speed.c $(CLB_RIG) testbench/lockstep/clb/machine_pair.c,\
	clb_model clb_rtl verilated hart_board hart convert pins,$(VERILATED_LDLIBS)))
BENCHES += testbench/bench/clb_bench.tcl
LONG_TESTS += testbench/system/clb_long.tcl
