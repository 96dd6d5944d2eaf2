/* libFuzzer on the firmware's NVMe personality: what hosts send, well formed or not, as the SEE hands it on, and what storages answer.
 *
 * The input is a list of acts: admin commands of any field (vendor commands, images of functions' states and of firmware among them), I/O commands
 * as the SEE has checked them, resets, answers of storages, time. What counts: no command is answered twice, nothing goes to a storage
 * outside of it or outside of a slot's buffer, queues are counted right, and after a reset of every function nothing is left over.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/crc32c.h"
#include "firmware/core/log.h"
#include "firmware/nvme/function_state_wire.h"
#include "firmware/nvme/io.h"
#include "firmware/nvme/volume_record.h"
#include "firmware/update/update.h"
#include "rtl/gen/field.h"
#include "testbench/fuzz/harness.h"
#include "testbench/fuzz/input.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/fake_system.h"

enum { FUNCTIONS = 3, STORAGES = 4, STORAGE_BLOCKS = 3000, MOST_ACTS = 80, OPEN_SLOTS_MAX = 56, SETTLE_ROUNDS = 4000, IMAGE_BYTES = 1256 };

static const char configuration[] =
	"ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nvolume 0 nvme-tcp 10.0.0.10:4420 a nsid 1\nvolume 1 nvme-tcp 10.0.0.10:4421 b nsid 1\n"
	"volume 2 nvme-tcp 10.0.0.10:4422 c nsid 1\nvolume 3 nvme-tcp 10.0.0.10:4423 d nsid 1\n"
	"volume 4 concat 0 1\nvolume 5 stripe 64 0 1\nvolume 6 mirror 2 3\n";

static struct config config;
static struct fabric_storage_info infos[CONFIG_VOLUMES_MAX];
static struct fabric_request pending[FABRIC_TAGS];
static bool is_pending[FABRIC_TAGS];
static unsigned pending_storage[FABRIC_TAGS];
static struct nvme_sqe sqes[SEE_NUM_SLOTS]; /* of open slots */
static uint64_t now_ticks;
static struct fake_system pristine;
static uint8_t update_image[IMAGE_BYTES] __attribute__((aligned(8)));

/* --- what surrounds the firmware ---------------------------------------------------------------------------------- */

uint64_t clock_ticks(void)
{
	return now_ticks;
}

void log_line(const char *format, ...)
{
	(void)format;
}

void log_panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	abort();
}

static bool in_a_buffer(const uint8_t *data, uint32_t bytes)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (data >= fake_see_buffer(slot) && data + bytes <= fake_see_buffer(slot) + SEE_BUFFER_STRIDE)
			return true;
	return false;
}

static void check_request(unsigned tag, const struct fabric_request *request)
{
	uint64_t lba = (uint64_t)request->dw[1] << 32 | request->dw[0], blocks = (request->dw[2] & 0xffff) + 1;
	bool has_blocks = request->opcode == NVME_IO_READ || request->opcode == NVME_IO_WRITE || request->opcode == NVME_IO_COMPARE || request->opcode == NVME_IO_WRITE_ZEROES;
	bool has_data = request->opcode == NVME_IO_READ || request->opcode == NVME_IO_WRITE || request->opcode == NVME_IO_COMPARE;

	require(!has_blocks || (lba < STORAGE_BLOCKS && blocks <= STORAGE_BLOCKS - lba), "beyond the storage");
	require(!has_data || request->bytes == blocks * 512, "length and blocks differ");
	require(!request->bytes || tag == IO_COPY_TAG || in_a_buffer(request->data, request->bytes), "outside of the slots' buffers");
}

void fabric_submit(unsigned storage, unsigned tag, const struct fabric_request *request)
{
	require(storage < STORAGES && tag < FABRIC_TAGS && !is_pending[tag], "no such storage or tag");
	check_request(tag, request);
	pending[tag] = *request;
	pending_storage[tag] = storage;
	is_pending[tag] = true;
}

void fabric_cancel(unsigned tag)
{
	require(tag < FABRIC_TAGS && is_pending[tag], "cancelled without need");
}

bool fabric_abort(unsigned tag)
{
	require(tag < FABRIC_TAGS && is_pending[tag], "aborted without need");
	return false;
}

