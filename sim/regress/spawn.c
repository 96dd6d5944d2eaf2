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
#include <stdint.h>
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

/* Handlers of signals may call nothing of Tcl (its notifier takes a lock that the interrupted code may hold): they write the number to a pipe
 * whose other end the event loop watches. */
static int signal_pipe[2];
static const char *signal_command[NSIG];

static void on_signal(int number)
{
	int error = errno;
	uint8_t byte = (uint8_t)number;
	/* A full pipe has enough to say. */
	ssize_t written = write(signal_pipe[1], &byte, 1);
	(void)written;
	errno = error;
}

static void take_signals(ClientData data, int mask)
{
	Tcl_Interp *interp = data;
	bool came[NSIG] = {false};
	uint8_t bytes[256];
	ssize_t count;
	(void)mask;

	while ((count = read(signal_pipe[0], bytes, sizeof bytes)) > 0) {
		for (ssize_t i = 0; i < count; i++)
			came[bytes[i]] = true;
	}
	for (int i = 1; i < NSIG; i++) {
		if (came[i] && Tcl_EvalEx(interp, signal_command[i], -1, TCL_EVAL_GLOBAL) != TCL_OK)
			Tcl_BackgroundException(interp, TCL_ERROR);
	}
}

void spawn_on_signal(int number, const char *command)
{
	signal_command[number] = command;
	signal(number, on_signal);
}

void spawn_add(Tcl_Interp *interp)
{
	Tcl_CreateNamespace(interp, "spawn", NULL, NULL);
	Tcl_CreateObjCommand(interp, "spawn::start", start, NULL, NULL);
	Tcl_CreateObjCommand(interp, "spawn::reap", reap, NULL, NULL);
	Tcl_CreateObjCommand(interp, "spawn::signal", signal_group, NULL, NULL);
	if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
		abort();
	Tcl_CreateFileHandler(signal_pipe[0], TCL_READABLE, take_signals, interp);
	spawn_on_signal(SIGCHLD, "regress::reap");
}
