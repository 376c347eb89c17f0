/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table, each figure beside its goal; and all goals together. */
#include <string.h>
#include "tools/bench/viewer_parts.h"

/* Milliseconds at most, by phase; 0: none. */
static const double goal_cpu[FILM_MARKED] = {1.0, 1.8, 1.4, 5.0};
static const double goal_median[FILM_MARKED] = {1.0, 2.5, 0, 0};

/* The goals are for this setting. */
static bool table_is_first(const struct setting *setting)
{
	return setting == &settings[0];
}

void table_head(int frames)
{
	printf("%dx%d at %d frames a second, %d of each content; AJPG at selector 7, 4:2:0, a full\n"
	       "frame each eighth, unless said. CPU: of the server's process, all threads, for a frame\n"
	       "offered, and its ratio to the first setting's; KB a viewer; median and p95 from the\n"
	       "frame's arrival to all of it in the client's pixels. In brackets: the goal. Over a slow\n"
	       "line the server has had %d s to choose a selector, unless one is said.\n\n",
			BENCH_WIDTH, BENCH_HEIGHT, BENCH_RATE, frames, BENCH_ADAPT);
	printf("%-25s %-12s %9s %14s %7s %8s %14s %8s\n", "setting", "content", "shown", "CPU ms",
			"ratio", "KB", "median ms", "p95 ms");
}

static void table_goal(char *out, size_t size, double figure, double goal)
{
	if (goal > 0)
		snprintf(out, size, "%.2f (%.1f)", figure, goal);
	else
		snprintf(out, size, "%.2f      ", figure);
}

static void table_row(const char *name, const char *content, const struct figures_phase *figures,
		int frames, double cpu_goal, double median_goal, double base)
{
	char cpu[32], median[32], ratio[16] = "";

	table_goal(cpu, sizeof(cpu), figures->cpu, cpu_goal);
	table_goal(median, sizeof(median), figures->median, median_goal);
	if (base > 0)
		snprintf(ratio, sizeof(ratio), "x%.2f", figures->cpu / base);
	printf("%-25s %-12s %5.0f/%-3d %14s %7s %8.1f %14s %8.1f\n", name, content, figures->shown,
			frames, cpu, ratio, figures->kilobytes, median, figures->p95);
}

void table_setting(const struct setting *setting, const struct figures *figures,
		const struct figures *plain, int frames)
{
	bool first = table_is_first(setting);
	bool passes = setting->server == SETTING_DIRECT && setting->codec == CAPTURE_JPEG &&
		      setting->chroma == 420;

	if (!figures->done) {
		printf("%-25s %s\n", setting->name, figures->wrong);
		return;
	}
	for (int phase = 0; phase < FILM_MARKED; phase++)
		table_row(phase == 0 ? setting->name : "", film_phase_names[phase],
				&figures->phase[phase], frames,
				first                            ? goal_cpu[phase]
				: passes && phase == FILM_MOTION ? 0.6
								 : 0,
				first ? goal_median[phase] : 0,
				plain->done && !first ? plain->phase[phase].cpu : 0);
	table_row("", "all", &figures->all, FILM_MARKED * frames, 0, 0,
			plain->done && !first ? plain->all.cpu : 0);
	printf("%-25s %.1f MB resident%s, %.1f of it anonymous", "", figures->resident,
			first ? " (20)" : "", figures->anonymous);
	if (!figures->moving)
		printf("; standing: %.2f ms a frame, %lu bytes; no frames: %.3f %%%s CPU, %lu bytes%s",
				figures->standing_cpu, figures->standing_bytes, figures->still_cpu,
				first ? " (0.1)" : "", figures->still_bytes, first ? " (0)" : "");
	if (figures->asked)
		printf("; quality asked for %d times, the lowest shown %d, the last %d",
				figures->asked, figures->lowest, figures->last);
	printf("\n");
	fflush(stdout);
}

/* --- Goals --- */

static const struct figures *table_find(const struct figures *all, const char *name)
{
	for (int i = 0; i < settings_count; i++)
		if (strcmp(settings[i].name, name) == 0 && all[i].done)
			return &all[i];
	return NULL;
}

static void table_met(const char *what, double figure, bool at_least, double goal, const char *unit)
{
	bool met = at_least ? figure >= goal : figure <= goal;

	printf("  %-52s %9.2f %-6s %s %7.1f   %s\n", what, figure, unit,
			at_least ? ">=" : "<=", goal, met ? "met" : "MISSED");
}

static void table_goals_first(const struct figures *first)
{
	for (int phase = 0; phase < FILM_MARKED; phase++) {
		g_autofree char *what = g_strdup_printf("CPU a frame, %s", film_phase_names[phase]);

		table_met(what, first->phase[phase].cpu, false, goal_cpu[phase], "ms");
	}
	table_met("median, typing", first->phase[FILM_TYPING].median, false,
			goal_median[FILM_TYPING], "ms");
	table_met("median, scrolling", first->phase[FILM_SCROLL].median, false,
			goal_median[FILM_SCROLL], "ms");
	table_met("resident with one viewer", first->resident, false, 20, "MB");
	table_met("no frames: CPU", first->still_cpu, false, 0.1, "%");
	table_met("no frames: bytes", first->still_bytes, false, 0, "bytes");
}

void table_goals(const struct figures *all, int frames)
{
	const struct figures *first = table_find(all, "direct");
	const struct figures *more = table_find(all, "direct, 4 viewers");
	const struct figures *stopped = table_find(all, "direct, one of 2 stopped");
	const struct figures *tls = table_find(all, "direct, TLS");
	const struct figures *jpeg = table_find(all, "direct, JPEG");
	const struct figures *middle = table_find(all, "direct, 20 Mbit/s");
	const struct figures *slow = table_find(all, "direct, 8 Mbit/s");
	const struct figures *coarse = table_find(all, "same, selector 2");
	/* Of 240 frames. */
	double scale = 240.0 / (FILM_MARKED * frames);

	printf("\nGoals, of what was measured:\n");
	if (first)
		table_goals_first(first);
	if (first && more) {
		table_met("each further viewer: CPU a frame", (more->all.cpu - first->all.cpu) / 3,
				false, 0.4, "ms");
		table_met("each further viewer: resident", (more->resident - first->resident) / 3,
				false, 2, "MB");
	}
	if (stopped)
		table_met("one viewer stopped: the other shows, of 240", stopped->all.shown * scale,
				true, 240, "");
	if (first && tls)
		table_met("TLS: CPU a frame more", tls->all.cpu - first->all.cpu, false, 0.4, "ms");
	if (jpeg)
		table_met("whole JPEGs: CPU a frame, full motion", jpeg->phase[FILM_MOTION].cpu,
				false, 0.6, "ms");
	if (middle) {
		table_met("20 Mbit/s: shown, of 240", middle->all.shown * scale, true, 150, "");
		table_met("20 Mbit/s: p95, window move", middle->phase[FILM_WINDOW].p95, false, 100,
				"ms");
	}
	if (slow) {
		table_met("8 Mbit/s: shown, of 240", slow->all.shown * scale, true, 140, "");
		table_met("8 Mbit/s: p95", slow->all.p95, false, 300, "ms");
	}
	if (coarse) {
		table_met("... at selector 2: shown, of 240", coarse->all.shown * scale, true, 140,
				"");
		table_met("... at selector 2: p95", coarse->all.p95, false, 300, "ms");
	}
}
