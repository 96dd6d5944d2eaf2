/* Commands that go to every member of a volume: on a mirror, and a flush of any volume that is made of others (blocks of a command that
 * lie on different members: spread.c). They are under way together, as far as there are tags; the worst status of a flush wins,
 * and the host hears of the command once. On a mirror a write or a flush goes to every member that is up to date, and has succeeded when one of them has done it; a read goes to one member,
 * and to the next if that fails. */
#include "firmware/nvme/io.h"

#include "firmware/nvme/volume_record.h"

static uint8_t owners[FABRIC_TAGS]; /* slot + 1 of the command that a part tag works for; 0: free */
static uint8_t member_of[FABRIC_TAGS];
static bool waiting; /* a command could not send all it has */
static unsigned mirrored; /* parts at members of mirrors */

static bool names_blocks(uint8_t opcode)
{
	return opcode != NVME_IO_FLUSH;
}

static bool is_read(const struct io *io)
{
	return io->request.opcode == NVME_IO_READ || io->request.opcode == NVME_IO_COMPARE;
}

static bool is_mirrored(const struct io *io)
{
	return layout_kind(io->volume) == CONFIG_MIRROR;
}

unsigned parts_slot(unsigned tag)
{
	return tag < IO_FIRST_PART_TAG ? tag : owners[tag] - 1u;
}

unsigned parts_take_tag(unsigned slot)
{
	if (owners[slot] == 0) {
		owners[slot] = (uint8_t)(slot + 1);
		return slot;
	}
	for (unsigned tag = IO_FIRST_PART_TAG; tag < IO_COPY_TAG; tag++) {
		if (owners[tag] == 0) {
			owners[tag] = (uint8_t)(slot + 1);
			return tag;
		}
	}
	return IO_NO_TAG;
}

void parts_free_tag(unsigned tag)
{
	owners[tag] = 0;
}

/* Sends the command to one place. */
static void send_part(struct io *io, unsigned tag, const struct layout_part *part)
{
	struct fabric_request request = io->request;

	request.nsid = part->nsid;
	if (names_blocks(request.opcode)) {
		request.dw[0] = (uint32_t)part->lba;
		request.dw[1] = (uint32_t)(part->lba >> 32);
	}
	io->outstanding++;
	fabric_submit(part->storage, tag, &request);
}

static bool send_to_member(struct io *io, unsigned slot, unsigned member)
{
	struct layout_part part = layout_member(io->volume, member, io->lba);
	unsigned tag = parts_take_tag(slot);

	if (tag == IO_NO_TAG)
		return false;
	member_of[tag] = (uint8_t)member;
	mirrored += is_mirrored(io);
	send_part(io, tag, &part);
	return true;
}

/* @return whether the sending may go on. */
static bool write_next_member(struct io *io, unsigned slot)
{
	enum mirror_answer answer = mirror_may_write(io->volume, io->sent, io->lba, io->blocks);

	if (answer == MIRROR_WAIT || (answer == MIRROR_SEND && !send_to_member(io, slot, io->sent)))
		return false;
	io->sent++;
	return true;
}

static bool read_member(struct io *io, unsigned slot)
{
	unsigned member;

	if (!mirror_reader(io->volume, io->tried, &member)) {
		io->sent = io->to_send;
		return true;
	}
	if (!send_to_member(io, slot, member))
		return false;
	io->tried |= (uint8_t)(1u << member);
	io->sent = io->to_send;
	return true;
}

static bool send_next(struct io *io, unsigned slot)
{
	if (!is_mirrored(io)) {
		if (!send_to_member(io, slot, io->sent))
			return false;
		io->sent++;
		return true;
	}
	return is_read(io) ? read_member(io, slot) : write_next_member(io, slot);
}

static void over_if_all_done(unsigned slot)
{
	struct io *io = io_of(slot);

	if (io->sent < io->to_send || io->outstanding > 0)
		return;
	if (io->succeeded > 0 && !is_read(io) && !io->given_up && !volume_record_saved()) {
		waiting = true; /* a member may be behind now: the host hears of the write when that cannot be forgotten any more */
		return;
	}
	if (io->succeeded > 0)
		io->status = NVME_SUCCESS;
	io_over(slot, io->status);
}

void parts_send(unsigned slot)
{
	struct io *io = io_of(slot);

	while (io->sent < io->to_send) {
		if (!send_next(io, slot)) {
			waiting = true;
			return;
		}
	}
	over_if_all_done(slot);
}

void parts_begin(unsigned slot)
{
	struct io *io = io_of(slot);
	bool members = !names_blocks(io->request.opcode) || (is_mirrored(io) && !is_read(io));

	io->blocks = names_blocks(io->request.opcode) ? (io->request.dw[2] & 0xffff) + 1 : 0;
	io->to_send = members ? layout_members(io->volume) : 1;
	io->status = is_mirrored(io) ? NVME_INTERNAL_ERROR : NVME_SUCCESS;
	parts_send(slot);
}

/* A mirror's part: the member that failed a write is behind, one that failed a read is not asked again. */
static void mirror_part_done(struct io *io, unsigned tag, uint16_t status)
{
	bool compared = (status & NVME_STATUS_MASK) == NVME_COMPARE_FAILURE;

	io->status = status;
	if (status == NVME_SUCCESS)
		io->succeeded++;
	else if (is_read(io) && !compared && !io->given_up)
		io->sent = 0; /* another member */
	else if (!is_read(io) && (!io->given_up || io->succeeded > 0 || io->outstanding > 0))
		mirror_behind(io->volume, member_of[tag]);
}

void parts_done(unsigned slot, unsigned tag, uint16_t status)
{
	struct io *io = io_of(slot);

	parts_free_tag(tag);
	io->outstanding--;
	if (is_mirrored(io)) {
		mirrored--;
		mirror_part_done(io, tag, status);
	} else if ((status & NVME_STATUS_MASK) > (io->status & NVME_STATUS_MASK)) {
		io->status = status;
		io->sent = io->to_send; /* the rest cannot mend it */
	}
	if (io->given_up)
		io->sent = io->to_send;
	parts_send(slot);
}

void parts_cancel_tags(unsigned slot)
{
	for (unsigned tag = 0; tag < IO_COPY_TAG && io_of(slot)->busy; tag++)
		if (owners[tag] == slot + 1)
			fabric_cancel(tag);
}

void parts_cancel(unsigned slot)
{
	struct io *io = io_of(slot);

	if (is_mirrored(io) && !is_read(io) && io->outstanding + io->succeeded > 0)
		for (unsigned member = io->sent; member < io->to_send; member++)
			mirror_behind(io->volume, member); /* others have it, or may have it */
	io->sent = io->to_send;
	parts_cancel_tags(slot);
	if (io->busy && io->outstanding == 0)
		io_over(slot, NVME_ABORTED_BY_REQUEST);
}

/* A mirror does not wait for a member that has gone while there is another. */
static void leave_lost_members(void)
{
	for (unsigned tag = 0; tag < IO_COPY_TAG && mirrored > 0; tag++) {
		const struct io *io = owners[tag] ? io_of(parts_slot(tag)) : NULL;

		if (io && is_mirrored(io) && mirror_is_lost(io->volume, member_of[tag]))
			fabric_cancel(tag);
	}
}

bool parts_watches(void)
{
	return mirrored > 0;
}

bool parts_run(void)
{
	leave_lost_members();
	if (!waiting)
		return false;
	waiting = false;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (io_of(slot)->busy && io_of(slot)->in_parts && !io_of(slot)->deferred)
			parts_send(slot);
	return waiting;
}
