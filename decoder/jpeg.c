/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include "decoder/ajpg_tables.h"
#include "decoder/jpeg.h"

/* libjpeg writes pixels in byte order; the picture has 0x00RRGGBB in host order. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define JPEG_PIXELS JCS_EXT_BGRX
#else
#define JPEG_PIXELS JCS_EXT_XRGB
#endif

struct jpeg {
	struct jpeg_decompress_struct libjpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_source_mgr source;
	jmp_buf failed;
	bool cut;   /* the scan lacks data, or they make no sense */
	bool ended; /* data were asked for past their end: for looking ahead, or because of a cut */
	const uint8_t *data;
	size_t size;
	uint32_t *strip; /* JPEG_UNIT rows of room pixels */
	int room;
};

/* The ends of libjpeg's callbacks. Messages are not printed: the caller has the fault. */

static void jpeg_error_exit(j_common_ptr common)
{
	struct jpeg *jpeg = common->client_data;

	longjmp(jpeg->failed, 1);
}

static void jpeg_error_message(j_common_ptr common, int level)
{
	struct jpeg *jpeg = common->client_data;

	if (level < 0)
		jpeg->cut = true;
}

static void jpeg_error_output(j_common_ptr common)
{
	(void)common;
}

static void jpeg_source_nothing(j_decompress_ptr libjpeg)
{
	(void)libjpeg;
}

/* All data are there from the start. libjpeg gets an end mark and warns if it had use for more. */
static boolean jpeg_source_fill(j_decompress_ptr libjpeg)
{
	static const JOCTET end[2] = {0xff, JPEG_EOI};
	struct jpeg *jpeg = libjpeg->client_data;

	jpeg->ended = true;
	libjpeg->src->next_input_byte = end;
	libjpeg->src->bytes_in_buffer = sizeof(end);
	return TRUE;
}

static void jpeg_source_skip(j_decompress_ptr libjpeg, long count)
{
	if (count <= 0)
		return;
	if ((size_t)count > libjpeg->src->bytes_in_buffer) {
		jpeg_source_fill(libjpeg);
		return;
	}
	libjpeg->src->next_input_byte += count;
	libjpeg->src->bytes_in_buffer -= count;
}

static void jpeg_table(struct jpeg *jpeg, JHUFF_TBL **table, const struct ajpg_huffman_spec *spec)
{
	if (!*table)
		*table = jpeg_alloc_huff_table((j_common_ptr)&jpeg->libjpeg);
	memcpy((*table)->bits + 1, spec->counts, sizeof(spec->counts));
	memcpy((*table)->huffval, spec->symbols, sizeof(spec->symbols));
}

/*
 * Frames of Motion JPEG come without Huffman tables and mean those of ITU-T T.81 annex K.3.
 * libjpeg would take the tables of a frame before that had some.
 */
static void jpeg_tables(struct jpeg *jpeg)
{
	struct jpeg_decompress_struct *libjpeg = &jpeg->libjpeg;

	jpeg_table(jpeg, &libjpeg->dc_huff_tbl_ptrs[0], &ajpg_dc_luma);
	jpeg_table(jpeg, &libjpeg->ac_huff_tbl_ptrs[0], &ajpg_ac_luma);
	jpeg_table(jpeg, &libjpeg->dc_huff_tbl_ptrs[1], &ajpg_dc_chroma);
	jpeg_table(jpeg, &libjpeg->ac_huff_tbl_ptrs[1], &ajpg_ac_chroma);
}

static bool jpeg_create(struct jpeg *jpeg)
{
	if (setjmp(jpeg->failed))
		return false;
	jpeg_create_decompress(&jpeg->libjpeg);
	return true;
}

struct jpeg *jpeg_new(void)
{
	struct jpeg *jpeg = calloc(1, sizeof(*jpeg));

	if (!jpeg)
		return NULL;
	jpeg->libjpeg.err = jpeg_std_error(&jpeg->errors);
	jpeg->errors.error_exit = jpeg_error_exit;
	jpeg->errors.emit_message = jpeg_error_message;
	jpeg->errors.output_message = jpeg_error_output;
	jpeg->libjpeg.client_data = jpeg;
	if (!jpeg_create(jpeg)) {
		free(jpeg);
		return NULL;
	}
	jpeg->source.init_source = jpeg_source_nothing;
	jpeg->source.fill_input_buffer = jpeg_source_fill;
	jpeg->source.skip_input_data = jpeg_source_skip;
	jpeg->source.resync_to_restart = jpeg_resync_to_restart;
	jpeg->source.term_source = jpeg_source_nothing;
	jpeg->libjpeg.src = &jpeg->source;
	return jpeg;
}

void jpeg_free(struct jpeg *jpeg)
{
	if (!jpeg)
		return;
	jpeg_destroy_decompress(&jpeg->libjpeg);
	free(jpeg->strip);
	free(jpeg);
}

static bool jpeg_fail(struct jpeg *jpeg, enum decoder_fault fault, const struct damage *damage,
		int row, struct decoder_result *result)
{
	jpeg_abort_decompress(&jpeg->libjpeg);
	result->fault = fault;
	result->word = (jpeg->ended ? jpeg->size
				    : (size_t)(jpeg->source.next_input_byte - jpeg->data)) /
		       4;
	result->x = 0;
	result->y = damage ? row / JPEG_UNIT : 0;
	return false;
}

