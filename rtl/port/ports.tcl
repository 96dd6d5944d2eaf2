# Ports of the flow classifier. Order: headers in, verdicts out, the line's schedule, registers, status.
block port "Flow classifier of the NIC's Ethernet port: who gets a frame, and who sends next"

sink rx {
    sop    1  "first beat of a frame's header"
    eop    1  "last beat: the header is here as far as there is one, at most 96 bytes"
    length 14 "bytes of the whole frame, the same in every beat"
    data   64 "the earlier byte in bits 7:0"
} "headers of frames from the line"

sink tx {
    sop    1  "first beat of a frame's header"
    eop    1  "last beat"
    source 5  "0: the firmware, 1 + f: function f"
    length 14 "bytes of the whole frame"
    data   64 "the earlier byte in bits 7:0"
} "headers of frames to send"

source verdict {
    dir      1  "0: a frame from the line, 1: a frame to send"
    kind     3  "FLOW_DROP, FLOW_FIRMWARE, FLOW_FUNCTION, FLOW_LINE, FLOW_FLOOD"
    path     3  "FLOW_PATH_*: why"
    function 4  "function that gets it, 0 if none"
    mask     16 "functions of a flood, else 0"
    l3       7  "offset of the IPv4 header, 0: none"
    l4       7  "offset of the TCP or UDP header, 0: none"
    payload  8  "offset of the payload behind it, 0: none"
    hash     16 "of addresses and ports, the same in both directions; 0 without IPv4"
} "one for each header, in order a direction"

sink want {
    queue  5  "transmit queue that has a frame"
    length 14 "its bytes"
} "the next frame of a queue; a queue that wants already changes its length"

source grant {
    queue  5  "whose frame goes next"
    length 14 "its bytes"
} "one for each want, fair in bytes"

sink reg {
    write 1  "1: write, 0: read"
    addr  12 "byte offset from 0x1000 of the port's window, a multiple of 8"
    data  64 "data of a write, else 0"
} "register accesses of the NIC's processor"

source reg_rsp {
    data 64 "what was read; 0 for a write"
} "one answer for each access, in order"

sink seg {
    job    1  "1: the CRC32C of the bytes that follow is wanted, seq is that of the bytes before (0: none); the fields between are 0"
    owner  5  "0: the segment goes to the firmware, 1 + f: to function f"
    saddr  32 "IPv4 source"
    daddr  32 "IPv4 destination"
    sport  16 "TCP source port"
    dport  16 "TCP destination port"
    seq    32 "TCP sequence number of the first byte of payload"
    length 16 "bytes of payload, all of which come in pay"
} "TCP segments whose checksum was right, in order"

sink pay {
    data 64 "the earlier byte in bits 7:0; what lies beyond the last byte is ignored"
} "payload of the segments"

source run {
    at      16 "first byte in the segment's payload"
    length  16 "bytes, at least 1"
    address 64 "where they go"
} "what is to be placed of a segment, in order"

source done {
    from 16 "from this byte of the payload on the segment was followed: its C2HData is in place, and its digests have been verified; PLACE_NOT: it was not"
    bad  3  "bit 0: a data digest was wrong, bit 1: a header digest, bit 2: there was data without a buffer, it is not in place"
    crc  32 "CRC32C of a job, else 0"
} "one for each segment, after its runs"

output open 1 "a connection is open: segments are worth being offered"

output idle 1 "no state and no output changes while no sink offers a beat"
