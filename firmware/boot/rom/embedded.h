/* The boot ROM as the board puts it into the NIC. */
#ifndef ASSAY_FIRMWARE_BOOT_ROM_EMBEDDED_H
#define ASSAY_FIRMWARE_BOOT_ROM_EMBEDDED_H

extern const unsigned boot_rom_bytes;
extern const unsigned char boot_rom[];

#endif
