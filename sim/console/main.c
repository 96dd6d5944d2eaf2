/* assay: the one program. See README.md for its commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/discover/discover_cli.h"
#include "hypervisor/snapshot/native/snapshot_cli.h"
#include "sim/console/console.h"
#include "sim/regress/regress_cli.h"
#include "sim/console/status.h"
#include "sim/gdb/gdb.h"
#include "sim/kernel/limit.h"
#include "sim/kernel/nic_image.h"
#include "sim/trace/event_cli.h"
#include "sim/trace/coverage_cli.h"
#include "sim/trace/crash_cli.h"
#include "sim/trace/wave_cli.h"

static const char usage[] =
	"usage: assay run SCENARIO.tcl [options]   run a scenario\n"
	"       assay console [options]            the same commands at a prompt; help lists them\n"
	"       assay firmware check [--image FILE] [--output DIR] [--stop on] [options]   judge NIC firmware against the NVMe specification\n"
	"       assay firmware sign IMAGE OUT [--revision R] [--security N] [--key FILE]   make a signed image of an ELF; without a key with the test key\n"
	"       assay firmware crash FILE [--image ELF]  a crash dump of the NIC's firmware, with a backtrace\n"
	"       assay regress PLAN.tcl [options]   run a plan of jobs, see assay regress --help\n"
	"       assay coverage lines PART OUT.info FILE...  lines executed, from the files of run --coverage\n"
	"       assay discover FILE|ps DUMP        name what a guest kernel does not export\n"
	"       assay discover --vm N [--json|--explain TARGET|ps] SCENARIO.tcl  the same of a running VM, once the scenario has ended\n"
	"       assay snapshot list|verify|extract|diff IMAGE  look into a snapshot volume\n"
	"       assay wave list|query|diff|draw FILE  look into waves without a screen\n"
	"       assay status [PID]                  what running simulations do and wait for\n"
	"       assay timeline EVENTS OUT.json     an event log as a trace for Perfetto\n"
	"       assay latency EVENTS               latency distributions of an event log\n"
	"options of run and console:\n"
	"  --see B, --bau B, --port B  backend of a block: model, rtl or lockstep (default lockstep)\n"
	"  --hart fast|timed     how host harts and NIC processor execute (default timed)\n"
	"  --seed N              seed of everything random (default 1)\n"
	"  --waves FILE.fst      write waves\n"
	"  --waves-from CYCLE, --waves-cycles N  the window of the waves (default all; rounded up to 250 cycles)\n"
	"  --failure-window N    fork every N cycles, so that a failure writes waves, events and trace of its window (default 0: off)\n"
	"  --failure-files P     prefix of these files (default failure)\n"
	"  --gdb PORT            let a debugger in before the run starts (sim/gdb/gdb.h); 0: any port\n"
	"  --report FILE.json    write the report\n"
	"  --coverage PREFIX     note what hypervisor and firmware execute: PREFIX.{hypervisor,firmware}.executed, PREFIX.events\n"
	"  --max-cycles N        fail if the run has not ended by cycle N\n"
	"  --progress FILE       keep the cycle reached in FILE\n"
	"  --idle-skip on|off    jump over idle cycles (default on; results are the same)\n"
	"  --record-pins on|off  keep what blocks are given, so that a checkpoint of models restores into lockstep (default off)\n"
	"  --set NAME=VALUE      a parameter of the scenario\n"
	"  --clb B               backend of the CLBs: none, model, rtl or lockstep (default none); timed harts only\n"
	"  --clb-hart H          whose CLB has that backend, the others having the model: number of a host hart, nic or all (default 0)\n"
	"exit status: 0 pass, 1 a check failed, 2 bad usage or input, 3 internal error\n";

static int refuse(const char *what, const char *value)
{
	fprintf(stderr, "assay: %s \"%s\"; see assay --help\n", what, value);
	return -1;
}

static int set_hart(struct console_options *options, const char *value)
{
	if (strcmp(value, "fast") != 0 && strcmp(value, "timed") != 0)
		return refuse("--hart takes fast or timed, not", value);
	options->hart = strcmp(value, "fast") == 0 ? HART_MODE_FAST : HART_MODE_TIMED;
	return 0;
}

static int set_number(uint64_t *number, const char *name, const char *value)
{
	char *end;
	*number = strtoull(value, &end, 0);
	if (*value >= '0' && *value <= '9' && *end == '\0')
		return 0;
	fprintf(stderr, "assay: %s takes a number, not \"%s\"\n", name, value);
	return -1;
}

/* Windows of waves begin and end where every domain can stop. */
static int set_window(uint64_t *number, const char *name, const char *value)
{
	int status = set_number(number, name, value);
	*number = (*number + DOMAIN_LOOKAHEAD_CYCLES - 1) / DOMAIN_LOOKAHEAD_CYCLES * DOMAIN_LOOKAHEAD_CYCLES;
	return status;
}

