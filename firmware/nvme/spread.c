/* Commands of a concatenation or stripe that lie on several storages. The SEE takes them apart and hands one part after the other over, in
 * the command's slot; the next is asked for as soon as one has been sent, so that all are under way together, as far as there are tags.
 * When the last is over the SEE hears once: the worst status wins, and after a part that failed no further one is begun. */
#include "firmware/nvme/io.h"

static bool waiting; /* a part could not be sent */

void spread_begin(unsigned slot, uint32_t blocks)
{
	struct io *io = io_of(slot);

	io->spread = true;
	io->to_send = blocks;
}

static void worst_of(struct io *io, uint16_t status)
{
	if ((status & NVME_STATUS_MASK) > (io->status & NVME_STATUS_MASK))
		io->status = status;
}

static void over_if_all_done(unsigned slot)
{
	struct io *io = io_of(slot);

	if (io->outstanding == 0 && !io->awaits_part && !io->has_part)
		io_over(slot, io->status);
}

void spread_send(unsigned slot)
{
	struct io *io = io_of(slot);
	struct fabric_request request = io->request;
	unsigned tag = IO_NO_TAG;
	bool more;

	if (io->status == NVME_SUCCESS && !io->given_up) {
		tag = parts_take_tag(slot);
		if (tag == IO_NO_TAG) {
			io->has_part = waiting = true;
			return;
		}
	}
	io->has_part = false;
	if (tag == IO_NO_TAG) {
		over_if_all_done(slot);
		return;
	}
	io->sent += (request.dw[2] & 0xffff) + 1;
	io->awaits_part = more = io->sent < io->to_send;
	io->outstanding++;
	fabric_submit(io->storage, tag, &request);
	if (more)
		see_next(slot);
}

void spread_next(unsigned slot, uint16_t status)
{
	struct io *io = io_of(slot);

	io->awaits_part = false;
	worst_of(io, status);
	spread_send(slot);
}

void spread_done(unsigned slot, uint16_t status)
{
	struct io *io = io_of(slot);

	io->outstanding--;
	worst_of(io, status);
	over_if_all_done(slot);
}

void spread_cancel(unsigned slot, bool reset)
{
	struct io *io = io_of(slot);

	if (reset)
		io->awaits_part = false; /* the SEE has dropped what it had not handed over */
	io->has_part = false;
	parts_cancel_tags(slot);
	if (io->busy && io->outstanding == 0 && !io->awaits_part)
		io_over(slot, NVME_ABORTED_BY_REQUEST);
}

bool spread_run(void)
{
	if (!waiting)
		return false;
	waiting = false;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (io_of(slot)->busy && io_of(slot)->has_part)
			spread_send(slot);
	return waiting;
}
