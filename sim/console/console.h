/* The Tcl side of the program: one interpreter, at most one board. */
#ifndef ASSAY_SIM_CONSOLE_CONSOLE_H
#define ASSAY_SIM_CONSOLE_CONSOLE_H

#include <tcl.h>

#include "sim/console/golden.h"
#include "sim/kernel/board.h"

enum exit_status { EXIT_PASSED = 0, EXIT_CHECK_FAILED = 1, EXIT_BAD_INPUT = 2, EXIT_INTERNAL = 3 };

/** Options of the command line; defaults are filled in by the parser. */
struct console_options {
	const char *scenario;
	enum block_backend see, bau, clb, port;
	bool use_clb;
	unsigned clb_hart; /**< as in struct board_config */
	enum hart_mode hart;
	uint64_t seed;
	const char *waves, *report;
	bool gdb;
	uint64_t gdb_port;
	const char *coverage; /**< prefix of the files of executed instructions, NULL for none */
	uint64_t failure_every_cycles; /**< 0: no failure window */
	const char *failure_prefix;
	uint64_t waves_from, waves_cycles;
	struct limit limit;
	bool skip_idle;
	bool record_pins;
	Tcl_Obj *settings; /**< dict of --set NAME=VALUE */
};

struct console {
	Tcl_Interp *interp;
	struct console_options options;
	struct fabric_config fabric;
	struct board *board;
	unsigned partition; /**< whose hypervisor the mailbox commands speak to */
	struct golden golden;
	struct guests *guests; /**< NULL until somebody looks into a guest */
	Tcl_Obj *kept; /**< list of the Tcl values that board and fabric configurations point into */
};

/** @return a console with all commands, or NULL if Tcl does not start. */
struct console *console_create(const struct console_options *options);
void console_destroy(struct console *console);

/** Runs a script file. Tcl's return options decide the exit status: errorcode BAD_INPUT gives EXIT_BAD_INPUT, CHECK gives EXIT_CHECK_FAILED.
 * Errors are printed as one line on stderr. */
enum exit_status console_run_file(struct console *console, const char *path);

/** Runs the command @p command of the library; statuses as above. @param what names it in errors. */
enum exit_status console_run_command(struct console *console, const char *what, const char *command);

/** Reads commands from standard input, with a prompt if it is a terminal. */
enum exit_status console_interact(struct console *console);

struct console_command {
	const char *name;
	Tcl_ObjCmdProc *proc;
};

/** Registers @p count commands; each gets the console as its data. */
void console_add_commands(struct console *console, const struct console_command *commands, size_t count);

/* Registration of the command groups. */
void console_add_board_commands(struct console *console);
void console_add_fabric_commands(struct console *console);
void console_add_stat_commands(struct console *console);
void console_add_latency_commands(struct console *console);
void console_add_discover_commands(struct console *console);
void console_add_clb_commands(struct console *console);
void console_add_firmware_commands(struct console *console);
void console_add_snapshot_commands(struct console *console);
void console_add_vfio_user_commands(struct console *console);

/** Sets a Tcl error with errorcode @p code ("BAD_INPUT", "CHECK") and one line of text. @return TCL_ERROR. */
int console_refuse(Tcl_Interp *interp, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** @return whether a board exists; if not, a Tcl error is set. */
bool console_needs_board(struct console *console);

#endif
