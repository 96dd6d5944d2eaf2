/* Asynchronous events, section 5.2. */
#include "testbench/conformance/check.h"

#define QUIET_US 300u
#define EVENT_US 5000u

static uint16_t request(void)
{
    return submit(PF, 0, &(struct sqe){.opcode = ADMIN_ASYNC_EVENT});
}

static void waits(void)
{
    request();
    EXPECT(!reap(PF, 0, 1000).done, "a request completes without an event");
}

static void limit(void)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, data), ST_SUCCESS);
    unsigned allowed = data[259] + 1u;
    for (unsigned i = 0; i < allowed; i++)
        request();
    EXPECT(!reap(PF, 0, QUIET_US).done, "a request within AERL completes");
    uint16_t cid = request();
    struct result result = reap(PF, 0, EVENT_US);
    EXPECT(result.done && result.cid == cid && result.status == ST_AER_LIMIT, "request %u of %u: %x", allowed + 1, allowed, result.status);
}

static void others_go_on(void)
{
    request();
    for (unsigned i = 0; i < 8; i++)
        EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
}

/* The event that the request @p cid ends with. */
static struct result event_of(uint16_t cid, uint32_t type, uint32_t information, uint32_t page)
{
    struct result result = reap(PF, 0, EVENT_US);
    if (!result.done)
        check_fail("no event");
    else if (result.cid != cid || result.status)
        check_fail("completion of %x with %x instead of the request %x", result.cid, result.status, cid);
    else if ((result.dw0 & 7) != type || (result.dw0 >> 8 & 0xff) != information || (result.dw0 >> 16 & 0xff) != page)
        check_fail("event type %u information %u log page %u", result.dw0 & 7, result.dw0 >> 8 & 0xff, result.dw0 >> 16 & 0xff);
    return result;
}

static void bad_doorbell_queue(void)
{
    uint16_t cid = request();
    ring_sq(PF, 5, 1);
    event_of(cid, 0, 0, 1);
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
}

static void bad_doorbell_value(void)
{
    EXPECT(make_queue(PF, 1, 8), "no queue");
    uint16_t cid = request();
    ring_sq(PF, 1, 8);
    event_of(cid, 0, 1, 1);
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
}

static void bad_head_value(void)
{
    EXPECT(make_queue(PF, 1, 8), "no queue");
    uint16_t cid = request();
    ring_cq(PF, 1, 3);
    event_of(cid, 0, 1, 1);
}

static void kept_until_asked(void)
{
    ring_sq(PF, 5, 1);
    delay_us(100);
    event_of(request(), 0, 0, 1);
}

static void masked_until_read(void)
{
    event_of((ring_sq(PF, 5, 1), request()), 0, 0, 1);
    uint16_t second = request();
    ring_sq(PF, 6, 1);
    EXPECT(!reap(PF, 0, QUIET_US).done, "a second error event before the log page was read");
    uint8_t *data = pages(1);
    uint16_t log = submit(PF, 0, &(struct sqe){.opcode = ADMIN_GET_LOG_PAGE, .nsid = NSID_ALL, .prp1 = (uint64_t)data, .dw10 = 1 | 15u << 16});
    bool told = false, read = false;
    for (unsigned i = 0; i < 2; i++) {
        struct result result = reap(PF, 0, EVENT_US);
        told |= result.done && result.cid == second;
        read |= result.done && result.cid == log && !result.status;
    }
    EXPECT(read, "the log page did not come");
    EXPECT(told, "the second event was lost");
}

static void retained(void)
{
    event_of((ring_sq(PF, 5, 1), request()), 0, 0, 1);
    request();
    ring_sq(PF, 6, 1);
    struct sqe retain = {.opcode = ADMIN_GET_LOG_PAGE, .nsid = NSID_ALL, .prp1 = (uint64_t)pages(1), .dw10 = 1 | 1u << 15 | 15u << 16};
    EXPECT_STATUS(admin(PF, &retain), ST_SUCCESS);
    EXPECT(!reap(PF, 0, QUIET_US).done, "Retain Asynchronous Event re-armed the type");
}

static void one_each(void)
{
    uint16_t first = request();
    request();
    ring_sq(PF, 5, 1);
    event_of(first, 0, 0, 1);
    EXPECT(!reap(PF, 0, QUIET_US).done, "one event ended two requests");
}

