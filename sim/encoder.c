/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/picture.h"
#include "sim/bits.h"
#include "sim/encoder.h"
#include "sim/jpeg_writer.h"
#include "sim/transform.h"

#define ENCODER_UNIT_MAX 16 /* pixels of a macroblock's side */

/* Positions have 8 bits for each direction. */
#define ENCODER_POSITIONS 256

/* A record's head, and six blocks; a VQ block is far smaller. */
#define ENCODER_RECORD_MAX (8 + 6 * BITS_BLOCK_MAX)

/* Where in the palette the colours of a VQ block are. */
struct encoder_palette {
	uint32_t colours[AJPG_PALETTE_SLOTS]; /* 0x00YYBBRR */
	int next;                             /* the slot to overwrite first: the oldest */
};

struct encoder {
	struct bits_tables luma, chroma;
	struct transform_steps steps[2][2]; /* first and second pass; luma and chroma */
	struct encoder_settings settings;   /* of the last frame */
	int width, height;                  /* likewise; 0: the next frame must be full */
	int unit, columns, rows;            /* macroblocks */
	uint32_t *last;                     /* the last picture, width pixels a row */
	uint8_t *coarse; /* for each macroblock: 1 while it waits for its second pass */
	int waiting;     /* how many of those are 1 */
	int changed;     /* macroblocks in the last frame */

	/* The frame at hand. */
	struct bits bits;
	struct encoder_palette palette;
	int predictors[3]; /* Y, Cb, Cr */
	int current;       /* the macroblock that needs no position */
	uint32_t block[ENCODER_UNIT_MAX * ENCODER_UNIT_MAX]; /* its pixels */
	struct jpeg_writer *jpeg;
};

struct encoder *encoder_new(void)
{
	struct encoder *encoder = calloc(1, sizeof(*encoder));

	if (!encoder)
		return NULL;
	encoder->jpeg = jpeg_writer_new();
	if (!encoder->jpeg) {
		free(encoder);
		return NULL;
	}
	bits_huffman_init(&encoder->luma.dc, &ajpg_dc_luma);
	bits_huffman_init(&encoder->luma.ac, &ajpg_ac_luma);
	bits_huffman_init(&encoder->chroma.dc, &ajpg_dc_chroma);
	bits_huffman_init(&encoder->chroma.ac, &ajpg_ac_chroma);
	return encoder;
}

void encoder_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	jpeg_writer_free(encoder->jpeg);
	bits_release(&encoder->bits);
	free(encoder->last);
	free(encoder->coarse);
	free(encoder);
}

int encoder_changed(const struct encoder *encoder)
{
	return encoder->changed;
}

int encoder_waiting(const struct encoder *encoder)
{
	return encoder->waiting;
}

static bool encoder_refines(const struct encoder_settings *settings)
{
	return settings->chroma == 444 && settings->second_selector >= 0;
}

static bool encoder_same_settings(
		const struct encoder_settings *a, const struct encoder_settings *b)
{
	return a->chroma == b->chroma && a->selector == b->selector &&
	       a->second_selector == b->second_selector && a->vq == b->vq && a->studio == b->studio;
}

static bool encoder_settings_valid(const struct encoder_settings *settings)
{
	return (settings->chroma == 444 || settings->chroma == 420) && settings->selector >= 0 &&
	       settings->selector < AJPG_SELECTORS && settings->second_selector >= -1 &&
	       settings->second_selector < AJPG_SELECTORS;
}

static void encoder_prepare_steps(struct encoder *encoder, const struct encoder_settings *settings)
{
	int selectors[] = {settings->selector, settings->second_selector};

	for (int pass = 0; pass < (encoder_refines(settings) ? 2 : 1); pass++) {
		transform_steps_init(&encoder->steps[pass][0], ajpg_luma_steps[selectors[pass]]);
		transform_steps_init(&encoder->steps[pass][1], ajpg_chroma_steps[selectors[pass]]);
	}
}

/* Makes the encoder ready for pictures of another size or kind. On failure the next frame tries
 * again. */
