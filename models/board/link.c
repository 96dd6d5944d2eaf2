#include "models/board/link.h"

#include <string.h>

bool link_inbox_put(struct link_inbox *inbox, const struct tlp *tlp, uint64_t cycle)
{
	if (inbox->count == LINK_QUEUE)
		return false;
	struct link_message *message = &inbox->message[(inbox->head + inbox->count++) % LINK_QUEUE];
	message->cycle = cycle;
	message->tlp.beats = tlp->beats;
	memcpy(message->tlp.beat, tlp->beat, tlp->beats * sizeof tlp->beat[0]);
	return true;
}

void link_return_credit(const struct link_sender *sender, uint64_t cycle)
{
	static const struct tlp credit = {.beats = 0};
	sender->send(sender->ctx, &credit, cycle);
}
