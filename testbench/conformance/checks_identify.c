/* Identify, section 5.15. */
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

static uint8_t *controller_data(void)
{
    uint8_t *data = pages(1);
    struct result result = identify(PF, 1, 0, data);
    if (!result.done || result.status)
        check_fail("Identify Controller: %x", result.status);
    return data;
}

static bool is_text(const uint8_t *data, unsigned offset, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        if (data[offset + i] < 0x20 || data[offset + i] > 0x7e)
            return false;
    return true;
}

static void vendor_ids(void)
{
    uint8_t *data = controller_data();
    EXPECT(get16(data, 0) == (config_read(PF, PCI_ID) & 0xffff), "VID %x", get16(data, 0));
    EXPECT(get16(data, 2) == (config_read(PF, PCI_SUBSYSTEM) & 0xffff), "SSVID %x", get16(data, 2));
}

static void texts(void)
{
    uint8_t *data = controller_data();
    EXPECT(is_text(data, 4, 20) && data[4] != ' ', "the serial number is not left-justified ASCII");
    EXPECT(is_text(data, 24, 40) && data[24] != ' ', "the model number is not left-justified ASCII");
    EXPECT(is_text(data, 64, 8) && data[64] != ' ', "the firmware revision is not left-justified ASCII");
}

static void transfer_size(void)
{
    uint8_t *data = controller_data();
    EXPECT(data[77] == 0 || data[77] >= 1, "MDTS %u", data[77]);
    EXPECT(data[77] == 5, "MDTS %u: this device moves 128 KiB", data[77]);
}

static void version(void)
{
    EXPECT(get32(controller_data(), 80) == reg32(PF, REG_VS), "VER and VS differ");
}

static void type(void)
{
    EXPECT(controller_data()[111] == 1, "CNTRLTYPE %u: not an I/O controller", controller_data()[111]);
}

static void entry_sizes(void)
{
    uint8_t *data = controller_data();
    EXPECT((data[512] & 0xf) == 6 && data[512] >> 4 >= 6, "SQES %x", data[512]);
    EXPECT((data[513] & 0xf) == 4 && data[513] >> 4 >= 4, "CQES %x", data[513]);
}

static void namespaces(void)
{
    EXPECT(get32(controller_data(), 516) >= 1, "NN is 0");
}

static void subsystem_name(void)
{
    const char *name = (const char *)controller_data() + 768;
    EXPECT(memcmp(name, "nqn.", 4) == 0, "SUBNQN does not begin with nqn.");
    unsigned length = 0;
    while (length < 256 && name[length])
        length++;
    EXPECT(length < 224, "SUBNQN of %u bytes", length);
    for (; length < 256; length++)
        EXPECT(name[length] == 0, "SUBNQN is not padded with NULs");
}

static void firmware_slots(void)
{
    uint8_t frmw = controller_data()[260];
    EXPECT((frmw >> 1 & 7) >= 1 && (frmw >> 1 & 7) <= 7, "%u firmware slots", frmw >> 1 & 7);
    EXPECT(frmw >> 5 == 0, "reserved bits of FRMW: %x", frmw);
}

static void temperatures(void)
{
    uint8_t *data = controller_data();
    EXPECT(get16(data, 266) >= 0x111, "WCTEMP %u", get16(data, 266));
    EXPECT(get16(data, 268) > get16(data, 266), "CCTEMP %u is not above WCTEMP %u", get16(data, 268), get16(data, 266));
}

static void power_states(void)
{
    uint8_t *data = controller_data();
    EXPECT(data[263] <= 31, "NPSS %u", data[263]);
    EXPECT(get16(data, 2048) != 0, "power state 0 has no maximum power");
}

static void reserved_bytes(void)
{
    uint8_t *data = controller_data();
    for (unsigned i = 134; i < 240; i++)
        EXPECT(data[i] == 0, "byte %u is %x", i, data[i]);
    for (unsigned i = 540 + 28; i < 768; i++)
        EXPECT(data[i] == 0, "byte %u is %x", i, data[i]);
    for (unsigned i = 1024; i < 1792; i++)
        EXPECT(data[i] == 0, "byte %u is %x", i, data[i]);
    for (unsigned i = 1792; i < 2048; i++)
        EXPECT(data[i] == 0, "byte %u (fabrics) is %x", i, data[i]);
}

static void stable(void)
{
    uint8_t *first = controller_data(), *second = controller_data();
    EXPECT(memcmp(first, second, PAGE) == 0, "two answers differ");
}

static void ignores_nsid(void)
{
    EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
}

static uint8_t *namespace_data(void)
{
    uint8_t *data = pages(1);
    struct result result = identify(PF, 0, 1, data);
    if (!result.done || result.status)
        check_fail("Identify Namespace: %x", result.status);
    return data;
}