static bool encoder_restart(struct encoder *encoder, int width, int height,
		const struct encoder_settings *settings)
{
	int unit = settings->chroma == 444 ? 8 : 16;
	int columns = (width + unit - 1) / unit, rows = (height + unit - 1) / unit;

	encoder->width = 0;
	encoder->waiting = 0;
	encoder->changed = 0;
	if (width < 1 || height < 1 || columns > ENCODER_POSITIONS || rows > ENCODER_POSITIONS ||
			!encoder_settings_valid(settings)) {
		errno = EINVAL;
		return false;
	}
	free(encoder->last);
	free(encoder->coarse);
	encoder->last = malloc((size_t)width * height * sizeof(uint32_t));
	encoder->coarse = calloc((size_t)columns * rows, 1);
	if (!encoder->last || !encoder->coarse)
		return false;
	encoder->unit = unit;
	encoder->columns = columns;
	encoder->rows = rows;
	encoder->settings = *settings;
	encoder_prepare_steps(encoder, settings);
	encoder->width = width;
	encoder->height = height;
	return true;
}

/* Takes a macroblock's pixels out of the last picture; outside of it the border goes on. True when
 * all are alike. */
static bool encoder_gather(struct encoder *encoder, int column, int row)
{
	int unit = encoder->unit;
	int left = column * unit, top = row * unit;
	int inside = encoder->width - left < unit ? encoder->width - left : unit;
	uint32_t different = 0;

	for (int y = 0; y < unit; y++) {
		int line = top + y < encoder->height ? top + y : encoder->height - 1;
		const uint32_t *from = encoder->last + (size_t)line * encoder->width + left;
		uint32_t *to = encoder->block + y * unit;

		memcpy(to, from, inside * sizeof(*to));
		for (int x = inside; x < unit; x++)
			to[x] = from[inside - 1];
		for (int x = 0; x < unit; x++)
			different |= to[x] ^ encoder->block[0];
	}
	return different == 0;
}

static void encoder_head(struct encoder *encoder, int code, int column, int row)
{
	int macroblock = row * encoder->columns + column;

	if (macroblock != encoder->current) {
		bits_put(&encoder->bits, code | AJPG_POSITION, 4);
		bits_put(&encoder->bits, (uint32_t)(column << 8 | row), 16);
	} else {
		bits_put(&encoder->bits, code, 4);
	}
	encoder->current = macroblock + 1;
	encoder->changed++;
}

/* Up to `most` different colours of the block, in order of appearance, and each pixel's; 0 when
 * there are more. */
static int encoder_colours(
		const struct encoder *encoder, int most, uint32_t colours[4], uint8_t indices[64])
{
	int count = 0;

	for (int i = 0; i < 64; i++) {
		int index = 0;

		while (index < count && colours[index] != encoder->block[i])
			index++;
		if (index == most)
			return 0;
		if (index == count)
			colours[count++] = encoder->block[i];
		indices[i] = index;
	}
	return count;
}

/* Where each colour shall be; *loads: bits of the entries that must bring theirs along. */
static void encoder_place(struct encoder_palette *palette, const uint32_t *colours, int count,
		int slots[4], unsigned int *loads)
{
	unsigned int used = 0;

	*loads = 0;
	for (int i = 0; i < count; i++) {
		slots[i] = -1;
		for (int slot = 0; slot < AJPG_PALETTE_SLOTS && slots[i] < 0; slot++)
			if (palette->colours[slot] == colours[i])
				slots[i] = slot;
		if (slots[i] >= 0)
			used |= 1u << slots[i];
	}
	/* The block looks its colours up after all loads: a slot that an entry refers to must stay.
	 */
	for (int i = 0; i < count; i++) {
		if (slots[i] >= 0)
			continue;
		while (used >> palette->next & 1)
			palette->next = (palette->next + 1) % AJPG_PALETTE_SLOTS;
		slots[i] = palette->next;
		palette->colours[slots[i]] = colours[i];
		palette->next = (palette->next + 1) % AJPG_PALETTE_SLOTS;
		used |= 1u << slots[i];
		*loads |= 1u << i;
	}
}

/* Writes the gathered block as VQ if its colours are few enough; false when it is for the DCT. */
static bool encoder_vq(struct encoder *encoder, int column, int row)
{
	int most = encoder->settings.vq == ENCODER_VQ_2 ? 2 : 4;
	int count, entries, bits_each, slots[4] = {0};
	uint32_t colours[4];
	uint8_t indices[64];
	unsigned int loads;

	if (encoder->settings.vq == ENCODER_VQ_NONE || encoder->unit != 8)
		return false;
	count = encoder_colours(encoder, most, colours, indices);
	if (count == 0)
		return false;
	for (int i = 0; i < count; i++)
		colours[i] = transform_colour(colours[i], encoder->settings.studio);
	encoder_place(&encoder->palette, colours, count, slots, &loads);
	bits_each = count == 1 ? 0 : count == 2 ? 1 : 2;
	entries = 1 << bits_each;
	encoder_head(encoder,
			bits_each == 0   ? AJPG_VQ1
			: bits_each == 1 ? AJPG_VQ2
					 : AJPG_VQ4,
			column, row);
	for (int i = 0; i < entries; i++) {
		/* The fourth entry of three colours is never looked up: any slot will do. */
		bits_put(&encoder->bits, (loads >> i & 1) << 2 | slots[i], 3);
		if (loads >> i & 1)
			bits_put(&encoder->bits, colours[i], 24);
	}
	for (int i = 0; bits_each > 0 && i < 64; i++)
		bits_put(&encoder->bits, indices[i], bits_each);
	return true;
}

