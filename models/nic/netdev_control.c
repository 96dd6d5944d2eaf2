/* The control queue (VIRTIO 1.1 section 5.1.6.5), what it chooses to receive, and the status of the link.
 *
 * The classifier gives a function what is sent to its address, and what is flooded. The filter chooses among that, so no driver can
 * make itself see the frames of others; "promiscuous" is all that the classifier gives. */
#include <string.h>

#include "models/nic/netdev.h"

enum { CLASS_RX = 0, CLASS_MAC = 1 };
enum { RX_PROMISC, RX_ALLMULTI, RX_ALLUNI, RX_NOMULTI, RX_NOUNI, RX_NOBCAST, RX_COMMANDS };
enum { MAC_TABLE_SET = 0 };
enum { ACK_OK = 0, ACK_ERR = 1 };
enum { HEADER_BYTES = 2, COUNT_BYTES = 4, ADDRESS_BYTES = 6, PACKETS_OF_A_STEP = 24 };

static const uint64_t BROADCAST = 0xffffffffffffull;

/* --- commands ----------------------------------------------------------------------------------------------------------- */

static bool set_mode(struct netdev_function *function, unsigned command, const uint8_t *data, uint32_t bytes)
{
	struct netdev_filter *filter = &function->filter;
	bool *mode[RX_COMMANDS] = {&filter->promiscuous, &filter->all_multicast, &filter->all_unicast, &filter->no_multicast, &filter->no_unicast,
		&filter->no_broadcast};

	if (bytes != 1 || command >= RX_COMMANDS || (command > RX_ALLMULTI && !netdev_has(function, NETDEV_F_CTRL_RX_EXTRA)))
		return false;
	*mode[command] = data[0] != 0;
	return true;
}

/* One of the two lists of a table. @return its bytes, 0 if there are less than it claims. */
static uint32_t take_list(struct netdev_filter *filter, const uint8_t *data, uint32_t bytes, bool *more)
{
	uint32_t count;

	if (bytes < COUNT_BYTES)
		return 0;
	count = (uint32_t)netdev_le(data, COUNT_BYTES);
	if (count > (bytes - COUNT_BYTES) / ADDRESS_BYTES)
		return 0;
	*more = count > (uint32_t)(NETDEV_FILTER - filter->addresses);
	for (uint32_t i = 0; i < count && !*more; i++)
		filter->address[filter->addresses++] = netdev_le(data + COUNT_BYTES + ADDRESS_BYTES * i, ADDRESS_BYTES);
	return COUNT_BYTES + ADDRESS_BYTES * count;
}

/* A table that makes no sense leaves the old one. */
static bool set_table(struct netdev_function *function, const uint8_t *data, uint32_t bytes)
{
	struct netdev_filter filter = function->filter;
	uint32_t unicast, multicast;

	memset(filter.address, 0, sizeof(filter.address));
	filter.addresses = 0;
	unicast = take_list(&filter, data, bytes, &filter.more_unicast);
	if (unicast == 0)
		return false;
	multicast = take_list(&filter, data + unicast, bytes - unicast, &filter.more_multicast);
	if (multicast == 0 || unicast + multicast != bytes)
		return false;
	function->filter = filter;
	return true;
}

static bool execute(struct netdev_function *function, uint32_t bytes)
{
	const uint8_t *command = function->control;

	if (bytes < HEADER_BYTES || bytes > NETDEV_CONTROL_BYTES || !netdev_has(function, NETDEV_F_CTRL_RX))
		return false;
	if (command[0] == CLASS_RX)
		return set_mode(function, command[1], command + HEADER_BYTES, bytes - HEADER_BYTES);
	return command[0] == CLASS_MAC && command[1] == MAC_TABLE_SET && set_table(function, command + HEADER_BYTES, bytes - HEADER_BYTES);
}

/* --- the queue ---------------------------------------------------------------------------------------------------------- */

static void chain_over(struct netdev_state *net, unsigned f, uint32_t written)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_CONTROL];

	netdev_use(net, f, NETDEV_CONTROL, 0, e->head, written);
	net->function[f].queue[NETDEV_CONTROL].seen++;
	e->ring_at++;
	e->step = NETDEV_IDLE;
	netdev_publish(net, f, NETDEV_CONTROL, 1);
}

