/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A viewer that tests in Python lead by a pipe: watch ADDRESS [-p PASSWORD] [-a AUTHORITY]. Says by
 * itself "screen WIDTH HEIGHT" when there is a picture, also after each change of size, and "gone
 * REASON" at the end of the connection. To each line on its standard input, an answer:
 *
 *	count           "= UPDATES SCREENS BYTES", so far; bytes of the display
 *	psnr PPM        "= DECIBELS" between the picture and a file of the same size; 99: equal; 0:
 *	                another size
 *	save PPM        "= yes" or "= no"
 *	type TEXT       letters, digits and blanks, and Enter; "= yes" or "= no"
 *	held CODE       presses a key; "= yes"
 *	mode            "= MODE", of the mouse
 *
 * and at the end of it, the viewer leaves as a user does.
 */
#include <glib-unix.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/clients/client.h"

struct watch {
	GMainLoop *loop;
	struct client *client;
	GIOChannel *input;
	int width, height; /* as it was said; 0: nothing yet */
	bool gone;         /* was said */
	char *name;        /* of the picture that was read last */
	char *bytes;
	gsize size;
};

static gboolean watch_look(gpointer data)
{
	struct watch *watch = data;
	struct client_picture picture = client_picture(watch->client);
	const char *error = client_error(watch->client);

	if (client_has_picture(watch->client, NULL) &&
			(picture.width != watch->width || picture.height != watch->height)) {
		watch->width = picture.width;
		watch->height = picture.height;
		printf("screen %d %d\n", watch->width, watch->height);
	}
	if (client_is_gone(watch->client, NULL) && !watch->gone) {
		watch->gone = true;
		printf("gone %s\n", error ? error : "closed");
	}
	fflush(stdout);
	return G_SOURCE_CONTINUE;
}

/* --- Pictures --- */

static bool watch_save(const struct client_picture *picture, const char *path)
{
	FILE *file = picture->pixels ? fopen(path, "wbe") : NULL;
	uint8_t *line;

	if (!file)
		return false;
	line = g_malloc((gsize)picture->width * 3);
	fprintf(file, "P6\n%d %d\n255\n", picture->width, picture->height);
	for (int y = 0; y < picture->height; y++) {
		const uint32_t *row = picture->pixels + (size_t)y * picture->stride;

		for (int x = 0; x < picture->width; x++) {
			line[x * 3] = (uint8_t)(row[x] >> 16);
			line[x * 3 + 1] = (uint8_t)(row[x] >> 8);
			line[x * 3 + 2] = (uint8_t)row[x];
		}
		fwrite(line, 3, (size_t)picture->width, file);
	}
	g_free(line);
	return fclose(file) == 0;
}

/* The pixels of a PPM of a size; NULL: it has another. Tests ask for the same one again and again.
 */
static const uint8_t *watch_read(struct watch *watch, const char *path, int width, int height)
{
	g_autofree char *header = g_strdup_printf("P6\n%d %d\n255\n", width, height);
	gsize pixels = (gsize)width * (gsize)height * 3;

	if (g_strcmp0(path, watch->name) != 0) {
		g_free(watch->name);
		g_clear_pointer(&watch->bytes, g_free);
		watch->name = g_strdup(path);
		g_file_get_contents(path, &watch->bytes, &watch->size, NULL);
	}
	if (!watch->bytes || watch->size != strlen(header) + pixels ||
			memcmp(watch->bytes, header, strlen(header)) != 0)
		return NULL;
	return (const uint8_t *)watch->bytes + strlen(header);
}

