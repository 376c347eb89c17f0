/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/jpeg_coder.h"

#define UNIT    16
#define QUALITY 95

static int coder_plan(const struct display_damage *dirty, struct display_rectangle *out, int most,
		void *data)
{
	struct jpeg_coder *coder = data;
	const struct display_picture *picture = &coder->picture;
	int count = 0;

	coder->plans++;
	coder->last_unit = dirty->unit;
	for (int y = 0; y < dirty->rows; y++)
		for (int x = 0; x < dirty->columns; x++) {
			int left = x;

			while (x < dirty->columns && dirty->map[(size_t)y * dirty->columns + x])
				x++;
			if (x == left)
				continue;
			if (count == most) {
				out[0] = (struct display_rectangle){
						0, 0, picture->width, picture->height};
				return 1;
			}
			out[count++] = (struct display_rectangle){left * dirty->unit,
					y * dirty->unit,
					MIN(x * dirty->unit, picture->width) - left * dirty->unit,
					MIN(dirty->unit, picture->height - y * dirty->unit)};
		}
	return count;
}

static bool coder_write(const struct display_rectangle *rectangle, GByteArray *out, void *data)
{
	struct jpeg_coder *coder = data;
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long size = 0;

	coder->writes++;
	if (coder->fails)
		return false;
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &size);
	jpeg.image_width = rectangle->width;
	jpeg.image_height = rectangle->height;
	jpeg.input_components = 4;
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
	jpeg.in_color_space = JCS_EXT_BGRX;
#else
	jpeg.in_color_space = JCS_EXT_XRGB;
#endif
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, QUALITY, TRUE);
	jpeg.comp_info[0].h_samp_factor = 1;
	jpeg.comp_info[0].v_samp_factor = 1;
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		JSAMPROW row = (JSAMPROW)(coder->pixels +
					  (size_t)(rectangle->y + jpeg.next_scanline) *
							  coder->picture.stride +
					  rectangle->x);

		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	g_byte_array_append(out, bytes, size);
	free(bytes);
	return true;
}

static void coder_refresh(void *data)
{
}

void jpeg_coder_resize(struct jpeg_coder *coder, int width, int height)
{
	int stride = (width + UNIT - 1) / UNIT * UNIT;

	g_free(coder->pixels);
	coder->pixels = g_new(uint32_t, (size_t)stride * height);
	coder->picture = (struct display_picture){
			width, height, stride, coder->pixels, &coder->coder};
	for (int y = 0; y < height; y++)
		for (int x = 0; x < stride; x++)
			coder->pixels[(size_t)y * stride + x] = (uint32_t)(x * 200 / stride + 20)
										<< 16 |
								(uint32_t)(y * 200 / height + 30)
										<< 8 |
								0x40;
}

void jpeg_coder_init(struct jpeg_coder *coder, int width, int height)
{
	*coder = (struct jpeg_coder){.coder = {.plan = coder_plan,
						     .write = coder_write,
						     .refresh = coder_refresh,
						     .data = coder}};
	jpeg_coder_resize(coder, width, height);
}

void jpeg_coder_release(struct jpeg_coder *coder)
{
	g_clear_pointer(&coder->pixels, g_free);
}

struct display_damage jpeg_coder_damage(const struct jpeg_coder *coder, const uint8_t *map)
{
	return (struct display_damage){.unit = UNIT,
			.columns = (coder->picture.width + UNIT - 1) / UNIT,
			.rows = (coder->picture.height + UNIT - 1) / UNIT,
			.map = map};
}

void jpeg_coder_fill(struct jpeg_coder *coder, int column, int row, uint32_t colour, uint8_t *map)
{
	struct display_damage damage = jpeg_coder_damage(coder, map);

	for (int y = row * UNIT; y < MIN((row + 1) * UNIT, coder->picture.height); y++)
		for (int x = column * UNIT; x < (column + 1) * UNIT; x++)
			coder->pixels[(size_t)y * coder->picture.stride + x] = colour;
	map[(size_t)row * damage.columns + column] = 1;
}

struct decode_errors {
	struct jpeg_error_mgr errors;
	jmp_buf out;
};

static void decode_fail(j_common_ptr jpeg)
{
	longjmp(((struct decode_errors *)jpeg->err)->out, 1);
}

bool jpeg_decode(const uint8_t *bytes, size_t size, int width, int height, uint32_t *pixels,
		int stride)
{
	struct jpeg_decompress_struct jpeg;
	struct decode_errors errors;
	volatile bool fits = false;

	jpeg.err = jpeg_std_error(&errors.errors);
	errors.errors.error_exit = decode_fail;
	jpeg_create_decompress(&jpeg);
	if (setjmp(errors.out) == 0) {
		jpeg_mem_src(&jpeg, bytes, size);
		jpeg_read_header(&jpeg, TRUE);
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
		jpeg.out_color_space = JCS_EXT_BGRX;
#else
		jpeg.out_color_space = JCS_EXT_XRGB;
#endif
		jpeg_start_decompress(&jpeg);
		fits = (int)jpeg.output_width == width && (int)jpeg.output_height == height;
		while (fits && jpeg.output_scanline < jpeg.output_height) {
			JSAMPROW row = (JSAMPROW)(pixels + (size_t)jpeg.output_scanline * stride);

			jpeg_read_scanlines(&jpeg, &row, 1);
		}
	}
	jpeg_destroy_decompress(&jpeg);
	return fits;
}

double jpeg_psnr(const struct display_picture *picture, const uint32_t *pixels, int stride)
{
	double sum = 0;

	for (int y = 0; y < picture->height; y++)
		for (int x = 0; x < picture->width; x++) {
			uint32_t a = picture->pixels[(size_t)y * picture->stride + x];
			uint32_t b = pixels[(size_t)y * stride + x];

			for (int shift = 0; shift < 24; shift += 8) {
				double error = (double)(a >> shift & 0xff) - (b >> shift & 0xff);

				sum += error * error;
			}
		}
	if (sum == 0)
		return 99;
	return 10 * log10(255.0 * 255.0 * 3 * picture->width * picture->height / sum);
}
