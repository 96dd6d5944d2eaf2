/* Mirrors: a member that has missed a write is behind, gets no reads, and catches up by a copy of the whole volume from a member that is
 * not, piece by piece, while I/O goes on. Writes below the copy's place go to it too; writes to the piece under way wait for it. What is
 * behind is remembered over a restart of the firmware, not over a loss of power. */
#include "firmware/nvme/io.h"

#include "firmware/boot/keep.h"
#include "firmware/core/clock.h"
#include "firmware/core/log.h"

#include <string.h>

#define COPY_BLOCKS 128u
#define RETRY_TICKS (CLOCK_TICKS_PER_MS * 100)

static uint8_t stale[CONFIG_VOLUMES_MAX] KEEP;
static unsigned behind KEEP; /* members in all */

/* One copy at a time. */
static struct {
	bool on;       /* a copy is being made */
	bool failed;   /* one of the two has missed a write since: all over again */
	bool busy;     /* a piece is under way */
	bool writing;  /* it has been read */
	uint8_t volume, from, to;
	uint32_t blocks; /* of the piece */
	uint64_t place;
	uint64_t retry_ticks;
} copy;
static uint8_t buffer[COPY_BLOCKS * 512] __attribute__((aligned(8)));

void mirror_init(void)
{
	memset(stale, 0, sizeof(stale));
	behind = 0;
}

uint8_t mirror_stale(unsigned volume)
{
	return stale[volume];
}

static bool member_ready(unsigned volume, unsigned member)
{
	return fabric_storage(layout_member(volume, member, 0).storage)->ready;
}

static bool is_stale(unsigned volume, unsigned member)
{
	return stale[volume] >> member & 1;
}

static bool another_is_good(unsigned volume, unsigned member)
{
	for (unsigned i = 0; i < layout_members(volume); i++)
		if (i != member && !is_stale(volume, i) && member_ready(volume, i))
			return true;
	return false;
}

bool mirror_is_lost(unsigned volume, unsigned member)
{
	return !member_ready(volume, member) && another_is_good(volume, member);
}

static bool overlaps(uint64_t lba, uint32_t blocks)
{
	return lba < copy.place + copy.blocks && lba + blocks > copy.place;
}

enum mirror_answer mirror_may_write(unsigned volume, unsigned member, uint64_t lba, uint32_t blocks)
{
	bool copying = copy.on && copy.volume == volume;

	if (copying && copy.busy && overlaps(lba, blocks))
		return MIRROR_WAIT;
	if (is_stale(volume, member))
		return copying && copy.to == member && lba < copy.place ? MIRROR_SEND : MIRROR_SKIP;
	if (!mirror_is_lost(volume, member))
		return MIRROR_SEND;
	mirror_behind(volume, member);
	return MIRROR_SKIP;
}

bool mirror_reader(unsigned volume, uint8_t tried, unsigned *member)
{
	bool found = false;

	for (unsigned i = layout_members(volume); i-- > 0;) {
		if (is_stale(volume, i) || (tried >> i & 1))
			continue;
		if (!found || member_ready(volume, i))
			*member = i;
		found = true;
	}
	return found;
}

/* The last member that is up to date stays so: there is nothing better. */
void mirror_behind(unsigned volume, unsigned member)
{
	uint8_t all = (uint8_t)((1u << layout_members(volume)) - 1), bit = (uint8_t)(1u << member);

	copy.failed |= copy.on && copy.volume == volume && (copy.to == member || copy.from == member);
	if ((stale[volume] & bit) || (stale[volume] | bit) == all)
		return;
	stale[volume] |= bit;
	behind++;
	log_line("volume %u: member %u is behind", volume, member);
}

static bool writes_overlap(void)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		const struct io *io = io_of(slot);

		if (io->busy && io->in_parts && io->volume == copy.volume && io->outstanding > 0 &&
		    io->request.to_storage && overlaps(io->lba, io->blocks))
			return true;
	}
	return false;
}

static void copy_move(unsigned member, bool to_storage)
{
	struct layout_part part = layout_member(copy.volume, member, copy.place);
	struct fabric_request request = {
		.opcode = to_storage ? NVME_IO_WRITE : NVME_IO_READ, .to_storage = to_storage, .nsid = part.nsid, .data = buffer,
		.bytes = copy.blocks * 512,
		.dw = {(uint32_t)copy.place, (uint32_t)(copy.place >> 32), copy.blocks - 1},
	};

	copy.writing = to_storage;
	fabric_submit(part.storage, IO_COPY_TAG, &request);
}

static void copy_piece(void)
{
	uint64_t left = layout_info(copy.volume)->blocks - copy.place;

	copy.blocks = left < COPY_BLOCKS ? (uint32_t)left : COPY_BLOCKS;
	if (writes_overlap())
		return;
	copy.busy = true;
	copy_move(copy.from, false);
}

static void copy_over(void)
{
	copy.on = false;
	stale[copy.volume] &= (uint8_t)~(1u << copy.to);
	behind--;
	log_line("volume %u: member %u has caught up", copy.volume, copy.to);
}

void mirror_copied(uint16_t status)
{
	copy.failed |= status != NVME_SUCCESS;
	if (!copy.writing && !copy.failed) {
		copy_move(copy.to, true);
		return;
	}
	copy.busy = false;
	if (copy.failed) {
		copy.on = false;
		copy.retry_ticks = clock_ticks() + RETRY_TICKS;
		return;
	}
	copy.place += copy.blocks;
	if (copy.place >= layout_info(copy.volume)->blocks)
		copy_over();
}

/* A member that is behind and can be reached, and one to copy from. */
static bool copy_begin(unsigned volume)
{
	unsigned from;

	if (!layout_info(volume)->known || !mirror_reader(volume, 0, &from) || !member_ready(volume, from))
		return false;
	for (unsigned member = 0; member < layout_members(volume); member++) {
		if (!is_stale(volume, member) || !member_ready(volume, member))
			continue;
		memset(&copy, 0, sizeof(copy));
		copy.on = true;
		copy.volume = (uint8_t)volume;
		copy.from = (uint8_t)from;
		copy.to = (uint8_t)member;
		return true;
	}
	return false;
}

bool mirror_run(void)
{
	if (behind == 0)
		return false;
	for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX && !copy.on && !copy.busy; volume++)
		if (stale[volume] && clock_ticks() >= copy.retry_ticks)
			copy_begin(volume);
	if (copy.on && copy.busy && (mirror_is_lost(copy.volume, copy.to) || mirror_is_lost(copy.volume, copy.from)))
		fabric_cancel(IO_COPY_TAG);
	else if (copy.on && !copy.busy && copy.failed)
		copy.on = false;
	else if (copy.on && !copy.busy)
		copy_piece();
	return behind > 0;
}