static bool encoder_flat(const uint8_t *samples, int stride)
{
	int different = 0;

	for (int y = 0; y < 8; y++)
		for (int x = 0; x < 8; x++)
			different |= samples[y * stride + x] ^ samples[0];
	return different == 0;
}

static void encoder_component(struct encoder *encoder, int component, int pass,
		const uint8_t *samples, int stride, int16_t zigzag[64])
{
	const struct transform_steps *steps = &encoder->steps[pass][component > 0];

	/* Most blocks of a screen, and most chroma blocks of its text, have nothing to transform.
	 */
	if (encoder_flat(samples, stride))
		transform_forward_flat(samples[0], steps, zigzag);
	else
		transform_forward(samples, stride, steps, zigzag);
	bits_block(&encoder->bits, component ? &encoder->chroma : &encoder->luma, zigzag,
			&encoder->predictors[component]);
}

static void encoder_dct_444(struct encoder *encoder, bool flat)
{
	uint8_t samples[3][64];
	int16_t zigzag[64];

	transform_samples(encoder->block, flat ? 1 : 64, encoder->settings.studio, samples[0],
			samples[1], samples[2]);
	for (int component = 0; component < 3; component++) {
		if (flat)
			memset(samples[component], samples[component][0], 64);
		encoder_component(encoder, component, 0, samples[component], 8, zigzag);
	}
}

static void encoder_dct_420(struct encoder *encoder)
{
	uint8_t y[256], chroma[2][256], small[2][64];
	int16_t zigzag[64];

	transform_samples(encoder->block, 256, encoder->settings.studio, y, chroma[0], chroma[1]);
	for (int plane = 0; plane < 2; plane++) {
		for (int i = 0; i < 64; i++) {
			const uint8_t *four = &chroma[plane][i / 8 * 32 + i % 8 * 2];

			small[plane][i] = (four[0] + four[1] + four[16] + four[17] + 2) / 4;
		}
	}
	for (int quarter = 0; quarter < 4; quarter++)
		encoder_component(
				encoder, 0, 0, y + quarter / 2 * 128 + quarter % 2 * 8, 16, zigzag);
	encoder_component(encoder, 1, 0, small[0], 8, zigzag);
	encoder_component(encoder, 2, 0, small[1], 8, zigzag);
}

/* Returns whether a second pass would bring the macroblock nearer to its source. */
static bool encoder_first_pass(struct encoder *encoder, int column, int row)
{
	bool flat = encoder_gather(encoder, column, row);

	if (encoder_vq(encoder, column, row))
		return false;
	encoder_head(encoder, AJPG_DCT, column, row);
	if (encoder->unit == 8)
		encoder_dct_444(encoder, flat);
	else
		encoder_dct_420(encoder);
	return encoder_refines(&encoder->settings);
}

/* The residual: what the source has more than the decoder got from the first pass, around 128. */
static void encoder_second_pass(struct encoder *encoder, int column, int row)
{
	uint8_t samples[3][64], decoded[64];
	int16_t zigzag[64];

	encoder_gather(encoder, column, row);
	transform_samples(encoder->block, 64, encoder->settings.studio, samples[0], samples[1],
			samples[2]);
	encoder_head(encoder, AJPG_PASS2, column, row);
	for (int component = 0; component < 3; component++) {
		const struct transform_steps *first = &encoder->steps[0][component > 0];

		/* The source is what it was in the first pass, so the same arithmetic gives what
		 * was sent then. */
		transform_forward(samples[component], 8, first, zigzag);
		transform_inverse(zigzag, first, decoded);
		for (int i = 0; i < 64; i++) {
			int residual = samples[component][i] - decoded[i] + 128;

			samples[component][i] = residual < 0 ? 0 : residual > 255 ? 255 : residual;
		}
		encoder_component(encoder, component, 1, samples[component], 8, zigzag);
	}
}

/* Which lines of a row of macroblocks differ from the last picture, a bit for each; copies nothing.
 */
