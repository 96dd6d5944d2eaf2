/* Privileged programs: every slot sets up a mode and CSRs in M-mode, enters it, does one thing there and traps back.
 *
 * Address spaces: the code is mapped one to one for supervisors, and DIFF_USER_ALIAS higher for users; the window at DIFF_WINDOW
 * holds pages with random rights, misaligned superpages and malformed entries. In two-stage programs both stages are random. */
#include "testbench/unit/hart/diff/program.h"

enum {
	PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_A = 64, PTE_D = 128, PTE_ALL = 0xcf, PAGE = 4096,
	MSTATUS = 0x300, MEDELEG = 0x302, MIDELEG = 0x303, MIE = 0x304, MIP = 0x344, MEPC = 0x341, SEPC = 0x141, SATP = 0x180,
	HSTATUS = 0x600, HEDELEG = 0x602, HIDELEG = 0x603, HVIP = 0x645, HTINST = 0x64a, HGATP = 0x680, VSSTATUS = 0x200, VSATP = 0x280, VSEPC = 0x241,
	CSRRW = 1, CSRRS = 2, X0 = 0, T0 = 5, T1 = 6, T2 = 7, T3 = 28, ECALL = 0x73, MRET = 0x30200073, SRET = 0x10200073, HFENCE_VVMA = 0x22000073, HFENCE_GVMA = 0x62000073,
	MODE_U = 0, MODE_S = 1, MODE_M = 3, SPP = 0x100, SUM = 0x40000, MXR = 0x80000,
};

#define PTE_N (UINT64_C(1) << 63)

/* Where the tables are. */
struct spaces {
	uint64_t s_root, vs_root, g_root;
};

/* What a slot enters. */
struct mode {
	unsigned priv;
	bool virt, mprv;
};

static uint64_t new_table(struct program *p, unsigned pages)
{
	uint64_t at = p->tables_used;

	p->tables_used += (uint64_t)pages * PAGE;
	return at;
}

static uint64_t leaf(uint64_t address, uint64_t flags) { return address >> 12 << 10 | flags; }

/* Mostly sensible rights, sometimes anything, sometimes reserved bits. */
static uint64_t random_flags(struct program *p, bool second_stage)
{
	static const uint8_t rights[] = {PTE_R, PTE_R | PTE_W, PTE_R | PTE_X, PTE_X, PTE_R | PTE_W | PTE_X};
	uint64_t flags = PTE_V | rights[program_below(p, 5)];

	flags |= program_below(p, 4) ? PTE_A : 0u;
	flags |= program_below(p, 4) ? PTE_D : 0u;
	flags |= program_below(p, second_stage ? 8 : 2) ? PTE_U : 0u;
	if (program_below(p, 8) == 0)
		flags = program_below(p, 256);
	if (program_below(p, 24) == 0)
		flags |= UINT64_C(1) << (54 + program_below(p, 10));
	return flags;
}

/* A page of Svnapot as it should be: QEMU 7.2 without Svnapot refuses it, and with Svnapot it takes reserved ones. */
static uint64_t page(uint64_t address, uint64_t flags)
{
	bool is_napot = flags & PTE_N && (address >> 12 & 15) == 8;
	return leaf(address, is_napot ? flags & ~PTE_N : flags);
}

/* Fills the window's part of a tree: 4 KiB pages, superpages (some misaligned), garbage. BASE: where its page 0 leads. */
static void fill_window(struct program *p, uint64_t root, uint64_t base, bool second_stage)
{
	uint64_t middle = new_table(p, 1), last = new_table(p, 1), flags, place;

	program_put64(p, root + 8 * (DIFF_WINDOW >> 30), leaf(middle, PTE_V));
	program_put64(p, middle, leaf(last, PTE_V));
	for (unsigned i = 0; i < DIFF_PAGE_COUNT; i++)
		program_put64(p, last + 8 * i, page(base + (uint64_t)PAGE * i, random_flags(p, second_stage)));
	for (unsigned i = 1; i < 8; i++)
		program_put64(p, middle + 8 * i, leaf(DIFF_SUPERPAGE + (i & 1 ? 0u : 0x1000u), random_flags(p, second_stage)));
	program_put64(p, middle + 8 * 8, leaf(last, PTE_V | (1u << program_below(p, 8))));
	flags = random_flags(p, second_stage);
	place = program_below(p, 16);
	/* Not the peer's PCI window, nor the run-time support, which a store would ruin. */
	if (place == 4 || place == 8)
		place = 12;
	program_put64(p, root + 8 * (DIFF_WINDOW >> 30) + 8, leaf(0x10000000 * place, flags));
}

