/* One file under discovery: everything that the command line opens, runs and closes together. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_SESSION_H
#define ASSAY_HYPERVISOR_DISCOVER_SESSION_H

#include "hypervisor/discover/capstone.h"
#include "hypervisor/discover/discover.h"
#include "hypervisor/discover/dump.h"
#include "hypervisor/discover/image.h"
#include "hypervisor/discover/tables_rv64.h"

extern const char discover_builtin_rules[];

struct session {
	uint8_t *file;
	size_t file_bytes;
	bool mapped;
	struct image image;
	struct dump dump;
	struct discover_memory memory;
	struct disassembler_ops ops;
	struct capstone capstone;
	struct convert_tables tables;
	bool has_capstone;
	struct rules rules;
	struct discover_arena arena, rule_arena;
	struct discover discover;
};

/** Opens @p path (a kernel file or a dump), runs discovery with @p rules_text.
 * @param why  a reason on failure
 * @return 0; 1 if the file is readable but holds no recognisable kernel; 2 if it or the rules are bad. In each
 *         case session_close() must follow. */
int session_open(struct session *s, const char *path, const char *rules_text, const char **why);

/** The same on memory that is there already, such as a running VM's.
 * @param memory  copied; what its context points to must outlive the session */
int session_attach(struct session *s, const struct discover_memory *memory, const char *rules_text, const char **why);

void session_close(struct session *s);

#endif
