/* The device under test as a driver sees it: PCI functions, controllers, queues, commands. Everything waits for a bounded time. */
#ifndef CONFORMANCE_DUT_H
#define CONFORMANCE_DUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096u
#define QUEUES 9u
#define FUNCTIONS 17u
#define VECTORS 9u
#define NSID_ALL 0xffffffffu
#define BLOCK 512u
#define COMMAND_US 20000u /* patience for one command: the storage is a network away */

/* Controller registers. */
#define REG_CAP 0x00u
#define REG_VS 0x08u
#define REG_INTMS 0x0cu
#define REG_INTMC 0x10u
#define REG_CC 0x14u
#define REG_CSTS 0x1cu
#define REG_AQA 0x24u
#define REG_ASQ 0x28u
#define REG_ACQ 0x30u
#define REG_DOORBELLS 0x1000u

#define CC_EN 1u
#define CC_ENTRY_SIZES (6u << 16 | 4u << 20)
#define CC_SHN_NORMAL (1u << 14)
#define CC_SHN_ABRUPT (2u << 14)
#define CSTS_RDY 1u
#define CSTS_CFS 2u
#define CSTS_SHST(csts) ((csts) >> 2 & 3)

enum admin_opcode {
    ADMIN_DELETE_SQ = 0x00, ADMIN_CREATE_SQ = 0x01, ADMIN_GET_LOG_PAGE = 0x02, ADMIN_DELETE_CQ = 0x04, ADMIN_CREATE_CQ = 0x05, ADMIN_IDENTIFY = 0x06,
    ADMIN_ABORT = 0x08, ADMIN_SET_FEATURES = 0x09, ADMIN_GET_FEATURES = 0x0a, ADMIN_ASYNC_EVENT = 0x0c, ADMIN_FIRMWARE_COMMIT = 0x10,
    ADMIN_FIRMWARE_DOWNLOAD = 0x11, ADMIN_ATTACH_VOLUME = 0xc0,
};
enum io_opcode { IO_FLUSH = 0x00, IO_WRITE = 0x01, IO_READ = 0x02, IO_COMPARE = 0x05, IO_WRITE_ZEROES = 0x08, IO_DSM = 0x09 };

/* Status codes, section 4.6.1: SCT << 8 | SC. */
enum status {
    ST_SUCCESS = 0x000, ST_INVALID_OPCODE = 0x001, ST_INVALID_FIELD = 0x002, ST_DATA_TRANSFER = 0x004, ST_ABORTED = 0x007, ST_ABORTED_SQ = 0x008,
    ST_INVALID_NAMESPACE = 0x00b, ST_SEQUENCE = 0x00c, ST_PRP_OFFSET = 0x013, ST_LBA_RANGE = 0x080, ST_INVALID_CQ = 0x100, ST_INVALID_QID = 0x101,
    ST_INVALID_QSIZE = 0x102, ST_AER_LIMIT = 0x105, ST_FIRMWARE_SLOT = 0x106, ST_FIRMWARE_IMAGE = 0x107, ST_INVALID_VECTOR = 0x108,
    ST_INVALID_LOG_PAGE = 0x109, ST_QUEUE_DELETION = 0x10c, ST_NOT_SAVEABLE = 0x10d, ST_NOT_CHANGEABLE = 0x10e, ST_OVERLAPPING_RANGE = 0x114,
    ST_COMPARE_FAILURE = 0x285,
};

struct sqe {
    uint8_t opcode, flags;
    uint16_t cid;
    uint32_t nsid;
    uint32_t dw2, dw3;
    uint64_t metadata, prp1, prp2;
    uint32_t dw10, dw11, dw12, dw13, dw14, dw15;
};

struct cqe {
    uint32_t dw0, dw1;
    uint16_t sq_head, sq_id, cid, status; /* status: phase tag in bit 0 */
};

struct queue {
    struct sqe *sq;
    volatile struct cqe *cq;
    uint32_t sq_entries, cq_entries, tail, head, phase;
    uint32_t cqid;
};

/* A completion as a check judges it. */
struct result {
    bool done;
    uint16_t status; /* SCT << 8 | SC */
    bool dnr, more;
    uint32_t dw0;
    uint16_t cid, sq_id, sq_head;
};

struct dut {
    unsigned function;
    uint16_t rid;
    volatile uint8_t *registers;
    struct queue queues[QUEUES];
    uint16_t next_cid;
    uint32_t block_bytes; /* of namespace 1; 0: BLOCK */
};

extern struct dut duts[FUNCTIONS];
#define PF (&duts[0])

