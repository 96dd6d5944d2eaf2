/* assay::target: describes the storage of the fabric domain before the board is created. assay::file_crc32c: checks files from outside. */
#include <stdlib.h>
#include <string.h>

#include "sim/console/console.h"
#include "sim/fabric/crc32c.h"
#include "sim/kernel/image.h"

#define MOST_VOLUME_BYTES (1ll << 40)

static const char *kept_text(struct console *console, Tcl_Obj *object)
{
	Tcl_ListObjAppendElement(NULL, console->kept, object);
	return Tcl_GetString(object);
}

static int ana_of(struct console *console, const char *text, enum target_ana *ana)
{
	static const struct {
		const char *name;
		enum target_ana ana;
	} states[] = {{"optimized", TARGET_ANA_OPTIMIZED}, {"non-optimized", TARGET_ANA_NON_OPTIMIZED}, {"inaccessible", TARGET_ANA_INACCESSIBLE},
		{"loss", TARGET_ANA_PERSISTENT_LOSS}, {"change", TARGET_ANA_CHANGE}};
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (strcmp(text, states[i].name) == 0) {
			*ana = states[i].ana;
			return TCL_OK;
		}
	}
	return console_refuse(console->interp, "BAD_INPUT", "asymmetric access is optimized, non-optimized, inaccessible, loss or change, not \"%s\"", text);
}

/* Options of a target that are 32-bit numbers of its configuration. */
static uint32_t *option_number(struct target_config *target, const char *key)
{
	const struct {
		const char *key;
		uint32_t *number;
	} rows[] = {
		{"capsule", &target->in_capsule_bytes},
		{"r2t", &target->r2t_bytes},
		{"c2h", &target->c2h_data_bytes},
		{"h2c", &target->h2c_data_bytes},
		{"cpda", &target->cpda},
		{"align", &target->data_alignment},
		{"respond", &target->always_responds},
		{"jitter", &target->jitter_cycles},
		{"queues", &target->io_queues},
		{"flow", &target->flow_control},
		{"no_digests", &target->no_digests},
		{"no_capsule", &target->no_capsule},
		{"block", &target->block_bytes},
		{"group", &target->ana_group},
		{"groups", &target->ana_groups},
		{"anatt", &target->anatt_s},
		{"hides", &target->ana_hides},
		{"transfer", &target->transfer_bytes},
		{"zeroes", &target->zeroes_bytes},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(key, rows[i].key) == 0)
			return rows[i].number;
	return NULL;
}

/* A list of names. */
static int quirks_of(struct console *console, Tcl_Obj *list, uint32_t *quirks)
{
	static const struct {
		const char *name;
		enum target_quirk quirk;
	} rows[] = {{"reserved", TARGET_SETS_RESERVED}, {"no_keep_alive", TARGET_NO_KEEP_ALIVE}, {"refuses_kato", TARGET_REFUSES_KATO}, {"wants_kato", TARGET_WANTS_KATO},
		{"static", TARGET_STATIC}, {"few_commands", TARGET_FEW_COMMANDS}, {"large_pages", TARGET_LARGE_PAGES}, {"capsule_offset", TARGET_CAPSULE_OFFSET},
		{"no_events", TARGET_NO_EVENTS}, {"no_names", TARGET_NO_NAMES}, {"strange_events", TARGET_STRANGE_EVENTS}, {"many_formats", TARGET_MANY_FORMATS},
		{"command_set", TARGET_SAYS_COMMAND_SET}, {"crowded", TARGET_CROWDED}, {"refers", TARGET_REFERS}};
	Tcl_Obj **words;
	int count;

	if (Tcl_ListObjGetElements(console->interp, list, &count, &words) != TCL_OK)
		return TCL_ERROR;
	for (int i = 0; i < count; i++) {
		size_t row = 0;

		while (row < sizeof rows / sizeof rows[0] && strcmp(Tcl_GetString(words[i]), rows[row].name) != 0)
			row++;
		if (row == sizeof rows / sizeof rows[0])
			return console_refuse(console->interp, "BAD_INPUT", "fabric target: there is no quirk \"%s\" (sim/fabric/README.md)", Tcl_GetString(words[i]));
		*quirks |= rows[row].quirk;
	}
	return TCL_OK;
}

