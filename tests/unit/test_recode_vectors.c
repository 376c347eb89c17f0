/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every sequence of the vectors, also the malformed ones: kept as blocks it gives the picture and
 * the faults that pixels give, and its JPEGs show the same. The larger set is in
 * $SPICERACK_VECTORS, or beside the source tree.
 */
#include <math.h>
#include <string.h>
#include <jansson.h>
#include <stdlib.h>
#include "tests/unit/twin.h"
#include "tests/unit/vectors.h"

static const char *shared(void)
{
	const char *folder = g_getenv("SPICERACK_VECTORS");
	static char *beside;

	if (folder)
		return folder;
	if (!beside)
		beside = g_build_filename(g_getenv("top_srcdir") ? g_getenv("top_srcdir") : ".",
				"..", "shared", "vectors", NULL);
	return beside;
}

/* What is kept makes a complete frame that shows the same. Returns whether it could be made. */
static bool check_complete(const struct twin *twin, const struct decoder_frame *frame)
{
	size_t room = recode_ajpg_bound(twin->blocks), size;
	g_autofree guint8 *bytes = g_malloc(room);
	struct decoder *fresh = decoder_new();
	struct decoder_frame complete = *frame;
	struct decoder_result result;
	struct twin both = {.pixels = twin->pixels, .blocks = fresh};

	size = recode_ajpg(twin->blocks, frame->selector, frame->second_selector, bytes, room);
	complete.data = bytes;
	complete.size = size;
	if (size) {
		g_assert_true(decoder_decode(fresh, &complete, &result));
		g_assert_true(result.key_frame);
		twin_compare(&both);
	}
	decoder_free(fresh);
	return size > 0;
}

static bool play(struct twin *twin, const char *folder, const char *name,
		struct decoder_frame *frame)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *bytes = NULL;

	g_assert_true(g_file_get_contents(path, &bytes, &frame->size, NULL));
	frame->data = (const guint8 *)bytes;
	return twin_decode(twin, frame);
}

static const char *word(const json_t *entry, const char *key)
{
	return json_string_value(json_object_get(entry, key));
}

static int number(const json_t *entry, const char *key, int without)
{
	const json_t *value = json_object_get(entry, key);

	return value ? (int)json_integer_value(value) : without;
}

static struct decoder_frame frame_of(const json_t *entry)
{
	const char *range = word(entry, "range");

	return (struct decoder_frame){
			.codec = range ? DECODER_AJPG : DECODER_JPEG,
			.width = number(entry, "w", 0),
			.height = number(entry, "h", 0),
			.chroma = atoi(word(entry, "sub")),
			.selector = number(entry, "q", 0),
			.second_selector = number(entry, "hq", -1),
			.studio = g_strcmp0(range, "studio") == 0,
	};
}

static json_t *manifest(const char *folder)
{
	g_autofree char *path = g_build_filename(shared(), folder, "manifest.json", NULL);
	json_t *root = json_load_file(path, 0, NULL);

	if (!root)
		g_test_skip("the larger set of vectors is not there (SPICERACK_VECTORS)");
	return root;
}

/* How near the viewer comes: what is encoded again is less so than what is copied. */
static void judge(const char *name, const struct twin *twin)
{
	g_test_message("%s: %.1f dB", name, twin->worst);
	g_assert_cmpfloat(twin->worst, >=, 45);
}

struct own {
	const char *name;
	struct twin twin;
};

static void play_own(const struct decoder_frame *frame, void *data)
{
	struct own *own = data;
	bool coded;

	g_assert_true(twin_decode(&own->twin, frame));
	coded = check_complete(&own->twin, frame);
	/* What these have besides blocks cannot be copied. */
	if (frame->codec == DECODER_AJPG && !frame->studio && frame->second_selector < 0 &&
			!g_str_equal(own->name, "few-colours"))
		g_assert_true(coded);
}

static void test_own_sequences(gconstpointer data)
{
	struct own own = {.name = data};

	twin_open(&own.twin);
	own.twin.follow = true;
	vectors_play(own.name, play_own, &own);
	judge(own.name, &own.twin);
	twin_close(&own.twin);
}

static void play_sequence(const json_t *sequence, int refresh_each)
{
	const char *name = word(sequence, "name");
	g_autofree char *folder = g_build_filename(shared(), "ajpg", name, NULL);
	const json_t *frames = json_object_get(sequence, "frames");
	struct twin twin;

	twin_open(&twin);
	twin.follow = refresh_each == 1;
	twin.refresh_each = refresh_each;
	for (gsize i = 0; i < json_array_size(frames); i++) {
		const json_t *entry = json_array_get(frames, i);
		struct decoder_frame frame = frame_of(entry);

		g_assert_true(play(&twin, folder, word(entry, "file"), &frame));
	}
	twin_compare(&twin);
	if (twin.follow)
		judge(name, &twin);
	twin_close(&twin);
}

/* Each frame's pixels are asked for, or only the last one's. */
static void test_sequences(gconstpointer data)
{
	json_t *root = manifest("ajpg");
	const json_t *sequences;

	if (!root)
		return;
	sequences = json_object_get(root, "sequences");
	for (gsize i = 0; i < json_array_size(sequences); i++)
		play_sequence(json_array_get(sequences, i), GPOINTER_TO_INT(data));
	json_decref(root);
}

static void test_malformed_frames(void)
{
	json_t *root = manifest("ajpg/malformed");
	g_autofree char *folder = g_build_filename(shared(), "ajpg", "malformed", NULL);
	const json_t *entries;

	if (!root)
		return;
	entries = root;
	for (gsize i = 0; i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);
		struct decoder_frame frame = frame_of(entry);
		struct twin twin;

		twin_open(&twin);
		twin.follow = true;
		g_assert_true(play(&twin, folder, word(entry, "after"), &frame));
		play(&twin, folder, word(entry, "file"), &frame);
		twin_close(&twin);
	}
	json_decref(root);
}

static void test_jpegs(void)
{
	json_t *root = manifest("jpeg");
	g_autofree char *folder = g_build_filename(shared(), "jpeg", NULL);
	const json_t *entries;
	struct twin twin;

	if (!root)
		return;
	twin_open(&twin);
	twin.follow = true;
	entries = root;
	for (gsize i = 0; i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);
		struct decoder_frame frame = frame_of(entry);

		play(&twin, folder, word(entry, "file"), &frame);
	}
	judge("jpeg", &twin);
	twin_close(&twin);
	json_decref(root);
}

int main(int argc, char **argv)
{
	static const char *const own[] = {"desktop-420", "desktop-444", "few-colours", "jpeg",
			"odd-sizes", "second-pass", "selectors-420", "selectors-444", "size-change",
			"studio"};

	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(own); i++) {
		g_autofree char *path = g_strdup_printf("/recode-vectors/%s", own[i]);

		g_test_add_data_func(path, own[i], test_own_sequences);
	}
	g_test_add_data_func("/recode-vectors/sequences", GINT_TO_POINTER(1), test_sequences);
	g_test_add_data_func("/recode-vectors/sequences-looked-at-once", GINT_TO_POINTER(1000),
			test_sequences);
	g_test_add_func("/recode-vectors/malformed-frames", test_malformed_frames);
	g_test_add_func("/recode-vectors/jpegs", test_jpegs);
	return g_test_run();
}
