/* What a UART printed: kept, split into lines, watched for a pattern. */
#ifndef ASSAY_SIM_KERNEL_BOARD_CONSOLE_H
#define ASSAY_SIM_KERNEL_BOARD_CONSOLE_H

#include "sim/kernel/board.h"

/** Adds a byte. @return whether a line has just been completed that matches the pattern for the first time. */
bool board_console_put(struct board_console *console, uint8_t byte);

#endif
