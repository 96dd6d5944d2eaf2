/* assay::stats, assay::events, assay::io_replay: what a run has to show, and the check of a volume from outside. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/guests/kernel/io_pattern.h"
#include "sim/console/console.h"
#include "sim/kernel/image.h"
#include "sim/trace/latency.h"

static void put(Tcl_Obj *dict, const char *key, Tcl_Obj *value)
{
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(key, -1), value);
}

static void put_number(Tcl_Obj *dict, const char *key, uint64_t value)
{
	put(dict, key, Tcl_NewWideIntObj((Tcl_WideInt)value));
}

static void put_hash(Tcl_Obj *dict, uint64_t hash)
{
	char text[17];
	snprintf(text, sizeof text, "%016llx", (unsigned long long)hash);
	put(dict, "state_hash", Tcl_NewStringObj(text, -1));
}

static void put_block(Tcl_Obj *dict, const struct block *block)
{
	char key[64];
	const char *name = block->type->pins->block;
	snprintf(key, sizeof key, "blocks.%s.backend", name);
	put(dict, key, Tcl_NewStringObj(block_backend_name(block->backend), -1));
	snprintf(key, sizeof key, "blocks.%s.cycles_compared", name);
	put_number(dict, key, block->cycles_compared);
	snprintf(key, sizeof key, "blocks.%s.mismatches", name);
	put_number(dict, key, block->mismatch.found);
	snprintf(key, sizeof key, "blocks.%s.cycles_stepped", name);
	put_number(dict, key, block->cycles_stepped);
	snprintf(key, sizeof key, "blocks.%s.cycles_idle", name);
	put_number(dict, key, block->cycles_skipped);
}

static void put_latency(Tcl_Obj *dict, const char *prefix, const struct latency *latency)
{
	char key[96];
	const struct {
		const char *name;
		uint64_t value;
	} parts[] = {{"count", latency->count}, {"min", latency->min}, {"p50", latency->p50}, {"p99", latency->p99}, {"max", latency->max}};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		snprintf(key, sizeof key, "latency.%s.%s", prefix, parts[i].name);
		put_number(dict, key, parts[i].value);
	}
}

static void put_port(Tcl_Obj *dict, const struct port *port)
{
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
		{"port.tx_frames", port->count_tx_frames},
		{"port.tx_bytes", port->count_tx_bytes},
		{"port.rx_frames", port->count_rx_frames},
		{"port.rx_bytes", port->count_rx_bytes},
		{"port.rx_overflow", port->count_rx_overflow},
		{"port.rx_filtered", port->count_rx_filtered},
		{"port.rx_length", port->count_rx_length},
		{"port.rx_disabled", port->count_rx_disabled},
		{"port.rx_checksum", port->count_rx_checksum},
	};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		put_number(dict, counts[i].name, counts[i].value);
}

/* The shared port: frames by where they went, and what each network function did. */
static void put_shared_port(Tcl_Obj *dict, const struct nic_state *nic)
{
	const struct exchange *exchange = &nic->exchange;
	put_number(dict, "port.to_functions", exchange->frames_to_functions);
	put_number(dict, "port.to_firmware", exchange->frames_to_firmware);
	put_number(dict, "port.to_line", exchange->frames_to_line);
	put_number(dict, "port.refused_from_line", exchange->rx_dropped);
	put_number(dict, "port.refused_to_send", exchange->tx_dropped);
	put_number(dict, "port.line_overflow", exchange->rx_overflow);
	put_number(dict, "port.limited", nic->port.count_rx_limited);
	put_number(dict, "port.placed_bytes", exchange->placer.placed_bytes);
	put_number(dict, "port.crc_bytes", exchange->placer.crc_bytes);
	for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++) {
		const struct netdev_function *function = &nic->net.function[f];
		const struct {
			const char *name;
			uint64_t value;
		} counts[] = {
			{"features", function->driver_features},
			{"rx_frames", function->rx_frames},
			{"rx_bytes", function->rx_bytes},
			{"rx_dropped", function->rx_dropped},
			{"rx_filtered", function->rx_filtered},
			{"control_commands", function->control_commands},
			{"control_errors", function->control_errors},
			{"tx_frames", function->tx_frames},
			{"tx_bytes", function->tx_bytes},
			{"tx_segments", function->tx_segments},
			{"tx_errors", function->tx_errors},
			{"dma_errors", function->dma_errors},
			{"interrupts", function->interrupts},
			{"placed_bytes", function->placed_bytes}, {"place_lost", function->place_lost}, {"crc_jobs", function->crc_jobs},
		};
		for (size_t i = 0; function->present && i < sizeof counts / sizeof counts[0]; i++) {
			char name[40];
			snprintf(name, sizeof name, "net.%u.%s", f, counts[i].name);
			put_number(dict, name, counts[i].value);
		}
	}
}

