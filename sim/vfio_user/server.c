/* The commands of vfio-user, and the loop that serves them while the board runs. */
#include "sim/vfio_user/vfio_user.h"

#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/vfio_user/device.h"

enum {
	BUSY_CYCLES = 2000000,	/* how long after the last sign of life the board runs without a pause */
	IDLE_MILLISECONDS = 1,	/* then so long a pause after each slice */
	IDLE_CYCLES = 100000,
};

struct server {
	struct board *board;
	struct connection connection;
	struct dma dma;
	struct device device;
	struct message message;
	struct vfio_user_result *result;
	bool negotiated;
};

/* Region information with the doorbells' part of BAR 0 that can be mapped. */
struct bar_info {
	struct vfio_region_info info;
	struct vfio_region_info_cap_sparse_mmap sparse;
	struct vfio_region_sparse_mmap_area area;
};

/* --- commands: each returns 0 or an errno value; the reply's payload replaces the command's ------------------------ */

static int version(struct server *server)
{
	static const char capabilities[] = "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":65536,\"pgsizes\":4096}}";
	struct message *m = &server->message;
	struct vfio_user_version theirs;

	_Static_assert(CONNECTION_DATA_BYTES == 65536 && CONNECTION_FDS == 16 && DMA_PAGE == 4096, "the text says so");
	if (m->length < sizeof theirs)
		return EINVAL;
	memcpy(&theirs, m->payload, sizeof theirs);
	if (server->negotiated || theirs.major != VFIO_USER_MAJOR)
		return EINVAL;
	server->negotiated = true;
	struct vfio_user_version ours = {VFIO_USER_MAJOR, theirs.minor < VFIO_USER_MINOR ? theirs.minor : VFIO_USER_MINOR};
	memcpy(m->payload, &ours, sizeof ours);
	memcpy(m->payload + sizeof ours, capabilities, sizeof capabilities);
	m->length = sizeof ours + sizeof capabilities;
	return 0;
}

static int map(struct server *server)
{
	struct message *m = &server->message;
	struct vfio_user_dma_map map;

	if (m->length < sizeof map)
		return EINVAL;
	memcpy(&map, m->payload, sizeof map);
	m->length = 0;
	return dma_map(&server->dma, &map, m->fd_count ? m->fds[0] : -1);
}

static int unmap(struct server *server)
{
	enum { ALL = 1 << 1 }; /* VFIO_DMA_UNMAP_FLAG_ALL */
	struct message *m = &server->message;
	struct vfio_user_dma_unmap unmap;

	if (m->length < sizeof unmap)
		return EINVAL;
	memcpy(&unmap, m->payload, sizeof unmap);
	if (unmap.flags & ~(uint32_t)ALL)
		return ENOTSUP;
	m->length = sizeof unmap;
	if (unmap.flags & ALL) {
		while (server->dma.regions)
			dma_unmap(&server->dma, server->dma.region[0].address, server->dma.region[0].size);
		return 0;
	}
	return dma_unmap(&server->dma, unmap.address, unmap.size);
}

static int device_info(struct server *server)
{
	struct message *m = &server->message;
	struct vfio_user_device_info info;

	if (m->length < sizeof info)
		return EINVAL;
	info = (struct vfio_user_device_info){
		sizeof info, VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI, VFIO_PCI_NUM_REGIONS, VFIO_PCI_NUM_IRQS,
	};
	memcpy(m->payload, &info, sizeof info);
	m->length = sizeof info;
	return 0;
}

static int region_info(struct server *server)
{
	struct message *m = &server->message;
	struct bar_info bar = {0};

	if (m->length < sizeof bar.info)
		return EINVAL;
	memcpy(&bar.info, m->payload, sizeof bar.info);
	if (bar.info.index >= VFIO_PCI_NUM_REGIONS || bar.info.argsz < sizeof bar.info)
		return EINVAL;
	message_close_fds(m);
	size_t room = bar.info.argsz, size = bar.info.index == VFIO_PCI_BAR0_REGION_INDEX ? sizeof bar : sizeof bar.info;
	bar.info = (struct vfio_region_info){.argsz = (uint32_t)size, .index = bar.info.index, .size = device_region_bytes(bar.info.index)};
	bar.info.flags = bar.info.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	if (size == sizeof bar)
		bar.info.flags |= VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS;
	if (size == sizeof bar && room >= size) {
		bar.info.cap_offset = offsetof(struct bar_info, sparse);
		bar.sparse.header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
		bar.sparse.header.version = 1;
		bar.sparse.nr_areas = 1;
		bar.area = (struct vfio_region_sparse_mmap_area){DEVICE_DOORBELLS, DEVICE_DOORBELL_BYTES};
		m->fds[0] = dup(server->device.doorbell_file);
		m->fd_count = m->fds[0] >= 0;
	}
	m->length = room >= size ? size : sizeof bar.info;
	memcpy(m->payload, &bar, m->length);
	return 0;
}

