/* Memory work: a list whose nodes lie shuffled over 256 KiB (what a host still has in its caches), a table that is copied, a histogram. */
#include "testbench/bench/hart_bench.h"

enum { NODES = 1 << 12, WORDS = 1 << 13 };

static struct node { struct node *next; uint64_t value, pad[6]; } nodes[NODES];
static uint32_t table[WORDS], copy[WORDS], histogram[4096];

static void shuffle(void)
{
	uint32_t x = 12345, at = 0;

	/* A full cycle: multiplier and increment make a permutation of the indices. */
	for (uint32_t i = 0; i < NODES; i++) {
		uint32_t to = (at * 1021 + 12347) % NODES;

		nodes[at].next = &nodes[to];
		nodes[at].value = x = x * 1664525 + 1013904223;
		at = to;
	}
}

static uint64_t chase(struct node **node, int steps)
{
	uint64_t sum = 0;
	struct node *n = *node;

	for (int i = 0; i < steps; i++) {
		sum += n->value;
		n = n->next;
	}
	*node = n;
	return sum;
}

static uint32_t bench(void)
{
	struct node *node = nodes;
	uint64_t sum = 0;

	shuffle();
	for (uint32_t i = 0; i < WORDS; i++)
		table[i] = i * 2654435761u;
	for (int round = 0; round < ROUNDS; round++) {
		sum += chase(&node, 20000);
		for (uint32_t i = 0; i < WORDS / 2; i++)
			copy[i] = table[(i + (uint32_t)round * 8) % WORDS];
		for (uint32_t i = 0; i < WORDS / 2; i++)
			histogram[copy[i] >> 20]++;
	}
	return (uint32_t)sum ^ histogram[77] ^ histogram[4000];
}
