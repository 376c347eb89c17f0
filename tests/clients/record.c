/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes a recording into the current folder, as an engine's driver would make it: record WIDTH
 * HEIGHT 420|444|jpeg SELECTOR FRAMES SCENE..., each scene so many frames: type, scroll, window,
 * motion. Every eighth frame is a full one. The list of them is frames.list; the last is a
 * screen full of text, unlike all others.
 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "sim/encoder_picture.h"
#include "tools/bench/scenes.h"

#define RECORD_FULL_EVERY 8 /* drivers/media/platform/aspeed/aspeed-video.c */

struct record {
	int width, height;
	const char *codec;
	struct encoder_settings settings;
	struct encoder *encoder;
	struct picture picture;
	GString *list;
	int count;
};

static void record_draw(struct picture *picture, const char *scene, int n)
{
	if (strcmp(scene, "type") == 0)
		scene_type(picture, n);
	else if (strcmp(scene, "scroll") == 0)
		scene_scroll(picture, n);
	else if (strcmp(scene, "window") == 0)
		scene_draw(picture, SCENE_DESKTOP, n % 20);
	else if (strcmp(scene, "motion") == 0)
		scene_draw(picture, SCENE_PHOTO, n);
	else
		g_error("no such scene: %s", scene);
}

static void record_frame(struct record *record)
{
	const struct picture *picture = &record->picture;
	bool jpeg = strcmp(record->codec, "jpeg") == 0;
	g_autofree char *name = g_strdup_printf("%04d.%s", record->count, jpeg ? "jpg" : "ajpg");
	const uint8_t *bytes;
	size_t size;

	scene_mark(&record->picture, record->count);
	bytes = encoder_picture(record->encoder, picture, &record->settings, jpeg,
			record->count % RECORD_FULL_EVERY == 0, &size);
	g_assert_nonnull(bytes);
	g_assert_true(g_file_set_contents(name, (const char *)bytes, (gssize)size, NULL));
	g_string_append_printf(record->list, "%s\t%d\t%d\t%s\t%d\t-1\tfull\n", name, picture->width,
			picture->height, record->codec, record->settings.selector);
	record->count++;
}

int main(int argc, char **argv)
{
	struct record record = {.encoder = encoder_new(), .list = g_string_new(NULL)};
	int frames;

	if (argc < 6)
		return 2;
	record.codec = argv[3];
	record.settings = (struct encoder_settings){
			.chroma = strcmp(argv[3], "444") == 0 ? 444 : 420,
			.selector = atoi(argv[4]),
			.second_selector = -1};
	frames = atoi(argv[5]);
	g_assert_true(picture_resize(&record.picture, atoi(argv[1]), atoi(argv[2])));
	scene_draw(&record.picture, SCENE_DESKTOP, 0);
	record_frame(&record);
	for (int i = 6; i < argc; i++) {
		for (int n = 0; n < frames; n++) {
			record_draw(&record.picture, argv[i], n);
			record_frame(&record);
		}
	}
	scene_draw(&record.picture, SCENE_TEXT, 0);
	record_frame(&record);
	g_assert_true(g_file_set_contents("frames.list", record.list->str, -1, NULL));
	g_string_free(record.list, TRUE);
	picture_release(&record.picture);
	encoder_free(record.encoder);
	return 0;
}