static double watch_psnr(struct watch *watch, const char *path)
{
	struct client_picture picture = client_picture(watch->client);
	const uint8_t *wanted = picture.pixels ? watch_read(watch, path, picture.width,
								 picture.height)
					       : NULL;
	double sum = 0;

	if (!wanted)
		return 0;
	for (int y = 0; y < picture.height; y++) {
		const uint32_t *row = picture.pixels + (size_t)y * picture.stride;
		uint64_t squares = 0;

		for (int x = 0; x < picture.width; x++, wanted += 3) {
			int r = (int)(row[x] >> 16 & 255) - wanted[0];
			int g = (int)(row[x] >> 8 & 255) - wanted[1];
			int b = (int)(row[x] & 255) - wanted[2];

			squares += (uint64_t)(r * r + g * g + b * b);
		}
		sum += (double)squares;
	}
	if (sum == 0)
		return 99;
	return 10 * log10(255.0 * 255.0 * 3 * picture.width * picture.height / sum);
}

/* --- Words --- */

static bool watch_type(struct client *client, const char *text)
{
	static const char row[] = "..1234567890....qwertyuiop....asdfghjkl.....zxcvbnm";

	if (!client_has_inputs(client, NULL))
		return false;
	for (; *text; text++) {
		const char *at = memchr(row, *text, sizeof(row) - 1);
		unsigned int code = at ? (unsigned int)(at - row) : 0x39;

		client_key(client, code, true);
		client_key(client, code, false);
	}
	client_key(client, 0x1c, true);
	client_key(client, 0x1c, false);
	return true;
}

static void watch_obey(struct watch *watch, const char *word, const char *rest)
{
	struct client_picture picture = client_picture(watch->client);

	if (strcmp(word, "count") == 0)
		printf("= %u %u %lu\n", client_updates(watch->client),
				client_screens(watch->client),
				client_read_bytes(watch->client, CLIENT_DISPLAY));
	else if (strcmp(word, "psnr") == 0)
		printf("= %.2f\n", watch_psnr(watch, rest));
	else if (strcmp(word, "save") == 0)
		printf("= %s\n", watch_save(&picture, rest) ? "yes" : "no");
	else if (strcmp(word, "type") == 0)
		printf("= %s\n", watch_type(watch->client, rest) ? "yes" : "no");
	else if (strcmp(word, "mode") == 0)
		printf("= %d\n", client_mouse_mode(watch->client));
	else if (strcmp(word, "held") == 0) {
		client_key(watch->client, (unsigned int)strtoul(rest, NULL, 0), true);
		puts("= yes");
	} else {
		puts("= what?");
	}
	fflush(stdout);
}

static gboolean watch_hear(gint fd, GIOCondition condition, gpointer data)
{
	struct watch *watch = data;
	g_autofree char *line = NULL;
	char *rest;
	gsize end;

	(void)fd;
	(void)condition;
	do {
		g_clear_pointer(&line, g_free);
		if (g_io_channel_read_line(watch->input, &line, NULL, &end, NULL) !=
				G_IO_STATUS_NORMAL) {
			g_main_loop_quit(watch->loop);
			return G_SOURCE_REMOVE;
		}
		line[end] = '\0';
		rest = strchr(line, ' ');
		if (rest)
			*rest++ = '\0';
		watch_obey(watch, line, rest ? rest : "");
	} while (g_io_channel_get_buffer_condition(watch->input) & G_IO_IN);
	return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
	struct client_settings settings = {0};
	struct watch watch = {.loop = g_main_loop_new(NULL, FALSE)};

	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "-p") == 0)
			settings.password = argv[i + 1];
		else if (strcmp(argv[i], "-a") == 0)
			settings.authority = argv[i + 1];
	}
	if (argc < 2)
		return 2;
	settings.address = argv[1];
	watch.input = g_io_channel_unix_new(STDIN_FILENO);
	watch.client = client_open(&settings);
	g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, watch_hear, &watch);
	g_timeout_add(20, watch_look, &watch);
	g_main_loop_run(watch.loop);
	client_close(watch.client);
	g_io_channel_unref(watch.input);
	g_main_loop_unref(watch.loop);
	g_free(watch.name);
	g_free(watch.bytes);
	return 0;
}
