/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/vectors.h"
#include <glib.h>
#include <stdlib.h>

/* A line of the list, with tabs between: file, width, height, chroma or jpeg, selectors, range. */
static void vectors_line(const char *folder, const char *line, vectors_frame_fn hand, void *data)
{
	g_auto(GStrv) words = g_strsplit(line, "\t", -1);
	g_autofree char *path = g_build_filename(folder, words[0], NULL);
	g_autofree char *bytes = NULL;
	struct decoder_frame frame = {
			.codec = g_str_equal(words[3], "jpeg") ? DECODER_JPEG : DECODER_AJPG,
			.width = atoi(words[1]),
			.height = atoi(words[2]),
			.chroma = atoi(words[3]),
			.selector = atoi(words[4]),
			.second_selector = atoi(words[5]),
			.studio = g_str_equal(words[6], "studio"),
	};

	g_assert_true(g_file_get_contents(path, &bytes, &frame.size, NULL));
	frame.data = (const uint8_t *)bytes;
	hand(&frame, data);
}

void vectors_play(const char *name, vectors_frame_fn frame, void *data)
{
	const char *top = g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".";
	g_autofree char *folder = g_build_filename(top, "tests/vectors", name, NULL);
	g_autofree char *list = g_build_filename(folder, "list", NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_get_contents(list, &text, NULL, NULL));
	lines = g_strsplit(g_strstrip(text), "\n", -1);
	for (char **line = lines; *line; line++)
		vectors_line(folder, *line, frame, data);
}
