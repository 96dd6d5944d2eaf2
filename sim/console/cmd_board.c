/* assay::create, assay::run, assay::wait, assay::mailbox, assay::text, assay::type: what needs the board itself. The friendlier commands are Tcl. */
#include <stdlib.h>
#include <string.h>

#include "sim/console/console.h"
#include "sim/console/coverage.h"
#include "sim/console/mailbox.h"
#include "sim/console/status.h"
#include "sim/gdb/gdb.h"
#include "sim/kernel/checkpoint.h"
#include "sim/kernel/image.h"

static const char *text_option(struct console *console, Tcl_Obj *dict, const char *key)
{
	Tcl_Obj *value = NULL;
	Tcl_Obj *name = Tcl_NewStringObj(key, -1);
	Tcl_DictObjGet(NULL, dict, name, &value);
	Tcl_DecrRefCount(name);
	if (!value)
		return NULL;
	Tcl_ListObjAppendElement(NULL, console->kept, value);
	const char *text = Tcl_GetString(value);
	return *text ? text : NULL;
}

static int number_option(struct console *console, Tcl_Obj *dict, const char *key, uint64_t *number)
{
	const char *text = text_option(console, dict, key);
	Tcl_WideInt value;
	if (!text)
		return TCL_OK;
	Tcl_Obj *object = Tcl_NewStringObj(text, -1);
	int status = Tcl_GetWideIntFromObj(NULL, object, &value);
	Tcl_DecrRefCount(object);
	if (status != TCL_OK || value < 0)
		return console_refuse(console->interp, "BAD_INPUT", "board create: %s is \"%s\", not a number", key, text);
	*number = (uint64_t)value;
	return TCL_OK;
}

static struct board_config defaults(const struct console_options *options)
{
	bool timed_clb = options->use_clb && options->hart == HART_MODE_TIMED;

	return (struct board_config){
		.host = {.harts = 3, .ram_bytes = 256u << 20, .mode = options->hart, .clb = timed_clb, .mailbox_bytes = 32u << 20},
		.nic_fast = options->hart == HART_MODE_FAST,
		.see = options->see,
		.bau = options->bau,
		.port = options->port,
		.clb = options->clb,
		.clb_hart = options->clb_hart,
		.nic_clb = timed_clb,
		.skip_idle = options->skip_idle,
		.record_pins = options->record_pins,
		.waves = options->waves,
		.failure_prefix = options->failure_every_cycles && !options->waves ? options->failure_prefix : NULL,
		.failure_every_cycles = options->failure_every_cycles,
		.waves_from = options->waves_from,
		.waves_cycles = options->waves_cycles,
		.limit = options->limit,
	};
}

/* What comes from outside must be there again for the failure window's child. */
static void record_links(struct console *console)
{
	for (unsigned i = 0; i < console->fabric.attachments; i++) {
		struct fabric_attachment *attachment = &console->fabric.attachment[i];
		if (attachment->record_path || strncmp(attachment->where, "replay:", 7) == 0)
			continue;
		Tcl_Obj *path = Tcl_ObjPrintf("%s.link%u", console->options.failure_prefix, i);
		Tcl_ListObjAppendElement(NULL, console->kept, path);
		attachment->record_path = Tcl_GetString(path);
	}
}

/* assay::create DICT: keys harts partitions sstc ram mailbox bios kernel kernel_1 payload initrd firmware slot_flash nic_config bootargs. */
static int create(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct board_config config = defaults(&console->options);
	char error[BOARD_ERROR_BYTES];
	uint64_t harts = config.host.harts, partitions = 1, sstc = 0;

	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "dict"), TCL_ERROR;
	if (console->board)
		return console_refuse(interp, "BAD_INPUT", "board create: there is a board already");
	if (number_option(console, argv[1], "harts", &harts) != TCL_OK || number_option(console, argv[1], "partitions", &partitions) != TCL_OK ||
	    number_option(console, argv[1], "sstc", &sstc) != TCL_OK || number_option(console, argv[1], "ram", &config.host.ram_bytes) != TCL_OK ||
	    number_option(console, argv[1], "mailbox", &config.host.mailbox_bytes) != TCL_OK)
		return TCL_ERROR;
	config.host.harts = harts > HOST_MAX_HARTS ? 0 : (unsigned)harts;
	config.host.partitions = partitions == 0 || partitions > PARTITIONS_MAX ? PARTITIONS_MAX + 1 : (unsigned)partitions;
	config.host.sstc = sstc != 0;
	config.host.bootargs = text_option(console, argv[1], "bootargs");
	config.bios = text_option(console, argv[1], "bios");
	config.kernel = text_option(console, argv[1], "kernel");
	config.kernel_1 = text_option(console, argv[1], "kernel_1");
	config.payload = text_option(console, argv[1], "payload");
	config.initrd = text_option(console, argv[1], "initrd");
	config.firmware = text_option(console, argv[1], "firmware");
	config.slot_flash = text_option(console, argv[1], "slot_flash");
	config.nic_config = text_option(console, argv[1], "nic_config");
	console->fabric.seed = console->options.seed;
	if (config.failure_prefix)
		record_links(console);
	struct fabric *fabric = fabric_create(&console->fabric, error, sizeof error);
	if (!fabric)
		return console_refuse(interp, "BAD_INPUT", "%s", error);
	console->board = board_create(&config, fabric, error, sizeof error);
	if (!console->board)
		return console_refuse(interp, "BAD_INPUT", "%s", error);
	golden_watch(&console->golden, console->board);
	if (console->options.gdb && gdb_attach(console->board, (unsigned)console->options.gdb_port, error, sizeof error) != 0)
		return console_refuse(interp, "BAD_INPUT", "%s", error);
	status_serve(console->board, console->options.scenario ? console->options.scenario : "console");
	return coverage_begin(console);
}

