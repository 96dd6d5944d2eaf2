# Ports of the CLB. Order: towards the hart, towards snoops, towards memory, registers, status.
block clb "Conversion lookaside buffer and conversion front end"

sink req {
    kind       1  "REQ_LOOKUP: forward from pa on; REQ_NEAR: forward the present block from slot index on"
    pa         56 "physical address of the guest instruction, a multiple of 2"
    next_pa    56 "physical address of its second half, where next_valid says so"
    next_valid 1  "pa is the last halfword of its page and the hart has translated the next page, or this answers OP_NEXT"
    single     1  "convert this one instruction and keep nothing: protection divides its page"
    mode       3  "MODE_*: privilege and virtualization"
    isa        1  "ISA-select state of an application: table set SET_APPLICATION + isa"
    index      5  "slot, for REQ_NEAR"
    mispredict 1  "a far branch went the other way: pa is its opposite path"
    tag        4  "comes back with each op of the answer"
} "where the hart goes on; a request ends the stream of the one before"

source op {
    word      64 "native op"
    kind      2  "OP_NATIVE, OP_MISS, OP_NEXT, OP_FAULT"
    at        11 "halfword of its guest instruction in the page"
    next      11 "halfword where the block goes on after that instruction, as predicted"
    last      1  "the block ends here: ask again"
    far       1  "conditional far branch: resolve it"
    taken     1  "predicted direction of a far branch"
    near      1  "near branch: when taken go on at slot index"
    index     5  "slot of a near branch's target"
    opposite  11 "halfword of the path that was not predicted, of a far branch, if it lies in the page"
    tag       4  "of the request"
} "native ops to execute, in order"

sink resolve {
    at        11 "halfword of the far branch in the page of the present request"
    taken     1  "the direction it took"
    predicted 1  "the direction that was predicted"
} "outcome of a far branch; always taken, trains only while no miss is under way"

sink snoop {
    line  50 "bits 55:6 of the physical address that was written"
    all   1  "everything may have been written"
    cause 2  "CAUSE_*"
} "a write to guest memory that was fetched; ends the stream and drops the request under way"

source mem {
    write 1  "1: write, posted; 0: read"
    space 1  "SPACE_GUEST: guest memory; SPACE_CONVERSION: tables and conversion buffer"
    addr  56 "byte address, a multiple of 8"
    data  64 "of a write, else 0"
} "memory; performed in order"

sink mem_rsp {
    data 64 "what was read"
    err  1  "there is no memory at this address"
} "answers of reads, in order; always taken"

sink reg {
    write 1  "1: write, 0: read"
    addr  12 "byte offset, a multiple of 8"
    data  64 "data of a write, else 0"
} "register accesses, 64 bits each; taken while no miss is under way"

source reg_rsp {
    data 64 "what was read; 0 for a write"
} "one answer for each register access, in order"

output events       21 "bit EVENT_n: that happened in the cycle before"
output killed       2  "blocks that a snoop or flush killed in the cycle before (ways of one row)"
output killed_cause 2  "CAUSE_* of it"
output phase        3  "PHASE_*: what the block does"
output idle 1 "no state and no output changes while no sink offers a beat and op_ready is 0"
