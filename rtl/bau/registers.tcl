# Registers and in-memory structures of the BAU. Every register is 64 bits wide and is accessed as one aligned
# 8-byte word; unused bits read 0 and ignore writes; an address that is not described reads 0 and ignores writes.
# Offsets count from the BAU's window, host-physical 0x0400_0000.
block bau "Bus attachment unit: device table, IOMMU, directed interrupts"

const WINDOW_BASE       0x04000000 "host-physical address of the register window"
const WINDOW_BYTES      0x100000   "size of the register window"
const NUM_DEVICES       64         "requester ids 0 to 63 can have a device-table entry"
const NUM_TARGETS       256        "targets of an interrupt table"
const NUM_VECTORS       512        "bits of a signal vector"
const NUM_HARTS         8          "physical harts"
const NUM_PARTITIONS    2          "partitions"
const NUM_LPIDS         8          "logical processors of a partition"
const NUM_SUBCLASSES    16         "interrupt subclasses of a partition"
const IOTLB_ENTRIES     32         "cached translations"
const HOLD_LOG2_MAX     12         "largest DTE.HOLD_LOG2"
const DOORBELL_BASE     0x28000000 "MSI-X message window, as devices address it (before translation)"
const DOORBELL_STRIDE   0x1000     "one 4 KiB page per partition"
const DOORBELL_SPACING  16         "bytes between the doorbells of two targets in a page"
const GUEST_PAGE_GPA    0x28010000 "where a guest finds its page of BAU registers"

const PAYLOAD_BYTES     256        "largest payload of a memory write and of a completion"
const READ_BYTES        512        "largest read request"

const MEM_READ  0 "mem.op: read a word"
const MEM_WRITE 1 "mem.op: write the bytes of strb, no answer"
const MEM_OR    2 "mem.op: or the operand into the word, answer the old word"
const MEM_AND   3 "mem.op: and the operand into the word, answer the old word"
const MEM_SWAP  4 "mem.op: replace the word, answer the old word"

const IOMMU_BYPASS  0 "DTE.IOMMU_MODE: device addresses are host-physical"
const IOMMU_SV39X4  1 "DTE.IOMMU_MODE: device addresses are guest-physical, translated by the G-stage table ROOT_PPN"
const IOMMU_BLOCKED 2 "DTE.IOMMU_MODE: no memory access is allowed, messages are"

const COMMAND_NOP              0 "does nothing"
const COMMAND_INVALIDATE_DTE   1 "forget the cached entry of RID, or of all requester ids of the partition if ALL"
const COMMAND_INVALIDATE_IOTLB 2 "forget the cached translations of GSCID, or of all of the partition if ALL"
const COMMAND_FENCE            3 "wait until no older access or message uses what was invalidated before; then write 1 (64 bits) to ADDRESS unless that is 0"
const COMMAND_RESUME           4 "translate what RID (or ALL requester ids of the partition) holds again, the oldest first"

