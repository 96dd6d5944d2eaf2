/* Fields to verdict. */
#include "models/port/classifier.h"
#include "rtl/gen/field.h"

enum { NOBODY = PORT_FLOW_FUNCTIONS, ACTION_FIRMWARE = 1, ACTION_FUNCTION = 2 };

static bool on(const struct classifier *c, unsigned function)
{
	return FIELD_GET(PORT_FLOW_FN_ENABLE, c->function[function]) != 0;
}

static uint16_t flood_mask(const struct classifier *c)
{
	unsigned mask = 0;

	for (unsigned f = 0; f < PORT_FLOW_FUNCTIONS; f++)
		mask |= (unsigned)on(c, f) << f;
	return (uint16_t)mask;
}

/* The function that is on and has this address, but for @p but. */
static unsigned function_of(const struct classifier *c, uint64_t address, unsigned but)
{
	for (unsigned f = 0; f < PORT_FLOW_FUNCTIONS; f++)
		if (f != but && on(c, f) && FIELD_GET(PORT_FLOW_FN_ADDRESS, c->function[f]) == address)
			return f;
	return NOBODY;
}

static bool rule_matches(const uint64_t rule[2], const struct classifier_fields *x)
{
	uint64_t m = rule[1];
	bool ports = FIELD_GET(PORT_FLOW_RULE_MATCH_USE_SOURCE_PORT, m) || FIELD_GET(PORT_FLOW_RULE_MATCH_USE_DESTINATION_PORT, m);

	if (!FIELD_GET(PORT_FLOW_RULE_MATCH_VALID, m) || !x->is_ip || (ports && !x->has_ports))
		return false;
	if (FIELD_GET(PORT_FLOW_RULE_MATCH_USE_SOURCE, m) && FIELD_GET(PORT_FLOW_RULE_ADDRESSES_SOURCE, rule[0]) != x->source_address)
		return false;
	if (FIELD_GET(PORT_FLOW_RULE_MATCH_USE_DESTINATION, m) &&
	    FIELD_GET(PORT_FLOW_RULE_ADDRESSES_DESTINATION, rule[0]) != x->destination_address)
		return false;
	if (FIELD_GET(PORT_FLOW_RULE_MATCH_USE_SOURCE_PORT, m) && FIELD_GET(PORT_FLOW_RULE_MATCH_SOURCE_PORT, m) != x->source_port)
		return false;
	if (FIELD_GET(PORT_FLOW_RULE_MATCH_USE_DESTINATION_PORT, m) &&
	    FIELD_GET(PORT_FLOW_RULE_MATCH_DESTINATION_PORT, m) != x->destination_port)
		return false;
	return !FIELD_GET(PORT_FLOW_RULE_MATCH_USE_PROTOCOL, m) || FIELD_GET(PORT_FLOW_RULE_MATCH_PROTOCOL, m) == x->protocol;
}

unsigned classifier_set(uint16_t hash)
{
	unsigned set = 0;

	for (unsigned bits = hash; bits; bits >>= 3)
		set ^= bits & 7;
	return set;
}

struct classifier_flow classifier_flow(const struct classifier_fields *x)
{
	if (x->dir == CLASSIFIER_TX)
		return (struct classifier_flow){1, x->protocol, x->source_port, x->destination_port, x->source_address, x->destination_address};
	return (struct classifier_flow){1, x->protocol, x->destination_port, x->source_port, x->destination_address, x->source_address};
}

int classifier_find(const struct classifier *c, unsigned function, unsigned set, const struct classifier_flow *flow)
{
	for (unsigned i = set * PORT_FLOW_LEARNED_WAYS; i < (set + 1) * PORT_FLOW_LEARNED_WAYS; i++) {
		const struct classifier_flow *known = &c->flow[function][i];

		if (known->valid && known->remote_address == flow->remote_address && known->remote_port == flow->remote_port &&
		    known->local_address == flow->local_address && known->local_port == flow->local_port && known->protocol == flow->protocol)
			return (int)i;
	}
	return -1;
}

static bool flow_matches(const struct classifier *c, const struct classifier_fields *x, unsigned function)
{
	struct classifier_flow flow = classifier_flow(x);

	return function != NOBODY && x->is_flow && classifier_find(c, function, classifier_set(x->hash), &flow) >= 0;
}

static void give(struct classifier_verdict *v, unsigned path, unsigned kind)
{
	v->path = (uint8_t)path;
	v->kind = (uint8_t)kind;
}

/* By an action of a rule or of FLOW_CONTROL.DEFAULT. */
static void act(const struct classifier *c, struct classifier_verdict *v, unsigned path, uint64_t action, uint64_t function)
{
	give(v, path, action == ACTION_FIRMWARE ? PORT_FLOW_FIRMWARE : PORT_FLOW_DROP);
	if (action == ACTION_FUNCTION && on(c, (unsigned)function)) {
		give(v, path, PORT_FLOW_FUNCTION);
		v->function = (uint8_t)function;
	}
}

