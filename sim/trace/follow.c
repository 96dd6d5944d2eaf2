/* A command is followed by its sequence number. A message is followed by its place: the k-th MSI-X that leaves the SEE is the k-th that
 * arrives at the BAU, because the link keeps order; from there by the BAU's message number. The guest's handler starts with the first
 * guest interrupt that the signalled hart takes after the signal. */
#include "sim/trace/follow.h"

#include <stdbool.h>
#include <stdlib.h>

#include "bau_regs.h"
#include "see_regs.h"

/* Requester ids of the SEE are below; what follows are the network functions, whose messages leave the NIC beside the SEE. */
enum { HARTS = 256, SEE_REQUESTERS_END = 0x20 };

struct follower {
	const struct follow_ops *ops;
	struct followed_command *commands; /* by sequence number */
	struct followed_message *messages; /* by message number */
	uint64_t *sent;			   /* cycles, in order of leaving the SEE */
	size_t limit;			   /* of the numbers and orders above */
	size_t sent_count, arrived_count;
	struct followed_message *waiting[HARTS]; /* by hart: signalled, handler not started */
};

static void finish_command(struct follower *f, struct followed_command *command, const struct event *event)
{
	if (!command->fetched || !command->descriptor || !command->completion)
		return;
	command->cqe = event->cycle;
	command->status = (uint32_t)event->value & 0xffff;
	if (f->ops->command)
		f->ops->command(f->ops->ctx, command);
	*command = (struct followed_command){0};
}

static void follow_command(struct follower *f, const struct event *event)
{
	if (event->id == 0 || event->id >= f->limit)
		return;
	struct followed_command *command = &f->commands[event->id];
	switch (event->code) {
	case SEE_EVENT_FETCHED:
		*command = (struct followed_command){
			.sequence = event->id, .function = event->function, .head = (uint32_t)event->value, .fetched = event->cycle,
		};
		break;
	case SEE_EVENT_DESCRIPTOR: command->descriptor = event->cycle; break;
	case SEE_EVENT_COMPLETION: command->completion = event->cycle; break;
	case SEE_EVENT_CQE: finish_command(f, command, event); break;
	default: break;
	}
}

static void arrive(struct follower *f, struct followed_message *message, const struct event *event)
{
	size_t order = event->function < SEE_REQUESTERS_END ? f->arrived_count++ : f->sent_count;
	*message = (struct followed_message){
		.number = event->id, .requester = event->function, .arrived = event->cycle, .sent = order < f->sent_count ? f->sent[order] : 0,
	};
}

/* A message number with bit 31 set is an unblock's: no message of a device. */
static void follow_message(struct follower *f, const struct event *event)
{
	if (event->id >= f->limit)
		return;
	struct followed_message *message = &f->messages[event->id];
	switch (event->code) {
	case BAU_EVENT_ARRIVED: arrive(f, message, event); break;
	case BAU_EVENT_ITE_READ: message->table = event->cycle; break;
	case BAU_EVENT_VECTOR_SET: message->vector = event->cycle; break;
	case BAU_EVENT_SIGNAL:
		message->signal = event->cycle;
		message->hart = event->value & (HARTS - 1);
		message->target = (uint16_t)(event->value >> 16);
		f->waiting[message->hart] = message;
		break;
	default: break;
	}
}

static void start_handler(struct follower *f, const struct event *event)
{
	struct followed_message *message = f->waiting[event->function & (HARTS - 1)];
	if (!message)
		return;
	f->waiting[event->function & (HARTS - 1)] = NULL;
	if (!message->sent || !message->table || !message->vector)
		return;
	message->handler = event->cycle;
	if (f->ops->message)
		f->ops->message(f->ops->ctx, message);
}

static void follow(struct follower *f, const struct event *event)
{
	if (f->ops->event)
		f->ops->event(f->ops->ctx, event);
	if (event->source == EVENT_SEE && event->code == SEE_EVENT_MSIX)
		f->sent[f->sent_count++] = event->cycle;
	else if (event->source == EVENT_SEE)
		follow_command(f, event);
	else if (event->source == EVENT_BAU)
		follow_message(f, event);
	else if (event->source == EVENT_HART && event->code == EVENT_HART_GUEST_INTERRUPT)
		start_handler(f, event);
}

int follow_events(struct event_log *log, const struct follow_ops *ops)
{
	size_t limit = log->count + 1;
	struct follower f = {
		.ops = ops, .limit = limit, .commands = calloc(limit, sizeof *f.commands), .messages = calloc(limit, sizeof *f.messages),
		.sent = calloc(limit, sizeof *f.sent),
	};
	bool ready = f.commands && f.messages && f.sent;

	if (ready) {
		event_log_sort(log);
		for (size_t i = 0; i < log->count; i++)
			follow(&f, &log->events[i]);
	}
	free(f.commands);
	free(f.messages);
	free(f.sent);
	return ready ? 0 : -1;
}
