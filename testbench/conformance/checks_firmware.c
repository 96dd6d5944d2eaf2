/* Firmware Image Download and Firmware Commit, sections 5.11, 5.12 and 8.1. The image to download lies in memory as the initial file system. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"
#include "testbench/conformance/platform.h"

#define LOG_FIRMWARE 0x03u
#define HEADER_BYTES 256u /* firmware/boot/image.h: signature and header */
#define REVISION_AT 104u
#define ACTION(action, slot) ((action) << 3 | (slot))
#define COMMIT_US 60000u

enum { REPLACE, REPLACE_ACTIVATE, ACTIVATE, ACTIVATE_NOW };

static struct result download(uint32_t offset, const void *data, uint32_t bytes)
{
    return admin(PF, &(struct sqe){.opcode = ADMIN_FIRMWARE_DOWNLOAD, .prp1 = (uint64_t)data, .dw10 = bytes / 4 - 1, .dw11 = offset / 4});
}

static struct result commit(uint32_t action, uint32_t slot)
{
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_FIRMWARE_COMMIT, .dw10 = ACTION(action, slot)});
    return reap(PF, 0, COMMIT_US);
}

/* The whole image, a page a command, with the byte at @p flip changed; none if that is beyond it. */
static bool download_all(uint32_t flip)
{
    for (uint32_t at = 0; at < update_image_bytes; at += PAGE) {
        uint8_t *page = pages(1);
        uint32_t bytes = update_image_bytes - at < PAGE ? update_image_bytes - at : PAGE;
        memcpy(page, update_image + at, bytes);
        if (flip - at < bytes)
            page[flip - at] ^= 0x10;
        struct result result = download(at, page, (bytes + 3) & ~3u);
        if (!result.done || result.status)
            return false;
    }
    return true;
}

static uint8_t *slots(void)
{
    uint8_t *data = pages(1);
    get_log(PF, LOG_FIRMWARE, NSID_ALL, data, 512);
    return data;
}

static bool runs_revision(const uint8_t *revision)
{
    uint8_t *controller = pages(1);
    identify(PF, 1, 0, controller);
    return memcmp(controller + 64, revision, 8) == 0;
}

static void offered(void)
{
    uint8_t *controller = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, controller), ST_SUCCESS);
    EXPECT(get16(controller, 256) & 4, "OACS does not say that there is firmware download: %x", get16(controller, 256));
    EXPECT((controller[260] >> 1 & 7) >= 2 && !(controller[260] & 1), "FRMW %x: not two slots that can be written", controller[260]);
}

static void pieces(void)
{
    EXPECT_STATUS(download(PAGE, pages(1), PAGE), ST_SUCCESS);
    EXPECT_STATUS(download(0, pages(1), 64), ST_SUCCESS);
    EXPECT_STATUS(download(64, pages(1), 4), ST_SUCCESS);
}

static void overlap(void)
{
    EXPECT_STATUS(download(0, pages(1), PAGE), ST_SUCCESS);
    EXPECT_STATUS(download(PAGE - 4, pages(1), 8), ST_OVERLAPPING_RANGE);
}

static void too_far(void)
{
    EXPECT_STATUS(download(0x3ffffff0u, pages(1), 64), ST_INVALID_FIELD);
    EXPECT_STATUS(download(0xfffffffcu, pages(1), 8), ST_INVALID_FIELD);
}

static void no_image(void)
{
    EXPECT_STATUS(commit(REPLACE, 2), ST_FIRMWARE_IMAGE);
    EXPECT_STATUS(commit(REPLACE_ACTIVATE, 0), ST_FIRMWARE_IMAGE);
}

static void bad_slot(void)
{
    for (uint32_t slot = 3; slot < 8; slot++)
        EXPECT_STATUS(commit(REPLACE, slot), ST_FIRMWARE_SLOT);
}

static void bad_action(void)
{
    for (uint32_t action = 4; action < 8; action++)
        EXPECT_STATUS(commit(action, 1), ST_INVALID_FIELD);
}

static void garbage(void)
{
    uint8_t *page = pages(1);
    fill_pattern(page, PAGE, 7);
    EXPECT_STATUS(download(0, page, PAGE), ST_SUCCESS);
    EXPECT_STATUS(commit(REPLACE_ACTIVATE, 2), ST_FIRMWARE_IMAGE);
}

static void forged(void)
{
    uint8_t *before = slots();
    EXPECT(download_all(update_image_bytes / 2), "the download failed");
    EXPECT_STATUS(commit(REPLACE_ACTIVATE, 2), ST_FIRMWARE_IMAGE);
    EXPECT(memcmp(before, slots(), 64) == 0, "a refused image changed the slots");
}

static void forged_header(void)
{
    EXPECT(download_all(REVISION_AT), "the download failed");
    EXPECT_STATUS(commit(REPLACE, 2), ST_FIRMWARE_IMAGE);
}

