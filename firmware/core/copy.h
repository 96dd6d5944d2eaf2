/* Copying payload: the one place where the processor touches data bytes. */
#ifndef ASSAY_FIRMWARE_CORE_COPY_H
#define ASSAY_FIRMWARE_CORE_COPY_H

#include <stddef.h>

/** Copies @p bytes bytes in words of 8 whatever the alignment (the processor does misaligned accesses in hardware). */
void copy_payload(void *to, const void *from, size_t bytes);

#endif
