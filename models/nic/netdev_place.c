/* Accelerator mode: what a function's driver sees of the placement unit (rtl/port/README.md). A vendor specific capability (VIRTIO 1.1, section
 * 4.1.4, type 9) names the registers, 32 bits each, in BAR0. Function f has flow PORT_PLACE_FLOWS / 2 + f and nobody else's; addresses are
 * those that the function's own packets use. Writes of registers of the unit wait here until the NIC has carried them out, in order. */
#include <string.h>

#include "models/nic/netdev.h"
#include "port_regs.h"
#include "rtl/gen/field.h"

enum { ID_VALUE = 0x0001504c, SECOND_SET = 0x80, OP_WRITES = 3 };

static void put(struct netdev_state *net, uint32_t offset, uint64_t value)
{
	net->place_write[(net->place_head + net->place_count++) % NETDEV_PLACE_WRITES] =
		(struct netdev_place_write){(uint16_t)(offset + SECOND_SET - PORT_FLOW_OFFSET), value};
}

static void operate(struct netdev_state *net, unsigned f, unsigned op)
{
	const uint32_t *r = net->function[f].place;

	put(net, PORT_PLACE_TUPLE, r[NETDEV_PLACE_REMOTE] | (uint64_t)r[NETDEV_PLACE_OWN] << 32);
	put(net, PORT_PLACE_PORTS, r[NETDEV_PLACE_PORTS]);
	put(net, PORT_PLACE_FLOW, FIELD_PREP(PORT_PLACE_FLOW_SEQ, r[NETDEV_PLACE_SEQ]) | FIELD_PREP(PORT_PLACE_FLOW_FLOW, PORT_PLACE_FLOWS / 2 + f) |
		FIELD_PREP(PORT_PLACE_FLOW_OWNER, 1 + f) | FIELD_PREP(PORT_PLACE_FLOW_OP, op));
}

static void set_entry(struct netdev_state *net, unsigned f, uint32_t entry)
{
	const uint32_t *r = net->function[f].place;

	put(net, PORT_PLACE_ADDRESS, r[NETDEV_PLACE_ADDRESS] | (uint64_t)r[NETDEV_PLACE_ADDRESS_HIGH] << 32);
	put(net, PORT_PLACE_ENTRY, FIELD_PREP(PORT_PLACE_ENTRY_CCCID, entry) | FIELD_PREP(PORT_PLACE_ENTRY_FLOW, PORT_PLACE_FLOWS / 2 + f) |
		FIELD_PREP(PORT_PLACE_ENTRY_LENGTH, r[NETDEV_PLACE_LENGTH]) | FIELD_PREP(PORT_PLACE_ENTRY_VALID, entry >> 31));
}

static void begin_job(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];

	if (function->job_busy)
		return;
	function->job_busy = true;
	function->job_result = function->place[NETDEV_PLACE_CRC_RESULT] | (uint64_t)function->place[NETDEV_PLACE_CRC_RESULT_HIGH] << 32;
	net->jobs_wanted |= 1u << f;
}

uint32_t netdev_place_read(const struct netdev_state *net, unsigned f, uint32_t at)
{
	if (at == 4 * NETDEV_PLACE_ID)
		return ID_VALUE;
	return at / 4 < NETDEV_PLACE_REGISTERS ? net->function[f].place[at / 4] : 0;
}

void netdev_place_write(struct netdev_state *net, unsigned f, uint32_t at, uint32_t value)
{
	struct netdev_function *function = &net->function[f];

	if (at % 4 != 0 || at / 4 >= NETDEV_PLACE_REGISTERS)
		return;
	function->place[at / 4] = value;
	if (at / 4 == NETDEV_PLACE_CRC_LENGTH)
		begin_job(net, f);
	if (at / 4 != NETDEV_PLACE_OP && at / 4 != NETDEV_PLACE_ENTRY)
		return;
	if (net->place_count + OP_WRITES + NETDEV_FUNCTIONS * OP_WRITES > NETDEV_PLACE_WRITES) {
		function->place_lost++;
		return;
	}
	if (at / 4 == NETDEV_PLACE_OP)
		operate(net, f, value & 3);
	else
		set_entry(net, f, value);
	net->active = true;
}

/* There is always room: one reset of each function can wait besides what drivers write. */
void netdev_place_reset(struct netdev_state *net, unsigned f)
{
	net->function[f].job_busy = false;
	net->jobs_wanted &= ~(1u << f);
	memset(net->function[f].place, 0, sizeof(net->function[f].place));
	if (net->place_count + OP_WRITES <= NETDEV_PLACE_WRITES)
		operate(net, f, PORT_PLACE_CLOSE);
}

const struct netdev_place_write *netdev_place_front(const struct netdev_state *net)
{
	return net->place_count ? &net->place_write[net->place_head] : NULL;
}

void netdev_place_pop(struct netdev_state *net)
{
	net->place_head = (net->place_head + 1) % NETDEV_PLACE_WRITES;
	net->place_count--;
}

enum { PACKETS_OF_A_RUN = 48 };

bool netdev_place_room(const struct netdev_state *net)
{
	return netdev_out_room(net, PACKETS_OF_A_RUN);
}

void netdev_place(struct netdev_state *net, unsigned f, uint64_t address, const uint8_t *bytes, size_t length)
{
	struct netdev_function *function = &net->function[f];

	if (!netdev_runs(function, NETDEV_RX))
		return;
	function->placed_bytes += length;
	netdev_write(net, f, address, bytes, (uint32_t)length);
}

bool netdev_job(struct netdev_state *net, unsigned *f, uint64_t *address, uint32_t *length)
{
	const uint32_t *r;

	if (!net->jobs_wanted)
		return false;
	*f = (unsigned)__builtin_ctz(net->jobs_wanted);
	r = net->function[*f].place;
	net->jobs_wanted &= net->jobs_wanted - 1;
	*address = r[NETDEV_PLACE_CRC_ADDRESS] | (uint64_t)r[NETDEV_PLACE_CRC_ADDRESS_HIGH] << 32;
	*length = r[NETDEV_PLACE_CRC_LENGTH];
	return true;
}

/* A job whose function has been reset meanwhile ends as one whose bytes cannot be read. */
int netdev_job_bytes(struct netdev_state *net, unsigned f, uint64_t address, uint8_t *bytes, size_t length)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[NETDEV_JOB];

	if (!function->job_busy || !(function->command & NETDEV_COMMAND_MASTER))
		return -1;
	if (e->step == NETDEV_IDLE) {
		e->step = NETDEV_READ_DATA;
		netdev_read(e, address, false, 0, (uint32_t)length);
	}
	if (!netdev_read_continue(net, f, NETDEV_JOB))
		return 0;
	e->step = NETDEV_IDLE;
	memcpy(bytes, function->job_bytes, length);
	return e->read_failed ? -1 : 1;
}

void netdev_job_done(struct netdev_state *net, unsigned f, uint32_t crc, bool failed)
{
	struct netdev_function *function = &net->function[f];
	uint8_t result[8];

	if (!function->job_busy)
		return;
	function->job_busy = false;
	function->crc_jobs++;
	netdev_put_le(result, 4, crc);
	netdev_put_le(result + 4, 4, failed ? 2 : 1);
	netdev_write(net, f, function->job_result, result, sizeof(result));
}
