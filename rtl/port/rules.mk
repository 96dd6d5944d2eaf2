# The flow classifier's RTL, packages first.
port_SV := $(patsubst %,rtl/port/%.sv,port_types port_collect port_parse port_rules port_flows port_decide port_queues port_regs port_crc32c port_place_flows port_place_table port_place_regs port_place port)
