/* Work of CoreMark's kind: list search and sort, matrix products, a state machine over text, and the CRC that binds their results. */
#include "hypervisor/guests/apps/app.h"

enum { NODES = 160, SIDE = 14, ROUNDS = 40 };

struct node {
	struct node *next;
	int16_t index, value;
};

static struct node nodes[NODES];
static int16_t a[SIDE][SIDE], b[SIDE][SIDE];
static int32_t c[SIDE][SIDE];

static uint16_t crc16(uint16_t crc, uint32_t value, unsigned bytes)
{
	for (; bytes; bytes--, value >>= 8) {
		uint8_t byte = (uint8_t)value;

		for (unsigned i = 0; i < 8; i++, byte >>= 1)
			crc = (uint16_t)(crc >> 1 ^ ((crc ^ byte) & 1 ? 0xa001 : 0));
	}
	return crc;
}

static struct node *reverse(struct node *list)
{
	struct node *done = NULL;

	while (list) {
		struct node *next = list->next;

		list->next = done;
		done = list;
		list = next;
	}
	return done;
}

static int by_value(const struct node *x, const struct node *y) { return x->value - y->value; }
static int by_index(const struct node *x, const struct node *y) { return x->index - y->index; }

static struct node *sort_list(struct node *list, int (*compare)(const struct node *, const struct node *))
{
	for (unsigned size = 1;; size *= 2) {
		struct node *p = list, *tail = NULL;
		unsigned merges = 0;

		for (list = NULL; p; merges++) {
			struct node *q = p;
			unsigned left = 0, right = size;

			while (left < size && q) {
				left++;
				q = q->next;
			}
			while (left || (right && q)) {
				struct node *e;

				if (left && (!right || !q || compare(p, q) <= 0)) {
					e = p;
					p = p->next;
					left--;
				} else {
					e = q;
					q = q->next;
					right--;
				}
				if (tail)
					tail->next = e;
				else
					list = e;
				tail = e;
			}
			p = q;
		}
		tail->next = NULL;
		if (merges <= 1)
			return list;
	}
}

static uint16_t do_lists(uint16_t crc, int16_t seed)
{
	struct node *list = NULL;

	for (int16_t i = 0; i < NODES; i++) {
		nodes[i] = (struct node){list, i, (int16_t)((seed * 31 + i * 7919) & 0x7ff)};
		list = &nodes[i];
	}
	list = sort_list(reverse(list), by_value);
	crc = crc16(crc, (uint16_t)list->value, 2);
	list = sort_list(list, by_index);
	for (const struct node *n = list; n; n = n->next)
		crc = crc16(crc, (uint32_t)(n->value ^ n->index), 2);
	return crc;
}

static uint16_t do_matrices(uint16_t crc, int16_t seed)
{
	int32_t sum = 0;

	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			a[i][j] = (int16_t)(seed + i * j);
			b[i][j] = (int16_t)(seed ^ (i << 4 | j));
		}
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			c[i][j] = 0;
			for (int m = 0; m < SIDE; m++) {
				int32_t product = (int32_t)a[i][m] * b[m][j];

				c[i][j] += (product >> 2 & 15) * (product >> 5 & 127);
			}
			sum += c[i][j];
			if (sum > 100000)
				sum -= 99999;
		}
	return crc16(crc, (uint32_t)sum, 4);
}

enum state { START, SIGN, INTEGER, FRACTION, EXPONENT, BAD };

static enum state step(enum state s, char ch)
{
	int digit = ch >= '0' && ch <= '9';

	switch (s) {
	case START:
		return digit ? INTEGER : ch == '+' || ch == '-' ? SIGN : ch == '.' ? FRACTION : BAD;
	case SIGN:
		return digit ? INTEGER : ch == '.' ? FRACTION : BAD;
	case INTEGER:
		return digit ? INTEGER : ch == '.' ? FRACTION : ch == 'e' ? EXPONENT : BAD;
	case FRACTION:
		return digit ? FRACTION : ch == 'e' ? EXPONENT : BAD;
	case EXPONENT:
		return digit || ch == '-' ? EXPONENT : BAD;
	default:
		return BAD;
	}
}

static uint16_t do_states(uint16_t crc, unsigned seed)
{
	static const char text[] = "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e3,-.123e-2,-87e+832,+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^";
	unsigned counts[6] = {0};
	enum state s = START;

	for (unsigned i = 0; i < sizeof(text) - 1; i++) {
		char ch = text[(i + seed) % (sizeof(text) - 1)];

		if (ch == ',') {
			counts[s]++;
			s = START;
		} else {
			s = step(s, ch);
		}
	}
	for (unsigned i = 0; i < 6; i++)
		crc = crc16(crc, counts[i], 4);
	return crc;
}

int app_main(void)
{
	uint16_t list = 0, matrix = 0, state = 0;

	for (int i = 0; i < ROUNDS; i++) {
		list = do_lists(list, (int16_t)(i * 111));
		matrix = do_matrices(matrix, (int16_t)(i * 73 - 500));
		state = do_states(state, (unsigned)i);
	}
	put_result("list", list);
	put_result("matrix", matrix);
	put_result("state", state);
	return 0;
}
