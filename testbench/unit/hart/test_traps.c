/* Traps, delegation, interrupts, privileged instructions and PMP (privileged 1.12: 3.1, 3.7, 4.1, 8.2, 8.6). */
#include "models/hart/stream.h"
#include "testbench/unit/hart/fixture.h"

enum { EBREAK = 0x00100073, C_EBREAK = 0x9002, ILLEGAL_WORD = 0xffffffff, HFENCE_G = 0x62000073, HFENCE_V = 0x22000073, LI_A0_7 = 0x00700513,
	CSRR_A0 = 0x00002573 };

static uint32_t csrr_a0(unsigned number) { return CSRR_A0 | number << 20; }

static struct board *about_to(unsigned priv, bool virt, uint32_t insn)
{
	struct board *b = fixture_create(1);

	CODE_AT(b, CODE, insn, INSN_NOP);
	fixture_enter(b, priv, virt, CODE);
	return b;
}

TEST(traps, cause_and_value)
{
	static const struct {
		unsigned priv;
		bool virt;
		uint32_t insn;
		uint64_t cause, tval;
	} cases[] = {
		{HART_U, false, INSN_ECALL, CAUSE_ECALL_U, 0}, {HART_S, false, INSN_ECALL, CAUSE_ECALL_S, 0},
		{HART_S, true, INSN_ECALL, CAUSE_ECALL_VS, 0}, {HART_U, true, INSN_ECALL, CAUSE_ECALL_U, 0},
		{HART_M, false, INSN_ECALL, CAUSE_ECALL_M, 0}, {HART_M, false, EBREAK, CAUSE_BREAKPOINT, CODE},
		{HART_M, false, C_EBREAK, CAUSE_BREAKPOINT, CODE}, {HART_M, false, ILLEGAL_WORD, CAUSE_ILLEGAL, ILLEGAL_WORD},
		{HART_M, false, 0, CAUSE_ILLEGAL, 0}, {HART_U, false, INSN_MRET, CAUSE_ILLEGAL, INSN_MRET},
		{HART_U, false, INSN_SRET, CAUSE_ILLEGAL, INSN_SRET}, {HART_U, true, INSN_SRET, CAUSE_VIRTUAL, INSN_SRET},
		{HART_U, false, INSN_SFENCE, CAUSE_ILLEGAL, INSN_SFENCE}, {HART_U, true, INSN_SFENCE, CAUSE_VIRTUAL, INSN_SFENCE},
		{HART_S, true, HFENCE_G, CAUSE_VIRTUAL, HFENCE_G}, {HART_U, false, HFENCE_V, CAUSE_ILLEGAL, HFENCE_V},
		{HART_U, false, INSN_WFI, CAUSE_ILLEGAL, INSN_WFI}, {HART_U, true, INSN_WFI, CAUSE_VIRTUAL, INSN_WFI},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = about_to(cases[i].priv, cases[i].virt, cases[i].insn);
		const struct hart *h = fixture_hart(b, 0);

		fixture_run(b, 1);
		EXPECT_EQ(h->mcause, cases[i].cause);
		EXPECT_EQ(h->mtval, cases[i].tval);
		EXPECT_EQ(h->mepc, CODE);
		EXPECT_EQ(h->pc, HANDLER);
		EXPECT_EQ(pp_of(h->mstatus), cases[i].priv);
		EXPECT_EQ((h->mstatus & MSTATUS_MPV) != 0, cases[i].virt);
		board_destroy(b);
	}
}

/* A fetch that a front end could not make is a guest's address like any other. */
TEST(traps, guest_addresses_are_marked)
{
	for (unsigned virt = 0; virt < 2; virt++) {
		struct board *b = about_to(HART_S, virt, INSN_LD_A0_A1);

		hart_stream_fault(hart_core_of(b->domain, 0));
		EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_FETCH_ACCESS);
		EXPECT_EQ(fixture_hart(b, 0)->mtval, CODE);
		EXPECT_EQ((fixture_hart(b, 0)->mstatus & MSTATUS_GVA) != 0, virt);
		board_destroy(b);
	}
}

