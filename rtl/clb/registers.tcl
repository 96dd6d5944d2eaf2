# Register map of the CLB and its structures in conversion memory.
block clb "Conversion lookaside buffer and conversion front end"

const ROWS         1024 "rows of the CLB, two ways each"
const SMALL_CHUNKS 1024 "chunks of SMALL_SLOTS native ops"
const LARGE_CHUNKS 512 "chunks of LARGE_SLOTS native ops"
const SMALL_SLOTS  8   "slots of a small chunk"
const LARGE_SLOTS  32  "slots of a large chunk"
const BLOCK_SLOTS  30  "capacity of a block"
const FETCH_LINES  4   "lines of the guest fetch buffer, 64 bytes each"
const FIRST_LINES  128  "lines of the first-level table cache, 16 bytes each"
const SECOND_LINES 256 "lines of the second-level table cache"
const TEMPLATE_LINES 512 "lines of the cache of templates and directives"
const VERSIONS     1024 "entries of the line-version table"
const PREDICTIONS  256 "entries of the branch prediction table"
const PENDING      4   "forward branches that may wait for their target in a block"
const NEAR_BYTES   64  "how far ahead the target of a near branch may lie"
const SPACES       4   "spaces of a table image"

const REQ_LOOKUP 0 "request: pa"
const REQ_NEAR   1 "request: slot of the present block"
const OP_NATIVE  0 "a native op"
const OP_MISS    1 "both table levels missed: the slow path decides"
const OP_NEXT    2 "the instruction goes on in another page: ask again with next_pa"
const OP_FAULT   3 "the instruction could not be fetched"
const MODE_U  0 "user"
const MODE_S  1 "supervisor"
const MODE_M  2 "machine"
const MODE_VU 3 "virtual user"
const MODE_VS 4 "virtual supervisor"
const SET_SYSTEM      0 "table set of the system converter: native and common code, machine mode"
const SET_EMULATION   1 "of the system emulation converter: privileged guest code"
const SET_APPLICATION 2 "of the application converter, ISA select 0; 3: ISA select 1"
const SPACE_GUEST      0 "guest physical memory"
const SPACE_CONVERSION 1 "conversion memory"
const CAUSE_STORE 0 "store of this hart"
const CAUSE_OTHER 1 "store of another hart"
const CAUSE_DMA   2 "write of a device or debugger"
const CAUSE_FLUSH 3 "flush"
const PHASE_REST     0 "forwards ops or waits"
const PHASE_LOOKUP   1 "looks a block up"
const PHASE_BUFFER   2 "looks into the conversion buffer or reads from it"
const PHASE_CONVERT  3 "fetches and converts"
const PHASE_INSTALL  4 "evicts and installs"
const PHASE_SCAN     5 "invalidates"
const PHASE_INIT     6 "clears its memories after reset"

const EVENT_HIT 0 "lookup found the block in the CLB"
const EVENT_MISS 1 "lookup did not"
const EVENT_NEAR 2 "near branch stayed inside its block"
const EVENT_BUFFER_HIT 3 "block read from the conversion buffer"
const EVENT_BUFFER_STALE 4 "block in the conversion buffer was older than its guest code"
const EVENT_CONVERTED 5 "block converted"
const EVENT_FIRST 6 "first level completed a conversion"
const EVENT_SECOND 7 "second level completed a conversion"
const EVENT_TABLE_MISS 8 "both levels missed"
const EVENT_FIRST_FILL 9 "first-level table cache missed"
const EVENT_SECOND_FILL 10 "second-level table cache missed"
const EVENT_TEMPLATE_FILL 11 "template cache missed"
const EVENT_FETCH_FILL 12 "guest fetch buffer missed"
const EVENT_EVICTED 13 "block evicted"
const EVENT_WRITTEN_BACK 14 "evicted block written to the conversion buffer"
const EVENT_MISPREDICTED 15 "far branch mispredicted"
const EVENT_RETRAINED 16 "block dropped because a prediction in it turned"
const EVENT_UNCACHED 17 "instruction converted without keeping it"
const EVENT_SETUP 18 "table image's header read"
const EVENT_FAULT 19 "fetch or table memory answered an error"
const EVENT_CHAINED 20 "lookup answered by the present block's chain"
const EVENTS 21 "number of events"

register ID 0x000 64 ro 0x31424c43 "identification" {
    field MAGIC 31:0 "CLB1"
}
register CONTROL 0x008 64 rw 0x0 "control" {
    field BUFFER 0:0 "use the conversion buffer"
    field FLUSH 1:1 "write 1: forget every block; reads 0"
}
register BUFFER 0x010 64 rw 0x0 "conversion buffer" {
    field BASE 55:12 "bits 55:12 of its address in conversion memory"
    field MASK 10:0 "number of slots - 1; a power of two - 1"
}
register EPOCH 0x018 64 ro 0x0 "flushes so far; blocks of an older epoch in the conversion buffer are void" {
    field VALUE 31:0 "epoch"
}
register CHUNKS 0x020 64 ro 0x0 "next chunk to be replaced" {
    field SMALL 15:0 "small chunks"
    field LARGE 31:16 "large chunks"
}
register TABLE0 0x040 64 rw 0x0 "table image of the system converter" {
    field BASE 55:0 "address in conversion memory, a multiple of 16; 0: none, every instruction misses"
}
register TABLE1 0x048 64 rw 0x0 "table image of the system emulation converter" {
    field BASE 55:0 "as in TABLE0"
}
register TABLE2 0x050 64 rw 0x0 "table image of the application converter, ISA select 0" {
    field BASE 55:0 "as in TABLE0"
}
register TABLE3 0x058 64 rw 0x0 "table image of the application converter, ISA select 1" {
    field BASE 55:0 "as in TABLE0"
}
register COUNTERS 0x100 64 ro 0x0 "EVENTS counters of 32 bits, 8 bytes apart, in the order of EVENT_*" {
    field VALUE 31:0 "count"
}
register KILLED 0x200 64 ro 0x0 "four counters of killed blocks, 8 bytes apart, in the order of CAUSE_*" {
    field VALUE 31:0 "count"
}

structure SLOT 512 "a block in the conversion buffer; native ops follow from word 4 on: op, then side information" {
    field PAGE 0:43:0 "guest physical page"
    field AT 0:54:44 "halfword of the first instruction"
    field SET 0:56:55 "table set"
    field MODE 0:59:57 "mode"
    field VALID 0:63:63 "1"
    field EPOCH 1:31:0 "epoch of the conversion"
    field COUNT 1:36:32 "native ops"
    field MASK 2:63:0 "bit n: 64-byte line n of the page was converted"
    field SUM 3:31:0 "sum of the versions of those lines"
}
structure SIDE 8 "side information of a native op" {
    field AT 0:10:0 "as at the port"
    field NEXT 0:21:11 "as at the port"
    field OPPOSITE 0:32:22 "as at the port"
    field INDEX 0:37:33 "as at the port"
    field NEAR 0:38:38 "as at the port"
    field FAR 0:39:39 "as at the port"
    field TAKEN 0:40:40 "as at the port"
}
