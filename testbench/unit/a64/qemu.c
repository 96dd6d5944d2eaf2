#include "testbench/unit/a64/qemu.h"

#include <stdio.h>
#include <sys/wait.h>

long qemu_run(const char *path, uint8_t *out, size_t most, int *status)
{
	char command[512];
	long bytes = 0;
	FILE *f;
	int c, ended;

	snprintf(command, sizeof(command), "exec qemu-aarch64-static -cpu cortex-a57 '%s'", path);
	f = popen(command, "r");
	if (!f)
		return -1;
	for (; (c = fgetc(f)) != EOF; bytes++)
		if ((size_t)bytes < most)
			out[bytes] = (uint8_t)c;
	ended = pclose(f);
	if (!WIFEXITED(ended) || WEXITSTATUS(ended) > 128)
		return -1;
	if (status)
		*status = WEXITSTATUS(ended);
	return bytes;
}
