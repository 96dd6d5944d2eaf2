/* assay::snapshot_compare, assay::snapshot_list: the images that snapshots left, judged from outside. */
#include <string.h>

#include "sim/console/console.h"

static int open_image(struct console *console, const char *path, struct snapshot_source *source, struct snapshot_image *image)
{
	char error[IMAGE_ERROR_BYTES];
	if (snapshot_image_file_open(source, path, error, sizeof error) != 0)
		return console_refuse(console->interp, "BAD_INPUT", "snapshot volume %s: %s", path, error);
	if (snapshot_image_open(image, source) == 0)
		return TCL_OK;
	snapshot_image_file_close(source);
	return console_refuse(console->interp, "BAD_INPUT", "snapshot volume %s: %s", path, image->error);
}

/* assay::snapshot_compare FILE ID -> "", or the first difference between the image and what the simulator copied at the instant */
static int compare(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	static struct snapshot_image image;
	struct snapshot_source source;
	struct snapshot_content content;
	char text[GOLDEN_TEXT_BYTES] = "";
	Tcl_WideInt id;

	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "file id"), TCL_ERROR;
	if (Tcl_GetWideIntFromObj(interp, argv[2], &id) != TCL_OK || open_image(console, Tcl_GetString(argv[1]), &source, &image) != TCL_OK)
		return TCL_ERROR;
	const struct golden_copy *copy = golden_find(&console->golden, (uint64_t)id);
	if (snapshot_image_load(&image, (uint64_t)id, &content) != 0) {
		snprintf(text, sizeof text, "%s", image.error);
	} else {
		if (copy)
			golden_compare(copy, &content, text, sizeof text);
		else
			snprintf(text, sizeof text, "the simulator has no copy of snapshot %lld", (long long)id);
		snapshot_image_free(&content);
	}
	snapshot_image_file_close(&source);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(text, -1));
	return TCL_OK;
}

/* assay::snapshot_golden ID FILE: the memory that the simulator copied at the instant, for whoever wants to judge by it alone */
static int golden_memory(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	Tcl_WideInt id;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "id file"), TCL_ERROR;
	if (Tcl_GetWideIntFromObj(interp, argv[1], &id) != TCL_OK)
		return TCL_ERROR;
	const struct golden_copy *copy = golden_find(&console->golden, (uint64_t)id);
	if (!copy)
		return console_refuse(interp, "CHECK", "the simulator has no copy of snapshot %lld", (long long)id);
	FILE *file = fopen(Tcl_GetString(argv[2]), "wb");
	bool written = file && fwrite(copy->memory, 1, copy->memory_bytes, file) == copy->memory_bytes;
	if (file)
		written = fclose(file) == 0 && written;
	return written ? TCL_OK : console_refuse(interp, "BAD_INPUT", "%s: cannot be written", Tcl_GetString(argv[2]));
}

/* assay::snapshot_list FILE -> ids of the snapshots that verify completely; one that does not is a failed check */
static int list(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	static struct snapshot_image image;
	struct snapshot_source source;
	struct snapshot_content content;

	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "file"), TCL_ERROR;
	if (open_image(console, Tcl_GetString(argv[1]), &source, &image) != TCL_OK)
		return TCL_ERROR;
	Tcl_Obj *ids = Tcl_NewListObj(0, NULL);
	int status = TCL_OK;
	for (unsigned i = 0; status == TCL_OK && i < SNAPSHOT_SLOTS; i++) {
		if (!image.slot[i].id)
			continue;
		if (snapshot_image_load(&image, image.slot[i].id, &content) == 0)
			snapshot_image_free(&content);
		else
			status = console_refuse(interp, "CHECK", "snapshot volume %s: %s", Tcl_GetString(argv[1]), image.error);
		Tcl_ListObjAppendElement(NULL, ids, Tcl_NewWideIntObj((Tcl_WideInt)image.slot[i].id));
	}
	snapshot_image_file_close(&source);
	if (status == TCL_OK)
		Tcl_SetObjResult(interp, ids);
	return status;
}

/* assay::snapshot_volume FILE: at each instant the simulator copies that file too, to FILE.instant-ID */
static int watch_volume(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "file"), TCL_ERROR;
	return golden_watch_volume(&console->golden, Tcl_GetString(argv[1])) == 0 ? TCL_OK : console_refuse(interp, "BAD_INPUT", "snapshot volume: too many files");
}

/* assay::software_events NAME -> list of {cycle function.id value} of the hypervisor's events of that name, in order */
static int events(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct console *console = data;
	if (argc != 2)
		return Tcl_WrongNumArgs(interp, 1, argv, "name"), TCL_ERROR;
	if (!console_needs_board(console))
		return TCL_ERROR;
	const struct event_log *log = &console->board->log;
	Tcl_Obj *list_of = Tcl_NewListObj(0, NULL);
	for (size_t i = 0; i < log->count; i++) {
		const struct event *event = &log->events[i];
		if (event->source != EVENT_SOFTWARE || strcmp(event_name(event), Tcl_GetString(argv[1])) != 0)
			continue;
		Tcl_Obj *parts[] = {Tcl_NewWideIntObj((Tcl_WideInt)event->cycle), Tcl_ObjPrintf("%u.%u", event->function, event->id), Tcl_NewWideIntObj((Tcl_WideInt)event->value)};
		Tcl_ListObjAppendElement(NULL, list_of, Tcl_NewListObj(3, parts));
	}
	Tcl_SetObjResult(interp, list_of);
	return TCL_OK;
}

void console_add_snapshot_commands(struct console *console)
{
	static const struct console_command commands[] = {
		{"assay::snapshot_compare", compare},
		{"assay::snapshot_golden", golden_memory},
		{"assay::snapshot_list", list},
		{"assay::snapshot_volume", watch_volume},
		{"assay::software_events", events},
	};
	console_add_commands(console, commands, sizeof commands / sizeof commands[0]);
}
