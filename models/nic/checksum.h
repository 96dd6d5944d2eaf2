/* Internet checksums (RFC 1071) of Ethernet frames: what the port inserts on transmission and checks on reception. */
#ifndef ASSAY_MODELS_NIC_CHECKSUM_H
#define ASSAY_MODELS_NIC_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a received frame's checksums say; the `is_` fields tell whether the `_ok` fields mean anything. */
struct checksum_report {
	bool is_ip;
	bool ip_ok;
	bool is_l4;
	bool l4_ok;
};

/**
 * Adds @p length bytes, as big-endian 16-bit words from an even position (a last odd byte is padded), to @p sum.
 * @return the unfolded sum.
 */
uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t length);

/** @return the 16-bit one's-complement checksum for an unfolded sum, as a number in host order. */
uint16_t checksum_finish(uint64_t sum);

/**
 * Writes checksums into a frame in place; whatever stood in the checksum fields does not matter.
 * @param ip insert the IPv4 header checksum.
 * @param l4 insert the TCP or UDP checksum.
 * A frame that is not IPv4, has a broken header, is a fragment (L4) or neither TCP nor UDP (L4) is left unchanged.
 * One VLAN tag is understood.
 */
void checksum_insert(uint8_t *frame, size_t length, bool ip, bool l4);

/** Checks a frame's IPv4 and TCP/UDP checksums. A UDP checksum of 0 counts as right (RFC 768). */
struct checksum_report checksum_check(const uint8_t *frame, size_t length);

#endif
