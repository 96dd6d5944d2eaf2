/* PLACE_* registers. */
#include "models/port/place.h"

#include <string.h>

#include "rtl/gen/field.h"

#define OFFSET(name) (PORT_##name - PORT_FLOW_OFFSET)
#define SECOND_SET 0x80u

uint64_t place_read(const struct place *p, uint16_t address)
{
	unsigned set = (address & SECOND_SET) != 0, number = (address - OFFSET(PLACE_COUNT_SEGMENTS)) / 8u;

	switch (address & ~SECOND_SET) {
	case OFFSET(PLACE_TUPLE): return p->tuple[set];
	case OFFSET(PLACE_PORTS): return p->ports[set];
	case OFFSET(PLACE_ADDRESS): return p->address[set];
	default: return address >= OFFSET(PLACE_COUNT_SEGMENTS) && number < PLACE_COUNTS ? p->count[number] : 0;
	}
}

/* A segment of this connection that is being worked on is not from now on. */
static void forget(struct place *p, unsigned number)
{
	bool at_hand = p->state == PLACE_LOOK || p->state == PLACE_WORK || p->state == PLACE_SAVE;

	memset(p->entry[number], 0, sizeof(p->entry[number]));
	if (at_hand && p->index == number)
		p->killed = 1;
}

static void write_flow(struct place *p, uint64_t data, unsigned set)
{
	unsigned number = (unsigned)FIELD_GET(PORT_PLACE_FLOW_FLOW, data), op = (unsigned)FIELD_GET(PORT_PLACE_FLOW_OP, data);
	struct place_flow *flow = &p->flow[number];

	if (op == PORT_PLACE_CLOSE || op == PORT_PLACE_OPEN) {
		forget(p, number);
		flow->valid = flow->sync = flow->armed = 0;
	}
	if (op == PORT_PLACE_OPEN) {
		flow->valid = 1;
		flow->owner = (uint8_t)FIELD_GET(PORT_PLACE_FLOW_OWNER, data);
		flow->remote = (uint32_t)FIELD_GET(PORT_PLACE_TUPLE_REMOTE, p->tuple[set]);
		flow->own = (uint32_t)FIELD_GET(PORT_PLACE_TUPLE_OWN, p->tuple[set]);
		flow->remote_port = (uint16_t)FIELD_GET(PORT_PLACE_PORTS_REMOTE, p->ports[set]);
		flow->own_port = (uint16_t)FIELD_GET(PORT_PLACE_PORTS_OWN, p->ports[set]);
	}
	if (op == PORT_PLACE_OPEN || op == PORT_PLACE_ARM) {
		flow->armed = 1;
		flow->arm = (uint32_t)FIELD_GET(PORT_PLACE_FLOW_SEQ, data);
	}
}

static void write_entry(struct place *p, uint64_t data, unsigned set)
{
	uint16_t cccid = (uint16_t)FIELD_GET(PORT_PLACE_ENTRY_CCCID, data);

	p->entry[FIELD_GET(PORT_PLACE_ENTRY_FLOW, data)][cccid % PORT_PLACE_ENTRIES] = (struct place_entry){
		.valid = (uint8_t)FIELD_GET(PORT_PLACE_ENTRY_VALID, data),
		.cccid = cccid,
		.length = (uint32_t)FIELD_GET(PORT_PLACE_ENTRY_LENGTH, data),
		.address = p->address[set],
	};
}

void place_write(struct place *p, uint16_t address, uint64_t data)
{
	unsigned set = (address & SECOND_SET) != 0;

	switch (address & ~SECOND_SET) {
	case OFFSET(PLACE_TUPLE): p->tuple[set] = data; break;
	case OFFSET(PLACE_PORTS): p->ports[set] = data & (PORT_PLACE_PORTS_REMOTE_MASK | PORT_PLACE_PORTS_OWN_MASK); break;
	case OFFSET(PLACE_ADDRESS): p->address[set] = data; break;
	case OFFSET(PLACE_FLOW): write_flow(p, data, set); break;
	case OFFSET(PLACE_ENTRY): write_entry(p, data, set); break;
	default: break;
	}
}