static Tcl_Obj *hart_stats(struct board *board)
{
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	struct host *host = board->host.host;
	host_settle(host);
	nic_settle(board->nic.nic);
	for (unsigned i = 0; i <= host->config.harts; i++) {
		const struct hart *hart = hart_state(i < host->config.harts ? host->core[i] : board->nic.nic->core);
		Tcl_Obj *entry = Tcl_NewDictObj();
		put(entry, "name", i < host->config.harts ? Tcl_ObjPrintf("host.%u", i) : Tcl_NewStringObj("nic", -1));
		put_number(entry, "instructions", hart->instructions);
		put_number(entry, "native_ops", hart->native_ops);
		put_number(entry, "cycles", hart->cycles);
		Tcl_ListObjAppendElement(NULL, list, entry);
	}
	return list;
}

/* assay::stats -> flat dict; key harts is a list of dicts */
static int stats(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct latency stage[LATENCY_STAGES];
	struct latency_paths paths;

	if (argc != 1)
		return Tcl_WrongNumArgs(interp, 1, argv, ""), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	struct board *board = console->board;
	if (latency_compute(&board->log, stage, &paths) != 0)
		return console_refuse(interp, "BAD_INPUT", "out of memory");
	Tcl_Obj *dict = Tcl_NewDictObj();
	put_number(dict, "cycles", platform_cycle());
	put_hash(dict, board_state_hash(board));
	put_block(dict, &board->nic.see);
	put_block(dict, &board->host.bau);
	put_block(dict, &board->nic.port);
	for (unsigned i = 0; i < LATENCY_STAGES; i++)
		put_latency(dict, latency_names[i], &stage[i]);
	put_number(dict, "interrupts.directed", paths.directed);
	put_number(dict, "interrupts.broadcast", paths.broadcast);
	put_number(dict, "interrupts.recorded", paths.recorded);
	struct fabric_stats fabric = fabric_get_stats(board->fabric);
	put_number(dict, "fabric.frames", fabric.frames);
	put_number(dict, "fabric.bytes", fabric.bytes);
	put_number(dict, "fabric.lost", fabric.lost);
	put_port(dict, &board->nic.nic->state.port);
	put_shared_port(dict, &board->nic.nic->state);
	put_number(dict, "events", board->log.count);
	put(dict, "harts", hart_stats(board));
	Tcl_SetObjResult(interp, dict);
	return TCL_OK;
}

/* assay::event_count NAME -> how many events of that name so far */
static int event_count(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "name"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	int64_t count = event_log_count(&console->board->log, Tcl_GetString(argv[1]));
	if (count < 0)
		return console_refuse(interp, "BAD_INPUT", "there is no event \"%s\"", Tcl_GetString(argv[1]));
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(count));
	return TCL_OK;
}

/* assay::events FILE: writes the event log */
static int events(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "file"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	if (event_log_write(&console->board->log, Tcl_GetString(argv[1])) != 0)
		return console_refuse(interp, "BAD_INPUT", "event log %s: cannot be written", Tcl_GetString(argv[1]));
	return TCL_OK;
}

