/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The pixel formats that frames come in, and what can be told from a frame without decoding it.
 * Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "capture/capture.h"
#include "capture/v4l2.h"

struct v4l2_format_entry {
	enum v4l2_choice choice;
	uint32_t fourcc; /* V4L2_PIX_FMT_... of linux/videodev2.h */
	enum capture_codec codec;
	const char *name; /* in messages */
	int bits;         /* a pixel, raw formats; 0: compressed */
};

/* The candidates for a choice, best first: the entry at a position, NULL after the last. */
const struct v4l2_format_entry *v4l2_formats_candidate(enum v4l2_choice choice, int position);

/* Whether the quantisation (V4L2_QUANTIZATION_...) of a format means samples 16..235. */
bool v4l2_formats_studio(const struct v4l2_format_entry *entry, uint32_t quantization);

/*
 * Whether colours were made by BT.709, by what a format says (V4L2_YCBCR_ENC_..., or by default what
 * goes with V4L2_COLORSPACE_...).
 */
bool v4l2_formats_bt709(uint32_t colorspace, uint32_t encoding);

/*
 * Whether a compressed frame ends where its buffer does, so that the engine had to leave out the
 * rest. room: the format's sizeimage.
 *
 * The engine writes whole packets of 1 KiB at least (aspeed_video_calc_compressed_size), so a frame
 * that reaches into the last KiB is taken for cut, unless a JPEG's end marker is there. A missing
 * end marker alone means nothing: the engine leaves it out at times.
 */
bool v4l2_formats_cut(enum capture_codec codec, const uint8_t *data, size_t size, size_t room);
