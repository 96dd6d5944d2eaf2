/* TCP connections between lwIP and the targets.
 *
 * lwIP calls on_accept/on_receive/on_sent/on_error; those call the target, which calls link_room/link_write/link_close.
 * A connection is never closed from within lwIP's callbacks but afterwards, in net_settle(), which every entry into lwIP
 * ends with. It also sends what has been written, and acknowledges: at once every second segment (lwIP's own rule), a
 * single one after ACK_DELAY_CYCLES, so that it mostly travels with the response. lwIP's own delay is milliseconds.
 */
#include <string.h>

#include "sim/fabric/net_internal.h"

enum {
	ACK_DELAY_CYCLES = 20000,
	/** tcp_write() takes 16-bit lengths; smaller pieces keep its queue limit in sight. */
	WRITE_PIECE_BYTES = 16384,
	QUEUE_MARGIN = 64,
};

static size_t link_room(void *ctx)
{
	const struct net_link *link = ctx;

	if (!link->pcb || tcp_sndqueuelen(link->pcb) + QUEUE_MARGIN > TCP_SND_QUEUELEN)
		return 0;
	return tcp_sndbuf(link->pcb);
}

static void link_write(void *ctx, const void *bytes, size_t length)
{
	struct net_link *link = ctx;
	const uint8_t *from = bytes;

	for (size_t done = 0; link->pcb && link->end != LINK_ABORTS && done < length;) {
		size_t piece = length - done < WRITE_PIECE_BYTES ? length - done : WRITE_PIECE_BYTES;

		if (tcp_write(link->pcb, from + done, (u16_t)piece, TCP_WRITE_FLAG_COPY) != ERR_OK) {
			net.stats.no_memory++;
			link->end = LINK_ABORTS;
			return;
		}
		done += piece;
	}
}

static void link_close(void *ctx, bool abort)
{
	struct net_link *link = ctx;

	link->connection = TARGET_NO_CONNECTION;
	if (link->end != LINK_ABORTS)
		link->end = abort ? LINK_ABORTS : LINK_CLOSES;
}

static void link_resume(void *ctx)
{
	struct net_link *link = ctx;

	link->resume = true;
}

static const struct target_link_ops LINK_OPS = {
	.room = link_room, .write = link_write, .close = link_close, .resume = link_resume};

static void release(struct net_link *link)
{
	if (link->pending)
		pbuf_free(link->pending);
	memset(link, 0, sizeof(*link));
}

static void leave_target(struct net_link *link)
{
	int connection = link->connection;

	link->connection = TARGET_NO_CONNECTION;
	if (connection != TARGET_NO_CONNECTION)
		target_closed(link->target, connection, net.now);
}

/* Offers the target what is pending; without a target the bytes are taken and forgotten. */
static void offer(struct net_link *link)
{
	size_t taken;

	link->resume = false;
	while (link->pending) {
		struct pbuf *first = link->pending;

		taken = first->len;
		if (link->connection != TARGET_NO_CONNECTION)
			taken = target_input(link->target, link->connection, first->payload, first->len, net.now);
		if (link->pcb)
			tcp_recved(link->pcb, (u16_t)taken);
		if (taken < first->len) {
			pbuf_remove_header(first, taken);
			return;
		}
		link->pending = first->next;
		if (first->next)
			pbuf_ref(first->next);
		pbuf_free(first);
	}
}

static err_t on_receive(void *ctx, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	struct net_link *link = ctx;

	(void)error;
	if (!p) { /* the peer has closed */
		leave_target(link);
		if (link->end == LINK_STAYS)
			link->end = LINK_CLOSES;
		return ERR_OK;
	}
	if (!link->opened) { /* a storage network's path is known to be good: start with the whole buffer, not with slow start */
		pcb->cwnd = TCP_SND_BUF;
		link->opened = true;
	}
	if (link->pending)
		pbuf_cat(link->pending, p);
	else
		link->pending = p;
	link->resume = true;
	return ERR_OK;
}

static err_t on_sent(void *ctx, struct tcp_pcb *pcb, u16_t length)
{
	struct net_link *link = ctx;

	(void)pcb;
	(void)length;
	if (link->connection != TARGET_NO_CONNECTION)
		target_output(link->target, link->connection, net.now);
	return ERR_OK;
}

