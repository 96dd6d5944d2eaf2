/* Cycle-accurate model of the port's flow classifier; rtl/port/README.md says what happens in which cycle.
 * The state is one plain struct with a part for each unit. In a step every unit sees the state before the clock edge. */
#ifndef ASSAY_MODELS_PORT_CLASSIFIER_H
#define ASSAY_MODELS_PORT_CLASSIFIER_H

#include "models/port/place.h"

enum { CLASSIFIER_RX, CLASSIFIER_TX, CLASSIFIER_DIRECTIONS };
enum { CLASSIFIER_FLOW_SETS = PORT_FLOW_LEARNED_EACH / PORT_FLOW_LEARNED_WAYS };

struct classifier_collector {
	uint8_t header[PORT_FLOW_HEADER_BYTES];
	uint8_t beats; /**< taken since sop, at most PORT_FLOW_HEADER_BYTES / 8 */
	uint8_t begun; /**< beats have come since the last whole header left */
	uint8_t whole;
	uint8_t source;
	uint16_t length;
};

/** What a header says; addresses of IPv4 as numbers, those of Ethernet with the first byte in bits 7:0. */
struct classifier_fields {
	uint8_t valid, dir, source;
	uint8_t is_ip, has_ports;
	uint8_t is_flow; /**< IPv4, no fragment */
	uint8_t protocol;
	uint8_t l3, l4, payload;
	uint16_t source_port, destination_port, hash;
	uint32_t source_address, destination_address;
	uint64_t source_mac, destination_mac;
};

struct classifier_verdict {
	uint8_t valid, dir, kind, path, function;
	uint8_t l3, l4, payload;
	uint16_t mask, hash;
};

struct classifier_flow {
	uint8_t valid, protocol;
	uint16_t local_port, remote_port;
	uint32_t local_address, remote_address;
};

struct classifier_queue {
	uint8_t wants;
	uint16_t length;
	uint32_t start, finish;
	uint64_t served;
};

struct classifier {
	struct classifier_collector collector[CLASSIFIER_DIRECTIONS];
	uint8_t last_dir; /**< direction that was taken last: the other goes first */
	struct classifier_fields fields;
	struct classifier_verdict verdict;
	struct classifier_flow flow[PORT_FLOW_FUNCTIONS][PORT_FLOW_LEARNED_EACH]; /**< sets of PORT_FLOW_LEARNED_WAYS */
	uint8_t flow_next[PORT_FLOW_FUNCTIONS][CLASSIFIER_FLOW_SETS];            /**< the way that a new flow of the set takes */
	struct classifier_queue queue[PORT_FLOW_QUEUES];
	uint32_t virtual_time;
	uint8_t grant_valid, grant_queue;
	uint16_t grant_length;
	uint8_t answer_valid;
	uint64_t answer;
	uint64_t control, firmware_mac;
	uint64_t function[PORT_FLOW_FUNCTIONS];
	uint64_t rule[PORT_FLOW_RULES][2]; /**< addresses, match */
	uint64_t count[16], learned, revoked;
	struct place place;
};

void classifier_reset(struct classifier *classifier);

/** One clock edge: @p out receives the outputs after it. */
void classifier_step(struct classifier *classifier, const struct port_in *in, struct port_out *out);

void classifier_outputs(const struct classifier *classifier, struct port_out *out);

/* --- between the files of the model --- */

/** Takes the fields out of a header of @p length frame bytes. */
void classifier_parse(struct classifier_fields *fields, const uint8_t header[PORT_FLOW_HEADER_BYTES], uint16_t length);

/** The verdict for a header's fields; @p learn: whether it teaches its flow. */
struct classifier_verdict classifier_decide(const struct classifier *classifier, const struct classifier_fields *fields, bool *learn);

/** The flow that a header belongs to, as the function knows it that sends or receives it. */
struct classifier_flow classifier_flow(const struct classifier_fields *fields);
/** @return the set of a flow among those of a function. */
unsigned classifier_set(uint16_t hash);
/** @return which of @p function's entries holds @p flow, -1: none. */
int classifier_find(const struct classifier *classifier, unsigned function, unsigned set, const struct classifier_flow *flow);

/** @return what a register read at @p address (from 0x1000 of the window) gives. */
uint64_t classifier_read(const struct classifier *classifier, uint16_t address);
void classifier_write(struct classifier *classifier, uint16_t address, uint64_t data);

#endif
