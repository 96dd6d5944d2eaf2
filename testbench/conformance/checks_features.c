/* Set Features and Get Features, sections 5.14 and 5.21, 7.8. */
#include "testbench/conformance/check.h"

#define ARBITRATION 0x01u
#define POWER 0x02u
#define TEMPERATURE 0x04u
#define ERROR_RECOVERY 0x05u
#define WRITE_CACHE 0x06u
#define NUMBER_OF_QUEUES 0x07u
#define COALESCING 0x08u
#define VECTOR 0x09u
#define ATOMICITY 0x0au
#define ASYNC_EVENTS 0x0bu
#define CURRENT 0u
#define DEFAULT 1u
#define SAVED 2u
#define CAPABILITIES 3u

static const uint8_t mandatory[] = {ARBITRATION, POWER, TEMPERATURE, ERROR_RECOVERY, NUMBER_OF_QUEUES, COALESCING, VECTOR, ATOMICITY, ASYNC_EVENTS};

static void mandatory_features(void)
{
    for (unsigned i = 0; i < sizeof(mandatory); i++) {
        struct result result = get_feature(PF, mandatory[i], CURRENT, 0);
        EXPECT(result.done && result.status == ST_SUCCESS, "feature %x: %x", mandatory[i], result.status);
    }
}

static void reserved_features(void)
{
    static const uint8_t reserved[] = {0x00, 0x20, 0x77, 0x7f, 0xff};
    for (unsigned i = 0; i < sizeof(reserved); i++) {
        EXPECT_STATUS(get_feature(PF, reserved[i], CURRENT, 0), ST_INVALID_FIELD);
        EXPECT_STATUS(set_feature(PF, reserved[i], 0), ST_INVALID_FIELD);
    }
}

/* Sets, reads back, and finds default and capabilities in order. */
static void stores(uint32_t id, uint32_t value)
{
    EXPECT_STATUS(set_feature(PF, id, value), ST_SUCCESS);
    struct result current = get_feature(PF, id, CURRENT, value & 0xffff);
    EXPECT_STATUS(current, ST_SUCCESS);
    EXPECT(current.dw0 == value, "feature %x reads %x after %x was set", id, current.dw0, value);
}

static void arbitration(void)
{
    stores(ARBITRATION, 0x04030203);
    stores(ARBITRATION, 0x00000007);
}

static void power(void)
{
    EXPECT_STATUS(set_feature(PF, POWER, 0), ST_SUCCESS);
    struct result result = get_feature(PF, POWER, CURRENT, 0);
    EXPECT((result.dw0 & 0x1f) == 0, "power state %u", result.dw0 & 0x1f);
}

static void power_unsupported(void)
{
    EXPECT_STATUS(set_feature(PF, POWER, 31), ST_INVALID_FIELD);
}

static void temperature(void)
{
    EXPECT_STATUS(set_feature(PF, TEMPERATURE, 350), ST_SUCCESS);
    EXPECT_STATUS(set_feature(PF, TEMPERATURE, 1u << 20 | 200), ST_SUCCESS);
    struct result over = get_feature(PF, TEMPERATURE, CURRENT, 0), under = get_feature(PF, TEMPERATURE, CURRENT, 1u << 20);
    EXPECT((over.dw0 & 0xffff) == 350, "over temperature threshold %u", over.dw0 & 0xffff);
    EXPECT((under.dw0 & 0xffff) == 200, "under temperature threshold %u", under.dw0 & 0xffff);
}

static void temperature_default(void)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, data), ST_SUCCESS);
    struct result over = get_feature(PF, TEMPERATURE, DEFAULT, 0), under = get_feature(PF, TEMPERATURE, DEFAULT, 1u << 20);
    EXPECT((over.dw0 & 0xffff) == get16(data, 266), "default over threshold %u, WCTEMP %u", over.dw0 & 0xffff, get16(data, 266));
    EXPECT((under.dw0 & 0xffff) == 0, "default under threshold %u", under.dw0 & 0xffff);
}

static void temperature_reserved(void)
{
    EXPECT_STATUS(set_feature(PF, TEMPERATURE, 2u << 20 | 300), ST_INVALID_FIELD);
    EXPECT_STATUS(get_feature(PF, TEMPERATURE, CURRENT, 3u << 20), ST_INVALID_FIELD);
}

static void temperature_sensor(void)
{
    EXPECT_STATUS(get_feature(PF, TEMPERATURE, CURRENT, 9u << 16), ST_INVALID_FIELD);
    EXPECT_STATUS(set_feature(PF, TEMPERATURE, 9u << 16 | 300), ST_INVALID_FIELD);
}

