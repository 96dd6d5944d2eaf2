#include "sim/vfio_user/root_port.h"

#include <string.h>

#include "models/board/pcie_host.h"

/* More than any answer takes; a device that gives none is broken. */
enum { COMPLETION_TIMEOUT_CYCLES = 50000000, READ_BOUNDARY = TLP_MAX_PAYLOAD_BYTES };

/* --- requests of the device -------------------------------------------------------------------------------------- */

/* The enabled bytes of a request: from the first to the last of them. PCIe 4.0, 2.2.5. */
static void enabled_range(const struct tlp *tlp, unsigned *first, unsigned *count)
{
	unsigned enables = tlp_byte_enables(tlp), words = tlp_length_dw(tlp);
	unsigned head = enables & 0xf, tail = words > 1 ? enables >> 4 : head;

	*first = *count = 0;
	if (!head || !tail)
		return;
	*first = (unsigned)__builtin_ctz(head);
	*count = (words - 1) * 4 + 32 - (unsigned)__builtin_clz(tail) - *first;
}

static bool byte_is_enabled(const struct tlp *tlp, unsigned byte)
{
	unsigned enables = tlp_byte_enables(tlp), words = tlp_length_dw(tlp);

	if (byte < 4)
		return enables >> byte & 1;
	return byte / 4 < words - 1 || enables >> (4 + byte % 4) & 1;
}

static void take_write(struct root_port *port, const struct tlp *tlp)
{
	uint64_t address = tlp_address(tlp);
	unsigned first, count, end;

	if (tlp_is_poisoned(tlp))
		return;
	if (address >= ROOT_PORT_MESSAGES) {
		port->message(port->ctx, (unsigned)(address - ROOT_PORT_MESSAGES) / 4);
		return;
	}
	enabled_range(tlp, &first, &count);
	for (unsigned from = first; from < first + count; from = end) {
		for (end = from; end < first + count && byte_is_enabled(tlp, end); end++)
			;
		if (end > from)
			dma_write(port->dma, address + from, tlp_payload_const(tlp) + from, end - from);
		else
			end++;
	}
}

static void complete(struct root_port *port, const struct tlp *request, uint64_t address, const uint8_t *bytes, unsigned count, unsigned left)
{
	struct tlp answer;
	unsigned lead = (unsigned)(address & 3);

	tlp_make_completion(&answer, PCIE_HOST_REQUESTER, tlp_requester(request), tlp_tag(request), TLP_SC, left, (unsigned)(address & 0x7f),
			    (lead + count + 3) / 4);
	memcpy(tlp_payload(&answer) + lead, bytes, count);
	host_send_completion(port->board->host.host, &answer);
}

/* Completions end at multiples of the largest payload, which are multiples of the read completion boundary. */
static void take_read(struct root_port *port, const struct tlp *tlp)
{
	uint8_t bytes[4096] = {0};
	unsigned first, count;

	enabled_range(tlp, &first, &count);
	uint64_t address = tlp_address(tlp) + first;
	if (!count) {
		complete(port, tlp, tlp_address(tlp), bytes, 1, 1); /* a read of no bytes: PCIe 4.0, 2.2.5 */
		return;
	}
	if (!dma_read(port->dma, address, bytes, count)) {
		struct tlp refusal;
		tlp_make_completion(&refusal, PCIE_HOST_REQUESTER, tlp_requester(tlp), tlp_tag(tlp), TLP_UR, count, (unsigned)(address & 0x7f), 0);
		host_send_completion(port->board->host.host, &refusal);
		return;
	}
	for (unsigned done = 0, piece; done < count; done += piece) {
		piece = READ_BOUNDARY - (unsigned)((address + done) % READ_BOUNDARY);
		piece = piece < count - done ? piece : count - done;
		complete(port, tlp, address + done, bytes + done, piece, count - done);
	}
}

static void take_message(struct root_port *port, const struct tlp *tlp)
{
	unsigned code = tlp_message_code(tlp);
	if ((code & ~7u) == TLP_ASSERT_INTX)
		port->wire(port->ctx, code < TLP_DEASSERT_INTX);
}

