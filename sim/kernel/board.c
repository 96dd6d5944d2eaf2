#include "sim/kernel/board.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/boot/rom/embedded.h"
#include "hypervisor/events_wire.h"
#include "models/board/memory_map.h"
#include "sim/kernel/hash.h"
#include "sim/kernel/image.h"
#include "sim/kernel/nic_image.h"
#include "sim/kernel/board_console.h"
#include "sys_regs.h"

enum { PAYLOAD_OFFSET = 0x200000, CAUSE_VS_EXTERNAL = 10 };

extern const struct pin_view_ops see_view_ops, bau_view_ops, port_view_ops, clb_view_ops;

static const uint64_t CAUSE_INTERRUPT = 1ull << 63;

/* --- what the domains tell ------------------------------------------------------------------------------------- */

void board_request_stop(struct board *board, uint64_t cycle)
{
	if (board->stopping)
		return;
	board->stopping = true;
	board->stop_cycle = (cycle / DOMAIN_LOOKAHEAD_CYCLES + 2) * DOMAIN_LOOKAHEAD_CYCLES;
	platform_stop_at(board->stop_cycle);
}

static void fail(struct board *board, const char *text, uint64_t cycle)
{
	if (!board->failure[0])
		snprintf(board->failure, sizeof board->failure, "%s", text);
	board_request_stop(board, cycle);
}

static void note_message(struct board *board, enum platform_domain from, const void *bytes, size_t length, uint64_t cycle)
{
	board->message_hash[from] = hash_message(board->message_hash[from], bytes, length, cycle);
}

static void send_tlp(struct board *board, enum platform_domain from, const struct tlp *tlp, uint64_t cycle)
{
	note_message(board, from, tlp->beat, tlp->beats * sizeof tlp->beat[0], cycle);
	platform_send_tlp(from, tlp, cycle);
}

static void host_send(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	send_tlp(ctx, PLATFORM_HOST, tlp, cycle);
}

static void nic_send(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	send_tlp(ctx, PLATFORM_NIC, tlp, cycle);
}

static void note_frame(struct board *board, unsigned code, size_t length, uint64_t cycle)
{
	struct event event = {
		.cycle = cycle, .source = EVENT_LINK, .code = (uint8_t)code, .id = (uint32_t)board->log.seen[EVENT_LINK][code] + 1, .value = length,
	};
	event_log_add(&board->log, &event);
}

static void nic_send_frame(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle)
{
	note_frame(ctx, EVENT_LINK_FRAME_SENT, length, cycle);
	note_message(ctx, PLATFORM_NIC, frame, length, cycle);
	platform_send_frame(PLATFORM_NIC, 0, frame, length, cycle);
}

static void fabric_send_frame(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	note_frame(ctx, EVENT_LINK_FRAME_ARRIVES, length, cycle + LINK_ETHERNET_CYCLES);
	note_message(ctx, PLATFORM_FABRIC, frame, length, cycle);
	platform_send_frame(PLATFORM_FABRIC, port, frame, length, cycle);
}

static void host_byte(void *ctx, unsigned partition, uint8_t byte, uint64_t cycle)
{
	struct board *board = ctx;
	if (board_console_put(partition ? &board->partition_console : &board->host_console, byte))
		board_request_stop(board, cycle);
}

static void nic_byte(void *ctx, uint8_t byte, uint64_t cycle)
{
	struct board *board = ctx;
	if (board_console_put(&board->nic_console, byte))
		board_request_stop(board, cycle);
}

static void host_finish(void *ctx, unsigned code, uint64_t cycle)
{
	struct board *board = ctx;
	board->finished = true;
	board->finish_code = code;
	board_request_stop(board, cycle);
}

static void nic_finish(void *ctx, unsigned code, uint64_t cycle)
{
	char text[80];
	snprintf(text, sizeof text, "the NIC's firmware stopped with code %u", code);
	fail(ctx, text, cycle);
}

