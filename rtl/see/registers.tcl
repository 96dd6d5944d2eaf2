# Registers and in-memory structures of the storage emulation engine. The language: rtl/gen/README.md.
block see "Storage emulation engine"

# ---- Sizes -----------------------------------------------------------------------------------------------------
const NUM_FUNCTIONS 17 "function 0 is the PF, 1..16 the VFs"
const NUM_VFS 16 "virtual functions"
const NUM_QUEUES 9 "queue pairs of a function, queue 0 is the admin queue"
const NUM_VECTORS 9 "MSI-X vectors of a function"
const NUM_SLOTS 64 "command slots"
const NUM_TAGS 8 "PCIe read requests in flight"
const NUM_EXTENTS 8 "extents of a function's namespace, and targets that they lie on"
const MAX_QUEUE_ENTRIES 1024 "entries of an I/O queue (CAP.MQES is one less)"
const MAX_ADMIN_ENTRIES 4096 "entries of an admin queue, the largest that the SEE takes"
const MAX_TRANSFER_BYTES 0x20000 "MDTS 5: 128 KiB"
const BUFFER_STRIDE 0x21000 "bytes from one slot's buffer to the next: 33 pages, since a transfer keeps its page offset"
const PRP_ENTRIES 32 "PRP entries kept per slot (on chip)"
const DESC_RING_MAX_LOG2 12 "largest firmware ring"
const BAR_BYTES 0x4000 "BAR0 of each function"
const READ_REQUEST_BYTES 512 "longest MRd; requests end at multiples of this"
const WRITE_PAYLOAD_BYTES 256 "longest MWr; writes end at multiples of this"
const COALESCE_CYCLES 100000 "cycles of one unit of the aggregation time (100 us)"
const TIMER_CYCLES 4096 "cycles of one completion-timer tick"

# ---- PCIe ------------------------------------------------------------------------------------------------------
const VENDOR_ID 0xA55A "vendor id of the PF and of its VFs"
const PF_DEVICE_ID 0x0E00 "device id of the PF"
const VF_DEVICE_ID 0x0E01 "device id of the VFs (in the SR-IOV capability)"
const CLASS_REVISION 0x01080201 "NVM Express controller, revision 1"
const PF_RID 0x0008 "requester id of the PF: 00:01.0"
const FIRST_VF_RID 0x0010 "requester id of VF 1: 00:02.0; VF n is n-1 further"
const CFG_COMMAND 0x04 "config: command and status"
const CFG_BAR0 0x10 "config: BAR0, 64 bits"
const CFG_PM 0x40 "config: power management capability"
const CFG_MSIX 0x50 "config: MSI-X capability"
const CFG_PCIE 0x60 "config: PCI Express capability"
const CFG_DEVCTL 0x68 "config: device control (bit 15: function-level reset)"
const CFG_AER 0x100 "config: AER extended capability"
const CFG_SRIOV 0x140 "config: SR-IOV extended capability (PF only)"
const CFG_SRIOV_CONTROL 0x148 "config: bit 0 VF Enable, bit 3 VF MSE"
const CFG_SRIOV_NUMVFS 0x150 "config: NumVFs"
const CFG_SRIOV_BAR0 0x164 "config: VF BAR0, 64 bits"

# ---- Registers that the host sees ------------------------------------------------------------------------------
space nvme "NVMe 1.4 controller registers, BAR0 of every function"
register CAP 0x0 64 ro 0x00000020140303ff "controller capabilities" {
    field MQES 15:0 "maximum queue entries, 0's based"
    field CQR 16:16 "contiguous queues required"
    field AMS 18:17 "arbitration mechanisms besides round robin: weighted round robin with urgent priority class"
    field TO 31:24 "timeout in 500 ms"
    field DSTRD 35:32 "doorbell stride"
    field CSS 44:37 "command sets: NVM"
    field MPSMIN 51:48 "smallest page, 4 KiB"
    field MPSMAX 55:52 "largest page, 4 KiB"
}
register VS 0x8 32 ro 0x00010400 "version 1.4"
register INTMS 0xc 32 rw 0 "interrupt mask set (bit 0 masks INTx of the PF; no effect with MSI-X)"
register INTMC 0x10 32 rw 0 "interrupt mask clear (likewise)"
register CC 0x14 32 rw 0 "controller configuration" {
    field EN 0:0 "enable"
    field CSS 6:4 "command set"
    field MPS 10:7 "memory page size"
    field AMS 13:11 "arbitration"
    field SHN 15:14 "shutdown notification"
    field IOSQES 19:16 "log2 of the I/O SQE size"
    field IOCQES 23:20 "log2 of the I/O CQE size"
}
register CSTS 0x1c 32 ro 0 "controller status" {
    field RDY 0:0 "ready"
    field CFS 1:1 "fatal status"
    field SHST 3:2 "shutdown status"
}
register AQA 0x24 32 rw 0 "admin queue attributes" {
    field ASQS 11:0 "admin SQ size, 0's based"
    field ACQS 27:16 "admin CQ size, 0's based"
}
register ASQ 0x28 64 rw 0 "admin SQ base"
register ACQ 0x30 64 rw 0 "admin CQ base"
const DOORBELL_BASE 0x1000 "SQ tail of queue q at 8q, CQ head at 8q+4"
const INTA_ASSERT 0x20 "message code of Assert_INTA"
const INTA_DEASSERT 0x24 "message code of Deassert_INTA"
const MSIX_TABLE 0x2000 "vector v at 16v"
const MSIX_PBA 0x3000 "pending bits"