static void identity(struct program *p, uint64_t root)
{
	program_put64(p, root + 8 * 2, leaf(DIFF_BASE, PTE_ALL));
	program_put64(p, root + 8 * 3, leaf(DIFF_BASE, PTE_ALL | PTE_U));
}

static struct spaces build_spaces(struct program *p, bool hypervisor)
{
	struct spaces s = {0};

	if (hypervisor) {
		s.g_root = new_table(p, 4);
		program_put64(p, s.g_root + 8 * 2, leaf(DIFF_BASE, PTE_ALL | PTE_U));
		fill_window(p, s.g_root, DIFF_PAGES, true);
		s.vs_root = new_table(p, 1);
		identity(p, s.vs_root);
		fill_window(p, s.vs_root, DIFF_WINDOW, false);
	}
	s.s_root = new_table(p, 1);
	identity(p, s.s_root);
	fill_window(p, s.s_root, DIFF_PAGES, false);
	return s;
}

/* --- pieces of a slot ----------------------------------------------------------------------------------------- */

static void write_csr(struct program *p, unsigned csr, uint64_t value)
{
	program_li(p, T0, value);
	program_put32(p, encode_csr(CSRRW, csr, X0, T0));
}

/* An atp register: MODE << 60 takes too many instructions as a constant. */
static void write_atp(struct program *p, unsigned csr, uint64_t root, unsigned mode)
{
	program_li(p, T0, mode);
	program_put32(p, encode_i(0x13, 1, T0, T0, 60));
	program_li(p, T1, mode ? root >> 12 : 0);
	program_put32(p, encode_r(0x33, 6, 0, T0, T0, T1));
	program_put32(p, encode_csr(CSRRW, csr, X0, T0));
}

static struct mode random_mode(struct program *p, bool hypervisor)
{
	static const uint8_t priv[] = {MODE_U, MODE_S, MODE_S, MODE_M};
	struct mode m = {.priv = priv[program_below(p, 4)]};

	if (m.priv == MODE_M)
		m.mprv = program_below(p, 2);
	else
		m.virt = hypervisor && program_below(p, 3);
	return m;
}

static void set_bit(struct program *p, unsigned csr, unsigned bit)
{
	program_put32(p, encode_i(0x13, 0, T3, X0, 1));
	program_put32(p, encode_i(0x13, 1, T3, T3, (int)bit));
	program_put32(p, encode_csr(CSRRS, csr, X0, T3));
}

/* Enters the mode at the instruction that follows. STATUS: further bits of mstatus. */
static void enter(struct program *p, struct mode m, unsigned status)
{
	unsigned pp = m.mprv ? program_below(p, 2) : m.priv;
	bool by_sret = m.virt && p->enter_by_sret;
	uint64_t here;

	if (by_sret)
		status &= ~(unsigned)SPP;
	program_li(p, T0, status | pp << (by_sret ? 8 : 11) | (m.mprv ? 1u << 17 : 0));
	program_put32(p, encode_csr(CSRRW, MSTATUS, X0, T0));
	if (m.virt)
		set_bit(p, by_sret ? HSTATUS : MSTATUS, by_sret ? 7 : 39);
	if (m.priv == MODE_M)
		return;
	here = p->slot_end - DIFF_SLOT_BYTES;
	if (m.priv == MODE_U)
		program_put32(p, DIFF_USER_ALIAS | T3 << 7 | 0x37);
	program_put32(p, encode_i(0x13, 0, T0, REG_RESUME, (int)(p->at - here) + (m.priv == MODE_U ? 16 : 12)));
	if (m.priv == MODE_U)
		program_put32(p, encode_r(0x33, 0, 0, T0, T0, T3));
	program_put32(p, encode_csr(CSRRW, by_sret ? SEPC : MEPC, X0, T0));
	program_put32(p, by_sret ? SRET : MRET);
}

