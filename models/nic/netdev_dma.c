/* The functions' packets: reads and their completions, posted writes, the queue of packets for the link. */
#include <string.h>

#include "models/nic/netdev.h"

enum { PAGE = 4096, WRITE_BYTES = TLP_MAX_PAYLOAD_BYTES - 4, READ_BYTES = TLP_MAX_READ_BYTES - 4 };

struct tlp *netdev_push(struct netdev_state *net)
{
	return &net->out[(net->out_head + net->out_count++) % NETDEV_OUT];
}

bool netdev_out_room(const struct netdev_state *net, unsigned packets)
{
	return net->out_count + packets <= NETDEV_OUT;
}

const struct tlp *netdev_front(const struct netdev_state *net)
{
	return net->out_count ? &net->out[net->out_head] : NULL;
}

void netdev_pop(struct netdev_state *net)
{
	net->out_head = (net->out_head + 1) % NETDEV_OUT;
	net->out_count--;
	net->active = true;
}

/* No packet crosses a page, nor carries more than the link allows with the bytes of an unaligned beginning. */
static uint32_t piece_of(uint64_t address, uint32_t left, uint32_t most)
{
	uint32_t page = PAGE - (uint32_t)(address % PAGE), piece = left < most ? left : most;

	return piece < page ? piece : page;
}

void netdev_write(struct netdev_state *net, unsigned f, uint64_t address, const void *bytes, uint32_t length)
{
	const uint8_t *from = bytes;

	while (length > 0 && netdev_out_room(net, 1)) {
		uint32_t piece = piece_of(address, length, WRITE_BYTES);
		struct tlp *tlp = netdev_push(net);

		memset(tlp, 0, sizeof(*tlp));
		tlp_make_memory(tlp, TLP_MWR, NETDEV_FIRST_RID + f, 0, address, piece);
		memcpy(tlp_payload(tlp) + address % 4, from, piece);
		address += piece;
		from += piece;
		length -= piece;
	}
}

void netdev_read(struct netdev_engine *engine, uint64_t address, bool to_gather, uint32_t to, uint32_t bytes)
{
	engine->to_gather = to_gather;
	engine->read_address = address;
	engine->to = to;
	engine->read_bytes = bytes;
	engine->read_issued = engine->read_done = 0;
	engine->read_failed = false;
}

static int free_tag(const struct netdev_state *net)
{
	for (int i = 0; i < NETDEV_TAGS; i++)
		if (!net->tag[i].busy)
			return i;
	return -1;
}

bool netdev_read_continue(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_engine *engine = &net->function[f].engine[queue];

	while (engine->read_issued < engine->read_bytes && netdev_out_room(net, 1)) {
		uint64_t address = engine->read_address + engine->read_issued;
		uint32_t piece = piece_of(address, engine->read_bytes - engine->read_issued, READ_BYTES);
		int tag = free_tag(net);

		if (tag < 0)
			break;
		net->tag[tag] = (struct netdev_tag){true, (uint8_t)f, (uint8_t)queue, (uint16_t)piece, engine->read_issued, 0, net->now + NETDEV_TIMEOUT_CYCLES};
		if (net->tag[tag].deadline < net->first_deadline)
			net->first_deadline = net->tag[tag].deadline;
		tlp_make_memory(netdev_push(net), TLP_MRD, NETDEV_FIRST_RID + f, (unsigned)tag, address, piece);
		engine->read_issued += piece;
	}
	return engine->read_done >= engine->read_bytes;
}

void netdev_forget_tags(struct netdev_state *net, unsigned f)
{
	/* Completions that still come find their tag dead; it is used again when the last has come. */
	for (unsigned i = 0; i < NETDEV_TAGS; i++)
		if (net->tag[i].busy && net->tag[i].function == f)
			net->tag[i].queue = NETDEV_ENGINES;
}

/* So many further bytes of the tag's read are not waited for any more. */
static void read_over(struct netdev_function *function, struct netdev_tag *tag, uint32_t bytes, bool good)
{
	struct netdev_engine *engine = &function->engine[tag->queue];

	engine->read_done += bytes;
	tag->got = (uint16_t)(tag->got + bytes);
	engine->read_failed |= !good;
	function->dma_errors += !good;
}