/* A run that failed by itself is a failed check, wherever the scenario stands. */
static int check_failure(struct console *console)
{
	const struct board *board = console->board;
	return board->failure[0] ? console_refuse(console->interp, "CHECK", "%s", board->failure) : TCL_OK;
}

/* assay::run CYCLES -> cycle reached */
static int run(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_WideInt cycles;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "cycles"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetWideIntFromObj(interp, argv[1], &cycles) != TCL_OK)
		return TCL_ERROR;
	if (cycles <= 0)
		return console_refuse(interp, "BAD_INPUT", "board run: %lld is not a positive number of cycles", (long long)cycles);
	board_run(console->board, (uint64_t)cycles);
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)platform_cycle()));
	return check_failure(console);
}

/* assay::checkpoint save|restore FILE */
static int checkpoint(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	char error[BOARD_ERROR_BYTES];
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "save|restore file"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const char *verb = Tcl_GetString(argv[1]), *path = Tcl_GetString(argv[2]);
	bool save = strcmp(verb, "save") == 0;
	if (!save && strcmp(verb, "restore") != 0)
		return console_refuse(interp, "BAD_INPUT", "checkpoint: save or restore, not \"%s\"", verb);
	int status = save ? checkpoint_save(console->board, path, error, sizeof error) : checkpoint_restore(console->board, path, error, sizeof error);
	return status == 0 ? TCL_OK : console_refuse(interp, "BAD_INPUT", "%s", error);
}

/* assay::cycle -> cycle that all domains have reached */
static int cycle(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	if (argc != 1)
		return Tcl_WrongNumArgs(interp, 1, argv, ""), TCL_ERROR;
	if (!console_needs_board(data))
		return TCL_ERROR;
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)platform_cycle()));
	return TCL_OK;
}

static struct board_console *console_named(struct console *console, const char *name)
{
	if (strcmp(name, "host") == 0)
		return &console->board->host_console;
	if (strcmp(name, "host1") == 0)
		return &console->board->partition_console;
	return strcmp(name, "nic") == 0 ? &console->board->nic_console : NULL;
}

/* assay::wait host|nic TEXT CYCLES -> the line, or "" if no line contains TEXT within CYCLES */
static int wait_line(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_WideInt cycles;
	if (argc != 4)
		return Tcl_WrongNumArgs(interp, 1, argv, "host|nic text cycles"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetWideIntFromObj(interp, argv[3], &cycles) != TCL_OK)
		return TCL_ERROR;
	struct board_console *uart = console_named(console, Tcl_GetString(argv[1]));
	if (!uart || cycles <= 0)
		return console_refuse(interp, "BAD_INPUT", "board wait: a console is host or nic, and cycles are positive");
	uart->pattern = Tcl_GetString(argv[2]);
	uart->matched = false;
	board_run(console->board, (uint64_t)cycles);
	uart->pattern = NULL;
	Tcl_SetObjResult(interp, Tcl_NewStringObj(uart->matched ? uart->matched_line : "", -1));
	return check_failure(console);
}

/* assay::text host|nic -> everything printed so far */
static int text(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "host|nic"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const struct board_console *uart = console_named(console, Tcl_GetString(argv[1]));
	if (!uart)
		return console_refuse(interp, "BAD_INPUT", "board text: a console is host or nic");
	Tcl_SetObjResult(interp, Tcl_NewStringObj(uart->text, (int)uart->length));
	return TCL_OK;
}

/* assay::type TEXT: somebody types at the host's console */
static int type(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	int bytes;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "text"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const char *text = Tcl_GetStringFromObj(argv[1], &bytes);
	if (host_type(console->board->host.host, text, (size_t)bytes) != 0)
		return console_refuse(interp, "BAD_INPUT", "board type: more than %d characters are on their way", HOST_TYPED_BYTES);
	return TCL_OK;
}

