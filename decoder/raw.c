/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/raw.h"

/* Bytes that two pixels take, in the widest format. */
#define RAW_PAIR_MAX 8

/*
 * ITU-R BT.601-7 2.5 and BT.709-6 3: weights of red and blue in luma 0.299 and 0.114, 0.2126 and
 * 0.0722. Studio swing has 219 steps of luma from 16, and 224 of chroma.
 */
#define RAW_FULL               1.0, 1.0
#define RAW_STUDIO             (255.0 / 219), (255.0 / 224)
#define RAW_FIXED(value, bits) (int16_t)((value) * (1 << (bits)) + ((value) < 0 ? -0.5 : 0.5))
#define RAW_YUV_OF(first, red, blue, luma_scale, scale)                                           \
	{                                                                                         \
		.black = (first), .luma = RAW_FIXED(luma_scale, 14),                              \
		.red_cr = RAW_FIXED(2 * (1 - (red)) * (scale), 13),                               \
		.green_cb = RAW_FIXED(                                                            \
				-2 * (1 - (blue)) * (blue) / (1 - (red) - (blue)) * (scale), 13), \
		.green_cr = RAW_FIXED(                                                            \
				-2 * (1 - (red)) * (red) / (1 - (red) - (blue)) * (scale), 13),   \
		.blue_cb = RAW_FIXED(2 * (1 - (blue)) * (scale), 13),                             \
	}
#define RAW_YUV(...) RAW_YUV_OF(__VA_ARGS__)

static const struct kernels_yuv raw_yuv[2][2] = {
		{RAW_YUV(0, 0.299, 0.114, RAW_FULL), RAW_YUV(16, 0.299, 0.114, RAW_STUDIO)},
		{RAW_YUV(0, 0.2126, 0.0722, RAW_FULL), RAW_YUV(16, 0.2126, 0.0722, RAW_STUDIO)},
};

struct raw {
	kernels_row_fn row;
	const struct kernels_yuv *yuv;
	int pair;  /* bytes of two pixels */
	int bytes; /* of a row; a pair of UYVY is whole */
};

static struct raw raw_of(const struct kernels *kernels, const struct decoder_frame *frame)
{
	struct raw raw = {.yuv = &raw_yuv[frame->bt709][frame->studio]};
	int pairs = (frame->width + 1) / 2;

	switch (frame->codec) {
	case DECODER_BGR24:
		raw.row = kernels->bgr24;
		raw.pair = 6;
		raw.bytes = frame->width * 3;
		break;
	case DECODER_UYVY:
		raw.row = kernels->uyvy;
		raw.pair = 4;
		raw.bytes = pairs * 4;
		break;
	case DECODER_YUYV:
		raw.row = kernels->yuyv;
		raw.pair = 4;
		raw.bytes = pairs * 4;
		break;
	default:
		raw.row = kernels->xbgr32;
		raw.pair = 8;
		raw.bytes = frame->width * 4;
		break;
	}
	return raw;
}

/* The end of a row that is no whole run: neither the data nor what is shown go on behind it. */
static void raw_rest(const struct raw *raw, const uint8_t *bytes, int size, int width,
		uint32_t *pixels, uint8_t *changed)
{
	uint8_t whole[KERNELS_RUN / 2 * RAW_PAIR_MAX] = {0}, any = 0;
	uint32_t fresh[KERNELS_RUN] = {0};

	memcpy(whole, bytes, size);
	raw->row(whole, 1, raw->yuv, fresh, &any);
	if (memcmp(fresh, pixels, width * sizeof(*pixels)) == 0)
		return;
	memcpy(pixels, fresh, width * sizeof(*pixels));
	*changed = 1;
}

static void raw_row(const struct raw *raw, const uint8_t *bytes, int width, uint32_t *pixels,
		uint8_t *changed)
{
	int runs = width / KERNELS_RUN, done = runs * (KERNELS_RUN / 2 * raw->pair);

	raw->row(bytes, runs, raw->yuv, pixels, changed);
	if (width % KERNELS_RUN)
		raw_rest(raw, bytes + done, raw->bytes - done, width % KERNELS_RUN,
				pixels + (size_t)runs * KERNELS_RUN, changed + runs);
}

static void raw_count(struct damage *damage)
{
	int total = damage->columns * damage->rows, count = 0;

	for (int i = 0; i < total; i++)
		count += damage->map[i];
	damage->count = count;
}

bool raw_decode(const struct kernels *kernels, const struct decoder_frame *frame,
		struct picture *picture, struct damage *damage, struct decoder_result *result)
{
	struct raw raw = raw_of(kernels, frame);

	if (frame->stride < raw.bytes) {
		result->fault = DECODER_BAD_FRAME;
		return false;
	}
	/* 64 bits: a stride may be anything. What pads the last row may be missing. */
	if ((uint64_t)frame->stride * (picture->height - 1) + raw.bytes > frame->size) {
		result->fault = DECODER_TRUNCATED;
		result->word = frame->size / 4;
		result->y = (int)(frame->size / frame->stride / RAW_UNIT);
		return false;
	}
	for (int y = 0; y < picture->height; y++)
		raw_row(&raw, frame->data + (size_t)frame->stride * y, picture->width,
				picture->pixels + (size_t)picture->stride * y,
				damage->map + (size_t)damage->columns * (y / RAW_UNIT));
	raw_count(damage);
	result->fault = DECODER_OK;
	return true;
}
