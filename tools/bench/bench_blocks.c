/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/decoder.h"
#include "decoder/recode.h"
#include "sim/encoder_picture.h"
#include "tools/bench/bench_blocks.h"
#include "tools/bench/cpu.h"
#include "tools/bench/scenes.h"

#define FULL_EVERY 8
#define RECTANGLES 64

struct bench {
	int width, height, selector, frames;
	enum decoder_codec codec;
	int chroma;
	struct encoder *encoder;
	struct picture picture;
	struct decoder *blocks, *pixels;
	uint8_t *room;
	size_t room_size;
};

/* Sums over a phase. */
struct sums {
	double look, write, decode; /* milliseconds */
	double in, out;             /* bytes */
	int rectangles;
};

static void draw(struct bench *bench, int phase, int n)
{
	switch (phase) {
	case 0:
		scene_type(&bench->picture, n);
		break;
	case 1:
		scene_scroll(&bench->picture, n);
		break;
	case 2:
		scene_draw(&bench->picture, SCENE_DESKTOP, n % 20);
		break;
	default:
		scene_draw(&bench->picture, SCENE_PHOTO, n);
	}
	scene_mark(&bench->picture, n);
}

static struct decoder_frame encode(struct bench *bench, bool full)
{
	const struct encoder_settings settings = {.chroma = bench->chroma,
			.selector = bench->selector,
			.second_selector = -1};
	struct decoder_frame frame = {.codec = bench->codec,
			.width = bench->width,
			.height = bench->height,
			.chroma = bench->chroma,
			.selector = bench->selector,
			.second_selector = -1};

	frame.data = encoder_picture(bench->encoder, &bench->picture, &settings,
			bench->codec == DECODER_JPEG, full, &frame.size);
	if (!frame.data)
		abort();
	return frame;
}

/* Writes what changed. */
static void send(struct bench *bench, struct sums *sums)
{
	struct recode_rectangle plan[RECTANGLES];
	int count = recode_plan(
			bench->blocks, decoder_damage(bench->blocks)->map, plan, RECTANGLES);

	for (int i = 0; i < count; i++) {
		size_t bound = recode_bound(bench->blocks, &plan[i]);

		if (bound > bench->room_size) {
			free(bench->room);
			bench->room = calloc(1, bound);
			bench->room_size = bound;
		}
		if (!bench->room)
			abort();
		sums->out += recode_write(bench->blocks, &plan[i], bench->room, bound);
	}
	sums->rectangles += count;
}

static void step(struct bench *bench, int phase, int n, struct sums *sums)
{
	struct decoder_result result;
	struct decoder_frame frame;
	double t[4];

	draw(bench, phase, n);
	frame = encode(bench, n % FULL_EVERY == 0);
	t[0] = cpu_ms();
	if (!decoder_decode(bench->blocks, &frame, &result))
		abort();
	t[1] = cpu_ms();
	send(bench, sums);
	t[2] = cpu_ms();
	if (!decoder_decode(bench->pixels, &frame, &result))
		abort();
	t[3] = cpu_ms();
	sums->look += t[1] - t[0];
	sums->write += t[2] - t[1];
	sums->decode += t[3] - t[2];
	sums->in += frame.size;
}

static void play(struct bench *bench, const char *source)
{
	static const char *const phases[] = {"typing", "scroll", "window", "motion"};

	bench->blocks = decoder_new();
	bench->pixels = decoder_new();
	if (!bench->blocks || !bench->pixels)
		abort();
	decoder_keep_blocks(bench->blocks, true);
	scene_draw(&bench->picture, SCENE_DESKTOP, 0);
	for (int phase = 0; phase < 4; phase++) {
		struct sums sums = {0};
		double frames = bench->frames;

		step(bench, phase, 0, &sums); /* the scene changes */
		sums = (struct sums){0};
		for (int n = 1; n <= bench->frames; n++)
			step(bench, phase, n, &sums);
		printf("%-4s %d %-8s %9.1f %9.3f %9.3f %9.3f %9.3f %9.1f %6.1f\n", source,
				bench->chroma, phases[phase], sums.in / 1e3 / frames,
				sums.look / frames, sums.write / frames,
				(sums.look + sums.write) / frames, sums.decode / frames,
				sums.out / 1e3 / frames, sums.rectangles / frames);
	}
	decoder_free(bench->blocks);
	decoder_free(bench->pixels);
}

void bench_blocks(int width, int height, int selector, int frames)
{
	struct bench bench = {.width = width,
			.height = height,
			.selector = selector,
			.frames = frames,
			.encoder = encoder_new()};

	if (!bench.encoder || !picture_resize(&bench.picture, width, height))
		abort();
	printf("%dx%d, selector %d, means of %d frames, ms of CPU\n"
	       "blocks: a frame kept as blocks; write: rectangles planned and written; pixels: the "
	       "same frame decoded\n\n"
	       "%-17s %9s %9s %9s %9s %9s %9s %6s\n",
			width, height, selector, frames, "source", "kB in", "blocks", "write",
			"sum", "pixels", "kB out", "rects");
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		bench.chroma = chroma;
		bench.codec = DECODER_AJPG;
		play(&bench, "AJPG");
		bench.codec = DECODER_JPEG;
		play(&bench, "JPEG");
	}
	free(bench.room);
	picture_release(&bench.picture);
	encoder_free(bench.encoder);
}