const struct fabric_storage_info *fabric_storage(unsigned storage)
{
	require(storage < CONFIG_VOLUMES_MAX, "no such storage");
	return &infos[storage];
}

static void storage_answers(unsigned tag, uint16_t status)
{
	if (!is_pending[tag])
		return;
	is_pending[tag] = false;
	io_done(tag, status);
}

/* --- input -------------------------------------------------------------------------------------------------------- */

static unsigned open_slots(void)
{
	unsigned open = 0;

	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		open += fake_see.answers[slot].open;
	return open;
}

static void submit(unsigned function, unsigned qid, const struct nvme_sqe *sqe, uint32_t bytes)
{
	unsigned slot = 0;

	if (open_slots() >= OPEN_SLOTS_MAX || fake_see.namespaces[function].held)
		return;
	while (fake_see.answers[slot].open)
		slot++;
	sqes[slot] = *sqe;
	fake_see_submit(function, qid, &sqes[slot], bytes);
}

static void admin(struct input *in)
{
	static const uint8_t opcodes[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x10, 0x11, 0xc0, 0xc4, 0xc8, 0xcc, 0xd0, 0xd1, 0xd2};
	unsigned function = (unsigned)take_bytes(in, 1) % FUNCTIONS, which = (unsigned)take_bytes(in, 1), shape = (unsigned)take_bytes(in, 1);
	struct nvme_sqe sqe = {.opcode = which < 0xe0 ? opcodes[which % sizeof(opcodes)] : (uint8_t)take_bytes(in, 1), .cid = (uint16_t)take_bytes(in, 1)};

	if (!controller_of(function)->enabled)
		return;
	sqe.nsid = shape & 1 ? (uint32_t)take_bytes(in, 4) : 1;
	sqe.flags = shape & 2 ? (uint8_t)take_bytes(in, 1) : 0;
	sqe.dptr[0] = shape & 4 ? take_bytes(in, 8) : 0x10000;
	sqe.dw10 = (uint32_t)take_bytes(in, shape & 8 ? 4 : 1);
	if (!(shape & 8))
		sqe.dw10 |= (uint32_t)take_bytes(in, 1) << 16; /* identifiers and sizes that are small */
	sqe.dw11 = (uint32_t)take_bytes(in, shape & 16 ? 4 : 1);
	sqe.dw12 = (uint32_t)take_bytes(in, shape & 32 ? 4 : 0);
	sqe.dw13 = (uint32_t)take_bytes(in, shape & 64 ? 4 : 0);
	submit(function, 0, &sqe, 0);
}

/* As the SEE lets it through: within the namespace, the data in the buffer. */
static void io_command(struct input *in)
{
	static const uint8_t opcodes[] = {NVME_IO_FLUSH, NVME_IO_WRITE, NVME_IO_READ, NVME_IO_COMPARE, NVME_IO_WRITE_ZEROES, NVME_IO_DATASET_MANAGEMENT};
	unsigned function = (unsigned)take_bytes(in, 1) % FUNCTIONS, qid = 1 + (unsigned)take_bytes(in, 1) % 3, which = (unsigned)take_bytes(in, 1);
	struct nvme_sqe sqe = {.opcode = which < 0xf0 ? opcodes[which % sizeof(opcodes)] : (uint8_t)take_bytes(in, 1), .cid = (uint16_t)take_bytes(in, 1), .nsid = 1};
	const struct controller *controller = controller_of(function);
	uint64_t blocks = controller->blocks, lba = take_bytes(in, 2);
	uint32_t count = 1 + (uint32_t)take_bytes(in, 1);

	if (!controller->enabled || !controller->sqs[qid].valid || !fake_see.queues[function][qid].sq_valid || controller->volume == CONTROLLER_NO_VOLUME)
		return;
	lba %= blocks;
	count = count > blocks - lba ? (uint32_t)(blocks - lba) : count;
	sqe.dw10 = (uint32_t)lba;
	sqe.dw12 = count - 1;
	if (sqe.opcode == NVME_IO_DATASET_MANAGEMENT) {
		sqe.dw10 = (uint32_t)take_bytes(in, 2);
		sqe.dw12 = 0;
		submit(function, qid, &sqe, ((sqe.dw10 & 0xff) + 1) * 16);
		return;
	}
	submit(function, qid, &sqe, sqe.opcode == NVME_IO_READ || sqe.opcode == NVME_IO_WRITE || sqe.opcode == NVME_IO_COMPARE ? count * 512 : 0);
}

