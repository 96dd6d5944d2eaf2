#include "firmware/net/place.h"

#include "firmware/boot/platform.h"
#include "firmware/core/log.h"
#include "firmware/net/port.h"
#include "lwip/pbuf.h"
#include "lwip/tcp.h"
#include "port_regs.h"
#include "rtl/gen/field.h"

/* The others belong to the network functions (accelerator mode). Flow n of the unit is n + 1 here. */
#define FLOWS (PORT_PLACE_FLOWS / 2)

static uint32_t used; /* flows, a bit each */

static inline void place_write(uint32_t offset, uint64_t value)
{
	mmio_write64(PLATFORM_PORT + offset, value);
}

static void operate(unsigned flow, uint64_t op, uint32_t sequence)
{
	place_write(PORT_PLACE_FLOW, sequence | FIELD_PREP(PORT_PLACE_FLOW_FLOW, flow - 1) | FIELD_PREP(PORT_PLACE_FLOW_OP, op));
}

void place_init(void)
{
	for (unsigned flow = 1; flow <= FLOWS; flow++)
		operate(flow, PORT_PLACE_CLOSE, 0);
}

unsigned place_open(const struct tcp_pcb *pcb, uint32_t sequence)
{
	for (unsigned flow = 1; flow <= FLOWS; flow++) {
		if (used >> flow & 1)
			continue;
		used |= 1u << flow;
		place_write(PORT_PLACE_TUPLE, FIELD_PREP(PORT_PLACE_TUPLE_REMOTE, lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&pcb->remote_ip)))) |
			FIELD_PREP(PORT_PLACE_TUPLE_OWN, lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&pcb->local_ip)))));
		place_write(PORT_PLACE_PORTS, FIELD_PREP(PORT_PLACE_PORTS_REMOTE, pcb->remote_port) | FIELD_PREP(PORT_PLACE_PORTS_OWN, pcb->local_port));
		operate(flow, PORT_PLACE_OPEN, sequence);
		return flow;
	}
	return 0;
}

void place_close(unsigned flow)
{
	if (!flow)
		return;
	operate(flow, PORT_PLACE_CLOSE, 0);
	used &= ~(1u << flow);
}

void place_arm(unsigned flow, uint32_t sequence)
{
	operate(flow, PORT_PLACE_ARM, sequence);
}

static void set_entry(unsigned flow, uint16_t cid, uint32_t bytes, bool valid)
{
	place_write(PORT_PLACE_ENTRY, cid | FIELD_PREP(PORT_PLACE_ENTRY_FLOW, flow - 1) | FIELD_PREP(PORT_PLACE_ENTRY_LENGTH, bytes) |
		FIELD_PREP(PORT_PLACE_ENTRY_VALID, valid));
}

void place_buffer(unsigned flow, uint16_t cid, const void *data, uint32_t bytes)
{
	if (!flow)
		return;
	place_write(PORT_PLACE_ADDRESS, (uintptr_t)data);
	set_entry(flow, cid, bytes, true);
}

void place_forget(unsigned flow, uint16_t cid)
{
	if (flow)
		set_entry(flow, cid, 0, false);
}

static uint64_t await_job(void)
{
	uint64_t result;

	do
		result = mmio_read64(PLATFORM_PORT + PORT_CRC_RESULT);
	while (result & PORT_CRC_RESULT_BUSY_MASK);
	return result;
}

uint32_t place_crc32c(const void *data, uint32_t bytes)
{
	uint64_t result;

	await_job(); /* one of a life before this */
	__asm__ volatile("fence rw, rw" ::: "memory"); /* what is summed has been written */
	place_write(PORT_CRC_ADDRESS, (uintptr_t)data);
	place_write(PORT_CRC_START, bytes);
	result = await_job();
	if (result & PORT_CRC_RESULT_FAILED_MASK)
		log_panic("port: no CRC of %u bytes at %lx", bytes, (unsigned long)(uintptr_t)data);
	return (uint32_t)FIELD_GET(PORT_CRC_RESULT_CRC, result);
}