static void namespace_sizes(void)
{
    uint8_t *data = namespace_data();
    uint64_t size = get64(data, 0), capacity = get64(data, 8), used = get64(data, 16);
    EXPECT(size > 0, "NSZE is 0");
    EXPECT(capacity <= size && used <= capacity, "NSZE %lu NCAP %lu NUSE %lu", size, capacity, used);
}

static void namespace_format(void)
{
    uint8_t *data = namespace_data();
    unsigned format = data[26] & 0xf;
    EXPECT(format <= data[25], "FLBAS %u above NLBAF %u", format, data[25]);
    EXPECT(data[128 + 4 * format + 2] == 9, "LBADS %u: not 512 bytes", data[128 + 4 * format + 2]);
    EXPECT(get16(data, 128 + 4 * format) == 0, "metadata");
}

static void namespace_zero(void)
{
    EXPECT_STATUS(identify(PF, 0, 0, pages(1)), ST_INVALID_NAMESPACE);
}

static void namespace_beyond(void)
{
    uint32_t nn = get32(controller_data(), 516);
    EXPECT_STATUS(identify(PF, 0, nn + 1, pages(1)), ST_INVALID_NAMESPACE);
    EXPECT_STATUS(identify(PF, 0, 0xfffffffe, pages(1)), ST_INVALID_NAMESPACE);
}

/* All ones is for controllers with Namespace Management. */
static void namespace_all(void)
{
    uint32_t oacs = get16(controller_data(), 256);
    EXPECT_STATUS(identify(PF, 0, NSID_ALL, pages(1)), oacs & 8 ? ST_SUCCESS : ST_INVALID_NAMESPACE);
}

static void active_list(void)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 2, 0, data), ST_SUCCESS);
    EXPECT(get32(data, 0) == 1, "the first active namespace is %x", get32(data, 0));
    for (unsigned i = 4; i < PAGE; i++)
        EXPECT(data[i] == 0, "byte %u is %x", i, data[i]);
}

static void active_list_after(void)
{
    uint8_t *data = pages(1);
    fill_pattern(data, PAGE, 1);
    EXPECT_STATUS(identify(PF, 2, 1, data), ST_SUCCESS);
    for (unsigned i = 0; i < PAGE; i++)
        EXPECT(data[i] == 0, "byte %u is %x: not greater than NSID 1", i, data[i]);
}

static void active_list_bad(void)
{
    EXPECT_STATUS(identify(PF, 2, 0xfffffffe, pages(1)), ST_INVALID_NAMESPACE);
    EXPECT_STATUS(identify(PF, 2, NSID_ALL, pages(1)), ST_INVALID_NAMESPACE);
}

static void descriptors(void)
{
    static const uint8_t lengths[] = {0, 8, 16, 16};
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 3, 1, data), ST_SUCCESS);
    unsigned at = 0, count = 0;
    while (at + 4 < PAGE && data[at + 1]) {
        EXPECT(data[at] >= 1 && data[at] <= 3, "descriptor type %u", data[at]);
        EXPECT(data[at + 1] == lengths[data[at]], "descriptor type %u of %u bytes", data[at], data[at + 1]);
        at += 4u + data[at + 1];
        count++;
    }
    EXPECT(count >= 1, "no identifier at all");
    for (; at < PAGE; at++)
        EXPECT(data[at] == 0, "byte %u after the list is %x", at, data[at]);
}

static void descriptors_match(void)
{
    uint8_t *data = pages(1), *ns = namespace_data();
    EXPECT_STATUS(identify(PF, 3, 1, data), ST_SUCCESS);
    for (unsigned at = 0; at + 4 < PAGE && data[at + 1]; at += 4u + data[at + 1]) {
        EXPECT(data[at] != 1 || memcmp(data + at + 4, ns + 120, 8) == 0, "EUI64 differs from Identify Namespace");
        EXPECT(data[at] != 2 || memcmp(data + at + 4, ns + 104, 16) == 0, "NGUID differs from Identify Namespace");
    }
}

static void descriptors_bad(void)
{
    EXPECT_STATUS(identify(PF, 3, 0, pages(1)), ST_INVALID_NAMESPACE);
    EXPECT_STATUS(identify(PF, 3, NSID_ALL, pages(1)), ST_INVALID_NAMESPACE);
}

static void reserved_cns(void)
{
    static const uint8_t values[] = {0x05, 0x0f, 0x17, 0x80, 0xff};
    for (unsigned i = 0; i < sizeof(values); i++)
        EXPECT_STATUS(identify(PF, values[i], 1, pages(1)), ST_INVALID_FIELD);
}

static void across_pages(void)
{
    uint8_t *data = pages(2);
    fill_pattern(data, 2 * PAGE, 3);
    struct sqe command = {.opcode = ADMIN_IDENTIFY, .prp1 = (uint64_t)data + 1024, .prp2 = (uint64_t)data + PAGE, .dw10 = 1};
    EXPECT_STATUS(admin(PF, &command), ST_SUCCESS);
    uint8_t *whole = controller_data();
    EXPECT(memcmp(data + 1024, whole, PAGE) == 0, "the data differs when it crosses a page");
    uint8_t *fresh = pages(2);
    fill_pattern(fresh, 2 * PAGE, 3);
    EXPECT(memcmp(data, fresh, 1024) == 0 && memcmp(data + 1024 + PAGE, fresh + 1024 + PAGE, PAGE - 1024) == 0, "bytes around the buffer changed");
}

