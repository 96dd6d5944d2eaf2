# The SEE in C: usable without any simulator.
$(eval $(call c_library,see_model,$(wildcard models/see/*.c)))

SEE_BENCH := $(wildcard testbench/unit/see/*.c) models/board/tlp.c
$(eval $(call unit_test,see,$(SEE_BENCH),see_model))
