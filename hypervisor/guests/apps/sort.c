/* Quicksort, heapsort, merge sort and insertion sort of random keys must agree. */
#include "hypervisor/guests/apps/app.h"

enum { KEYS = 4000 };

struct item {
	int32_t key;
	uint16_t tag;
	uint8_t flags;
};

static int64_t quick[KEYS], heap[KEYS], merged[KEYS], spare[KEYS];
static struct item items[400];

static void quicksort(int64_t *a, int lo, int hi)
{
	while (lo < hi) {
		int64_t pivot = a[(lo + hi) / 2];
		int i = lo, j = hi;

		while (i <= j) {
			while (a[i] < pivot)
				i++;
			while (a[j] > pivot)
				j--;
			if (i <= j) {
				int64_t t = a[i];

				a[i++] = a[j];
				a[j--] = t;
			}
		}
		quicksort(a, lo, j);
		lo = i;
	}
}

static void sift(int64_t *a, unsigned from, unsigned n)
{
	int64_t v = a[from];

	for (unsigned child; (child = 2 * from + 1) < n; from = child) {
		if (child + 1 < n && a[child + 1] > a[child])
			child++;
		if (v >= a[child])
			break;
		a[from] = a[child];
	}
	a[from] = v;
}

static void heapsort(int64_t *a, unsigned n)
{
	for (unsigned i = n / 2; i--;)
		sift(a, i, n);
	while (n > 1) {
		int64_t t = a[0];

		a[0] = a[--n];
		a[n] = t;
		sift(a, 0, n);
	}
}

static void mergesort(int64_t *a, unsigned n)
{
	for (unsigned width = 1; width < n; width *= 2) {
		for (unsigned lo = 0; lo < n; lo += 2 * width) {
			unsigned mid = lo + width < n ? lo + width : n, hi = lo + 2 * width < n ? lo + 2 * width : n, i = lo, j = mid;

			for (unsigned k = lo; k < hi; k++)
				spare[k] = i < mid && (j >= hi || a[i] <= a[j]) ? a[i++] : a[j++];
		}
		for (unsigned i = 0; i < n; i++)
			a[i] = spare[i];
	}
}

static uint64_t sort_items(uint64_t *random)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < 400; i++)
		items[i] = (struct item){(int32_t)next_random(random), (uint16_t)next_random(random), (uint8_t)i};
	for (unsigned i = 1; i < 400; i++) {
		struct item x = items[i];
		unsigned j = i;

		for (; j && (items[j - 1].key > x.key || (items[j - 1].key == x.key && items[j - 1].tag > x.tag)); j--)
			items[j] = items[j - 1];
		items[j] = x;
	}
	for (unsigned i = 0; i < 400; i++)
		sum = sum * 31 + (uint64_t)(int64_t)items[i].key + items[i].tag * 7u + items[i].flags;
	return sum;
}

int app_main(void)
{
	uint64_t random = 88172645463325252, sum = 0;
	unsigned different = 0;

	for (unsigned i = 0; i < KEYS; i++)
		quick[i] = heap[i] = merged[i] = (int64_t)next_random(&random) >> (i % 48);
	quicksort(quick, 0, KEYS - 1);
	heapsort(heap, KEYS);
	mergesort(merged, KEYS);
	for (unsigned i = 0; i < KEYS; i++) {
		different += quick[i] != heap[i] || quick[i] != merged[i] || (i && quick[i] < quick[i - 1]);
		sum = sum * 1099511628211u ^ (uint64_t)quick[i];
	}
	put_result("sorted", sum);
	put_result("items", sort_items(&random));
	put_result("different", different);
	return different != 0;
}