static int set_switch(bool *on, const char *name, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
		fprintf(stderr, "assay: %s takes on or off, not \"%s\"\n", name, value);
		return -1;
	}
	*on = strcmp(value, "on") == 0;
	return 0;
}

static int set_parameter(struct console_options *options, const char *value)
{
	const char *equals = strchr(value, '=');
	if (!equals || equals == value)
		return refuse("--set takes NAME=VALUE, not", value);
	Tcl_DictObjPut(NULL, options->settings, Tcl_NewStringObj(value, (int)(equals - value)), Tcl_NewStringObj(equals + 1, -1));
	return 0;
}

static int set_backend(enum block_backend *backend, const char *name, const char *value)
{
	if (block_backend_parse(value, backend) == 0)
		return 0;
	fprintf(stderr, "assay: %s takes model, rtl or lockstep, not \"%s\"\n", name, value);
	return -1;
}

/* Without CLBs the harts convert in software. */
static int set_clb(struct console_options *options, const char *value)
{
	options->use_clb = strcmp(value, "none") != 0;
	if (!options->use_clb || block_backend_parse(value, &options->clb) == 0)
		return 0;
	return refuse("--clb takes none, model, rtl or lockstep, not", value);
}

static int set_clb_hart(struct console_options *options, const char *value)
{
	char *end;
	options->clb_hart = strcmp(value, "nic") == 0 ? BOARD_CLB_NIC : strcmp(value, "all") == 0 ? BOARD_CLB_ALL : (unsigned)strtoul(value, &end, 10);
	if (options->clb_hart >= BOARD_CLB_NIC || (*value >= '0' && *value <= '9' && *end == '\0' && options->clb_hart < HOST_MAX_HARTS))
		return 0;
	return refuse("--clb-hart takes the number of a host hart, nic or all, not", value);
}

static int set_gdb(struct console_options *options, const char *name, const char *value)
{
	if (set_number(&options->gdb_port, name, value) != 0)
		return -1;
	if (options->gdb_port > 0xffff)
		return refuse("--gdb takes a TCP port, not", value);
	options->gdb = true;
	return 0;
}

static int set_option(struct console_options *options, const char *name, const char *value)
{
	if (strcmp(name, "--see") == 0)
		return set_backend(&options->see, name, value);
	if (strcmp(name, "--bau") == 0)
		return set_backend(&options->bau, name, value);
	if (strcmp(name, "--port") == 0)
		return set_backend(&options->port, name, value);
	if (strcmp(name, "--clb") == 0)
		return set_clb(options, value);
	if (strcmp(name, "--clb-hart") == 0)
		return set_clb_hart(options, value);
	if (strcmp(name, "--hart") == 0)
		return set_hart(options, value);
	if (strcmp(name, "--seed") == 0)
		return set_number(&options->seed, name, value);
	if (strcmp(name, "--waves-from") == 0)
		return set_window(&options->waves_from, name, value);
	if (strcmp(name, "--waves-cycles") == 0)
		return set_window(&options->waves_cycles, name, value);
	if (strcmp(name, "--gdb") == 0)
		return set_gdb(options, name, value);
	if (strcmp(name, "--failure-window") == 0)
		return set_window(&options->failure_every_cycles, name, value);
	if (strcmp(name, "--idle-skip") == 0)
		return set_switch(&options->skip_idle, name, value);
	if (strcmp(name, "--record-pins") == 0)
		return set_switch(&options->record_pins, name, value);
	if (strcmp(name, "--set") == 0)
		return set_parameter(options, value);
	if (strcmp(name, "--max-cycles") == 0)
		return set_window(&options->limit.cycles, name, value);
	if (strcmp(name, "--waves") == 0)
		options->waves = value;
	else if (strcmp(name, "--progress") == 0)
		options->limit.progress = value;
	else if (strcmp(name, "--coverage") == 0)
		options->coverage = value;
	else if (strcmp(name, "--failure-files") == 0)
		options->failure_prefix = value;
	else if (strcmp(name, "--report") == 0)
		options->report = value;
	else
		return refuse("unknown option", name);
	return 0;
}