/* There is nowhere to say what is wrong. */
static void bad_chain(struct netdev_state *net, unsigned f)
{
	net->function[f].control_errors++;
	chain_over(net, f, 0);
}

/* The first byte that the device may write is the command's end and its answer, however the driver has cut it (section 2.6.4). */
static void answer(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[NETDEV_CONTROL];
	bool good = execute(function, e->gathered);
	uint8_t ack = good ? ACK_OK : ACK_ERR;

	function->control_commands++;
	function->control_errors += !good;
	netdev_write(net, f, e->link_address, &ack, sizeof(ack));
	chain_over(net, f, sizeof(ack));
}

static void go_on(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_CONTROL];

	if (!(e->link_flags & NETDEV_DESC_NEXT) || !netdev_chain_next(net, f, NETDEV_CONTROL))
		bad_chain(net, f);
}

/* What is longer than any command is not read: it is only so long that execute() refuses it. */
static void take_link(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_CONTROL];

	if (e->link_flags & NETDEV_DESC_WRITE) {
		if (e->link_bytes > 0)
			answer(net, f);
		else
			go_on(net, f);
	} else if (e->gathered > NETDEV_CONTROL_BYTES || e->link_bytes > NETDEV_CONTROL_BYTES - e->gathered) {
		e->gathered = NETDEV_CONTROL_BYTES + 1;
		go_on(net, f);
	} else {
		e->step = NETDEV_READ_DATA;
		netdev_read(e, e->link_address, true, e->gathered, e->link_bytes);
		netdev_read_continue(net, f, NETDEV_CONTROL);
	}
}

static void take_data(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_CONTROL];

	e->gathered += e->link_bytes;
	if (e->read_failed)
		bad_chain(net, f);
	else
		go_on(net, f);
}

void netdev_control_step(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_CONTROL];
	enum netdev_chain chain;

	if (!netdev_out_room(net, PACKETS_OF_A_STEP))
		return;
	if (e->step == NETDEV_READ_DESCRIPTOR) {
		chain = netdev_chain_take(net, f, NETDEV_CONTROL);
		if (chain == NETDEV_CHAIN_BAD)
			bad_chain(net, f);
		else if (chain == NETDEV_CHAIN_LINK)
			take_link(net, f);
	} else if (e->step == NETDEV_READ_DATA) {
		if (netdev_read_continue(net, f, NETDEV_CONTROL))
			take_data(net, f);
	} else if (netdev_fetch(net, f, NETDEV_CONTROL) && !netdev_chain_begin(net, f, NETDEV_CONTROL)) {
		bad_chain(net, f);
	}
}

/* --- what they choose ----------------------------------------------------------------------------------------------------- */

static bool in_table(const struct netdev_filter *filter, uint64_t address)
{
	for (unsigned i = 0; i < filter->addresses; i++)
		if (filter->address[i] == address)
			return true;
	return false;
}

bool netdev_wants(const struct netdev_function *function, const uint8_t *frame, size_t length)
{
	const struct netdev_filter *filter = &function->filter;
	uint64_t to;

	if (!netdev_has(function, NETDEV_F_CTRL_RX) || filter->promiscuous || length < ADDRESS_BYTES)
		return true;
	to = netdev_le(frame, ADDRESS_BYTES);
	if (to == BROADCAST)
		return !filter->no_broadcast;
	if (to & 1)
		return !filter->no_multicast && (filter->all_multicast || filter->more_multicast || in_table(filter, to));
	return !filter->no_unicast && (to == function->mac || filter->all_unicast || filter->more_unicast || in_table(filter, to));
}

/* --- the link --------------------------------------------------------------------------------------------------------------- */

void netdev_set_link(struct netdev_state *net, bool up)
{
	if (net->link_up == up)
		return;
	net->link_up = up;
	net->active = true;
	for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++) {
		net->function[f].generation++;
		net->function[f].config_changed = netdev_has(&net->function[f], NETDEV_F_STATUS);
	}
}