TEST(traps, csr_rights)
{
	static const struct {
		unsigned priv;
		bool virt;
		unsigned number;
		uint64_t cause;
	} cases[] = {
		{HART_M, false, CSR_MSTATUS, 0}, {HART_M, false, 0x7ff, CAUSE_ILLEGAL}, {HART_S, false, CSR_MSTATUS, CAUSE_ILLEGAL},
		{HART_S, false, CSR_SATP, 0}, {HART_U, false, CSR_SSTATUS, CAUSE_ILLEGAL}, {HART_S, false, CSR_HSTATUS, 0},
		{HART_S, false, CSR_VSSTATUS, 0}, {HART_U, false, CSR_HSTATUS, CAUSE_ILLEGAL}, {HART_S, true, CSR_HSTATUS, CAUSE_VIRTUAL},
		{HART_S, true, CSR_VSSTATUS, CAUSE_VIRTUAL}, {HART_S, true, CSR_SSTATUS, 0}, {HART_U, true, CSR_SSTATUS, CAUSE_VIRTUAL},
		{HART_U, true, CSR_HSTATUS, CAUSE_VIRTUAL}, {HART_S, true, CSR_MSTATUS, CAUSE_ILLEGAL}, {HART_S, false, CSR_TIME, CAUSE_ILLEGAL},
		{HART_S, true, 0x2ff, CAUSE_ILLEGAL}, {HART_S, true, CSR_HGEIP, CAUSE_VIRTUAL},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = about_to(cases[i].priv, cases[i].virt, csrr_a0(cases[i].number));

		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, cases[i].cause);
		if (cases[i].cause)
			EXPECT_EQ(fixture_hart(b, 0)->mtval, csrr_a0(cases[i].number));
		board_destroy(b);
	}
}

/* time in each mode: mcounteren, hcounteren, scounteren open it one after the other. */
TEST(traps, counter_rights)
{
	static const struct {
		unsigned priv;
		bool virt;
		unsigned m, h, s;
		uint64_t cause;
	} cases[] = {
		{HART_S, false, 0, 0, 0, CAUSE_ILLEGAL}, {HART_S, false, 2, 0, 0, 0}, {HART_U, false, 2, 0, 0, CAUSE_ILLEGAL},
		{HART_U, false, 2, 0, 2, 0}, {HART_S, true, 0, 2, 0, CAUSE_ILLEGAL}, {HART_S, true, 2, 0, 0, CAUSE_VIRTUAL},
		{HART_S, true, 2, 2, 0, 0}, {HART_U, true, 2, 2, 0, CAUSE_VIRTUAL}, {HART_U, true, 2, 2, 2, 0},
		{HART_U, true, 2, 0, 2, CAUSE_VIRTUAL},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = about_to(cases[i].priv, cases[i].virt, csrr_a0(CSR_TIME));
		struct hart *h = fixture_hart(b, 0);

		h->mcounteren = cases[i].m;
		h->hcounteren = cases[i].h;
		h->scounteren = cases[i].s;
		h->htimedelta = 1000;
		b->now = 700;
		fixture_run(b, 1);
		EXPECT_EQ(h->mcause, cases[i].cause);
		if (!cases[i].cause)
			EXPECT_EQ(h->x[A0], cases[i].virt ? 1007 : 7);
		board_destroy(b);
	}
}