const CAUSE_REQUESTER      1  "requester id not below DEVICE_TABLE_LENGTH, or partition not enabled"
const CAUSE_DTE_ACCESS     2  "device-table entry cannot be read"
const CAUSE_DTE_INVALID    3  "device-table entry not valid, another partition's, or with an unknown mode or reserved bits"
const CAUSE_BLOCKED        4  "memory access of a device in mode IOMMU_BLOCKED"
const CAUSE_ADDRESS        5  "device address beyond 41 bits"
const CAUSE_PTE_ACCESS     6  "page-table entry cannot be read"
const CAUSE_PTE_INVALID    7  "page-table entry not valid, misaligned superpage, reserved bits, no leaf at the last level"
const CAUSE_READ_DENIED    8  "page not readable (R, U and A must be set)"
const CAUSE_WRITE_DENIED   9  "page not writable (R, W, U, A and D must be set)"
const CAUSE_OUT_OF_BOUNDS  10 "host-physical address outside the partition's memory"
const CAUSE_TLP            11 "malformed or unsupported TLP"
const CAUSE_MEMORY         12 "memory answered a DMA read with an error; the completion is poisoned"
const CAUSE_MESSAGE        13 "message of wrong size, misaligned, to another partition's page, or a read of a doorbell"
const CAUSE_TARGET         14 "target not below DTE.ITABLE_LENGTH"
const CAUSE_VECTOR         15 "vector beyond the signal vector"
const CAUSE_ITE_ACCESS     16 "interrupt-table entry misaligned, outside the partition's memory or unreadable"
const CAUSE_ITE_INVALID    17 "interrupt-table entry not valid"
const CAUSE_SIGVEC_ACCESS  18 "signal vector misaligned, outside the partition's memory or unreadable"
const CAUSE_SUMMARY_ACCESS 19 "summary vector misaligned, outside the partition's memory or unreadable"
const CAUSE_LPID           20 "logical processor has no hart"
const CAUSE_COMMAND        21 "unknown command, unreadable command, fence address outside the partition's memory"
const CAUSE_HOLD_ACCESS    22 "hold ring outside the partition's memory or unreadable: what was to be held, or is, is refused"
const CAUSE_HOLD_FULL      23 "hold ring full, and the partition may not let the link wait"

const EVENT_ARRIVED    1  "message arrived (port arrival)"
const EVENT_DTE_READ   2  "engine has taken a message with its device-table entry"
const EVENT_ITE_READ   3  "interrupt-table entry read"
const EVENT_VECTOR_SET 4  "bit of the signal vector set"
const EVENT_SIGNAL     5  "signal offered to a hart"
const EVENT_ACCEPTED   6  "receiver accepted"
const EVENT_MISMATCH   7  "receiver did not run the target"
const EVENT_CHANGED    8  "the second read of the entry differs from the first"
const EVENT_BROADCAST  9  "summary bit set, harts notified"
const EVENT_RECORDED   10 "target was blocked: recorded only"
const EVENT_UNBLOCK    11 "target unblocked, its signal vector scanned"
const EVENT_FAULT      12 "fault reported (port fault)"

# ---------------------------------------------------------------------------------------------------------------
space global "Global page, for the software that splits the machine (partition level)"
register ID 0x0000 64 ro 0x0001000031554142 "identification" {
    field MAGIC   31:0  "BAU1 in ASCII, first letter in the lowest byte"
    field VERSION 63:32 "version 1.0"
}
register CAPACITY 0x0008 64 ro 0x0008020801000040 "capacities" {
    field DEVICES    15:0  "NUM_DEVICES"
    field TARGETS    31:16 "NUM_TARGETS"
    field HARTS      39:32 "NUM_HARTS"
    field PARTITIONS 47:40 "NUM_PARTITIONS"
    field LPIDS      55:48 "NUM_LPIDS"
}
register REQUESTER_OWNER 0x0010 64 rw 0x0 "bit r: partition that owns requester id r; its device table is used" {
    field OWNER 63:0 "one bit a requester id"
}

const PT_STRIDE 0x40 "partition p's entry of the partition table lies at PT_* + p * PT_STRIDE"
register PT_CONTROL 0x0100 64 rw 0x0 "partition table: state" {
    field VALID 0:0 "0: every access and message of the partition is refused"
    field WAIT  1:1 "1: an access whose hold ring is full stays at the head of the link, which all partitions share; 0: it is refused"
    field HARTS 15:8 "bit h: physical hart h belongs to the partition"
}
register PT_BASE 0x0108 64 rw 0x0 "partition table: first byte of the partition's memory" {
    field ADDRESS 55:12 "host-physical, 4 KiB aligned"
}
register PT_LIMIT 0x0110 64 rw 0x0 "partition table: first byte after the partition's memory" {
    field ADDRESS 55:12 "host-physical, 4 KiB aligned; every access made for the partition is at or above BASE and below LIMIT"
}
register PT_LPID_MAP 0x0118 64 rw 0x0 "partition table: byte l says where logical processor l runs: bit 7 valid, bits 3:0 physical hart" {
    field LPID0 7:0   "logical processor 0"
    field LPID1 15:8  "logical processor 1"
    field LPID2 23:16 "logical processor 2"
    field LPID3 31:24 "logical processor 3"
    field LPID4 39:32 "logical processor 4"
    field LPID5 47:40 "logical processor 5"
    field LPID6 55:48 "logical processor 6"
    field LPID7 63:56 "logical processor 7"
}

