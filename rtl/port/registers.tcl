# The Ethernet port of the NIC as its processor sees it: register window and rings.
# Every register is 64 bits wide and is accessed as one aligned 8-byte word; reserved bits read 0 and ignore writes.
#
# Rings: two rings of 16-byte descriptors in NIC memory, a power of two of them. Software and port exchange
# free-running 32-bit counts, not indices: descriptor number c lies at BASE + (c mod size) * 16. Software writes how many
# descriptors it has handed over so far (TAIL, the doorbell); the port tells how many it is done with (HEAD, also
# written to memory at *_HEAD_ADDRESS as a 64-bit little-endian word when that address is not 0).
# TAIL - HEAD is thus the number of descriptors that belong to the port, 0 to size. A tail that claims more is refused.
block port "Ethernet port of the NIC: MAC, descriptor rings, checksum offload"

const LINE_MBPS       25000      "line rate, Mbit/s"
const RING_LOG2_MAX   12         "largest ring: 4096 descriptors"
const CHAIN_MAX       32         "most descriptors that one transmitted frame may have"
const FRAME_MIN       60         "shorter frames are padded with zeroes on transmission (no FCS counted)"
const FRAME_MAX       9216       "largest frame in bytes, no FCS counted: Ethernet header, VLAN tag and a payload of 9198"
const RX_FIFO_BYTES   262144     "frames that wait for receive descriptors; what does not fit is dropped and counted"

