/* What the host does with the SEE's packets: checks them, performs writes, answers reads. */
#include "testbench/lockstep/see/host.h"

#include <stdio.h>
#include <string.h>

#define COMPLAIN(host, ...) \
	do { \
		if (!(host)->complaint[0]) \
			snprintf((host)->complaint, sizeof(host)->complaint, __VA_ARGS__); \
	} while (0)

static uint32_t request_bytes(const struct tlp *tlp)
{
	unsigned first = tlp_byte_enables(tlp) & 0xf, last = tlp_byte_enables(tlp) >> 4;
	unsigned length = tlp_length_dw(tlp);
	uint32_t bytes = length * 4 - (uint32_t)__builtin_ctz(first | 0x10);

	return length == 1 ? (uint32_t)__builtin_popcount(first) : bytes - (last ? (uint32_t)__builtin_clz(last << 28) : 4);
}

/* PCIe 4.0, 2.2.5: contiguous enables for these lengths, none of them empty. */
static bool enables_are_legal(const struct tlp *tlp)
{
	unsigned first = tlp_byte_enables(tlp) & 0xf, last = tlp_byte_enables(tlp) >> 4;

	return tlp_length_dw(tlp) == 1 ? first && !last : first && last;
}

static bool request_is_legal(struct host *host, const struct tlp *tlp)
{
	uint64_t address = tlp_address(tlp);
	unsigned length = tlp_length_dw(tlp) * 4;
	unsigned limit = tlp_has_data(tlp) ? TLP_MAX_PAYLOAD_BYTES : TLP_MAX_READ_BYTES;

	if (length > limit)
		COMPLAIN(host, "request of %u bytes, limit %u", length, limit);
	else if ((address & 4095) + length > 4096)
		COMPLAIN(host, "request of %u bytes at %llx crosses 4 KiB", length, (unsigned long long)address);
	else if (!enables_are_legal(tlp))
		COMPLAIN(host, "byte enables %02x with length %u", tlp_byte_enables(tlp), length / 4);
	else
		return true;
	return false;
}

static void take_write(struct host *host, uint64_t cycle, const struct tlp *tlp)
{
	uint64_t address = tlp_address(tlp);
	unsigned length = tlp_length_dw(tlp);
	uint8_t *to = host_at(host, address, length * 4);

	if (!to) {
		if (address < host->message_window || address >= host->base)
			return;
		host->messages[host->message_count++ % HOST_MESSAGES] = (struct host_message){ .cycle = cycle,
			.address = address, .data = (uint32_t)tlp->beat[2], .requester = (uint16_t)tlp_requester(tlp) };
		if (host->interrupted)
			host->interrupted(host->context, (uint16_t)tlp_requester(tlp), address, (uint32_t)tlp->beat[2]);
		return;
	}
	for (unsigned i = 0; i < length * 4; i++) {
		unsigned enables = i < 4 ? tlp_byte_enables(tlp) & 0xf : i / 4 == length - 1 ? tlp_byte_enables(tlp) >> 4 : 0xf;
		if (enables >> (i % 4) & 1)
			to[i] = tlp_payload_const(tlp)[i];
	}
	if (host->wrote)
		host->wrote(host->context, (uint16_t)tlp_requester(tlp), address, length * 4);
}

static enum tlp_status fate_of(struct host *host, uint64_t address, uint32_t bytes)
{
	if (!host_at(host, address, bytes))
		return TLP_UR;
	if (rng_below(&host->rng, 1000) < host->behaviour.refuse_permille)
		return rng_percent(&host->rng, 50) ? TLP_UR : TLP_CA;
	return TLP_SC;
}

static void take_read(struct host *host, uint64_t cycle, const struct tlp *tlp)
{
	struct host_read *read = &host->reads[tlp_tag(tlp)];
	uint64_t address = tlp_address(tlp) + (uint64_t)__builtin_ctz((tlp_byte_enables(tlp) & 0xf) | 0x10) % 4;
	uint32_t bytes = request_bytes(tlp);

	if (read->used) {
		COMPLAIN(host, "tag %u used while its read is open", tlp_tag(tlp));
		return;
	}
	if (host->asked)
		host->asked(host->context, (uint16_t)tlp_requester(tlp), address, bytes);
	if (rng_below(&host->rng, 1000) < host->behaviour.forget_permille)
		return;
	*read = (struct host_read){ .used = true, .requester = (uint16_t)tlp_requester(tlp), .address = address, .bytes_left = bytes,
		.due_cycle = cycle + host->behaviour.latency_cycles + rng_below(&host->rng, host->behaviour.jitter_cycles + 1),
		.status = fate_of(host, address, bytes) };
	host->reads_open++;
}

static void take_completion(struct host *host, const struct tlp *tlp)
{
	struct host_answer *answer = &host->answers[tlp_tag(tlp)];

	if (!answer->waiting || answer->arrived) {
		COMPLAIN(host, "completion for tag %u that nobody waits for", tlp_tag(tlp));
		return;
	}
	answer->arrived = true;
	answer->status = (enum tlp_status)tlp_status(tlp);
	if (tlp_has_data(tlp))
		memcpy(answer->value, tlp_payload_const(tlp), tlp_length_dw(tlp) > 1 ? 8 : 4);
}

