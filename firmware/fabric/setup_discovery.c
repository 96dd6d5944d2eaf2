/* The log page of a discovery controller: NVMe-oF 1.1 section 5.3. */
#include "firmware/fabric/setup.h"

#include <string.h>

#define RECORD_BYTES 1024u /* and as many of the page's header */
#define RECORDS_MAX 1024u

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void setup_start_get_discovery_header(struct path *path, struct nvme_sqe *sqe)
{
	sqe->opcode = NVME_ADMIN_GET_LOG_PAGE;
	sqe->dw10 = (RECORD_BYTES / 4 - 1) << 16 | NVME_LOG_DISCOVERY;
	path->setup.data = path->setup_data;
	path->setup.bytes = RECORD_BYTES;
}

enum setup_outcome setup_finish_get_discovery_header(struct path *path, uint64_t result)
{
	uint64_t records;

	(void)result;
	memcpy(&records, path->setup_data + 8, sizeof(records));
	discovery_page_begins(path->storage);
	path->log_at = RECORD_BYTES;
	path->log_bytes = (uint32_t)(records < RECORDS_MAX ? records + 1 : RECORDS_MAX + 1) * RECORD_BYTES;
	if (records > 0)
		return SETUP_NEXT;
	path_discovered(path);
	return SETUP_WAIT;
}

/* As many records as there is room for, and not beyond the end of the page. */
static uint32_t discovery_piece(const struct path *path)
{
	return least(path->log_bytes - path->log_at, NVME_PAGE_BYTES);
}

void setup_start_get_discovery(struct path *path, struct nvme_sqe *sqe)
{
	sqe->opcode = NVME_ADMIN_GET_LOG_PAGE;
	sqe->dw10 = (discovery_piece(path) / 4 - 1) << 16 | NVME_LOG_DISCOVERY;
	sqe->dw12 = path->log_at;
	path->setup.data = path->setup_data;
	path->setup.bytes = discovery_piece(path);
}

enum setup_outcome setup_finish_get_discovery(struct path *path, uint64_t result)
{
	uint32_t bytes = discovery_piece(path);

	(void)result;
	discovery_take(path->storage, path->setup_data, bytes / RECORD_BYTES);
	path->log_at += bytes;
	if (path->log_at < path->log_bytes)
		return SETUP_MORE;
	path_discovered(path);
	return SETUP_WAIT;
}
