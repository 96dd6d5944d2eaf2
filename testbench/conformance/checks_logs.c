/* Get Log Page, section 5.14. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define ERRORS 0x01u
#define SMART 0x02u
#define FIRMWARE 0x03u
#define CHANGED_NAMESPACES 0x04u
#define EFFECTS 0x05u

static uint8_t *log_data(uint32_t page, uint32_t bytes)
{
    uint8_t *data = pages(1);
    struct result result = get_log(PF, page, NSID_ALL, data, bytes);
    if (!result.done || result.status)
        check_fail("log page %x: %x", page, result.status);
    return data;
}

static void smart(void)
{
    uint8_t *data = log_data(SMART, 512);
    unsigned kelvin = get16(data, 1);
    EXPECT((data[0] & 0xc0) == 0, "reserved bits of the critical warning: %x", data[0]);
    EXPECT(kelvin > 250 && kelvin < 370, "temperature %u K", kelvin);
    EXPECT(data[3] <= 100 && data[4] <= 100, "available spare %u, threshold %u", data[3], data[4]);
    EXPECT(get64(data, 112) >= 1, "no power cycle");
}

static void smart_reserved(void)
{
    uint8_t *data = log_data(SMART, 512);
    for (unsigned i = 7; i < 32; i++)
        EXPECT(data[i] == 0, "byte %u is %x", i, data[i]);
    for (unsigned i = 232; i < 512; i++)
        EXPECT(data[i] == 0, "byte %u is %x", i, data[i]);
}

static void smart_counts(void)
{
    uint8_t *data = pages(2);
    uint8_t *before = log_data(SMART, 512);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    for (unsigned i = 0; i < 3; i++)
        EXPECT_STATUS(io(PF, IO_READ, 0, 8, data), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_WRITE, 0, 8, data), ST_SUCCESS);
    uint8_t *after = log_data(SMART, 512);
    EXPECT(get64(after, 64) == get64(before, 64) + 3, "host reads %lu, then %lu", get64(before, 64), get64(after, 64));
    EXPECT(get64(after, 80) == get64(before, 80) + 1, "host writes %lu, then %lu", get64(before, 80), get64(after, 80));
}

static void smart_units(void)
{
    uint8_t *data = pages(33), *before = log_data(SMART, 512);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    for (unsigned i = 0; i < 8; i++)
        EXPECT_STATUS(io(PF, IO_READ, 0, 256, data), ST_SUCCESS);
    uint8_t *after = log_data(SMART, 512);
    uint64_t units = get64(after, 32) - get64(before, 32);
    EXPECT(units >= 2 && units <= 3, "%lu units of 1000 blocks for 2048 blocks", units);
}

static void smart_namespace(void)
{
    uint8_t *data = pages(1), *controller = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, controller), ST_SUCCESS);
    bool per_namespace = controller[261] & 1;
    EXPECT_STATUS(get_log(PF, SMART, 1, data, 512), per_namespace ? ST_SUCCESS : ST_INVALID_FIELD);
    EXPECT_STATUS(get_log(PF, SMART, 0, data, 512), ST_SUCCESS);
}

static void smart_warning(void)
{
    unsigned kelvin = get16(log_data(SMART, 512), 1);
    EXPECT_STATUS(set_feature(PF, 4, kelvin - 1), ST_SUCCESS);
    EXPECT(log_data(SMART, 512)[0] & 2, "no temperature warning above the threshold");
    EXPECT_STATUS(set_feature(PF, 4, kelvin + 40), ST_SUCCESS);
    EXPECT(!(log_data(SMART, 512)[0] & 2), "temperature warning below the threshold");
}

static void firmware_slots(void)
{
    uint8_t *data = log_data(FIRMWARE, 512), *controller = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, controller), ST_SUCCESS);
    unsigned active = data[0] & 7, slots = controller[260] >> 1 & 7;
    EXPECT(active >= 1 && active <= slots, "active slot %u of %u", active, slots);
    EXPECT((data[0] & 0x88) == 0, "reserved bits of AFI: %x", data[0]);
    EXPECT(memcmp(data + 8 * active, controller + 64, 8) == 0, "the revision of the active slot is not FR");
    for (unsigned slot = slots + 1; slot <= 7; slot++)
        EXPECT(get64(data, 8 * slot) == 0, "slot %u does not exist but has a revision", slot);
}

static void error_entry(void)
{
    uint8_t *before = log_data(ERRORS, 64);
    uint64_t count = get64(before, 0);
    PF->next_cid = 0x4321;
    EXPECT_STATUS(get_feature(PF, 0xff, 0, 0), ST_INVALID_FIELD);
    uint8_t *entry = log_data(ERRORS, 64);
    EXPECT(get64(entry, 0) == count + 1, "error count %lu, then %lu", count, get64(entry, 0));
    EXPECT(get16(entry, 8) == 0, "SQID %x", get16(entry, 8));
    EXPECT(get16(entry, 10) == 0x4321, "command id %x", get16(entry, 10));
    EXPECT((get16(entry, 12) >> 1 & 0x7ff) == ST_INVALID_FIELD, "status field %x", get16(entry, 12));
}

static void error_order(void)
{
    EXPECT_STATUS(get_feature(PF, 0xff, 0, 0), ST_INVALID_FIELD);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 5), ST_INVALID_QID);
    uint8_t *entries = log_data(ERRORS, 128);
    EXPECT((get16(entries, 12) >> 1 & 0x7ff) == ST_INVALID_QID, "the newest entry is not first: %x", get16(entries, 12));
    EXPECT((get16(entries, 76) >> 1 & 0x7ff) == ST_INVALID_FIELD, "the second entry is %x", get16(entries, 76));
    EXPECT(get64(entries, 0) == get64(entries, 64) + 1, "counts %lu and %lu", get64(entries, 0), get64(entries, 64));
}

static void error_of_io(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue");
    uint64_t lba = volume_blocks() + 5;
    EXPECT_STATUS(io(PF, IO_READ, lba, 1, pages(1)), ST_LBA_RANGE);
    delay_us(50);
    uint8_t *entry = log_data(ERRORS, 64);
    EXPECT(get16(entry, 8) == 1, "SQID %u", get16(entry, 8));
    EXPECT((get16(entry, 12) >> 1 & 0x7ff) == ST_LBA_RANGE, "status field %x", get16(entry, 12));
    EXPECT(get64(entry, 16) == lba, "LBA %lx instead of %lx", get64(entry, 16), lba);
    EXPECT(get32(entry, 24) == 1, "namespace %x", get32(entry, 24));
}

static void error_count_in_smart(void)
{
    uint64_t before = get64(log_data(SMART, 512), 176);
    EXPECT_STATUS(get_feature(PF, 0xff, 0, 0), ST_INVALID_FIELD);
    uint64_t after = get64(log_data(SMART, 512), 176);
    EXPECT(after == before + 1, "error log entries %lu, then %lu", before, after);
    EXPECT(after == get64(log_data(ERRORS, 64), 0), "the error log counts otherwise");
}

static void error_log_size(void)
{
    uint8_t *controller = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, controller), ST_SUCCESS);
    unsigned entries = controller[262] + 1u;
    for (unsigned i = 0; i < entries + 3; i++)
        EXPECT_STATUS(get_feature(PF, 0xff, 0, 0), ST_INVALID_FIELD);
    uint8_t *data = log_data(ERRORS, entries * 64);
    for (unsigned i = 0; i + 1 < entries; i++)
        EXPECT(get64(data, i * 64) == get64(data, (i + 1) * 64) + 1, "entry %u: count %lu", i + 1, get64(data, (i + 1) * 64));
}

static void success_is_no_error(void)
{
    uint64_t before = get64(log_data(ERRORS, 64), 0);
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
    EXPECT(get64(log_data(ERRORS, 64), 0) == before, "a command that succeeded is in the error log");
}

static void changed_namespaces(void)
{
    EXPECT_STATUS(set_feature(PF, 0x0b, 1u << 8), ST_SUCCESS);
    log_data(CHANGED_NAMESPACES, PAGE);
    uint8_t *none = log_data(CHANGED_NAMESPACES, PAGE);
    EXPECT(get32(none, 0) == 0, "read twice, and still %x", get32(none, 0));
    EXPECT_STATUS(attach_volume(0, NSID_ALL), ST_SUCCESS);
    struct result attached = attach_volume(0, 0);
    uint8_t *one = log_data(CHANGED_NAMESPACES, PAGE);
    EXPECT_STATUS(attached, ST_SUCCESS);
    EXPECT(get32(one, 0) == 1 && get32(one, 4) == 0, "after a change: %x %x", get32(one, 0), get32(one, 4));
}

static void effects(void)
{
    static const uint8_t admin_commands[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c};
    uint8_t *data = log_data(EFFECTS, PAGE);
    for (unsigned i = 0; i < sizeof(admin_commands); i++)
        EXPECT(get32(data, 4 * admin_commands[i]) & 1, "admin command %x is not in the log page", admin_commands[i]);
    EXPECT(!(get32(data, 4 * 0x03) & 1), "admin command 3 is in the log page");
    for (unsigned i = 0; i < 3; i++)
        EXPECT(get32(data, 1024 + 4 * i) & 1, "I/O command %x is not in the log page", i);
    EXPECT(get32(data, 1024 + 4 * IO_WRITE) & 2, "Write does not change contents");
    EXPECT(!(get32(data, 1024 + 4 * IO_READ) & 2), "Read changes contents");
}

static void unknown_page(void)
{
    static const uint8_t unknown[] = {0x00, 0x1f, 0x6f, 0xbf};
    for (unsigned i = 0; i < sizeof(unknown); i++)
        EXPECT_STATUS(get_log(PF, unknown[i], NSID_ALL, pages(1), 512), ST_INVALID_LOG_PAGE);
}

static void shorter(void)
{
    uint8_t *data = pages(1), *whole = log_data(FIRMWARE, 512);
    fill_pattern(data, 512, 9);
    EXPECT_STATUS(get_log(PF, FIRMWARE, NSID_ALL, data, 16), ST_SUCCESS);
    uint8_t *untouched = pages(1);
    fill_pattern(untouched, 512, 9);
    EXPECT(memcmp(data, whole, 16) == 0, "the first 16 bytes differ");
    EXPECT(memcmp(data + 16, untouched + 16, 496) == 0, "more than NUMD dwords were written");
}

static struct result with_offset(uint8_t *data, uint32_t offset)
{
    return admin(PF, &(struct sqe){.opcode = ADMIN_GET_LOG_PAGE, .nsid = NSID_ALL, .prp1 = (uint64_t)data, .dw10 = FIRMWARE | 3u << 16, .dw12 = offset});
}

static void offset(void)
{
    uint8_t *data = pages(1), *controller = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, controller), ST_SUCCESS);
    if (!(controller[261] & 4))
        return;
    EXPECT_STATUS(with_offset(data, 8), ST_SUCCESS);
    EXPECT(memcmp(data, log_data(FIRMWARE, 512) + 8, 8) == 0, "offset 8 is not byte 8");
}

static void offset_beyond(void)
{
    EXPECT_STATUS(with_offset(pages(1), 0x100000), ST_INVALID_FIELD);
}

static void offset_unaligned(void)
{
    EXPECT_STATUS(with_offset(pages(1), 2), ST_INVALID_FIELD);
}

const struct check log_checks[] = {
    {"log.smart", "5.14.1.2", smart},
    {"log.smart_reserved", "5.14.1.2", smart_reserved},
    {"log.smart_counts", "5.14.1.2", smart_counts},
    {"log.smart_data_units", "5.14.1.2", smart_units},
    {"log.smart_namespace", "5.14.1.2", smart_namespace},
    {"log.smart_temperature_warning", "5.14.1.2, 5.21.1.4", smart_warning},
    {"log.firmware_slots", "5.14.1.3", firmware_slots},
    {"log.error_entry", "5.14.1.1", error_entry},
    {"log.error_order", "5.14.1.1", error_order},
    {"log.error_of_io", "5.14.1.1", error_of_io},
    {"log.error_count_in_smart", "5.14.1.2", error_count_in_smart},
    {"log.error_log_size", "5.14.1.1", error_log_size},
    {"log.success_is_no_error", "5.14.1.1", success_is_no_error},
    {"log.changed_namespaces", "5.14.1.4", changed_namespaces},
    {"log.effects", "5.14.1.5", effects},
    {"log.unknown_page", "5.14.2", unknown_page},
    {"log.shorter", "5.14", shorter},
    {"log.offset", "5.14", offset},
    {"log.offset_beyond", "5.14", offset_beyond},
    {"log.offset_unaligned", "5.14", offset_unaligned},
    {0},
};