static struct result error_recovery_of(uint32_t nsid, uint8_t opcode)
{
    return admin(PF, &(struct sqe){.opcode = opcode, .nsid = nsid, .dw10 = ERROR_RECOVERY, .dw11 = 5});
}

static void error_recovery(void)
{
    EXPECT_STATUS(error_recovery_of(1, ADMIN_SET_FEATURES), ST_SUCCESS);
    struct result result = error_recovery_of(1, ADMIN_GET_FEATURES);
    EXPECT_STATUS(result, ST_SUCCESS);
    EXPECT((result.dw0 & 0xffff) == 5, "TLER %u", result.dw0 & 0xffff);
}

static void namespace_scope(void)
{
    EXPECT_STATUS(error_recovery_of(7, ADMIN_GET_FEATURES), ST_INVALID_NAMESPACE);
    EXPECT_STATUS(error_recovery_of(7, ADMIN_SET_FEATURES), ST_INVALID_NAMESPACE);
    EXPECT_STATUS(error_recovery_of(NSID_ALL, ADMIN_SET_FEATURES), ST_SUCCESS);
}

static void write_cache(void)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, data), ST_SUCCESS);
    if (data[525] & 1) {
        struct result result = get_feature(PF, WRITE_CACHE, CURRENT, 0);
        EXPECT_STATUS(result, ST_SUCCESS);
        EXPECT_STATUS(set_feature(PF, WRITE_CACHE, result.dw0 & 1), ST_SUCCESS);
    } else {
        EXPECT_STATUS(get_feature(PF, WRITE_CACHE, CURRENT, 0), ST_INVALID_FIELD);
    }
}

static void number_of_queues(void)
{
    struct result result = set_feature(PF, NUMBER_OF_QUEUES, 63u << 16 | 63);
    EXPECT_STATUS(result, ST_SUCCESS);
    EXPECT((result.dw0 & 0xffff) + 1 >= 1 && result.dw0 >> 16 < 64, "granted %x", result.dw0);
    struct result now = get_feature(PF, NUMBER_OF_QUEUES, CURRENT, 0);
    EXPECT(now.dw0 == result.dw0, "granted %x, Get Features says %x", result.dw0, now.dw0);
}

static void number_of_queues_too_many(void)
{
    EXPECT_STATUS(set_feature(PF, NUMBER_OF_QUEUES, 0xffffu), ST_INVALID_FIELD);
    EXPECT_STATUS(set_feature(PF, NUMBER_OF_QUEUES, 0xffff0000u), ST_INVALID_FIELD);
}

static void number_of_queues_late(void)
{
    EXPECT(make_queue(PF, 1, 8), "no queue");
    EXPECT_STATUS(set_feature(PF, NUMBER_OF_QUEUES, 1u << 16 | 1), ST_SEQUENCE);
}

static void coalescing(void)
{
    stores(COALESCING, 0x0a07);
    stores(COALESCING, 0);
}

static void vector_config(void)
{
    for (uint32_t vector = 0; vector < VECTORS; vector++) {
        struct result result = get_feature(PF, VECTOR, CURRENT, vector);
        EXPECT_STATUS(result, ST_SUCCESS);
        EXPECT((result.dw0 & 0xffff) == vector, "IV %u for vector %u", result.dw0 & 0xffff, vector);
    }
    EXPECT_STATUS(set_feature(PF, VECTOR, 1u << 16 | 3), ST_SUCCESS);
    EXPECT(get_feature(PF, VECTOR, CURRENT, 3).dw0 == (1u << 16 | 3), "coalescing of vector 3 is not disabled");
    EXPECT(!(get_feature(PF, VECTOR, CURRENT, 2).dw0 >> 16), "coalescing of vector 2 is disabled too");
}

static void vector_config_beyond(void)
{
    EXPECT_STATUS(set_feature(PF, VECTOR, 0x100), ST_INVALID_FIELD);
    EXPECT_STATUS(get_feature(PF, VECTOR, CURRENT, 0x100), ST_INVALID_FIELD);
}

static void atomicity(void)
{
    stores(ATOMICITY, 1);
    stores(ATOMICITY, 0);
}

static void async_config(void)
{
    stores(ASYNC_EVENTS, 0x11f);
    stores(ASYNC_EVENTS, 0);
}

static void select_default(void)
{
    struct result initial = get_feature(PF, COALESCING, DEFAULT, 0);
    EXPECT_STATUS(initial, ST_SUCCESS);
    EXPECT_STATUS(set_feature(PF, COALESCING, 0x0505), ST_SUCCESS);
    struct result after = get_feature(PF, COALESCING, DEFAULT, 0);
    EXPECT(after.dw0 == initial.dw0, "the default follows the current value: %x", after.dw0);
}

