/* A plain file as source of a snapshot image. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hypervisor/snapshot/native/image.h"

static int read_file(void *ctx, uint64_t offset, void *to, size_t bytes)
{
	int file = (int)(intptr_t)ctx;
	for (size_t done = 0; done < bytes;) {
		ssize_t got = pread(file, (char *)to + done, bytes - done, (off_t)(offset + done));
		if (got == 0 || (got < 0 && errno != EINTR))
			return -1;
		done += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

int snapshot_image_file_open(struct snapshot_source *source, const char *path, char *error, size_t error_size)
{
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) < 0) {
		snprintf(error, error_size, "%s", strerror(errno));
		if (file >= 0)
			close(file);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		snprintf(error, error_size, "not a plain file");
		close(file);
		return -1;
	}
	*source = (struct snapshot_source){(void *)(intptr_t)file, (uint64_t)status.st_size, read_file};
	return 0;
}

void snapshot_image_file_close(struct snapshot_source *source)
{
	close((int)(intptr_t)source->ctx);
}