static void replay(const struct io_pattern *pattern, uint64_t operations, uint8_t *image)
{
	for (uint64_t k = 0; k < operations; k++) {
		struct io_op op = io_pattern_op(pattern, k);
		for (uint32_t b = 0; op.kind == IO_WRITE && b < op.blocks; b++)
			io_pattern_block(pattern, k, op.lba + b, image + (op.lba + b) * io_pattern_block_bytes(pattern));
	}
}

static int64_t first_difference(const uint8_t *a, const uint8_t *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i])
			return (int64_t)i;
	}
	return -1;
}

enum { REPLAY_NUMBERS = 5 };

static int replay_numbers(Tcl_Interp *interp, int count_given, Tcl_Obj *const argv[], Tcl_WideInt numbers[REPLAY_NUMBERS], size_t size)
{
	numbers[REPLAY_NUMBERS - 1] = IO_BLOCK_BYTES;
	for (int i = 0; i < count_given; i++) {
		if (Tcl_GetWideIntFromObj(interp, argv[i], &numbers[i]) != TCL_OK)
			return TCL_ERROR;
	}
	if (numbers[4] != 512 && numbers[4] != 1024 && numbers[4] != 2048 && numbers[4] != 4096)
		return console_refuse(interp, "BAD_INPUT", "io_replay: a block has 512, 1024, 2048 or 4096 bytes, not %lld", (long long)numbers[4]);
	uint64_t blocks = size / (uint64_t)numbers[4], first = (uint64_t)numbers[1], count = (uint64_t)numbers[2];
	if (count == 0 || first > blocks || count > blocks - first)
		return console_refuse(interp, "BAD_INPUT", "io_replay: blocks %lld to %lld are not in the volume", (long long)first, (long long)(first + count));
	return TCL_OK;
}

/* assay::io_replay BEFORE AFTER SEED FIRST_LBA LBAS OPS ?BLOCK_BYTES? -> -1 if file AFTER is BEFORE with the pattern's writes applied, else the offset of the first difference */
static int io_replay(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	char error[BOARD_ERROR_BYTES];
	size_t size = 0, after_size = 0;
	Tcl_WideInt n[REPLAY_NUMBERS];
	(void)data;

	if (argc < 7 || argc > 8)
		return Tcl_WrongNumArgs(interp, 1, argv, "before after seed first_lba lbas ops ?block_bytes?"), TCL_ERROR;
	uint8_t *before = image_read_file(Tcl_GetString(argv[1]), &size, error, sizeof error);
	uint8_t *after = before ? image_read_file(Tcl_GetString(argv[2]), &after_size, error, sizeof error) : NULL;
	int status = after ? replay_numbers(interp, argc - 3, argv + 3, n, size) : console_refuse(interp, "BAD_INPUT", "volume %s", error);
	if (status == TCL_OK && size != after_size) {
		status = console_refuse(interp, "BAD_INPUT", "volume %s: has another size than before", Tcl_GetString(argv[2]));
	} else if (status == TCL_OK) {
		replay(&(struct io_pattern){(uint64_t)n[0], (uint64_t)n[1], (uint64_t)n[2], (uint32_t)n[4]}, (uint64_t)n[3], before);
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(first_difference(before, after, size)));
	}
	free(before);
	free(after);
	return status;
}

/* assay::has_board -> whether a scenario has made its board */
static int has_board(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	(void)argc;
	(void)argv;
	Tcl_SetObjResult(interp, Tcl_NewBooleanObj(console->board != NULL));
	return TCL_OK;
}

void console_add_stat_commands(
struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::stats", stats},
		{"assay::has_board", has_board},
		{"assay::event_count", event_count},
		{"assay::events", events},
		{"assay::io_replay", io_replay},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