# ---- Registers that the firmware sees (offsets in the SEE window of the NIC processor, 64-bit accesses) ------------
space firmware "Firmware registers"
register ID 0x0 64 ro 0x0001000000534545 "'SEE', version 1 in bits 63:48"
register CTRL 0x8 64 rw 0 "control" {
    field ENABLE 0:0 "0: commands are not fetched and rings are not used"
    field IRQ_ENABLE 1:1 "irq is raised while RING_PROD differs from RING_CONS"
}
register BUFFER_BASE 0x10 64 rw 0 "NIC address of the buffer of slot 0 (32 bits, multiple of 4096)"
register RING_BASE 0x18 64 rw 0 "NIC address of the firmware ring (32 bits, multiple of 128); entries of DESC_BYTES"
register RING_LOG2 0x20 64 rw 0 "log2 of the entries of the firmware ring, 1..12"
register RING_PROD 0x28 64 ro 0 "entries written by the SEE since reset, modulo 2^16"
register RING_CONS 0x30 64 rw 0 "entries consumed by the firmware, modulo 2^16"
register CRING_BASE 0x38 64 rw 0 "NIC address of the completion ring (32 bits, multiple of 16); entries of CENTRY_BYTES"
register CRING_LOG2 0x40 64 rw 0 "log2 of the entries of the completion ring, 1..12"
register CRING_TAIL 0x48 64 rw 0 "entries written by the firmware, modulo 2^16 (writing is the doorbell)"
register CRING_HEAD 0x50 64 ro 0 "entries taken by the SEE, modulo 2^16"
register CPL_TIMEOUT 0x58 64 rw 4883 "read completion timeout: a request ends after N-1 to N ticks of TIMER_CYCLES, 2..65535; 0: never. 20 ms after reset: PCIe 4.0, 2.8 wants 10 ms at least"
register SLOT_LIMIT 0x60 64 rw 32 "slots that one function may hold with commands, 1..64; one admin command is fetched beyond it"
register VF_STATUS 0x68 64 ro 0 "what the host set in the SR-IOV capability" {
    field ENABLED 0:0 "VF Enable"
    field MSE 1:1 "VF memory space enable"
    field NUM 12:8 "NumVFs"
}
register SLOTS_FREE 0x70 64 ro 0xffffffffffffffff "bit s: slot s is free"
register ERRORS 0x78 64 ro 0 "DMA reads that ended in an error (UR, CA, poison, malformed, timeout), 32 bits"
register DROPPED 0x80 64 ro 0 "received TLPs that were dropped (malformed, unexpected), 32 bits"
register BAD_COMPLETIONS 0x88 64 ro 0 "completion ring entries that named no command of the firmware, 32 bits"
register HOLD 0x90 64 rw 0 "bit f: nothing is fetched from the queues of function f; what is under way goes on"
register POSTS 0x98 64 ro 0 "entries CE_POST" {
    field OPEN 16:0 "bit f: one of function f has not been written to its completion queue yet"
    field TAKEN 47:32 "how many have been taken since reset, refused ones too, modulo 2^16"
}

