/* The steps from an open TCP connection to a ready path, for setup.c, which runs them.
 *
 *   setup_connect.c    Connect, the controller's properties, I/O queues
 *   setup_identify.c   Identify, features, asymmetric access
 *   setup_discovery.c  the log page of a discovery controller
 */
#ifndef ASSAY_FIRMWARE_FABRIC_SETUP_H
#define ASSAY_FIRMWARE_FABRIC_SETUP_H

#include "firmware/fabric/storage.h"

enum setup_outcome {
	SETUP_NEXT,
	SETUP_AGAIN,  /* the same step once more, a little later */
	SETUP_MORE,   /* the same step once more, at once */
	SETUP_WAIT,   /* something else goes on from here */
	SETUP_FAILED,
};

/* `start` fills in the command but for what queues fill in; its data, if any, is path->setup_data. `finish` judges a success. */
struct setup_step {
	const char *name;
	bool on_io_queue;
	bool optional; /* a target may refuse it: `finish` sees path->setup.status */
	bool (*wanted)(const struct path *path); /* NULL: by all */
	void (*start)(struct path *path, struct nvme_sqe *sqe);
	enum setup_outcome (*finish)(struct path *path, uint64_t result);
};

void setup_start_connect_admin(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_connect_admin(struct path *path, uint64_t result);
/** A Connect had parameters that the controller does not take: the next attempt has others. */
void setup_connect_refused(struct path *path, bool io_queue);
void setup_start_get_cap(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_get_cap(struct path *path, uint64_t cap);
void setup_start_set_cc(struct path *path, struct nvme_sqe *sqe);
void setup_start_get_csts(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_get_csts(struct path *path, uint64_t csts);
void setup_start_set_queues(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_set_queues(struct path *path, uint64_t result);
void setup_start_connect_io(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_connect_io(struct path *path, uint64_t result);

void setup_start_identify_controller(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_identify_controller(struct path *path, uint64_t result);
void setup_start_set_events(struct path *path, struct nvme_sqe *sqe);
void setup_start_identify_namespace(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_identify_namespace(struct path *path, uint64_t result);
void setup_start_identify_descriptors(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_identify_descriptors(struct path *path, uint64_t result);
void setup_start_get_ana(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_get_ana(struct path *path, uint64_t result);

void setup_start_get_discovery_header(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_get_discovery_header(struct path *path, uint64_t result);
void setup_start_get_discovery(struct path *path, struct nvme_sqe *sqe);
enum setup_outcome setup_finish_get_discovery(struct path *path, uint64_t result);

#endif
