/* Floating-point work: a matrix product, bodies that attract each other, a polynomial, single and double precision. */
#include "testbench/bench/hart_bench.h"

enum { SIDE = 24, BODIES = 8, TERMS = 12 };

static double a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];
static struct body { double x[3], v[3], mass; } bodies[BODIES];

static double square_root(double x)
{
	double r;

	__asm__("fsqrt.d %0, %1" : "=f"(r) : "f"(x));
	return r;
}

static double multiply(void)
{
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++) {
			double x = 0;

			for (int k = 0; k < SIDE; k++)
				x += a[i][k] * b[k][j];
			c[i][j] = x;
		}
	return c[3][5];
}

static double attract(void)
{
	for (int i = 0; i < BODIES; i++)
		for (int j = i + 1; j < BODIES; j++) {
			struct body *p = &bodies[i], *q = &bodies[j];
			double d[3], square = 1e-3, factor;

			for (int k = 0; k < 3; k++) {
				d[k] = p->x[k] - q->x[k];
				square += d[k] * d[k];
			}
			factor = 0.001 / (square * square_root(square));
			for (int k = 0; k < 3; k++) {
				p->v[k] -= d[k] * q->mass * factor;
				q->v[k] += d[k] * p->mass * factor;
			}
		}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			bodies[i].x[k] += bodies[i].v[k] * 0.001;
	return bodies[0].x[0];
}

static float polynomial(float x)
{
	float sum = 0;

	for (int i = 0; i < TERMS; i++)
		sum = sum * x + 1.0f / (float)(i + 1);
	return sum;
}

static uint32_t bench(void)
{
	double sum = 0;
	union { double d; uint64_t bits; } out;

	for (int i = 0; i < SIDE * SIDE; i++) {
		a[i / SIDE][i % SIDE] = i * 0.37 + 1;
		b[i / SIDE][i % SIDE] = 3.0 / (i + 1);
	}
	for (int i = 0; i < BODIES; i++)
		bodies[i] = (struct body){{i, i * 0.5, 1.0 / (i + 1)}, {0, 0.1 * i, 0}, 1.0 + i};
	for (int round = 0; round < ROUNDS; round++) {
		sum += multiply() * 1e-6;
		for (int i = 0; i < 12; i++)
			sum += attract();
		for (int i = 0; i < 40; i++)
			sum += (double)polynomial((float)(round % 16) * 0.06f + (float)i * 1e-3f);
		a[round % SIDE][0] = sum;
	}
	out.d = sum;
	return (uint32_t)(out.bits >> 32) ^ (uint32_t)out.bits;
}