static int parse(struct console_options *options, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0) {
			if (options->scenario)
				return refuse("one scenario at a time; what is", argv[i]);
			options->scenario = argv[i];
			continue;
		}
		if (i + 1 == argc)
			return refuse("a value is missing after", argv[i]);
		if (set_option(options, argv[i], argv[i + 1]) != 0)
			return -1;
		i++;
	}
	return 0;
}

/* @p afterwards: a command whose result is printed when the scenario has passed, or NULL */
static int run_console(int argc, char **argv, bool interactive, const char *afterwards)
{
	struct console_options options = {
		.see = BLOCK_LOCKSTEP, .bau = BLOCK_LOCKSTEP, .port = BLOCK_LOCKSTEP, .hart = HART_MODE_TIMED, .seed = 1, .skip_idle = true, .settings = Tcl_NewDictObj(), .failure_prefix = "failure",
	};
	if (parse(&options, argc, argv) != 0)
		return EXIT_BAD_INPUT;
	if (!options.scenario != interactive)
		return refuse(interactive ? "console takes no scenario; what is" : "run takes a scenario; there is", interactive ? options.scenario : "none"), EXIT_BAD_INPUT;
	struct console *console = console_create(&options);
	if (!console)
		return EXIT_INTERNAL;
	if (!interactive)
		limit_watch_signals();
	enum exit_status status = interactive ? console_interact(console) : console_run_file(console, options.scenario);
	if (afterwards && status == EXIT_PASSED)
		status = console_run_command(console, "discover", afterwards);
	gdb_detach((int)status);
	console_destroy(console);
	return status;
}

static const char firmware_usage[] = "assay: usage: assay firmware check [--image FILE] [--output DIR] [--stop on] [options of run]\n";

/* --image, --output and --stop are parameters of the library's command; the rest is as for a scenario. */
static int run_firmware(int argc, char **argv)
{
	argc -= 2;
	argv += 2;
	struct console_options options = {
		.see = BLOCK_MODEL, .bau = BLOCK_MODEL, .port = BLOCK_MODEL, .hart = HART_MODE_TIMED, .seed = 1, .skip_idle = true, .settings = Tcl_NewDictObj(),
	};
	char setting[4096];
	if (argc >= 1 && strcmp(argv[0], "crash") == 0)
		return crash_main(argc, argv);
	if (argc >= 1 && strcmp(argv[0], "sign") == 0)
		return sign_main(argc, argv);
	if (argc < 1 || strcmp(argv[0], "check") != 0) {
		fputs(firmware_usage, stderr);
		return EXIT_BAD_INPUT;
	}
	for (int i = 1; i < argc; i += 2) {
		bool own = strcmp(argv[i], "--image") == 0 || strcmp(argv[i], "--output") == 0 || strcmp(argv[i], "--stop") == 0;
		if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc) {
			fputs(firmware_usage, stderr);
			return EXIT_BAD_INPUT;
		}
		snprintf(setting, sizeof setting, "%s=%s", argv[i] + 2, argv[i + 1]);
		if ((own ? set_parameter(&options, setting) : set_option(&options, argv[i], argv[i + 1])) != 0)
			return EXIT_BAD_INPUT;
	}
	struct console *console = console_create(&options);
	if (!console)
		return EXIT_INTERNAL;
	enum exit_status status = console_run_command(console, "firmware check", "firmware::check");
	console_destroy(console);
	return status;
}