register COUNT_MESSAGES     0x0400 64 ro 0x0 "messages that arrived well-formed"
register COUNT_DIRECT       0x0408 64 ro 0x0 "signals accepted by a receiver"
register COUNT_MISMATCH     0x0410 64 ro 0x0 "signals that no receiver took"
register COUNT_BROADCAST    0x0418 64 ro 0x0 "broadcasts"
register COUNT_RECORDED     0x0420 64 ro 0x0 "messages recorded while their target was blocked"
register COUNT_UNBLOCK      0x0428 64 ro 0x0 "unblocks carried out"
register COUNT_RESCAN       0x0430 64 ro 0x0 "unblocks that found bits and went on to signal"
register COUNT_FAULT        0x0438 64 ro 0x0 "faults reported"
register COUNT_FAULT_LOST   0x0440 64 ro 0x0 "faults without a record: queue full, off or out of bounds"
register COUNT_DTE_HIT      0x0448 64 ro 0x0 "device-table cache hits"
register COUNT_DTE_MISS     0x0450 64 ro 0x0 "device-table cache misses"
register COUNT_IOTLB_HIT    0x0458 64 ro 0x0 "IOTLB hits"
register COUNT_IOTLB_MISS   0x0460 64 ro 0x0 "IOTLB misses"
register COUNT_DMA_READ     0x0468 64 ro 0x0 "read requests carried out"
register COUNT_DMA_WRITE    0x0470 64 ro 0x0 "write requests carried out"
register COUNT_COMMAND      0x0478 64 ro 0x0 "commands carried out"
register COUNT_HELD         0x0480 64 ro 0x0 "accesses and messages parked in hold rings"
register COUNT_REPLAYED     0x0488 64 ro 0x0 "parked accesses and messages that left their ring by being carried out or refused"
register COUNT_PAGE_EVENT   0x0490 64 ro 0x0 "page events written"
const NUM_COUNTERS 19 "COUNT_* lie at COUNT_MESSAGES + 8 * k"

