# The host board around the harts and blocks.
$(eval $(call c_library,board,$(filter-out %/receiver.c,$(wildcard models/board/*.c)) $(wildcard models/board/receiver.c)))
