/* assay::probe, assay::probed, assay::source_lines: how firmware is judged. `assay firmware check` is made of them (lib/firmware.tcl). */
#include "models/board/memory_map.h"
#include "sim/console/console.h"
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

/* assay::pcie_fault none|poison|drop EVERY */
static int pcie_fault(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static const char *const modes[] = {"none", "poison", "drop", NULL};
	struct console *console = data;
	int mode, every;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "none|poison|drop every"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	if (Tcl_GetIndexFromObj(interp, argv[1], modes, "mode", 0, &mode) != TCL_OK || Tcl_GetIntFromObj(interp, argv[2], &every) != TCL_OK || every < 1)
		return console_refuse(interp, "BAD_INPUT", "fault pcie: the mode is none, poison or drop, and every n-th is a positive number");
	console->board->nic.fault = (enum pcie_fault)mode;
	console->board->nic.fault_every = (uint32_t)every;
	return TCL_OK;
}

void console_add_firmware_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::pcie_fault", pcie_fault},
		{"assay::probe", probe_start},
		{"assay::probed", probed},
		{"assay::source_lines", source_lines},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