TEST(traps, switches_of_the_levels_above)
{
	static const struct {
		bool virt;
		uint32_t insn;
		uint64_t mstatus, hstatus, cause;
	} cases[] = {
		{false, INSN_SRET, MSTATUS_TSR, 0, CAUSE_ILLEGAL}, {true, INSN_SRET, MSTATUS_TSR, 0, 0},
		{true, INSN_SRET, 0, HSTATUS_VTSR, CAUSE_VIRTUAL}, {false, INSN_SFENCE, MSTATUS_TVM, 0, CAUSE_ILLEGAL},
		{true, INSN_SFENCE, MSTATUS_TVM, 0, 0}, {true, INSN_SFENCE, 0, HSTATUS_VTVM, CAUSE_VIRTUAL},
		{false, INSN_WFI, MSTATUS_TW, 0, CAUSE_ILLEGAL}, {true, INSN_WFI, MSTATUS_TW, HSTATUS_VTW, CAUSE_ILLEGAL},
		{true, INSN_WFI, 0, HSTATUS_VTW, CAUSE_VIRTUAL}, {false, HFENCE_G, MSTATUS_TVM, 0, CAUSE_ILLEGAL},
		{false, HFENCE_V, MSTATUS_TVM, 0, 0}, {false, CSRR_A0 | CSR_SATP << 20, MSTATUS_TVM, 0, CAUSE_ILLEGAL},
		{true, CSRR_A0 | CSR_SATP << 20, 0, HSTATUS_VTVM, CAUSE_VIRTUAL}, {true, CSRR_A0 | CSR_SATP << 20, MSTATUS_TVM, 0, 0},
		{false, CSRR_A0 | (uint32_t)CSR_HGATP << 20, MSTATUS_TVM, 0, CAUSE_ILLEGAL},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = about_to(HART_S, cases[i].virt, cases[i].insn);

		fixture_hart(b, 0)->mstatus |= cases[i].mstatus;
		fixture_hart(b, 0)->hstatus |= cases[i].hstatus;
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, cases[i].cause);
		board_destroy(b);
	}
}

TEST(traps, delegation_to_hs_and_vs)
{
	struct board *b = about_to(HART_U, true, INSN_ECALL);
	struct hart *h = fixture_hart(b, 0);

	h->medeleg = BIT(CAUSE_ECALL_U);
	fixture_run(b, 1);
	EXPECT_EQ(h->pc, S_HANDLER);
	EXPECT_FALSE(h->virt);
	EXPECT_EQ(h->scause, CAUSE_ECALL_U);
	EXPECT_TRUE(h->hstatus & HSTATUS_SPV);
	EXPECT_FALSE(h->hstatus & HSTATUS_SPVP);
	h->hedeleg = BIT(CAUSE_ECALL_U);
	h->vsstatus = MSTATUS_SIE;
	fixture_enter(b, HART_U, true, CODE);
	fixture_run(b, 1);
	EXPECT_EQ(h->pc, VS_HANDLER);
	EXPECT_TRUE(h->virt);
	EXPECT_EQ(h->priv, HART_S);
	EXPECT_EQ(h->vscause, CAUSE_ECALL_U);
	EXPECT_EQ(h->vsstatus & (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP), MSTATUS_SPIE);
	board_destroy(b);
}

TEST(traps, sret_enters_the_guest)
{
	struct board *b = about_to(HART_S, false, INSN_SRET);
	struct hart *h = fixture_hart(b, 0);

	h->sepc = DATA;
	h->mstatus |= MSTATUS_SPP | MSTATUS_MPRV;
	h->hstatus |= HSTATUS_SPV;
	fixture_run(b, 1);
	EXPECT_EQ(h->pc, DATA);
	EXPECT_TRUE(h->virt);
	EXPECT_EQ(h->priv, HART_S);
	EXPECT_FALSE(h->hstatus & HSTATUS_SPV);
	EXPECT_FALSE(h->mstatus & (MSTATUS_MPRV | MSTATUS_SPP));
	board_destroy(b);
}

/* All interrupts pend; they come in the specified order as the handlers disable them one by one. */
TEST(interrupts, priority)
{
	static const uint8_t order[] = {HART_IRQ_MEI, HART_IRQ_MSI, HART_IRQ_MTI, HART_IRQ_SEI, HART_IRQ_SSI, HART_IRQ_STI, HART_IRQ_SGEI,
		HART_IRQ_VSEI, HART_IRQ_VSSI, HART_IRQ_VSTI};
	struct board *b = about_to(HART_U, false, INSN_NOP);
	struct hart *h = fixture_hart(b, 0);

	h->mideleg = 0;	/* not a value software can write with H, but it shows the whole order */
	h->mip_soft = IRQ_S;
	h->hvip = IRQ_VS;
	h->hgeie = 2;
	hart_set_hgeip(hart_core_of(b->domain, 0), 2);
	hart_set_irq_lines(hart_core_of(b->domain, 0), IRQ_M);
	h->mie = UINT64_MAX;
	for (unsigned i = 0; i < sizeof(order); i++) {
		fixture_enter(b, HART_U, false, CODE);
		fixture_run(b, 1);
		EXPECT_EQ(h->mcause, CAUSE_INTERRUPT | order[i]);
		EXPECT_EQ(h->mepc, CODE);
		h->mie &= ~BIT(order[i]);
	}
	board_destroy(b);
}

