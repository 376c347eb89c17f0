/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tools/bench/board.h"
#include "tools/bench/scenes.h"
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_DUMP_STATS
#endif

struct board *board_open(int fd)
{
	struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	g_assert_true(board != MAP_FAILED);
	return board;
}

struct board *board_new(int *fd)
{
	struct board *board;

	*fd = memfd_create("board", 0); /* for the processes of the benchmark */
	g_assert_true(*fd >= 0 && ftruncate(*fd, sizeof(*board)) == 0);
	board = board_open(*fd);
	board->phase = -1;
	return board;
}

void board_close(struct board *board, int fd)
{
	munmap(board, sizeof(*board));
	close(fd);
}

int64_t board_cpu(const struct board *board)
{
	int64_t sum = 0;

	for (int i = 0; i < BOARD_MEASURED; i++) {
		struct timespec used;
		clockid_t clock;

		if (board->measured[i] && clock_getcpuclockid(board->measured[i], &clock) == 0 &&
				clock_gettime(clock, &used) == 0)
			sum += used.tv_sec * 1000000000LL + used.tv_nsec;
	}
	return sum;
}

static long board_field(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? atol(line + strlen(name)) : 0;
}

static void board_memory(struct board *board)
{
	long resident = 0, anonymous = 0;

	for (int i = 0; i < BOARD_MEASURED; i++) {
		g_autofree char *path = g_strdup_printf("/proc/%d/status", board->measured[i]);
		g_autofree char *text = NULL;

		if (!board->measured[i] || !g_file_get_contents(path, &text, NULL, NULL))
			continue;
		anonymous += board_field(text, "RssAnon:");
		resident += board_field(text, "VmRSS:") - board_field(text, "RssShmem:");
	}
	board->resident = MAX(board->resident, resident);
	board->anonymous = MAX(board->anonymous, anonymous);
}

void board_phase(struct board *board, enum film_phase phase)
{
	/* Of the phase before; nothing without callgrind. */
	CALLGRIND_DUMP_STATS;
	board->cpu[phase] = board_cpu(board);
	board->began[phase] = g_get_monotonic_time();
	board_memory(board);
	board->phase = phase;
}

void board_look(struct board *board, int viewer, const uint32_t *pixels, int stride, int height)
{
	int number = scene_read_mark(pixels, stride, height);

	if (number < 0 || number >= FILM_NUMBERS || board->viewers[viewer].seen[number])
		return;
	board->viewers[viewer].seen[number] = g_get_monotonic_time();
	if (number == FILM_STILL_FRAME)
		board->viewers[viewer].ready = 1;
}

int board_follow(struct board *board, int viewer, int *phase, unsigned long bytes)
{
	int now = board->phase;

	/* What is still under way belongs to the phase before; a few rectangles. */
	while (*phase < now)
		board->viewers[viewer].bytes[++*phase] = bytes;
	return now;
}

pid_t board_start(const char *const *argv, bool quiet)
{
	pid_t parent = getpid(), pid = fork();
	int nothing;

	if (pid != 0)
		return MAX(pid, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	nothing = open("/dev/null", O_RDWR);
	dup2(nothing, 0);
	if (quiet) {
		dup2(nothing, 1);
		dup2(nothing, 2);
	}
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

void board_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	for (int i = 0; i < 200; i++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		g_usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
