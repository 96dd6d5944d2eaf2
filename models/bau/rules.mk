# The BAU's model and its unit tests.
$(eval $(call c_library,bau_model,$(addprefix models/bau/,bau.c events.c receiver.c translator.c walk.c dma.c completer.c engine.c \
	commander.c faulter.c registers.c),))
$(eval $(call unit_test,bau,$(addprefix testbench/unit/bau/,rig.c test_dma.c test_interrupts.c test_commands.c test_receiver.c) \
	models/board/receiver.c,bau_model,,-Wno-sign-compare))
