# Ports of the BAU. Order: towards the PCIe link, towards memory, towards harts, status.
block bau "Bus attachment unit: device table, IOMMU, directed interrupts"

sink pcie_rx {
    sop  1  "first beat of a TLP"
    eop  1  "last beat of a TLP"
    data 64 "two DWs, the earlier one in bits 31:0"
} "requests of devices: memory reads, memory writes, MSI-X messages"

source pcie_tx {
    sop  1  "first beat of a TLP"
    eop  1  "last beat of a TLP"
    data 64 "two DWs, the earlier one in bits 31:0"
} "completions to devices"

source mem {
    op   3  "MEM_READ, MEM_WRITE, MEM_OR, MEM_AND, MEM_SWAP (registers.tcl)"
    addr 56 "byte address, a multiple of 8"
    data 64 "operand of a write or an atomic operation, else 0"
    strb 8  "bytes that a write or an atomic operation changes, else 0"
    tag  8  "comes back with the answer"
} "host memory: reads and atomic operations are answered in order, writes are posted and performed in order with them"

sink mem_rsp {
    data 64 "the word before the operation"
    tag  8  "tag of the operation"
    err  1  "there is no memory at this address, or its content is damaged"
} "answers of host memory; always taken"

sink reg {
    write 1  "1: write, 0: read"
    addr  20 "byte offset in the BAU's window, a multiple of 8"
    data  64 "data of a write, else 0"
} "register accesses of harts, 64 bits each"

source reg_rsp {
    data  64 "what was read; 0 for a write"
    retry 1  "1: not performed, since an earlier UNBLOCK of that hart waits for the engine: to be offered again in its turn"
} "one answer for each register access, in order"

source sig {
    hart      4  "physical hart"
    partition 4  "partition that the target belongs to"
    vmid      16 "VMID of the target's VM"
    target    8  "target id in that VM"
    gein      8  "guest-interrupt number as the interrupt table says"
} "a directed interrupt for the receiver of a hart"

sink sig_rsp {
    match 1 "1: the hart runs this target now and its guest interrupt is raised; 0: it does not"
} "one answer for each signal, in order"

output notify 8 "level, bit h: hart h has a broadcast to handle, until it writes NOTIFY(h)"
output irq    2 "level, bit p: STATUS of partition p has an enabled cause"

output event_valid    1  "interrupt engine: an event happened in the cycle before"
output event_code     8  "EVENT_* of registers.tcl"
output event_function 16 "requester id, 0 for UNBLOCK and what follows from it"
output event_id       32 "message sequence number; bit 31 set: number of an unblock"
output event_value    32 "see README, Events"

output arrival_valid    1  "receiver of TLPs: a message has arrived"
output arrival_code     8  "EVENT_ARRIVED"
output arrival_function 16 "requester id"
output arrival_id       32 "message sequence number"
output arrival_value    32 "target in bits 31:16, vector in bits 15:0"

output fault_valid    1  "a fault was reported"
output fault_code     8  "EVENT_FAULT"
output fault_function 16 "requester id"
output fault_id       32 "message sequence number, 0 if the fault is not one of a message"
output fault_value    32 "CAUSE_*"

output idle 1 "no state and no output changes while no sink offers a beat"
