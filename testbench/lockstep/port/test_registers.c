/* All words of the window: as a reset leaves them, and with any value that was written, in any order. Model and RTL are compared in each cycle. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/port/rig.h"
#include "testbench/lockstep/see/random.h"

enum { WORDS = 512 }; /* what an address of 12 bits reaches */

static struct rig rig;

static void read_all(void)
{
	for (unsigned word = 0; word < WORDS && !rig.differs; word++)
		rig_read(&rig, PORT_FLOW_OFFSET + 8 * word);
}

TEST(port_registers, every_word_keeps_its_value)
{
	struct rng rng;

	rng_seed(&rng, test_seed());
	for (unsigned round = 0; round < 4 && !rig.differs; round++) {
		rig_reset(&rig);
		read_all();
		for (unsigned n = 0; n < 3 * WORDS && !rig.differs; n++)
			rig_write(&rig, PORT_FLOW_OFFSET + 8 * rng_below(&rng, WORDS), rng_next(&rng));
		read_all();
	}
}
