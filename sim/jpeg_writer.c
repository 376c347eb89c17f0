/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include "decoder/ajpg_tables.h"
#include "decoder/picture.h"
#include "sim/jpeg_writer.h"
#include "sim/transform.h"

#define JPEG_WRITER_ROOM 65536 /* bytes */

struct jpeg_writer {
	struct jpeg_compress_struct compress;
	struct jpeg_error_mgr errors;
	jmp_buf failed;
	unsigned char *data; /* the last stream */
	unsigned long room;  /* bytes of it that are known to be there */
	uint8_t row[3 * PICTURE_MAX];
	uint8_t planes[3][PICTURE_MAX];
};

/* libjpeg would end the process otherwise; short memory is the only way here. */
static void jpeg_writer_fail(j_common_ptr common)
{
	struct jpeg_writer *writer = common->client_data;

	longjmp(writer->failed, 1);
}

static void jpeg_writer_say_nothing(j_common_ptr common)
{
}

/* No locals here and below where libjpeg may jump back to: they would not survive it. */
static bool jpeg_writer_create(struct jpeg_writer *writer)
{
	if (setjmp(writer->failed))
		return false;
	jpeg_create_compress(&writer->compress);
	return true;
}

struct jpeg_writer *jpeg_writer_new(void)
{
	struct jpeg_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->compress.err = jpeg_std_error(&writer->errors);
	writer->errors.error_exit = jpeg_writer_fail;
	writer->errors.output_message = jpeg_writer_say_nothing;
	writer->compress.client_data = writer;
	writer->room = JPEG_WRITER_ROOM;
	writer->data = malloc(writer->room);
	if (!writer->data || !jpeg_writer_create(writer)) {
		free(writer->data);
		free(writer);
		return NULL;
	}
	return writer;
}

void jpeg_writer_free(struct jpeg_writer *writer)
{
	if (!writer)
		return;
	jpeg_destroy_compress(&writer->compress);
	free(writer->data);
	free(writer);
}

static void jpeg_writer_table(struct jpeg_writer *writer, int which, const uint8_t steps[64])
{
	unsigned int natural[64];

	for (int i = 0; i < 64; i++)
		natural[i] = steps[i];
	jpeg_add_quant_table(&writer->compress, which, natural, 100, TRUE);
}

static void jpeg_writer_setup(struct jpeg_writer *writer, int width, int height,
		const struct encoder_settings *settings)
{
	struct jpeg_compress_struct *compress = &writer->compress;
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
	jpeg_writer_table(writer, 0, ajpg_luma_steps[settings->selector]);
	jpeg_writer_table(writer, 1, ajpg_chroma_steps[settings->selector]);
	compress->density_unit = 1;
	compress->X_density = 96;
	compress->Y_density = 96;
}

static void jpeg_writer_rows(
		struct jpeg_writer *writer, const uint32_t *pixels, int stride, bool studio)
{
	static const unsigned char comment[13] = {0x05, 0x2d};
	int width = writer->compress.image_width;
	JSAMPROW row = writer->row;

	jpeg_start_compress(&writer->compress, TRUE);
	jpeg_write_marker(&writer->compress, JPEG_COM, comment, sizeof(comment));
	while (writer->compress.next_scanline < writer->compress.image_height) {
		transform_samples(pixels + (size_t)writer->compress.next_scanline * stride, width,
				studio, writer->planes[0], writer->planes[1], writer->planes[2]);
		for (int x = 0; x < width; x++)
			for (int plane = 0; plane < 3; plane++)
				writer->row[3 * x + plane] = writer->planes[plane][x];
		jpeg_write_scanlines(&writer->compress, &row, 1);
	}
	jpeg_finish_compress(&writer->compress);
}

static bool jpeg_writer_try(struct jpeg_writer *writer, const uint32_t *pixels, int width,
		int height, int stride, const struct encoder_settings *settings)
{
	if (setjmp(writer->failed)) {
		jpeg_abort_compress(&writer->compress);
		return false;
	}
	jpeg_writer_setup(writer, width, height, settings);
	jpeg_writer_rows(writer, pixels, stride, settings->studio);
	return true;
}

const uint8_t *jpeg_writer_encode(struct jpeg_writer *writer, const uint32_t *pixels, int width,
		int height, int stride, const struct encoder_settings *settings, size_t *size)
{
	/* libjpeg never frees the memory it is given; when that is too small it allocates some
	 * more, for us to keep. */
	unsigned char *data = writer->data;
	unsigned long used = writer->room;

	jpeg_mem_dest(&writer->compress, &data, &used);
	if (!jpeg_writer_try(writer, pixels, width, height, stride, settings)) {
		errno = ENOMEM;
		return NULL;
	}
	if (data != writer->data) {
		free(writer->data);
		writer->data = data;
		writer->room = used;
	}
	*size = used;
	return writer->data;
}