static void enable(unsigned function)
{
	see_function_write(function, SEE_FN_CC, 0x00460001);
	see_function_write(function, SEE_FN_AQA, 31u << 16 | 31);
	see_function_write(function, SEE_FN_ASQ, 0x10000);
	see_function_write(function, SEE_FN_ACQ, 0x20000);
	fake_see_event(SEE_DESC_ENABLE, function, 0);
}

static void reset(unsigned function, unsigned type)
{
	see_function_write(function, SEE_FN_CC, 0);
	see_function_write(function, SEE_FN_CSTS, 0);
	for (unsigned qid = 0; qid < SEE_NUM_QUEUES; qid++)
		fake_see.queues[function][qid].sq_valid = fake_see.queues[function][qid].cq_valid = false;
	fake_see_event(type, function, 0);
}

static void event(struct input *in)
{
	unsigned function = (unsigned)take_bytes(in, 1) % FUNCTIONS, kind = (unsigned)take_bytes(in, 1) % 8;
	bool on = see_function_read(function, SEE_FN_CC) & 1;

	if (kind < 3 && !on)
		enable(function);
	else if (kind == 3)
		reset(function, SEE_DESC_DISABLE);
	else if (kind == 4)
		reset(function, SEE_DESC_FLR);
	else if (kind == 5 && on)
		fake_see_event(SEE_DESC_SHUTDOWN, function, 0);
	else if (kind == 6 && on)
		fake_see_event(SEE_DESC_BAD_DOORBELL, function, 0);
}

/* A pull is over: well, with bytes of the input over a sound image of a state or of firmware; or badly. */
static void pulled(struct input *in)
{
	unsigned slot = (unsigned)take_bytes(in, 1) % SEE_NUM_SLOTS, shape = (unsigned)take_bytes(in, 1), patches = (unsigned)take_bytes(in, 1) % 8;
	struct fake_answer *answer = &fake_see.answers[slot];
	uint8_t *buffer = fake_see_buffer(slot);
	struct function_state *state = (struct function_state *)(void *)buffer;

	if (!answer->open || !answer->pull_bytes)
		return;
	memset(buffer, (int)take_bytes(in, 1), answer->pull_bytes < 4096 ? answer->pull_bytes : 4096);
	if (shape & 1) {
		memcpy(buffer, update_image, sizeof(update_image));
	} else if (shape & 2) {
		memset(state, 0, sizeof(*state));
		state->magic = FUNCTION_STATE_MAGIC;
		state->version = FUNCTION_STATE_VERSION;
		state->blocks = controller_of(sqes[slot].dw10 < FUNCTIONS ? sqes[slot].dw10 : 0)->blocks;
		for (unsigned qid = 0; qid < SEE_NUM_QUEUES; qid++) {
			unsigned kind = (unsigned)take_bytes(in, 1);
			state->queue[qid].sq_control = FIELD_PREP(SEE_SQ_CONTROL_VALID, kind & 1) | FIELD_PREP(SEE_SQ_CONTROL_SIZE, 8) | FIELD_PREP(SEE_SQ_CONTROL_CQID, kind >> 4);
			state->queue[qid].cq_control = FIELD_PREP(SEE_CQ_CONTROL_VALID, kind >> 1 & 1) | FIELD_PREP(SEE_CQ_CONTROL_SIZE, 8);
		}
	}
	for (unsigned i = 0; i < patches; i++) {
		uint32_t where = (uint32_t)take_bytes(in, 2) % 4096;
		buffer[where] = (uint8_t)take_bytes(in, 1);
	}
	answer->pull_bytes = 0;
	fake_see_pulled(answer->function, slot, &sqes[slot]);
}

static void time_passes(uint64_t ticks)
{
	now_ticks += ticks;
	controller_run();
}

