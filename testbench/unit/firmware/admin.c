#include "testbench/unit/firmware/admin.h"

#include "firmware/fabric/fabric.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/world.h"

unsigned last_slot;

uint32_t run(unsigned function, struct nvme_sqe sqe)
{
	last_slot = fake_see_submit(function, 0, &sqe, 0);
	return fake_see_status(last_slot);
}

uint32_t run3(unsigned function, uint8_t opcode, uint32_t dw10, uint32_t dw11)
{
	return run(function, (struct nvme_sqe){.opcode = opcode, .cid = 77, .dw10 = dw10, .dw11 = dw11});
}

uint32_t dw0(void)
{
	return fake_see.answers[last_slot].dw0;
}

const uint8_t *data(void)
{
	return fake_see_buffer(last_slot);
}

uint32_t word(unsigned offset)
{
	uint32_t value;

	memcpy(&value, data() + offset, sizeof(value));
	return value;
}

static bool plain_ready(void)
{
	return fabric_storage(WORLD_PLAIN)->ready;
}

void attach(void)
{
	ASSERT_TRUE(world_run_until(plain_ready, 10000));
	EXPECT_EQ(run3(0, NVME_ADMIN_ATTACH_VOLUME, 1, WORLD_PLAIN), (uint32_t)NVME_SUCCESS);
}

uint32_t create_cq(uint32_t dw10, uint32_t dw11, uint64_t address)
{
	return run(1, (struct nvme_sqe){.opcode = NVME_ADMIN_CREATE_CQ, .dw10 = dw10, .dw11 = dw11, .dptr = {address}});
}

uint32_t create_sq(uint32_t dw10, uint32_t dw11, uint64_t address)
{
	return run(1, (struct nvme_sqe){.opcode = NVME_ADMIN_CREATE_SQ, .dw10 = dw10, .dw11 = dw11, .dptr = {address}});
}
