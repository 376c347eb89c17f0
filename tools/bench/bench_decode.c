/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a frame takes to decode, beside libjpeg-turbo on the same picture with the same
 * coefficients, and beside a plain copy of the picture: ratios from one run, medians of CPU time,
 * the candidates taking turns. Then frames of raw pixels, changed all over and not at all, beside a
 * plain copy of the same bytes. With -b: frames kept as blocks, and sent (bench_blocks.h).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include "decoder/decoder.h"
#include "decoder/kernels.h"
#include "sim/encoder_picture.h"
#include "tools/bench/bench_blocks.h"
#include "tools/bench/cpu.h"
#include "tools/bench/scenes.h"

enum { OURS, TURBO, TURBO_PLAIN, COPY, CANDIDATES };

struct bench {
	int width, height, selector, rounds;
	struct encoder *encoder;
	struct decoder *decoder;
	struct picture picture;    /* the scene */
	uint32_t *target;          /* libjpeg's, and of the copy */
	double *times[CANDIDATES]; /* milliseconds, of each round */
};

struct bytes {
	uint8_t *data;
	size_t size;
};

static struct bytes bytes_keep(const uint8_t *data, size_t size)
{
	struct bytes bytes = {.data = malloc(size), .size = size};

	if (!data || !bytes.data)
		abort();
	memcpy(bytes.data, data, size);
	return bytes;
}

static void turbo_decode(struct bench *bench, const struct bytes *jpeg, bool plain)
{
	struct jpeg_decompress_struct libjpeg;
	struct jpeg_error_mgr errors;

	libjpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&libjpeg);
	jpeg_mem_src(&libjpeg, jpeg->data, jpeg->size);
	jpeg_read_header(&libjpeg, TRUE);
	libjpeg.out_color_space = JCS_EXT_BGRX;
	if (plain)
		libjpeg.do_fancy_upsampling = FALSE;
	jpeg_start_decompress(&libjpeg);
	while (libjpeg.output_scanline < libjpeg.output_height) {
		JSAMPROW row = (JSAMPROW)(bench->target +
					  (size_t)libjpeg.output_scanline * bench->width);

		jpeg_read_scanlines(&libjpeg, &row, 1);
	}
	jpeg_finish_decompress(&libjpeg);
	jpeg_destroy_decompress(&libjpeg);
}

static void run(struct bench *bench, const char *name, int chroma, const struct bytes *first,
		const struct bytes *frame, const struct bytes *jpeg)
{
	struct decoder_frame full = {.data = first->data,
			.size = first->size,
			.codec = DECODER_AJPG,
			.width = bench->width,
			.height = bench->height,
			.chroma = chroma,
			.selector = bench->selector,
			.second_selector = -1};
	struct decoder_frame measured = full;
	struct decoder_result result;
	double ms[CANDIDATES];

	measured.data = frame->data;
	measured.size = frame->size;
	for (int i = 0; i < bench->rounds; i++) {
		double t[CANDIDATES + 1];

		/* What looks the same is not written: show something else before. */
		if (!decoder_decode(bench->decoder, &full, &result))
			abort();
		t[0] = cpu_ms();
		if (!decoder_decode(bench->decoder, &measured, &result))
			abort();
		t[1] = cpu_ms();
		turbo_decode(bench, jpeg, false);
		t[2] = cpu_ms();
		turbo_decode(bench, jpeg, true);
		t[3] = cpu_ms();
		memcpy(bench->target, bench->picture.pixels,
				(size_t)bench->width * bench->height * sizeof(uint32_t));
		t[4] = cpu_ms();
		for (int c = 0; c < CANDIDATES; c++)
			bench->times[c][i] = t[c + 1] - t[c];
	}
	for (int c = 0; c < CANDIDATES; c++)
		ms[c] = cpu_median(bench->times[c], bench->rounds);
	printf("%-14s %d %9zu %9.3f %9.3f %9.3f %7.3f %9.3f %9.3f %9.2f\n", name, chroma,
			frame->size, ms[OURS], ms[TURBO], ms[TURBO_PLAIN], ms[COPY],
			ms[OURS] / ms[TURBO], ms[OURS] / ms[TURBO_PLAIN], ms[OURS] / ms[COPY]);
}

static struct bytes encode(struct bench *bench, int chroma, bool jpeg, bool full)
{
	struct encoder_settings settings = {
			.chroma = chroma, .selector = bench->selector, .second_selector = -1};
	size_t size;
	const uint8_t *data = encoder_picture(
			bench->encoder, &bench->picture, &settings, jpeg, full, &size);

	return bytes_keep(data, size);
}

static void measure(struct bench *bench, int chroma)
{
	static const struct {
		const char *name;
		enum scene scene;
		int change; /* 0: the whole frame; 1: the window moves; 2: a character is typed */
	} contents[] = {
			{"desktop", SCENE_DESKTOP, 0},
			{"photo", SCENE_PHOTO, 0},
			{"dense text", SCENE_TEXT, 0},
			{"window move", SCENE_DESKTOP, 1},
			{"one character", SCENE_DESKTOP, 2},
	};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		struct bytes first, frame, jpeg;

		scene_draw(&bench->picture, contents[i].scene, 0);
		if (!contents[i].change)
			scene_invert(&bench->picture);
		first = encode(bench, chroma, false, true);
		if (!contents[i].change)
			scene_draw(&bench->picture, contents[i].scene, 0);
		else if (contents[i].change == 1)
			scene_draw(&bench->picture, contents[i].scene, 1);
		else
			scene_type(&bench->picture, 7);
		frame = encode(bench, chroma, false, contents[i].change == 0);
		jpeg = encode(bench, chroma, true, true);
		run(bench, contents[i].name, chroma, &first, &frame, &jpeg);
		free(first.data);
		free(frame.data);
		free(jpeg.data);
	}
}