# ---------------------------------------------------------------------------------------------------------------
space partition "Partition page p at PARTITION_PAGE + p * PARTITION_STRIDE, for the hypervisor of partition p"
const PARTITION_PAGE   0x1000 "offset of partition 0's page; the offsets below are relative to the partition's page"
const PARTITION_STRIDE 0x1000 "distance of the partitions' pages"
register CONTROL 0x000 64 rw 0x0 "operation" {
    field ENABLE         0:0 "1: accesses and messages of the partition's devices are served"
    field COMMAND_ENABLE 1:1 "1: the command queue is served"
    field FAULT_ENABLE   2:2 "1: faults are written to the fault queue"
    field EVENT_ENABLE   3:3 "1: page events are written to the page-event queue"
    field FAULT_IRQ      8:8 "irq while STATUS.FAULT or STATUS.OVERFLOW"
    field COMMAND_IRQ    9:9 "irq while STATUS.FENCE or STATUS.COMMAND_ERROR"
    field EVENT_IRQ      10:10 "irq while STATUS.EVENT or STATUS.EVENT_LOST"
}
register STATUS 0x008 64 w1c 0x0 "causes" {
    field FAULT         0:0 "a fault record was written"
    field OVERFLOW      1:1 "a fault found no room or no memory for its record"
    field FENCE         2:2 "a fence with IRQ set is done"
    field COMMAND_ERROR 3:3 "a command was refused (see its fault record); the queue goes on"
    field EVENT         4:4 "a page event was written"
    field EVENT_LOST    5:5 "a page event had no memory for its record: look at HELD"
}
register DEVICE_TABLE 0x010 64 rw 0x0 "device table of the partition" {
    field ADDRESS 55:6 "host-physical, 64-byte aligned; entry of requester id r at ADDRESS + r * 64"
}
register DEVICE_TABLE_LENGTH 0x018 64 rw 0x0 "entries of the device table" {
    field ENTRIES 6:0 "0 to NUM_DEVICES; more acts as NUM_DEVICES"
}
register COMMAND_BASE 0x020 64 rw 0x0 "command queue" {
    field ADDRESS 55:6 "host-physical, 64-byte aligned"
}
register COMMAND_SIZE 0x028 64 rw 0x0 "size of the command queue; a write sets COMMAND_HEAD and COMMAND_TAIL to 0 (only while HEAD equals TAIL)" {
    field LOG2 3:0 "2 to the power LOG2 commands of COMMAND bytes; at most 8, more acts as 8"
}
register COMMAND_HEAD 0x030 64 ro 0x0 "next command; moves when the command is done. The queue is empty when HEAD equals TAIL" {
    field INDEX 7:0 "0 to size - 1"
}
register COMMAND_TAIL 0x038 64 rw 0x0 "doorbell: where software will put the next command" {
    field INDEX 7:0 "taken modulo the size"
}
register FAULT_BASE 0x040 64 rw 0x0 "fault queue" {
    field ADDRESS 55:6 "host-physical, 64-byte aligned"
}
register FAULT_SIZE 0x048 64 rw 0x0 "size of the fault queue; a write sets FAULT_HEAD and FAULT_TAIL to 0" {
    field LOG2 3:0 "2 to the power LOG2 records of FAULT_RECORD bytes; at most 8, more acts as 8"
}
register FAULT_HEAD 0x050 64 rw 0x0 "next record that software reads; full when TAIL + 1 equals HEAD modulo the size" {
    field INDEX 7:0 "taken modulo the size"
}
register FAULT_TAIL 0x058 64 ro 0x0 "next record that the BAU writes" {
    field INDEX 7:0 "0 to size - 1"
}
register EVENT_BASE 0x060 64 rw 0x0 "page-event queue" {
    field ADDRESS 55:6 "host-physical, 64-byte aligned"
}
register EVENT_SIZE 0x068 64 rw 0x0 "size of the page-event queue; a write sets EVENT_HEAD and EVENT_TAIL to 0" {
    field LOG2 3:0 "2 to the power LOG2 records of PAGE_EVENT bytes; at most 8, more acts as 8"
}
register EVENT_HEAD 0x070 64 rw 0x0 "next record that software reads; full when TAIL + 1 equals HEAD modulo the size: then events wait" {
    field INDEX 7:0 "taken modulo the size"
}
register EVENT_TAIL 0x078 64 ro 0x0 "next record that the BAU writes" {
    field INDEX 7:0 "0 to size - 1"
}
register HELD 0x080 64 ro 0x0 "bit r: requester id r of this partition has something in its hold ring" {
    field HELD 63:0 "one bit a requester id"
}

# ---------------------------------------------------------------------------------------------------------------
space notify "Notification of harts; hart h at NOTIFY_PAGE + h * NOTIFY_STRIDE"
const NOTIFY_PAGE   0x6000 "offset of hart 0's registers; the offsets below are relative to the hart's"
const NOTIFY_STRIDE 0x10   "distance of the harts' registers"
register SUBCLASS_MASK 0x0 64 rw 0x0 "subclasses whose broadcasts this hart handles" {
    field MASK 15:0 "bit s: subclass s"
}
register NOTIFY 0x8 64 w1c 0x0 "notification" {
    field PENDING 0:0 "output notify of this hart; write 1 to acknowledge, then read the summary vectors"
}

