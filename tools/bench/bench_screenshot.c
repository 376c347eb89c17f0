/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a screenshot and a recording cost: CPU time of one picture as JPEG while the display keeps
 * its blocks, beside an encoder's from the same pixels; of a frame of typing into a recording in
 * memory; and of a frame that is saved. bench_screenshot [WIDTHxHEIGHT].
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include "sim/encoder_picture.h"
#include "src/recording.h"
#include "src/recording_save.h"
#include "src/screen.h"
#include "src/still.h"
#include "tools/bench/cpu.h"
#include "tools/bench/scenes.h"

#define ROUNDS 31
#define FRAMES 300
#define MEMORY (16 << 20)

struct bench {
	int width, height;
	struct encoder *encoder;
	struct decoder *decoder;
	struct picture picture;
};

static struct capture_frame encode(
		struct bench *bench, enum capture_codec codec, int chroma, bool full)
{
	const struct encoder_settings settings = {
			.chroma = chroma, .selector = 7, .second_selector = -1};
	struct capture_frame frame = {.codec = codec,
			.width = bench->width,
			.height = bench->height,
			.chroma = chroma,
			.selector = 7,
			.second_selector = -1};

	frame.data = encoder_picture(bench->encoder, &bench->picture, &settings,
			codec == CAPTURE_JPEG, full, &frame.size);
	if (!frame.data)
		abort();
	return frame;
}

static void decode(struct bench *bench, const struct capture_frame *frame,
		struct decoder_result *result)
{
	struct decoder_frame input;

	screen_input(frame, &input);
	if (!decoder_decode(bench->decoder, &input, result))
		abort();
}

/* Median of one picture, and its size. */
static double still(struct bench *bench, const struct picture *pixels, guint *size)
{
	GByteArray *out = g_byte_array_new();
	double times[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		double begin = cpu_ms();

		g_byte_array_set_size(out, 0);
		if (!(pixels ? still_drawn(pixels, out) : still_jpeg(bench->decoder, out)))
			abort();
		times[i] = cpu_ms() - begin;
	}
	*size = out->len;
	g_byte_array_unref(out);
	return cpu_median(times, ROUNDS);
}

static void nothing(const char *why, void *data)
{
}

static void measure(struct bench *bench, const char *name, enum capture_codec codec, int chroma)
{
	const struct recording_events events = {.frozen = nothing};
	struct recording *recording;
	struct recording_save *save;
	struct decoder_result result;
	struct capture_frame frame;
	guint copied, encoded;
	double copy, pixels, spent = 0, saved;
	int64_t until;
	struct reel *reel;
	struct reel_stats stats;
	static uint8_t room[65536];

	bench->decoder = decoder_new();
	decoder_keep_blocks(bench->decoder, true);
	recording = recording_new(MEMORY, bench->decoder, &events, NULL);
	scene_draw(&bench->picture, SCENE_DESKTOP, 0);
	frame = encode(bench, codec, chroma, true);
	decode(bench, &frame, &result);
	recording_frame(recording, &frame, &result);
	copy = still(bench, NULL, &copied);
	pixels = still(bench, &bench->picture, &encoded);
	for (int i = 0; i < FRAMES; i++) {
		double begin;

		scene_type(&bench->picture, i);
		frame = encode(bench, codec, chroma, false);
		decode(bench, &frame, &result);
		begin = cpu_ms();
		recording_frame(recording, &frame, &result);
		spent += cpu_ms() - begin;
	}
	reel = recording_take(recording, &until, NULL);
	reel_stats(reel, &stats);
	save = recording_save_new(reel, until, 0, "bench");
	saved = cpu_ms();
	while (recording_save_read(save, room, sizeof(room)) > 0)
		continue;
	saved = cpu_ms() - saved;
	printf("%-10s %8.2f ms %7.0f KiB %8.2f ms %7.0f KiB %9.3f ms %8.2f ms %7u\n", name, copy,
			copied / 1024.0, pixels, encoded / 1024.0, spent / FRAMES,
			saved / stats.frames, stats.frames);
	recording_save_free(save);
	recording_release(recording, reel, true);
	recording_free(recording);
	decoder_free(bench->decoder);
}

int main(int argc, char **argv)
{
	struct bench bench = {.width = 1920, .height = 1080};

	if (argc > 1 && sscanf(argv[1], "%dx%d", &bench.width, &bench.height) != 2) {
		fputs("usage: bench_screenshot [WIDTHxHEIGHT]\n", stderr);
		return 2;
	}
	bench.encoder = encoder_new();
	if (!bench.encoder || !picture_resize(&bench.picture, bench.width, bench.height))
		return 1;
	printf("%dx%d, CPU time: a screenshot by copying; the same by an encoder; a frame of typing "
	       "into the memory; a frame saved\n",
			bench.width, bench.height);
	measure(&bench, "ajpg 4:4:4", CAPTURE_AJPG, 444);
	measure(&bench, "ajpg 4:2:0", CAPTURE_AJPG, 420);
	measure(&bench, "jpeg 4:2:0", CAPTURE_JPEG, 420);
	picture_release(&bench.picture);
	encoder_free(bench.encoder);
	return 0;
}
