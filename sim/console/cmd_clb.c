/* assay::clb_stat, assay::clb_window: the CLBs of a run. */
#include <string.h>

#include "sim/console/console.h"

static void put_number(Tcl_Obj *dict, const char *key, uint64_t value)
{
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(key, -1), Tcl_NewWideIntObj((Tcl_WideInt)value));
}

static Tcl_Obj *stat_of(const struct front_end *front)
{
	static const char *const events[CLB_EVENTS] = {
		"hits", "misses", "near", "buffer_hits", "buffer_stale", "conversions", "first_level", "second_level", "table_misses",
		"first_fills", "second_fills", "template_fills", "fetch_fills", "evictions", "written_back", "mispredictions", "retrained",
		"uncached", "setups", "faults", "chained",
	};
	static const char *const causes[] = {"store", "other", "dma", "flush"};
	static const char *const phases[] = {"redirect", "lookup", "buffer", "convert", "install", "scan", "init"};
	const struct front_end_stat *s = &front->state.stat;
	const struct hart *h = hart_state(front->core);
	Tcl_Obj *dict = Tcl_NewDictObj();
	char key[64];

	put_number(dict, "instructions", h->instructions);
	put_number(dict, "native_ops", h->native_ops);
	for (unsigned i = 0; i < CLB_EVENTS; i++)
		put_number(dict, events[i], s->event[i]);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(key, sizeof key, "invalidated.%s", causes[i]);
		put_number(dict, key, s->killed[i]);
	}
	put_number(dict, "slow_path", s->slow);
	put_number(dict, "cycles.execute", s->executed);
	for (unsigned i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		snprintf(key, sizeof key, "cycles.%s", phases[i]);
		put_number(dict, key, s->starved[i]);
	}
	return dict;
}

static void put_hart(Tcl_Obj *list, Tcl_Obj *name, const struct front_end *front, const struct block *block)
{
	Tcl_Obj *dict = stat_of(front);

	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj("backend", -1), Tcl_NewStringObj(block_backend_name(block->backend), -1));
	put_number(dict, "cycles_compared", block->cycles_compared);
	put_number(dict, "cycles_stepped", block->cycles_stepped);
	put_number(dict, "cycles_idle", block->cycles_skipped);
	put_number(dict, "mismatches", block->mismatch.found);
	Tcl_ListObjAppendElement(NULL, list, name);
	Tcl_ListObjAppendElement(NULL, list, dict);
}

/* assay::clb_stat -> dict: name of the hart -> dict; empty without CLBs */
static int clb_stat(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 1)
		return Tcl_WrongNumArgs(interp, 1, argv, ""), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	struct board *board = console->board;
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	for (unsigned i = 0; board->config.host.clb && i < board->config.host.harts; i++)
		put_hart(list, Tcl_ObjPrintf("host.%u", i), &board->host.host->front[i], &board->host.clb[i]);
	if (board->config.nic_clb)
		put_hart(list, Tcl_NewStringObj("nic", -1), &board->nic.nic->front, &board->nic.clb);
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

/* assay::clb_window HART FROM TO: the CLB of a host hart starts anew at cycle FROM with its RTL in lockstep, until TO */
static int clb_window(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_WideInt hart, from, to;
	if (argc != 4)
		return Tcl_WrongNumArgs(interp, 1, argv, "hart from to"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetWideIntFromObj(interp, argv[1], &hart) != TCL_OK ||
	    Tcl_GetWideIntFromObj(interp, argv[2], &from) != TCL_OK || Tcl_GetWideIntFromObj(interp, argv[3], &to) != TCL_OK)
		return TCL_ERROR;
	struct board *board = console->board;
	if (!board->config.host.clb)
		return console_refuse(interp, "BAD_INPUT", "lockstep clb: the board has no CLBs (--clb model, timed harts)");
	if (hart < 0 || hart >= board->config.host.harts)
		return console_refuse(interp, "BAD_INPUT", "lockstep clb: there is no host hart %lld", (long long)hart);
	if (from < (Tcl_WideInt)platform_cycle() || to <= from)
		return console_refuse(interp, "BAD_INPUT", "lockstep clb: the window %lld to %lld is empty or has passed", (long long)from, (long long)to);
	if (board->waves_open)
		return console_refuse(interp, "BAD_INPUT", "lockstep clb: a window and waves do not go together; --clb lockstep does");
	if (board->host.window.set)
		return console_refuse(interp, "BAD_INPUT", "lockstep clb: there is a window already");
	board->host.window = (struct clb_window){.set = true, .debug = board->config.waves != NULL, .hart = (unsigned)hart, .from = (uint64_t)from, .to = (uint64_t)to};
	return TCL_OK;
}

void console_add_clb_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::clb_stat", clb_stat},
		{"assay::clb_window", clb_window},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