# ---------------------------------------------------------------------------------------------------------------
space receiver "Receiver of hart h at RECEIVER_PAGE + h * RECEIVER_STRIDE, for the hypervisor (outside of the block, models/board/receiver.h)"
const RECEIVER_PAGE   0x8000 "offset of hart 0's receiver; the offsets below are relative to the hart's"
const RECEIVER_STRIDE 0x100  "distance of the receivers"
register RUNNING 0x00 64 rw 0x0 "the target that the hart runs now; one store switches" {
    field VALID  0:0   "a target runs"
    field TARGET 15:8  "target id"
    field VMID   31:16 "VMID, as in DTE.GSCID of the VM's devices"
    field GEIN   39:32 "guest-interrupt number, 1 to 63: bit of hgeip that a match raises"
}
register RUNNING_ITE 0x08 64 rw 0x0 "interrupt-table entry of the running target, for UNBLOCK" {
    field ADDRESS 55:5 "host-physical, 32-byte aligned"
}
register RAISE 0x10 64 wo 0x0 "write 1: raise hgeip bit RUNNING.GEIN, if RUNNING.VALID (after a schedule-in with a non-zero signal vector)" {
    field NOW 0:0 "1: raise"
}
register HGEIP 0x18 64 w1c 0x0 "hgeip of the hart; write ones to clear" {
    field PENDING 63:1 "bit g: guest interrupt g"
}
register HART_PARTITION 0x20 64 rw 0x0 "partition that the hart belongs to (partition level)" {
    field PARTITION 3:0 "compared with the signal's"
}

space guest "Guest page of hart h at GUEST_PAGE + h * GUEST_STRIDE, mapped to a guest at GUEST_PAGE_GPA by the G-stage; reads 0"
const GUEST_PAGE   0x40000 "offset of hart 0's guest page; the offsets below are relative to the hart's"
const GUEST_STRIDE 0x1000  "distance of the guest pages"
register ACK 0x0 64 wo 0x0 "write: clear hgeip bit RUNNING.GEIN of this hart" {
    field ANY 63:0 "any value"
}
register UNBLOCK 0x8 64 wo 0x0 "write: clear BLOCKED of the running target, scan its signal vector, signal again if it is not 0. Between receiver and BAU the write carries RUNNING_ITE" {
    field ADDRESS 55:5 "from the receiver to the BAU only; a guest writes any value"
}

