/* One end of a vfio-user connection: whole messages over a stream socket of the local domain. */
#ifndef ASSAY_SIM_VFIO_USER_CONNECTION_H
#define ASSAY_SIM_VFIO_USER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/vfio_user/wire.h"

enum {
	CONNECTION_DATA_BYTES = 65536, /**< most data in a message; announced as max_data_xfer_size */
	CONNECTION_PAYLOAD_BYTES = CONNECTION_DATA_BYTES + 64,
	CONNECTION_FDS = 16,
};

struct message {
	struct vfio_user_header header;
	_Alignas(8) uint8_t payload[CONNECTION_PAYLOAD_BYTES];
	size_t length; /**< of the payload */
	int fds[CONNECTION_FDS];
	unsigned fd_count;
};

struct connection {
	int socket; /**< -1: the peer is gone, or broke the protocol */
	uint16_t next_id; /**< of our own commands */
	const char *why; /**< how it ended, if the peer did not just go */
};

/** Waits at most @p milliseconds (-1: for ever) for the beginning of a message. */
bool connection_has_message(struct connection *connection, int milliseconds);

/** Receives a message. Its file descriptors belong to the caller. @return false if the connection is over. */
bool connection_receive(struct connection *connection, struct message *message);

/** Sends @p message->length bytes of payload and the file descriptors, which stay the caller's. */
void connection_send(struct connection *connection, struct message *message);

/** Closes what file descriptors a message still has. */
void message_close_fds(struct message *message);

void connection_close(struct connection *connection, const char *why);

#endif
