/* Decoding and emulation of guests' accesses to devices. */
#include "hypervisor/core/exits.h"
#include "hypervisor/core/vm.h"
#include "testbench/gtest/test.h"

static struct vm vm;
static uint32_t at_pc;
static int fetch_result;
static uint64_t device_value, seen_offset, seen_value;
static unsigned seen_width;

int guest_fetch(uint64_t address, uint32_t *instruction);
int guest_fetch(uint64_t address, uint32_t *instruction)
{
	(void)address;
	*instruction = at_pc;
	return fetch_result;
}

static uint64_t read_device(struct vm *of, struct vcpu *v, uint64_t offset, unsigned width)
{
	(void)of, (void)v;
	seen_offset = offset;
	seen_width = width;
	return device_value;
}

static void write_device(struct vm *of, struct vcpu *v, uint64_t offset, unsigned width, uint64_t value)
{
	(void)of, (void)v;
	seen_offset = offset;
	seen_width = width;
	seen_value = value;
}

static struct vcpu *fresh(void)
{
	memset(&vm, 0, sizeof vm);
	vm.devices[0] = (struct vm_device){0x1000, 0x100, read_device, write_device};
	vm.device_count = 1;
	vm.vcpus[0].vm = &vm;
	vm.vcpus[0].pc = 0x80000000;
	fetch_result = 0;
	device_value = 0x8899aabbccddeeffull;
	for (unsigned i = 1; i < 32; i++)
		vm.vcpus[0].x[i] = 0x1111111111111111ull * (i % 16);
	return &vm.vcpus[0];
}

TEST(hypervisor_mmio, loads_extend_as_the_instruction_says)
{
	static const struct {
		const char *what;
		uint32_t instruction;
		unsigned destination, width, length;
		uint64_t value;
	} loads[] = {
		{"lb a0,0(a1)", 0x00058503, 10, 1, 4, 0xffffffffffffffffull},
		{"lbu a0,0(a1)", 0x0005c503, 10, 1, 4, 0xff},
		{"lh a0,0(a1)", 0x00059503, 10, 2, 4, 0xffffffffffffeeffull},
		{"lhu a0,0(a1)", 0x0005d503, 10, 2, 4, 0xeeff},
		{"lw a0,0(a1)", 0x0005a503, 10, 4, 4, 0xffffffffccddeeffull},
		{"lwu a0,0(a1)", 0x0005e503, 10, 4, 4, 0xccddeeff},
		{"ld a0,0(a1)", 0x0005b503, 10, 8, 4, 0x8899aabbccddeeffull},
		{"c.lw a0,0(a1)", 0x4188, 10, 4, 2, 0xffffffffccddeeffull},
		{"c.ld a0,0(a1)", 0x6188, 10, 8, 2, 0x8899aabbccddeeffull},
		{"c.lwsp t0,0(sp)", 0x4282, 5, 4, 2, 0xffffffffccddeeffull},
		{"c.ldsp t0,0(sp)", 0x6282, 5, 8, 2, 0x8899aabbccddeeffull},
	};
	for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
		struct vcpu *v = fresh();
		at_pc = loads[i].instruction;
		if (!mmio_emulate(v, 0x1010, 0) || v->x[loads[i].destination] != loads[i].value || seen_width != loads[i].width ||
		    seen_offset != 0x10 || v->pc != 0x80000000 + loads[i].length)
			test_fail(__FILE__, __LINE__, "%s: 0x%llx", loads[i].what, (unsigned long long)v->x[loads[i].destination]);
	}
}

TEST(hypervisor_mmio, stores_pass_the_register)
{
	static const struct {
		const char *what;
		uint32_t instruction;
		unsigned width, length;
		uint64_t value;
	} stores[] = {
		{"sb a2,0(a1)", 0x00c58023, 1, 4, 0xcc},
		{"sh a2,0(a1)", 0x00c59023, 2, 4, 0xcccc},
		{"sw a2,0(a1)", 0x00c5a023, 4, 4, 0xcccccccc},
		{"sd a2,0(a1)", 0x00c5b023, 8, 4, 0xccccccccccccccccull},
		{"c.sw a2,0(a1)", 0xc190, 4, 2, 0xcccccccc},
		{"c.sd a2,0(a1)", 0xe190, 8, 2, 0xccccccccccccccccull},
		{"c.swsp t0,0(sp)", 0xc016, 4, 2, 0x55555555},
		{"c.sdsp t0,0(sp)", 0xe016, 8, 2, 0x5555555555555555ull},
	};
	for (size_t i = 0; i < sizeof stores / sizeof stores[0]; i++) {
		struct vcpu *v = fresh();
		at_pc = stores[i].instruction;
		if (!mmio_emulate(v, 0x1008, 0) || seen_value != stores[i].value || seen_width != stores[i].width || v->pc != 0x80000000 + stores[i].length)
			test_fail(__FILE__, __LINE__, "%s: 0x%llx", stores[i].what, (unsigned long long)seen_value);
	}
}

/* htinst: bit 1 clear says that the original was compressed. */
TEST(hypervisor_mmio, takes_the_transformed_instruction)
{
	struct vcpu *v = fresh();
	fetch_result = -1;
	ASSERT_TRUE(mmio_emulate(v, 0x1000, 0x00058503 & ~2u));
	EXPECT_EQ(v->pc, 0x80000002);
	ASSERT_TRUE(mmio_emulate(v, 0x1000, 0x00058503));
	EXPECT_EQ(v->pc, 0x80000006);
}

TEST(hypervisor_mmio, refuses_the_rest)
{
	struct vcpu *v = fresh();
	at_pc = 0x0005b503;
	EXPECT_FALSE(mmio_emulate(v, 0x2000, 0));     /* no device */
	EXPECT_FALSE(mmio_emulate(v, 0x10fc, 0));     /* across its end */
	EXPECT_FALSE(mmio_emulate(v, 0x1001, 0));     /* misaligned */
	EXPECT_FALSE(mmio_emulate(v, 0x1000, 0x3000)); /* a page-table walk's own access */
	at_pc = 0x00b5b52f;			       /* amoadd.d */
	EXPECT_FALSE(mmio_emulate(v, 0x1000, 0));
	at_pc = 0x00000001; /* c.nop */
	EXPECT_FALSE(mmio_emulate(v, 0x1000, 0));
	fetch_result = -1;
	EXPECT_FALSE(mmio_emulate(v, 0x1000, 0));
	EXPECT_EQ(v->pc, 0x80000000);
}

TEST(hypervisor_mmio, never_writes_register_zero)
{
	struct vcpu *v = fresh();
	at_pc = 0x0005b003; /* ld zero,0(a1) */
	ASSERT_TRUE(mmio_emulate(v, 0x1000, 0));
	EXPECT_EQ(v->x[0], 0);
}