static void temperature_event(void)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(get_log(PF, 2, NSID_ALL, data, 512), ST_SUCCESS);
    unsigned kelvin = get16(data, 1);
    EXPECT_STATUS(set_feature(PF, 0x0b, 2), ST_SUCCESS);
    uint16_t cid = request();
    uint16_t set = submit(PF, 0, &(struct sqe){.opcode = ADMIN_SET_FEATURES, .dw10 = 4, .dw11 = kelvin - 5});
    bool told = false;
    for (unsigned i = 0; i < 2 && !told; i++) {
        struct result result = reap(PF, 0, EVENT_US);
        EXPECT(result.done, "no event for a temperature above the threshold");
        EXPECT(result.cid == set || result.cid == cid, "completion of %x", result.cid);
        if (result.cid == cid) {
            EXPECT(result.dw0 == (1u | 1u << 8 | 2u << 16), "event %x", result.dw0);
            told = true;
        }
    }
    EXPECT(told, "no event for a temperature above the threshold");
}

static void temperature_not_configured(void)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(get_log(PF, 2, NSID_ALL, data, 512), ST_SUCCESS);
    EXPECT_STATUS(set_feature(PF, 0x0b, 0), ST_SUCCESS);
    request();
    EXPECT_STATUS(set_feature(PF, 4, get16(data, 1) - 5u), ST_SUCCESS);
    EXPECT(!reap(PF, 0, QUIET_US).done, "an event that was not asked for");
}

/* Detaches and attaches the PF's volume while a request waits; the command's own completions are told apart by their identifiers. */
static unsigned namespace_events(uint32_t configuration)
{
    unsigned events = 0;
    if (set_feature(PF, 0x0b, configuration).status)
        return 99;
    get_log(PF, 4, 0, pages(1), PAGE);
    uint16_t cid = request();
    static const uint32_t volumes[] = {NSID_ALL, 0};
    for (unsigned i = 0; i < 2; i++) {
        uint16_t attach = submit(PF, 0, &(struct sqe){.opcode = ADMIN_ATTACH_VOLUME, .dw10 = 0, .dw11 = volumes[i]});
        bool attached = false;
        while (!attached) {
            struct result result = reap(PF, 0, 1000000);
            if (!result.done)
                return 98;
            events += result.cid == cid && result.dw0 == (2u | 4u << 16);
            attached = result.cid == attach;
        }
    }
    struct result late = reap(PF, 0, QUIET_US);
    return events + (late.done && late.cid == cid);
}

static void namespace_changed(void)
{
    unsigned events = namespace_events(1u << 8);
    EXPECT(events == 1, "%u namespace events for one request", events);
}

/* What the host has read in the list of changed namespaces is no event any more; what changes after it is one. */
static void namespace_told_once(void)
{
    uint8_t *data = pages(1);
    EXPECT(namespace_events(1u << 8) == 1, "not one event for one request");
    uint16_t cid = request();
    EXPECT_STATUS(get_log(PF, 4, 0, data, PAGE), ST_SUCCESS);
    EXPECT(get32(data, 0) == 1, "the list names namespace %u", get32(data, 0));
    EXPECT(!reap(PF, 0, QUIET_US).done, "an event of what the list has told");
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_ATTACH_VOLUME, .dw10 = 0, .dw11 = 0});
    unsigned events = 0;
    for (unsigned i = 0; i < 2; i++)
        events += reap(PF, 0, 1000000).cid == cid;
    EXPECT(events == 1, "%u events of a change after it", events);
}

static void namespace_not_configured(void)
{
    unsigned events = namespace_events(0);
    EXPECT(events == 0, "%u namespace events that were not asked for", events);
}

const struct check async_checks[] = {
    {"aer.waits", "5.2", waits},
    {"aer.limit", "5.2.1", limit},
    {"aer.others_go_on", "5.2", others_go_on},
    {"aer.bad_doorbell_queue", "5.2, figure 145", bad_doorbell_queue},
    {"aer.bad_doorbell_value", "5.2, figure 145", bad_doorbell_value},
    {"aer.bad_head_value", "5.2, figure 145", bad_head_value},
    {"aer.kept_until_asked", "5.2", kept_until_asked},
    {"aer.masked_until_read", "5.2", masked_until_read},
    {"aer.retain", "5.14 (RAE)", retained},
    {"aer.one_request_each", "5.2", one_each},
    {"aer.temperature", "5.21.1.4, 5.21.1.11", temperature_event},
    {"aer.temperature_not_configured", "5.21.1.11", temperature_not_configured},
    {"aer.namespace_changed", "5.2, figure 147", namespace_changed},
    {"aer.namespace_told_once", "5.2, 5.14.1.4", namespace_told_once},
    {"aer.namespace_not_configured", "5.21.1.11", namespace_not_configured},
    {0},
};
