/* The virtual PLIC through its registers. */
#include <stdlib.h>

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/vplic.h"
#include "testbench/gtest/test.h"

static struct vm vm;
static unsigned wakes;

void *memory_page_alloc(void) { return calloc(1, PAGE_BYTES); }
void memory_page_free(void *page) { free(page); }
void vm_add_device(struct vm *of, const struct vm_device *device) { of->devices[of->device_count++] = *device; }
void vcpu_wake(struct vcpu *v) { (void)v, wakes++; }

static void fresh(void)
{
	memset(&vm, 0, sizeof vm);
	vm.vcpu_count = 2;
	for (uint32_t i = 0; i < 2; i++) {
		vm.vcpus[i].vm = &vm;
		vm.vcpus[i].index = i;
	}
	ASSERT_TRUE(vplic_create(&vm));
	wakes = 0;
}

static uint32_t get(uint64_t offset) { return (uint32_t)vm.devices[0].read(&vm, &vm.vcpus[0], offset, 4); }
static void set(uint64_t offset, uint32_t value) { vm.devices[0].write(&vm, &vm.vcpus[0], offset, 4, value); }

enum { ENABLE0 = 0x2000, ENABLE1 = 0x2080, THRESHOLD0 = 0x200000, CLAIM0 = 0x200004, CLAIM1 = 0x201004 };

TEST(hypervisor_vplic, claims_by_priority_and_number)
{
	fresh();
	set(4 * 3, 1);
	set(4 * 5, 2);
	set(4 * 9, 2);
	set(ENABLE0, 1u << 3 | 1u << 5 | 1u << 9);
	vplic_set(&vm, 3, true);
	vplic_set(&vm, 9, true);
	vplic_set(&vm, 5, true);
	EXPECT_TRUE(vplic_asserts(&vm.vcpus[0]));
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[1]));
	EXPECT_EQ(get(CLAIM0), 5);
	EXPECT_EQ(get(CLAIM0), 9);
	EXPECT_EQ(get(CLAIM0), 3);
	EXPECT_EQ(get(CLAIM0), 0);
	EXPECT_GT(wakes, 0);
	vplic_destroy(&vm);
}

/* The level is still up at completion: it must pend again. */
TEST(hypervisor_vplic, pends_again_while_the_line_is_high)
{
	fresh();
	set(4 * 10, 1);
	set(ENABLE1, 1u << 10);
	vplic_set(&vm, 10, true);
	EXPECT_EQ(get(CLAIM1), 10);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[1]));
	set(CLAIM1, 10);
	EXPECT_TRUE(vplic_asserts(&vm.vcpus[1]));
	EXPECT_EQ(get(CLAIM1), 10);
	vplic_set(&vm, 10, false);
	set(CLAIM1, 10);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[1]));
	vplic_destroy(&vm);
}

TEST(hypervisor_vplic, threshold_and_priority_zero_mask)
{
	fresh();
	set(ENABLE0, 1u << 4);
	vplic_set(&vm, 4, true);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[0]));
	set(4 * 4, 3);
	EXPECT_TRUE(vplic_asserts(&vm.vcpus[0]));
	set(THRESHOLD0, 3);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[0]));
	set(THRESHOLD0, 2);
	EXPECT_TRUE(vplic_asserts(&vm.vcpus[0]));
	vplic_destroy(&vm);
}

/* PLIC 1.0.0, interrupt claim process: a claim may poll behind the highest threshold; a source of priority 0 never interrupts. */
TEST(hypervisor_vplic, claims_whatever_the_threshold)
{
	fresh();
	set(ENABLE0, 1u << 4 | 1u << 6);
	set(4 * 4, 3);
	set(THRESHOLD0, 0xffffffff);
	EXPECT_EQ(get(THRESHOLD0), 7);
	vplic_set(&vm, 4, true);
	vplic_set(&vm, 6, true);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[0]));
	EXPECT_EQ(get(CLAIM0), 4);
	EXPECT_EQ(get(CLAIM0), 0);
	vplic_destroy(&vm);
}

