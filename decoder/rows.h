/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows of raw pixels into the picture, as plain loops of one run that the compiler turns into the
 * vectors of the instruction set at hand: included by the file of each (kernels.c,
 * kernels_vector.h).
 */
#include <string.h>
#include "decoder/kernels.h"

/* What a run shows becomes what it showed, where it differs. */
static inline void row_show(const uint32_t *restrict fresh, uint32_t *restrict pixels,
		uint8_t *restrict changed)
{
	uint32_t differ = 0;

	for (int i = 0; i < KERNELS_RUN; i++)
		differ |= fresh[i] ^ pixels[i];
	if (!differ)
		return;
	memcpy(pixels, fresh, KERNELS_RUN * sizeof(*pixels));
	*changed = 1;
}

static inline uint32_t row_word(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap32(word);
#endif
	return word;
}

static void row_xbgr32(const uint8_t *restrict bytes, int runs, const struct kernels_yuv *yuv,
		uint32_t *restrict pixels, uint8_t *restrict changed)
{
	(void)yuv;
	for (int run = 0; run < runs; run++) {
		uint32_t fresh[KERNELS_RUN];

		for (int i = 0; i < KERNELS_RUN; i++)
			fresh[i] = row_word(bytes + 4 * i) & 0xffffff;
		row_show(fresh, pixels, changed + run);
		bytes += 4 * KERNELS_RUN;
		pixels += KERNELS_RUN;
	}
}

/* Four pixels are three words. */
static void row_bgr24(const uint8_t *restrict bytes, int runs, const struct kernels_yuv *yuv,
		uint32_t *restrict pixels, uint8_t *restrict changed)
{
	(void)yuv;
	for (int run = 0; run < runs; run++) {
		uint32_t fresh[KERNELS_RUN];

		for (int i = 0; i < KERNELS_RUN; i += 4) {
			uint32_t a = row_word(bytes + 3 * i), b = row_word(bytes + 3 * i + 4),
				 c = row_word(bytes + 3 * i + 8);

			fresh[i] = a & 0xffffff;
			fresh[i + 1] = a >> 24 | (b & 0xffff) << 8;
			fresh[i + 2] = b >> 16 | (c & 0xff) << 16;
			fresh[i + 3] = c >> 8;
		}
		row_show(fresh, pixels, changed + run);
		bytes += 3 * KERNELS_RUN;
		pixels += KERNELS_RUN;
	}
}

/* Both factors are fractions of 16 bits: the upper half of the product, which vectors have. */
static inline int16_t row_part(int16_t value, int16_t factor)
{
	return (int16_t)((int32_t)value * factor >> 16);
}

static inline int16_t row_clamp(int16_t value)
{
	value = value < 0 ? 0 : value;
	return value > 255 ? 255 : value;
}

static inline uint32_t row_pack(int16_t red, int16_t green, int16_t blue)
{
	uint16_t low = (uint16_t)((uint16_t)row_clamp(green) << 8 | (uint16_t)row_clamp(blue));

	return (uint32_t)(uint16_t)row_clamp(red) << 16 | low;
}

/* What parts add up to has 5 bits of fraction; they were cut off, not rounded. */
#define ROW_FRACTION 5
#define ROW_ROUND    ((1 << (ROW_FRACTION - 1)) + 1)

/* Two values of 16 bits, the first in the lower half: as they lie in memory. */
static inline uint32_t row_pair(uint32_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return word << 16 | word >> 16;
#else
	return word;
#endif
}

/*
 * A word is two pixels, luma being its even or its odd bytes. It stays in words until samples are
 * pairs of 16 bits, since vectors do not like to gather bytes.
 */
static inline void row_samples(const uint8_t *restrict bytes, int odd, int16_t *restrict y,
		int16_t *restrict cb, int16_t *restrict cr)
{
	uint32_t pairs[3][KERNELS_RUN / 2];

	for (int i = 0; i < KERNELS_RUN / 2; i++) {
		uint32_t word = row_word(bytes + 4 * i), chroma = word >> (odd ? 0 : 8);

		pairs[0][i] = row_pair(word >> (odd ? 8 : 0) & 0x00ff00ff);
		pairs[1][i] = (chroma & 0xff) * 0x00010001;
		pairs[2][i] = (chroma >> 16 & 0xff) * 0x00010001;
	}
	memcpy(y, pairs[0], sizeof(pairs[0]));
	memcpy(cb, pairs[1], sizeof(pairs[1]));
	memcpy(cr, pairs[2], sizeof(pairs[2]));
}

static inline void row_yuv(const uint8_t *restrict bytes, int odd, int runs,
		const struct kernels_yuv *restrict yuv, uint32_t *restrict pixels,
		uint8_t *restrict changed)
{
	const int16_t black = yuv->black, luma = yuv->luma, red_cr = yuv->red_cr,
		      green_cb = yuv->green_cb, green_cr = yuv->green_cr, blue_cb = yuv->blue_cb;

	for (int run = 0; run < runs; run++) {
		int16_t y[KERNELS_RUN], cb[KERNELS_RUN], cr[KERNELS_RUN];
		uint32_t fresh[KERNELS_RUN];

		row_samples(bytes, odd, y, cb, cr);
		for (int i = 0; i < KERNELS_RUN; i++) {
			int16_t l = row_part((y[i] - black) * 128, luma) + ROW_ROUND;
			int16_t b = (cb[i] - 128) * 256, r = (cr[i] - 128) * 256;
			int16_t red = l + row_part(r, red_cr);
			int16_t green = l + row_part(b, green_cb) + row_part(r, green_cr);
			int16_t blue = l + row_part(b, blue_cb);

			fresh[i] = row_pack(red >> ROW_FRACTION, green >> ROW_FRACTION,
					blue >> ROW_FRACTION);
		}
		row_show(fresh, pixels, changed + run);
		bytes += 2 * KERNELS_RUN;
		pixels += KERNELS_RUN;
	}
}

static void row_uyvy(const uint8_t *restrict bytes, int runs, const struct kernels_yuv *yuv,
		uint32_t *restrict pixels, uint8_t *restrict changed)
{
	row_yuv(bytes, 1, runs, yuv, pixels, changed);
}

static void row_yuyv(const uint8_t *restrict bytes, int runs, const struct kernels_yuv *yuv,
		uint32_t *restrict pixels, uint8_t *restrict changed)
{
	row_yuv(bytes, 0, runs, yuv, pixels, changed);
}

#define ROW_KERNELS .xbgr32 = row_xbgr32, .bgr24 = row_bgr24, .uyvy = row_uyvy, .yuyv = row_yuyv
