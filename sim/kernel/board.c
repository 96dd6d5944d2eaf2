#include "sim/kernel/board.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/boot/rom/embedded.h"
#include "models/board/memory_map.h"
#include "sim/kernel/hash.h"
#include "sim/kernel/image.h"
#include "sim/kernel/nic_image.h"
#include "sim/kernel/board_outputs.h"
#include "sys_regs.h"

enum { PAYLOAD_OFFSET = 0x200000 };

extern const struct pin_view_ops see_view_ops, bau_view_ops, port_view_ops, clb_view_ops;

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
	struct host_ops ops = board_host_ops(board);
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
	struct nic_ops ops = board_nic_ops(board);
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
	board->host.mismatch = board->nic.mismatch = board_note_mismatch;
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
	fabric_set_output(board->fabric, board_fabric_sends, board);
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
