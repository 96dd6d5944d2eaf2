# The NIC's Ethernet port: MAC, rings, checksum offload.
$(eval $(call c_library,port_model,$(wildcard models/nic/*.c)))
$(eval $(call unit_test,port,$(wildcard testbench/unit/nic/*.c) models/board/tlp.c,port_model port_classifier,,-Wno-sign-compare))
