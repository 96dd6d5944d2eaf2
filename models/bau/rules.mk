# The BAU's model and its unit tests.
$(eval $(call c_library,bau_model,$(addprefix models/bau/,bau.c events.c receiver.c translator.c devices.c walk.c iotlb.c park.c holder.c dma.c completer.c engine.c \
	commander.c faulter.c registers.c),))
bau_directed := $(addprefix testbench/unit/bau/,rig.c test_dma.c test_interrupts.c test_commands.c test_hold.c test_fairness.c) models/board/receiver.c
$(eval $(call unit_test,bau,$(bau_directed) $(addprefix testbench/unit/bau/,rig_model.c actors.c test_nothing_lost.c test_receiver.c),bau_model))
# The directed tests again and random stimulus, model and RTL in lockstep.
$(eval $(call unit_test,bau_lockstep,$(bau_directed) $(addprefix testbench/lockstep/bau/,pair.c world.c stimulus.c test_random.c test_partition.c),\
	bau_model bau_rtl verilated pins,$(VERILATED_LDLIBS)))
