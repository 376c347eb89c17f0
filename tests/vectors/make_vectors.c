/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes the frames and the list of each sequence from its script. A script is text, a command a
 * line, # for comments; what is drawn stays until it is drawn over. Colours are RRGGBB.
 *
 *	size WIDTH HEIGHT                a new, black picture
 *	set 444|420|jpeg444|jpeg420 SELECTOR SECOND-SELECTOR none|vq2|vq4 full|studio
 *	fill X Y WIDTH HEIGHT COLOUR
 *	ramp X Y WIDTH HEIGHT LEFT RIGHT a horizontal gradient
 *	check X Y WIDTH HEIGHT A B EDGE  a chess board
 *	frame psnr DECIBELS | max LEVELS how near a decoder must come to the drawn picture
 *
 * test_vectors.py draws the same scripts, and judges by them.
 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "sim/encoder_picture.h"
#include "decoder/picture.h"

struct script {
	const char *folder;
	int line;
	struct encoder *encoder;
	struct picture picture;
	struct encoder_settings settings;
	bool jpeg;
	GString *list;
	int count;
};

static G_GNUC_NORETURN void script_die(const struct script *script, const char *what)
{
	g_printerr("%s/script:%d: %s\n", script->folder, script->line, what);
	exit(1);
}

static int script_number(const struct script *script, const char *text)
{
	gint64 value;

	if (!text || !g_ascii_string_to_signed(text, 10, -1, PICTURE_MAX, &value, NULL))
		script_die(script, "a number is missing or wrong");
	return value;
}

static guint32 script_colour(const struct script *script, const char *text)
{
	guint64 value;

	if (!text || !g_ascii_string_to_unsigned(text, 16, 0, 0xffffff, &value, NULL))
		script_die(script, "a colour is missing or wrong");
	return value;
}

/* The place of a word in a list. */
static int script_word(const struct script *script, const char *text, const char *const *words)
{
	for (int i = 0; text && words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	script_die(script, "no such word");
}

static void script_set(struct script *script, char **words)
{
	static const char *const codecs[] = {"420", "444", "jpeg420", "jpeg444", NULL};
	static const char *const vqs[] = {"none", "vq2", "vq4", NULL};
	static const char *const ranges[] = {"full", "studio", NULL};
	int codec = script_word(script, words[0], codecs);

	script->jpeg = codec > 1;
	script->settings = (struct encoder_settings){
			.chroma = codec & 1 ? 444 : 420,
			.selector = script_number(script, words[1]),
			.second_selector = script_number(script, words[2]),
			.vq = script_word(script, words[3], vqs),
			.studio = script_word(script, words[4], ranges),
	};
}

static guint32 mix(guint32 a, guint32 b, int part, int whole)
{
	guint32 mixed = 0;

	for (int shift = 0; shift <= 16; shift += 8)
		mixed |= ((a >> shift & 255) * (whole - part) + (b >> shift & 255) * part) / whole
			 << shift;
	return mixed;
}

static void script_draw(struct script *script, char **words)
{
	int x = script_number(script, words[1]), y = script_number(script, words[2]);
	int width = script_number(script, words[3]), height = script_number(script, words[4]);
	bool fill = strcmp(words[0], "fill") == 0, ramp = strcmp(words[0], "ramp") == 0;
	guint32 a = script_colour(script, words[5]);
	guint32 b = fill ? a : script_colour(script, words[6]);
	int edge = fill || ramp ? 1 : script_number(script, words[7]);

	if (x < 0 || y < 0 || width < 2 || height < 1 || edge < 1 ||
			x + width > script->picture.width || y + height > script->picture.height)
		script_die(script, "outside the picture");
	for (int j = 0; j < height; j++) {
		guint32 *row = script->picture.pixels + (gsize)(y + j) * script->picture.stride + x;

		for (int i = 0; i < width; i++)
			row[i] = ramp ? mix(a, b, i, width - 1) : (i / edge + j / edge) % 2 ? b : a;
	}
}

static void script_frame(struct script *script)
{
	const struct picture *picture = &script->picture;
	const struct encoder_settings *settings = &script->settings;
	g_autofree char *name = g_strdup_printf(
			"%03d.%s", script->count++, script->jpeg ? "jpg" : "ajpg");
	g_autofree char *path = g_build_filename(script->folder, name, NULL);
	const guint8 *bytes;
	gsize size;

	bytes = encoder_picture(script->encoder, picture, settings, script->jpeg, false, &size);
	if (!bytes)
		script_die(script, "the encoder refuses this size or these settings");
	if (!g_file_set_contents(path, (const char *)bytes, size, NULL))
		script_die(script, "the frame cannot be written");
	g_string_append_printf(script->list, "%s\t%d\t%d\t%s\t%d\t%d\t%s\n", name, picture->width,
			picture->height,
			script->jpeg              ? "jpeg"
			: settings->chroma == 444 ? "444"
						  : "420",
			settings->selector, settings->second_selector,
			settings->studio ? "studio" : "full");
}

static void script_command(struct script *script, char **words)
{
	static const char *const commands[] = {
			"size", "set", "frame", "fill", "ramp", "check", NULL};

	switch (script_word(script, words[0], commands)) {
	case 0:
		if (!picture_resize(&script->picture, script_number(script, words[1]),
				    script_number(script, words[2])))
			script_die(script, "no such size");
		break;
	case 1:
		script_set(script, words + 1);
		break;
	case 2:
		script_frame(script);
		break;
	default:
		script_draw(script, words);
	}
}

static void script_run(const char *folder)
{
	struct script script = {
			.folder = folder, .encoder = encoder_new(), .list = g_string_new(NULL)};
	g_autofree char *path = g_build_filename(folder, "script", NULL);
	g_autofree char *list = g_build_filename(folder, "list", NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		script_die(&script, "cannot be read");
	lines = g_strsplit(text, "\n", -1);
	for (; lines[script.line]; script.line++) {
		/* Words that are missing read as NULL. */
		g_auto(GStrv) words = g_strsplit(lines[script.line], " ", 9);
		char *padded[10] = {NULL};

		if (!words[0] || !*words[0] || *words[0] == '#')
			continue;
		memcpy(padded, words, g_strv_length(words) * sizeof(*words));
		script_command(&script, padded);
	}
	if (!g_file_set_contents(list, script.list->str, -1, NULL))
		script_die(&script, "the list cannot be written");
	encoder_free(script.encoder);
	picture_release(&script.picture);
	g_string_free(script.list, TRUE);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		script_run(argv[i]);
	return 0;
}
