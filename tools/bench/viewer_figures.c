/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "tools/bench/viewer_parts.h"

static int figures_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of the frames from first to before end. */
static void figures_times(const struct board *board, int viewers, int first, int end,
		struct figures_phase *out)
{
	double *late = g_new(double, (size_t)(end - first) * viewers);
	int count = 0;

	for (int viewer = 0; viewer < viewers; viewer++)
		for (int number = first; number < end; number++)
			if (board->viewers[viewer].seen[number] && board->handed[number])
				late[count++] = (board->viewers[viewer].seen[number] -
								board->handed[number]) /
						1e3;
	qsort(late, count, sizeof(*late), figures_compare);
	out->shown = (double)count / viewers;
	out->median = count ? late[count / 2] : 0;
	out->p95 = count ? late[count * 95 / 100] : 0;
	g_free(late);
}

static double figures_bytes(const struct board *board, int viewers, int first, int end)
{
	double sum = 0;

	for (int viewer = 0; viewer < viewers; viewer++)
		sum += board->viewers[viewer].bytes[end] - board->viewers[viewer].bytes[first];
	return sum / viewers;
}

static double figures_cpu(const struct board *board, int first, int end)
{
	return (board->cpu[end] - board->cpu[first]) / 1e6;
}

void figures_make(const struct board *board, const struct setting *setting, int frames,
		struct figures *out)
{
	int viewers = setting->viewers - setting->stopped;

	for (int phase = 0; phase < FILM_MARKED; phase++) {
		struct figures_phase *figures = &out->phase[phase];

		figures_times(board, viewers, 1 + phase * frames, 1 + (phase + 1) * frames,
				figures);
		figures->cpu = figures_cpu(board, phase, phase + 1) / frames;
		figures->kilobytes = figures_bytes(board, viewers, phase, phase + 1) / 1e3 / frames;
	}
	figures_times(board, viewers, 1, 1 + FILM_MARKED * frames, &out->all);
	out->all.cpu = figures_cpu(board, 0, FILM_MARKED) / (FILM_MARKED * frames);
	out->all.kilobytes = figures_bytes(board, viewers, 0, FILM_MARKED) / 1e3 /
			     (FILM_MARKED * frames);
	out->resident = board->resident / 1024.0;
	out->anonymous = board->anonymous / 1024.0;
	out->asked = board->asked;
	out->lowest = board->lowest;
	out->last = board->last;
	out->moving = board->moving;
	out->done = true;
	if (board->moving)
		return;
	out->standing_cpu = figures_cpu(board, FILM_STANDING, FILM_STILL) / (frames - 1);
	out->standing_bytes = (unsigned long)figures_bytes(
			board, viewers, FILM_STANDING, FILM_STILL);
	out->still_cpu = figures_cpu(board, FILM_STILL, FILM_PHASES) * 1e3 /
			 (board->began[FILM_PHASES] - board->began[FILM_STILL]) * 100;
	out->still_bytes = (unsigned long)figures_bytes(board, viewers, FILM_STILL, FILM_PHASES);
}
