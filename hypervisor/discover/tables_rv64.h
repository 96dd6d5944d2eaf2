/* The RV64 disassembler: instructions become native ops through the conversion tables, native ops become micro-operations. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_TABLES_RV64_H
#define ASSAY_HYPERVISOR_DISCOVER_TABLES_RV64_H

#include "hypervisor/discover/disassembler.h"
#include "models/convert/convert.h"

/** Loads the tables that are linked in.
 * @param ops  filled in; uses @p tables, which must outlive it
 * @return 0; -1 if the tables are refused. */
int tables_rv64_open(struct convert_tables *tables, struct disassembler_ops *ops);

#endif
