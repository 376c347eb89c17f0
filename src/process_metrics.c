/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/process_metrics.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "src/metrics_text.h"

static double process_clock(clockid_t clock)
{
	struct timespec time;

	return clock_gettime(clock, &time) == 0 ? (double)time.tv_sec + (double)time.tv_nsec / 1e9
						: -1;
}

/* Seconds since the epoch; -1: not known. proc(5): field 22 of stat, behind the name in brackets.
 */
static double process_start(void)
{
	g_autofree char *text = NULL;
	unsigned long long ticks;
	const char *rest;

	if (!g_file_get_contents("/proc/self/stat", &text, NULL, NULL))
		return -1;
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1,
				     "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
				     "%*s %*s %*s %*s %llu",
				     &ticks) != 1)
		return -1;
	return process_clock(CLOCK_REALTIME) - process_clock(CLOCK_BOOTTIME) +
	       (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

/* Bytes, all of it and what of it is in memory; -1: not known. */
static void process_memory(double *all, double *resident)
{
	g_autofree char *text = NULL;
	double page = (double)sysconf(_SC_PAGESIZE);
	unsigned long long pages[2];

	*all = *resident = -1;
	if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL) ||
			sscanf(text, "%llu %llu", &pages[0], &pages[1]) != 2)
		return;
	*all = (double)pages[0] * page;
	*resident = (double)pages[1] * page;
}

static double process_descriptors(void)
{
	GDir *folder = g_dir_open("/proc/self/fd", 0, NULL);
	int count = -1; /* the folder's own is among them */

	if (!folder)
		return -1;
	while (g_dir_read_name(folder))
		count++;
	g_dir_close(folder);
	return count;
}

void process_metrics(GString *out)
{
	struct rlimit limit;
	double all, resident;

	process_memory(&all, &resident);
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		limit.rlim_cur = RLIM_INFINITY;

	const struct {
		struct metrics_family family;
		double value; /* below 0: not known */
	} every[] = {
			{{"process_cpu_seconds_total",
					 "Time that the process has had the processor.", "counter",
					 NULL},
					process_clock(CLOCK_PROCESS_CPUTIME_ID)},
			{{"process_resident_memory_bytes", "Memory of the process that is in use.",
					 "gauge", NULL},
					resident},
			{{"process_virtual_memory_bytes", "Addresses that the process has.",
					 "gauge", NULL},
					all},
			{{"process_start_time_seconds", "When the process began, since the epoch.",
					 "gauge", NULL},
					process_start()},
			{{"process_open_fds", "Descriptors that are open.", "gauge", NULL},
					process_descriptors()},
			{{"process_max_fds", "Descriptors that may be.", "gauge", NULL},
					limit.rlim_cur == RLIM_INFINITY ? -1
									: (double)limit.rlim_cur},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(every); i++) {
		struct metrics_family family = every[i].family;

		if (every[i].value >= 0)
			metrics_add(&family, NULL, every[i].value);
		metrics_write(&family, 1, out);
	}
}
