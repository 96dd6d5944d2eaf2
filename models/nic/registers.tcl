# The NIC's system controller: watchdog, resets of the processor, the slot flash. The language: rtl/gen/README.md. There is no RTL of it.
block sys "System controller of the NIC: watchdog, resets of the processor, slot flash"

# ---- The slot flash: NOR, read in place at SYS_FLASH_BASE, changed by commands only -------------------------------------
const FLASH_BYTES 0x200000 "the slot flash"
const FLASH_SECTOR 0x1000 "bytes that an erasure makes all ones"
const FLASH_PAGE 256 "bytes that one program command can change, within one page"
const FLASH_ERASE_CYCLES 40000 "of one sector; a real one takes a thousand times as long"
const FLASH_PROGRAM_CYCLES 500 "of a program command, and FLASH_BYTE_CYCLES for each byte"
const FLASH_BYTE_CYCLES 16 "of a program command, each byte"

# What lies where in it: firmware/boot/image.h says how.
const FLASH_RECORD_A 0x0 "a boot record, one sector"
const FLASH_RECORD_B 0x1000 "the other one"
const FLASH_VOLUMES_A 0x2000 "what is known of volumes of several storages (firmware/nvme/volume_record.h), one sector"
const FLASH_VOLUMES_B 0x3000 "the other one"
const FLASH_SLOT_1 0x80000 "image of slot 1"
const FLASH_SLOT_2 0x100000 "image of slot 2"
const FLASH_SLOT_BYTES 0x80000 "room of a slot"

const RESET_KEY 0x52535400 "in bits 31:8 of RESET"

space regs "System controller, NIC domain 0x1001_0000; 64-bit accesses"
register ID 0x000 64 ro 0x0000000153595343 "identification, version 1 in bits 63:32"
register WDT_PERIOD 0x008 64 rw 0x0 "cycles from the last kick to the warning, and again as many to the reset; 0: off. Writing kicks" {
    field CYCLES 31:0 "period"
}
register WDT_KICK 0x010 64 wo 0x0 "any write begins the period anew and takes a warning back"
register WDT_STATUS 0x018 64 ro 0x0 "state of the watchdog" {
    field WARNED 0:0 "the period has passed: the processor's machine software interrupt is raised"
}
register RESET 0x020 64 wo 0x0 "warm reset of the processor, its interrupt controller, its timer and the port's rings; memory, SEE and functions go on" {
    field CAUSE 7:0  "kept in CAUSE: CAUSE_*"
    field KEY   31:8 "RESET_KEY >> 8, else nothing happens"
}
register CAUSE 0x028 64 ro 0x0 "why the processor was reset last: CAUSE_*"
register RESET_PC 0x030 64 ro 0x0 "where it was then"
register RESETS 0x038 64 ro 0x0 "warm resets since power-on"
register ATTEMPTS 0x040 64 rw 0x0 "boots that nobody has called good; a warm reset keeps it"
register BOOTED 0x048 64 rw 0x0 "what the boot ROM tells the firmware; a warm reset keeps it" {
    field SLOT     3:0 "slot that it started"
    field FALLBACK 4:4 "1: not the one that the boot record names"
}
register FLASH_ADDRESS 0x080 64 rw 0x0 "offset in the slot flash of the next command"
register FLASH_LENGTH 0x088 64 rw 0x0 "bytes to program, from FLASH_BUFFER on, within one page"
register FLASH_COMMAND 0x090 64 wo 0x0 "FLASH_ERASE: the sector of FLASH_ADDRESS; FLASH_PROGRAM: clears the bits that are 0 in the buffer. Refused while BUSY"
register FLASH_STATUS 0x098 64 ro 0x0 "state of the flash; what is being changed reads as before until BUSY is 0" {
    field BUSY  0:0 "a command is being carried out"
    field ERROR 1:1 "the last command was refused: while busy, beyond the end, across a page, or unknown"
}
register FLASH_BUFFER 0x100 64 rw 0x0 "the first 8 of FLASH_PAGE bytes"

const FLASH_ERASE 1 "FLASH_COMMAND"
const FLASH_PROGRAM 2 "FLASH_COMMAND"
const CAUSE_POWER 0 "CAUSE: power-on"
const CAUSE_WATCHDOG 1 "CAUSE: the watchdog's second period has passed"
const CAUSE_CRASH 2 "CAUSE: the firmware found itself broken"
const CAUSE_ACTIVATE 3 "CAUSE: the firmware activates an image"