/* Bytes of the scene as a grabber sends them; what they mean does not matter. */
static void raw_fill(const struct bench *bench, uint8_t *bytes, size_t pixel)
{
	for (size_t i = 0; i < (size_t)bench->width * bench->height; i++)
		memcpy(bytes + i * pixel, &bench->picture.pixels[i], pixel);
}

static void measure_raw(struct bench *bench)
{
	static const struct {
		const char *name;
		enum decoder_codec codec;
		size_t pixel; /* bytes */
	} formats[] = {
			{"XBGR32", DECODER_XBGR32, 4},
			{"BGR24", DECODER_BGR24, 3},
			{"UYVY", DECODER_UYVY, 2},
			{"YUYV", DECODER_YUYV, 2},
	};
	size_t room = (size_t)bench->width * bench->height * 4;
	uint8_t *bytes[2] = {malloc(room), malloc(room)};

	if (!bytes[0] || !bytes[1])
		abort();
	printf("\n%-14s %9s %9s %9s %9s %9s %9s\n", "raw", "bytes", "changed", "still", "copy",
			"chg/copy", "still/cpy");
	for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
		struct decoder_frame frame = {
				.size = formats[f].pixel * bench->width * bench->height,
				.codec = formats[f].codec,
				.width = bench->width,
				.height = bench->height,
				.stride = (int)formats[f].pixel * bench->width,
				.studio = true};
		struct decoder_result result;
		double ms[3];

		scene_draw(&bench->picture, SCENE_PHOTO, 0);
		raw_fill(bench, bytes[0], formats[f].pixel);
		scene_invert(&bench->picture);
		raw_fill(bench, bytes[1], formats[f].pixel);
		for (int i = 0; i < bench->rounds; i++) {
			double t[4];

			frame.data = bytes[i % 2];
			t[0] = cpu_ms();
			for (int still = 0; still < 2; still++) {
				if (!decoder_decode(bench->decoder, &frame, &result))
					abort();
				t[1 + still] = cpu_ms();
			}
			memcpy(bench->target, frame.data, frame.size);
			t[3] = cpu_ms();
			for (int c = 0; c < 3; c++)
				bench->times[c][i] = t[c + 1] - t[c];
		}
		for (int c = 0; c < 3; c++)
			ms[c] = cpu_median(bench->times[c], bench->rounds);
		printf("%-14s %9zu %9.3f %9.3f %9.3f %9.2f %9.2f\n", formats[f].name, frame.size,
				ms[0], ms[1], ms[2], ms[0] / ms[2], ms[1] / ms[2]);
	}
	free(bytes[0]);
	free(bytes[1]);
}

int main(int argc, char **argv)
{
	struct bench bench = {.width = 1920, .height = 1080, .selector = 7, .rounds = 41};
	bool blocks = false;
	int option;

	while ((option = getopt(argc, argv, "bs:n:")) != -1) {
		if (option == 's')
			bench.selector = atoi(optarg);
		else if (option == 'n')
			bench.rounds = atoi(optarg);
		else if (option == 'b')
			blocks = true;
		else
			return 2;
	}
	if (optind != argc || bench.selector < 0 || bench.selector > 11 || bench.rounds < 1) {
		fprintf(stderr, "usage: bench_decode [-b] [-s SELECTOR] [-n ROUNDS]\n");
		return 2;
	}
	if (blocks) {
		bench_blocks(bench.width, bench.height, bench.selector, bench.rounds);
		return 0;
	}
	bench.encoder = encoder_new();
	bench.decoder = decoder_new();
	bench.target = malloc((size_t)bench.width * bench.height * sizeof(uint32_t));
	for (int c = 0; c < CANDIDATES; c++)
		bench.times[c] = malloc(bench.rounds * sizeof(double));
	if (!bench.encoder || !bench.decoder || !bench.target ||
			!picture_resize(&bench.picture, bench.width, bench.height))
		return 1;
	memset(bench.target, 0, (size_t)bench.width * bench.height * sizeof(uint32_t));
	printf("%dx%d, selector %d, kernels %s, medians of %d rounds, ms of CPU\n"
	       "turbo: libjpeg-turbo's defaults; plain: without smooth chroma, as ours\n\n"
	       "%-14s %s %9s %9s %9s %9s %7s %9s %9s %9s\n",
			bench.width, bench.height, bench.selector, kernels_best()->name,
			bench.rounds, "content", "   ", "bytes", "ours", "turbo", "plain", "copy",
			"our/turbo", "our/plain", "our/copy");
	measure(&bench, 420);
	measure(&bench, 444);
	measure_raw(&bench);
	for (int c = 0; c < CANDIDATES; c++)
		free(bench.times[c]);
	free(bench.target);
	picture_release(&bench.picture);
	decoder_free(bench.decoder);
	encoder_free(bench.encoder);
	return 0;
}