static int target_option(struct console *console, struct target_config *target, Tcl_Obj *name, Tcl_Obj *value)
{
	const char *key = Tcl_GetString(name);
	Tcl_WideInt number;
	if (strcmp(key, "ana") == 0)
		return ana_of(console, Tcl_GetString(value), &target->ana);
	if (strcmp(key, "quirks") == 0)
		return quirks_of(console, value, &target->quirks);
	if (Tcl_GetWideIntFromObj(console->interp, value, &number) != TCL_OK)
		return TCL_ERROR;
	if (number < 0 || number > UINT32_MAX)
		return console_refuse(console->interp, "BAD_INPUT", "fabric target: %s %lld is out of range", key, (long long)number);
	uint32_t *place = option_number(target, key);
	if (place)
		*place = (uint32_t)number;
	else if (strcmp(key, "read_cycles") == 0)
		target->read_latency_cycles = (uint64_t)number;
	else if (strcmp(key, "write_cycles") == 0)
		target->write_latency_cycles = (uint64_t)number;
	else if (strcmp(key, "mbps") == 0)
		target->rate_mbps = (uint64_t)number;
	else
		return console_refuse(console->interp, "BAD_INPUT", "fabric target: an option is ana, group, groups, anatt, hides, capsule, r2t, c2h, h2c, cpda, align, respond, jitter, queues, flow, no_digests, no_capsule, block, transfer, zeroes, quirks, read_cycles, write_cycles or mbps, not \"%s\"", key);
	return TCL_OK;
}

/* assay::target ADDRESS NQN FILE ?OPTION VALUE ...?: one target with one volume; returns its number. Targets of one NQN are ports of one
 * subsystem. Options: target_option(). */
static int target(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct fabric_config *fabric = &console->fabric;

	if (argc < 4 || argc % 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "address nqn file ?option value ...?"), TCL_ERROR;
	if (console->board)
		return console_refuse(interp, "BAD_INPUT", "fabric target: comes before board create");
	if (fabric->hosts == FABRIC_HOSTS_MAX)
		return console_refuse(interp, "BAD_INPUT", "fabric target: more than %d targets", FABRIC_HOSTS_MAX);
	struct fabric_host_config *host = &fabric->host[fabric->hosts];
	for (int i = 4; i < argc; i += 2) {
		if (target_option(console, &host->target, argv[i], argv[i + 1]) != TCL_OK)
			return TCL_ERROR;
	}
	host->address = kept_text(console, argv[1]);
	host->target.nqn = kept_text(console, argv[2]);
	host->target.namespaces = 1;
	host->target.volume[0].path = kept_text(console, argv[3]);
	Tcl_SetObjResult(interp, Tcl_NewIntObj((int)fabric->hosts++));
	return TCL_OK;
}

/* assay::attach LINK ?RECORDING?: joins a port of the switch to a virtual machine or a recording of one (sim/fabric/outside_link.h) */
static int attach(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct fabric_config *fabric = &console->fabric;

	if (argc != 2 && argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "link ?recording?"), TCL_ERROR;
	if (console->board)
		return console_refuse(interp, "BAD_INPUT", "port attach: comes before board create");
	if (fabric->attachments == FABRIC_ATTACHMENTS_MAX)
		return console_refuse(interp, "BAD_INPUT", "port attach: more than %d links", FABRIC_ATTACHMENTS_MAX);
	struct fabric_attachment *attachment = &fabric->attachment[fabric->attachments++];
	attachment->where = kept_text(console, argv[1]);
	attachment->record_path = argc == 3 ? kept_text(console, argv[2]) : NULL;
	return TCL_OK;
}

