/* What stands between a damaged wave file and the FST library, which trusts its input: it loops without end over a file that was cut, and ends the program
 * over one with wrong bytes. */
#ifndef ASSAY_SIM_TRACE_WAVE_GUARD_H
#define ASSAY_SIM_TRACE_WAVE_GUARD_H

#include <stdbool.h>

/** @return whether @p path is an FST file whose blocks follow each other to its very end, with a header first, and signals and their names among them.
 * What is inside of the blocks is not looked at. */
bool wave_blocks_are_whole(const char *path);

/** From here to wave_guard_leave() the library works on @p path: should it end the program, or crash, then there is one line on standard error, and
 * exit status 2. What the library prints itself is dropped. @param path lives as long as the guard */
void wave_guard_enter(const char *path);
void wave_guard_leave(void);

#endif