static void give_function(const struct classifier *c, struct classifier_verdict *v, const struct classifier_fields *x, unsigned function)
{
	if (x->is_ip && FIELD_GET(PORT_FLOW_FN_GUARD, c->function[function])) {
		give(v, PORT_FLOW_PATH_GUARD, PORT_FLOW_DROP);
		return;
	}
	give(v, PORT_FLOW_PATH_MAC, PORT_FLOW_FUNCTION);
	v->function = (uint8_t)function;
}

static void decide_rx(const struct classifier *c, struct classifier_verdict *v, const struct classifier_fields *x)
{
	unsigned rule = 0, function = function_of(c, x->destination_mac, NOBODY);

	while (rule < PORT_FLOW_RULES && !rule_matches(c->rule[rule], x))
		rule++;
	if (!FIELD_GET(PORT_FLOW_CONTROL_ENABLE, c->control)) {
		give(v, PORT_FLOW_PATH_BYPASS, PORT_FLOW_FIRMWARE);
	} else if (x->destination_mac & 1) {
		give(v, PORT_FLOW_PATH_FLOOD, PORT_FLOW_FLOOD);
		v->mask = flood_mask(c);
	} else if (rule < PORT_FLOW_RULES) {
		act(c, v, PORT_FLOW_PATH_RULE, FIELD_GET(PORT_FLOW_RULE_MATCH_ACTION, c->rule[rule][1]),
			FIELD_GET(PORT_FLOW_RULE_MATCH_FUNCTION, c->rule[rule][1]));
	} else if (flow_matches(c, x, function)) {
		give(v, PORT_FLOW_PATH_LEARNED, PORT_FLOW_FUNCTION);
		v->function = (uint8_t)function;
	} else if (x->destination_mac == c->firmware_mac) {
		give(v, PORT_FLOW_PATH_MAC, PORT_FLOW_FIRMWARE);
	} else if (function != NOBODY) {
		give_function(c, v, x, function);
	} else {
		act(c, v, PORT_FLOW_PATH_DEFAULT, FIELD_GET(PORT_FLOW_CONTROL_DEFAULT, c->control),
			FIELD_GET(PORT_FLOW_CONTROL_DEFAULT_FUNCTION, c->control));
	}
}

static bool may_send(const struct classifier *c, const struct classifier_fields *x, unsigned self)
{
	return on(c, self) && (FIELD_GET(PORT_FLOW_FN_TRUST, c->function[self]) ||
	                       FIELD_GET(PORT_FLOW_FN_ADDRESS, c->function[self]) == x->source_mac);
}

/* @return whether the frame leaves and teaches its flow. */
static bool decide_tx(const struct classifier *c, struct classifier_verdict *v, const struct classifier_fields *x)
{
	bool firmware = x->source == 0;
	unsigned self = firmware ? NOBODY : x->source - 1u, function;

	if (x->source > PORT_FLOW_FUNCTIONS) {
		give(v, PORT_FLOW_PATH_REFUSED, PORT_FLOW_DROP);
		return false;
	}
	if (!FIELD_GET(PORT_FLOW_CONTROL_ENABLE, c->control)) {
		give(v, firmware ? PORT_FLOW_PATH_BYPASS : PORT_FLOW_PATH_REFUSED, firmware ? PORT_FLOW_LINE : PORT_FLOW_DROP);
		return false;
	}
	if (!firmware && !may_send(c, x, self)) {
		give(v, PORT_FLOW_PATH_REFUSED, PORT_FLOW_DROP);
		return false;
	}
	function = function_of(c, x->destination_mac, self);
	if (x->destination_mac & 1) {
		give(v, PORT_FLOW_PATH_FLOOD, PORT_FLOW_FLOOD);
		v->mask = (uint16_t)(flood_mask(c) & ~(firmware ? 0u : 1u << self));
		return false;
	}
	if (!firmware && x->destination_mac == c->firmware_mac) {
		give(v, PORT_FLOW_PATH_MAC, PORT_FLOW_FIRMWARE);
		return false;
	}
	if (function != NOBODY) {
		give_function(c, v, x, function);
		return false;
	}
	give(v, PORT_FLOW_PATH_DEFAULT, PORT_FLOW_LINE);
	return !firmware && x->is_flow && FIELD_GET(PORT_FLOW_CONTROL_LEARN, c->control);
}

struct classifier_verdict classifier_decide(const struct classifier *classifier, const struct classifier_fields *fields, bool *learn)
{
	struct classifier_verdict verdict = {
		.valid = 1,
		.dir = fields->dir,
		.l3 = fields->l3,
		.l4 = fields->l4,
		.payload = fields->payload,
		.hash = fields->hash,
	};

	*learn = false;
	if (fields->dir == CLASSIFIER_RX)
		decide_rx(classifier, &verdict, fields);
	else
		*learn = decide_tx(classifier, &verdict, fields);
	return verdict;
}