/* assay::echo host|nic PREFIX: shows lines on standard output as they come */
static int echo(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "host|nic prefix"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	struct board_console *uart = console_named(console, Tcl_GetString(argv[1]));
	if (!uart)
		return console_refuse(interp, "BAD_INPUT", "board echo: a console is host or nic");
	Tcl_ListObjAppendElement(NULL, console->kept, argv[2]);
	uart->echo_prefix = Tcl_GetString(argv[2]);
	uart->echo = stdout;
	return TCL_OK;
}

static int stage_image(struct console *console, const char *path, uint64_t *size)
{
	char error[BOARD_ERROR_BYTES];
	size_t bytes;
	void *image = image_read_file(path, &bytes, error, sizeof error);
	if (!image)
		return console_refuse(console->interp, "BAD_INPUT", "guest image %s", error);
	enum mailbox_result staged = mailbox_stage(console->board, console->partition, image, bytes);
	free(image);
	*size = bytes;
	return staged == MAILBOX_ANSWERED ? TCL_OK : console_refuse(console->interp, "BAD_INPUT", "guest image %s: does not fit into the staging area", path);
}

static int fill_request(struct console *console, Tcl_Obj *const argv[], struct mailbox_request *request)
{
	Tcl_Obj **words;
	Tcl_WideInt value;
	int count, op;

	if (Tcl_GetIntFromObj(console->interp, argv[1], &op) != TCL_OK || Tcl_ListObjGetElements(console->interp, argv[2], &count, &words) != TCL_OK)
		return TCL_ERROR;
	if (count > MAILBOX_WORDS || strlen(Tcl_GetString(argv[3])) >= MAILBOX_NAME_BYTES || strlen(Tcl_GetString(argv[4])) >= MAILBOX_ARGS_BYTES)
		return console_refuse(console->interp, "BAD_INPUT", "mailbox request: a name or text is too long, or there are too many words");
	request->op = (uint32_t)op;
	for (int i = 0; i < count; i++) {
		if (Tcl_GetWideIntFromObj(console->interp, words[i], &value) != TCL_OK)
			return TCL_ERROR;
		request->argument[i] = (uint64_t)value;
	}
	strcpy(request->name, Tcl_GetString(argv[3]));
	strcpy(request->text, Tcl_GetString(argv[4]));
	return TCL_OK;
}

/* assay::mailbox OP WORDS NAME TEXT IMAGE CYCLES -> {status {words} text}; IMAGE "" for none, else its size goes to word 3 */
static int mailbox(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	struct mailbox_request request = {0};
	struct mailbox_reply reply;
	Tcl_WideInt cycles;

	if (argc != 7)
		return Tcl_WrongNumArgs(interp, 1, argv, "op words name text image cycles"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetWideIntFromObj(interp, argv[6], &cycles) != TCL_OK || fill_request(console, argv, &request) != TCL_OK)
		return TCL_ERROR;
	if (!host_mailbox_base(console->board->host.host, console->partition))
		return console_refuse(interp, "BAD_INPUT", "the board has no mailbox");
	if (*Tcl_GetString(argv[5]) && stage_image(console, Tcl_GetString(argv[5]), &request.argument[3]) != TCL_OK)
		return TCL_ERROR;
	if (mailbox_call(console->board, console->partition, &request, &reply, (uint64_t)cycles) != MAILBOX_ANSWERED) {
		if (check_failure(console) != TCL_OK)
			return TCL_ERROR;
		return console_refuse(interp, "CHECK", "the hypervisor did not answer mailbox request %u in %lld cycles", request.op, (long long)cycles);
	}
	Tcl_Obj *words = Tcl_NewListObj(0, NULL);
	for (int i = 0; i < MAILBOX_WORDS; i++)
		Tcl_ListObjAppendElement(NULL, words, Tcl_NewWideIntObj((Tcl_WideInt)reply.value[i]));
	size_t length = strnlen(reply.text, sizeof reply.text);
	Tcl_Obj *parts[] = {Tcl_NewIntObj(reply.status), words, Tcl_NewStringObj(reply.text, (int)length)};
	Tcl_SetObjResult(interp, Tcl_NewListObj(3, parts));
	return TCL_OK;
}

/* assay::partition N: whose hypervisor assay::mailbox speaks to from now on -> the one before */
static int partition(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	int number;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "number"), TCL_ERROR;
	if (!console_needs_board(console) || Tcl_GetIntFromObj(interp, argv[1], &number) != TCL_OK)
		return TCL_ERROR;
	if (number < 0 || (unsigned)number >= console->board->host.host->config.partitions)
		return console_refuse(interp, "BAD_INPUT", "partition: the board has no partition %d", number);
	Tcl_SetObjResult(interp, Tcl_NewIntObj((int)console->partition));
	console->partition = (unsigned)number;
	return TCL_OK;
}

void console_add_board_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::create", create},
		{"assay::run", run},
		{"assay::cycle", cycle},
		{"assay::checkpoint", checkpoint},
		{"assay::wait", wait_line},
		{"assay::text", text},
		{"assay::echo", echo},
		{"assay::type", type},
		{"assay::mailbox", mailbox},
		{"assay::partition", partition},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