static int irq_info(struct server *server)
{
	struct message *m = &server->message;
	struct vfio_irq_info info;

	if (m->length < sizeof info)
		return EINVAL;
	memcpy(&info, m->payload, sizeof info);
	if (info.index >= VFIO_PCI_NUM_IRQS)
		return EINVAL;
	bool wire = info.index == VFIO_PCI_INTX_IRQ_INDEX;
	info.argsz = sizeof info;
	info.count = device_irq_count(info.index);
	info.flags = (info.count ? VFIO_IRQ_INFO_EVENTFD : 0) | (wire ? VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED : VFIO_IRQ_INFO_NORESIZE);
	memcpy(m->payload, &info, sizeof info);
	m->length = sizeof info;
	return 0;
}

/* One interrupt of a SET_IRQS. @param selected what DATA_BOOL says of it, else true */
static void set_irq(struct server *server, const struct vfio_irq_set *set, unsigned number, bool selected, int fd)
{
	struct device *device = &server->device;

	if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD)
		device_set_eventfd(device, set->index, number, fd);
	else if (selected && set->flags & VFIO_IRQ_SET_ACTION_TRIGGER)
		device_trigger(device, set->index, number);
	else if (selected)
		device_mask(device, set->index, number, set->flags & VFIO_IRQ_SET_ACTION_MASK);
}