TEST(interrupts, guest_external_interrupt_reaches_the_guest_without_exit)
{
	struct board *b = about_to(HART_S, true, INSN_NOP);
	struct hart *h = fixture_hart(b, 0);

	h->mideleg |= IRQ_VS;
	h->hideleg = IRQ(VSEI);
	h->mie = IRQ(VSEI);
	h->hstatus |= UINT64_C(3) << HSTATUS_VGEIN_SHIFT;
	h->vsstatus = MSTATUS_SIE;
	h->vstvec = VS_HANDLER | 1;
	hart_set_hgeip(hart_core_of(b->domain, 0), BIT(2));
	fixture_run(b, 1);
	EXPECT_EQ(h->pc, CODE + 4);		/* another guest's line */
	hart_set_hgeip(hart_core_of(b->domain, 0), BIT(3));
	fixture_run(b, 1);
	EXPECT_EQ(h->vscause, CAUSE_INTERRUPT | HART_IRQ_SEI);
	EXPECT_EQ(h->pc, VS_HANDLER + 4 * HART_IRQ_SEI);
	EXPECT_TRUE(h->virt);
	EXPECT_EQ(h->vsepc, CODE + 4);
	board_destroy(b);
}

TEST(interrupts, taken_between_two_blocks_of_one_run)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	/* A store to the CLINT raises the software interrupt of the hart itself. */
	CODE_AT(b, CODE, 0x00a5a023 /* sw a0, 0(a1) */, LI_A0_7);
	h->x[A0] = 1;
	h->x[A1] = 0x2000000;
	h->mie = IRQ(MSI);
	h->mstatus |= MSTATUS_MIE;
	fixture_run(b, 2);
	EXPECT_EQ(h->mcause, CAUSE_INTERRUPT | HART_IRQ_MSI);
	EXPECT_EQ(h->mepc, CODE + 4);
	EXPECT_EQ(h->x[A0], 1);
	board_destroy(b);
}

TEST(interrupts, wfi_waits_for_enabled_lines_whatever_the_global_enable)
{
	for (unsigned timed = 0; timed < 2; timed++) {
		struct board *b = about_to(HART_M, false, INSN_WFI);
		struct hart_core *core = hart_core_of(b->domain, 0);
		struct hart *h = fixture_hart(b, 0);

		CODE_AT(b, CODE + 4, LI_A0_7);
		h->mie = IRQ(MTI);
		hart_state_changed(core);
		board_run(b, timed, 100, 10);
		EXPECT_TRUE(hart_is_waiting(core));
		hart_set_irq_lines(core, IRQ(MEI));
		EXPECT_TRUE(hart_is_waiting(core));
		hart_set_irq_lines(core, IRQ(MTI));
		EXPECT_FALSE(hart_is_waiting(core));
		hart_step(core);
		EXPECT_EQ(h->x[A0], 7);
		board_destroy(b);
	}
}