/* A firmware that breaks must not pass unseen because it gets up again. */
static void nic_restart(void *ctx, uint64_t cause, uint64_t pc, uint64_t cycle)
{
	struct board *board = ctx;
	char text[120];

	if (cause == SYS_CAUSE_ACTIVATE)
		return;
	board->firmware_crashes++;
	snprintf(text, sizeof text, "the NIC's firmware %s, at %llx", cause == SYS_CAUSE_WATCHDOG ? "hung: the watchdog reset it" : "crashed and restarts", (unsigned long long)pc);
	if (board->firmware_crashes > board->firmware_crashes_expected)
		fail(board, text, cycle);
}

/* The trap is taken in this cycle; the handler's first instruction executes in the next. */
static void host_trap(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t cycle)
{
	struct board *board = ctx;
	const struct hart *state = hart_state(board->host.host->core[hart]);
	(void)epc;
	if (cause != (CAUSE_INTERRUPT | CAUSE_VS_EXTERNAL) || !state->virt)
		return;
	struct event event = {
		.cycle = cycle + 1, .source = EVENT_HART, .code = EVENT_HART_GUEST_INTERRUPT, .function = (uint16_t)hart, .value = state->pc,
	};
	event_log_add(&board->log, &event);
}

static void host_event(void *ctx, uint64_t word, uint64_t value, uint64_t cycle)
{
	struct board *board = ctx;
	struct event event = {
		.cycle = cycle, .source = EVENT_SOFTWARE, .code = (uint8_t)(word & 0xff), .function = (uint16_t)(word >> 16), .id = (uint32_t)(word >> 32), .value = value,
	};
	if ((word & 0xffff) >= EVENT_SW_CODES)
		return;
	event_log_add(&board->log, &event);
	if (board->observe)
		board->observe(board->observe_ctx, board, &event);
}

static void block_mismatch(struct board *board, const struct block *block, uint64_t cycle)
{
	const struct block_mismatch *mismatch = &block->mismatch;
	char text[BOARD_ERROR_BYTES];
	snprintf(text, sizeof text, "lockstep mismatch in block %s, port %s, cycle %llu: model %s, rtl %s", block->type->pins->block, mismatch->pin,
		 (unsigned long long)mismatch->cycle, mismatch->model_value, mismatch->rtl_value);
	fail(board, text, cycle);
}

static void note_mismatch(void *ctx, const struct block *block, uint64_t cycle)
{
	block_mismatch(ctx, block, cycle);
}

/* --- construction ---------------------------------------------------------------------------------------------- */

static int write_host(void *ctx, uint64_t address, const void *bytes, uint64_t size)
{
	struct board *board = ctx;
	if (bytes)
		return host_write_ram(board->host.host, address, bytes, size);
	void *to = host_ram(board->host.host, address, size);
	return to ? (memset(to, 0, size), 0) : -1;
}

static int load_initrd(struct board *board, char *error, size_t error_size)
{
	size_t bytes;
	void *image = image_read_file(board->config.initrd, &bytes, error, error_size);
	if (!image)
		return -1;
	uint64_t base = host_place_initrd(board->host.host, bytes);
	int status = base && host_write_ram(board->host.host, base, image, bytes) == 0 ? 0 : -1;
	if (status != 0)
		snprintf(error, error_size, "initial file system %s: does not fit into RAM", board->config.initrd);
	free(image);
	return status;
}

static int write_partition_1(void *ctx, uint64_t address, const void *bytes, uint64_t size)
{
	struct board *board = ctx;
	return write_host(board, address + partition_of(&board->host.host->config, 1).ram_base - HOST_RAM_BASE, bytes, size);
}

/* Each partition gets a copy; the image moves itself to where it is. */
static int load_hypervisors(struct board *board, uint64_t *entry, char *error, size_t error_size)
{
	const struct board_config *config = &board->config;
	const char *second = config->kernel_1 ? config->kernel_1 : config->kernel;
	uint64_t entry_1;

	if (image_load_elf("hypervisor image", config->kernel, write_host, board, entry, error, error_size) != 0)
		return -1;
	if (config->host.partitions < PARTITIONS_MAX)
		return 0;
	if (image_load_elf("hypervisor image of partition 1", second, write_partition_1, board, &entry_1, error, error_size) != 0)
		return -1;
	if (entry_1 == *entry)
		return 0;
	snprintf(error, error_size, "hypervisor image of partition 1 %s: starts at 0x%llx, that of partition 0 at 0x%llx", second,
		 (unsigned long long)entry_1, (unsigned long long)*entry);
	return -1;
}

