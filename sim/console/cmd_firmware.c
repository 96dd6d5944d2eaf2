/* assay::probe, assay::probed, assay::source_lines: how firmware is judged. `assay firmware check` is made of them (lib/firmware.tcl). */
#include <stdlib.h>
#include <string.h>

#include "firmware/boot/crash.h"
#include "models/board/memory_map.h"
#include "sim/console/console.h"
#include "sim/kernel/nic_image.h"
#include "sim/trace/source_lines.h"

static void trace(void *ctx, unsigned hart, const struct hart_trace *record)
{
	struct board *board = ctx;
	(void)hart;
	firmware_probe_trace(&board->nic.probe, hart_state(board->nic.nic->core), record);
}

/* assay::probe IMAGE: from now on notes what the NIC processor does with IMAGE, whose stack ends at __stack_top. */
static int probe_start(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	uint64_t top;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "image"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	if (source_symbol(Tcl_GetString(argv[1]), "__stack_top", &top) != 0)
		return console_refuse(interp, "BAD_INPUT", "firmware image %s: no symbol __stack_top", Tcl_GetString(argv[1]));
	struct firmware_probe *probe = &console->board->nic.probe;
	*probe = (struct firmware_probe){.on = true, .text_base = top, .stack_low = NIC_MEMORY_BASE, .stack_high = top, .lowest_sp = top};
	hart_domain_set_trace(console->board->nic.nic->domain, trace, console->board);
	return TCL_OK;
}

static void put(Tcl_Obj *dict, const char *key, uint64_t value)
{
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(key, -1), Tcl_NewWideIntObj((Tcl_WideInt)value));
}

/* assay::probed -> dict: stack.used stack.size interrupts interrupt.longest_wait instructions */
static int probed(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 1)
		return Tcl_WrongNumArgs(interp, 1, argv, ""), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const struct firmware_probe *probe = &console->board->nic.probe;
	Tcl_Obj *dict = Tcl_NewDictObj();
	put(dict, "stack.used", probe->stack_high - probe->lowest_sp);
	put(dict, "stack.size", probe->stack_high - probe->stack_low);
	put(dict, "interrupts", probe->interrupts);
	put(dict, "interrupt.longest_wait", probe->longest_wait_cycles);
	put(dict, "instructions", hart_state(console->board->nic.nic->core)->instructions);
	Tcl_SetObjResult(interp, dict);
	return TCL_OK;
}

static bool is_executed(const void *context, uint64_t address)
{
	return firmware_probe_executed(context, address);
}

