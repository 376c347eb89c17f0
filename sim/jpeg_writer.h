/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The engine's JPEG mode, for encoder.c: libjpeg with the engine's tables and its header's shape
 * (JFIF at 96 dpi, a comment of 13 bytes, one scan, no restart markers) as
 * drivers/media/platform/aspeed/aspeed-video.c writes it.
 */
#include <stddef.h>
#include <stdint.h>
#include "sim/encoder.h"

struct jpeg_writer;

struct jpeg_writer *jpeg_writer_new(void); /* NULL when memory is short */

/* As encoder_jpeg, which has checked size and settings. NULL with errno ENOMEM when memory is
 * short. */
const uint8_t *jpeg_writer_encode(struct jpeg_writer *writer, const uint32_t *pixels, int width,
		int height, int stride, const struct encoder_settings *settings, size_t *size);

void jpeg_writer_free(struct jpeg_writer *writer); /* NULL is fine */