/* JUMP: only where the pages hold an ecall. */
static void random_address(struct program *p, bool jump)
{
	uint64_t page = program_below(p, DIFF_PAGE_COUNT), offset = program_below(p, PAGE) & ~7u;

	if (program_below(p, 8) == 0)
		offset = program_below(p, PAGE);
	if (jump)
		offset &= ~(uint64_t)63;
	if (program_below(p, 16) == 0)
		page = program_below(p, 16) << 9;
	if (program_below(p, 32) == 0)
		page = 0x40000;	/* the gigapage after the window's: a random one */
	program_li(p, REG_ADDRESS, DIFF_WINDOW + page * PAGE + offset);
}

/* One access at REG_ADDRESS; ATOMIC: read-modify-writes. */
static void random_access(struct program *p, bool atomic)
{
	static const uint8_t loads[] = {0, 1, 2, 3, 4, 5, 6};
	/* No SC: one that fails may fault or not. */
	static const uint8_t atomics[] = {0x00, 0x04, 0x08, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70};
	unsigned wide = 2 + program_below(p, 2);

	switch (atomic ? 6 : program_below(p, 7)) {
	case 0: case 1: case 2:
		program_put32(p, encode_i(0x03, loads[program_below(p, 7)], T2, REG_ADDRESS, 0));
		break;
	case 3: case 4: case 5:
		program_put32(p, encode_s(program_below(p, 4), REG_ADDRESS, T2, 0));
		break;
	case 6:
		if (!atomic) {
			program_put32(p, encode_r(0x2f, wide, 0x08, T2, REG_ADDRESS, 0));
			break;
		}
		program_put32(p, encode_r(0x2f, wide, atomics[program_below(p, 9)], T2, REG_ADDRESS, T1));
		break;
	}
}

static void guest_access(struct program *p)
{
	/* Not HLVX: the peer asks for read permission too. */
	static const uint8_t load7[] = {0x30, 0x30, 0x32, 0x32, 0x34, 0x34, 0x36}, sel[] = {0, 1, 0, 1, 0, 1, 0};
	unsigned k = program_below(p, 11);

	if (k < 7)
		program_put32(p, encode_r(0x73, 4, load7[k], T2, REG_ADDRESS, sel[k]));
	else
		program_put32(p, encode_r(0x73, 4, 0x31 + 2 * (k - 7), 0, REG_ADDRESS, T2));
}

static void spaces_on(struct program *p, const struct spaces *s, bool hypervisor, struct mode m)
{
	if (hypervisor && (m.virt || program_below(p, 2)))
		write_atp(p, VSATP, s->vs_root, program_below(p, 6) ? 8 : 0);
	if (!m.virt)
		write_atp(p, SATP, s->s_root, program_below(p, 6) ? 8 : 0);
	if (hypervisor) {
		program_put32(p, HFENCE_VVMA);
		program_put32(p, HFENCE_GVMA);
	}
}

/* SUM, MXR, SPP, SPIE, TVM, TW, TSR in any combination. */
static unsigned random_status(struct program *p) { return (unsigned)program_random(p) & 0x7c0120u; }

static unsigned random_delegation(struct program *p) { return program_below(p, 2) ? 0 : (unsigned)program_random(p) & 0xf0b1ffu; }

/* --- slots ----------------------------------------------------------------------------------------------------- */

static void slot_access(struct program *p, const struct spaces *s, bool hypervisor)
{
	struct mode m = random_mode(p, hypervisor);
	unsigned status = random_status(p);
	/* In two-stage programs the peer leaves D alone when an atomic faults at the second stage: none there. */
	bool atomic = !hypervisor && program_below(p, 8) == 0, guest = hypervisor && !atomic && program_below(p, 4) == 0;
	bool jump = !guest && !atomic && m.priv != MODE_M && program_below(p, 8) == 0;

	/* The peer reports other causes for atomics, HLV and HSV, so theirs are not delegated by cause. */
	if (!atomic && !guest && program_below(p, 2))
		write_csr(p, MEDELEG, random_delegation(p));
	/* Not the fetch faults: the guest's handler may itself be out of reach. */
	if (m.virt && program_below(p, 2))
		write_csr(p, HEDELEG, (unsigned)program_random(p) & 0xa1fcu);
	spaces_on(p, s, hypervisor, m);
	random_address(p, jump);
	/* The peer ignores MXR at the second stage, and takes SUM of HLV and HSV from mstatus. */
	if (hypervisor) {
		status &= ~(unsigned)MXR;
		write_csr(p, VSSTATUS, status & SUM);
		/* With SPVP it also forgets to check U and SUM. */
		if (guest)
			write_csr(p, HSTATUS, program_below(p, 2) << 9);
	}
	enter(p, m, status);
	if (jump)
		program_put32(p, encode_i(0x67, 0, 1, REG_ADDRESS, 0));
	else if (guest)
		guest_access(p);
	else
		random_access(p, atomic);
	program_put32(p, ECALL);
}

