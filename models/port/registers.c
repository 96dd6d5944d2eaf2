#include "models/port/classifier.h"
#include "rtl/gen/field.h"

#define OFFSET(name) (PORT_##name - PORT_FLOW_OFFSET)
#define CONTROL_MASK (PORT_FLOW_CONTROL_ENABLE_MASK | PORT_FLOW_CONTROL_LEARN_MASK | PORT_FLOW_CONTROL_DEFAULT_MASK | \
	PORT_FLOW_CONTROL_DEFAULT_FUNCTION_MASK)
#define FUNCTION_MASK (PORT_FLOW_FN_ADDRESS_MASK | PORT_FLOW_FN_GUARD_MASK | PORT_FLOW_FN_TRUST_MASK | PORT_FLOW_FN_ENABLE_MASK)
#define MATCH_MASK (PORT_FLOW_RULE_MATCH_SOURCE_PORT_MASK | PORT_FLOW_RULE_MATCH_DESTINATION_PORT_MASK | \
	PORT_FLOW_RULE_MATCH_PROTOCOL_MASK | PORT_FLOW_RULE_MATCH_USE_SOURCE_MASK | PORT_FLOW_RULE_MATCH_USE_DESTINATION_MASK | \
	PORT_FLOW_RULE_MATCH_USE_SOURCE_PORT_MASK | PORT_FLOW_RULE_MATCH_USE_DESTINATION_PORT_MASK | \
	PORT_FLOW_RULE_MATCH_USE_PROTOCOL_MASK | PORT_FLOW_RULE_MATCH_ACTION_MASK | PORT_FLOW_RULE_MATCH_FUNCTION_MASK | \
	PORT_FLOW_RULE_MATCH_VALID_MASK)

static unsigned learned_now(const struct classifier *c)
{
	unsigned count = 0;

	for (unsigned f = 0; f < PORT_FLOW_FUNCTIONS; f++)
		for (unsigned i = 0; i < PORT_FLOW_LEARNED_EACH; i++)
			count += c->flow[f][i].valid;
	return count;
}

/* @return whether @p address lies in an array of @p entries registers of 8 bytes at @p base; then its number. */
static bool in_array(uint16_t address, unsigned base, unsigned entries, unsigned *number)
{
	*number = (address - base) / 8;
	return address >= base && *number < entries;
}

uint64_t classifier_read(const struct classifier *c, uint16_t address)
{
	unsigned n;

	switch (address) {
	case OFFSET(FLOW_CONTROL): return c->control;
	case OFFSET(FLOW_FIRMWARE_MAC): return c->firmware_mac;
	case OFFSET(FLOW_STATUS): return learned_now(c);
	case OFFSET(FLOW_COUNT_LEARNED): return c->learned;
	case OFFSET(FLOW_COUNT_REVOKED): return c->revoked;
	default: break;
	}
	if (in_array(address, OFFSET(FLOW_FN), PORT_FLOW_FUNCTIONS, &n))
		return c->function[n];
	if (in_array(address, OFFSET(FLOW_RULE_ADDRESSES), 2 * PORT_FLOW_RULES, &n))
		return c->rule[n / 2][n % 2];
	if (in_array(address, OFFSET(FLOW_COUNT), 16, &n))
		return c->count[n];
	if (in_array(address, OFFSET(FLOW_SERVED), PORT_FLOW_QUEUES, &n))
		return c->queue[n].served;
	return place_read(&c->place, address);
}

static void detach(struct classifier *c, unsigned function)
{
	for (unsigned i = 0; i < PORT_FLOW_LEARNED_EACH; i++) {
		c->revoked += c->flow[function][i].valid;
		c->flow[function][i].valid = 0;
	}
}

void classifier_write(struct classifier *c, uint16_t address, uint64_t data)
{
	unsigned n;

	if (address == OFFSET(FLOW_CONTROL))
		c->control = data & CONTROL_MASK;
	else if (address == OFFSET(FLOW_FIRMWARE_MAC))
		c->firmware_mac = data & PORT_FLOW_FIRMWARE_MAC_ADDRESS_MASK;
	else if (address == OFFSET(FLOW_DETACH))
		detach(c, (unsigned)FIELD_GET(PORT_FLOW_DETACH_FUNCTION, data));
	else if (in_array(address, OFFSET(FLOW_FN), PORT_FLOW_FUNCTIONS, &n))
		c->function[n] = data & FUNCTION_MASK;
	else if (in_array(address, OFFSET(FLOW_RULE_ADDRESSES), 2 * PORT_FLOW_RULES, &n))
		c->rule[n / 2][n % 2] = n % 2 ? data & MATCH_MASK : data;
	else
		place_write(&c->place, address, data);
}