# Function f: FN_BASE + f*FN_STRIDE + offset
const FN_BASE 0x1000 "per-function registers"
const FN_STRIDE 0x100 "from one function to the next"
register FN_CC 0x1000 64 ro 0 "CC of the function"
register FN_CSTS 0x1008 64 rw 0 "CSTS; a write with RDY=1 is ignored while CC.EN is 0 or the function is being reset"
register FN_AQA 0x1010 64 ro 0 "AQA of the function"
register FN_ASQ 0x1018 64 ro 0 "ASQ of the function"
register FN_ACQ 0x1020 64 ro 0 "ACQ of the function"
register FN_NS 0x1028 64 rw 0 "namespace 1 of the function; with every write the commands that were fetched before are those of a namespace that is gone" {
    field ATTACHED 0:0 "1: attached"
    field BLOCK_SHIFT 9:8 "a block has 512 << BLOCK_SHIFT bytes: 512 to 4096"
}
register FN_NS_SIZE 0x1030 64 rw 0 "blocks"
register FN_INFLIGHT 0x1038 64 ro 0 "slots that the function holds now"
register FN_ARBITRATION 0x1040 64 rw 0 "how the queues of the function are served; a write begins a new round" {
    field AB 2:0 "arbitration burst, as the host set it (kept only: a queue gives one command a turn)"
    field WRR 3:3 "1: weighted round robin with urgent priority class"
    field LPW 15:8 "weight of low priority, 0's based"
    field MPW 23:16 "weight of medium priority, 0's based"
    field HPW 31:24 "weight of high priority, 0's based"
}
register FN_COALESCING 0x1048 64 rw 0 "interrupts of I/O completion queues are held back; not if THR or TIME is 0" {
    field THR 7:0 "entries of a vector for which an interrupt is sent, 0's based"
    field TIME 15:8 "units of COALESCE_CYCLES after which what is held is sent"
    field CD 24:16 "bit v: vector v is not coalesced"
}
# Extent e of function f: EXTENT_BASE + f*EXTENT_FN_STRIDE + e*EXTENT_STRIDE + {0,8,16,24,32}
const EXTENT_BASE 0xa000 "extents of the functions' namespaces"
const EXTENT_FN_STRIDE 0x200 "from one function to the next"
const EXTENT_STRIDE 0x40 "from one extent to the next"
register EXTENT_FIRST 0xa000 64 rw 0 "first LBA of the extent in the namespace"
register EXTENT_LENGTH 0xa008 64 rw 0 "blocks of the extent, 0: unused"
register EXTENT_REMOTE 0xa010 64 rw 0 "LBA at the storages where the extent begins"
register EXTENT_MAP 0xa018 64 rw 0 "on which storages it lies, and how" {
    field WIDTH 3:0 "storages that it is striped over; 0 and 1: it lies on one"
    field CHUNK 12:8 "log2 of the blocks that lie together (stripe)"
    field MEMBER 18:16 "the first of its storages: the target of that extent's number, and those after it"
}
register EXTENT_TARGET 0xa020 64 rw 0 "storage number e of the namespace, whatever extent e is" {
    field STORAGE 31:0 "storage id"
    field NSID 63:32 "namespace id at the storage"
}

# Queue pair q of function f: QUEUE_BASE + f*QUEUE_FN_STRIDE + q*QUEUE_STRIDE + offset
const QUEUE_BASE 0x4000 "queue contexts"
const QUEUE_FN_STRIDE 0x400 "from one function to the next"
const QUEUE_STRIDE 0x40 "from one queue pair to the next"
register SQ_ADDRESS 0x4000 64 rw 0 "host address, multiple of 4096"
register SQ_CONTROL 0x4008 64 rw 0 "writing sets head and tail to 0; ignored while CC.EN is 0 or the function is being reset, unless VALID is 0" {
    field VALID 0:0 "1: the queue exists"
    field QPRIO 2:1 "priority class: urgent 0, high 1, medium 2, low 3 (not of queue 0)"
    field CQID 7:4 "completion queue"
    field SIZE 28:16 "entries, 2..4096"
}
register SQ_STATE 0x4010 64 rw 0 "where the queue stands; a write sets HEAD and TAIL, and is ignored unless the queue is valid and both are below its size" {
    field HEAD 15:0 "next entry to consume"
    field TAIL 31:16 "last doorbell"
    field INFLIGHT 38:32 "slots that hold commands of this queue"
}
register CQ_ADDRESS 0x4020 64 rw 0 "host address, multiple of 4096"
register CQ_CONTROL 0x4028 64 rw 0 "writing sets head and tail to 0 and the phase to 1; ignored while CC.EN is 0 or the function is being reset, unless VALID is 0" {
    field VALID 0:0 "1: the queue exists"
    field IEN 1:1 "interrupts enabled"
    field VECTOR 7:4 "MSI-X vector"
    field SIZE 28:16 "entries, 2..4096"
}
register CQ_STATE 0x4030 64 rw 0 "where the queue stands; a write sets all three, and is ignored unless the queue is valid and HEAD and TAIL are below its size" {
    field HEAD 15:0 "last doorbell"
    field TAIL 31:16 "next entry to write"
    field PHASE 32:32 "phase tag of the next entry"
}

