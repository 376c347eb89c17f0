/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>
#include "decoder/recode_pixels.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RECODE_PIXELS JCS_EXT_BGRX
#else
#define RECODE_PIXELS JCS_EXT_XRGB
#endif

/* Letters stay above 45 dB. */
#define RECODE_QUALITY 98

struct recode_pixels {
	struct jpeg_compress_struct libjpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_destination_mgr target;
	jmp_buf failed;
};

static void pixels_error_exit(j_common_ptr common)
{
	struct recode_pixels *pixels = common->client_data;

	longjmp(pixels->failed, 1);
}

static void pixels_error_message(j_common_ptr common, int level)
{
	(void)common;
	(void)level;
}

static void pixels_error_output(j_common_ptr common)
{
	(void)common;
}

static void pixels_target_nothing(j_compress_ptr libjpeg)
{
	(void)libjpeg;
}

/* There is room for whatever a rectangle can take: the caller was told. */
static boolean pixels_target_full(j_compress_ptr libjpeg)
{
	struct recode_pixels *pixels = libjpeg->client_data;

	longjmp(pixels->failed, 1);
}

static bool pixels_create(struct recode_pixels *pixels)
{
	if (setjmp(pixels->failed))
		return false;
	jpeg_create_compress(&pixels->libjpeg);
	pixels->libjpeg.input_components = 4;
	pixels->libjpeg.in_color_space = RECODE_PIXELS;
	pixels->libjpeg.image_width = pixels->libjpeg.image_height = 1;
	jpeg_set_defaults(&pixels->libjpeg);
	jpeg_set_quality(&pixels->libjpeg, RECODE_QUALITY, TRUE);
	pixels->libjpeg.comp_info[0].h_samp_factor = 1;
	pixels->libjpeg.comp_info[0].v_samp_factor = 1;
	pixels->libjpeg.dct_method = JDCT_ISLOW;
	return true;
}

struct recode_pixels *recode_pixels_new(void)
{
	struct recode_pixels *pixels = calloc(1, sizeof(*pixels));

	if (!pixels)
		return NULL;
	pixels->libjpeg.err = jpeg_std_error(&pixels->errors);
	pixels->errors.error_exit = pixels_error_exit;
	pixels->errors.emit_message = pixels_error_message;
	pixels->errors.output_message = pixels_error_output;
	pixels->libjpeg.client_data = pixels;
	if (!pixels_create(pixels)) {
		recode_pixels_free(pixels);
		return NULL;
	}
	pixels->target.init_destination = pixels_target_nothing;
	pixels->target.empty_output_buffer = pixels_target_full;
	pixels->target.term_destination = pixels_target_nothing;
	pixels->libjpeg.dest = &pixels->target;
	return pixels;
}

void recode_pixels_free(struct recode_pixels *pixels)
{
	if (!pixels)
		return;
	jpeg_destroy_compress(&pixels->libjpeg);
	free(pixels);
}

/* The viewer's libjpeg has the usual tables, or each JPEG does. */
static void pixels_tables(struct jpeg_compress_struct *libjpeg, bool full_header)
{
	jpeg_suppress_tables(libjpeg, FALSE);
	for (int i = 0; i < 2; i++)
		libjpeg->dc_huff_tbl_ptrs[i]->sent_table =
				libjpeg->ac_huff_tbl_ptrs[i]->sent_table = !full_header;
	libjpeg->write_JFIF_header = full_header;
}

size_t recode_pixels_write(struct recode_pixels *pixels, const struct picture *picture,
		const struct recode_rectangle *rectangle, bool full_header, uint8_t *bytes,
		size_t room)
{
	struct jpeg_compress_struct *libjpeg;

	if (!pixels)
		return 0;
	libjpeg = &pixels->libjpeg;
	pixels->target.next_output_byte = bytes;
	pixels->target.free_in_buffer = room;
	if (setjmp(pixels->failed)) {
		jpeg_abort_compress(&pixels->libjpeg);
		return 0;
	}
	libjpeg->image_width = rectangle->width;
	libjpeg->image_height = rectangle->height;
	pixels_tables(libjpeg, full_header);
	jpeg_start_compress(libjpeg, FALSE);
	while (libjpeg->next_scanline < libjpeg->image_height) {
		JSAMPROW row = (JSAMPROW)(picture->pixels +
					  (size_t)(rectangle->y + (int)libjpeg->next_scanline) *
							  picture->stride +
					  rectangle->x);

		jpeg_write_scanlines(libjpeg, &row, 1);
	}
	jpeg_finish_compress(libjpeg);
	return room - pixels->target.free_in_buffer;
}

size_t recode_picture_bound(const struct recode_rectangle *rectangle)
{
	size_t columns = ((size_t)rectangle->width + 7) / 8;
	size_t rows = ((size_t)rectangle->height + 7) / 8;

	/* Sixty-four codes of 26 bits in each of three blocks would be more; no picture has them:
	 * two bytes for a sample is what libjpeg-turbo's own bound has as well. */
	return 2048 + columns * rows * 3 * 64 * 2;
}

size_t recode_picture(const struct picture *picture, const struct recode_rectangle *rectangle,
		uint8_t *bytes, size_t room)
{
	struct recode_pixels *pixels;
	size_t size;

	if (rectangle->x < 0 || rectangle->y < 0 || rectangle->width < 1 || rectangle->height < 1 ||
			rectangle->width > picture->width - rectangle->x ||
			rectangle->height > picture->height - rectangle->y)
		return 0;
	pixels = recode_pixels_new();
	size = recode_pixels_write(pixels, picture, rectangle, true, bytes, room);
	recode_pixels_free(pixels);
	return size;
}
