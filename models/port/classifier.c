#include "models/port/classifier.h"

#include <string.h>

#include "rtl/gen/field.h"

enum { BEAT_BYTES = 8, BEATS = PORT_FLOW_HEADER_BYTES / BEAT_BYTES };

void classifier_reset(struct classifier *c)
{
	memset(c, 0, sizeof(*c));
	c->last_dir = CLASSIFIER_TX;
	place_reset(&c->place);
}

/* --- collectors ------------------------------------------------------------------------------------------------------ */

static void collect(struct classifier_collector *collector, uint8_t sop, uint8_t eop, uint8_t source, uint16_t length, uint64_t data)
{
	if (sop || !collector->begun) {
		memset(collector->header, 0, sizeof(collector->header));
		collector->beats = 0;
	}
	if (collector->beats < BEATS) {
		for (unsigned i = 0; i < BEAT_BYTES; i++)
			collector->header[collector->beats * BEAT_BYTES + i] = (uint8_t)(data >> (8 * i));
		collector->beats++;
	}
	collector->begun = 1;
	collector->whole = eop;
	collector->source = source;
	collector->length = length;
}

static void step_collectors(struct classifier *c, const struct port_in *in, const struct port_out *out)
{
	if (in->rx_valid && out->rx_ready)
		collect(&c->collector[CLASSIFIER_RX], in->rx_sop, in->rx_eop, 0, in->rx_length, in->rx_data);
	if (in->tx_valid && out->tx_ready)
		collect(&c->collector[CLASSIFIER_TX], in->tx_sop, in->tx_eop, in->tx_source, in->tx_length, in->tx_data);
}

/* --- fields ---------------------------------------------------------------------------------------------------------- */

static void take_header(struct classifier *c)
{
	unsigned first = c->last_dir == CLASSIFIER_RX ? CLASSIFIER_TX : CLASSIFIER_RX;
	unsigned dir = c->collector[first].whole ? first : 1 - first;
	struct classifier_collector *collector = &c->collector[dir];

	if (!collector->whole)
		return;
	classifier_parse(&c->fields, collector->header, collector->length);
	c->fields.valid = 1;
	c->fields.dir = (uint8_t)dir;
	c->fields.source = collector->source;
	c->last_dir = (uint8_t)dir;
	collector->whole = collector->begun = 0;
}

/* --- decision -------------------------------------------------------------------------------------------------------- */

/* @param known it was there before the edge; @param forgotten what its function has taught is forgotten at the same edge */
static void learn(struct classifier *c, const struct classifier_fields *x, bool known, bool forgotten)
{
	unsigned function = x->source - 1u, set = classifier_set(x->hash);
	uint8_t *next = &c->flow_next[function][set];

	c->learned++;
	if (known)
		return;
	c->flow[function][set * PORT_FLOW_LEARNED_WAYS + *next] = classifier_flow(x);
	c->flow[function][set * PORT_FLOW_LEARNED_WAYS + *next].valid = !forgotten;
	*next = (uint8_t)((*next + 1u) % PORT_FLOW_LEARNED_WAYS);
}

/* --- transmit queues ------------------------------------------------------------------------------------------------- */

