/* assay::discover, assay::processes, assay::hook, assay::unhook, assay::hooks: the console's eyes on guests. A guest is given by four numbers,
 * VM (or 16: no second stage, then the rest is 0), hgatp, RAM base, RAM bytes, which lib/discover.tcl gets from the hypervisor. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/discover/ps.h"
#include "hypervisor/discover/report.h"
#include "sim/console/console.h"
#include "sim/console/guest.h"

/* Takes the guest from a list of four numbers. @return NULL with a Tcl error */
static struct guest *look(struct console *console, Tcl_Obj *place)
{
	Tcl_Interp *interp = console->interp;
	const char *why = NULL;
	Tcl_WideInt number[4];
	Tcl_Obj **words;
	int count;

	if (!console_needs_board(console) || Tcl_ListObjGetElements(interp, place, &count, &words) != TCL_OK)
		return NULL;
	if (count != 4) {
		console_refuse(interp, "BAD_INPUT", "a guest is {vm hgatp base bytes}");
		return NULL;
	}
	for (int i = 0; i < 4; i++)
		if (Tcl_GetWideIntFromObj(interp, words[i], &number[i]) != TCL_OK)
			return NULL;
	if (number[0] < 0 || number[0] >= GUEST_MAX) {
		console_refuse(interp, "BAD_INPUT", "vm %lld is out of range", (long long)number[0]);
		return NULL;
	}
	if (!console->guests)
		console->guests = guests_create(console->board);
	struct guest *guest = guests_look(console->guests, (unsigned)number[0], (uint64_t)number[1], (uint64_t)number[2], (uint64_t)number[3], &why);
	if (!guest)
		console_refuse(interp, "CHECK", "discover: vm %lld: %s", (long long)number[0], why);
	return guest;
}

static void set_text(Tcl_Interp *interp, FILE *out, char **text, size_t *bytes)
{
	fclose(out);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(*text, (int)*bytes));
	free(*text);
}

/* assay::discover GUEST text|json|TARGET -> findings as text or JSON, or one explained */
static int discover(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	char *text = NULL;
	size_t bytes = 0;

	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "guest text|json|target"), TCL_ERROR;
	struct guest *guest = look(data, argv[1]);
	if (!guest)
		return TCL_ERROR;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return console_refuse(interp, "CHECK", "discover: memory is short");
	const struct discover *d = &guest->session.discover;
	const char *what = Tcl_GetString(argv[2]);
	if (strcmp(what, "text") == 0)
		report_text(out, d);
	else if (strcmp(what, "json") == 0)
		report_json(out, d);
	else
		report_explain(out, d, what);
	set_text(interp, out, &text, &bytes);
	return TCL_OK;
}

static void add_process(void *ctx, const struct process *process)
{
	Tcl_Obj *list = ctx, *row = Tcl_NewListObj(0, NULL);

	Tcl_ListObjAppendElement(NULL, row, Tcl_NewIntObj(process->pid));
	Tcl_ListObjAppendElement(NULL, row, Tcl_NewIntObj(process->parent));
	Tcl_ListObjAppendElement(NULL, row, process->is_kernel_thread ? Tcl_ObjPrintf("[%s]", process->comm) : Tcl_NewStringObj(process->comm, -1));
	Tcl_ListObjAppendElement(NULL, list, row);
}

/* assay::processes GUEST -> list of {pid parent name} */
static int processes(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const char *missing = NULL;

	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "guest"), TCL_ERROR;
	struct guest *guest = look(data, argv[1]);
	if (!guest)
		return TCL_ERROR;
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	enum ps_status status = ps_walk(&guest->session.discover, add_process, list, &missing);
	if (status == PS_OK) {
		Tcl_SetObjResult(interp, list);
		return TCL_OK;
	}
	Tcl_DecrRefCount(list);
	if (status == PS_UNKNOWN)
		return console_refuse(interp, "CHECK", "vm ps: %s is unknown", missing);
	return console_refuse(interp, "CHECK", "vm ps: the guest's list of processes is damaged");
}

static enum guest_hook_kind kind_of(const char *function)
{
	return *function ? GUEST_HOOK_CALL : GUEST_HOOK_SWITCH;
}

/* assay::hook GUEST FUNCTION; FUNCTION "" for switches of processes */
static int hook(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	const char *why = NULL;

	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "guest function"), TCL_ERROR;
	struct guest *guest = look(console, argv[1]);
	const char *function = Tcl_GetString(argv[2]);
	if (!guest)
		return TCL_ERROR;
	if (guests_hook(console->guests, guest, kind_of(function), function, &why) != 0)
		return console_refuse(interp, "CHECK", "vm hook: %s: %s", *function ? function : "finish_task_switch", why);
	return TCL_OK;
}

/* assay::unhook GUEST FUNCTION */
static int unhook(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;

	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "guest function"), TCL_ERROR;
	struct guest *guest = look(console, argv[1]);
	const char *function = Tcl_GetString(argv[2]);
	if (!guest)
		return TCL_ERROR;
	if (guests_unhook(console->guests, guest, kind_of(function), function) != 0)
		return console_refuse(interp, "BAD_INPUT", "vm unhook: %s is not hooked", function);
	return TCL_OK;
}

/* assay::hooks -> list of {vm function address hits} */
static int hooks(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);

	if (argc != 1)
		return Tcl_WrongNumArgs(interp, 1, argv, ""), TCL_ERROR;
	for (unsigned i = 0; console->guests && i < GUEST_HOOKS; i++) {
		const struct guest_hook *h = &console->guests->hook[i];
		Tcl_Obj *row[4];
		char address[24];
		if (!h->guest)
			continue;
		row[0] = Tcl_NewIntObj((int)h->guest->number);
		row[1] = Tcl_NewStringObj(h->name, -1);
		snprintf(address, sizeof address, "0x%llx", (unsigned long long)h->va);
		row[2] = Tcl_NewStringObj(address, -1);
		row[3] = Tcl_NewWideIntObj((Tcl_WideInt)h->hits);
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewListObj(4, row));
	}
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

void console_add_discover_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::discover", discover},
		{"assay::processes", processes},
		{"assay::hook", hook},
		{"assay::unhook", unhook},
		{"assay::hooks", hooks},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
