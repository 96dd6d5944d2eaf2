#include "testbench/unit/firmware/storage_server.h"

#include "firmware/core/clock.h"
#include "lwip/tcp.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"

#include <stdlib.h>

#define CONNECTIONS 64
#define RING_BYTES (512u * 1024)
#define CYCLES_PER_TICK 100

struct connection {
	struct target *target;
	struct tcp_pcb *pcb;
	int number;
	struct pbuf *held; /* input that the target has not taken yet */
	uint64_t written, acknowledged; /* of the output ring, which lwIP sends from by reference */
	uint8_t ring[RING_BYTES];
};

static struct connection *connections[CONNECTIONS];

static struct {
	unsigned of_1000, done;
	uint64_t random;
} damage = {.random = 0x9e3779b97f4a7c15ull};

void storage_server_damage(unsigned of_1000)
{
	damage.of_1000 = of_1000;
}

unsigned storage_server_damaged(void)
{
	return damage.done;
}

static uint32_t draw(uint32_t bound)
{
	damage.random ^= damage.random >> 12;
	damage.random ^= damage.random << 25;
	damage.random ^= damage.random >> 27;
	return (uint32_t)((damage.random * 0x2545f4914f6cdd1dull) >> 32) % bound;
}

static void damage_some(uint8_t *bytes, size_t length)
{
	if (damage.of_1000 == 0 || length == 0 || draw(1000) >= damage.of_1000)
		return;
	bytes[draw((uint32_t)length)] ^= (uint8_t)(1u << draw(8));
	damage.done++;
}

uint64_t storage_server_now(void)
{
	return clock_ticks() * CYCLES_PER_TICK;
}

static size_t link_room(void *link)
{
	struct connection *connection = link;
	size_t ring = RING_BYTES - (size_t)(connection->written - connection->acknowledged);

	if (!connection->pcb || tcp_sndqueuelen(connection->pcb) > TCP_SND_QUEUELEN / 2)
		return 0;
	return ring < tcp_sndbuf(connection->pcb) ? ring : tcp_sndbuf(connection->pcb);
}

static void link_write(void *link, const void *bytes, size_t length)
{
	struct connection *connection = link;
	const uint8_t *from = bytes;

	while (length > 0) {
		size_t at = connection->written % RING_BYTES, now = RING_BYTES - at < length ? RING_BYTES - at : length;

		now = now < 32768 ? now : 32768;
		memcpy(connection->ring + at, from, now);
		damage_some(connection->ring + at, now);
		EXPECT_EQ(tcp_write(connection->pcb, connection->ring + at, (u16_t)now, TCP_WRITE_FLAG_MORE), ERR_OK);
		connection->written += now;
		from += now;
		length -= now;
	}
}

static void forget(struct connection *connection)
{
	for (unsigned i = 0; i < CONNECTIONS; i++)
		if (connections[i] == connection)
			connections[i] = NULL;
	if (connection->held)
		pbuf_free(connection->held);
	free(connection);
}

static void detach(struct tcp_pcb *pcb)
{
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
}

/* The ring may still be sent from, so a close is always an abort here. */
static void link_close(void *link, bool abort)
{
	struct connection *connection = link;
	struct tcp_pcb *pcb = connection->pcb;

	(void)abort;
	connection->pcb = NULL;
	connection->number = TARGET_NO_CONNECTION;
	if (!pcb)
		return;
	detach(pcb);
	tcp_abort(pcb);
}

static void link_resume(void *link)
{
	(void)link; /* input is offered again at every step */
}

static const struct target_link_ops ops = {link_room, link_write, link_close, link_resume};

static bool offer(struct connection *connection)
{
	while (connection->held && connection->pcb) {
		struct pbuf *piece = connection->held;
		size_t offered = piece->len;
		size_t taken;

		damage_some(piece->payload, offered);
		taken = target_input(connection->target, connection->number, piece->payload, offered,
			storage_server_now());

		if (!connection->pcb)
			return false;
		tcp_recved(connection->pcb, (u16_t)taken);
		connection->held = pbuf_free_header(piece, (u16_t)taken);
		if (taken < offered)
			return true;
	}
	if (connection->pcb)
		tcp_output(connection->pcb);
	return connection->pcb != NULL;
}

static err_t on_receive(void *argument, struct tcp_pcb *pcb, struct pbuf *data, err_t error)
{
	struct connection *connection = argument;

	(void)error;
	if (!data) {
		target_closed(connection->target, connection->number, storage_server_now());
		detach(pcb);
		tcp_close(pcb);
		forget(connection);
		return ERR_OK;
	}
	if (connection->held)
		pbuf_cat(connection->held, data);
	else
		connection->held = data;
	if (!offer(connection)) {
		forget(connection);
		return ERR_ABRT;
	}
	return ERR_OK;
}

static err_t on_sent(void *argument, struct tcp_pcb *pcb, u16_t bytes)
{
	struct connection *connection = argument;

	(void)pcb;
	connection->acknowledged += bytes;
	target_output(connection->target, connection->number, storage_server_now());
	return connection->pcb ? ERR_OK : ERR_ABRT;
}

static void on_error(void *argument, err_t error)
{
	struct connection *connection = argument;

	(void)error;
	connection->pcb = NULL;
	target_closed(connection->target, connection->number, storage_server_now());
	forget(connection);
}

static err_t on_accept(void *argument, struct tcp_pcb *pcb, err_t error)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	(void)error;
	connection->target = argument;
	connection->pcb = pcb;
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		if (!connections[i]) {
			connections[i] = connection;
			break;
		}
	}
	tcp_nagle_disable(pcb);
	tcp_arg(pcb, connection);
	tcp_recv(pcb, on_receive);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	connection->number = target_accept(connection->target, &ops, connection);
	if (connection->number == TARGET_NO_CONNECTION) {
		detach(pcb);
		forget(connection);
		tcp_abort(pcb);
		return ERR_ABRT;
	}
	return ERR_OK;
}

void storage_server_listen(uint16_t port, struct target *target)
{
	struct tcp_pcb *pcb = tcp_new();

	tcp_bind(pcb, IP_ADDR_ANY, port);
	pcb = tcp_listen(pcb);
	tcp_arg(pcb, target);
	tcp_accept(pcb, on_accept);
}

unsigned storage_server_cut(struct target *target)
{
	unsigned cut = 0;

	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct connection *connection = connections[i];

		if (!connection || connection->target != target || !connection->pcb)
			continue;
		target_closed(target, connection->number, storage_server_now());
		link_close(connection, true);
		forget(connection);
		cut++;
	}
	return cut;
}

void storage_server_flush(void)
{
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct connection *connection = connections[i];

		if (connection && !connection->pcb)
			forget(connection);
		else if (connection)
			offer(connection);
	}
}
