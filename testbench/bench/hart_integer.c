/* Integer work in the proportions of CoreMark: linked lists, small matrices, a state machine, CRC. */
#include "testbench/bench/hart_bench.h"

enum { NODES = 64, SIDE = 12, TEXT = 256 };

struct node {
	struct node *next;
	int16_t key, index;
};

static struct node nodes[NODES];
static int16_t a[SIDE][SIDE], b[SIDE][SIDE];
static int32_t c[SIDE][SIDE];
static char text[TEXT];

static uint16_t crc16(uint16_t crc, uint32_t value)
{
	for (int i = 0; i < 32; i++) {
		uint16_t bit = (uint16_t)((value ^ crc) & 1);

		value >>= 1;
		crc = (uint16_t)(crc >> 1 ^ (bit ? 0xa001 : 0));
	}
	return crc;
}

static struct node *reverse(struct node *list)
{
	struct node *done = 0;

	while (list) {
		struct node *next = list->next;

		list->next = done;
		done = list;
		list = next;
	}
	return done;
}

static uint32_t walk(struct node *list, int16_t key)
{
	uint32_t found = 0;

	for (; list; list = list->next)
		found = list->key == key ? found * 3 + (uint16_t)list->index : found + 1;
	return found;
}

static uint32_t multiply(int16_t factor)
{
	uint32_t sum = 0;

	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			int32_t x = 0;

			for (int k = 0; k < SIDE; k++)
				x += a[i][k] * b[k][j];
			c[i][j] = x * factor;
			sum += (uint32_t)c[i][j] >> 3;
		}
	return sum;
}

static uint32_t scan(void)
{
	uint32_t state = 0, numbers = 0;

	for (int i = 0; i < TEXT; i++) {
		char ch = text[i];

		switch (state) {
		case 0: state = ch >= '0' && ch <= '9' ? 1 : ch == '-' ? 2 : 0; break;
		case 1: state = ch == '.' ? 3 : ch >= '0' && ch <= '9' ? 1 : 4; break;
		case 2: state = ch >= '0' && ch <= '9' ? 1 : 4; break;
		case 3: state = ch >= '0' && ch <= '9' ? 3 : 4; break;
		default: numbers++; state = 0;
		}
	}
	return numbers;
}

static uint32_t bench(void)
{
	uint16_t crc = 0;

	for (int i = 0; i < NODES; i++)
		nodes[i] = (struct node){i + 1 < NODES ? &nodes[i + 1] : 0, (int16_t)(i * 37 % 16), (int16_t)i};
	for (int i = 0; i < SIDE * SIDE; i++) {
		a[i / SIDE][i % SIDE] = (int16_t)(i * 13 % 31);
		b[i / SIDE][i % SIDE] = (int16_t)(i * 17 % 29);
	}
	for (int i = 0; i < TEXT; i++)
		text[i] = "12.5,-3 x7,900.25 -"[i % 19];
	struct node *list = &nodes[0];
	for (int round = 0; round < ROUNDS; round++) {
		for (int16_t key = 0; key < 8; key++)
			crc = crc16(crc, walk(list, key));
		list = reverse(list);
		crc = crc16(crc, multiply((int16_t)(round & 7)));
		text[round % TEXT] ^= (char)(round & 1);
		crc = crc16(crc, scan());
	}
	return crc;
}
