/* Set and Get Features, NVMe 1.4 section 5.21: the features that are mandatory for an I/O controller, and the write cache. */
#include "firmware/nvme/controller.h"

#include "firmware/nvme/layout.h"
#include "rtl/gen/field.h"

#include <string.h>

#define SAVE (1u << 31)
#define SELECT(dw10) ((dw10) >> 8 & 7)
#define CHANGEABLE 4u
#define NAMESPACE_SPECIFIC 2u
#define ASYNC_EVENTS_SUPPORTED 0x1ffu /* SMART warnings and namespace attribute notices */
#define COALESCING_DISABLED (1u << 16)
#define ARBITRATION_BITS 0xffffff07u
#define DULBE (1u << 16)
#define QUEUES_GRANTED ((CONTROLLER_IO_QUEUES - 1) << 16 | (CONTROLLER_IO_QUEUES - 1))

struct feature {
	bool supported;
	uint32_t capabilities;
	uint32_t initial;
	/** Whether @p controller has the feature; NULL: every one has. */
	bool (*present)(const struct controller *controller);
	/** Checks and stores a new value; NULL: any value of DW11 is stored. */
	uint16_t (*set)(const struct admin_command *command, uint32_t *result);
	/** The current value; NULL: what was stored. */
	uint16_t (*get)(const struct admin_command *command, uint32_t *result);
};

static bool has_write_cache(const struct controller *controller)
{
	return controller->volume == CONTROLLER_NO_VOLUME || layout_info(controller->volume)->write_cache; /* as Identify says */
}

static uint16_t set_power(const struct admin_command *command, uint32_t *result)
{
	(void)result;
	return (command->sqe->dw11 & 0x1f) == 0 ? NVME_SUCCESS : NVME_INVALID_FIELD;
}

/* Only the composite temperature has thresholds; "all sensors" (0Fh) means it too, on setting. */
static uint32_t *threshold_of(const struct admin_command *command, bool setting)
{
	uint32_t sensor = command->sqe->dw11 >> 16 & 0xf, kind = command->sqe->dw11 >> 20 & 3;

	if ((sensor != 0 && !(setting && sensor == 0xf)) || kind > 1)
		return NULL;
	return kind == 0 ? &command->controller->temperature_over : &command->controller->temperature_under;
}

static uint16_t set_temperature(const struct admin_command *command, uint32_t *result)
{
	uint32_t *threshold = threshold_of(command, true);

	(void)result;
	if (!threshold)
		return NVME_INVALID_FIELD;
	*threshold = command->sqe->dw11 & 0xffff;
	async_temperature(command->controller);
	return NVME_SUCCESS;
}

static uint16_t get_temperature(const struct admin_command *command, uint32_t *result)
{
	const uint32_t *threshold = threshold_of(command, false);

	if (!threshold)
		return NVME_INVALID_FIELD;
	*result = *threshold;
	return NVME_SUCCESS;
}

static uint16_t set_error_recovery(const struct admin_command *command, uint32_t *result)
{
	(void)result;
	if (command->sqe->dw11 & DULBE)
		return NVME_INVALID_FIELD;
	command->controller->features[NVME_FEATURE_ERROR_RECOVERY] = command->sqe->dw11 & 0xffff;
	return NVME_SUCCESS;
}

static uint16_t set_write_cache(const struct admin_command *command, uint32_t *result)
{
	(void)result;
	return command->sqe->dw11 & 1 ? NVME_SUCCESS : NVME_FEATURE_NOT_CHANGEABLE; /* the cache is the storage's */
}

static uint16_t set_queues(const struct admin_command *command, uint32_t *result)
{
	if ((command->sqe->dw11 & 0xffff) == 0xffff || command->sqe->dw11 >> 16 == 0xffff)
		return NVME_INVALID_FIELD;
	if (command->controller->io_queues > 0)
		return NVME_COMMAND_SEQUENCE_ERROR;
	*result = QUEUES_GRANTED;
	return NVME_SUCCESS;
}

