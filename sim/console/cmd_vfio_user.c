/* assay::vfio_user: the NIC for a host outside of the simulation. */
#include "sim/console/console.h"
#include "sim/vfio_user/vfio_user.h"

/* As the board's bus has it: device 1, function 0. */
enum { PHYSICAL_FUNCTION = 0x0008 };

static void put(Tcl_Obj *dict, const char *key, uint64_t value)
{
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(key, -1), Tcl_NewWideIntObj((Tcl_WideInt)value));
}

/* assay::vfio_user SOCKET -> dict of messages rejected refused interrupts, when the client has gone */
static int serve(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct vfio_user_result result;
	char error[BOARD_ERROR_BYTES];

	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "socket"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	if (console->board->config.kernel || console->board->config.payload || console->board->config.bios)
		return console_refuse(interp, "BAD_INPUT", "vfio-user: the board has software of its own; create it without bios, kernel and payload");
	if (vfio_user_serve(console->board, Tcl_GetString(argv[1]), PHYSICAL_FUNCTION, &result, error, sizeof error) != 0)
		return console_refuse(interp, "BAD_INPUT", "%s", error);
	if (console->board->failure[0])
		return console_refuse(interp, "CHECK", "%s", console->board->failure);
	Tcl_Obj *dict = Tcl_NewDictObj();
	put(dict, "messages", result.messages);
	put(dict, "rejected", result.rejected);
	put(dict, "refused", result.refused);
	put(dict, "interrupts", result.interrupts);
	Tcl_SetObjResult(interp, dict);
	return TCL_OK;
}

void console_add_vfio_user_commands(struct console *console)
{
	Tcl_CreateObjCommand(console->interp, "assay::vfio_user", serve, console, NULL);
}
