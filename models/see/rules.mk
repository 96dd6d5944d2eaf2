# The SEE in C: usable without any simulator.
$(eval $(call c_library,see_model,$(wildcard models/see/*.c)))