/* What the controller does of the host's arbitration and coalescing (sections 4.13, 5.21.1.1, 5.21.1.8, 5.21.1.9) the SEE does. */
void features_apply(const struct controller *controller)
{
	uint32_t coalescing = controller->features[NVME_FEATURE_COALESCING], disabled = 0;
	bool weighted = features_weighted(controller->function);

	for (unsigned vector = 0; vector < SEE_NUM_VECTORS; vector++)
		disabled |= (controller->vector_config[vector] & COALESCING_DISABLED ? 1u : 0u) << vector;
	see_function_write(controller->function, SEE_FN_ARBITRATION,
		(controller->features[NVME_FEATURE_ARBITRATION] & ARBITRATION_BITS) | FIELD_PREP(SEE_FN_ARBITRATION_WRR, weighted));
	see_function_write(controller->function, SEE_FN_COALESCING, (coalescing & 0xffff) | FIELD_PREP(SEE_FN_COALESCING_CD, disabled));
}

bool features_weighted(unsigned function)
{
	return FIELD_GET(SEE_CC_AMS, see_function_read(function, SEE_FN_CC)) == NVME_AMS_WEIGHTED;
}

static uint16_t set_arbitration(const struct admin_command *command, uint32_t *result)
{
	(void)result;
	command->controller->features[NVME_FEATURE_ARBITRATION] = command->sqe->dw11 & ARBITRATION_BITS;
	features_apply(command->controller);
	return NVME_SUCCESS;
}

static uint16_t set_coalescing(const struct admin_command *command, uint32_t *result)
{
	(void)result;
	command->controller->features[NVME_FEATURE_COALESCING] = command->sqe->dw11 & 0xffff;
	features_apply(command->controller);
	return NVME_SUCCESS;
}

static uint16_t set_vector(const struct admin_command *command, uint32_t *result)
{
	uint32_t vector = command->sqe->dw11 & 0xffff;

	(void)result;
	if (vector >= SEE_NUM_VECTORS)
		return NVME_INVALID_FIELD;
	command->controller->vector_config[vector] = vector | (command->sqe->dw11 & COALESCING_DISABLED);
	features_apply(command->controller);
	return NVME_SUCCESS;
}

static uint16_t get_vector(const struct admin_command *command, uint32_t *result)
{
	uint32_t vector = command->sqe->dw11 & 0xffff;

	if (vector >= SEE_NUM_VECTORS)
		return NVME_INVALID_FIELD;
	*result = command->controller->vector_config[vector];
	return NVME_SUCCESS;
}

static uint16_t set_async_events(const struct admin_command *command, uint32_t *result)
{
	(void)result;
	if (command->sqe->dw11 & ~ASYNC_EVENTS_SUPPORTED)
		return NVME_INVALID_FIELD;
	command->controller->features[NVME_FEATURE_ASYNC_EVENTS] = command->sqe->dw11;
	async_temperature(command->controller);
	return NVME_SUCCESS;
}

static const struct feature features[CONTROLLER_FEATURES] = {
	[NVME_FEATURE_ARBITRATION] = {true, CHANGEABLE, 7, NULL, set_arbitration, NULL},
	[NVME_FEATURE_POWER] = {true, CHANGEABLE, 0, NULL, set_power, NULL},
	[NVME_FEATURE_TEMPERATURE] = {true, CHANGEABLE, 0, NULL, set_temperature, get_temperature},
	[NVME_FEATURE_ERROR_RECOVERY] = {true, CHANGEABLE | NAMESPACE_SPECIFIC, 0, NULL, set_error_recovery, NULL},
	[NVME_FEATURE_WRITE_CACHE] = {true, 0, 1, has_write_cache, set_write_cache, NULL},
	[NVME_FEATURE_QUEUES] = {true, CHANGEABLE, QUEUES_GRANTED, NULL, set_queues, NULL},
	[NVME_FEATURE_COALESCING] = {true, CHANGEABLE, 0, NULL, set_coalescing, NULL},
	[NVME_FEATURE_VECTOR] = {true, CHANGEABLE, 0, NULL, set_vector, get_vector},
	[NVME_FEATURE_ATOMICITY] = {true, CHANGEABLE, 0, NULL, NULL, NULL},
	[NVME_FEATURE_ASYNC_EVENTS] = {true, CHANGEABLE, 0, NULL, set_async_events, NULL},
};

