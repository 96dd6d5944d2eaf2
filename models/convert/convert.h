/* The converter: guest instructions to native ops through two-level tables.
 *
 * It knows no guest instruction set: everything comes from a table image that models/convert/tables.tcl compiles from one
 * readable description (rv64.tcl). The native ISA and the image's layout are specified in models/convert/README.md.
 *
 *     struct convert_tables tables;
 *     if (convert_load(&tables, rv64_table_image, rv64_table_bytes)) ...refused...
 *     struct convert_result r;
 *     convert_instruction(&tables, 0x00a50513, &r);    // r.op[0] is ADDI rd=10 rs1=10 imm=10, length 4
 */
#ifndef ASSAY_MODELS_CONVERT_CONVERT_H
#define ASSAY_MODELS_CONVERT_CONVERT_H

#include <stddef.h>
#include <stdint.h>

enum { CONVERT_MAX_OPS = 4, CONVERT_MAX_SPACES = 4 };

/** A loaded image: pointers into it, and the counts of its sections. The image belongs to the caller and must stay alive. */
struct convert_tables {
	const uint32_t *image;
	uint32_t spaces, level1, level2, rows, directives, fields, text_bytes, isa;
	const uint32_t *space, *first, *second, *template, *directive, *name, *field;
	const char *text;
};

/** Why an image was refused. */
enum convert_error {
	CONVERT_OK = 0,
	CONVERT_ERROR_FORMAT = -1,	/**< not an image, another version, or cut short */
	CONVERT_ERROR_CHECKSUM = -2,
	CONVERT_ERROR_RANGE = -3,	/**< an index leads out of its section */
};

/** How a conversion found its template. */
enum convert_level { CONVERT_MISS = 0, CONVERT_FIRST = 1, CONVERT_SECOND = 2 };

/** One converted guest instruction. */
struct convert_result {
	uint64_t op[CONVERT_MAX_OPS];	/**< native ops in order; the last one carries the length */
	uint32_t trap_info;		/**< what a trap of this memory access reports about its instruction; 0 if nothing */
	uint16_t row;			/**< row of the description, for the disassembler and for coverage */
	uint8_t count;			/**< native ops, 1..4 */
	uint8_t length;			/**< guest bytes */
	uint8_t level;			/**< enum convert_level */
	uint8_t steps;			/**< second-level rows visited */
};

/** The images of rv64.tcl and a64.tcl, linked into libconvert. */
extern const unsigned char rv64_table_image[], a64_table_image[];
extern const size_t rv64_table_bytes, a64_table_bytes;

/** Checks an image completely (checksum, every index) and attaches to it.
 * @param image little-endian words, 4-byte aligned
 * @param bytes of the image
 * @return CONVERT_OK, or an enum convert_error with *tables untouched. */
int convert_load(struct convert_tables *tables, const void *image, size_t bytes);

/** Converts one instruction. Never fails: an encoding without a row becomes the native op ILLEGAL with level CONVERT_MISS.
 * @param insn the instruction's bytes, little-endian; bits beyond its length are ignored */
void convert_instruction(const struct convert_tables *tables, uint32_t insn, struct convert_result *result);

/** @return bytes of the instruction that begins with these 16 bits. */
unsigned convert_length(const struct convert_tables *tables, uint16_t first);

/** @return the row's name in the description. */
const char *convert_row_name(const struct convert_tables *tables, unsigned row);

/* Fields of a native op. */
static inline unsigned native_opcode(uint64_t op) { return (unsigned)(op & 0xff); }
static inline unsigned native_rd(uint64_t op) { return (unsigned)(op >> 8 & 63); }
static inline unsigned native_rs1(uint64_t op) { return (unsigned)(op >> 14 & 63); }
static inline unsigned native_rs2(uint64_t op) { return (unsigned)(op >> 20 & 63); }
/** Guest bytes if this op ends its instruction, else 0. */
static inline unsigned native_length(uint64_t op) { return (unsigned)(op >> 26 & 3) * 2; }
static inline unsigned native_aux(uint64_t op) { return (unsigned)(op >> 28 & 15); }
static inline int32_t native_imm(uint64_t op) { return (int32_t)(op >> 32); }

#endif
