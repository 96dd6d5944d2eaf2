/* Writes a capture file in libpcap's format with nanosecond stamps (a cycle is a nanosecond). */
#ifndef ASSAY_SIM_FABRIC_PCAP_H
#define ASSAY_SIM_FABRIC_PCAP_H

#include <stddef.h>
#include <stdint.h>

struct pcap;

/**
 * Creates a capture of Ethernet frames.
 * @return NULL if the file cannot be created; errno says why.
 */
struct pcap *pcap_create(const char *path);

/** Appends a frame that was on the line at @p cycle; stamps should not decrease. */
void pcap_write(struct pcap *pcap, const uint8_t *frame, size_t length, uint64_t cycle);

/** Writes what is buffered. @return 0, or -1 if any write so far has failed. */
int pcap_flush(struct pcap *pcap);

/** Flushes and closes. NULL is allowed. @return as pcap_flush(). */
int pcap_close(struct pcap *pcap);

#endif
