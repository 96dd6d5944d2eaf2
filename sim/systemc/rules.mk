# The SystemC level: domains as modules, links as TLM-2.0 sockets.
$(eval $(call c_library,systemc_platform,sim/systemc/platform.cpp,-Wno-unused-parameter -Wno-unused-variable))
SYSTEMC_LDLIBS := -lsystemc
