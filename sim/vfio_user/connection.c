#include "sim/vfio_user/connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union ancillary {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(CONNECTION_FDS * sizeof(int))];
};

void connection_close(struct connection *connection, const char *why)
{
	if (connection->socket < 0)
		return;
	close(connection->socket);
	connection->socket = -1;
	connection->why = why;
}

void message_close_fds(struct message *message)
{
	for (unsigned i = 0; i < message->fd_count; i++) {
		if (message->fds[i] >= 0)
			close(message->fds[i]);
	}
	message->fd_count = 0;
}

bool connection_has_message(struct connection *connection, int milliseconds)
{
	struct pollfd wait = {.fd = connection->socket, .events = POLLIN};
	return connection->socket >= 0 && poll(&wait, 1, milliseconds) > 0;
}

static void keep_fds(struct message *message, struct msghdr *from)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(from); part; part = CMSG_NXTHDR(from, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (count > CONNECTION_FDS - message->fd_count)
			count = CONNECTION_FDS - message->fd_count;
		memcpy(message->fds + message->fd_count, CMSG_DATA(part), count * sizeof(int));
		message->fd_count += (unsigned)count;
	}
}

/* Reads exactly @p bytes; descriptors come with the first of them. */
static bool receive(struct connection *connection, struct message *message, void *to, size_t bytes)
{
	for (size_t done = 0; done < bytes;) {
		union ancillary control;
		struct iovec data = {(char *)to + done, bytes - done};
		struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
		ssize_t got = recvmsg(connection->socket, &header, MSG_CMSG_CLOEXEC);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			connection_close(connection, done ? "the client went away inside a message" : NULL);
			return false;
		}
		keep_fds(message, &header);
		done += (size_t)got;
	}
	return true;
}

bool connection_receive(struct connection *connection, struct message *message)
{
	message->fd_count = 0;
	if (connection->socket < 0 || !receive(connection, message, &message->header, sizeof message->header))
		return false;
	if (message->header.size < sizeof message->header || message->header.size > sizeof message->header + CONNECTION_PAYLOAD_BYTES) {
		connection_close(connection, "the client sent a message of a size that cannot be");
		message_close_fds(message);
		return false;
	}
	message->length = message->header.size - sizeof message->header;
	if (receive(connection, message, message->payload, message->length))
		return true;
	message_close_fds(message);
	return false;
}

/* Only the first piece carries the descriptors. */
static bool send_piece(struct connection *connection, const struct message *message, const void *from, size_t bytes, bool with_fds)
{
	union ancillary control;
	struct iovec data = {(void *)(uintptr_t)from, bytes};
	struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1};

	if (with_fds && message->fd_count) {
		size_t size = message->fd_count * sizeof(int);
		memset(&control, 0, sizeof control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.header), message->fds, size);
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(size);
	}
	while (data.iov_len) {
		ssize_t sent = sendmsg(connection->socket, &header, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			connection_close(connection, NULL);
			return false;
		}
		data = (struct iovec){(char *)data.iov_base + sent, data.iov_len - (size_t)sent};
		header.msg_control = NULL;
		header.msg_controllen = 0;
	}
	return true;
}

void connection_send(struct connection *connection, struct message *message)
{
	message->header.size = (uint32_t)(sizeof message->header + message->length);
	if (connection->socket >= 0 && send_piece(connection, message, &message->header, sizeof message->header, true))
		send_piece(connection, message, message->payload, message->length, false);
}
