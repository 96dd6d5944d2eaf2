/* assay::interrupt_samples: the interrupts of one device, for latency laboratories. */
#include <stdlib.h>

#include "sim/console/console.h"
#include "sim/trace/interrupts.h"

static Tcl_Obj *sample_dict(const struct interrupt_sample *s)
{
	static const char *const paths[] = {"direct", "mismatch", "broadcast", "recorded"};
	const struct {
		const char *name;
		uint64_t value;
	} parts[] = {{"number", s->number}, {"hit", s->hit}, {"sent", s->sent}, {"arrived", s->arrived}, {"table", s->table},
		{"vector", s->vector}, {"signal", s->signal}, {"notified", s->notified}, {"handler", s->handler}};
	Tcl_Obj *dict = Tcl_NewDictObj();
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj("path", -1), Tcl_NewStringObj(paths[s->path], -1));
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(parts[i].name, -1), Tcl_NewWideIntObj((Tcl_WideInt)parts[i].value));
	return dict;
}

/* assay::interrupt_samples FROM REQUESTER VM -> a list of dicts, one for each interrupt whose handler has started: path, hit, and the
 * cycles sent, arrived, table, vector, signal, notified, handler (0: not on this path) */
static int samples(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct interrupt_sample *found;
	Tcl_WideInt n[3];
	if (argc != 4)
		return Tcl_WrongNumArgs(interp, 1, argv, "from requester vm"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	for (int i = 0; i < 3; i++) {
		if (Tcl_GetWideIntFromObj(interp, argv[i + 1], &n[i]) != TCL_OK)
			return TCL_ERROR;
	}
	long count = interrupt_samples(&console->board->log, (uint64_t)n[0], (uint16_t)n[1], (uint16_t)n[2], &found);
	if (count < 0)
		return console_refuse(interp, "BAD_INPUT", "out of memory");
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	for (long i = 0; i < count; i++)
		Tcl_ListObjAppendElement(NULL, list, sample_dict(&found[i]));
	free(found);
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

void console_add_latency_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::interrupt_samples", samples},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
