/* Disassemblers over libcapstone. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_CAPSTONE_H
#define ASSAY_HYPERVISOR_DISCOVER_CAPSTONE_H

#include <capstone/capstone.h>

#include "hypervisor/discover/disassembler.h"
#include "hypervisor/discover/memory.h"

struct capstone {
	csh handle;
	cs_insn *insn;
};

extern const struct disassembler_ops capstone_x86_ops;
extern const struct disassembler_ops capstone_a64_ops;

/** Opens the disassembler for @p arch.
 * @param ops  filled in; uses @p c until capstone_close()
 * @return 0; -1 if libcapstone does not know the architecture or has no memory. */
int capstone_open(struct capstone *c, enum discover_arch arch, struct disassembler_ops *ops);

void capstone_close(struct capstone *c);

/** Text of one instruction, for struct disassembler_ops. */
void capstone_format(void *context, const uint8_t *code, size_t bytes, uint64_t address, char *out,
		     size_t out_bytes);

#endif