/* assay::pcap FILE: captures every frame that enters the switch */
static int pcap(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "file"), TCL_ERROR;
	console->fabric.pcap_path = kept_text(console, argv[1]);
	return TCL_OK;
}

static int set_target_mode(struct console *console, int number, const char *text)
{
	static const char *const names[] = {[TARGET_RUNS] = "runs", [TARGET_REFUSES] = "refuses", [TARGET_STALLS] = "stalls", [TARGET_FAILS_WRITES] = "fails-writes"};
	for (int mode = 0; mode < 4; mode++) {
		if (strcmp(text, names[mode]) == 0) {
			fabric_set_target_mode(console->board->fabric, (unsigned)number, (enum target_mode)mode);
			return TCL_OK;
		}
	}
	return console_refuse(console->interp, "BAD_INPUT", "fault target: a mode is runs, refuses, stalls or fails-writes, not \"%s\"", text);
}

static int target_number(struct console *console, Tcl_Obj *object, int *number)
{
	if (!console_needs_board(console) || Tcl_GetIntFromObj(console->interp, object, number) != TCL_OK)
		return TCL_ERROR;
	if (*number < 0 || (unsigned)*number >= console->fabric.hosts)
		return console_refuse(console->interp, "BAD_INPUT", "fault: there is no target %d", *number);
	return TCL_OK;
}

/* assay::target_ana NUMBER STATE: how the namespaces can be reached through the target from now on */
static int target_ana(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	enum target_ana ana = TARGET_ANA_NONE;
	int number;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "number state"), TCL_ERROR;
	if (target_number(console, argv[1], &number) != TCL_OK || ana_of(console, Tcl_GetString(argv[2]), &ana) != TCL_OK)
		return TCL_ERROR;
	if (fabric_set_access(console->board->fabric, (unsigned)number, ana) < 0)
		return console_refuse(interp, "BAD_INPUT", "fault access: target %d reports no asymmetric access (option ana)", number);
	return TCL_OK;
}

/* assay::target_resize NUMBER BYTES: the volume behind the target, and its file, get another size */
static int target_resize_volume(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_WideInt bytes;
	int number;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "number bytes"), TCL_ERROR;
	if (target_number(console, argv[1], &number) != TCL_OK || Tcl_GetWideIntFromObj(interp, argv[2], &bytes) != TCL_OK)
		return TCL_ERROR;
	if (bytes < 4096 || bytes > MOST_VOLUME_BYTES || fabric_resize_volume(console->board->fabric, (unsigned)number, (uint64_t)bytes) < 0)
		return console_refuse(interp, "BAD_INPUT", "storage resize: the volume of target %d cannot have %lld bytes", number, (long long)bytes);
	return TCL_OK;
}

/* assay::link_state PORT up|down */
static int link_state(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	static const char *const states[] = {"down", "up", NULL};
	int port, up;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "port up|down"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetIntFromObj(interp, argv[1], &port) != TCL_OK ||
	    Tcl_GetIndexFromObj(interp, argv[2], states, "state", 0, &up) != TCL_OK)
		return TCL_ERROR;
	if (port < 0 || !fabric_get_fault(console->board->fabric, (unsigned)port))
		return console_refuse(interp, "BAD_INPUT", "fault cable: the switch has no port %d", port);
	fabric_set_link(console->board->fabric, (unsigned)port, up);
	if (port == 0)
		nic_set_link(console->board->nic.nic, up);
	return TCL_OK;
}

/* assay::target_mode NUMBER runs|refuses|stalls */
static int target_mode(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	int number;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "number mode"), TCL_ERROR;
	if (target_number(console, argv[1], &number) != TCL_OK)
		return TCL_ERROR;
	return set_target_mode(console, number, Tcl_GetString(argv[2]));
}