/* A processor without a program sleeps; it would take one trap a cycle otherwise. */
static void let_sleep(struct hart_core *core)
{
	hart_state(core)->in_wfi = 1;
	hart_state_changed(core);
}

static int create_host(struct board *board, char *error, size_t error_size)
{
	struct host_ops ops = {
		.ctx = board, .link = {host_send, board}, .console = host_byte, .finish = host_finish, .trap = host_trap, .event = host_event,
	};
	const struct board_config *config = &board->config;
	uint64_t next = HOST_RAM_BASE + PAYLOAD_OFFSET;

	if (config->host.partitions > 1 && (!config->bios || !config->kernel || config->payload || config->initrd)) {
		snprintf(error, error_size, "host: partitions need a firmware image and a hypervisor, and have no payload and no initial file system");
		return -1;
	}
	board->config.host.dma_is_open = config->payload != NULL;
	board->host.host = host_create(&config->host, &ops);
	if (!board->host.host) {
		snprintf(error, error_size, "host: %u harts with %llu bytes of RAM in %u partitions cannot be built", config->host.harts,
			 (unsigned long long)config->host.ram_bytes, config->host.partitions ? config->host.partitions : 1);
		return -1;
	}
	if (config->bios && image_load_raw("firmware image of the host", config->bios, HOST_RAM_BASE, write_host, board, error, error_size) != 0)
		return -1;
	if (config->kernel && load_hypervisors(board, &next, error, error_size) != 0)
		return -1;
	if (config->payload && image_load_raw("payload", config->payload, next, write_host, board, error, error_size) != 0)
		return -1;
	if (config->initrd && load_initrd(board, error, error_size) != 0)
		return -1;
	if (host_set_boot(board->host.host, config->bios ? HOST_RAM_BASE : next, next) != 0) {
		snprintf(error, error_size, "host: the device tree does not fit into the boot ROM");
		return -1;
	}
	if (!config->bios && !config->kernel && !config->payload)
		for (unsigned i = 0; i < config->host.harts; i++)
			let_sleep(board->host.host->core[i]);
	return 0;
}

/* The factory puts the image into both slots, so that either can be replaced. */
static int fill_slots(struct board *board, char *error, size_t error_size)
{
	const struct nic_image_options options = {.security_version = -1};
	uint8_t *flash = board->nic.nic->slot_flash;
	size_t bytes;
	void *image = nic_image_read(board->config.firmware, &options, &bytes, error, error_size);

	if (!image)
		return -1;
	memcpy(flash + SYS_FLASH_SLOT_1, image, bytes);
	memcpy(flash + SYS_FLASH_SLOT_2, image, bytes);
	free(image);
	return 0;
}

static int load_slot_flash(struct board *board, char *error, size_t error_size)
{
	size_t bytes;
	char why[256];
	void *contents = image_read_file(board->config.slot_flash, &bytes, why, sizeof why);

	if (!contents || bytes != SYS_FLASH_BYTES) {
		snprintf(error, error_size, "slot flash %s%s", contents ? board->config.slot_flash : why, contents ? ": has not the size of the flash" : "");
		free(contents);
		return -1;
	}
	memcpy(board->nic.nic->slot_flash, contents, bytes);
	free(contents);
	return 0;
}