# ---------------------------------------------------------------------------------------------------------------
structure DTE 64 "Device-table entry, in memory of the partition that owns the device" {
    field VALID           0:0:0   "entry is valid"
    field DIRECT          0:1:1   "directed delivery allowed; 0: every message is broadcast"
    field IOMMU_MODE      0:3:2   "IOMMU_BYPASS, IOMMU_SV39X4, IOMMU_BLOCKED"
    field FORCE_BROADCAST 0:4:4   "broadcast even if the target runs"
    field HOLD            0:5:5   "1: a write to a page that is readable but not writable is held in HOLD_RING; 0: it is refused"
    field PARTITION       0:15:8  "must be the owner's"
    field SUBCLASS        0:19:16 "interrupt subclass for broadcasts"
    field GSCID           0:35:20 "address-space id of the translations and VMID of the signals"
    field ROOT_PPN        1:43:0  "G-stage root table (16 KiB aligned) >> 12"
    field ITABLE          2:55:5  "interrupt table, 32-byte aligned address in place"
    field ITABLE_LENGTH   3:15:0  "targets in the interrupt table, at most NUM_TARGETS"
    field SIGVEC_BASE     3:31:16 "signal-vector bit of the device's vector 0"
    field SUMMARY         4:55:5  "summary vector, 32-byte aligned address in place; bit = target id"
    field HOLD_LOG2       5:3:0   "the hold ring has 2 to the power HOLD_LOG2 places of HOLD_PLACE bytes; at most HOLD_LOG2_MAX"
    field HOLD_RING       5:55:12 "hold ring of the requester id, 4 KiB aligned address in place; used by the BAU only"
}
structure ITE 32 "Interrupt-table entry, in memory of the hosting guest (hypervisor)" {
    field VALID   0:0:0   "entry is valid"
    field RUNNING 0:1:1   "the target runs on LPID now"
    field DIRECT  0:2:2   "directed delivery allowed"
    field LPID    0:15:8  "logical processor"
    field GEIN    0:23:16 "guest-interrupt number, passed to the receiver for waves and events"
    field VMID    0:47:32 "VMID, used after UNBLOCK only"
    field BLOCKED 1:0:0   "set and cleared by the BAU with atomic operations"
    field SIGVEC  2:55:6  "signal vector of the target, 64-byte aligned host-physical address in place"
    field UNBLOCK_SUBCLASS 3:3:0   "subclass of a broadcast that follows UNBLOCK, as DTE.SUBCLASS"
    field UNBLOCK_SUMMARY  3:55:5  "summary vector for a broadcast that follows UNBLOCK, as DTE.SUMMARY"
    field UNBLOCK_TARGET   3:63:56 "this entry's target id"
}
structure COMMAND 16 "Command-queue entry" {
    field OPCODE  0:7:0   "COMMAND_*"
    field ALL     0:8:8   "invalidations, resume: everything of the partition"
    field IRQ     0:9:9   "fence: set STATUS.FENCE"
    field DENY    0:10:10 "COMMAND_RESUME: if the oldest write is to be held again, refuse it instead"
    field DROP    0:11:11 "COMMAND_RESUME: forget everything that is held instead"
    field RID     0:31:16 "COMMAND_INVALIDATE_DTE, COMMAND_RESUME: requester id"
    field GSCID   0:47:32 "COMMAND_INVALIDATE_IOTLB: address-space id"
    field ADDRESS 1:55:3  "COMMAND_FENCE: host-physical address of the word to write, 0 for none"
}
structure FAULT_RECORD 32 "Fault-queue entry" {
    field CAUSE     0:7:0   "CAUSE_*"
    field WRITE     0:8:8   "the access was a write or a message"
    field PARTITION 0:15:12 "partition"
    field RID       0:31:16 "requester id; 0 for commands and unblocks"
    field ID        0:63:32 "message sequence number, 0 if none"
    field ADDRESS   1:63:0  "device address of the access, or address of the message, command or table entry"
    field DETAIL    2:63:0  "data of a message, first DW of another request, bit of the signal vector for faults of the engine, else 0"
    field SEQUENCE  3:31:0  "count of faults of all partitions, starting with 1"
}
structure PAGE_EVENT 16 "Entry of the page-event queue: the oldest write in a hold ring waits for its page" {
    field PARTITION 0:15:12 "partition"
    field RID       0:31:16 "requester id"
    field GSCID     0:47:32 "its DTE.GSCID"
    field ADDRESS   1:63:0  "device address of the write"
}
structure HOLD_PLACE 512 "Place of a hold ring; payload from byte 256 on as it came, two DWs a word" {
    field TAG      0:7:0   "of the TLP"
    field LENGTH   0:15:8  "DWs"
    field FIRST_BE 0:19:16 "byte enables of the first DW"
    field LAST_BE  0:23:20 "byte enables of the last DW"
    field KIND     0:25:24 "0 read, 1 write, 2 message"
    field ADDRESS  1:63:0  "device address"
    field DATA     2:31:0  "data of a message, else first DW of the TLP"
    field ID       2:63:32 "message sequence number, 0 if none"
    field WORDS    3:5:0   "write: payload words that are to be written; the rest writes nothing"
}