/* assay::source_lines IMAGE PART -> list of file line hit, in order, for sources with PART in their path */
static int source_lines(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct source_lines lines;
	char error[BOARD_ERROR_BYTES];
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "image part"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const struct firmware_probe *probe = &console->board->nic.probe;
	const struct executed_code code = {probe->text_base, probe, is_executed};
	if (source_lines_read(&lines, Tcl_GetString(argv[1]), Tcl_GetString(argv[2]), &code, error, sizeof error) != 0)
		return console_refuse(interp, "BAD_INPUT", "firmware %s", error);
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	for (size_t i = 0; i < lines.count; i++) {
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(lines.line[i].file, -1));
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewIntObj(lines.line[i].line));
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewIntObj(lines.line[i].hit));
	}
	source_lines_free(&lines);
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* assay::pcie_fault none|poison|drop EVERY ?all|storage|network? */
static int pcie_fault(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static const char *const modes[] = {"none", "poison", "drop", NULL};
	struct console *console = data;
	static const char *const functions[] = {"all", "storage", "network", NULL};
	int mode, every, whose = 0;
	if (argc != 3 && argc != 4)
		return Tcl_WrongNumArgs(interp, 1, argv, "none|poison|drop every ?all|storage|network?"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	if (Tcl_GetIndexFromObj(interp, argv[1], modes, "mode", 0, &mode) != TCL_OK || Tcl_GetIntFromObj(interp, argv[2], &every) != TCL_OK || every < 1)
		return console_refuse(interp, "BAD_INPUT", "fault pcie: the mode is none, poison or drop, and every n-th is a positive number");
	if (argc == 4 && Tcl_GetIndexFromObj(interp, argv[3], functions, "functions", 0, &whose) != TCL_OK)
		return console_refuse(interp, "BAD_INPUT", "fault pcie: it meets all, storage or network");
	console->board->nic.fault_spares_storage = whose == 2;
	console->board->nic.fault_spares_network = whose == 1;
	console->board->nic.fault = (enum pcie_fault)mode;
	console->board->nic.fault_every = (uint32_t)every;
	return TCL_OK;
}

enum { LOST_BYTES = 64 };

/* Overwrites the first bytes of an object that survives restarts. */
static int lose(struct console *console, const char *name)
{
	struct board *board = console->board;
	uint64_t address;
	void *bytes;
	if (source_symbol(board->config.firmware, name, &address) != 0 || !(bytes = nic_memory(board->nic.nic, address, LOST_BYTES)))
		return console_refuse(console->interp, "BAD_INPUT", "fault firmware: %s keeps no \"%s\"", board->config.firmware, name);
	memset(bytes, 0xa5, LOST_BYTES);
	return TCL_OK;
}

/* assay::break_firmware crash|hang ?LOST?: and the run does not fail of it */
static int break_firmware(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static const char *const faults[] = {"crash", "hang", NULL};
	struct console *console = data;
	int fault;
	if (argc != 2 && argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "crash|hang ?lost?"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	if (Tcl_GetIndexFromObj(interp, argv[1], faults, "fault", 0, &fault) != TCL_OK)
		return console_refuse(interp, "BAD_INPUT", "fault firmware: crash or hang, not \"%s\"", Tcl_GetString(argv[1]));
	if (argc == 3 && lose(console, Tcl_GetString(argv[2])) != TCL_OK)
		return TCL_ERROR;
	console->board->firmware_crashes_expected++;
	nic_break_firmware(console->board->nic.nic, fault == 0 ? NIC_FAULT_CRASH : NIC_FAULT_HANG);
	return TCL_OK;
}

static int write_file(struct console *console, const char *what, const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	bool written = file && fwrite(bytes, 1, size, file) == size;
	if (file)
		written = fclose(file) == 0 && written;
	return written ? TCL_OK : console_refuse(console->interp, "BAD_INPUT", "%s %s: cannot be written", what, path);
}

/* assay::crash_dump FILE: what the firmware's last crash left in NIC memory */
static int crash_dump(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "file"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const struct crash_dump *dump = nic_memory(console->board->nic.nic, CRASH_ADDRESS, sizeof *dump);
	if (dump->magic != CRASH_MAGIC || dump->check != crash_check(dump))
		return console_refuse(interp, "CHECK", "the NIC's firmware has left no crash dump");
	return write_file(console, "crash dump", Tcl_GetString(argv[1]), dump, sizeof *dump);
}

/* assay::slot_flash FILE: the slot flash as a loss of power at this cycle would leave it. The board goes on unharmed. */
static int slot_flash(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "file"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const struct nic *nic = console->board->nic.nic;
	struct flash flash = nic->state.system.flash;
	uint8_t *contents = malloc(SYS_FLASH_BYTES);
	if (!contents)
		return console_refuse(interp, "INTERNAL", "slot flash: out of memory");
	memcpy(contents, nic->slot_flash, SYS_FLASH_BYTES);
	flash_cut(&flash, contents, nic->state.cycle);
	int status = write_file(console, "slot flash", Tcl_GetString(argv[1]), contents, SYS_FLASH_BYTES);
	free(contents);
	return status;
}

/* assay::sign_firmware IMAGE FILE REVISION SECURITY: REVISION "" and SECURITY -1: as the image says */
static int sign_firmware(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct nic_image_options options = {0};
	char error[BOARD_ERROR_BYTES];
	int security;
	size_t bytes;
	if (argc != 5)
		return Tcl_WrongNumArgs(interp, 1, argv, "image file revision security"), TCL_ERROR;
	if (Tcl_GetIntFromObj(interp, argv[4], &security) != TCL_OK)
		return console_refuse(interp, "BAD_INPUT", "firmware sign: \"%s\" is not a security version", Tcl_GetString(argv[4]));
	if (strlen(Tcl_GetString(argv[3])) > IMAGE_REVISION_BYTES)
		return console_refuse(interp, "BAD_INPUT", "firmware sign: revision \"%s\" is longer than 8 characters", Tcl_GetString(argv[3]));
	options.security_version = security;
	options.revision = *Tcl_GetString(argv[3]) ? Tcl_GetString(argv[3]) : NULL;
	void *image = nic_image_read(Tcl_GetString(argv[1]), &options, &bytes, error, sizeof error);
	if (!image)
		return console_refuse(interp, "BAD_INPUT", "%s", error);
	int status = write_file(console, "firmware image", Tcl_GetString(argv[2]), image, bytes);
	free(image);
	return status;
}

void console_add_firmware_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::break_firmware", break_firmware},
		{"assay::crash_dump", crash_dump},
		{"assay::slot_flash", slot_flash},
		{"assay::sign_firmware", sign_firmware},
		{"assay::pcie_fault", pcie_fault},
		{"assay::probe", probe_start},
		{"assay::probed", probed},
		{"assay::source_lines", source_lines},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