TEST(interrupts, sstc)
{
	struct board *b = board_create(&(struct board_options){.isa = HART_ISA_H | HART_ISA_SSTC});
	struct hart_core *core = hart_core_of(b->domain, 0);
	uint64_t mip;

	EXPECT_EQ(hart_csr_write(core, CSR_MENVCFG, ENVCFG_STCE | ENVCFG_ADUE), 0);
	EXPECT_EQ(hart_csr_write(core, CSR_STIMECMP, 50), 0);
	EXPECT_EQ(hart_timer_deadline(core), 50);
	hart_csr_read(core, CSR_MIP, &mip);
	EXPECT_FALSE(mip & IRQ(STI));
	b->now = 5000;
	hart_csr_read(core, CSR_MIP, &mip);
	EXPECT_TRUE(mip & IRQ(STI));
	EXPECT_EQ(hart_timer_deadline(core), 50);
	hart_timer_check(core);
	EXPECT_EQ(hart_timer_deadline(core), UINT64_MAX);
	board_destroy(b);
}

TEST(csr, legal_values_only)
{
	static const struct {
		unsigned number;
		uint64_t write, read;
	} cases[] = {
		{CSR_MISA, 0, 0x80000000001411ad | BIT('H' - 'A')}, {CSR_MTVEC, 0x80000002, 0x80000000 | (HANDLER & ~UINT64_C(0xffffffff))},
		{CSR_MEPC, 0x80000003, 0x80000002}, {CSR_MIDELEG, UINT64_MAX, 0x1666}, {CSR_MEDELEG, UINT64_MAX, 0xf0b7ff},
		{CSR_HEDELEG, UINT64_MAX, 0xcb1ff}, {CSR_HIDELEG, UINT64_MAX, 0x444}, {CSR_MIE, UINT64_MAX, 0x1eee},
		{CSR_SATP, UINT64_C(11) << 60, 0}, {CSR_SATP, UINT64_C(10) << 60, UINT64_C(10) << 60}, {CSR_SATP, UINT64_C(9) << 60, UINT64_C(9) << 60}, {CSR_HGATP, UINT64_MAX, UINT64_C(0x3fff) << 44 | 0xffffffffffc},
		{CSR_HGEIE, UINT64_MAX, 0x1fe}, {CSR_SCOUNTEREN, UINT64_MAX, UINT32_MAX}, {CSR_MCOUNTINHIBIT, UINT64_MAX, 5},
		{CSR_MSTATUS, UINT64_MAX, 0x800000ca007e79aa}, {CSR_SSTATUS, 0, 0x200000000}, {CSR_FCSR, UINT64_MAX, 0xff}, {CSR_FRM, 0x15, 5}, {CSR_HSTATUS, UINT64_MAX, 0x2007003c0},
		{CSR_MENVCFG, UINT64_MAX, ENVCFG_ADUE | ENVCFG_PBMTE | 0xf1}, {CSR_MENVCFG, 0x20, 0x30}, {CSR_SENVCFG, UINT64_MAX, 0xf1}, {CSR_TSELECT, 1, 0}, {CSR_HTVAL, 0x1234, 0x1234},
	};
	struct board *b = fixture_create(1);

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 0;

		EXPECT_EQ(hart_csr_write(hart_core_of(b->domain, 0), cases[i].number, cases[i].write), 0);
		EXPECT_EQ(hart_csr_read(hart_core_of(b->domain, 0), cases[i].number, &value), 0);
		if (value != cases[i].read)
			test_fail(__FILE__, __LINE__, "csr 0x%x reads 0x%llx", cases[i].number, (unsigned long long)value);
	}
	board_destroy(b);
}

TEST(csr, microcontroller_has_machine_mode_only)
{
	struct board *b = board_create(&(struct board_options){.isa = HART_ISA_M_ONLY});
	struct hart_core *core = hart_core_of(b->domain, 0);
	uint64_t value;

	EXPECT_EQ(hart_csr_read(core, CSR_SSTATUS, &value), -1);
	EXPECT_EQ(hart_csr_read(core, CSR_HSTATUS, &value), -1);
	EXPECT_EQ(hart_csr_read(core, CSR_MISA, &value), 0);
	EXPECT_EQ(value, 0x8000000000001105);
	EXPECT_EQ(hart_csr_write(core, CSR_MSTATUS, 0), 0);
	hart_csr_read(core, CSR_MSTATUS, &value);
	EXPECT_EQ(value, MSTATUS_MPP);
	board_destroy(b);
}
