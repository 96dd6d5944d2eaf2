#include "sim/fabric/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(struct volume *volume, char *message, size_t size, const char *path, const char *cause)
{
	snprintf(message, size, "volume file %s: %s", path, cause);
	volume_close(volume);
	return -1;
}

int volume_open(struct volume *volume, const char *path, uint64_t bytes, bool read_only, char *message, size_t message_size)
{
	struct stat status;
	uint64_t block = volume->block_bytes;
	char cause[96];

	volume->file = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (volume->file < 0 || fstat(volume->file, &status) < 0)
		return refuse(volume, message, message_size, path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return refuse(volume, message, message_size, path, "not a plain file");
	volume->read_only = read_only;
	volume->bytes = bytes ? bytes : (uint64_t)status.st_size / block * block;
	if (volume->bytes == 0 || (uint64_t)status.st_size < volume->bytes || volume->bytes % block) {
		snprintf(cause, sizeof(cause), "has %llu bytes, needed are %llu (whole blocks of %u)",
			(unsigned long long)status.st_size, (unsigned long long)(bytes ? bytes : block), volume->block_bytes);
		return refuse(volume, message, message_size, path, cause);
	}
	return 0;
}

static bool inside(const struct volume *volume, uint64_t offset, size_t length)
{
	return offset <= volume->bytes && length <= volume->bytes - offset;
}

static int read_file(const struct volume *volume, uint64_t offset, void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t got = pread(volume->file, (char *)bytes + done, length - done, (off_t)(offset + done));

		if (got == 0 || (got < 0 && errno != EINTR))
			return -1;
		done += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

int volume_read(const struct volume *volume, uint64_t offset, void *bytes, size_t length)
{
	if (!inside(volume, offset, length))
		return -1;
	if (!volume->held)
		return read_file(volume, offset, bytes, length);
	memcpy(bytes, volume->held + offset, length);
	return 0;
}

int volume_write(const struct volume *volume, uint64_t offset, const void *bytes, size_t length)
{
	if (volume->read_only || !inside(volume, offset, length))
		return -1;
	if (volume->held)
		memcpy(volume->held + offset, bytes, length);
	if (volume->detached)
		return 0;
	for (size_t done = 0; done < length;) {
		ssize_t put = pwrite(volume->file, (const char *)bytes + done, length - done, (off_t)(offset + done));

		if (put < 0 && errno != EINTR)
			return -1;
		done += put > 0 ? (size_t)put : 0;
	}
	return 0;
}

int volume_hold(struct volume *volume)
{
	uint8_t *held = malloc(volume->bytes);
	if (!held || read_file(volume, 0, held, volume->bytes) < 0) {
		free(held);
		return -1;
	}
	free(volume->held);
	volume->held = held;
	return 0;
}

void volume_detach(struct volume *volume)
{
	volume->detached = volume->held != NULL;
}

int volume_resize(struct volume *volume)
{
	struct stat status;
	uint64_t before = volume->bytes, block = volume->block_bytes;

	if (fstat(volume->file, &status) < 0 || (uint64_t)status.st_size < block)
		return -1;
	volume->bytes = (uint64_t)status.st_size / block * block;
	if (!volume->held || volume_hold(volume) == 0)
		return 0;
	volume->bytes = before;
	return -1;
}

void volume_close(struct volume *volume)
{
	free(volume->held);
	volume->held = NULL;
	if (volume->file >= 0)
		close(volume->file);
	volume->file = -1;
}
