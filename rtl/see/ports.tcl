# Ports of the storage emulation engine. The language and what is generated from it: rtl/gen/README.md.
# All outputs are registers. TLP streams: 4-DW headers in two beats, then payload beats (see rtl/see/README.md).
block see

sink pcie_rx {
    sop  1  "first beat of a TLP"
    eop  1  "last beat of a TLP"
    data 64 "two DWs, the lower-numbered DW in bits 31:0"
}
source pcie_tx {
    sop  1  "first beat of a TLP"
    eop  1  "last beat of a TLP"
    data 64 "two DWs, the lower-numbered DW in bits 31:0"
}

# NIC memory. A write is performed in the cycle of its transfer. Reads are answered in order, any latency >= 1.
source nm_wr {
    addr 32 "byte address, multiple of 8"
    data 64 "little-endian"
    strb 8  "byte i of data is written when bit i is 1"
}
source nm_rd {
    addr 32 "byte address, multiple of 8"
}
sink nm_rsp {
    data 64 "little-endian; one per nm_rd transfer, in order"
}

# Firmware registers (NIC processor). One answer per access, in order; a write answers 0.
sink reg {
    write 1  "1: write"
    addr  16 "byte offset in the register window, bits 2:0 ignored"
    data  64 "write data"
}
source reg_rsp {
    data 64 "read data"
}

output irq 1 "level: the firmware ring holds an entry and IRQ_ENABLE is 1"
output event_valid    1  "one event in this cycle; the other event outputs are 0 when this is 0"
output event_code     8  "SEE_EVENT_*"
output event_function 8  "0 PF, 1..16 VF"
output event_id       32 "sequence number of the command, 0 if none"
output event_value    32 "depends on the code"
output idle 1 "while the inputs stay quiet no state and no output will change"