/* A value both machines treat alike: no floating-point or vector state, counter enables of 32 bits. */
static uint64_t csr_value(struct program *p, unsigned csr)
{
	uint64_t value = program_value(p);

	/* vsstatus.MXR stays 0: the peer applies it to the second stage too. */
	if (csr == 0x100 || csr == VSSTATUS)
		value &= 0x40122;
	if (csr == HSTATUS)
		value &= 0x7003c0;
	if (csr == MSTATUS)
		value &= p->enter_by_sret ? 0x7e19aa : UINT64_C(0xc0007e19aa);
	if (csr == 0x106 || csr == 0x306 || csr == 0x606)
		value &= UINT32_MAX;
	/* An ecall that supervisors take themselves would never end. */
	if (csr == MEDELEG)
		value &= ~UINT64_C(0x600);
	if (csr == SATP || csr == VSATP)
		value &= UINT64_C(0x8fffffffffffffff);	/* not the modes that only the peer has */
	/* A guest's interrupt bits where the guest does not see them: the peer takes them all the same. */
	if (csr == 0x104 || csr == 0x144 || csr == 0x204 || csr == 0x244)
		value &= ~UINT64_C(0x444);
	if (csr == MIP)
		value &= 0x222;
	/* Interrupts from 13 on and exception 18, software check, may be there or not. */
	if (csr == MIDELEG || csr == HIDELEG || csr == HVIP)
		value &= 0x1fff;
	if (csr == MEDELEG)
		value &= ~UINT64_C(0x40000);
	if (csr == SEPC || csr == MEPC || csr == VSEPC)
		value &= ~UINT64_C(1);
	return value;
}

/* The newer peer keeps what its last trap left in htinst, and in mstatus.GVA; the record shows what was written. */
static bool comparable(const struct program *p, unsigned csr)
{
	return !p->enter_by_sret || (csr != HTINST && csr != MSTATUS);
}

static void slot_csr(struct program *p, bool hypervisor)
{
	/* Not: tvec (the handlers), tval-like registers that only differ by width, counters, PMP, mip and mie (interrupts). */
	static const uint16_t base[] = {0x100, 0x104, 0x140, 0x141, 0x142, 0x143, 0x144, 0x106, 0x180, 0x300, 0x302, 0x303, 0x304, 0x306,
		0x340, 0x341, 0x342, 0x343, 0x344, 0xf14, 0xc00, 0xc01, 0xc02, 0x3a1, 0x105, 0x7c0, 0x001, 0x015, 0xb00, 0x320};
	static const uint16_t hyper[] = {0x200, 0x204, 0x240, 0x241, 0x242, 0x243, 0x244, 0x280, 0x600, 0x602, 0x603, 0x604, 0x605, 0x606,
		0x643, 0x644, 0x645, 0x64a, 0x34a, 0x34b, 0x680};
	struct mode m = random_mode(p, hypervisor);
	bool h = hypervisor && program_below(p, 2), atp;
	unsigned csr = h ? hyper[program_below(p, sizeof(hyper) / 2)] : base[program_below(p, sizeof(base) / 2)];
	unsigned function = program_below(p, 6);

	m.mprv = false;
	/* Reading time or cycles gives different numbers on each machine; only the right to do so is compared. */
	function = function < 3 || csr == VSSTATUS || csr == HSTATUS || csr == MSTATUS ? function % 3 + 1 : function + 2;
	if (csr == SATP)
		m.virt = false;	/* the peer has no VTVM there */
	/* A wild translation must not lose the supervisor's handler; the second stage stays. */
	atp = csr == SATP || csr == VSATP;
	if (!atp && program_below(p, 3) == 0)
		write_csr(p, MEDELEG, random_delegation(p));
	program_li(p, T1, csr_value(p, csr));
	/* TVM is not a guest's business, and it is hgatp's; the peer sees both otherwise. */
	enter(p, m, random_status(p) & ~(m.virt || csr == HGATP ? 0x100022u : 0x22u));
	if (csr >= 0xc00 && csr <= 0xc02)
		program_put32(p, encode_csr(CSRRS, csr, X0, X0));
	else if (csr == HGATP || csr == 0x105 || csr == 0xb00 || csr == 0x320)
		program_put32(p, encode_csr(CSRRS, csr, csr == 0x105 || csr == HGATP ? T2 : X0, X0));
	else
		program_put32(p, encode_csr(function, csr, comparable(p, csr) ? T2 : X0, program_below(p, 4) ? T1 : X0));
	if (csr == 0x344 || csr == 0x144 || csr == 0x244 || csr == 0x644 || csr == 0x645)
		program_put32(p, encode_i(0x13, 7, T2, T2, 0x766));	/* not the machine timer */
	program_put32(p, ECALL);
}

