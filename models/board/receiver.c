#include "models/board/receiver.h"

#include <string.h>

#include "rtl/gen/field.h"

void receivers_reset(struct receivers *receivers)
{
	memset(receivers, 0, sizeof *receivers);
}

static bool in_receiver_page(uint32_t address)
{
	return address >= BAU_RECEIVER_PAGE && address < BAU_RECEIVER_PAGE + BAU_NUM_HARTS * BAU_RECEIVER_STRIDE;
}

static bool in_guest_page(uint32_t address)
{
	return address >= BAU_GUEST_PAGE && address < BAU_GUEST_PAGE + BAU_NUM_HARTS * BAU_GUEST_STRIDE;
}

bool receiver_owns(uint32_t address)
{
	return in_receiver_page(address) || in_guest_page(address);
}

uint64_t receiver_read(const struct receivers *receivers, uint32_t address)
{
	if (!in_receiver_page(address))
		return 0;
	const struct receiver *r = &receivers->hart[(address - BAU_RECEIVER_PAGE) / BAU_RECEIVER_STRIDE];
	switch (address % BAU_RECEIVER_STRIDE) {
	case BAU_RUNNING: return r->running;
	case BAU_RUNNING_ITE: return r->running_ite;
	case BAU_HGEIP: return r->hgeip;
	case BAU_HART_PARTITION: return r->partition;
	default: return 0;
	}
}

/** @return the bit of hgeip that the running target listens to; 0 if nothing runs or it has no guest interrupt. */
static uint64_t own_bit(const struct receiver *r)
{
	uint64_t gein = FIELD_GET(BAU_RUNNING_GEIN, r->running);
	return r->running & BAU_RUNNING_VALID_MASK && gein >= 1 && gein <= 63 ? 1ull << gein : 0;
}

static void write_receiver(struct receiver *r, uint32_t offset, uint64_t data)
{
	switch (offset) {
	case BAU_RUNNING:
		r->running = data & (BAU_RUNNING_VALID_MASK | BAU_RUNNING_TARGET_MASK | BAU_RUNNING_VMID_MASK | BAU_RUNNING_GEIN_MASK);
		break;
	case BAU_RUNNING_ITE: r->running_ite = data & BAU_RUNNING_ITE_ADDRESS_MASK; break;
	case BAU_RAISE: r->hgeip |= data & BAU_RAISE_NOW_MASK ? own_bit(r) : 0; break;
	case BAU_HGEIP: r->hgeip &= ~data; break;
	case BAU_HART_PARTITION: r->partition = (uint8_t)FIELD_GET(BAU_HART_PARTITION_PARTITION, data); break;
	default: break;
	}
}

static struct receiver_forward write_guest(struct receiver *r, uint32_t address)
{
	uint32_t offset = address % BAU_GUEST_STRIDE;
	struct receiver_forward forward = {0};
	if (offset == BAU_ACK)
		r->hgeip &= ~own_bit(r);
	if (offset == BAU_UNBLOCK && r->running & BAU_RUNNING_VALID_MASK)
		forward = (struct receiver_forward){.valid = true, .address = address, .data = r->running_ite};
	return forward;
}

struct receiver_forward receiver_write(struct receivers *receivers, uint32_t address, uint64_t data)
{
	if (in_guest_page(address))
		return write_guest(&receivers->hart[(address - BAU_GUEST_PAGE) / BAU_GUEST_STRIDE], address);
	if (in_receiver_page(address))
		write_receiver(&receivers->hart[(address - BAU_RECEIVER_PAGE) / BAU_RECEIVER_STRIDE],
			address % BAU_RECEIVER_STRIDE, data);
	return (struct receiver_forward){0};
}

bool receiver_signal(struct receivers *receivers, unsigned hart, unsigned partition, unsigned vmid, unsigned target)
{
	if (hart >= BAU_NUM_HARTS)
		return false;
	struct receiver *r = &receivers->hart[hart];
	bool match = own_bit(r) && r->partition == partition &&
		     FIELD_GET(BAU_RUNNING_VMID, r->running) == vmid && FIELD_GET(BAU_RUNNING_TARGET, r->running) == target;
	if (match)
		r->hgeip |= own_bit(r);
	return match;
}
