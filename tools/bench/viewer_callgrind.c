/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instructions a frame, of the server's process, by valgrind's callgrind: they carry over to
 * another core of the same kind, and do not depend on what else the machine does. The film runs
 * slowly; what the kernel does is not among them.
 */
#include <stdlib.h>
#include <string.h>
#include "tools/bench/viewer_parts.h"

#define COUNT_RATE 2 /* frames a second */

/* A function, with all that it calls. */
struct count_part {
	const char *title, *functions[3];
};

static const struct count_part parts[] = {
		{"parse", {"decoder_decode"}},
		{"plan", {"recode_plan"}},
		{"write", {"recode_write", "recode_picture"}},
		{"to pixels", {"decoder_refresh"}},
};

/* "   1,234,567 (12.3%)  file.c:function [object]"; -1: another line, or another function. */
static double count_line(const char *line, const char *function)
{
	size_t length = strlen(function);
	const char *colon = strchr(line, ':');
	g_autoptr(GString) digits = g_string_new(NULL);

	if (!colon)
		return -1;
	if (strncmp(colon + 1, function, length) != 0 ||
			(colon[1 + length] && !strchr(" ['", colon[1 + length])))
		return -1;
	for (; *line && *line != '('; line++)
		if (g_ascii_isdigit(*line))
			g_string_append_c(digits, *line);
	return digits->len ? atof(digits->str) : -1;
}

static double count_total(const char *line)
{
	g_autoptr(GString) digits = g_string_new(NULL);

	if (!strstr(line, "PROGRAM TOTALS"))
		return -1;
	for (; *line && *line != '('; line++)
		if (g_ascii_isdigit(*line))
			g_string_append_c(digits, *line);
	return atof(digits->str);
}

static char *count_annotate(const char *file)
{
	const char *const argv[] = {"callgrind_annotate", "--inclusive=yes", "--threshold=100",
			"--auto=no", file, NULL};
	char *text = NULL;

	if (g_spawn_sync(NULL, (char **)argv, NULL,
			    G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text,
			    NULL, NULL, NULL))
		return text;
	return NULL;
}

static double count_part(char **lines, const struct count_part *part)
{
	double sum = 0;

	for (int i = 0; i < 3 && part->functions[i]; i++)
		for (char **line = lines; *line; line++) {
			double count = count_line(*line, part->functions[i]);

			if (count >= 0) {
				sum += count;
				break;
			}
		}
	return sum;
}

static void count_report(const char *file, const char *content, int frames)
{
	g_autofree char *text = count_annotate(file);
	g_auto(GStrv) lines = text ? g_strsplit(text, "\n", -1) : NULL;
	double total = -1, rest;

	for (int i = 0; lines && lines[i] && total < 0; i++)
		total = count_total(lines[i]);
	printf("%-12s", content);
	if (!lines || total < 0) {
		printf(" nothing was counted\n");
		return;
	}
	rest = total;
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		double count = count_part(lines, &parts[i]);

		printf(" %10.0f", count / frames / 1e3);
		rest -= count;
	}
	printf(" %14.0f %10.0f\n", rest / frames / 1e3, total / frames / 1e3);
}

static void count_table(const struct bench *bench, const struct setting *setting)
{
	printf("%s: thousands of instructions a frame, %d of each content, at %d a second\n",
			setting->name, bench->frames, COUNT_RATE);
	printf("%-12s", "content");
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		printf(" %10s", parts[i].title);
	printf(" %14s %10s\n", "send and rest", "all");
	/* A file for each beginning of a phase, with what was before it; the first is the start. */
	for (int phase = 0; phase < FILM_STILL; phase++) {
		g_autofree char *name = g_strdup_printf("counts.%d", phase + 2);
		g_autofree char *file = g_build_filename(bench->folder, name, NULL);

		if (phase != FILM_PAUSE)
			count_report(file, film_phase_names[phase],
					phase == FILM_STANDING ? bench->frames - 1 : bench->frames);
	}
}

int callgrind_run(struct bench *bench, const struct setting *setting)
{
	g_autofree char *out = g_strdup_printf("--callgrind-out-file=%s/counts", bench->folder);
	const char *const under[] = {"valgrind", "--tool=callgrind", out, NULL};
	g_autofree char *valgrind = g_find_program_in_path("valgrind");
	int status = 0;

	if (!valgrind) {
		fprintf(stderr, "valgrind is not installed\n");
		return 1;
	}
	bench->under = under;
	bench->board = board_new(&bench->board_fd);
	bench->board->rate = COUNT_RATE;
	bench->board->selector = setting->selector;
	bench_serve(bench, setting);
	if (bench_wrong(bench)) {
		fprintf(stderr, "%s: %s\n", setting->name, bench_wrong(bench));
		status = 1;
	} else {
		count_table(bench, setting);
	}
	board_close(bench->board, bench->board_fd);
	bench->under = NULL;
	return status;
}
