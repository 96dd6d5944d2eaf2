/* Which blocks a board has: the one list. */
#include "sim/kernel/board.h"

#include <stdio.h>
#include <string.h>

enum { FIXED_BLOCKS = 3 };

static bool fixed_part(struct board *board, unsigned i, struct board_part *part)
{
	struct host_state *host = &board->host.host->state;
	struct nic_state *nic = &board->nic.nic->state;
	const struct board_part fixed[FIXED_BLOCKS] = {
		{&board->host.bau, "bau", &host->bau_in, &host->bau_out},
		{&board->nic.see, "see", &nic->see_in, &nic->see_out},
		{&board->nic.port, "port", &nic->flow_in, &nic->flow_out},
	};
	*part = fixed[i];
	return true;
}

bool board_part(struct board *board, unsigned i, struct board_part *part)
{
	const struct host_config *config = &board->config.host;
	unsigned clbs = config->clb ? config->harts : 0;

	if (i < FIXED_BLOCKS)
		return fixed_part(board, i, part);
	i -= FIXED_BLOCKS;
	if (i < clbs) {
		struct front_end_state *s = &board->host.host->front[i].state;
		*part = (struct board_part){.block = &board->host.clb[i], .in = &s->in, .out = &s->out};
		snprintf(part->name, sizeof part->name, "clb.%u", i);
		return true;
	}
	if (i > clbs || !board->config.nic_clb)
		return false;
	struct front_end_state *s = &board->nic.nic->front.state;
	*part = (struct board_part){&board->nic.clb, "clb.nic", &s->in, &s->out};
	return true;
}

struct block *board_block(struct board *board, const char *name)
{
	char wanted[BOARD_PART_NAME_BYTES];
	struct board_part part;

	snprintf(wanted, sizeof wanted, "%s", name);
	if (strcmp(name, "clb") == 0 && board->config.clb_hart == BOARD_CLB_NIC)
		snprintf(wanted, sizeof wanted, "clb.nic");
	else if (strcmp(name, "clb") == 0)
		snprintf(wanted, sizeof wanted, "clb.%u", board->config.clb_hart < board->config.host.harts ? board->config.clb_hart : 0);
	for (unsigned i = 0; board_part(board, i, &part); i++) {
		if (strcmp(part.name, wanted) == 0)
			return part.block;
	}
	return NULL;
}
