#include "models/board/receiver.h"

#include "bau_regs.h"

enum { RECEIVER_END = BAU_RECEIVER_PAGE + RECEIVER_HARTS * BAU_RECEIVER_STRIDE, GUEST_END = BAU_GUEST_PAGE + RECEIVER_HARTS * BAU_GUEST_STRIDE };

void receiver_reset(struct receiver *receiver)
{
	*receiver = (struct receiver){0};
}

static bool in_receiver_page(uint64_t offset)
{
	return offset >= BAU_RECEIVER_PAGE && offset < RECEIVER_END;
}

static bool in_guest_page(uint64_t offset)
{
	return offset >= BAU_GUEST_PAGE && offset < GUEST_END;
}

bool receiver_owns(uint64_t offset)
{
	return in_receiver_page(offset) || in_guest_page(offset);
}

uint64_t receiver_load(const struct receiver *receiver, uint32_t offset)
{
	if (!in_receiver_page(offset))
		return 0;
	const struct receiver_hart *hart = &receiver->hart[(offset - BAU_RECEIVER_PAGE) / BAU_RECEIVER_STRIDE];
	switch ((offset - BAU_RECEIVER_PAGE) % BAU_RECEIVER_STRIDE) {
	case BAU_RUNNING: return hart->running;
	case BAU_RUNNING_ITE: return hart->running_ite;
	case BAU_HGEIP: return hart->hgeip;
	case BAU_HART_PARTITION: return hart->partition;
	default: return 0;
	}
}

static uint64_t running_bit(const struct receiver_hart *hart)
{
	uint64_t gein = FIELD_GET(BAU_RUNNING_GEIN, hart->running);
	return FIELD_GET(BAU_RUNNING_VALID, hart->running) && gein && gein < 64 ? 1ull << gein : 0;
}

static void store_receiver(struct receiver_hart *hart, uint32_t reg, uint64_t value)
{
	switch (reg) {
	case BAU_RUNNING:
		hart->running = value & (BAU_RUNNING_VALID_MASK | BAU_RUNNING_TARGET_MASK | BAU_RUNNING_VMID_MASK | BAU_RUNNING_GEIN_MASK);
		break;
	case BAU_RUNNING_ITE: hart->running_ite = value & BAU_RUNNING_ITE_ADDRESS_MASK; break;
	case BAU_RAISE: hart->hgeip |= value & 1 ? running_bit(hart) : 0; break;
	case BAU_HGEIP: hart->hgeip &= ~value; break;
	case BAU_HART_PARTITION: hart->partition = value & BAU_HART_PARTITION_PARTITION_MASK; break;
	default: break;
	}
}

bool receiver_store(struct receiver *receiver, uint32_t offset, uint64_t value, uint32_t *forward_offset, uint64_t *forward_data)
{
	if (in_receiver_page(offset)) {
		uint32_t relative = offset - BAU_RECEIVER_PAGE;
		store_receiver(&receiver->hart[relative / BAU_RECEIVER_STRIDE], relative % BAU_RECEIVER_STRIDE, value);
		return false;
	}
	struct receiver_hart *hart = &receiver->hart[(offset - BAU_GUEST_PAGE) / BAU_GUEST_STRIDE];
	uint32_t reg = (offset - BAU_GUEST_PAGE) % BAU_GUEST_STRIDE;
	if (reg == BAU_ACK)
		hart->hgeip &= ~running_bit(hart);
	if (reg != BAU_UNBLOCK || !FIELD_GET(BAU_RUNNING_VALID, hart->running))
		return false;
	*forward_offset = offset;
	*forward_data = hart->running_ite;
	return true;
}

bool receiver_signal(struct receiver *receiver, const struct receiver_signal *signal)
{
	if (signal->hart >= RECEIVER_HARTS)
		return false;
	struct receiver_hart *hart = &receiver->hart[signal->hart];
	bool match = FIELD_GET(BAU_RUNNING_VALID, hart->running) && hart->partition == signal->partition &&
		     FIELD_GET(BAU_RUNNING_VMID, hart->running) == signal->vmid && FIELD_GET(BAU_RUNNING_TARGET, hart->running) == signal->target;
	if (match)
		hart->hgeip |= running_bit(hart);
	return match;
}
