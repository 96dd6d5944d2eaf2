#include "sim/kernel/limit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

void limit_watch_signals(void)
{
	struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool limit_interrupted(void)
{
	return interrupted;
}

uint64_t limit_step(const struct limit *limit, uint64_t now, uint64_t end)
{
	if (limit->cycles && end > limit->cycles)
		end = limit->cycles;
	if (limit->progress && end > now + LIMIT_STEP_CYCLES)
		end = now + LIMIT_STEP_CYCLES;
	return end;
}

void limit_show(const struct limit *limit, uint64_t now)
{
	char text[24];
	int length = snprintf(text, sizeof text, "%20llu\n", (unsigned long long)now);
	int file = limit->progress ? open(limit->progress, O_WRONLY | O_CREAT, 0666) : -1;
	if (file < 0)
		return;
	if (write(file, text, (size_t)length) != length)
		unlink(limit->progress);
	close(file);
}
