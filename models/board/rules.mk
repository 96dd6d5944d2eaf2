# The host board around the harts and blocks.
$(eval $(call c_library,board,$(wildcard models/board/*.c)))
$(eval $(call unit_test,board,$(wildcard testbench/unit/board/*.c),board hart convert,-lfdt))