static void act(struct input *in)
{
	switch (take_bytes(in, 1) % 9) {
	case 0:
	case 1:
	case 2:
		admin(in);
		break;
	case 3:
		io_command(in);
		break;
	case 4:
		event(in);
		break;
	case 5:
		storage_answers((unsigned)take_bytes(in, 1) % FABRIC_TAGS, take_bytes(in, 1) % 4 ? NVME_SUCCESS : NVME_INTERNAL_PATH_ERROR);
		break;
	case 6:
		infos[take_bytes(in, 1) % STORAGES].ready = take_bytes(in, 1) & 1;
		break;
	case 7:
		pulled(in);
		break;
	default:
		time_passes(take_bytes(in, 2));
	}
}

/* --- what must hold ------------------------------------------------------------------------------------------------ */

static void check_queues(unsigned function)
{
	const struct controller *controller = controller_of(function);
	unsigned users[SEE_NUM_QUEUES] = {0}, queues = 0;

	for (unsigned qid = 1; qid < SEE_NUM_QUEUES; qid++) {
		if (controller->sqs[qid].valid)
			users[controller->sqs[qid].cqid]++;
		queues += controller->sqs[qid].valid + controller->cqs[qid].valid;
	}
	for (unsigned qid = 1; qid < SEE_NUM_QUEUES; qid++)
		require(users[qid] == controller->cqs[qid].users, "completion queue with wrong number of users");
	require(queues == controller->io_queues, "wrong number of queues");
}

static void settle(void)
{
	for (unsigned storage = 0; storage < STORAGES; storage++)
		infos[storage].ready = true;
	for (unsigned function = 0; function < FUNCTIONS; function++)
		reset(function, SEE_DESC_FLR);
	for (unsigned round = 0; round < SETTLE_ROUNDS && (open_slots() || update_busy()); round++) {
		for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
			if (fake_see.answers[slot].open && fake_see.answers[slot].pull_bytes) {
				fake_see.answers[slot].pull_bytes = 0;
				fake_see_pulled(fake_see.answers[slot].function, slot, &sqes[slot]);
			}
		for (unsigned tag = 0; tag < FABRIC_TAGS; tag++)
			storage_answers(tag, NVME_SUCCESS);
		time_passes(1000);
	}
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (fake_see.answers[slot].open) {
			fprintf(stderr, "slot %u, function %u queue %u opcode %x is held for ever\n", slot, fake_see.answers[slot].function, fake_see.answers[slot].qid, sqes[slot].opcode);
			abort();
		}
}

static void begin(void)
{
	static bool first = true;
	struct config_error error;

	if (first) {
		first = false;
		require(config_parse(configuration, sizeof(configuration), &config, &error) == 0, "configuration");
		fake_system_reset();
		pristine = fake_system;
		fake_image(update_image, "2.0", 1, 1, IMAGE_BYTES - 256);
	}
	fake_see_reset();
	if (fake_system.commands) /* copying 2 MiB costs more than a run does */
		fake_system = pristine;
	memset(is_pending, 0, sizeof(is_pending));
	for (unsigned storage = 0; storage < STORAGES; storage++)
		infos[storage] = (struct fabric_storage_info){.present = true, .ready = true, .known = true, .write_cache = true, .nqn = "n", .nsid = 1, .lba_shift = 9,
			.oncs = 0xff, .blocks = STORAGE_BLOCKS};
	crc32c_init();
	layout_init(&config);
	volume_record_init(&config, false);
	mirror_init();
	controller_init();
	for (unsigned function = 0; function < FUNCTIONS; function++)
		enable(function);
}

static void drive(struct input *in)
{
	for (unsigned n = 0; n < MOST_ACTS && in->left; n++) {
		act(in);
		for (unsigned function = 0; function < FUNCTIONS; function++)
			check_queues(function);
	}
	settle();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input in;
	jmp_buf restart;

	in = (struct input){data, size};
	begin();
	fake_system.restart = &restart;
	if (setjmp(restart) == 0) {
		drive(&in);
	} else {
		/* An update has restarted the firmware: what was under way is the next one's, which is this one with a fresh memory. */
		fake_system.restart = NULL;
		fake_system.booted_slot = update_next_slot();
		begin();
	}
	return 0;
}
