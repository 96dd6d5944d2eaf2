/* The text of a status: cycle, speed, and what each hart and block waits for. */
#ifndef ASSAY_SIM_CONSOLE_STATUS_TEXT_H
#define ASSAY_SIM_CONSOLE_STATUS_TEXT_H

#include <stdio.h>

#include "sim/kernel/board.h"

/** Writes the status of @p board. @param cycles_per_s speed as measured by the caller */
void status_write(FILE *file, struct board *board, double cycles_per_s);

#endif