/* lwIP has freed the pcb. */
static void on_error(void *ctx, err_t error)
{
	struct net_link *link = ctx;

	(void)error;
	link->pcb = NULL;
	leave_target(link);
	link->end = LINK_ABORTS;
}

static struct net_link *take_link(void)
{
	for (unsigned i = 0; i < NET_LINKS_MAX; i++) {
		if (net.link[i].used)
			continue;
		net.links = i < net.links ? net.links : i + 1;
		return &net.link[i];
	}
	return NULL;
}

static err_t on_accept(void *ctx, struct tcp_pcb *pcb, err_t error)
{
	struct net_host *host = ctx;
	struct net_link *link = take_link();

	if (error != ERR_OK || !pcb)
		return ERR_VAL;
	if (!link) {
		net.stats.no_memory++;
		tcp_abort(pcb);
		return ERR_ABRT;
	}
	*link = (struct net_link){.used = true, .pcb = pcb, .target = host->target, .ack_due = UINT64_MAX};
	link->connection = target_accept(host->target, &LINK_OPS, link);
	if (link->connection == TARGET_NO_CONNECTION) {
		release(link);
		tcp_abort(pcb);
		return ERR_ABRT;
	}
	net.stats.connections++;
	tcp_arg(pcb, link);
	tcp_recv(pcb, on_receive);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	tcp_nagle_disable(pcb);
	return ERR_OK;
}

int net_listen(struct net_host *host, uint16_t port)
{
	struct tcp_pcb *pcb = tcp_new();

	if (!pcb)
		return -1;
	if (tcp_bind(pcb, &host->netif.ip_addr, port) != ERR_OK) {
		tcp_abort(pcb);
		return -1;
	}
	host->listener = tcp_listen(pcb);
	if (!host->listener)
		return -1;
	tcp_arg(host->listener, host);
	tcp_accept(host->listener, on_accept);
	return 0;
}

static void detach(struct tcp_pcb *pcb)
{
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
}

/* Returns whether the link is gone. A close that finds no memory is tried again at the next settling. */
static bool finish(struct net_link *link)
{
	struct tcp_pcb *pcb = link->pcb;

	if (link->end == LINK_STAYS)
		return false;
	leave_target(link);
	if (pcb) {
		offer(link); /* unread bytes would make lwIP reset the connection and lose what is still to be sent */
		detach(pcb);
		if (link->end == LINK_ABORTS)
			tcp_abort(pcb);
		else if (tcp_close(pcb) != ERR_OK)
			return false;
	}
	release(link);
	return true;
}

/* Sends data and owed acknowledgements. */
static void push(struct net_link *link)
{
	struct tcp_pcb *pcb = link->pcb;

	if (!(pcb->flags & TF_ACK_DELAY)) {
		link->ack_due = UINT64_MAX;
	} else if (link->ack_due == UINT64_MAX) {
		link->ack_due = net.now + ACK_DELAY_CYCLES;
	} else if (link->ack_due <= net.now) {
		link->ack_due = UINT64_MAX;
		tcp_ack_now(pcb);
	}
	tcp_output(pcb);
	if (!(pcb->flags & TF_ACK_DELAY))
		link->ack_due = UINT64_MAX;
}

void net_settle(uint64_t now)
{
	net.now = now;
	for (unsigned i = 0; i < net.links; i++) {
		struct net_link *link = &net.link[i];

		if (!link->used)
			continue;
		if (link->resume)
			offer(link);
		if (!finish(link) && link->pcb)
			push(link);
	}
}

uint64_t net_links_next(void)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < net.links; i++) {
		if (net.link[i].used && net.link[i].ack_due < next)
			next = net.link[i].ack_due;
	}
	return next;
}

void net_links_stop(void)
{
	for (unsigned i = 0; i < net.links; i++) {
		struct net_link *link = &net.link[i];

		if (!link->used)
			continue;
		if (link->pcb) {
			detach(link->pcb);
			tcp_abandon(link->pcb, 0);
		}
		release(link);
	}
}
