#include "sim/gdb/registers.h"

#include <stdio.h>
#include <string.h>

static const char *const x_names[] = {
	"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
	"a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

static const char *const f_names[] = {
	"ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
	"fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

/* Privileged 1.12, chapter 2. */
static const struct {
	const char *name;
	uint16_t number;
} csrs[] = {
	{"fflags", 0x001}, {"frm", 0x002}, {"fcsr", 0x003}, {"sstatus", 0x100}, {"sie", 0x104}, {"stvec", 0x105}, {"scounteren", 0x106}, {"senvcfg", 0x10a},
	{"sscratch", 0x140}, {"sepc", 0x141}, {"scause", 0x142}, {"stval", 0x143}, {"sip", 0x144}, {"stimecmp", 0x14d}, {"satp", 0x180},
	{"vsstatus", 0x200}, {"vsie", 0x204}, {"vstvec", 0x205}, {"vsscratch", 0x240}, {"vsepc", 0x241}, {"vscause", 0x242}, {"vstval", 0x243},
	{"vsip", 0x244}, {"vstimecmp", 0x24d}, {"vsatp", 0x280}, {"mstatus", 0x300}, {"misa", 0x301}, {"medeleg", 0x302}, {"mideleg", 0x303}, {"mie", 0x304},
	{"mtvec", 0x305}, {"mcounteren", 0x306}, {"menvcfg", 0x30a}, {"mscratch", 0x340}, {"mepc", 0x341}, {"mcause", 0x342}, {"mtval", 0x343},
	{"mip", 0x344}, {"mtinst", 0x34a}, {"mtval2", 0x34b}, {"hstatus", 0x600}, {"hedeleg", 0x602}, {"hideleg", 0x603}, {"hie", 0x604},
	{"htimedelta", 0x605}, {"hcounteren", 0x606}, {"hgeie", 0x607}, {"henvcfg", 0x60a}, {"htval", 0x643}, {"hip", 0x644}, {"hvip", 0x645},
	{"htinst", 0x64a}, {"hgatp", 0x680}, {"hgeip", 0xe12}, {"mcycle", 0xb00}, {"minstret", 0xb02}, {"mhartid", 0xf14},
};

int gdb_register_read(struct hart_core *core, unsigned number, uint64_t *value)
{
	const struct hart *hart = hart_state(core);

	if (number < GDB_REG_PC)
		*value = hart->x[number];
	else if (number == GDB_REG_PC)
		*value = hart->pc;
	else if (number < GDB_REG_CSR0)
		*value = hart->x[HART_F0 + number - GDB_REG_F0];
	else if (number == GDB_REG_PRIV)
		*value = hart->priv | (uint64_t)hart->virt << 2;
	else
		return number < GDB_REG_PRIV ? hart_csr_read(core, number - GDB_REG_CSR0, value) : -1;
	return 0;
}

int gdb_register_write(struct hart_core *core, unsigned number, uint64_t value)
{
	struct hart *hart = hart_state(core);

	if (number == GDB_REG_PRIV)
		return -1;
	if (number >= GDB_REG_CSR0)
		return number < GDB_REG_PRIV ? hart_csr_write(core, number - GDB_REG_CSR0, value) : -1;
	if (number >= GDB_REG_F0)
		hart->x[HART_F0 + number - GDB_REG_F0] = value;
	else if (number == GDB_REG_PC)
		hart->pc = value;
	else if (number > 0)
		hart->x[number] = value;
	hart_state_changed(core);
	return 0;
}

static int put_register(char *text, size_t room, const char *name, const char *type, unsigned number)
{
	return snprintf(text, room, "<reg name=\"%s\" bitsize=\"64\" type=\"%s\" regnum=\"%u\"/>", name, type, number);
}

static char *description_end(char *at, const char *end, const char *text)
{
	return at + snprintf(at, (size_t)(end - at), "%s", text);
}

const char *gdb_target_description(void)
{
	static char text[16384];
	char *at = text, *const end = text + sizeof text;

	if (text[0])
		return text;
	at = description_end(at, end, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
		"<architecture>riscv:rv64</architecture><feature name=\"org.gnu.gdb.riscv.cpu\">");
	for (unsigned i = 0; i < 32; i++)
		at += put_register(at, (size_t)(end - at), x_names[i], "int", i);
	at += put_register(at, (size_t)(end - at), "pc", "code_ptr", GDB_REG_PC);
	at = description_end(at, end, "</feature><feature name=\"org.gnu.gdb.riscv.fpu\">");
	for (unsigned i = 0; i < 32; i++)
		at += put_register(at, (size_t)(end - at), f_names[i], "ieee_double", GDB_REG_F0 + i);
	for (unsigned i = 0; i < 3; i++)
		at += put_register(at, (size_t)(end - at), csrs[i].name, "int", GDB_REG_CSR0 + csrs[i].number);
	at = description_end(at, end, "</feature><feature name=\"org.gnu.gdb.riscv.csr\">");
	for (size_t i = 3; i < sizeof csrs / sizeof csrs[0]; i++)
		at += put_register(at, (size_t)(end - at), csrs[i].name, "int", GDB_REG_CSR0 + csrs[i].number);
	at = description_end(at, end, "</feature><feature name=\"org.gnu.gdb.riscv.virtual\">");
	at += put_register(at, (size_t)(end - at), "priv", "int", GDB_REG_PRIV);
	description_end(at, end, "</feature></target>");
	return text;
}
