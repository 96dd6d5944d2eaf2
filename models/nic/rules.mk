# The NIC's Ethernet port: MAC, rings, checksum offload.
$(eval $(call c_library,port_model,$(wildcard models/nic/*.c)))
$(eval $(call unit_test,port,$(wildcard testbench/unit/nic/*.c),port_model))
