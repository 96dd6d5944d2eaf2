/* How many native ops a second a timed hart behind a CLB executes: build it with the model alone or with the lockstep pair behind the front end.
 * Prints "NAME OPS_PER_CPU_SECOND CYCLES_PER_OP". usage: clb_speed NAME CYCLES */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "testbench/unit/clb/machine.h"

/* Of the shim of the tests: the lockstep pair reports through it. */
void test_fail(const char *file, int line, const char *format, ...)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, format);
	exit(1);
}

uint64_t test_seed(void)
{
	return 1;
}

/* A CoreMark-like mix: a list walk with a table update, calls, shifts and a CRC step, over and over. */
static const uint32_t program[] = {
	0x00002437,	/*      lui s0, 2 */
	0x01f41413,	/*      slli s0, s0, 31 -> high bits, harmless */
	0x00010337,	/* 0:   lui t1, 16 */
	0x0000b297 + (0u << 12),	/* auipc t0, 11 */
	0x00800393,	/*      li t2, 8 */
	0x0002be03,	/* 1:   ld t3, 0(t0) */
	0x006e0e33,	/*      add t3, t3, t1 */
	0x01c2b023,	/*      sd t3, 0(t0) */
	0x003e5e93,	/*      srli t4, t3, 3 */
	0x01ceceb3,	/*      xor t4, t4, t3 */
	0x001eff13,	/*      andi t5, t4, 1 */
	0x000f0463,	/*      beqz t5, +8 */
	0x00130313,	/*      addi t1, t1, 1 */
	0x00828293,	/*      addi t0, t0, 8 */
	0xfff38393,	/*      addi t2, t2, -1 */
	0xfc039ce3,	/*      bnez t2, 1b */
	0x010000ef,	/*      jal ra, 2f */
	0xfc1ff06f,	/*      j 0b */
	0x00000013, 0x00000013,
	0x02c58533,	/* 2:   mul a0, a1, a2 */
	0x00158593,	/*      addi a1, a1, 1 */
	0x00a64633,	/*      xor a2, a2, a0 */
	0x00008067,	/*      ret */
};

int main(int argc, char **argv)
{
	struct board *b = board_create(&(struct board_options){.ram_bytes = 1 << 20, .isa = HART_ISA_H});
	struct machine *m = machine_create(b, rv64_table_image, rv64_table_bytes);
	const struct hart *h = hart_state(hart_core_of(b->domain, 0));
	clock_t before;
	double seconds;

	if (argc != 3 || board_load(b, BOARD_RAM_BASE, program, sizeof program) != 0) {
		fprintf(stderr, "usage: clb_speed NAME CYCLES\n");
		return 2;
	}
	board_run(b, true, 20000, 0);
	before = clock();
	uint64_t ops = h->native_ops, cycles = h->cycles;
	board_run(b, true, strtoull(argv[2], NULL, 0), 0);
	seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
	ops = h->native_ops - ops;
	printf("%s %.0f %.3f\n", argv[1], (double)ops / seconds, (double)(h->cycles - cycles) / (double)ops);
	machine_destroy(m);
	board_destroy(b);
	return 0;
}
