/* A port without placement unit, for builds without hardware. */
#include "firmware/net/place.h"

#include "firmware/core/crc32c.h"
#include "firmware/net/port.h"

unsigned place_open(const struct tcp_pcb *pcb, uint32_t sequence)
{
	(void)pcb;
	(void)sequence;
	return 0;
}

void place_close(unsigned flow)
{
	(void)flow;
}

void place_arm(unsigned flow, uint32_t sequence)
{
	(void)flow;
	(void)sequence;
}

void place_buffer(unsigned flow, uint16_t cid, const void *data, uint32_t bytes)
{
	(void)flow;
	(void)cid;
	(void)data;
	(void)bytes;
}

void place_forget(unsigned flow, uint16_t cid)
{
	(void)flow;
	(void)cid;
}

struct place_report place_report(const struct pbuf *piece)
{
	(void)piece;
	return (struct place_report){.from = PLACE_NOWHERE};
}

uint32_t place_crc32c(const void *data, uint32_t bytes)
{
	return crc32c_update(0, data, bytes);
}

void port_connected(struct tcp_pcb *pcb)
{
	(void)pcb;
}