/* A completion that comes later than that finds its tag dead; only after as long again the tag is used for something else. */
static void lose_completion(struct netdev_state *net, struct netdev_tag *tag)
{
	struct netdev_function *function = &net->function[tag->function];

	if (tag->queue == NETDEV_ENGINES) {
		tag->busy = false;
		return;
	}
	read_over(function, tag, tag->bytes - tag->got, false);
	tag->queue = NETDEV_ENGINES;
	tag->deadline = net->now + NETDEV_TIMEOUT_CYCLES;
}

void netdev_expire(struct netdev_state *net)
{
	net->active = true;
	net->first_deadline = UINT64_MAX;
	for (unsigned i = 0; i < NETDEV_TAGS; i++) {
		if (net->tag[i].busy && net->tag[i].deadline <= net->now)
			lose_completion(net, &net->tag[i]);
		if (net->tag[i].busy && net->tag[i].deadline < net->first_deadline)
			net->first_deadline = net->tag[i].deadline;
	}
}

static uint8_t *destination(struct netdev_function *function, unsigned engine)
{
	if (engine == NETDEV_JOB)
		return function->job_bytes;
	if (!function->engine[engine].to_gather)
		return function->engine[engine].scratch;
	return engine == NETDEV_CONTROL ? function->control : function->gather;
}

static void take_completion(struct netdev_state *net, const struct tlp *tlp)
{
	struct netdev_tag *tag = &net->tag[tlp_tag(tlp) % NETDEV_TAGS];
	uint32_t count = tlp_byte_count(tlp), shift = tlp_lower_address(tlp) & 3u, here;
	/* After a poisoned completion the rest of the request's still come; after one without success none does. */
	bool comes = tlp_status(tlp) == TLP_SC && tlp_has_data(tlp), good = comes && !tlp_is_poisoned(tlp);
	struct netdev_function *function;

	if (tlp_tag(tlp) >= NETDEV_TAGS || !tag->busy || tlp_requester(tlp) != NETDEV_FIRST_RID + (unsigned)tag->function)
		return;
	function = &net->function[tag->function];
	if (count > (uint32_t)(tag->bytes - tag->got))
		comes = good = false;
	here = comes ? tlp_length_dw(tlp) * 4 - shift : count;
	here = here < count ? here : count;
	if (tag->queue < NETDEV_ENGINES) {
		if (comes && count < (uint32_t)(tag->bytes - tag->got))
			read_over(function, tag, tag->bytes - tag->got - count, false); /* what was to come before this one is lost */
		if (good)
			memcpy(destination(function, tag->queue) + function->engine[tag->queue].to + tag->offset + tag->bytes - count, tlp_payload_const(tlp) + shift, here);
		read_over(function, tag, comes ? here : (uint32_t)(tag->bytes - tag->got), good);
	}
	tag->busy = here < count;
}

bool netdev_claims(const struct netdev_state *net, const struct tlp *tlp)
{
	unsigned type = tlp_type(tlp), id;

	if (tlp_is_completion(tlp))
		id = tlp_requester(tlp);
	else if (type == TLP_CFGRD0 || type == TLP_CFGWR0)
		id = tlp_dw(tlp, 2) >> 16;
	else if (type == TLP_MRD || type == TLP_MWR) {
		for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++) {
			const struct netdev_function *function = &net->function[f];

			if (function->present && (function->command & 2) && function->bar &&
			    tlp_address(tlp) - function->bar < NETDEV_BAR_BYTES)
				return true;
		}
		return false;
	} else {
		return false;
	}
	return id >= NETDEV_FIRST_RID && id < NETDEV_FIRST_RID + NETDEV_FUNCTIONS && net->function[id - NETDEV_FIRST_RID].present;
}


bool netdev_receive(struct netdev_state *net, const struct tlp *tlp)
{
	unsigned type = tlp_type(tlp);

	net->active = true;
	if (tlp_is_completion(tlp)) {
		take_completion(net, tlp);
		return false;
	}
	if (type == TLP_CFGRD0 || type == TLP_CFGWR0)
		netdev_config_request(net, tlp);
	else
		netdev_memory_request(net, tlp);
	return true;
}
