/* Processes of workers, as Tcl commands:
 *   spawn::start ARGV ENVIRONMENT LOG -> process id   ARGV is looked up in PATH; ENVIRONMENT: NAME=VALUE to add; LOG gets both outputs
 *   spawn::reap -> list of process id, "exit" or "signal", number, for each that has ended since
 *   spawn::signal PID NUMBER -> whether the process group was there
 * Each is the leader of its own session, so that a signal reaches all it started, and none of the terminal's reaches it. */
#include "sim/regress/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t *children;
static size_t child_count, child_capacity;

/* A NULL-terminated vector of the list's elements after @p before. */
static char **vector(Tcl_Interp *interp, Tcl_Obj *list, char **before)
{
	Tcl_Obj **elements;
	int count;
	size_t n = 0;
	if (Tcl_ListObjGetElements(interp, list, &count, &elements) != TCL_OK)
		return NULL;
	while (before && before[n])
		n++;
	char **words = calloc(n + (size_t)count + 1, sizeof *words);
	for (size_t i = 0; i < n; i++)
		words[i] = before[i];
	for (int i = 0; i < count; i++)
		words[n + (size_t)i] = Tcl_GetString(elements[i]);
	return words;
}

static int spawn(pid_t *pid, const char *log, char **argv, char **environment)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	posix_spawnattr_init(&attributes);
	sigset_t defaults;
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGINT);
	sigaddset(&defaults, SIGTERM);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static void remember(pid_t pid)
{
	if (child_count == child_capacity) {
		child_capacity = child_capacity ? child_capacity * 2 : 16;
		children = realloc(children, child_capacity * sizeof *children);
	}
	children[child_count++] = pid;
}

static int start(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	pid_t pid;
	(void)data;
	if (argc != 4)
		return Tcl_WrongNumArgs(interp, 1, argv, "argv environment log"), TCL_ERROR;
	char **words = vector(interp, argv[1], NULL), **environment = vector(interp, argv[2], environ);
	int error = words && environment && words[0] ? spawn(&pid, Tcl_GetString(argv[3]), words, environment) : EINVAL;
	if (error == 0) {
		remember(pid);
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(pid));
	} else {
		Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s: %s", words && words[0] ? words[0] : "", strerror(error)));
	}
	free(words);
	free(environment);
	return error == 0 ? TCL_OK : TCL_ERROR;
}

static int reap(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_Obj *list = Tcl_NewListObj(0, NULL);
	(void)data;
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < child_count;) {
		int status;
		pid_t pid = waitpid(children[i], &status, WNOHANG);
		if (pid == 0) {
			i++;
			continue;
		}
		bool exited = pid > 0 && WIFEXITED(status);
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewWideIntObj(children[i]));
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(exited ? "exit" : "signal", -1));
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewIntObj(pid < 0 ? SIGKILL : exited ? WEXITSTATUS(status) : WTERMSIG(status)));
		children[i] = children[--child_count];
	}
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

static int signal_group(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int pid, number;
	(void)data;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "pid number"), TCL_ERROR;
	if (Tcl_GetIntFromObj(interp, argv[1], &pid) != TCL_OK || Tcl_GetIntFromObj(interp, argv[2], &number) != TCL_OK)
		return TCL_ERROR;
	Tcl_SetObjResult(interp, Tcl_NewBooleanObj(pid > 1 && kill(-pid, number) == 0));
	return TCL_OK;
}

int spawn_later(Tcl_Interp *interp, const char *command, int code)
{
	Tcl_InterpState state = Tcl_SaveInterpState(interp, code);
	char script[64];
	snprintf(script, sizeof script, "after 0 %s", command);
	Tcl_EvalEx(interp, script, -1, TCL_EVAL_GLOBAL);
	return Tcl_RestoreInterpState(interp, state);
}

static Tcl_AsyncHandler ended;

static void on_child(int number)
{
	(void)number;
	Tcl_AsyncMark(ended);
}

static int child_ended(ClientData data, Tcl_Interp *interp, int code)
{
	(void)interp;
	return spawn_later(data, "regress::reap", code);
}

void spawn_add(Tcl_Interp *interp)
{
	Tcl_CreateNamespace(interp, "spawn", NULL, NULL);
	Tcl_CreateObjCommand(interp, "spawn::start", start, NULL, NULL);
	Tcl_CreateObjCommand(interp, "spawn::reap", reap, NULL, NULL);
	Tcl_CreateObjCommand(interp, "spawn::signal", signal_group, NULL, NULL);
	ended = Tcl_AsyncCreate(child_ended, interp);
	signal(SIGCHLD, on_child);
}
