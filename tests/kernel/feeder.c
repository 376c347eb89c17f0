/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The simulated video engine's other end as a program, steered by a line each on its arguments and
 * then on standard input; it answers "ok" or "error: ...". At the end of its input it goes on until
 * it is killed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/kernel/feed.h"

struct feeder {
	struct feed *feed;
	GMutex lock; /* of what the feed's thread reads */
	bool log;
	char *save; /* where to leave the next picture */
	bool quit;
};

typedef bool (*feeder_fn)(struct feeder *feeder, int count, char **words, GError **error);

struct feeder_command {
	const char *name;
	const char *words; /* what may follow */
	const char *help;
	feeder_fn run;
};

static bool wrong(GError **error, const char *what)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", what);
	return false;
}

/* A word as a number; fallback when there is none, -1 when it is not one. */
static int number(char **words, int index, int count, int fallback)
{
	gint64 value;

	if (index >= count)
		return fallback;
	if (!g_ascii_string_to_signed(words[index], 10, 0, G_MAXINT, &value, NULL))
		return -1;
	return (int)value;
}

static bool run_mode(struct feeder *feeder, int count, char **words, GError **error)
{
	int width = 0, height = 0;

	if (count < 2 || (strcmp(words[1], "none") != 0 &&
					 sscanf(words[1], "%dx%d", &width, &height) != 2))
		return wrong(error, "mode WIDTHxHEIGHT or mode none");
	return feed_mode(feeder->feed, width, height, error);
}

static bool run_scene(struct feeder *feeder, int count, char **words, GError **error)
{
	for (int i = 0; count > 1 && i < FEED_SCENES; i++) {
		if (strcmp(words[1], feed_scene_names[i]) == 0) {
			feed_scene(feeder->feed, (enum feed_scene)i);
			return true;
		}
	}
	return wrong(error, "no such scene");
}

static bool run_stay(struct feeder *feeder, int count, char **words, GError **error)
{
	int at = number(words, 1, count, 0);

	if (at < 0)
		return wrong(error, "stay NUMBER");
	feed_stay(feeder->feed, at);
	return true;
}

static bool run_move(struct feeder *feeder, int count, char **words, GError **error)
{
	feed_stay(feeder->feed, -1);
	return true;
}

static bool run_cut(struct feeder *feeder, int count, char **words, GError **error)
{
	int frames = number(words, 1, count, 1);

	if (frames < 0)
		return wrong(error, "cut COUNT");
	feed_cut(feeder->feed, (unsigned int)frames);
	return true;
}

static bool run_fps(struct feeder *feeder, int count, char **words, GError **error)
{
	int rate = number(words, 1, count, -1);

	if (rate < 0)
		return wrong(error, "fps RATE");
	return feed_rate(feeder->feed, (unsigned int)rate, error);
}

static bool run_fault(struct feeder *feeder, int count, char **words, GError **error)
{
	int frames = number(words, 2, count, 0);

	if (count < 2 || frames < 0)
		return wrong(error, "fault NAME [COUNT]");
	return feed_fault(feeder->feed, words[1], (unsigned int)frames, error);
}

static bool run_pause(struct feeder *feeder, int count, char **words, GError **error)
{
	feed_pause(feeder->feed, true);
	return true;
}

static bool run_resume(struct feeder *feeder, int count, char **words, GError **error)
{
	feed_pause(feeder->feed, false);
	return true;
}

static bool run_log(struct feeder *feeder, int count, char **words, GError **error)
{
	g_mutex_lock(&feeder->lock);
	feeder->log = count < 2 || strcmp(words[1], "off") != 0;
	g_mutex_unlock(&feeder->lock);
	return true;
}

static bool run_save(struct feeder *feeder, int count, char **words, GError **error)
{
	if (count < 2)
		return wrong(error, "save FILE");
	g_mutex_lock(&feeder->lock);
	g_free(feeder->save);
	feeder->save = g_strdup(words[1]);
	g_mutex_unlock(&feeder->lock);
	return true;
}

static bool run_status(struct feeder *feeder, int count, char **words, GError **error)
{
	printf("frames %u cancelled %u\n", feed_count(feeder->feed), feed_cancelled(feeder->feed));
	return true;
}

static bool run_quit(struct feeder *feeder, int count, char **words, GError **error)
{
	feeder->quit = true;
	return true;
}