bool jpeg_begin(struct jpeg *jpeg, const uint8_t *data, size_t size, int *width, int *height,
		struct decoder_result *result)
{
	struct jpeg_decompress_struct *libjpeg = &jpeg->libjpeg;

	jpeg_abort_decompress(libjpeg); /* one that was begun and not decoded */
	jpeg->data = data;
	jpeg->size = size;
	jpeg->cut = jpeg->ended = false;
	jpeg->source.next_input_byte = data;
	jpeg->source.bytes_in_buffer = size;
	if (setjmp(jpeg->failed))
		return jpeg_fail(jpeg, DECODER_BAD_FRAME, NULL, 0, result);
	jpeg_tables(jpeg);
	/* Engines send one scan. Each goes over the whole picture, and few bytes can hold
	 * thousands. */
	if (jpeg_read_header(libjpeg, TRUE) != JPEG_HEADER_OK || jpeg_has_multiple_scans(libjpeg) ||
			libjpeg->image_width > PICTURE_MAX || libjpeg->image_height > PICTURE_MAX)
		return jpeg_fail(jpeg, DECODER_BAD_FRAME, NULL, 0, result);
	jpeg->cut = false; /* stray bytes between segments, of which cameras are fond */
	*width = libjpeg->image_width;
	*height = libjpeg->image_height;
	return true;
}

bool jpeg_is_common(const struct jpeg *jpeg)
{
	const struct jpeg_decompress_struct *libjpeg = &jpeg->libjpeg;

	return libjpeg->num_components == 3 && libjpeg->jpeg_color_space == JCS_YCbCr &&
	       !libjpeg->progressive_mode && !libjpeg->arith_code;
}

static bool jpeg_strip_room(struct jpeg *jpeg, int stride)
{
	uint32_t *strip;

	if (stride <= jpeg->room)
		return true;
	strip = malloc(sizeof(*strip) * JPEG_UNIT * stride);
	if (!strip)
		return false;
	free(jpeg->strip);
	jpeg->strip = strip;
	jpeg->room = stride;
	return true;
}

/* libjpeg fills the byte that has no colour. */
static void jpeg_clean(uint32_t *pixels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pixels[i] &= 0xffffff;
}

/* Takes over the units of a strip that differ from the picture. */
static void jpeg_compare(struct jpeg *jpeg, int top, int rows, struct picture *picture,
		struct damage *damage)
{
	for (int column = 0; column < damage->columns; column++) {
		int x = column * JPEG_UNIT;
		int width = picture->width - x < JPEG_UNIT ? picture->width - x : JPEG_UNIT;
		size_t bytes = width * sizeof(uint32_t);
		bool changed = false;

		for (int y = 0; y < rows; y++) {
			uint32_t *shown = picture->pixels + (size_t)(top + y) * picture->stride + x;
			const uint32_t *fresh = jpeg->strip + (size_t)y * picture->stride + x;

			if (!changed && memcmp(shown, fresh, bytes) == 0)
				continue;
			changed = true;
			memcpy(shown, fresh, bytes);
		}
		if (changed)
			damage_mark(damage, column, top / JPEG_UNIT);
	}
}

bool jpeg_decode(struct jpeg *jpeg, struct picture *picture, struct damage *damage,
		struct decoder_result *result)
{
	struct jpeg_decompress_struct *libjpeg = &jpeg->libjpeg;
	volatile int top = 0;

	if (!jpeg_strip_room(jpeg, picture->stride))
		return jpeg_fail(jpeg, DECODER_NO_MEMORY, damage, 0, result);
	if (setjmp(jpeg->failed))
		return jpeg_fail(jpeg, DECODER_BAD_FRAME, damage, top, result);
	libjpeg->out_color_space = JPEG_PIXELS;
	libjpeg->dct_method = JDCT_ISLOW;
	libjpeg->do_fancy_upsampling = FALSE; /* chroma is replicated, as the engine averaged it */
	jpeg_start_decompress(libjpeg);
	while (top < picture->height) {
		int rows = picture->height - top < JPEG_UNIT ? picture->height - top : JPEG_UNIT;
		int read = 0;

		while (read < rows) {
			JSAMPROW lines[JPEG_UNIT];

			for (int i = read; i < rows; i++)
				lines[i - read] = (JSAMPROW)(jpeg->strip +
							     (size_t)i * picture->stride);
			read += jpeg_read_scanlines(libjpeg, lines, rows - read);
		}
		/* After a cut libjpeg makes up the rest, from somewhere in this strip on. */
		if (jpeg->cut)
			return jpeg_fail(jpeg, DECODER_TRUNCATED, damage, top, result);
		jpeg_clean(jpeg->strip, (size_t)rows * picture->stride);
		jpeg_compare(jpeg, top, rows, picture, damage);
		top += rows;
	}
	jpeg_abort_decompress(libjpeg); /* not finish: a missing end mark is no fault */
	result->fault = DECODER_OK;
	return true;
}