static const struct feature *feature_of(const struct admin_command *command)
{
	uint32_t id = command->sqe->dw10 & 0xff;

	if (id >= CONTROLLER_FEATURES || !features[id].supported)
		return NULL;
	return !features[id].present || features[id].present(command->controller) ? &features[id] : NULL;
}

/* Features of a namespace: of namespace 1, or of all (0 means them too, since tools leave the field out). */
static bool namespace_fits(const struct feature *feature, uint32_t nsid)
{
	return !(feature->capabilities & NAMESPACE_SPECIFIC) || nsid <= 1 || nsid == NVME_NSID_ALL;
}

void features_reset(struct controller *controller)
{
	for (unsigned id = 0; id < CONTROLLER_FEATURES; id++)
		controller->features[id] = features[id].initial;
	controller->temperature_over = CONTROLLER_WARNING_KELVIN;
	controller->temperature_under = 0;
	for (uint32_t vector = 0; vector < SEE_NUM_VECTORS; vector++)
		controller->vector_config[vector] = vector;
}

void admin_set_features(const struct admin_command *command)
{
	const struct feature *feature = feature_of(command);
	uint32_t id = command->sqe->dw10 & 0xff, result = 0;
	uint16_t status = NVME_SUCCESS;

	if (!feature)
		status = NVME_INVALID_FIELD;
	else if (!namespace_fits(feature, command->sqe->nsid))
		status = NVME_INVALID_NAMESPACE;
	else if (command->sqe->dw10 & SAVE)
		status = NVME_FEATURE_NOT_SAVEABLE;
	else if (feature->set)
		status = feature->set(command, &result);
	else
		command->controller->features[id] = command->sqe->dw11;
	admin_complete(command, status == NVME_SUCCESS ? status : status | NVME_STATUS_DNR, result);
}

static uint16_t feature_initial(const struct admin_command *command, uint32_t *result)
{
	uint32_t id = command->sqe->dw10 & 0xff;
	struct controller initial;
	struct admin_command probe = {&initial, command->descriptor, command->sqe};

	memset(&initial, 0, sizeof(initial));
	features_reset(&initial);
	*result = initial.features[id];
	return features[id].get ? features[id].get(&probe, result) : NVME_SUCCESS;
}

/* Nothing is saveable, so the saved value is the default (section 5.14.1). */
static uint16_t feature_selected(const struct admin_command *command, uint32_t *result)
{
	uint32_t id = command->sqe->dw10 & 0xff;

	switch (SELECT(command->sqe->dw10)) {
	case 0:
		*result = command->controller->features[id];
		return features[id].get ? features[id].get(command, result) : NVME_SUCCESS;
	case 1:
	case 2:
		return feature_initial(command, result);
	case 3:
		*result = features[id].capabilities;
		return NVME_SUCCESS;
	default:
		return NVME_INVALID_FIELD;
	}
}

void admin_get_features(const struct admin_command *command)
{
	const struct feature *feature = feature_of(command);
	uint32_t result = 0;
	uint16_t status = NVME_INVALID_FIELD;

	if (feature && !namespace_fits(feature, command->sqe->nsid))
		status = NVME_INVALID_NAMESPACE;
	else if (feature)
		status = feature_selected(command, &result);
	admin_complete(command, status == NVME_SUCCESS ? status : status | NVME_STATUS_DNR, result);
}
