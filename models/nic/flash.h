/* The slot flash: NOR with sectors that are erased to ones and pages whose bits are programmed to 0. Sizes, times: models/nic/registers.tcl.
 *
 * A command changes the contents when it ends; power that fails before leaves part of it: the first bytes are as they were to be, and of a sector
 * under erasure the rest reads as something that is neither old nor new. The state is plain; the contents belong to the owner.
 */
#ifndef ASSAY_MODELS_NIC_FLASH_H
#define ASSAY_MODELS_NIC_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "sys_regs.h"

struct flash {
	uint64_t address, length; /**< registers */
	uint32_t command;         /**< SYS_FLASH_ERASE, SYS_FLASH_PROGRAM, or 0: not busy */
	uint32_t at, bytes;       /**< of the command that is being carried out */
	bool error;
	uint64_t begun, due;
	uint8_t buffer[SYS_FLASH_PAGE];
	uint8_t page[SYS_FLASH_PAGE]; /**< what the command programs */
};

/** Begins command @p command at the present cycle @p now; a command that makes no sense sets the error. */
void flash_command(struct flash *flash, uint8_t *contents, uint64_t command, uint64_t now);

/** @return whether a command is still being carried out at cycle @p now; one that has ended by then is seen in @p contents afterwards. */
bool flash_busy(struct flash *flash, uint8_t *contents, uint64_t now);

/** Power fails at cycle @p now. */
void flash_cut(struct flash *flash, uint8_t *contents, uint64_t now);

#endif