/* assay::link_fault PORT DROP DUPLICATE CORRUPT DELAY (parts per million) DELAY_CYCLES: faults of frames that enter the switch there */
static int link_fault(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_WideInt number[6];
	if (argc != 7)
		return Tcl_WrongNumArgs(interp, 1, argv, "port drop duplicate corrupt delay delay_cycles"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	for (int i = 0; i < 6; i++) {
		if (Tcl_GetWideIntFromObj(interp, argv[i + 1], &number[i]) != TCL_OK)
			return TCL_ERROR;
		if (number[i] < 0 || (i > 0 && i < 5 && number[i] > 1000000))
			return console_refuse(interp, "BAD_INPUT", "fault link: %lld is out of range", (long long)number[i]);
	}
	if (!fabric_get_fault(console->board->fabric, (unsigned)number[0]))
		return console_refuse(interp, "BAD_INPUT", "fault link: the switch has no port %lld", (long long)number[0]);
	struct fault_config config = {
		.drop_ppm = (uint32_t)number[1],
		.duplicate_ppm = (uint32_t)number[2],
		.corrupt_ppm = (uint32_t)number[3],
		.delay_ppm = (uint32_t)number[4],
		.delay_cycles = (uint64_t)number[5],
	};
	fabric_set_fault(console->board->fabric, (unsigned)number[0], &config);
	return TCL_OK;
}

/* assay::lockstep_fault BLOCK PIN CYCLE: makes an output of the block's RTL wrong from CYCLE on */
static int lockstep_fault(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_WideInt from;
	if (argc != 4)
		return Tcl_WrongNumArgs(interp, 1, argv, "block pin cycle"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetWideIntFromObj(interp, argv[3], &from) != TCL_OK)
		return TCL_ERROR;
	struct block *block = board_block(console->board, Tcl_GetString(argv[1]));
	if (!block || from < 0)
		return console_refuse(interp, "BAD_INPUT", "fault lockstep: there is no block \"%s\", or a cycle is negative", Tcl_GetString(argv[1]));
	if (block_inject(block, Tcl_GetString(argv[2]), (uint64_t)from) != 0)
		return console_refuse(interp, "BAD_INPUT", "fault lockstep: block %s is not in lockstep or has no output \"%s\"", Tcl_GetString(argv[1]),
			Tcl_GetString(argv[2]));
	return TCL_OK;
}

/* assay::reread_volumes: the scenario has written to volumes' files itself */
static int reread_volumes(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 1)
		return Tcl_WrongNumArgs(interp, 1, argv, ""), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	return fabric_reread_volumes(console->board->fabric) == 0 ? TCL_OK : console_refuse(interp, "BAD_INPUT", "the volumes' files cannot be read");
}

/* assay::flush: brings the capture to its file */
static int flush(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 1)
		return Tcl_WrongNumArgs(interp, 1, argv, ""), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	return fabric_flush(console->board->fabric) == 0 ? TCL_OK : console_refuse(interp, "BAD_INPUT", "the capture could not be written completely");
}

/* assay::file_crc32c FILE -> 8 hexadecimal digits */
static int file_crc32c(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	char error[BOARD_ERROR_BYTES];
	size_t size;
	(void)data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "file"), TCL_ERROR;
	void *bytes = image_read_file(Tcl_GetString(argv[1]), &size, error, sizeof error);
	if (!bytes)
		return console_refuse(interp, "BAD_INPUT", "volume %s", error);
	char text[9];
	snprintf(text, sizeof text, "%08x", crc32c(0, bytes, size));
	Tcl_SetObjResult(interp, Tcl_NewStringObj(text, -1));
	free(bytes);
	return TCL_OK;
}

void console_add_fabric_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::target", target},
		{"assay::attach", attach},
		{"assay::pcap", pcap},
		{"assay::target_mode", target_mode},
		{"assay::target_ana", target_ana},
		{"assay::target_resize", target_resize_volume},
		{"assay::link_state", link_state},
		{"assay::link_fault", link_fault},
		{"assay::flush", flush},
		{"assay::reread_volumes", reread_volumes},
		{"assay::file_crc32c", file_crc32c},
		{"assay::lockstep_fault", lockstep_fault},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
