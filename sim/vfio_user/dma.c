#include "sim/vfio_user/dma.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAP_READ = 1, MAP_WRITE = 2 };

int dma_open(struct dma *dma, struct connection *connection)
{
	memset(dma, 0, sizeof *dma);
	dma->connection = connection;
	dma->self = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	return dma->self < 0 ? errno : 0;
}

static void forget(struct dma *dma, unsigned i)
{
	if (dma->region[i].map)
		munmap(dma->region[i].map, dma->region[i].size);
	dma->regions--;
	memmove(&dma->region[i], &dma->region[i + 1], (dma->regions - i) * sizeof dma->region[0]);
}

void dma_clear(struct dma *dma)
{
	struct message *message;

	while (dma->regions)
		forget(dma, dma->regions - 1);
	while ((message = dma_next_deferred(dma)) != NULL) {
		message_close_fds(message);
		free(message);
	}
}

void dma_close(struct dma *dma)
{
	dma_clear(dma);
	close(dma->self);
}

static bool overlaps(const struct dma *dma, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < dma->regions; i++) {
		const struct dma_region *r = &dma->region[i];
		if (address < r->address + r->size && r->address < address + size)
			return true;
	}
	return false;
}

static int map_file(struct dma_region *region, const struct vfio_user_dma_map *map, int fd)
{
	int protection = (map->flags & MAP_READ ? PROT_READ : 0) | (map->flags & MAP_WRITE ? PROT_READ | PROT_WRITE : 0);
	struct stat file;

	if (fstat(fd, &file) != 0)
		return errno;
	if (map->offset % DMA_PAGE || map->offset + map->size < map->offset || (uint64_t)file.st_size < map->offset + map->size)
		return EINVAL;
	region->map = mmap(NULL, map->size, protection, MAP_SHARED, fd, (off_t)map->offset);
	if (region->map != MAP_FAILED)
		return 0;
	region->map = NULL;
	return errno;
}

int dma_map(struct dma *dma, const struct vfio_user_dma_map *map, int fd)
{
	struct dma_region region = {map->address, map->size, map->flags & MAP_READ, map->flags & MAP_WRITE, NULL};
	unsigned at = 0;
	int error;

	if (!map->size || map->address % DMA_PAGE || map->size % DMA_PAGE || map->address + map->size < map->address || !(map->flags & (MAP_READ | MAP_WRITE)))
		return EINVAL;
	if (overlaps(dma, map->address, map->size))
		return EEXIST;
	if (dma->regions == DMA_REGIONS)
		return ENOSPC;
	if (fd >= 0 && (error = map_file(&region, map, fd)) != 0)
		return error;
	while (at < dma->regions && dma->region[at].address < map->address)
		at++;
	memmove(&dma->region[at + 1], &dma->region[at], (dma->regions - at) * sizeof region);
	dma->region[at] = region;
	dma->regions++;
	return 0;
}

int dma_unmap(struct dma *dma, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < dma->regions; i++) {
		if (dma->region[i].address == address && dma->region[i].size == size) {
			forget(dma, i);
			return 0;
		}
	}
	return ENOENT;
}

struct message *dma_next_deferred(struct dma *dma)
{
	if (!dma->deferred_count)
		return NULL;
	struct message *first = dma->deferred[0];
	memmove(dma->deferred, dma->deferred + 1, --dma->deferred_count * sizeof dma->deferred[0]);
	return first;
}

static bool defer(struct dma *dma, const struct message *message)
{
	struct message *copy = dma->deferred_count < DMA_DEFERRED ? malloc(sizeof *copy) : NULL;
	if (!copy)
		return false;
	*copy = *message;
	dma->deferred[dma->deferred_count++] = copy;
	return true;
}

/* Sends our command and waits for its answer; the client may send commands of its own before. */
static bool ask(struct dma *dma, struct message *message)
{
	struct connection *connection = dma->connection;
	uint16_t id = ++connection->next_id;
	unsigned command = message->header.command;

	message->header.id = id;
	message->header.flags = VFIO_USER_TYPE_COMMAND;
	message->header.error = 0;
	message->fd_count = 0;
	connection_send(connection, message);
	while (connection_receive(connection, message)) {
		if ((message->header.flags & VFIO_USER_TYPE_MASK) == VFIO_USER_TYPE_COMMAND) {
			if (defer(dma, message))
				continue;
			message_close_fds(message);
			connection_close(connection, "the client sent more commands than can wait");
			return false;
		}
		message_close_fds(message);
		if (message->header.id == id && message->header.command == command)
			return !(message->header.flags & VFIO_USER_ERROR);
	}
	return false;
}

static bool access_by_message(struct dma *dma, uint64_t address, void *bytes, size_t count, bool write)
{
	struct message *message = malloc(sizeof *message);
	struct vfio_user_dma_access access = {address, count};
	bool done = false;

	if (!message)
		return false;
	memcpy(message->payload, &access, sizeof access);
	message->length = sizeof access;
	message->header.command = write ? VFIO_USER_DMA_WRITE : VFIO_USER_DMA_READ;
	if (write) {
		memcpy(message->payload + sizeof access, bytes, count);
		message->length += count;
	}
	done = ask(dma, message);
	if (done && !write) {
		done = message->length >= sizeof access + count;
		if (done)
			memcpy(bytes, message->payload + sizeof access, count);
	}
	free(message);
	return done;
}

static bool access_by_map(struct dma *dma, char *at, void *bytes, size_t count, bool write)
{
	off_t offset = (off_t)(uintptr_t)at;
	return (write ? pwrite(dma->self, bytes, count, offset) : pread(dma->self, bytes, count, offset)) == (ssize_t)count;
}

static const struct dma_region *find(const struct dma *dma, uint64_t address)
{
	for (unsigned i = 0; i < dma->regions; i++) {
		if (address - dma->region[i].address < dma->region[i].size)
			return &dma->region[i];
	}
	return NULL;
}

static bool access_piece(struct dma *dma, const struct dma_region *region, uint64_t address, void *bytes, size_t count, bool write)
{
	if (!region || !(write ? region->writable : region->readable))
		return false;
	if (region->map)
		return access_by_map(dma, (char *)region->map + (address - region->address), bytes, count, write);
	return access_by_message(dma, address, bytes, count, write);
}

static bool access_all(struct dma *dma, uint64_t address, char *bytes, size_t count, bool write)
{
	bool good = true;

	while (count) {
		const struct dma_region *region = find(dma, address);
		uint64_t left = region ? region->address + region->size - address : DMA_PAGE - address % DMA_PAGE;
		size_t piece = left < count ? (size_t)left : count;
		if (!access_piece(dma, region, address, bytes, piece, write)) {
			good = false;
			dma->refused++;
			if (!write)
				memset(bytes, 0xff, piece);
		}
		address += piece;
		bytes += piece;
		count -= piece;
	}
	return good;
}

bool dma_read(struct dma *dma, uint64_t address, void *bytes, size_t count)
{
	return access_all(dma, address, bytes, count, false);
}

bool dma_write(struct dma *dma, uint64_t address, const void *bytes, size_t count)
{
	return access_all(dma, address, (char *)(uintptr_t)bytes, count, true);
}