static bool set_is_valid(const struct vfio_irq_set *set, size_t data_bytes)
{
	unsigned data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK, action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	unsigned count = device_irq_count(set->index);

	if (!data || data & (data - 1) || !action || action & (action - 1) || set->flags & ~(uint32_t)(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK))
		return false;
	if (set->index >= VFIO_PCI_NUM_IRQS || set->start > count || set->count > count - set->start)
		return false;
	if (data == VFIO_IRQ_SET_DATA_EVENTFD && action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return false;
	return data != VFIO_IRQ_SET_DATA_BOOL || data_bytes >= set->count;
}

static int set_irqs(struct server *server)
{
	struct message *m = &server->message;
	struct vfio_irq_set set;

	if (m->length < sizeof set)
		return EINVAL;
	memcpy(&set, m->payload, sizeof set);
	if (!set_is_valid(&set, m->length - sizeof set))
		return EINVAL;
	unsigned first = set.start, last = set.start + set.count;
	if (!set.count && set.flags == (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)) {
		/* The whole index is switched off: VFIO_DEVICE_SET_IRQS in <linux/vfio.h>. */
		set.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
		first = 0;
		last = device_irq_count(set.index);
	}
	for (unsigned number = first; number < last; number++) {
		unsigned i = number - first;
		bool selected = !(set.flags & VFIO_IRQ_SET_DATA_BOOL) || m->payload[sizeof set + i];
		int fd = i < m->fd_count ? m->fds[i] : -1;
		if (set.flags & VFIO_IRQ_SET_DATA_EVENTFD && fd >= 0)
			m->fds[i] = -1;
		set_irq(server, &set, number, selected, fd);
	}
	if (set.flags & VFIO_IRQ_SET_DATA_EVENTFD && set.index == VFIO_PCI_MSIX_IRQ_INDEX)
		device_program_vectors(&server->device);
	m->length = 0;
	return 0;
}

static int region_access(struct server *server, bool write)
{
	struct message *m = &server->message;
	struct vfio_user_region_access access;

	if (m->length < sizeof access)
		return EINVAL;
	memcpy(&access, m->payload, sizeof access);
	uint64_t size = device_region_bytes(access.region);
	if (access.offset > size || access.count > size - access.offset || access.count > CONNECTION_DATA_BYTES)
		return EINVAL;
	if (write && m->length < sizeof access + access.count)
		return EINVAL;
	if (write)
		device_write(&server->device, access.region, access.offset, m->payload + sizeof access, access.count);
	else
		device_read(&server->device, access.region, access.offset, m->payload + sizeof access, access.count);
	m->length = sizeof access + (write ? 0 : access.count);
	return 0;
}

static int region_read(struct server *server)
{
	return region_access(server, false);
}

static int region_write(struct server *server)
{
	return region_access(server, true);
}

static int reset(struct server *server)
{
	device_reset(&server->device, true);
	server->message.length = 0;
	return 0;
}

static int (*const commands[])(struct server *server) = {
	[VFIO_USER_VERSION] = version,
	[VFIO_USER_DMA_MAP] = map,
	[VFIO_USER_DMA_UNMAP] = unmap,
	[VFIO_USER_DEVICE_GET_INFO] = device_info,
	[VFIO_USER_DEVICE_GET_REGION_INFO] = region_info,
	[VFIO_USER_DEVICE_GET_IRQ_INFO] = irq_info,
	[VFIO_USER_DEVICE_SET_IRQS] = set_irqs,
	[VFIO_USER_REGION_READ] = region_read,
	[VFIO_USER_REGION_WRITE] = region_write,
	[VFIO_USER_DEVICE_RESET] = reset,
};

static void serve_message(struct server *server)
{
	struct message *m = &server->message;
	struct vfio_user_header header = m->header;

	if ((header.flags & VFIO_USER_TYPE_MASK) != VFIO_USER_TYPE_COMMAND) {
		message_close_fds(m); /* an answer that nobody waits for any more */
		return;
	}
	server->result->messages++;
	bool known = header.command < sizeof commands / sizeof commands[0] && commands[header.command];
	int error = !known ? ENOTSUP : server->negotiated == (header.command == VFIO_USER_VERSION) ? EINVAL : commands[header.command](server);
	bool own_fds = header.command == VFIO_USER_DEVICE_GET_REGION_INFO && !error;
	if (!own_fds)
		message_close_fds(m);
	if (error) {
		server->result->rejected++;
		m->length = 0;
	}
	if (!(header.flags & VFIO_USER_NO_REPLY)) {
		m->header = (struct vfio_user_header){
			.id = header.id, .command = header.command, .flags = VFIO_USER_TYPE_REPLY | (error ? VFIO_USER_ERROR : 0), .error = (uint32_t)error,
		};
		connection_send(&server->connection, m);
	}
	message_close_fds(m);
}

/* --- the loop ---------------------------------------------------------------------------------------------------- */

static bool next_message(struct server *server, int milliseconds)
{
	struct message *deferred = dma_next_deferred(&server->dma);

	if (deferred) {
		server->message = *deferred;
		free(deferred);
		return true;
	}
	return connection_has_message(&server->connection, milliseconds) && connection_receive(&server->connection, &server->message);
}

static void serve_client(struct server *server)
{
	uint64_t alive = platform_cycle(), activity = 0;

	while (server->connection.socket >= 0 && !server->board->failure[0]) {
		bool busy = platform_cycle() - alive < BUSY_CYCLES;
		bool heard = next_message(server, busy ? 0 : IDLE_MILLISECONDS);
		if (heard)
			serve_message(server);
		heard |= device_poll_doorbells(&server->device) || server->device.port.activity != activity;
		activity = server->device.port.activity;
		if (heard)
			alive = platform_cycle();
		if (server->connection.socket >= 0)
			board_run(server->board, busy ? ROOT_PORT_SLICE_CYCLES : IDLE_CYCLES);
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener;

	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0)
		return -1;
	if (bind(listener, (const struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0)
		return listener;
	int error = errno;
	close(listener);
	errno = error;
	return -1;
}

/* @return the client's socket, -1 with errno. */
static int wait_for_client(const char *path)
{
	int listener = listen_at(path);
	int socket;

	if (listener < 0)
		return -1;
	do
		socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (socket < 0 && errno == EINTR);
	int error = errno;
	close(listener);
	unlink(path);
	errno = error;
	return socket;
}

static int serve(struct server *server, unsigned bdf, char *error, size_t error_size)
{
	int status = dma_open(&server->dma, &server->connection);

	if (status == 0)
		status = device_open(&server->device, server->board, &server->dma, bdf);
	if (status != 0) {
		snprintf(error, error_size, "vfio-user: %s", strerror(status));
		return -1;
	}
	serve_client(server);
	connection_close(&server->connection, NULL);
	dma_clear(&server->dma);
	device_close(&server->device);
	server->result->refused = server->dma.refused;
	server->result->interrupts = server->device.interrupts;
	dma_close(&server->dma);
	if (!server->connection.why)
		return 0;
	snprintf(error, error_size, "vfio-user: %s", server->connection.why);
	return -1;
}

int vfio_user_serve(struct board *board, const char *path, unsigned bdf, struct vfio_user_result *result, char *error, size_t error_size)
{
	struct server *server = calloc(1, sizeof *server);
	int status;

	*result = (struct vfio_user_result){0};
	if (!server) {
		snprintf(error, error_size, "vfio-user: out of memory");
		return -1;
	}
	server->board = board;
	server->result = result;
	server->connection.socket = wait_for_client(path);
	if (server->connection.socket < 0) {
		snprintf(error, error_size, "vfio-user socket %s: %s", path, strerror(errno));
		status = -1;
	} else {
		status = serve(server, bdf, error, error_size);
	}
	free(server);
	return status;
}