static void hole(void)
{
    uint8_t *page = pages(1);
    memcpy(page, update_image, PAGE);
    EXPECT_STATUS(download(0, page, PAGE), ST_SUCCESS);
    EXPECT_STATUS(download(2 * PAGE, pages(1), PAGE), ST_SUCCESS);
    EXPECT_STATUS(commit(REPLACE, 2), ST_FIRMWARE_IMAGE);
}

static void reset_discards(void)
{
    EXPECT(download_all(UINT32_MAX), "the download failed");
    EXPECT(dut_restart(PF), "no restart");
    EXPECT_STATUS(commit(REPLACE, 2), ST_FIRMWARE_IMAGE);
}

static void replace(void)
{
    EXPECT(download_all(UINT32_MAX), "the download failed");
    EXPECT_STATUS(commit(REPLACE, 2), ST_SUCCESS);
    uint8_t *data = slots();
    EXPECT(data[0] == 1, "AFI %x after a commit that activates nothing", data[0]);
    EXPECT(memcmp(data + 16, update_image + REVISION_AT, 8) == 0, "slot 2 does not show the revision of the image");
}

static void activate_at_reset(void)
{
    uint8_t *before = slots(), *controller = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, controller), ST_SUCCESS);
    EXPECT(before[0] == 1, "slot %u runs", before[0]);
    EXPECT(download_all(UINT32_MAX), "the download failed");
    EXPECT_STATUS(commit(REPLACE_ACTIVATE, 2), ST_SUCCESS);
    EXPECT(slots()[0] == (2 << 4 | 1), "AFI %x before the reset", slots()[0]);
    EXPECT(runs_revision(controller + 64), "the revision changed before the reset");
    EXPECT(dut_restart(PF), "no restart");
    EXPECT(slots()[0] == 2, "AFI %x after the reset", slots()[0]);
    EXPECT(runs_revision(update_image + REVISION_AT), "the revision is not that of the image");
    EXPECT_STATUS(commit(ACTIVATE, 1), ST_SUCCESS);
    EXPECT(dut_restart(PF), "no restart");
    EXPECT(slots()[0] == 1 && runs_revision(controller + 64), "AFI %x after going back", slots()[0]);
}

/* Without a reset: the queues stay, and I/O goes on. */
static void activate_now(void)
{
    uint8_t *data = pages(2);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(io(PF, IO_WRITE, 8, 8, data), ST_SUCCESS);
    EXPECT(download_all(UINT32_MAX), "the download failed");
    EXPECT_STATUS(commit(ACTIVATE_NOW, 2), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, 8, 8, data), ST_SUCCESS);
    EXPECT(slots()[0] == 2 && runs_revision(update_image + REVISION_AT), "AFI %x", slots()[0]);
    EXPECT_STATUS(commit(ACTIVATE_NOW, 1), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, 8, 8, data), ST_SUCCESS);
    EXPECT(slots()[0] == 1, "AFI %x after going back", slots()[0]);
    EXPECT((reg32(PF, REG_CSTS) & (CSTS_RDY | CSTS_CFS)) == CSTS_RDY, "CSTS %x", reg32(PF, REG_CSTS));
}

static void commit_under_io(void)
{
    uint8_t *data = pages(2);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT(download_all(UINT32_MAX), "the download failed");
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_FIRMWARE_COMMIT, .dw10 = ACTION(REPLACE, 2)});
    for (unsigned i = 0; i < 8; i++)
        EXPECT_STATUS(io(PF, IO_READ, 8 * i, 8, data), ST_SUCCESS);
    EXPECT_STATUS(reap(PF, 0, COMMIT_US), ST_SUCCESS);
}

const struct check firmware_checks[] = {
    {"firmware.offered", "5.15.2.2 (OACS, FRMW)", offered},
    {"firmware.pieces", "5.12", pieces},
    {"firmware.overlap", "5.12.1", overlap},
    {"firmware.too_far", "5.12", too_far},
    {"firmware.no_image", "5.11.1", no_image},
    {"firmware.bad_slot", "5.11.1", bad_slot},
    {"firmware.bad_action", "5.11", bad_action},
    {"firmware.garbage", "5.11.1", garbage},
    {"firmware.forged", "5.11.1, 8.1", forged},
    {"firmware.forged_header", "5.11.1, 8.1", forged_header},
    {"firmware.hole", "5.11.1", hole},
    {"firmware.reset_discards", "8.1", reset_discards},
    {"firmware.replace", "5.11, 5.14.1.3", replace},
    {"firmware.commit_under_io", "8.1", commit_under_io},
    {"firmware.activate_at_reset", "5.11, 8.1", activate_at_reset},
    {"firmware.activate_now", "5.11, 8.1", activate_now},
    {NULL, NULL, NULL},
};