space regs "Port registers, NIC domain 0x4001_0000"
register ID 0x000 64 ro 0x0000000141504f52 "identification" {
    field MAGIC   31:0  "0x41504f52"
    field VERSION 63:32 "the port's version; reset value 1"
}
register CONTROL 0x008 64 rw 0x0 "operation" {
    field TX_ENABLE   0:0 "take transmit descriptors"
    field RX_ENABLE   1:1 "accept frames from the line; while 0 they are dropped and counted"
    field PROMISCUOUS 2:2 "accept frames of every destination"
    field RESET       31:31 "write 1: rings, FIFO, interrupts and CONTROL go to their reset state at once; reads 0. MAC address and counters stay"
}
register STATUS 0x010 64 ro 0x000061a800000000 "state of the line" {
    field LINK_UP 0:0   "1: a link partner is there"
    field SPEED   63:32 "Mbit/s"
}
register MAC 0x018 64 rw 0x0 "own address: first byte of the address on the wire in bits 7:0" {
    field ADDRESS 47:0 "frames to this address, to broadcast and to multicast addresses are accepted"
}
register MAX_FRAME 0x020 64 rw 0x000000000000233a "largest frame received, Ethernet header included, FCS not" {
    field BYTES 15:0 "60 to FRAME_MAX; longer ones are dropped and counted. Reset: 9018, an MTU of 9000 with a VLAN tag"
}
register IRQ_STATUS 0x028 64 w1c 0x0 "causes; the interrupt line is high while IRQ_STATUS & IRQ_ENABLE is not 0" {
    field RX    0:0 "received descriptors wait (moderated by RX_MODERATION)"
    field TX    1:1 "a transmit descriptor with IRQ set is done"
    field LINK  2:2 "STATUS.LINK_UP changed"
    field ERROR 3:3 "a ring error, see ERROR"
    field NET   4:4 "network functions were reset, see NET_EVENTS"
}
register IRQ_ENABLE 0x030 64 rw 0x0 "causes that raise the line" {
    field CAUSES 4:0 "same bits as IRQ_STATUS"
}
register RX_MODERATION 0x038 64 rw 0x0000000000000001 "when received frames set IRQ_STATUS.RX: at the earlier of both" {
    field FRAMES 7:0   "after so many frames since RX was last set; 0 acts as 1"
    field CYCLES 31:8  "so many cycles after the first frame since RX was last set; 0: do not wait for the count"
}
register ERROR 0x040 64 ro 0x0 "ring errors; the ring that has one stands still until CONTROL.RESET" {
    field TX_RING  0:0 "tail claims more than the ring has, or a chain is longer than CHAIN_MAX, than FRAME_MAX, or empty"
    field TX_BUS   1:1 "a transmit descriptor or buffer is outside NIC memory"
    field RX_RING  2:2 "tail claims more than the ring has, or a buffer has no room"
    field RX_BUS   3:3 "a receive descriptor or buffer is outside NIC memory"
}
register NET_FUNCTIONS 0x048 64 rw 0x0 "network functions on the PCIe link" {
    field MASK 15:0 "bit f: function f is there (00:04.0 to 00:05.7); its address is FLOW_FN"
}
register NET_EVENTS 0x050 64 w1c 0x0 "network functions whose driver or host has reset them: what they have taught is to be forgotten" {
    field MASK 15:0 "bit f: function f"
}
register RX_LIMIT 0x058 64 rw 0x0 "how often the firmware gets a frame that no rule sends it: so many cycles for each on average, 0: no limit. What comes more often is dropped and counted" {
    field FLOOD_CYCLES 15:0  "frames with a group address (path FLOOD)"
    field OTHER_CYCLES 31:16 "frames to the firmware's address, and those that nobody wants (other paths but RULE and BYPASS)"
    field BURST        39:32 "so many of each kind may come at once after a pause; 0 acts as 1"
}
register CRC_ADDRESS 0x080 64 rw 0x0 "CRC32C job: first byte in NIC memory, any alignment" {
    field BYTE 55:0 "address"
}
register CRC_START 0x088 64 wo 0x0 "begins a job; ignored while one is under way" {
    field LENGTH 31:0  "bytes, 0 is allowed"
    field BEFORE 63:32 "CRC32C of the bytes before, 0: none"
}
register CRC_RESULT 0x090 64 ro 0x0 "of the last job" {
    field CRC    31:0  "CRC32C"
    field FAILED 62:62 "the bytes are not all NIC memory"
    field BUSY   63:63 "a job is under way"
}
register TX_BASE 0x100 64 rw 0x0 "transmit ring: address, 16-byte aligned" {
    field ADDRESS 55:0 "address in NIC memory"
}
register TX_SIZE 0x108 64 rw 0x0 "transmit ring: size; writing it sets TX_TAIL and TX_HEAD to 0" {
    field LOG2 3:0 "log2 of the number of descriptors, 1 to RING_LOG2_MAX"
}
register TX_TAIL 0x110 64 rw 0x0 "doorbell: descriptors handed to the port so far" {
    field COUNT 31:0 "modulo 2^32"
}
register TX_HEAD 0x118 64 ro 0x0 "descriptors whose buffers have been read and may be reused" {
    field COUNT 31:0 "modulo 2^32"
}
register TX_HEAD_ADDRESS 0x120 64 rw 0x0 "where TX_HEAD is written to memory after each frame; 0: nowhere" {
    field BYTE 55:0 "8-byte aligned address in NIC memory"
}
register RX_BASE 0x140 64 rw 0x0 "receive ring: address, 16-byte aligned" {
    field ADDRESS 55:0 "address in NIC memory"
}
register RX_SIZE 0x148 64 rw 0x0 "receive ring: size; writing it sets RX_TAIL and RX_HEAD to 0" {
    field LOG2 3:0 "log2 of the number of descriptors, 1 to RING_LOG2_MAX"
}
register RX_TAIL 0x150 64 rw 0x0 "doorbell: empty buffers handed to the port so far" {
    field COUNT 31:0 "modulo 2^32"
}
register RX_HEAD 0x158 64 ro 0x0 "descriptors that the port has filled" {
    field COUNT 31:0 "modulo 2^32"
}
register RX_HEAD_ADDRESS 0x160 64 rw 0x0 "where RX_HEAD is written to memory after each frame; 0: nowhere" {
    field BYTE 55:0 "8-byte aligned address in NIC memory"
}
register COUNT_TX_FRAMES    0x200 64 ro 0x0 "frames sent" {}
register COUNT_TX_BYTES     0x208 64 ro 0x0 "their bytes, padding counted, FCS not" {}
register COUNT_RX_FRAMES    0x210 64 ro 0x0 "frames written to receive buffers" {}
register COUNT_RX_BYTES     0x218 64 ro 0x0 "their bytes, no FCS counted" {}
register COUNT_RX_FILTERED  0x220 64 ro 0x0 "frames for others" {}
register COUNT_RX_LENGTH    0x228 64 ro 0x0 "frames dropped: shorter than an Ethernet header or longer than MAX_FRAME" {}
register COUNT_RX_OVERFLOW  0x230 64 ro 0x0 "frames dropped: FIFO full" {}
register COUNT_RX_DISABLED  0x238 64 ro 0x0 "frames dropped: RX_ENABLE 0 or the ring in error" {}
register COUNT_RX_CHECKSUM  0x240 64 ro 0x0 "frames received with a wrong IPv4, TCP or UDP checksum (they are delivered, flagged)" {}
register COUNT_RX_LIMITED   0x248 64 ro 0x0 "frames dropped: more than RX_LIMIT allows" {}