static void select_saved(void)
{
    EXPECT_STATUS(set_feature(PF, COALESCING, 0x0505), ST_SUCCESS);
    struct result saved = get_feature(PF, COALESCING, SAVED, 0), initial = get_feature(PF, COALESCING, DEFAULT, 0);
    EXPECT_STATUS(saved, ST_SUCCESS);
    EXPECT(saved.dw0 == initial.dw0, "nothing was saved, but the saved value is %x", saved.dw0);
}

static void select_capabilities(void)
{
    for (unsigned i = 0; i < sizeof(mandatory); i++) {
        struct result result = get_feature(PF, mandatory[i], CAPABILITIES, 0);
        EXPECT_STATUS(result, ST_SUCCESS);
        EXPECT((result.dw0 & ~7u) == 0, "feature %x: reserved bits %x", mandatory[i], result.dw0);
        EXPECT(result.dw0 & 4, "feature %x is not changeable", mandatory[i]);
    }
}

static void select_reserved(void)
{
    EXPECT_STATUS(get_feature(PF, COALESCING, 4, 0), ST_INVALID_FIELD);
    EXPECT_STATUS(get_feature(PF, COALESCING, 7, 0), ST_INVALID_FIELD);
}

static void save_bit(void)
{
    for (unsigned i = 0; i < sizeof(mandatory); i++) {
        struct result result = get_feature(PF, mandatory[i], CAPABILITIES, 0);
        if (result.dw0 & 1)
            continue;
        struct sqe command = {.opcode = ADMIN_SET_FEATURES, .nsid = mandatory[i] == ERROR_RECOVERY, .dw10 = 1u << 31 | mandatory[i]};
        EXPECT_STATUS(admin(PF, &command), ST_NOT_SAVEABLE);
    }
}

static void failed_set_changes_nothing(void)
{
    struct result before = get_feature(PF, TEMPERATURE, CURRENT, 0);
    EXPECT_STATUS(set_feature(PF, TEMPERATURE, 2u << 20 | 1), ST_INVALID_FIELD);
    EXPECT(get_feature(PF, TEMPERATURE, CURRENT, 0).dw0 == before.dw0, "a refused command changed the threshold");
}

static void per_controller(void)
{
    EXPECT(dut_enable_vfs(1) && dut_restart(&duts[1]), "VF 1 does not start");
    struct result before = get_feature(&duts[1], COALESCING, CURRENT, 0);
    EXPECT_STATUS(set_feature(PF, COALESCING, 0x0303), ST_SUCCESS);
    EXPECT(get_feature(&duts[1], COALESCING, CURRENT, 0).dw0 == before.dw0, "VF 1 takes the PF's coalescing");
}

const struct check feature_checks[] = {
    {"feat.mandatory", "5.21.1, 7.8", mandatory_features},
    {"feat.reserved", "5.21", reserved_features},
    {"feat.arbitration", "5.21.1.1", arbitration},
    {"feat.power", "5.21.1.2", power},
    {"feat.power_unsupported", "5.21.1.2", power_unsupported},
    {"feat.temperature", "5.21.1.4", temperature},
    {"feat.temperature_default", "5.21.1.4", temperature_default},
    {"feat.temperature_reserved", "5.21.1.4", temperature_reserved},
    {"feat.temperature_sensor", "5.21.1.4", temperature_sensor},
    {"feat.error_recovery", "5.21.1.5", error_recovery},
    {"feat.namespace_scope", "5.21, 7.8", namespace_scope},
    {"feat.write_cache", "5.21.1.6", write_cache},
    {"feat.number_of_queues", "5.21.1.7", number_of_queues},
    {"feat.number_of_queues_too_many", "5.21.1.7", number_of_queues_too_many},
    {"feat.number_of_queues_late", "5.21.1.7", number_of_queues_late},
    {"feat.coalescing", "5.21.1.8", coalescing},
    {"feat.vector_config", "5.21.1.9", vector_config},
    {"feat.vector_config_beyond", "5.21.1.9", vector_config_beyond},
    {"feat.atomicity", "5.21.1.10", atomicity},
    {"feat.async_config", "5.21.1.11", async_config},
    {"feat.select_default", "5.14.1", select_default},
    {"feat.select_saved", "5.14.1", select_saved},
    {"feat.select_capabilities", "5.14.1", select_capabilities},
    {"feat.select_reserved", "5.14.1", select_reserved},
    {"feat.save", "5.21, 7.8", save_bit},
    {"feat.failed_set", "5.21", failed_set_changes_nothing},
    {"feat.per_controller", "7.8", per_controller},
    {0},
};