static void take_message(struct host *host, const struct tlp *tlp)
{
	unsigned code = tlp_message_code(tlp);

	if (tlp->beats != 2 || (tlp_dw(tlp, 0) & 0xffffff) || tlp->beat[1])
		COMPLAIN(host, "message with reserved bits set");
	else if (code != (host->intx ? TLP_DEASSERT_INTX : TLP_ASSERT_INTX))
		COMPLAIN(host, "message code %02x while INTA is %d", code, host->intx);
	host->intx = !host->intx;
}

static void take_packet(struct host *host, uint64_t cycle)
{
	const struct tlp *tlp = &host->arriving;

	if (tlp_type(tlp) == TLP_MSG) {
		take_message(host, tlp);
		return;
	}
	if (tlp->beats < 2 || tlp->beats != tlp_beats(tlp_has_data(tlp), tlp_length_dw(tlp))) {
		COMPLAIN(host, "packet of type %02x, length %u in %u beats", tlp_type(tlp), tlp_length_dw(tlp), tlp->beats);
		return;
	}
	switch (tlp_type(tlp)) {
	case TLP_MWR:
		if (request_is_legal(host, tlp))
			take_write(host, cycle, tlp);
		break;
	case TLP_MRD:
		if (request_is_legal(host, tlp))
			take_read(host, cycle, tlp);
		break;
	case TLP_CPL:
	case TLP_CPLD:
		take_completion(host, tlp);
		break;
	default:
		COMPLAIN(host, "packet of unknown type %02x", tlp_type(tlp));
	}
}

void host_take(struct host *host, uint64_t cycle, bool sop, bool eop, uint64_t data)
{
	if (sop == host->in_packet) {
		COMPLAIN(host, "sop is %d, in a packet: %d", sop, host->in_packet);
		return;
	}
	if (sop)
		host->arriving.beats = 0;
	if (host->arriving.beats == TLP_MAX_BEATS) {
		COMPLAIN(host, "packet without end");
		return;
	}
	host->arriving.beat[host->arriving.beats++] = data;
	host->in_packet = !eop;
	if (eop)
		take_packet(host, cycle);
}

static uint32_t chunk_bytes(struct host *host, const struct host_read *read)
{
	uint32_t most = TLP_MAX_PAYLOAD_BYTES - (uint32_t)(read->address & 63);
	uint32_t to_boundary = 64 - (uint32_t)(read->address & 63);
	uint32_t bytes = read->bytes_left;

	if (bytes > most)
		bytes = most;
	if (rng_percent(&host->rng, host->behaviour.split_percent) && bytes > to_boundary)
		bytes = to_boundary + (rng_below(&host->rng, bytes - to_boundary) & ~63u);
	return bytes;
}

static void send_stray(struct host *host)
{
	struct tlp tlp = { 0 };

	tlp_make_completion(&tlp, 0, 0x0008 + rng_below(&host->rng, 16), rng_below(&host->rng, 256), TLP_SC, 4, 0, 1);
	if (!host->reads[tlp_tag(&tlp)].used)
		host_send(host, &tlp);
}

static void answer_read(struct host *host, struct host_read *read)
{
	unsigned tag = (unsigned)(read - host->reads);
	uint32_t bytes = read->status == TLP_SC ? chunk_bytes(host, read) : 0;
	uint64_t from = read->address & ~3ull;
	uint32_t length = bytes ? (uint32_t)((read->address & 3) + bytes + 3) / 4 : 0;
	struct tlp tlp = { 0 };

	tlp_make_completion(&tlp, 0, read->requester, tag, read->status, read->bytes_left, (unsigned)(read->address & 0x7f), length);
	if (bytes)
		memcpy(tlp_payload(&tlp), host_at(host, from, 4ull * length), 4ull * length);
	if (rng_below(&host->rng, 1000) < host->behaviour.poison_permille)
		tlp.beat[0] |= 1u << 14;
	if (bytes > 64 && rng_below(&host->rng, 1000) < host->behaviour.cut_permille)
		tlp.beats = rng_percent(&host->rng, 50) && tlp.beats < TLP_MAX_BEATS ? tlp.beats + 1 : tlp.beats - 1;
	if (!host_send(host, &tlp))
		return;
	read->address += bytes;
	read->bytes_left -= bytes;
	if (!read->bytes_left || read->status != TLP_SC) {
		read->used = false;
		host->reads_open--;
	}
	if (rng_below(&host->rng, 1000) < host->behaviour.stray_permille)
		send_stray(host);
}

void host_step(struct host *host, uint64_t cycle)
{
	if (!host->reads_open || host->count > HOST_BEATS / 2)
		return;
	uint32_t start = rng_below(&host->rng, HOST_READS);
	for (uint32_t n = 0; n < HOST_READS; n++) {
		struct host_read *read = &host->reads[(start + n) % HOST_READS];
		if (read->used && read->due_cycle <= cycle) {
			answer_read(host, read);
			return;
		}
	}
}
