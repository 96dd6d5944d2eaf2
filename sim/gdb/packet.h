/* Packets of GDB's remote serial protocol over a stream socket (GDB manual, appendix E): framing, checksums, acknowledgements. */
#ifndef ASSAY_SIM_GDB_PACKET_H
#define ASSAY_SIM_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_BYTES = 16384 /**< most payload of a packet; what PacketSize announces */ };

struct packet_stream {
	int socket;	/**< -1: nobody is connected */
	bool no_ack;	/**< QStartNoAckMode */
	bool interrupt; /**< a Ctrl-C came between packets; cleared by the user of the stream */
};

/** Waits for a packet. @param text receives the payload, terminated; binary data keeps its escapes.
 * @return its length, or -1 if the peer is gone or sent more than PACKET_BYTES. A Ctrl-C sets interrupt and is no packet. */
int packet_receive(struct packet_stream *stream, char text[PACKET_BYTES + 1]);

/** Looks for a Ctrl-C without waiting; a peer that is gone closes the stream. */
void packet_look(struct packet_stream *stream);

/** Sends a packet and waits for its acknowledgement unless no_ack. A peer that is gone closes the stream. */
void packet_send(struct packet_stream *stream, const char *text);

void packet_close(struct packet_stream *stream);

/** Appends @p bytes as hexadecimal digits to @p text, which has room for 2 * @p count + 1. @return the end. */
char *packet_put_hex(char *text, const void *bytes, size_t count);

/** Reads 2 * @p count hexadecimal digits. @return how many bytes there were. */
size_t packet_get_hex(const char *text, void *bytes, size_t count);

#endif
