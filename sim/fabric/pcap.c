#include "sim/fabric/pcap.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/fabric/bytes.h"

enum {
	MAGIC_NANOSECONDS = (int)0xa1b23c4d,
	LINKTYPE_ETHERNET = 1,
	SNAP_BYTES = 65535,
	CYCLES_PER_SECOND = 1000000000,
};

struct pcap {
	FILE *file;
	int failed;
};

static void put(struct pcap *pcap, const void *bytes, size_t length)
{
	if (fwrite(bytes, 1, length, pcap->file) != length)
		pcap->failed = -1;
}

struct pcap *pcap_create(const char *path)
{
	struct pcap *pcap = calloc(1, sizeof(*pcap));
	uint8_t header[24] = {0};

	if (!pcap)
		return NULL;
	pcap->file = fopen(path, "wb");
	if (!pcap->file) {
		free(pcap);
		return NULL;
	}
	store_le32(header, (uint32_t)MAGIC_NANOSECONDS);
	store_le16(header + 4, 2); /* version 2.4 */
	store_le16(header + 6, 4);
	store_le32(header + 16, SNAP_BYTES);
	store_le32(header + 20, LINKTYPE_ETHERNET);
	put(pcap, header, sizeof(header));
	return pcap;
}

void pcap_write(struct pcap *pcap, const uint8_t *frame, size_t length, uint64_t cycle)
{
	uint8_t header[16];

	store_le32(header, (uint32_t)(cycle / CYCLES_PER_SECOND));
	store_le32(header + 4, (uint32_t)(cycle % CYCLES_PER_SECOND));
	store_le32(header + 8, (uint32_t)length);
	store_le32(header + 12, (uint32_t)length);
	put(pcap, header, sizeof(header));
	put(pcap, frame, length);
}

int pcap_flush(struct pcap *pcap)
{
	if (fflush(pcap->file) != 0)
		pcap->failed = -1;
	return pcap->failed;
}

int pcap_close(struct pcap *pcap)
{
	int status;

	if (!pcap)
		return 0;
	status = pcap_flush(pcap);
	if (fclose(pcap->file) != 0)
		status = -1;
	free(pcap);
	return status;
}
