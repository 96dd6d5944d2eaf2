/* lwIP's compiler and platform glue, shared by the NIC's firmware and the embedded targets. */
#ifndef ASSAY_LWIP_ARCH_CC_H
#define ASSAY_LWIP_ARCH_CC_H

#include <stdint.h>

/* Provided by whoever links lwIP: a broken invariant of the stack stops the program with this text. */
_Noreturn void lwip_platform_assert(const char *message, const char *file, int line);
/* Provided by whoever links lwIP: seeded, never the wall clock. */
uint32_t lwip_platform_random(void);

#define LWIP_PLATFORM_DIAG(x) ((void)0)
#define LWIP_PLATFORM_ASSERT(message) lwip_platform_assert(message, __FILE__, __LINE__)
#define LWIP_RAND() lwip_platform_random()

#endif