structure TX_DESC 16 "transmit descriptor, written by software; a frame is a chain of them up to END" {
    field ADDRESS 0:55:0  "first byte of the piece in NIC memory, any alignment"
    field LENGTH  1:15:0  "bytes of the piece; 0 is allowed except for a frame as a whole"
    field END     1:16:16 "last piece of the frame"
    field IRQ     1:17:17 "set IRQ_STATUS.TX when this descriptor is done"
    field IP_SUM  1:18:18 "insert the IPv4 header checksum; taken from the first descriptor of the frame"
    field L4_SUM  1:19:19 "insert the TCP or UDP checksum over pseudo header and payload (IPv4, not a fragment); likewise"
}
structure RX_DESC 16 "receive descriptor: software writes ADDRESS and ROOM, the port fills in the rest of word 1" {
    field ADDRESS 0:55:0  "buffer in NIC memory, any alignment; left unchanged"
    field ROOM    1:47:32 "software: bytes of room, at least 64; left unchanged, so that a descriptor can be handed over again as it is"
    field LENGTH  1:15:0  "port: bytes written to this buffer"
    field END     1:16:16 "port: last piece of the frame (a frame longer than ROOM goes on in the next descriptor)"
    field IS_IP   1:18:18 "port, with END: an IPv4 packet, IP_OK is meaningful"
    field IP_OK   1:19:19 "port, with END: IPv4 header checksum right"
    field IS_L4   1:20:20 "port, with END: TCP or UDP, not a fragment; L4_OK is meaningful"
    field L4_OK   1:21:21 "port, with END: TCP or UDP checksum right (UDP without checksum counts as right)"
    field FOLLOWED 1:22:22 "port, with END: the payload was followed by the placement unit from PLACED_FROM on"
    field BAD_DATA   1:23:23 "port, with END: a data digest that ended in this frame was wrong"
    field BAD_HEADER 1:24:24 "port, with END: a header digest that ended in this frame was wrong"
    field PLACED_FROM 1:63:48 "port, with END and FOLLOWED: offset in the frame; data of C2HData behind it that has a buffer is there, and not in this frame's"
}

# --- the flow classifier: the block that rtl/port/port.sv and models/port implement --------------------------------------
const FLOW_OFFSET        0x1000 "the classifier's registers begin here in the port's window; offsets below count from the window's start"
const FLOW_FUNCTIONS     16     "network functions: 0 the host's, 1 to 15 those of VMs"
const FLOW_QUEUES        17     "transmit queues: 0 the firmware's, 1 + f that of function f"
const FLOW_RULES         16     "rules that the firmware sets"
const FLOW_LEARNED       512    "learned flows"
const FLOW_LEARNED_EACH  32     "of each function"
const FLOW_LEARNED_WAYS  4      "of each set of a function: so many flows whose hashes meet do not displace each other"
const FLOW_HEADER_BYTES  96     "the block sees so much of a frame"

const FLOW_DROP      0 "verdict.kind: to nobody"
const FLOW_FIRMWARE  1 "verdict.kind: to the firmware's receive ring"
const FLOW_FUNCTION  2 "verdict.kind: to the function in verdict.function"
const FLOW_LINE      3 "verdict.kind: to the line"
const FLOW_FLOOD     4 "verdict.kind: to the functions in verdict.mask, to the firmware unless it is the source, to the line unless it came from there"

const FLOW_PATH_BYPASS   0 "verdict.path: the classifier is off"
const FLOW_PATH_FLOOD    1 "verdict.path: group address"
const FLOW_PATH_RULE     2 "verdict.path: a rule of the firmware"
const FLOW_PATH_LEARNED  3 "verdict.path: a learned flow"
const FLOW_PATH_MAC      4 "verdict.path: destination address"
const FLOW_PATH_GUARD    5 "verdict.path: the function is guarded, and no rule and no learned flow lets the packet in"
const FLOW_PATH_DEFAULT  6 "verdict.path: nobody here has the destination address"
const FLOW_PATH_REFUSED  7 "verdict.path: the sending function is off, or the source address is not its own"

