/* The port's placement unit (rtl/port/README.md): data of C2HData PDUs goes to its buffer by hardware, CRC32C too. Whoever uses it works
 * without it as well: a flow that there is no room for is 0, nothing of it is placed. */
#ifndef ASSAY_FIRMWARE_NET_PLACE_H
#define ASSAY_FIRMWARE_NET_PLACE_H

#include <stdbool.h>
#include <stdint.h>

struct pbuf;
struct tcp_pcb;

#define PLACE_NOWHERE UINT32_MAX

/* What the unit has done with a received piece. */
struct place_report {
	uint32_t from; /* from this byte of the piece on data has gone to its buffer, and digests are verified; PLACE_NOWHERE: nothing has */
	bool bad_data, bad_header; /* of a digest that ended in this frame */
};

/** Nothing is followed: a life of the firmware before this one may have left flows behind. */
void place_init(void);

/** Follows the connection @p pcb, whose next PDU begins at @p sequence. @return the flow, 0 if there is none free */
unsigned place_open(const struct tcp_pcb *pcb, uint32_t sequence);
void place_close(unsigned flow);

/** The flow is out of step; the next PDU begins at @p sequence. */
void place_arm(unsigned flow, uint32_t sequence);

/** Data of the command @p cid goes to @p data; until place_forget(). A flow of 0 has no effect. */
void place_buffer(unsigned flow, uint16_t cid, const void *data, uint32_t bytes);
void place_forget(unsigned flow, uint16_t cid);

struct place_report place_report(const struct pbuf *piece);

/** CRC32C of @p bytes bytes. */
uint32_t place_crc32c(const void *data, uint32_t bytes);

#endif
