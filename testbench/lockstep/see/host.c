#include "testbench/lockstep/see/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void host_open(struct host *host, uint64_t base, uint32_t size_bytes, uint64_t seed)
{
	memset(host, 0, sizeof *host);
	host->base = base;
	host->size_bytes = size_bytes;
	host->ram = calloc(1, size_bytes);
	host->message_window = base;
	rng_seed(&host->rng, seed);
}

void host_close(struct host *host)
{
	free(host->ram);
	host->ram = NULL;
}

uint8_t *host_at(struct host *host, uint64_t address, uint64_t bytes)
{
	if (address < host->base || bytes > host->size_bytes || address - host->base > host->size_bytes - bytes)
		return NULL;
	return host->ram + (address - host->base);
}

const struct host_beat *host_offer(const struct host *host)
{
	return host->count ? &host->beats[host->first] : NULL;
}

void host_accepted(struct host *host)
{
	host->first = (host->first + 1) % HOST_BEATS;
	host->count--;
}

bool host_send(struct host *host, const struct tlp *tlp)
{
	if (host->count + tlp->beats > HOST_BEATS)
		return false;
	for (uint32_t i = 0; i < tlp->beats; i++) {
		host->beats[(host->first + host->count) % HOST_BEATS] = (struct host_beat){
			.data = tlp->beat[i], .sop = i == 0, .eop = i + 1 == tlp->beats };
		host->count++;
	}
	return true;
}

bool host_write(struct host *host, uint64_t address, const void *data, uint32_t bytes)
{
	struct tlp tlp = { 0 };

	tlp_make_memory(&tlp, TLP_MWR, 0, 0, address, bytes);
	memcpy(tlp_payload(&tlp) + (address & 3), data, bytes);
	return host_send(host, &tlp);
}

/* Own requests take tags in turn, so that a late completion is not taken for a new one's. */
static int free_tag(struct host *host)
{
	for (uint32_t n = 0; n < HOST_ANSWERS; n++) {
		uint32_t tag = (host->next_tag + n) % HOST_ANSWERS;
		if (host->answers[tag].waiting)
			continue;
		host->next_tag = (tag + 1) % HOST_ANSWERS;
		return (int)tag;
	}
	return -1;
}

static int send_request(struct host *host, const struct tlp *tlp, int tag)
{
	if (!host_send(host, tlp))
		return -1;
	host->answers[tag] = (struct host_answer){ .waiting = true };
	return tag;
}

int host_read(struct host *host, uint64_t address, uint32_t bytes)
{
	int tag = free_tag(host);
	struct tlp tlp = { 0 };

	if (tag < 0)
		return -1;
	tlp_make_memory(&tlp, TLP_MRD, 0, (unsigned)tag, address, bytes);
	return send_request(host, &tlp, tag);
}

int host_config(struct host *host, uint32_t bdf, uint32_t offset, const uint32_t *value, uint32_t enables)
{
	int tag = free_tag(host);
	struct tlp tlp = { 0 };

	if (tag < 0)
		return -1;
	tlp_make_config(&tlp, value ? TLP_CFGWR0 : TLP_CFGRD0, 0, (unsigned)tag, bdf, offset, enables);
	if (value)
		memcpy(tlp_payload(&tlp), value, 4);
	return send_request(host, &tlp, tag);
}
