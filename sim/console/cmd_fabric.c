/* assay::target: describes the storage of the fabric domain before the board is created. assay::file_crc32c: checks files from outside. */
#include <stdlib.h>
#include <string.h>

#include "sim/console/console.h"
#include "sim/fabric/crc32c.h"
#include "sim/kernel/image.h"

static const char *kept_text(struct console *console, Tcl_Obj *object)
{
	Tcl_ListObjAppendElement(NULL, console->kept, object);
	return Tcl_GetString(object);
}

/* assay::target ADDRESS NQN FILE: one target with one volume; returns its number */
static int target(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct fabric_config *fabric = &console->fabric;

	if (argc != 4)
		return Tcl_WrongNumArgs(interp, 1, argv, "address nqn file"), TCL_ERROR;
	if (console->board)
		return console_refuse(interp, "BAD_INPUT", "fabric target: comes before board create");
	if (fabric->hosts == FABRIC_HOSTS_MAX)
		return console_refuse(interp, "BAD_INPUT", "fabric target: more than %d targets", FABRIC_HOSTS_MAX);
	struct fabric_host_config *host = &fabric->host[fabric->hosts];
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
	static const char *const names[] = {[TARGET_RUNS] = "runs", [TARGET_REFUSES] = "refuses", [TARGET_STALLS] = "stalls"};
	for (int mode = 0; mode < 3; mode++) {
		if (strcmp(text, names[mode]) == 0) {
			fabric_set_target_mode(console->board->fabric, (unsigned)number, (enum target_mode)mode);
			return TCL_OK;
		}
	}
	return console_refuse(console->interp, "BAD_INPUT", "fault target: a mode is runs, refuses or stalls, not \"%s\"", text);
}

/* assay::target_mode NUMBER runs|refuses|stalls */
static int target_mode(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	int number;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "number mode"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetIntFromObj(interp, argv[1], &number) != TCL_OK)
		return TCL_ERROR;
	if (number < 0 || (unsigned)number >= console->fabric.hosts)
		return console_refuse(interp, "BAD_INPUT", "fault target: there is no target %d", number);
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
	static const struct {
		const char *name;
		Tcl_ObjCmdProc *proc;
	} commands[] = {
		{"assay::target", target}, {"assay::attach", attach}, {"assay::pcap", pcap}, {"assay::target_mode", target_mode}, {"assay::link_fault", link_fault}, {"assay::flush", flush}, {"assay::file_crc32c", file_crc32c},
	};
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		Tcl_CreateObjCommand(console->interp, commands[i].name, commands[i].proc, console, NULL);
}
