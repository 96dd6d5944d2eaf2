#include "sim/console/status.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/console/status_text.h"

static const char PUBLISHED[] = ".regress";

enum { PATH_BYTES = 512, PATIENCE_MS = 5000, LOOK_MS = 20, NO_ANSWER = 1, BAD_INPUT = 2 };

/* --- the directory --------------------------------------------------------------------------------------------- */

static void directory_path(char path[PATH_BYTES])
{
	const char *temporary = getenv("TMPDIR");
	snprintf(path, PATH_BYTES, "%.400s/assay-status-%u", temporary && *temporary ? temporary : "/tmp", (unsigned)getuid());
}

/* Only a directory of this user is trusted. */
static bool directory_is_ours(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == getuid();
}

static void entry_path(char path[PATH_BYTES], long pid, const char *suffix)
{
	char directory[PATH_BYTES];
	directory_path(directory);
	snprintf(path, PATH_BYTES, "%.450s/%ld%s", directory, pid, suffix);
}

/* --- the run that is asked ------------------------------------------------------------------------------------- */

static struct {
	volatile sig_atomic_t asked;
	pid_t owner;
	struct board *board;
	uint64_t cycle;
	struct timespec time;
} served;

static void note_question(int signal)
{
	(void)signal;
	served.asked = 1;
}

/* Cycles a second since the last answer (or the start). */
static double speed(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double seconds = (double)(now.tv_sec - served.time.tv_sec) + (double)(now.tv_nsec - served.time.tv_nsec) / 1e9;
	uint64_t cycles = platform_cycle() - served.cycle;
	served.time = now;
	served.cycle = platform_cycle();
	return seconds > 0 ? (double)cycles / seconds : 0;
}

static void answer(void *ctx)
{
	char beside[PATH_BYTES], path[PATH_BYTES];
	(void)ctx;

	if (!served.asked)
		return;
	served.asked = 0;
	entry_path(beside, served.owner, ".new");
	entry_path(path, served.owner, ".answer");
	FILE *file = fopen(beside, "w");
	if (!file)
		return;
	status_write(file, served.board, speed());
	if (fclose(file) != 0 || rename(beside, path) != 0)
		unlink(beside);
}

void status_serve(struct board *board, const char *what)
{
	char path[PATH_BYTES];

	directory_path(path);
	if ((mkdir(path, 0700) != 0 && errno != EEXIST) || !directory_is_ours(path))
		return;
	entry_path(path, getpid(), "");
	FILE *file = fopen(path, "w");
	if (!file)
		return;
	/* Whoever finds the entry may signal at once. */
	signal(SIGUSR1, note_question);
	served.owner = getpid();
	served.board = board;
	speed();
	fprintf(file, "%s\n", what);
	fclose(file);
	board_add_poller(board, answer, NULL);
}

/* A fork of the run is not the one that was registered. */
void status_end(void)
{
	char path[PATH_BYTES];
	if (served.owner != getpid())
		return;
	signal(SIGUSR1, SIG_IGN);
	entry_path(path, served.owner, "");
	unlink(path);
	entry_path(path, served.owner, ".answer");
	unlink(path);
}

void status_publish(const char *text)
{
	char directory[PATH_BYTES], beside[PATH_BYTES], path[PATH_BYTES];

	directory_path(directory);
	entry_path(beside, getpid(), ".new");
	entry_path(path, getpid(), PUBLISHED);
	if (!text) {
		unlink(path);
		return;
	}
	if ((mkdir(directory, 0700) != 0 && errno != EEXIST) || !directory_is_ours(directory))
		return;
	FILE *file = fopen(beside, "w");
	if (!file)
		return;
	bool written = fputs(text, file) >= 0;
	if (fclose(file) != 0 || !written || rename(beside, path) != 0)
		unlink(beside);
}

/* --- the one who asks ------------------------------------------------------------------------------------------ */

static bool runs_assay(long pid)
{
	char link[64], target[PATH_BYTES];
	snprintf(link, sizeof link, "/proc/%ld/exe", pid);
	ssize_t length = readlink(link, target, sizeof target - 1);
	if (length <= 0)
		return false;
	target[length] = '\0';
	const char *name = strrchr(target, '/');
	return name && strncmp(name, "/assay", 6) == 0;
}

static bool print_file(const char *path)
{
	char line[512];
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	while (fgets(line, sizeof line, file))
		fputs(line, stdout);
	fclose(file);
	return true;
}

/* What a regression has published. */
static bool tell_published(long pid)
{
	char path[PATH_BYTES];

	entry_path(path, pid, PUBLISHED);
	if (access(path, R_OK) != 0)
		return false;
	if (!runs_assay(pid)) {
		unlink(path);
		return false;
	}
	printf("%ld ", pid);
	return print_file(path);
}

/* @return 0 if it answered. A run that is gone without a word is forgotten. */
static int ask(long pid)
{
	char path[PATH_BYTES], reply[PATH_BYTES];

	entry_path(path, pid, "");
	entry_path(reply, pid, ".answer");
	unlink(reply);
	if (!runs_assay(pid) || kill((pid_t)pid, SIGUSR1) != 0) {
		unlink(path);
		return 0;
	}
	printf("%ld ", pid);
	print_file(path);
	fflush(stdout);
	for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
		if (print_file(reply))
			return 0;
		nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000l}, NULL);
	}
	printf("  does not answer: between two steps of its scenario, or stopped\n");
	return NO_ANSWER;
}

static int ask_all(void)
{
	char path[PATH_BYTES], *end;
	int status = 0;
	unsigned asked = 0;

	directory_path(path);
	DIR *directory = opendir(path);
	for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
		long pid = strtol(entry->d_name, &end, 10);
		if (pid > 0 && strcmp(end, PUBLISHED) == 0)
			asked += tell_published(pid);
		if (pid <= 0 || *end != '\0')
			continue;
		status |= ask(pid);
		asked++;
	}
	if (directory)
		closedir(directory);
	if (!asked)
		printf("no simulation runs\n");
	return status;
}

int status_main(int argc, char **argv)
{
	char path[PATH_BYTES], *end = NULL;
	long pid = argc == 2 ? strtol(argv[1], &end, 10) : 0;

	if (argc == 1)
		return ask_all();
	if (argc > 2 || pid <= 0 || *end != '\0') {
		fprintf(stderr, "assay: usage: assay status [PID]\n");
		return BAD_INPUT;
	}
	if (tell_published(pid))
		return 0;
	entry_path(path, pid, "");
	if (access(path, R_OK) == 0 && runs_assay(pid))
		return ask(pid);
	fprintf(stderr, "assay: status: process %ld is no simulation of this user\n", pid);
	return BAD_INPUT;
}
