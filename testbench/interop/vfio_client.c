#include "testbench/interop/vfio_client.h"

#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* From the specification, once more: a mistake in the server's copy shows. */
enum { VERSION = 1, DMA_MAP = 2, GET_INFO = 4, GET_REGION = 5, SET_IRQS = 8, REGION_READ = 9, REGION_WRITE = 10, DMA_READ = 11, DMA_WRITE = 12 };
enum { REPLY = 1, FLAG_ERROR = 0x20, MOST_BYTES = 70000, MOST_FDS = 8 };

struct header {
	uint16_t id, command;
	uint32_t size, flags, error;
};

struct packet {
	struct header header;
	uint8_t payload[MOST_BYTES];
};

static void die(const char *what)
{
	printf("vfio client: %s\n", what);
	exit(1);
}

static void send_packet(struct vfio_client *client, struct packet *packet, size_t length, const int *fds, unsigned fd_count)
{
	char control[CMSG_SPACE(MOST_FDS * sizeof(int))] = {0};
	struct iovec data = {packet, sizeof packet->header + length};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	packet->header.size = (uint32_t)data.iov_len;
	if (fd_count) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		struct cmsghdr *part = CMSG_FIRSTHDR(&message);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(part), fds, fd_count * sizeof(int));
	}
	if (sendmsg(client->socket, &message, MSG_NOSIGNAL) != (ssize_t)data.iov_len)
		die("the server has gone");
}

static size_t receive_packet(struct vfio_client *client, struct packet *packet, int *fd)
{
	char control[CMSG_SPACE(MOST_FDS * sizeof(int))];
	struct iovec data = {packet, sizeof packet->header};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};

	if (recvmsg(client->socket, &message, MSG_WAITALL) != (ssize_t)sizeof packet->header)
		die("the server has gone");
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);
	if (part && fd)
		memcpy(fd, CMSG_DATA(part), sizeof *fd);
	size_t length = packet->header.size - sizeof packet->header;
	if (length > sizeof packet->payload || (length && recv(client->socket, packet->payload, length, MSG_WAITALL) != (ssize_t)length))
		die("the server sent half a message");
	return length;
}

/* The device's access to our memory, for which it has no file. */
static void serve_dma(struct vfio_client *client, struct packet *packet)
{
	uint64_t access[2];
	size_t length = sizeof access;

	memcpy(access, packet->payload, sizeof access);
	if (access[0] < CLIENT_MEMORY_BASE || access[0] + access[1] > CLIENT_MEMORY_BASE + CLIENT_MEMORY_BYTES)
		die("DMA to where no memory is");
	if (packet->header.command == DMA_WRITE) {
		memcpy(client->memory + (access[0] - CLIENT_MEMORY_BASE), packet->payload + sizeof access, access[1]);
	} else {
		memcpy(packet->payload + sizeof access, client->memory + (access[0] - CLIENT_MEMORY_BASE), access[1]);
		length += access[1];
	}
	packet->header.flags = REPLY;
	client->served++;
	send_packet(client, packet, length, NULL, 0);
}

static int ask(struct vfio_client *client, unsigned command, void *payload, size_t *length, size_t room, const int *fds, unsigned fd_count, int *fd)
{
	static struct packet packet;

	packet.header = (struct header){.id = ++client->id, .command = (uint16_t)command};
	memcpy(packet.payload, payload, *length);
	send_packet(client, &packet, *length, fds, fd_count);
	for (;;) {
		size_t got = receive_packet(client, &packet, fd);
		if ((packet.header.flags & 0xf) != REPLY) {
			serve_dma(client, &packet);
			continue;
		}
		if (packet.header.id != client->id || packet.header.command != command || got > room)
			die("an answer to something else");
		memcpy(payload, packet.payload, got);
		*length = got;
		return packet.header.flags & FLAG_ERROR ? (int)packet.header.error : 0;
	}
}

int vfio_client_command(struct vfio_client *client, unsigned command, void *payload, size_t *length, size_t room, const int *fds, unsigned fd_count)
{
	return ask(client, command, payload, length, room, fds, fd_count, NULL);
}

static void must(int error, const char *what)
{
	if (error) {
		printf("vfio client: %s: %s\n", what, strerror(error));
		exit(1);
	}
}

static void connect_to(struct vfio_client *client, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	client->socket = socket(AF_UNIX, SOCK_STREAM, 0);
	for (int tries = 0; tries < 600; tries++) {
		if (connect(client->socket, (struct sockaddr *)&address, sizeof address) == 0)
			return;
		usleep(100000);
	}
	die("nobody listens");
}

