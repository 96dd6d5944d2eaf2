#include "firmware/fabric/queue.h"

#include "firmware/core/log.h"
#include "firmware/net/place.h"
#include "firmware/net/port.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include <string.h>

struct fabric_counters fabric_counters;
bool fabric_attention;

static struct fabric_queue *first_due; /* queues with output */

void fabric_queue_fail(struct fabric_queue *queue, const char *why)
{
	if (!queue->failure)
		queue->failure = why;
	fabric_attention = true;
}

/* After a loss the placement unit stands still: it is told where the next PDU begins, unless it has that before it still. */
static void follow_again(struct fabric_queue *queue)
{
	const struct fabric_receive *receive = &queue->receive;
	uint32_t next = receive->sequence + receive->skip + receive->left + receive->digest_left;

	if (receive->have > 0 || (int32_t)(queue->armed - receive->sequence) > 0)
		return;
	queue->armed = next;
	place_arm(queue->place, next);
}

static err_t on_receive(void *argument, struct tcp_pcb *pcb, struct pbuf *data, err_t error)
{
	struct fabric_queue *queue = argument;
	bool in_step = true;

	(void)error;
	if (!data) {
		fabric_queue_fail(queue, "closed by the target");
		return ERR_OK;
	}
	for (struct pbuf *piece = data; piece && !queue->failure; piece = piece->next) {
		struct place_report report = place_report(piece);

		fabric_queue_receive(queue, piece->payload, piece->len, &report);
		in_step &= report.from != PLACE_NOWHERE;
	}
	if (!in_step && queue->place && !queue->failure)
		follow_again(queue);
	tcp_recved(pcb, data->tot_len);
	pbuf_free(data);
	return ERR_OK;
}

/* A command is over when its response is here and nothing of its data waits in TCP: a slot's buffer goes back to the
   host's next command, and must not be sent from any more. */
static void finish_acknowledged(struct fabric_queue *queue)
{
	for (unsigned i = 0; i < FABRIC_QUEUE_COMMANDS && queue->answered > 0; i++) {
		struct fabric_command *command = queue->commands[i];

		if (command && command->answered && command->mark <= queue->acknowledged) {
			queue->answered--;
			command->answered = false;
			fabric_queue_finish(queue, command);
		}
	}
}

static err_t on_sent(void *argument, struct tcp_pcb *pcb, u16_t bytes)
{
	struct fabric_queue *queue = argument;

	(void)pcb;
	queue->acknowledged += bytes;
	if (queue->answered > 0)
		finish_acknowledged(queue);
	if (queue->send_first)
		fabric_queue_transmit(queue);
	return ERR_OK;
}

static void on_error(void *argument, err_t error)
{
	struct fabric_queue *queue = argument;

	queue->pcb = NULL; /* lwIP has freed it */
	fabric_queue_fail(queue, error == ERR_RST ? "refused or reset by the target" : "no connection");
}

static err_t on_connected(void *argument, struct tcp_pcb *pcb, err_t error)
{
	struct fabric_queue *queue = argument;
	struct nvme_tcp_icreq *icreq = &queue->icreq;

	(void)error;
	memset(icreq, 0, sizeof(*icreq));
	icreq->common = (struct nvme_tcp_common){NVME_TCP_ICREQ, 0, sizeof(*icreq), 0, sizeof(*icreq)};
	icreq->dgst = (uint8_t)((queue->wants_header_digest ? NVME_TCP_DIGEST_HEADER : 0) |
		(queue->wants_data_digest ? NVME_TCP_DIGEST_DATA : 0));
	queue->receive.sequence = pcb->rcv_nxt;
	port_connected(pcb);
	queue->connected = true;
	if (!fabric_queue_send(queue, icreq, sizeof(*icreq)))
		fabric_queue_fail(queue, "no room for ICReq");
	return ERR_OK;
}

#define FIRST_RTO_MS 1000 /* RFC 6298; lwIP starts with three seconds */

static void queue_clear(struct fabric_queue *queue)
{
	queue->failure = NULL;
	queue->data_digest = false;
	queue->header_digest_bytes = 0;
	queue->connected = queue->open = queue->output_due = false;
	queue->follow_due = false;
	queue->place = 0;
	queue->queued = queue->acknowledged = 0;
	queue->answered = 0;
	queue->inflight = 0;
	queue->send_first = queue->send_last = NULL;
	memset(queue->commands, 0, sizeof(queue->commands));
	memset(&queue->receive, 0, sizeof(queue->receive));
	queue->receive.need = sizeof(struct nvme_tcp_response);
}

bool fabric_queue_open(struct fabric_queue *queue, const uint8_t address[4], uint16_t port)
{
	ip_addr_t peer;

	CHECK(!queue->pcb);
	queue_clear(queue);
	queue->pcb = tcp_new();
	if (!queue->pcb)
		return false;
	tcp_arg(queue->pcb, queue);
	tcp_recv(queue->pcb, on_receive);
	tcp_sent(queue->pcb, on_sent);
	tcp_err(queue->pcb, on_error);
	tcp_nagle_disable(queue->pcb);
	queue->pcb->rto = queue->pcb->sv = FIRST_RTO_MS / TCP_SLOW_INTERVAL;
	IP4_ADDR(&peer, address[0], address[1], address[2], address[3]);
	if (tcp_connect(queue->pcb, &peer, port, on_connected) != ERR_OK)
		fabric_queue_fail(queue, "cannot send to the target's network");
	return true;
}

void fabric_queue_close(struct fabric_queue *queue)
{
	struct tcp_pcb *pcb = queue->pcb;

	place_close(queue->place);
	queue->place = 0;
	queue->pcb = NULL;
	queue->connected = queue->open = queue->output_due = false;
	queue->send_first = queue->send_last = NULL;
	if (!pcb)
		return;
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_abort(pcb);
}

struct fabric_command *fabric_queue_take(struct fabric_queue *queue)
{
	for (unsigned i = 0; i < FABRIC_QUEUE_COMMANDS; i++) {
		struct fabric_command *command = queue->commands[i];

		if (command) {
			queue->commands[i] = NULL;
			queue->inflight--;
			return command;
		}
	}
	return NULL;
}

void fabric_queue_output(struct fabric_queue *queue)
{
	queue->output_due = true;
	if (queue->listed)
		return;
	queue->listed = true;
	queue->next_due = first_due;
	first_due = queue;
}

void fabric_queue_flush(void)
{
	while (first_due) {
		struct fabric_queue *queue = first_due;

		first_due = queue->next_due;
		queue->listed = false;
		if (queue->output_due && queue->pcb)
			tcp_output(queue->pcb);
		queue->output_due = false;
	}
}

void fabric_queue_finish(struct fabric_queue *queue, struct fabric_command *command)
{
	place_forget(queue->place, command->capsule.sqe.cid);
	queue->commands[command->index] = NULL;
	queue->inflight--;
	queue->finished++;
	fabric_attention |= queue->qid == 0;
	command->done(command);
}
