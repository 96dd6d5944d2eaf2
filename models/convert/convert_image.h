/* Layout of the table image in 32-bit words; written by tables.tcl, specified in README.md. */
#ifndef ASSAY_MODELS_CONVERT_CONVERT_IMAGE_H
#define ASSAY_MODELS_CONVERT_CONVERT_IMAGE_H

#include "models/convert/convert.h"

enum {
	IMAGE_MAGIC = 0x54435341, IMAGE_VERSION = 1, IMAGE_HEADER_WORDS = 32, IMAGE_CHECKED_FROM = 16,
	IMAGE_SPACE_WORDS = 6, IMAGE_LEVEL_WORDS = 4, IMAGE_TEMPLATE_WORDS = 16, IMAGE_NAME_WORDS = 2, IMAGE_FIELD_WORDS = 3,
	IMAGE_NO_NEXT = -1,
	IMAGE_SECTION_BYTES = 16,	/* sections start at multiples of it */
	TEMPLATE_INFO_OP = 4,	/* the fifth op of a template makes the trap information */
};

/** First-level outcomes. */
enum { FIRST_MISS = 0, FIRST_DONE = 1, FIRST_PARTIAL = 2 };

/** How a block goes on after the last op of a row (describe.tcl, flow). */
enum { FLOW_STRAIGHT = 0, FLOW_BRANCH = 1, FLOW_JUMP = 2, FLOW_LEAVE = 3 };

/** The value that directives FIRST | COUNT << 16 place into @p base. */
uint64_t convert_place(const struct convert_tables *tables, uint32_t list, uint64_t base, uint32_t insn);

#endif
