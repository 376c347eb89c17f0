/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include "decoder/ajpg_tables.h"
#include "decoder/picture.h"
#include "sim/jpeg.h"
#include "sim/transform.h"

#define JPEG_FIRST_ROOM 65536 /* bytes */

struct jpeg {
	struct jpeg_compress_struct compress;
	struct jpeg_error_mgr errors;
	jmp_buf failed;
	unsigned char *data; /* the last stream */
	unsigned long room;  /* bytes of it that are known to be there */
	uint8_t row[3 * PICTURE_MAX];
	uint8_t planes[3][PICTURE_MAX];
};

/* libjpeg would end the process otherwise; short memory is the only way here. */
static void jpeg_fail(j_common_ptr common)
{
	struct jpeg *jpeg = common->client_data;

	longjmp(jpeg->failed, 1);
}

static void jpeg_say_nothing(j_common_ptr common)
{
}

/* No locals here and below where libjpeg may jump back to: they would not survive it. */
static bool jpeg_create(struct jpeg *jpeg)
{
	if (setjmp(jpeg->failed))
		return false;
	jpeg_create_compress(&jpeg->compress);
	return true;
}

struct jpeg *jpeg_new(void)
{
	struct jpeg *jpeg = calloc(1, sizeof(*jpeg));

	if (!jpeg)
		return NULL;
	jpeg->compress.err = jpeg_std_error(&jpeg->errors);
	jpeg->errors.error_exit = jpeg_fail;
	jpeg->errors.output_message = jpeg_say_nothing;
	jpeg->compress.client_data = jpeg;
	jpeg->room = JPEG_FIRST_ROOM;
	jpeg->data = malloc(jpeg->room);
	if (!jpeg->data || !jpeg_create(jpeg)) {
		free(jpeg->data);
		free(jpeg);
		return NULL;
	}
	return jpeg;
}

void jpeg_free(struct jpeg *jpeg)
{
	if (!jpeg)
		return;
	jpeg_destroy_compress(&jpeg->compress);
	free(jpeg->data);
	free(jpeg);
}

static void jpeg_table(struct jpeg *jpeg, int which, const uint8_t steps[64])
{
	unsigned int natural[64];

	for (int i = 0; i < 64; i++)
		natural[i] = steps[i];
	jpeg_add_quant_table(&jpeg->compress, which, natural, 100, TRUE);
}

static void jpeg_setup(
		struct jpeg *jpeg, int width, int height, const struct encoder_settings *settings)
{
	struct jpeg_compress_struct *compress = &jpeg->compress;
	int sampling = settings->chroma == 420 ? 2 : 1;

	compress->image_width = width;
	compress->image_height = height;
	/* libjpeg's own conversion knows full swing only. */
	compress->input_components = 3;
	compress->in_color_space = JCS_YCbCr;
	jpeg_set_defaults(compress);
	jpeg_set_colorspace(compress, JCS_YCbCr);
	compress->comp_info[0].h_samp_factor = sampling;
	compress->comp_info[0].v_samp_factor = sampling;
	jpeg_table(jpeg, 0, ajpg_luma_steps[settings->selector]);
	jpeg_table(jpeg, 1, ajpg_chroma_steps[settings->selector]);
	compress->density_unit = 1;
	compress->X_density = 96;
	compress->Y_density = 96;
}

static void jpeg_rows(struct jpeg *jpeg, const uint32_t *pixels, int stride, bool studio)
{
	static const unsigned char comment[13] = {0x05, 0x2d};
	int width = jpeg->compress.image_width;
	JSAMPROW row = jpeg->row;

	jpeg_start_compress(&jpeg->compress, TRUE);
	jpeg_write_marker(&jpeg->compress, JPEG_COM, comment, sizeof(comment));
	while (jpeg->compress.next_scanline < jpeg->compress.image_height) {
		transform_samples(pixels + (size_t)jpeg->compress.next_scanline * stride, width,
				studio, jpeg->planes[0], jpeg->planes[1], jpeg->planes[2]);
		for (int x = 0; x < width; x++)
			for (int plane = 0; plane < 3; plane++)
				jpeg->row[3 * x + plane] = jpeg->planes[plane][x];
		jpeg_write_scanlines(&jpeg->compress, &row, 1);
	}
	jpeg_finish_compress(&jpeg->compress);
}

static bool jpeg_try(struct jpeg *jpeg, const uint32_t *pixels, int width, int height, int stride,
		const struct encoder_settings *settings)
{
	if (setjmp(jpeg->failed)) {
		jpeg_abort_compress(&jpeg->compress);
		return false;
	}
	jpeg_setup(jpeg, width, height, settings);
	jpeg_rows(jpeg, pixels, stride, settings->studio);
	return true;
}

const uint8_t *jpeg_encode(struct jpeg *jpeg, const uint32_t *pixels, int width, int height,
		int stride, const struct encoder_settings *settings, size_t *size)
{
	/* libjpeg never frees the memory it is given; when that is too small it allocates some
	 * more, for us to keep. */
	unsigned char *data = jpeg->data;
	unsigned long used = jpeg->room;

	jpeg_mem_dest(&jpeg->compress, &data, &used);
	if (!jpeg_try(jpeg, pixels, width, height, stride, settings)) {
		errno = ENOMEM;
		return NULL;
	}
	if (data != jpeg->data) {
		free(jpeg->data);
		jpeg->data = data;
		jpeg->room = used;
	}
	*size = used;
	return jpeg->data;
}
