/* Mirrors: a member that has missed a write is behind, gets no reads, and catches up by a copy of the whole volume from a member that is
 * not, piece by piece, while I/O goes on. Writes below the copy's place go to it too; writes to the piece under way wait for it.
 *
 * Two things are in flash before anybody relies on them (volume_record.h): that a member is behind, before the host hears of a write that it has
 * missed; and that writes are under way, before the first of them leaves. If power goes then, a write may have reached some of the members: one that
 * can be reached first is held for right afterwards, the others are copied from it. The mark goes when nothing has been written for a while. */
#include "firmware/nvme/io.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "firmware/nvme/volume_record.h"

#include <string.h>

#define COPY_BYTES 65536u
#define RETRY_TICKS (CLOCK_TICKS_PER_MS * 100)
#define LOOK_TICKS (CLOCK_TICKS_PER_MS / 100)
#define QUIET_TICKS (CLOCK_TICKS_PER_MS * 100)
#define RESTART_TICKS (CLOCK_TICKS_PER_MS * 1000) /* commands of the life before are carried out again meanwhile */

static unsigned behind;  /* members in all */
static unsigned marked;  /* mirrors with writes under way, or of which it is not known */
static uint64_t quiet_ticks[CONFIG_VOLUMES_MAX]; /* when the mark may go if nothing is written until then */

/* One copy at a time. */
static struct {
	bool on;       /* a copy is being made */
	bool failed;   /* one of the two has missed a write since: all over again */
	bool busy;     /* a piece is under way */
	bool writing;  /* it has been read */
	bool flushing; /* all of it has been written */
	uint8_t volume, from, to;
	uint32_t blocks; /* of the piece */
	uint64_t place;
	uint64_t retry_ticks;
} copy;
static uint8_t buffer[COPY_BYTES] __attribute__((aligned(8)));

void mirror_init(void)
{
	behind = marked = 0;
	copy.on = false;
	copy.failed = true;
	for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX; volume++) {
		quiet_ticks[volume] = clock_ticks() + RESTART_TICKS;
		behind += (unsigned)__builtin_popcount(volume_note(volume)->stale);
		marked += volume_note(volume)->writing;
	}
}

uint8_t mirror_stale(unsigned volume)
{
	return volume_note(volume)->stale;
}

static bool member_ready(unsigned volume, unsigned member)
{
	return layout_member_ready(volume, member);
}

static bool is_stale(unsigned volume, unsigned member)
{
	return volume_note(volume)->stale >> member & 1;
}

static bool another_is_good(unsigned volume, unsigned member)
{
	for (unsigned i = 0; i < layout_members(volume); i++)
		if (i != member && !is_stale(volume, i) && member_ready(volume, i))
			return true;
	return false;
}

/* After a loss of power under writes: every member that is not behind has all that a host was told of, but of what it was not told, each may have
 * something else. The first that can be reached is held for right. */
static void settle(unsigned volume)
{
	struct volume_note *note = volume_note(volume);
	unsigned right = CONFIG_MEMBERS_MAX;

	if (!note->unsure)
		return;
	for (unsigned i = layout_members(volume); i-- > 0;)
		if (!is_stale(volume, i) && (right == CONFIG_MEMBERS_MAX || member_ready(volume, i)))
			right = i;
	note->unsure = 0;
	for (unsigned i = 0; i < layout_members(volume); i++) {
		if (i == right || is_stale(volume, i))
			continue;
		note->stale |= (uint8_t)(1u << i);
		behind++;
	}
	volume_note_changed();
	log_line("volume %u: power went while it was written: copied from member %u", volume, right);
}

/* @return whether a write may leave: the flash knows that there are some. */
static bool mark(unsigned volume)
{
	struct volume_note *note = volume_note(volume);

	quiet_ticks[volume] = clock_ticks() + QUIET_TICKS;
	if (!note->writing) {
		note->writing = 1;
		marked++;
		volume_note_changed();
	}
	return volume_record_saved();
}

static bool is_written(unsigned volume)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		const struct io *io = io_of(slot);

		if (io->busy && io->in_parts && io->volume == volume && io->request.to_storage)
			return true;
	}
	return false;
}