static void scattered_pages(void)
{
    uint8_t *first = pages(1), *gap = pages(1), *second = pages(1);
    struct sqe command = {.opcode = ADMIN_IDENTIFY, .prp1 = (uint64_t)first + 2048, .prp2 = (uint64_t)second, .dw10 = 1};
    EXPECT_STATUS(admin(PF, &command), ST_SUCCESS);
    uint8_t *whole = controller_data();
    EXPECT(memcmp(first + 2048, whole, 2048) == 0 && memcmp(second, whole + 2048, 2048) == 0, "the halves are not where the PRPs say");
    for (unsigned i = 0; i < PAGE; i++)
        EXPECT(gap[i] == 0, "byte %u between the pages changed", i);
}

static void bad_offset(void)
{
    struct sqe command = {.opcode = ADMIN_IDENTIFY, .prp1 = (uint64_t)pages(1) + 2, .dw10 = 1};
    EXPECT_STATUS(admin(PF, &command), ST_PRP_OFFSET);
}

static void bad_second_offset(void)
{
    uint8_t *data = pages(3);
    struct sqe command = {.opcode = ADMIN_IDENTIFY, .prp1 = (uint64_t)data + 1024, .prp2 = (uint64_t)data + PAGE + 8, .dw10 = 1};
    EXPECT_STATUS(admin(PF, &command), ST_PRP_OFFSET);
}

/* 4 KiB are asked for, and the PRPs name 1 KiB: the rest has no place. */
static void no_second_page(void)
{
    uint8_t *data = pages(2);
    memset(data, 0x5a, 2 * PAGE);
    struct sqe command = {.opcode = ADMIN_IDENTIFY, .prp1 = (uint64_t)data + PAGE - 1024, .dw10 = 1};
    EXPECT_STATUS(admin(PF, &command), ST_PRP_OFFSET);
    for (unsigned i = 0; i < 1024; i++)
        EXPECT(data[PAGE + i] == 0x5a, "byte %u behind the page was written", i);
}

static void aborts_and_events(void)
{
    uint8_t *data = controller_data();
    EXPECT(data[258] >= 3, "ACL %u: at least four aborts are recommended", data[258]);
    EXPECT(data[259] >= 3, "AERL %u: at least four requests are recommended", data[259]);
    EXPECT(data[262] >= 1, "ELPE %u", data[262]);
}

const struct check identify_checks[] = {
    {"id.vendor_ids", "5.15.2.2", vendor_ids},
    {"id.texts", "5.15.2.2, 1.5", texts},
    {"id.mdts", "5.15.2.2", transfer_size},
    {"id.version", "5.15.2.2", version},
    {"id.controller_type", "5.15.2.2", type},
    {"id.entry_sizes", "5.15.2.2", entry_sizes},
    {"id.namespaces", "5.15.2.2", namespaces},
    {"id.subsystem_name", "7.9", subsystem_name},
    {"id.firmware_slots", "5.15.2.2 (FRMW)", firmware_slots},
    {"id.temperatures", "5.15.2.2", temperatures},
    {"id.power_states", "5.15.2.2", power_states},
    {"id.limits", "5.15.2.2 (ACL, AERL, ELPE)", aborts_and_events},
    {"id.reserved", "5.15.2.2", reserved_bytes},
    {"id.stable", "5.15", stable},
    {"id.controller_without_nsid", "5.15.2", ignores_nsid},
    {"id.namespace_sizes", "5.15.2.1", namespace_sizes},
    {"id.namespace_format", "5.15.2.1", namespace_format},
    {"id.namespace_zero", "5.15.1, 6.1.5", namespace_zero},
    {"id.namespace_beyond", "5.15.1, 6.1.5", namespace_beyond},
    {"id.namespace_all", "5.15.2.1", namespace_all},
    {"id.active_list", "5.15.2.3", active_list},
    {"id.active_list_after", "5.15.2.3", active_list_after},
    {"id.active_list_bad", "5.15.2.3", active_list_bad},
    {"id.descriptors", "5.15.2.4", descriptors},
    {"id.descriptors_match", "5.15.2.4", descriptors_match},
    {"id.descriptors_bad", "5.15.2.4", descriptors_bad},
    {"id.reserved_cns", "5.15.1", reserved_cns},
    {"id.across_pages", "4.3", across_pages},
    {"id.scattered_pages", "4.3", scattered_pages},
    {"id.prp1_offset", "4.3", bad_offset},
    {"id.prp2_offset", "4.3", bad_second_offset},
    {"id.no_second_page", "4.3", no_second_page},
    {0},
};
