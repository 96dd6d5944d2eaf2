#include "hypervisor/discover/capstone.h"

#include <stdio.h>

int capstone_open(struct capstone *c, enum discover_arch arch, struct disassembler_ops *ops)
{
	bool x86 = arch == DISCOVER_X86_64;

	if (arch == DISCOVER_RV64)
		return -1;
	if (cs_open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_LITTLE_ENDIAN, &c->handle))
		return -1;
	cs_option(c->handle, CS_OPT_DETAIL, CS_OPT_ON);
	c->insn = cs_malloc(c->handle);
	*ops = x86 ? capstone_x86_ops : capstone_a64_ops;
	ops->context = c;
	return c->insn ? 0 : -1;
}

void capstone_close(struct capstone *c)
{
	cs_free(c->insn, 1);
	cs_close(&c->handle);
}

void capstone_format(void *context, const uint8_t *code, size_t bytes, uint64_t address, char *out,
		     size_t out_bytes)
{
	struct capstone *c = context;

	if (cs_disasm_iter(c->handle, &code, &bytes, &address, c->insn))
		snprintf(out, out_bytes, "%s %s", c->insn->mnemonic, c->insn->op_str);
	else
		snprintf(out, out_bytes, "(undecodable)");
}