static void unmark_quiet(void)
{
	for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX; volume++) {
		struct volume_note *note = volume_note(volume);

		if (!note->writing || note->unsure || clock_ticks() < quiet_ticks[volume])
			continue;
		if (is_written(volume)) {
			quiet_ticks[volume] = clock_ticks() + QUIET_TICKS;
			continue;
		}
		note->writing = 0;
		marked--;
		volume_note_changed();
	}
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

	settle(volume);
	if ((blocks > 0 && !mark(volume)) || (copying && copy.busy && overlaps(lba, blocks)))
		return MIRROR_WAIT;
	if (is_stale(volume, member))
		return copying && copy.to == member && lba < copy.place ? MIRROR_SEND : MIRROR_SKIP;
	if (!mirror_is_lost(volume, member) && !layout_member_is_foreign(volume, member))
		return MIRROR_SEND;
	mirror_behind(volume, member);
	return MIRROR_SKIP;
}

bool mirror_reader(unsigned volume, uint8_t tried, unsigned *member)
{
	bool found = false;

	settle(volume);
	for (unsigned i = layout_members(volume); i-- > 0;) {
		if (is_stale(volume, i) || (tried >> i & 1) || layout_member_is_foreign(volume, i))
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
	struct volume_note *note = volume_note(volume);

	copy.failed |= copy.on && copy.volume == volume && (copy.to == member || copy.from == member);
	if ((note->stale & bit) || (note->stale | bit) == all)
		return;
	note->stale |= bit;
	behind++;
	volume_note_changed();
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
		.bytes = copy.blocks << layout_info(copy.volume)->lba_shift,
		.dw = {(uint32_t)copy.place, (uint32_t)(copy.place >> 32), copy.blocks - 1},
	};

	copy.writing = to_storage;
	fabric_submit(part.storage, IO_COPY_TAG, &request);
}

static void copy_piece(void)
{
	const struct fabric_storage_info *info = layout_info(copy.volume);
	uint64_t left = info->blocks - copy.place, most = COPY_BYTES >> info->lba_shift;

	copy.blocks = (uint32_t)(left < most ? left : most);
	if (writes_overlap())
		return;
	copy.busy = true;
	copy_move(copy.from, false);
}

static void copy_over(void)
{
	copy.on = false;
	volume_note(copy.volume)->stale &= (uint8_t)~(1u << copy.to);
	behind--;
	volume_note_changed();
	log_line("volume %u: member %u has caught up", copy.volume, copy.to);
}

/* What has been copied is to be there after a loss of power at the storage, too, before the member counts again. */
static void copy_flush(void)
{
	struct layout_part part = layout_member(copy.volume, copy.to, 0);
	struct fabric_request request = {.opcode = NVME_IO_FLUSH, .to_storage = true, .nsid = part.nsid};

	if (!fabric_storage(part.storage)->write_cache) {
		copy_over();
		return;
	}
	copy.busy = copy.flushing = true;
	copy.blocks = 0;
	fabric_submit(part.storage, IO_COPY_TAG, &request);
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
	if (copy.flushing) {
		copy_over();
		return;
	}
	copy.place += copy.blocks;
	if (copy.place >= layout_info(copy.volume)->blocks)
		copy_flush();
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

static bool one_can_be_reached(unsigned volume)
{
	for (unsigned i = 0; i < layout_members(volume); i++)
		if (!is_stale(volume, i) && member_ready(volume, i))
			return true;
	return false;
}

static uint64_t copy_run(void)
{
	for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX && !copy.on && !copy.busy; volume++)
		if (mirror_stale(volume) && clock_ticks() >= copy.retry_ticks)
			copy_begin(volume);
	if (copy.on && copy.busy && (mirror_is_lost(copy.volume, copy.to) || mirror_is_lost(copy.volume, copy.from)))
		fabric_cancel(IO_COPY_TAG);
	else if (copy.on && !copy.busy && copy.failed)
		copy.on = false;
	else if (copy.on && !copy.busy)
		copy_piece();
	return behind > 0 ? clock_ticks() + LOOK_TICKS : UINT64_MAX;
}

bool mirror_watches(void)
{
	return behind > 0 || marked > 0;
}

uint64_t mirror_run(void)
{
	uint64_t next = behind > 0 ? copy_run() : UINT64_MAX;

	if (marked == 0)
		return next;
	unmark_quiet();
	for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX; volume++) {
		const struct volume_note *note = volume_note(volume);

		if (note->unsure && one_can_be_reached(volume)) {
			settle(volume);
			next = clock_ticks();
		}
		if (note->writing && !note->unsure && quiet_ticks[volume] < next)
			next = quiet_ticks[volume];
	}
	return next;
}