static const struct feeder_command commands[] = {
		{"mode", "WIDTHxHEIGHT|none",
				"the signal; the same once more is a short loss of it", run_mode},
		{"scene", "desktop|motion|noise|blank", "what is drawn, from picture 0", run_scene},
		{"stay", "[NUMBER]", "at that picture", run_stay},
		{"move", "", "on with each frame", run_move},
		{"cut", "[COUNT]", "frames lose their end", run_cut},
		{"fps", "RATE", "at most; 0: what the driver asks for", run_fps},
		{"fault", "NAME [COUNT]", "none, hang, drop, eio, busy", run_fault},
		{"pause", "", "leave the engine waiting", run_pause},
		{"resume", "", "", run_resume},
		{"log", "[off]", "a line for each frame", run_log},
		{"save", "FILE", "the next picture as a PPM, then its frame as FILE.frame",
				run_save},
		{"status", "", "how many frames", run_status},
		{"quit", "", "", run_quit},
};

static void feeder_save(const char *path, const struct feed_sent *sent)
{
	g_autofree char *frame = g_strconcat(path, ".frame", NULL);
	FILE *file = fopen(path, "wb");

	if (file) {
		fprintf(file, "P6\n%d %d\n255\n", sent->width, sent->height);
		for (int y = 0; y < sent->height; y++) {
			for (int x = 0; x < sent->width; x++) {
				uint32_t pixel = sent->pixels[(size_t)y * (size_t)sent->stride +
							      (size_t)x];

				putc((int)(pixel >> 16 & 0xff), file);
				putc((int)(pixel >> 8 & 0xff), file);
				putc((int)(pixel & 0xff), file);
			}
		}
	}
	if (!file || fclose(file) != 0 ||
			!g_file_set_contents(
					frame, (const char *)sent->data, (gssize)sent->size, NULL))
		fprintf(stderr, "feeder: %s: %s\n", path, g_strerror(errno));
}

static void feeder_sent(const struct feed_sent *sent, void *data)
{
	struct feeder *feeder = data;
	g_autofree char *save = NULL;
	bool log;

	g_mutex_lock(&feeder->lock);
	log = feeder->log;
	save = g_steal_pointer(&feeder->save);
	g_mutex_unlock(&feeder->lock);
	if (save)
		feeder_save(save, sent);
	if (log) {
		g_autofree char *sum = g_compute_checksum_for_data(
				G_CHECKSUM_SHA256, sent->data, sent->size);

		printf("frame %u picture %u %dx%d %s %d %d %d %s%s %zu %s\n", sent->number,
				sent->picture, sent->width, sent->height,
				sent->ajpg ? "ajpg" : "jpeg", sent->chroma, sent->selector,
				sent->second_selector, sent->full ? "full" : "partial",
				sent->cut ? ",cut" : "", sent->size, sum);
	}
}

static bool feeder_line(struct feeder *feeder, const char *line)
{
	g_auto(GStrv) words = NULL;
	g_autoptr(GError) error = NULL;
	int count;

	if (!g_shell_parse_argv(line, &count, &words, &error)) {
		if (g_error_matches(error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
			return true;
	} else {
		for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
			if (strcmp(commands[i].name, words[0]) != 0)
				continue;
			if (commands[i].run(feeder, count, words, &error)) {
				puts("ok");
				return true;
			}
			break;
		}
	}
	printf("error: %s\n", error ? error->message : "no such command");
	return false;
}

static void help(void)
{
	puts("Usage: feeder [COMMAND]...   then commands on standard input, a line each:");
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		printf("  %-7s %-27s %s\n", commands[i].name, commands[i].words, commands[i].help);
}

int main(int argc, char **argv)
{
	struct feeder feeder = {0};
	g_autoptr(GError) error = NULL;
	char *line = NULL;
	size_t room = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		help();
		return 0;
	}
	g_mutex_init(&feeder.lock);
	feeder.feed = feed_open(feeder_sent, &feeder, &error);
	if (!feeder.feed) {
		fprintf(stderr, "feeder: %s\n", error->message);
		return 1;
	}
	for (int i = 1; i < argc; i++) {
		if (!feeder_line(&feeder, argv[i]))
			return 1;
	}
	while (!feeder.quit && getline(&line, &room, stdin) >= 0)
		feeder_line(&feeder, line);
	while (!feeder.quit)
		pause();
	feed_close(feeder.feed);
	g_free(feeder.save);
	g_mutex_clear(&feeder.lock);
	free(line);
	return 0;
}