static int create_nic(struct board *board, char *error, size_t error_size)
{
	struct nic_ops ops = {
		.ctx = board, .link = {nic_send, board}, .frame = nic_send_frame, .console = nic_byte, .finish = nic_finish, .restart = nic_restart,
	};
	const struct board_config *config = &board->config;

	board->nic.nic = nic_create(&ops, config->nic_fast, config->nic_clb);
	board->nic.arriving = calloc(1, sizeof *board->nic.arriving);
	if (!board->nic.nic || !board->nic.arriving) {
		snprintf(error, error_size, "NIC: out of memory");
		return -1;
	}
	if (config->nic_config && nic_set_config(board->nic.nic, config->nic_config) != 0) {
		snprintf(error, error_size, "NIC: configuration text is longer than the flash");
		return -1;
	}
	memcpy(board->nic.nic->rom, boot_rom, boot_rom_bytes);
	if (!config->firmware && !config->slot_flash) {
		let_sleep(board->nic.nic->core);
		return 0;
	}
	if (config->slot_flash)
		return load_slot_flash(board, error, error_size);
	return fill_slots(board, error, error_size);
}

static enum block_backend clb_backend(const struct board_config *config, unsigned hart)
{
	return config->clb_hart == hart || config->clb_hart == BOARD_CLB_ALL ? config->clb : BLOCK_MODEL;
}

static int create_clbs(struct board *board)
{
	const struct board_config *config = &board->config;
	bool debug = config->waves != NULL;

	for (unsigned i = 0; config->host.clb && i < config->host.harts; i++) {
		if (block_create(&board->host.clb[i], &block_clb, clb_backend(config, i), debug, &board->host.host->front[i].state.out) != 0)
			return -1;
		board->host.clb[i].skip_idle = config->skip_idle;
	}
	if (!config->nic_clb)
		return 0;
	if (block_create(&board->nic.clb, &block_clb, clb_backend(config, BOARD_CLB_NIC), debug, &board->nic.nic->front.state.out) != 0)
		return -1;
	board->nic.clb.skip_idle = config->skip_idle;
	return 0;
}

static int record_pins(struct board *board)
{
	struct board_part part;
	int status = 0;
	for (unsigned i = 0; board->config.record_pins && board_part(board, i, &part); i++)
		status |= block_record(part.block);
	return status;
}

static int create_blocks(struct board *board, char *error, size_t error_size)
{
	const struct board_config *config = &board->config;
	bool debug = config->waves || config->failure_prefix;
	struct host_state *host = &board->host.host->state;
	struct nic_state *nic = &board->nic.nic->state;

	if (block_create(&board->host.bau, &block_bau, config->bau, debug, &host->bau_out) != 0 ||
	    block_create(&board->nic.see, &block_see, config->see, debug, &nic->see_out) != 0 ||
	    block_create(&board->nic.port, &block_port, config->port, debug, &nic->flow_out) != 0 || create_clbs(board) != 0 || record_pins(board) != 0) {
		snprintf(error, error_size, "blocks: out of memory");
		return -1;
	}
	board->host.bau.skip_idle = board->nic.see.skip_idle = board->nic.port.skip_idle = config->skip_idle;
	board->host.skip_idle = board->nic.skip_idle = config->skip_idle;
	board->host.log = board->nic.log = &board->log;
	board->host.mismatch = board->nic.mismatch = note_mismatch;
	board->host.mismatch_ctx = board->nic.mismatch_ctx = board;
	return 0;
}

/* A domain that has run to a cycle has done nothing of that cycle yet. */
int board_open_waves(struct board *board, const char *path, char *error, size_t error_size)
{
	waves_begin(&board->waves);
	waves_add(&board->waves, &board->nic.see, &see_view_ops, &board->nic.nic->state.see_in, &board->nic.nic->state.see_out);
	waves_add(&board->waves, &board->nic.port, &port_view_ops, &board->nic.nic->state.flow_in, &board->nic.nic->state.flow_out);
	waves_add(&board->waves, &board->host.bau, &bau_view_ops, &board->host.host->state.bau_in, &board->host.host->state.bau_out);
	for (unsigned i = 0; i < board->config.host.harts; i++) {
		if (board->config.host.clb && clb_backend(&board->config, i) != BLOCK_MODEL && board->waves.count < WAVES_BLOCKS)
			waves_add(&board->waves, &board->host.clb[i], &clb_view_ops, &board->host.host->front[i].state.in, &board->host.host->front[i].state.out);
	}
	board->waves_open = true;
	if (waves_open(&board->waves, path) == 0)
		return 0;
	snprintf(error, error_size, "waves %s: cannot be written", path);
	return -1;
}

