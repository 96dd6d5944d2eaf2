/* PCIe transaction-layer packets as they pass the blocks' ports and the link.
 *
 * At a port a packet is a stream of 64-bit beats: beat 0 is DW0 | DW1 << 32, beat 1 is DW2 | DW3 << 32 (headers always take 4 DW
 * here), then the payload packed from byte 0 of the first data beat. Fields as in PCI Express Base 4.0, 2.2; each DW is
 * the number whose most significant byte is the first on the wire.
 */
#ifndef ASSAY_MODELS_BOARD_TLP_H
#define ASSAY_MODELS_BOARD_TLP_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TLP_MAX_PAYLOAD_BYTES = 256, /**< of a write or a completion */
	TLP_MAX_READ_BYTES = 512,    /**< of a memory read request */
	TLP_HEADER_BEATS = 2,
	TLP_MAX_BEATS = TLP_HEADER_BEATS + TLP_MAX_PAYLOAD_BYTES / 8,
};

/** fmt and type, bits 31:24 of DW0. */
enum tlp_type {
	TLP_MRD = 0x20,
	TLP_MWR = 0x60,
	TLP_CFGRD0 = 0x04,
	TLP_CFGWR0 = 0x44,
	TLP_CPL = 0x0a,
	TLP_CPLD = 0x4a,
	TLP_MSG = 0x34, /**< message without data, routed local: INTx */
};

/** Completion status, PCIe 4.0, 2.2.9. */
enum tlp_status { TLP_SC = 0, TLP_UR = 1, TLP_CA = 4 };

/** Message codes of INTx, PCIe 4.0, 2.2.8.1; pin A is 0, D is 3. */
enum { TLP_ASSERT_INTX = 0x20, TLP_DEASSERT_INTX = 0x24 };

/** A whole packet. */
struct tlp {
	uint32_t beats;		       /**< 2 to TLP_MAX_BEATS */
	uint64_t beat[TLP_MAX_BEATS];
};

static inline uint32_t tlp_dw(const struct tlp *tlp, unsigned n)
{
	return (uint32_t)(tlp->beat[n / 2] >> (n % 2 * 32));
}

static inline unsigned tlp_type(const struct tlp *tlp)
{
	return tlp_dw(tlp, 0) >> 24;
}

static inline bool tlp_has_data(const struct tlp *tlp)
{
	return tlp_type(tlp) & 0x40;
}

static inline bool tlp_is_completion(const struct tlp *tlp)
{
	return (tlp_type(tlp) & 0x3f) == TLP_CPL;
}

static inline bool tlp_is_poisoned(const struct tlp *tlp)
{
	return tlp_dw(tlp, 0) >> 14 & 1;
}

/** Length field in DW, 1 to 1024. */
static inline unsigned tlp_length_dw(const struct tlp *tlp)
{
	unsigned length = tlp_dw(tlp, 0) & 0x3ff;
	return length ? length : 1024;
}

static inline unsigned tlp_requester(const struct tlp *tlp)
{
	return tlp_dw(tlp, tlp_is_completion(tlp) ? 2 : 1) >> 16;
}

static inline unsigned tlp_tag(const struct tlp *tlp)
{
	return tlp_dw(tlp, tlp_is_completion(tlp) ? 2 : 1) >> 8 & 0xff;
}

/** Byte enables of the first (bits 3:0) and last (bits 7:4) DW of a request. */
static inline unsigned tlp_byte_enables(const struct tlp *tlp)
{
	return tlp_dw(tlp, 1) & 0xff;
}

/** Address of a memory request; bits 1:0 are 0. */
static inline uint64_t tlp_address(const struct tlp *tlp)
{
	return (uint64_t)tlp_dw(tlp, 2) << 32 | (tlp_dw(tlp, 3) & ~3u);
}

static inline unsigned tlp_status(const struct tlp *tlp)
{
	return tlp_dw(tlp, 1) >> 13 & 7;
}

static inline unsigned tlp_message_code(const struct tlp *tlp)
{
	return tlp_dw(tlp, 1) & 0xff;
}

/** Bytes still to come including this completion, 1 to 4096. */
static inline unsigned tlp_byte_count(const struct tlp *tlp)
{
	unsigned count = tlp_dw(tlp, 1) & 0xfff;
	return count ? count : 4096;
}

static inline unsigned tlp_lower_address(const struct tlp *tlp)
{
	return tlp_dw(tlp, 2) & 0x7f;
}

static inline uint8_t *tlp_payload(struct tlp *tlp)
{
	return (uint8_t *)&tlp->beat[TLP_HEADER_BEATS];
}

static inline const uint8_t *tlp_payload_const(const struct tlp *tlp)
{
	return (const uint8_t *)&tlp->beat[TLP_HEADER_BEATS];
}

/** Beats of a packet whose payload is @p length_dw DW long. */
static inline uint32_t tlp_beats(bool has_data, unsigned length_dw)
{
	return TLP_HEADER_BEATS + (has_data ? (length_dw + 1) / 2 : 0);
}

static inline uint64_t tlp_header_low(unsigned type, unsigned length_dw, uint32_t dw1)
{
	return (uint64_t)dw1 << 32 | type << 24 | (length_dw & 0x3ff);
}

/** Header of a memory request for @p bytes at @p address (any alignment, within 4 KiB, at most 4096 bytes). Payload left to the caller,
 * byte 0 of @p address lies at payload offset address % 4. */
void tlp_make_memory(struct tlp *tlp, enum tlp_type type, unsigned requester, unsigned tag, uint64_t address, unsigned bytes);

/** Header of a configuration request for the register that holds byte @p offset; @p enables are its byte enables. */
void tlp_make_config(struct tlp *tlp, enum tlp_type type, unsigned requester, unsigned tag, unsigned bdf, unsigned offset, unsigned enables);

/** Header of a completion for @p requester and @p tag. @p length_dw is 0 for one without data. */
void tlp_make_completion(struct tlp *tlp, unsigned completer, unsigned requester, unsigned tag, enum tlp_status status, unsigned byte_count,
			 unsigned lower_address, unsigned length_dw);

#endif
