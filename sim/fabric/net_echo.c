/* The echo service (RFC 862): what a connection brings goes back, as far as its window allows; the rest waits. */
#include <string.h>

#include "sim/fabric/net_internal.h"

enum { CONNECTIONS_MAX = 32, PIECE_BYTES = 16384, QUEUE_MARGIN = 64 };

struct echo {
	struct tcp_pcb *pcb;
	struct pbuf *pending;
	bool ends;
};

static struct echo connections[CONNECTIONS_MAX];
static struct tcp_pcb *listeners[NET_HOSTS_MAX];
static unsigned listener_count;

static void forget(struct echo *echo)
{
	if (echo->pending)
		pbuf_free(echo->pending);
	*echo = (struct echo){0};
}

static void send_back(struct echo *echo)
{
	while (echo->pending && tcp_sndqueuelen(echo->pcb) + QUEUE_MARGIN < TCP_SND_QUEUELEN) {
		u16_t piece = echo->pending->len < PIECE_BYTES ? echo->pending->len : PIECE_BYTES;

		if (piece > tcp_sndbuf(echo->pcb))
			piece = (u16_t)tcp_sndbuf(echo->pcb);
		if (piece == 0 || tcp_write(echo->pcb, echo->pending->payload, piece, TCP_WRITE_FLAG_COPY) != ERR_OK)
			return;
		tcp_recved(echo->pcb, piece);
		echo->pending = pbuf_free_header(echo->pending, piece);
	}
	if (echo->ends && !echo->pending) {
		struct tcp_pcb *pcb = echo->pcb;

		tcp_arg(pcb, NULL);
		tcp_recv(pcb, NULL);
		tcp_sent(pcb, NULL);
		tcp_err(pcb, NULL);
		forget(echo);
		tcp_close(pcb);
	}
}

static err_t on_receive(void *ctx, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	struct echo *echo = ctx;

	(void)pcb;
	(void)error;
	if (!p)
		echo->ends = true;
	else if (echo->pending)
		pbuf_cat(echo->pending, p);
	else
		echo->pending = p;
	send_back(echo);
	return ERR_OK;
}

static err_t on_sent(void *ctx, struct tcp_pcb *pcb, u16_t length)
{
	(void)pcb;
	(void)length;
	send_back(ctx);
	return ERR_OK;
}

static void on_error(void *ctx, err_t error)
{
	(void)error;
	if (ctx)
		forget(ctx);
}

static err_t on_accept(void *ctx, struct tcp_pcb *pcb, err_t error)
{
	(void)ctx;
	(void)error;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		if (connections[i].pcb)
			continue;
		connections[i].pcb = pcb;
		tcp_arg(pcb, &connections[i]);
		tcp_recv(pcb, on_receive);
		tcp_sent(pcb, on_sent);
		tcp_err(pcb, on_error);
		tcp_nagle_disable(pcb);
		return ERR_OK;
	}
	tcp_abort(pcb);
	return ERR_ABRT;
}

int net_echo_listen(struct net_host *host)
{
	struct tcp_pcb *pcb = tcp_new(), *listener;

	if (!pcb)
		return -1;
	if (tcp_bind(pcb, &host->netif.ip_addr, NET_ECHO_PORT) != ERR_OK) {
		tcp_abort(pcb);
		return -1;
	}
	listener = tcp_listen(pcb);
	if (!listener)
		return -1;
	tcp_accept(listener, on_accept);
	listeners[listener_count++] = listener;
	return 0;
}

void net_echo_stop(void)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct tcp_pcb *pcb = connections[i].pcb;

		if (!pcb)
			continue;
		tcp_err(pcb, NULL);
		forget(&connections[i]);
		tcp_abandon(pcb, 0);
	}
	while (listener_count > 0)
		tcp_close(listeners[--listener_count]);
}
