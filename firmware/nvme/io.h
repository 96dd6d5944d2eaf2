/* What the files that carry out I/O commands share:
 *
 *   io.c      commands from the SEE, their completion, abort and cancellation
 *   parts.c   commands that go to every member of a volume: mirrors, flushes
 *   spread.c  commands whose blocks lie on several members
 *   mirror.c  members of a mirror that have missed writes, and how they catch up
 *   volume_record.c  what is remembered of volumes over a loss of power
 *   qos.c     limits of functions
 */
#ifndef ASSAY_FIRMWARE_NVME_IO_H
#define ASSAY_FIRMWARE_NVME_IO_H

#include "firmware/nvme/controller.h"
#include "firmware/nvme/layout.h"

/* Tags below this are slots; the others carry further parts, the last one the copying of mirrors. */
#define IO_FIRST_PART_TAG SEE_NUM_SLOTS
#define IO_COPY_TAG (FABRIC_TAGS - 1)
#define IO_NO_TAG FABRIC_TAGS

/* A command, by its slot. */
struct io {
	bool busy;
	bool given_up; /* by a reset or with its queue: nobody hears of its end; or with its namespace, if it has parts */
	bool detached; /* its namespace has gone: what has not been carried out ends with Invalid Namespace */
	bool deferred; /* waits in qos.c, */
	uint32_t limited_bytes; /* and has so many bytes, in all its parts */
	bool in_parts;
	bool spread;
	bool awaits_part; /* spread: the SEE has been asked for the next part */
	bool has_part;    /* spread: the part in `request` waits for a tag */
	uint8_t function;
	uint8_t qid;
	uint8_t volume;
	uint16_t cid;
	uint32_t push_bytes; /* data for the host if all goes well */
	uint64_t lba;
	uint32_t storage;
	struct fabric_request request;
	/* In parts, or spread. */
	uint32_t blocks;
	uint32_t sent;        /* members that it has been sent to; spread: blocks that have been sent */
	uint32_t to_send;     /* of how many */
	uint32_t outstanding; /* parts at storages */
	uint16_t status;      /* the worst so far */
	uint8_t tried;        /* members of a mirror that this read was sent to */
	uint8_t succeeded;    /* members of a mirror that have done it */
};

struct io *io_of(unsigned slot);

/** The command of @p slot is over. */
void io_over(unsigned slot, uint16_t status);

/** parts.c: sends what can be sent of a command / one part is over / drops what has not been sent. */
void parts_begin(unsigned slot);
void parts_send(unsigned slot);
void parts_done(unsigned slot, unsigned tag, uint16_t status);
void parts_cancel(unsigned slot);
/** The slot that @p tag works for. */
unsigned parts_slot(unsigned tag);
/** A tag for a part of @p slot's command, or IO_NO_TAG / gives it back / cancels the requests of all of the slot. */
unsigned parts_take_tag(unsigned slot);
void parts_free_tag(unsigned tag);
void parts_cancel_tags(unsigned slot);

/** spread.c: the command of @p slot has @p blocks blocks, of which its present request is the first part / sends that part. */
void spread_begin(unsigned slot, uint32_t blocks);
void spread_send(unsigned slot);
/** The next part is in the request; or, with a @p status, there is no place for it. */
void spread_next(unsigned slot, uint16_t status);
void spread_done(unsigned slot, uint16_t status);
/** @param reset no further part comes. */
void spread_cancel(unsigned slot, bool reset);
/** Sends parts that had to wait. @return whether some still do. */
bool spread_run(void);
/** Sends parts that had to wait. @return whether some still do. */
bool parts_run(void);

/** After volume_record_init(): takes up what the notes say / after power-on: nothing is limited. */
void mirror_init(void);
void qos_init(void);

/** @return whether parts at members of mirrors are under way, which may get lost / whether a mirror is behind or marked. */
bool parts_watches(void);
bool mirror_watches(void);

/** mirror.c: what may be sent to a member now; one that is passed over is behind. A flush has no blocks. */
enum mirror_answer { MIRROR_SEND, MIRROR_SKIP, MIRROR_WAIT };
enum mirror_answer mirror_may_write(unsigned volume, unsigned member, uint64_t lba, uint32_t blocks);
/** A member that a read may go to, not among @p tried. @return whether there is one */
bool mirror_reader(unsigned volume, uint8_t tried, unsigned *member);
/** @return whether @p member cannot be reached while another one can take its place. */
bool mirror_is_lost(unsigned volume, unsigned member);
/** A write has failed on @p member: it is behind. */
void mirror_behind(unsigned volume, unsigned member);
void mirror_copied(uint16_t status);
/** @return bit m: member m is behind. */
uint8_t mirror_stale(unsigned volume);
/** @return when to call again. */
uint64_t mirror_run(void);

/** qos.c: @return whether the command of @p slot has to wait; then qos_run() will call io_send(). */
bool qos_defers(unsigned slot, uint32_t bytes);
/** Sends what is due. @return when to call again. */
uint64_t qos_run(void);
void qos_cancel(unsigned slot);
void io_send(unsigned slot);

#endif