static bool earlier(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static void grant(struct classifier *c)
{
	unsigned best = PORT_FLOW_QUEUES;

	for (unsigned q = 0; q < PORT_FLOW_QUEUES; q++)
		if (c->queue[q].wants && (best == PORT_FLOW_QUEUES || earlier(c->queue[q].start, c->queue[best].start)))
			best = q;
	if (best == PORT_FLOW_QUEUES)
		return;
	c->grant_valid = 1;
	c->grant_queue = (uint8_t)best;
	c->grant_length = c->queue[best].length;
	c->virtual_time = c->queue[best].start;
	c->queue[best].served += c->queue[best].length;
	c->queue[best].wants = 0;
}

/* @param before the queue and the virtual time as they were before the edge */
static void want(struct classifier *c, const struct classifier_queue *before, uint32_t virtual_time, unsigned number, uint16_t length)
{
	struct classifier_queue *queue = &c->queue[number];
	bool granted = before->wants && !queue->wants;

	if (before->wants && !granted) {
		queue->finish = queue->start + length;
	} else {
		queue->start = earlier(virtual_time, before->finish) ? before->finish : virtual_time;
		queue->finish = queue->start + length;
	}
	queue->length = length;
	queue->wants = 1;
}

static void step_queues(struct classifier *c, const struct port_in *in, const struct port_out *out)
{
	uint32_t virtual_time = c->virtual_time;
	struct classifier_queue before = {0};
	bool valid = in->want_valid && in->want_queue < PORT_FLOW_QUEUES;

	if (valid)
		before = c->queue[in->want_queue];
	if (!out->grant_valid || in->grant_ready) {
		c->grant_valid = 0;
		c->grant_queue = 0;
		c->grant_length = 0;
		grant(c);
	}
	if (valid)
		want(c, &before, virtual_time, in->want_queue, in->want_length);
}

/* --- everything ------------------------------------------------------------------------------------------------------ */

static void step_registers(struct classifier *c, const struct port_in *in, const struct port_out *out, uint64_t read)
{
	if (out->reg_rsp_valid && in->reg_rsp_ready) {
		c->answer_valid = 0;
		c->answer = 0;
	}
	if (!in->reg_valid || !out->reg_ready)
		return;
	c->answer_valid = 1;
	c->answer = in->reg_write ? 0 : read;
	if (in->reg_write)
		classifier_write(c, in->reg_addr, in->reg_data);
}

static bool is_known(const struct classifier *c, const struct classifier_fields *x)
{
	struct classifier_flow flow = classifier_flow(x);

	return classifier_find(c, x->source - 1u, classifier_set(x->hash), &flow) >= 0;
}

void classifier_step(struct classifier *c, const struct port_in *in, struct port_out *out)
{
	struct classifier_fields fields = c->fields;
	bool decided = fields.valid && (!out->verdict_valid || in->verdict_ready), teaches = false, known;
	bool detaches = in->reg_valid && out->reg_ready && in->reg_write && in->reg_addr == PORT_FLOW_DETACH - PORT_FLOW_OFFSET;
	struct classifier_verdict verdict = {0};
	uint64_t read = classifier_read(c, in->reg_addr);

	if (decided)
		verdict = classifier_decide(c, &fields, &teaches);
	known = teaches && is_known(c, &fields);
	place_step(&c->place, in, out);
	step_queues(c, in, out);
	if (!fields.valid || decided) {
		memset(&c->fields, 0, sizeof(c->fields));
		take_header(c);
	}
	step_collectors(c, in, out);
	if (decided) {
		c->verdict = verdict;
		c->count[8 * verdict.dir + verdict.path]++;
	} else if (in->verdict_ready) {
		memset(&c->verdict, 0, sizeof(c->verdict));
	}
	step_registers(c, in, out, read);
	if (teaches) /* after FLOW_DETACH of the same edge, which counts what was valid before it */
		learn(c, &fields, known, detaches && FIELD_GET(PORT_FLOW_DETACH_FUNCTION, in->reg_data) == fields.source - 1u);
	classifier_outputs(c, out);
}

static bool is_idle(const struct classifier *c)
{
	bool wants = false;

	for (unsigned q = 0; q < PORT_FLOW_QUEUES; q++)
		wants |= c->queue[q].wants;
	return !c->collector[0].begun && !c->collector[1].begun && !c->fields.valid && !c->verdict.valid && !wants && !c->grant_valid &&
	       !c->answer_valid && place_is_idle(&c->place);
}

void classifier_outputs(const struct classifier *c, struct port_out *out)
{
	const struct classifier_verdict *v = &c->verdict;

	memset(out, 0, sizeof(*out));
	out->rx_ready = !c->collector[CLASSIFIER_RX].whole;
	out->tx_ready = !c->collector[CLASSIFIER_TX].whole;
	out->verdict_valid = v->valid;
	out->verdict_dir = v->dir;
	out->verdict_kind = v->kind;
	out->verdict_path = v->path;
	out->verdict_function = v->function;
	out->verdict_mask = v->mask;
	out->verdict_l3 = v->l3;
	out->verdict_l4 = v->l4;
	out->verdict_payload = v->payload;
	out->verdict_hash = v->hash;
	out->want_ready = 1;
	out->grant_valid = c->grant_valid;
	out->grant_queue = c->grant_queue;
	out->grant_length = c->grant_length;
	out->reg_ready = !c->answer_valid;
	out->reg_rsp_valid = c->answer_valid;
	out->reg_rsp_data = c->answer;
	place_outputs(&c->place, out);
	out->idle = is_idle(c);
}