space flow "Flow classifier, from 0x1000 of the port's window"
register FLOW_CONTROL 0x1000 64 rw 0x0 "operation" {
    field ENABLE           0:0 "0: what the line brings goes to the firmware, what the firmware sends goes to the line, functions are cut off"
    field LEARN            1:1 "flows that functions begin are learned"
    field DEFAULT          5:4 "frames from the line for nobody: 0 dropped, 1 to the firmware, 2 to function DEFAULT_FUNCTION"
    field DEFAULT_FUNCTION 11:8 "see DEFAULT"
}
register FLOW_FIRMWARE_MAC 0x1008 64 rw 0x0 "the firmware's address: first byte on the wire in bits 7:0" {
    field ADDRESS 47:0 "frames to it go to the firmware"
}
register FLOW_DETACH 0x1010 64 wo 0x0 "forgets what a function has taught" {
    field FUNCTION 3:0 "its learned flows are gone before the next frame is judged"
}
register FLOW_STATUS 0x1018 64 ro 0x0 "learned flows" {
    field LEARNED 9:0 "how many there are now"
}
register FLOW_COUNT_LEARNED 0x1020 64 ro 0x0 "flows learned" {}
register FLOW_COUNT_REVOKED 0x1028 64 ro 0x0 "flows forgotten by FLOW_DETACH" {}
register FLOW_FN 0x1100 64 rw 0x0 "function f at 0x1100 + 8 f" {
    field ADDRESS 47:0  "its address"
    field GUARD   61:61 "IPv4 packets reach it only by a rule or a learned flow"
    field TRUST   62:62 "it may send with any source address"
    field ENABLE  63:63 "it takes part"
}
register FLOW_RULE_ADDRESSES 0x1200 64 rw 0x0 "rule i at 0x1200 + 16 i: addresses as numbers, 10.0.0.2 is 0x0a000002" {
    field SOURCE      31:0  "IPv4 source"
    field DESTINATION 63:32 "IPv4 destination"
}
register FLOW_RULE_MATCH 0x1208 64 rw 0x0 "rule i at 0x1208 + 16 i; the lowest rule that matches counts, only frames from the line are compared" {
    field SOURCE_PORT      15:0  "TCP or UDP"
    field DESTINATION_PORT 31:16 "TCP or UDP"
    field PROTOCOL         39:32 "IPv4 protocol number"
    field USE_SOURCE           40:40 "compare the source address"
    field USE_DESTINATION      41:41 "compare the destination address"
    field USE_SOURCE_PORT      42:42 "compare the source port; matches TCP and UDP only, no fragments"
    field USE_DESTINATION_PORT 43:43 "likewise the destination port"
    field USE_PROTOCOL         44:44 "compare the protocol"
    field ACTION   49:48 "0 drop, 1 to the firmware, 2 to FUNCTION"
    field FUNCTION 55:52 "see ACTION; a function that is off gets nothing"
    field VALID    63:63 "the rule counts"
}
register FLOW_COUNT 0x1400 64 ro 0x0 "verdicts at 0x1400 + 8 n: n = path for frames from the line, 8 + path for frames to send" {}
register FLOW_SERVED 0x1500 64 ro 0x0 "bytes granted to transmit queue q at 0x1500 + 8 q" {}

# --- the placement unit of the same block: C2HData of known connections goes to its buffer, digests are verified (README.md) ----------------
const PLACE_FLOWS    32 "connections that the unit can follow"
const PLACE_ENTRIES  64 "buffers of each, at the low bits of the command identifier"
const PLACE_NOT      0xffff "done.from: nothing of the segment was followed"
const PLACE_CLOSE    0 "PLACE_FLOW.OP: forgets the connection and its buffers"
const PLACE_OPEN     1 "PLACE_FLOW.OP: a connection whose next PDU header is at SEQ; its buffers are forgotten"
const PLACE_ARM      2 "PLACE_FLOW.OP: out of step: the next PDU header is at SEQ"

register PLACE_TUPLE 0x1600 64 rw 0x0 "for PLACE_FLOW: addresses as numbers (another one at 0x1680, so that two can write at a time)" {
    field REMOTE 31:0  "IPv4 source of what is received"
    field OWN    63:32 "IPv4 destination"
}
register PLACE_PORTS 0x1608 64 rw 0x0 "for PLACE_FLOW: TCP ports (another one at 0x1688)" {
    field REMOTE 15:0  "source of what is received"
    field OWN    31:16 "destination"
}
register PLACE_FLOW 0x1610 64 wo 0x0 "opens, closes and arms a connection (at 0x1690: with the other tuple)" {
    field SEQ   31:0  "TCP sequence number of a byte with which a PDU begins"
    field FLOW  36:32 "which"
    field OWNER 44:40 "whose segments: 0 the firmware's, 1 + f those of function f"
    field OP    49:48 "PLACE_CLOSE, PLACE_OPEN, PLACE_ARM; 3 does nothing"
}
register PLACE_ADDRESS 0x1618 64 rw 0x0 "for PLACE_ENTRY: where the command's data goes (another one at 0x1698)" {}
register PLACE_ENTRY 0x1620 64 wo 0x0 "sets a buffer of a connection (at 0x16a0: with the other address)" {
    field CCCID  15:0  "command identifier; its low 6 bits choose the entry"
    field FLOW   20:16 "connection"
    field LENGTH 42:24 "bytes of the buffer"
    field VALID  63:63 "0: the entry is free"
}
register PLACE_COUNT_SEGMENTS 0x1640 64 ro 0x0 "segments followed" {}
register PLACE_COUNT_OUT      0x1648 64 ro 0x0 "segments of known connections that were not: out of step" {}
register PLACE_COUNT_BYTES    0x1650 64 ro 0x0 "bytes placed" {}
register PLACE_COUNT_DATA_DIGEST   0x1658 64 ro 0x0 "data digests found wrong" {}
register PLACE_COUNT_HEADER_DIGEST 0x1660 64 ro 0x0 "header digests found wrong" {}