static void map_memory(struct vfio_client *client, bool by_messages)
{
	struct {
		uint32_t argsz, flags;
		uint64_t offset, address, size;
	} map = {sizeof map, 3, 0, CLIENT_MEMORY_BASE, CLIENT_MEMORY_BYTES};
	size_t length = sizeof map;
	int file = memfd_create("memory", 0);

	if (file < 0 || ftruncate(file, CLIENT_MEMORY_BYTES) != 0)
		die("no memory");
	client->memory = mmap(NULL, CLIENT_MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	must(vfio_client_command(client, DMA_MAP, &map, &length, sizeof map, &file, !by_messages), "DMA_MAP");
	close(file);
}

static void map_doorbells(struct vfio_client *client)
{
	struct {
		struct vfio_region_info info;
		struct vfio_region_info_cap_sparse_mmap sparse;
		struct vfio_region_sparse_mmap_area area[4];
	} bar = {.info = {.argsz = sizeof bar, .index = VFIO_PCI_BAR0_REGION_INDEX}};
	size_t length = sizeof bar.info;
	int fd = -1;

	must(ask(client, GET_REGION, &bar, &length, sizeof bar, NULL, 0, &fd), "GET_REGION_INFO");
	if (!(bar.info.flags & VFIO_REGION_INFO_FLAG_MMAP) || fd < 0 || bar.sparse.nr_areas != 1 || bar.area[0].offset != 0x1000 || bar.area[0].size != 0x1000)
		die("the doorbells cannot be mapped");
	client->doorbells = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(bar.info.offset + bar.area[0].offset));
	if (client->doorbells == MAP_FAILED)
		die("the doorbells' file cannot be mapped");
	close(fd);
}

static void ask_for_interrupts(struct vfio_client *client)
{
	struct vfio_irq_set set = {
		.argsz = sizeof set, .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, .index = VFIO_PCI_MSIX_IRQ_INDEX, .count = CLIENT_VECTORS,
	};
	size_t length = sizeof set;

	for (unsigned i = 0; i < CLIENT_VECTORS; i++)
		client->vector[i] = eventfd(0, EFD_NONBLOCK);
	must(vfio_client_command(client, SET_IRQS, &set, &length, sizeof set, client->vector, CLIENT_VECTORS), "SET_IRQS");
}

void vfio_client_open(struct vfio_client *client, const char *path, bool by_messages)
{
	char version[256] = {0, 0, 1, 0, '{', '}', 0};
	uint32_t info[4] = {sizeof info, 0, 0, 0};
	size_t length = 7;

	*client = (struct vfio_client){0};
	connect_to(client, path);
	must(vfio_client_command(client, VERSION, version, &length, sizeof version, NULL, 0), "VERSION");
	if (!strstr(version + 4, "\"capabilities\""))
		die("the server names no capabilities");
	length = sizeof info;
	must(vfio_client_command(client, GET_INFO, info, &length, sizeof info, NULL, 0), "GET_INFO");
	if (!(info[1] & VFIO_DEVICE_FLAGS_PCI) || info[2] < 8 || info[3] < 3)
		die("that is no PCI device");
	map_memory(client, by_messages);
	if (!by_messages)
		map_doorbells(client);
	ask_for_interrupts(client);
}

struct access {
	uint64_t offset;
	uint32_t region, count;
	uint8_t data[4096];
};

void vfio_client_read(struct vfio_client *client, unsigned region, uint64_t offset, void *bytes, uint32_t count)
{
	struct access access = {.offset = offset, .region = region, .count = count};
	size_t length = 16;

	must(vfio_client_command(client, REGION_READ, &access, &length, sizeof access, NULL, 0), "REGION_READ");
	if (length != 16 + count)
		die("REGION_READ of another length");
	memcpy(bytes, access.data, count);
}

void vfio_client_write(struct vfio_client *client, unsigned region, uint64_t offset, const void *bytes, uint32_t count)
{
	struct access access = {.offset = offset, .region = region, .count = count};
	size_t length = 16 + count;

	memcpy(access.data, bytes, count);
	must(vfio_client_command(client, REGION_WRITE, &access, &length, sizeof access, NULL, 0), "REGION_WRITE");
}

bool vfio_client_wait(struct vfio_client *client, unsigned vector, int milliseconds)
{
	static struct packet packet;
	struct pollfd wait[2] = {{.fd = client->vector[vector], .events = POLLIN}, {.fd = client->socket, .events = POLLIN}};
	uint64_t count;

	while (poll(wait, 2, milliseconds) > 0) {
		if (wait[1].revents) {
			receive_packet(client, &packet, NULL);
			serve_dma(client, &packet);
		}
		if (read(client->vector[vector], &count, sizeof count) == sizeof count)
			return true;
	}
	return false;
}