/** Takes back what a check may have left in configuration space: bus mastering off, MSI-X on, VFs. */
void dut_restore(void);
/** Finds the PF, gives it BARs, lets it reach memory. @return false if there is none. */
bool dut_setup(const void *device_tree);
/** SR-IOV: @p vfs VFs exist afterwards (0: none). @return false if a VF does not answer. */
bool dut_enable_vfs(unsigned vfs);

uint32_t config_read(const struct dut *d, uint32_t offset);
void config_write(const struct dut *d, uint32_t offset, uint32_t value);

uint32_t reg32(const struct dut *d, uint32_t offset);
uint64_t reg64(const struct dut *d, uint32_t offset);
void write32(const struct dut *d, uint32_t offset, uint32_t value);
void write64(const struct dut *d, uint32_t offset, uint64_t value);
void ring_sq(const struct dut *d, uint32_t qid, uint32_t tail);
void ring_cq(const struct dut *d, uint32_t qid, uint32_t head);

/** Microseconds since the start. */
uint64_t now_us(void);
void delay_us(uint64_t us);

/** Pages of the arena, zeroed. It is emptied before every check. */
void *pages(unsigned count);
void arena_reset(void);

/** CC.EN = 0 and CSTS.RDY = 0 / the admin queues programmed, CC.EN = 1 and CSTS.RDY = 1. @return false if it takes too long. */
bool dut_disable(struct dut *d);
bool dut_enable(struct dut *d, unsigned sq_entries, unsigned cq_entries);
/** With CC.AMS. */
bool dut_enable_arbitrated(struct dut *d, unsigned sq_entries, unsigned cq_entries, uint32_t ams);
bool dut_wait_ready(const struct dut *d, uint32_t ready, uint64_t us);
/** Both, with 32 entries. */
bool dut_restart(struct dut *d);
bool dut_flr(struct dut *d);

/** Puts a command into queue @p qid without ringing / and rings. @return the command identifier. */
uint16_t submit_quietly(struct dut *d, uint32_t qid, const struct sqe *command);
uint16_t submit(struct dut *d, uint32_t qid, const struct sqe *command);
/** The next completion of queue @p qid within @p us; it is acknowledged. */
struct result reap(struct dut *d, uint32_t qid, uint64_t us);
/** Submit and reap. */
struct result execute(struct dut *d, uint32_t qid, const struct sqe *command);
static inline struct result admin(struct dut *d, const struct sqe *command)
{
    return execute(d, 0, command);
}

/* Commands. Data of at most two pages. */
struct result identify(struct dut *d, uint32_t cns, uint32_t nsid, void *data);
struct result get_feature(struct dut *d, uint32_t id, uint32_t select, uint32_t dw11);
struct result set_feature(struct dut *d, uint32_t id, uint32_t dw11);
struct result get_log(struct dut *d, uint32_t page, uint32_t nsid, void *data, uint32_t bytes);
struct result attach_volume(unsigned function, uint32_t volume);

/** Create I/O Completion and Submission Queue; the raw forms take every field. */
struct result create_cq(struct dut *d, uint32_t qid, uint64_t prp1, uint32_t entries, uint32_t dw11);
struct result create_sq(struct dut *d, uint32_t qid, uint64_t prp1, uint32_t entries, uint32_t dw11);
struct result delete_queue(struct dut *d, uint8_t opcode, uint32_t qid);
/** A queue pair, ready for use. @return false if it could not be created. */
bool make_queue(struct dut *d, uint32_t qid, uint32_t entries);

/** Read, write, compare, write zeroes; PRP2 and lists are made as needed. */
struct sqe io_command(struct dut *d, uint8_t opcode, uint64_t lba, uint32_t blocks, const void *data);
struct result io(struct dut *d, uint8_t opcode, uint64_t lba, uint32_t blocks, const void *data);
void fill_pattern(void *data, uint32_t bytes, uint32_t seed);
bool is_pattern(const void *data, uint32_t bytes, uint32_t seed);

static inline uint32_t get16(const uint8_t *data, unsigned offset)
{
    return data[offset] | (uint32_t)data[offset + 1] << 8;
}
static inline uint32_t get32(const uint8_t *data, unsigned offset)
{
    return get16(data, offset) | get16(data, offset + 2) << 16;
}
static inline uint64_t get64(const uint8_t *data, unsigned offset)
{
    return get32(data, offset) | (uint64_t)get32(data, offset + 4) << 32;
}

/** Blocks of namespace 1 of the PF. */
uint64_t volume_blocks(void);

#endif