static void take_completion(struct root_port *port, const struct tlp *tlp)
{
	if (!port->waiting || tlp_tag(tlp) != port->tag)
		return;
	port->waiting = false;
	if (tlp_status(tlp) == TLP_SC && tlp_has_data(tlp) && !tlp_is_poisoned(tlp))
		port->answer = tlp->beat[TLP_HEADER_BEATS];
}

static void upstream(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	struct root_port *port = ctx;
	(void)cycle;

	port->activity++;
	if (tlp_is_completion(tlp))
		take_completion(port, tlp);
	else if (tlp_type(tlp) == TLP_MWR)
		take_write(port, tlp);
	else if (tlp_type(tlp) == TLP_MRD)
		take_read(port, tlp);
	else
		take_message(port, tlp);
}

void root_port_connect(struct root_port *port, struct board *board, struct dma *dma)
{
	struct host_outside outside = {upstream, port};
	port->board = board;
	port->dma = dma;
	host_set_outside(board->host.host, &outside);
}

void root_port_disconnect(struct root_port *port)
{
	host_set_outside(port->board->host.host, &(struct host_outside){NULL, NULL});
}

/* --- requests of the client -------------------------------------------------------------------------------------- */

static void send(struct root_port *port, const struct tlp *tlp)
{
	while (!host_send_request(port->board->host.host, tlp) && !port->board->failure[0])
		board_run(port->board, DOMAIN_LOOKAHEAD_CYCLES);
}

/* Sends a request that is answered. @return the first DWs of the answer, ones if there is none. */
static uint64_t ask(struct root_port *port, const struct tlp *tlp)
{
	uint64_t deadline = platform_cycle() + COMPLETION_TIMEOUT_CYCLES;

	port->waiting = true;
	port->answer = UINT64_MAX;
	send(port, tlp);
	while (port->waiting && !port->board->failure[0] && platform_cycle() < deadline)
		board_run(port->board, DOMAIN_LOOKAHEAD_CYCLES);
	port->waiting = false;
	return port->answer;
}

static struct tlp config(struct root_port *port, enum tlp_type type, unsigned bdf, unsigned offset, unsigned size)
{
	struct tlp tlp;
	tlp_make_config(&tlp, type, PCIE_HOST_REQUESTER, ++port->tag, bdf, offset, ((1u << size) - 1) << (offset & 3));
	return tlp;
}

uint32_t root_port_config_read(struct root_port *port, unsigned bdf, unsigned offset, unsigned size)
{
	struct tlp tlp = config(port, TLP_CFGRD0, bdf, offset, size);
	uint32_t value = (uint32_t)ask(port, &tlp) >> (offset & 3) * 8;
	return size == 4 ? value : value & ((1u << size * 8) - 1);
}

void root_port_config_write(struct root_port *port, unsigned bdf, unsigned offset, unsigned size, uint32_t value)
{
	struct tlp tlp = config(port, TLP_CFGWR0, bdf, offset, size);
	tlp.beat[TLP_HEADER_BEATS] = (uint32_t)(value << (offset & 3) * 8);
	ask(port, &tlp);
}

uint64_t root_port_read(struct root_port *port, uint64_t address, unsigned size)
{
	struct tlp tlp;
	tlp_make_memory(&tlp, TLP_MRD, PCIE_HOST_REQUESTER, ++port->tag, address, size);
	uint64_t value = ask(port, &tlp) >> (address & 3) * 8;
	return size == 8 ? value : value & ((1ull << size * 8) - 1);
}

void root_port_write(struct root_port *port, uint64_t address, unsigned size, uint64_t value)
{
	struct tlp tlp;
	tlp_make_memory(&tlp, TLP_MWR, PCIE_HOST_REQUESTER, ++port->tag, address, size);
	tlp.beat[TLP_HEADER_BEATS] = (size == 8 ? value : value & ((1ull << size * 8) - 1)) << (address & 3) * 8;
	send(port, &tlp);
}
