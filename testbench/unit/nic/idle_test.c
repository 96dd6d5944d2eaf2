/* When the NIC may sleep: what is due is done with, so that no event of the past keeps it awake. */
#include "models/nic/nic.h"
#include "testbench/gtest/test.h"

/* A read's deadline stays noted when its completion has come and the functions have nothing to do any more. */
TEST(nic_idle, a_deadline_that_has_passed_is_no_event_any_more)
{
	struct nic *nic = nic_create(&(struct nic_ops){0}, true, false);

	nic->state.see_out.idle = nic->state.flow_out.idle = true;
	nic->state.net.place_count = 0; /* what the functions have to write after a reset, which nobody takes here */
	nic->state.net.first_deadline = 1000;
	for (unsigned i = 0; i < 1100; i++) {
		nic_cycle(nic);
		nic_commit(nic);
	}
	EXPECT_TRUE(nic_next_event(nic) > nic->state.cycle);
	nic_destroy(nic);
}