static unsigned int encoder_lines(
		const struct encoder *encoder, const uint32_t *pixels, int stride, int row)
{
	unsigned int lines = 0;

	for (int y = 0; y < encoder->unit && row * encoder->unit + y < encoder->height; y++) {
		size_t line = (size_t)row * encoder->unit + y;

		if (memcmp(pixels + line * stride, encoder->last + line * encoder->width,
				    encoder->width * sizeof(*pixels)) != 0)
			lines |= 1u << y;
	}
	return lines;
}

/* Brings a macroblock of the last picture up to date on the given lines; false when it was. */
static bool encoder_update(struct encoder *encoder, const uint32_t *pixels, int stride, int column,
		int row, unsigned int lines)
{
	int left = column * encoder->unit, top = row * encoder->unit;
	int inside = encoder->width - left < encoder->unit ? encoder->width - left : encoder->unit;
	bool differs = false;

	for (int y = 0; lines >> y; y++) {
		const uint32_t *from = pixels + (size_t)(top + y) * stride + left;
		uint32_t *to = encoder->last + (size_t)(top + y) * encoder->width + left;

		if (!(lines >> y & 1) || memcmp(to, from, inside * sizeof(*to)) == 0)
			continue;
		memcpy(to, from, inside * sizeof(*to));
		differs = true;
	}
	return differs;
}

static bool encoder_row(
		struct encoder *encoder, const uint32_t *pixels, int stride, int row, bool full)
{
	unsigned int lines = encoder_lines(encoder, pixels, stride, row);

	if (lines == 0 && !full && encoder->waiting == 0)
		return true;
	for (int column = 0; column < encoder->columns; column++) {
		uint8_t *coarse = &encoder->coarse[row * encoder->columns + column];
		bool differs = encoder_update(encoder, pixels, stride, column, row, lines);

		if (!differs && !full && !*coarse)
			continue;
		if (!bits_reserve(&encoder->bits, ENCODER_RECORD_MAX))
			return false;
		encoder->waiting -= *coarse;
		if (differs || full) {
			*coarse = encoder_first_pass(encoder, column, row);
		} else {
			*coarse = 0;
			encoder_second_pass(encoder, column, row);
		}
		encoder->waiting += *coarse;
	}
	return true;
}

static void encoder_begin(struct encoder *encoder)
{
	bits_clear(&encoder->bits);
	memcpy(encoder->palette.colours, ajpg_palette, sizeof(encoder->palette.colours));
	encoder->palette.next = 0;
	memset(encoder->predictors, 0, sizeof(encoder->predictors));
	encoder->current = 0;
	encoder->changed = 0;
}

const uint8_t *encoder_ajpg(struct encoder *encoder, const uint32_t *pixels, int width, int height,
		int stride, const struct encoder_settings *settings, bool full, size_t *size)
{
	bool enough;

	if (encoder->width != width || encoder->height != height ||
			!encoder_same_settings(settings, &encoder->settings)) {
		if (!encoder_restart(encoder, width, height, settings))
			return NULL;
		for (int y = 0; y < height; y++)
			memcpy(encoder->last + (size_t)y * width, pixels + (size_t)y * stride,
					width * sizeof(*pixels));
		full = true;
	}
	encoder_begin(encoder);
	enough = bits_reserve(&encoder->bits, ENCODER_RECORD_MAX);
	for (int row = 0; enough && row < encoder->rows; row++)
		enough = encoder_row(encoder, pixels, stride, row, full);
	if (!enough || !bits_reserve(&encoder->bits, 2 * sizeof(uint32_t))) {
		/* What was compared so far is lost for the decoder. */
		encoder->width = 0;
		errno = ENOMEM;
		return NULL;
	}
	bits_put(&encoder->bits, AJPG_END, 4);
	bits_finish(&encoder->bits);
	/* Decoders may read two words before they look at the first. */
	if (encoder->bits.size < 2 * sizeof(uint32_t))
		bits_put(&encoder->bits, 0, 32);
	*size = encoder->bits.size;
	return encoder->bits.data;
}

const uint8_t *encoder_jpeg(struct encoder *encoder, const uint32_t *pixels, int width, int height,
		int stride, const struct encoder_settings *settings, size_t *size)
{
	if (width < 1 || height < 1 || width > PICTURE_MAX || height > PICTURE_MAX ||
			!encoder_settings_valid(settings)) {
		errno = EINVAL;
		return NULL;
	}
	return jpeg_writer_encode(encoder->jpeg, pixels, width, height, stride, settings, size);
}