static bool names_a_vm(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "--vm") == 0)
			return true;
	return false;
}

/* discover --vm N [--json] [--explain TARGET] [ps] SCENARIO.tcl [options]: the words before the scenario are the console's command. */
static int run_and_discover(int argc, char **argv)
{
	Tcl_Obj *command = Tcl_NewStringObj("discover", -1);
	int words = 0;

	Tcl_IncrRefCount(command);
	for (; words < argc; words++) {
		bool takes_value = strcmp(argv[words], "--vm") == 0 || strcmp(argv[words], "--explain") == 0;
		if (!takes_value && strcmp(argv[words], "--json") != 0 && strcmp(argv[words], "ps") != 0)
			break;
		for (int last = words + takes_value; words <= last && words < argc; words++)
			Tcl_ListObjAppendElement(NULL, command, Tcl_NewStringObj(argv[words], -1));
		words--;
	}
	Tcl_Obj *whole = Tcl_ObjPrintf("puts [%s]", Tcl_GetString(command));
	Tcl_IncrRefCount(whole);
	int status = run_console(argc - words, argv + words, false, Tcl_GetString(whole));
	Tcl_DecrRefCount(whole);
	Tcl_DecrRefCount(command);
	return status;
}

static int run_scenario(int argc, char **argv)
{
	return run_console(argc - 2, argv + 2, false, NULL);
}

static int run_prompt(int argc, char **argv)
{
	return run_console(argc - 2, argv + 2, true, NULL);
}

static int run_regress(int argc, char **argv)
{
	return regress_main(argc - 1, argv + 1, status_publish);
}

static int run_discover(int argc, char **argv)
{
	return names_a_vm(argc, argv) ? run_and_discover(argc - 2, argv + 2) : discover_main(argc - 1, argv + 1);
}

#define PASS_ON(name) \
	static int run_##name(int argc, char **argv) { return name##_main(argc - 1, argv + 1); }
PASS_ON(coverage)
PASS_ON(latency)
PASS_ON(snapshot)
PASS_ON(status)
PASS_ON(timeline)
PASS_ON(wave)

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[1] is NAME */
	bool helps; /* answers --help itself, with more than stands in usage */
};

static const struct command commands[] = {
	{"console", run_prompt, false},
	{"coverage", run_coverage, false},
	{"discover", run_discover, false},
	{"firmware", run_firmware, false},
	{"latency", run_latency, false},
	{"regress", run_regress, true},
	{"run", run_scenario, false},
	{"snapshot", run_snapshot, false},
	{"status", run_status, false},
	{"timeline", run_timeline, false},
	{"wave", run_wave, true},
};

/* The lines of usage about COMMAND, and the options if it runs the board. */
static int help_for(const char *command)
{
	static const char start[] = "usage: ", options[] = "options of run";
	char name[32];
	size_t length = (size_t)snprintf(name, sizeof name, "assay %s ", command);

	for (const char *line = usage, *next; strncmp(line, options, strlen(options)) != 0; line = next) {
		next = strchr(line, '\n') + 1;
		if (strncmp(line + strlen(start), name, length) == 0)
			printf("%.*s", (int)(next - line), line);
	}
	if (strcmp(command, "run") == 0 || strcmp(command, "console") == 0 || strcmp(command, "firmware") == 0)
		fputs(strstr(usage, options), stdout);
	return EXIT_PASSED;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	Tcl_FindExecutable(argv[0]);
	for (size_t i = 0; argc >= 2 && i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		return argc == 3 && !commands[i].helps && strcmp(argv[2], "--help") == 0 ? help_for(commands[i].name) : commands[i].run(argc, argv);
	}
	if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return EXIT_PASSED;
	}
	fprintf(stderr, argc < 2 ? "assay: a command is missing; see assay --help\n" : "assay: unknown command \"%s\"; see assay --help\n", argv[argc > 1]);
	return EXIT_BAD_INPUT;
}