# ---- Structures in NIC memory ------------------------------------------------------------------------------------
const DESC_COMMAND 1 "descriptor type: a command to execute"
const DESC_PULLED 2 "descriptor type: the data that the firmware asked for with CE_PULL is in the buffer; or, STATUS not 0, the command failed in the SEE and waits to be completed"
const DESC_ENABLE 3 "descriptor type: CC.EN went from 0 to 1"
const DESC_DISABLE 4 "descriptor type: the controller was reset through CC.EN; CSTS.RDY is 0 again"
const DESC_SHUTDOWN 5 "descriptor type: CC.SHN was set; VALUE is CC"
const DESC_FLR 6 "descriptor type: the function was reset (FLR, VF Enable cleared or reset of its PF)"
const DESC_BAD_DOORBELL 7 "descriptor type: doorbell write refused; VALUE is the value written"
structure DESC 128 "entry of the firmware ring; words 0..7 are the SQE (0 for events)" {
    field OPCODE 0:7:0 "SQE opcode"
    field CID 0:31:16 "SQE command id"
    field NSID 0:63:32 "SQE namespace id"
    field TYPE 8:7:0 "DESC_*"
    field FUNCTION 8:15:8 "function"
    field SLOT 8:23:16 "slot (commands)"
    field QID 8:31:24 "submission queue (commands); queue (bad doorbell)"
    field STATUS 8:46:32 "PULLED: 0 or the NVMe status with which the command has failed"
    field DOORBELL_CQ 8:48:48 "bad doorbell: it was a CQ head doorbell"
    field DOORBELL_VALUE 8:49:49 "bad doorbell: 1 bad value, 0 no such queue"
    field CONTINUES 8:50:50 "I/O with LBA: a part of the command that is not its first"
    field BLOCK_SHIFT 8:52:51 "I/O: that of the namespace when the command was checked; 0 for other commands"
    field GONE 8:53:53 "I/O: FN_NS was written after the command was fetched: it is one of the namespace before"
    field LENGTH 9:31:0 "bytes of data of this part (I/O), bytes pulled (PULLED), 0 for other commands"
    field BUFFER 9:63:32 "NIC address of the data: slot's buffer plus the page offset of PRP1"
    field STORAGE 10:31:0 "storage id of this part (I/O with LBA)"
    field REMOTE_NSID 10:63:32 "its namespace id at the storage"
    field REMOTE_LBA 11:63:0 "its LBA at the storage"
    field BLOCKS 12:31:0 "blocks of this part (I/O with LBA); 0: no extent holds them"
    field SEQUENCE 12:63:32 "sequence number of the command (id in the event log)"
    field VALUE 13:31:0 "events: see the type"
}
const CE_COMPLETE 0 "completion op: push data if asked, write a CQE, free the slot"
const CE_PULL 1 "completion op: pull LENGTH bytes of host data of the slot's command; a PULLED descriptor follows"
const CE_RELEASE 2 "completion op: free the slot without a CQE (asynchronous event requests are kept this way)"
const CE_POST 3 "completion op: write a CQE for FUNCTION, SQID, CID without a slot"
const CE_NEXT 4 "completion op: hand over the next part of an I/O command too; this one is not over"
const CE_AGAIN 5 "completion op: hand over all parts of an I/O command anew, from the first one"
structure CENTRY 16 "entry of the completion ring" {
    field SLOT 0:7:0 "slot (all but POST)"
    field OP 0:11:8 "CE_*"
    field PUSH 0:12:12 "COMPLETE: first move LENGTH bytes from the buffer to the host along the PRPs"
    field STATUS 0:30:16 "NVMe status field of the CQE: SC 7:0, SCT 10:8, CRD 12:11, M 13, DNR 14"
    field LENGTH 0:49:32 "bytes, multiple of 4, at most MAX_TRANSFER_BYTES"
    field DW0 1:31:0 "DW0 of the CQE"
    field CID 1:47:32 "POST: command id"
    field SQID 1:51:48 "POST: submission queue"
    field FUNCTION 1:60:56 "POST: function"
}

# ---- Events (event_code) -----------------------------------------------------------------------------------------
const EVENT_FETCHED 1 "SQE arrived; id = sequence number, value = SQE DW0"
const EVENT_DESCRIPTOR 2 "descriptor handed to the firmware; id = sequence number (0: not a command), value = type | slot << 8"
const EVENT_COMPLETION 3 "completion ring entry taken; id = sequence number, value = op | status << 16"
const EVENT_CQE 4 "CQE handed to the DMA writer; id = sequence number, value = status | CID << 16"
const EVENT_MSIX 5 "MSI-X message handed to the DMA writer; id = 0, value = vector"
const EVENT_RESET 6 "function reset finished; value = 1 FLR, 0 CC.EN"
const EVENT_ERROR 7 "command failed in the SEE; id = sequence number, value = NVMe status field"
const EVENT_DOORBELL 8 "doorbell refused; value = value written | queue << 16 | CQ << 24 | bad value << 25"
const EVENT_INTX 9 "INTx message of the PF handed to the DMA writer; id = 0, value = 1 Assert_INTA, 0 Deassert_INTA"