/* The failure window makes waves of its own, from the same instances. */
static int create_waves(struct board *board, char *error, size_t error_size)
{
	const struct board_config *config = &board->config;
	if (config->waves)
		return board_open_waves(board, config->waves, error, error_size);
	if (!config->failure_prefix)
		return 0;
	board->failure_window.every_cycles = config->failure_every_cycles;
	if (fabric_hold_volumes(board->fabric) == 0)
		return 0;
	snprintf(error, error_size, "failure window: the volumes cannot be held in memory");
	return -1;
}

static void fabric_run_until(void *ctx, uint64_t until)
{
	if (until)
		fabric_advance(ctx, until - 1);
}

static uint64_t fabric_next(void *ctx)
{
	return fabric_next_event(ctx);
}

static void fabric_frame(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	fabric_receive(ctx, port, frame, length, cycle);
}

static void create_platform(struct board *board)
{
	struct domain domains[PLATFORM_DOMAINS] = {
		[PLATFORM_HOST] = {"host", &board->host, host_domain_run, host_domain_next, host_domain_receive, NULL},
		[PLATFORM_NIC] = {"nic", &board->nic, nic_domain_run, nic_domain_next, nic_domain_receive, nic_domain_receive_frame},
		[PLATFORM_FABRIC] = {"fabric", board->fabric, fabric_run_until, fabric_next, NULL, fabric_frame},
	};
	fabric_set_output(board->fabric, fabric_send_frame, board);
	platform_create(domains);
}

struct board *board_create(const struct board_config *config, struct fabric *fabric, char *error, size_t error_size)
{
	struct board *board = calloc(1, sizeof *board);
	if (!board) {
		snprintf(error, error_size, "board: out of memory");
		return NULL;
	}
	board->config = *config;
	board->fabric = fabric;
	board->host_console.text = malloc(BOARD_TEXT_BYTES);
	board->partition_console.text = malloc(BOARD_TEXT_BYTES);
	board->nic_console.text = malloc(BOARD_TEXT_BYTES);
	if (create_host(board, error, error_size) != 0 || create_nic(board, error, error_size) != 0 || create_blocks(board, error, error_size) != 0 ||
	    create_waves(board, error, error_size) != 0) {
		board_destroy(board);
		return NULL;
	}
	create_platform(board);
	return board;
}

void board_destroy(struct board *board)
{
	failure_window_end(board);
	if (board->waves_open)
		waves_end(&board->waves);
	struct board_part part;
	for (unsigned i = 0; board->host.host && board->nic.nic && board_part(board, i, &part); i++)
		block_destroy(part.block);
	host_destroy(board->host.host);
	nic_destroy(board->nic.nic);
	free(board->nic.arriving);
	fabric_destroy(board->fabric);
	event_log_free(&board->log);
	free(board->host_console.text);
	free(board->partition_console.text);
	free(board->nic_console.text);
	free(board);
}

uint64_t board_state_hash(struct board *board)
{
	XXH3_state_t *hash = XXH3_createState();
	struct host *host = board->host.host;
	uint64_t result;

	host_settle(host);
	nic_settle(board->nic.nic);
	XXH3_64bits_reset(hash);
	XXH3_64bits_update(hash, host->ram, host->config.ram_bytes);
	XXH3_64bits_update(hash, board->nic.nic->memory, NIC_MEMORY_BYTES);
	XXH3_64bits_update(hash, board->nic.nic->slot_flash, SYS_FLASH_BYTES);
	for (unsigned i = 0; i < host->config.harts; i++)
		XXH3_64bits_update(hash, hart_state(host->core[i]), sizeof(struct hart));
	XXH3_64bits_update(hash, hart_state(board->nic.nic->core), sizeof(struct hart));
	XXH3_64bits_update(hash, board->message_hash, sizeof board->message_hash);
	result = XXH3_64bits_digest(hash);
	XXH3_freeState(hash);
	return result;
}