static void slot_interrupt(struct program *p, bool hypervisor)
{
	struct mode m = random_mode(p, hypervisor);
	/* One interrupt alone: with several the peer takes them in the order of their numbers. */
	unsigned one = program_below(p, hypervisor ? 6 : 3), pending = 2u << (4 * (one % 3)) << (one / 3);

	m.mprv = false;
	write_csr(p, MIDELEG, (unsigned)program_random(p) & 0x222u);
	write_csr(p, MIP, pending & 0x222u);
	if (hypervisor) {
		write_csr(p, HIDELEG, (unsigned)program_random(p) & 0x444u);
		write_csr(p, HVIP, pending & 0x444u);
	}
	program_li(p, T2, (unsigned)program_random(p) & 0x666u);
	program_put32(p, encode_csr(CSRRW, MIE, X0, T2));
	enter(p, m, (unsigned)program_random(p) & 0xa2u);
	program_put32(p, encode_i(0x13, 0, T2, T2, 1));
	program_put32(p, ECALL);
}

static void slot_system(struct program *p, bool hypervisor)
{
	static const uint32_t insn[] = {SRET, MRET, 0x12000073, 0x12028073, 0x22000073, 0x62000073, 0x00100073, 0x9002};
	unsigned k = program_below(p, hypervisor ? 8 : 4);
	struct mode m = random_mode(p, hypervisor);
	uint64_t back;

	m.mprv = false;
	if (hypervisor)
		write_csr(p, HSTATUS, (unsigned)program_random(p) & 0x700380u);
	if (program_below(p, 3) == 0)
		write_csr(p, MEDELEG, random_delegation(p));
	/* Where a return leads: the ecall at the slot's end. */
	back = p->slot_end - 4 - (p->slot_end - DIFF_SLOT_BYTES);
	program_put32(p, encode_i(0x13, 0, T2, REG_RESUME, (int)back));
	program_put32(p, encode_csr(CSRRW, SEPC, X0, T2));
	if (hypervisor)
		program_put32(p, encode_csr(CSRRW, VSEPC, X0, T2));
	if (m.priv == MODE_M)
		program_put32(p, encode_csr(CSRRW, MEPC, X0, T2));
	/* TVM and TSR are not a guest's business; the peer thinks they are. */
	enter(p, m, random_status(p) & (m.virt ? ~0x500000u : ~0u));
	if (insn[k] >> 16)
		program_put32(p, insn[k]);
	else
		program_put16(p, (uint16_t)insn[k]);
	while (program_slot_room(p) > 4)
		program_put16(p, 1);
	program_put32(p, ECALL);
}

void generate_privileged(struct program *p, bool hypervisor, unsigned slots)
{
	struct spaces s = build_spaces(p, hypervisor);

	program_put64(p, DIFF_PARAMETERS + DIFF_PARAMETER_LOG_H, hypervisor);
	program_put64(p, DIFF_PARAMETERS + DIFF_PARAMETER_SUMS, 1);
	for (unsigned i = 0; i < DIFF_PAGE_COUNT * PAGE; i += 8)
		program_put64(p, DIFF_PAGES + i, i % 64 ? program_value(p) : ECALL * UINT64_C(0x100000001));
	for (unsigned i = 0; i < slots; i++) {
		program_slot_begin(p);
		if (hypervisor && i == 0)
{
			write_atp(p, HGATP, s.g_root, 8);
			write_csr(p, VSSTATUS, 0);
		} else if (program_below(p, 2))
			slot_access(p, &s, hypervisor);
		else if (program_below(p, 2))
			slot_csr(p, hypervisor);
		else if (program_below(p, 2))
			slot_interrupt(p, hypervisor);
		else
			slot_system(p, hypervisor);
		program_slot_end(p);
	}
	program_finish(p);
}
