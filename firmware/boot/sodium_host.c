/* What the parts of libsodium that sign refer to and never call on the host: keys come from seeds, and no memory is guarded. */
#include <stddef.h>
#include <stdlib.h>

_Noreturn void randombytes_buf(void *bytes, size_t size);
_Noreturn void sodium_misuse(void);

void randombytes_buf(void *bytes, size_t size)
{
	(void)bytes, (void)size;
	abort();
}

void sodium_misuse(void)
{
	abort();
}