/* PLIC 1.0.0, interrupt completion: one for a source that the context does not enable is ignored. */
TEST(hypervisor_vplic, ignores_completions_of_what_is_not_enabled)
{
	fresh();
	set(4 * 10, 1);
	set(ENABLE0, 1u << 10);
	vplic_set(&vm, 10, true);
	EXPECT_EQ(get(CLAIM0), 10);
	set(CLAIM1, 10);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[0]));
	set(ENABLE0, 0);
	set(CLAIM0, 10);
	set(ENABLE0, 1u << 10);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[0]));
	set(CLAIM0, 10);
	EXPECT_TRUE(vplic_asserts(&vm.vcpus[0]));
	vplic_destroy(&vm);
}

/* PLIC 1.0.0, interrupt gateways: a request that was passed on stays when the line falls. */
TEST(hypervisor_vplic, takes_no_request_back)
{
	fresh();
	set(4 * 10, 1);
	set(ENABLE0, 1u << 10);
	vplic_set(&vm, 10, true);
	vplic_set(&vm, 10, false);
	EXPECT_EQ(get(0x1000), 1u << 10);
	EXPECT_EQ(get(CLAIM0), 10);
	set(CLAIM0, 10);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[0]));
	vplic_destroy(&vm);
}

static void lower_10(struct vm *of) { vplic_set(of, 10, false); }

/* The line is looked at again before a completion takes effect, so a device that is quiet by then does not interrupt twice. */
TEST(hypervisor_vplic, follows_the_device_at_completion)
{
	fresh();
	vplic_watch(&vm, 10, NULL, lower_10);
	set(4 * 10, 1);
	set(ENABLE0, 1u << 10);
	vplic_set(&vm, 10, true);
	EXPECT_EQ(get(CLAIM0), 10);
	set(CLAIM0, 10);
	EXPECT_FALSE(vplic_asserts(&vm.vcpus[0]));
	vplic_destroy(&vm);
}

static unsigned told[2]; /* claims, completions */

static void count_claim(struct vm *of)
{
	(void)of;
	told[0]++;
}

static void count_completion(struct vm *of)
{
	(void)of;
	told[1]++;
}

/* Each source has a watcher of its own, who is told of nothing else. */
TEST(hypervisor_vplic, tells_each_sources_watcher)
{
	fresh();
	told[0] = told[1] = 0;
	vplic_watch(&vm, 12, count_claim, NULL);
	vplic_watch(&vm, 13, NULL, count_completion);
	set(ENABLE0, 1u << 11 | 1u << 12 | 1u << 13);
	for (unsigned source = 11; source <= 13; source++) {
		set(4 * source, 1);
		vplic_set(&vm, source, true);
		EXPECT_EQ(get(CLAIM0), source);
		EXPECT_EQ(told[0], source == 12);
		set(CLAIM0, source);
		EXPECT_EQ(told[1], source == 13);
		vplic_set(&vm, source, false);
		get(CLAIM0);
		set(CLAIM0, source);
		told[0] = told[1] = 0;
	}
	set(CLAIM0, 4096);
	EXPECT_EQ(told[0] + told[1], 0);
	vplic_destroy(&vm);
}

/* Whatever a guest does to its PLIC harms only itself: the sanitizer watches the page. */
TEST(hypervisor_vplic, survives_random_accesses)
{
	fresh();
	uint64_t state = test_seed() | 1;
	for (int i = 0; i < 200000; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		uint64_t offset = (state >> 40) % VPLIC_BYTES;
		unsigned width = 1u << (state >> 62);
		vm.devices[0].write(&vm, &vm.vcpus[0], offset & ~3ull, width, state >> 20);
		(void)vm.devices[0].read(&vm, &vm.vcpus[0], offset & ~3ull, width);
	}
	vplic_destroy(&vm);
}
