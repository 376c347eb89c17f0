/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/jpeg_blocks.h"

/* Rows of pixels that are there as a whole, or not, as in jpeg.c. */
#define JPEG_STRIP 16

/* --- The head --- */

/* Markers, ITU-T T.81 table B.1. */
enum jpeg_marker {
	JPEG_SOF0 = 0xc0,
	JPEG_DHT = 0xc4,
	JPEG_SOI = 0xd8,
	JPEG_SOS = 0xda,
	JPEG_DQT = 0xdb,
	JPEG_DRI = 0xdd,
	JPEG_APP0 = 0xe0,
	JPEG_APP14 = 0xee, /* Adobe's says what the components are */
	JPEG_APP15 = 0xef,
	JPEG_COM = 0xfe,
};

struct jpeg_tables {
	uint8_t steps[4][64];
	bool known[4];
	int quantiser[3]; /* of each component */
	bool frame;
};

static bool head_quantisers(struct jpeg_tables *tables, const uint8_t *segment, size_t size)
{
	for (; size >= 65; segment += 65, size -= 65) {
		if (segment[0] > 3) /* 16 bits, or no such table */
			return false;
		for (int k = 0; k < 64; k++)
			if (!segment[1 + k])
				return false;
		memcpy(tables->steps[segment[0]], segment + 1, 64);
		tables->known[segment[0]] = true;
	}
	return size == 0;
}

static bool head_huffman(const uint8_t *segment, size_t size)
{
	static const struct ajpg_huffman_spec *const usual[2][2] = {
			{&ajpg_dc_luma, &ajpg_dc_chroma}, {&ajpg_ac_luma, &ajpg_ac_chroma}};

	while (size > 0) {
		const struct ajpg_huffman_spec *spec;
		size_t count = 0;

		if (size < 17 || segment[0] & ~0x11)
			return false;
		spec = usual[segment[0] >> 4][segment[0] & 1];
		for (int i = 0; i < 16; i++)
			count += segment[1 + i];
		if (size < 17 + count || memcmp(segment + 1, spec->counts, 16) != 0 ||
				memcmp(segment + 17, spec->symbols, count) != 0)
			return false;
		segment += 17 + count;
		size -= 17 + count;
	}
	return true;
}

static bool head_frame(struct jpeg_head *head, struct jpeg_tables *tables, const uint8_t *segment,
		size_t size)
{
	if (tables->frame || size != 15 || segment[0] != 8 || segment[5] != 3)
		return false;
	tables->frame = true;
	head->height = segment[1] << 8 | segment[2];
	head->width = segment[3] << 8 | segment[4];
	for (int i = 0; i < 3; i++) {
		const uint8_t *component = segment + 6 + (size_t)i * 3;
		int sampling = component[1];

		if (component[0] != i + 1 || component[2] > 3)
			return false;
		if (sampling != 0x11 && (i || sampling != 0x22))
			return false;
		if (i == 0)
			head->unit = sampling == 0x22 ? 16 : 8;
		tables->quantiser[i] = component[2];
	}
	return head->width > 0 && head->height > 0;
}

static bool head_scan(struct jpeg_head *head, const struct jpeg_tables *tables,
		const uint8_t *segment, size_t size)
{
	static const uint8_t usual[10] = {3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0};
	const int *quantiser = tables->quantiser;

	if (!tables->frame || size != sizeof(usual) || memcmp(segment, usual, size) != 0)
		return false;
	for (int i = 0; i < 3; i++)
		if (!tables->known[quantiser[i]])
			return false;
	if (memcmp(tables->steps[quantiser[1]], tables->steps[quantiser[2]], 64) != 0)
		return false;
	memcpy(head->steps[0], tables->steps[quantiser[0]], 64);
	memcpy(head->steps[1], tables->steps[quantiser[1]], 64);
	return true;
}

static bool head_segment(struct jpeg_head *head, struct jpeg_tables *tables, int marker,
		const uint8_t *segment, size_t size)
{
	switch (marker) {
	case JPEG_DQT:
		return head_quantisers(tables, segment, size);
	case JPEG_DHT:
		return head_huffman(segment, size);
	case JPEG_SOF0:
		return head_frame(head, tables, segment, size);
	case JPEG_SOS:
		return head_scan(head, tables, segment, size);
	case JPEG_DRI:
		return size == 2 && !segment[0] && !segment[1];
	case JPEG_COM:
		return true;
	default:
		return marker >= JPEG_APP0 && marker <= JPEG_APP15 && marker != JPEG_APP14;
	}
}

bool jpeg_head_read(struct jpeg_head *head, const uint8_t *data, size_t size)
{
	struct jpeg_tables tables = {0};
	size_t at = 2;

	if (size < 2 || data[0] != 0xff || data[1] != JPEG_SOI)
		return false;
	while (size - at >= 4) {
		size_t length = data[at + 2] << 8 | data[at + 3];
		int marker = data[at + 1];

		if (data[at] != 0xff || length < 2 || length > size - at - 2 ||
				!head_segment(head, &tables, marker, data + at + 4, length - 2))
			return false;
		at += 2 + length;
		if (marker == JPEG_SOS) {
			head->scan = at;
			return true;
		}
	}
	return false;
}

/* --- The scan --- */

uint8_t jpeg_blocks_kind(
		const struct jpeg_head *head, struct coded *blocks, struct coded_draw *draw)
{
	size_t count = (size_t)blocks->columns * blocks->rows;

	for (int selector = 0; selector < AJPG_SELECTORS; selector++) {
		bool same = true;

		for (int k = 0; k < 64 && same; k++)
			same = head->steps[0][k] == draw->steps[selector][0][k] &&
			       head->steps[1][k] == draw->steps[selector][1][k];
		if (same)
			return selector;
	}
	if (memcmp(blocks->own, head->steps, sizeof(blocks->own)) != 0) {
		/* Equal blocks do not look alike any more. */
		for (size_t i = 0; i < count; i++)
			if (blocks->kind[i] == CODED_OWN)
				coded_in_pixels(blocks, i);
		blocks->generation++;
		memcpy(blocks->own, head->steps, sizeof(blocks->own));
		coded_draw_own(draw, blocks);
	}
	return CODED_OWN;
}

static bool scan_room(struct jpeg_blocks *jpeg, size_t found, size_t strips)
{
	if (found > jpeg->found_room) {
		free(jpeg->found);
		jpeg->found = malloc(found * sizeof(*jpeg->found));
		jpeg->found_room = jpeg->found ? found : 0;
	}
	if (strips > jpeg->strips_room) {
		free(jpeg->strips);
		jpeg->strips = malloc(strips * sizeof(*jpeg->strips));
		jpeg->strips_room = jpeg->strips ? strips : 0;
	}
	return jpeg->found && jpeg->strips;
}

struct scan {
	const struct codes *codes;
	const uint8_t *bytes;
	size_t position, bits;
	int predictions[3], lumas;
};

static inline bool scan_block(struct scan *scan, const struct codes_table *table, int component,
		struct coded_found *found)
{
	int32_t difference;
	int dc;

	if (codes_block(table, scan->bytes, &scan->position, &difference, &found->string) !=
			ENTROPY_OK)
		return false;
	dc = scan->predictions[component] += difference;
	found->dc = (int16_t)dc;
	found->bits = scan->position - found->string;
	return dc <= CODED_DC_MOST && dc >= -CODED_DC_MOST;
}

static bool scan_macroblock(struct scan *scan, struct coded_found *found)
{
	bool good = true;

	for (int i = 0; i < scan->lumas && good; i++)
		good = scan_block(scan, &scan->codes->luma, 0, found++);
	for (int i = 1; i < 3 && good; i++)
		good = scan_block(scan, &scan->codes->chroma, i, found++);
	return good && scan->position <= scan->bits;
}

static bool scan_repeats(
		const struct scan *scan, const struct jpeg_strip *strip, const uint8_t *last)
{
	size_t left = strip->end - strip->begin, a = scan->position, b = strip->begin;

	if (memcmp(strip->before, scan->predictions, sizeof(strip->before)) != 0 ||
			left > scan->bits - scan->position)
		return false;
	for (; left >= 64; left -= 64, a += 64, b += 64)
		if (codes_word(scan->bytes, a) != codes_word(last, b))
			return false;
	return !left || (codes_word(scan->bytes, a) ^ codes_word(last, b)) >> (64 - left) == 0;
}

/* A strip with all its blocks, or nothing of it. */
static bool scan_strip(struct scan *scan, struct jpeg_blocks *jpeg, uint8_t kind, int top, int rows,
		struct coded *blocks, struct damage *damage)
{
	int count = rows * blocks->columns;
	const struct coded_found *found = jpeg->found;

	for (int i = 0; i < count; i++)
		if (!scan_macroblock(scan, jpeg->found + (size_t)i * blocks->each))
			return false;
	for (int i = 0; i < count; i++, found += blocks->each) {
		size_t macroblock = (size_t)top * blocks->columns + i;

		if (!coded_reserve(blocks))
			return false;
		if (coded_put(blocks, macroblock, kind, found, scan->bytes))
			damage_mark(damage, i % blocks->columns, top + i / blocks->columns);
	}
	return true;
}

static bool scan_strips(struct scan *scan, struct jpeg_blocks *jpeg, uint8_t kind, bool known,
		struct coded *blocks, struct damage *damage)
{
	int most = JPEG_STRIP / blocks->unit;
	struct jpeg_strip *strip = jpeg->strips;

	for (int top = 0; top < blocks->rows; top += most, strip++) {
		int rows = blocks->rows - top < most ? blocks->rows - top : most;
		size_t begin = scan->position;

		if (known && scan_repeats(scan, strip, jpeg->last.bytes)) {
			scan->position += strip->end - strip->begin;
			memcpy(scan->predictions, strip->after, sizeof(strip->after));
		} else {
			memcpy(strip->before, scan->predictions, sizeof(strip->before));
			if (!scan_strip(scan, jpeg, kind, top, rows, blocks, damage))
				return false;
			memcpy(strip->after, scan->predictions, sizeof(strip->after));
		}
		strip->begin = begin;
		strip->end = scan->position;
	}
	return true;
}

bool jpeg_blocks_decode(struct jpeg_blocks *jpeg, const uint8_t *scan, size_t size, uint8_t kind,
		struct coded *blocks, const struct codes *codes, struct damage *damage)
{
	bool known = jpeg->known && jpeg->generation == blocks->generation && jpeg->kind == kind;
	int most = JPEG_STRIP / blocks->unit;
	struct scan reader = {.codes = codes, .lumas = blocks->each - 2};
	struct input input;

	jpeg->known = false;
	if (!input_scan(&jpeg->input, scan, size) ||
			!scan_room(jpeg, (size_t)most * blocks->columns * blocks->each,
					(blocks->rows + most - 1) / most))
		return false;
	reader.bytes = jpeg->input.bytes;
	reader.bits = jpeg->input.bits;
	if (!scan_strips(&reader, jpeg, kind, known, blocks, damage))
		return false;
	input = jpeg->last;
	jpeg->last = jpeg->input;
	jpeg->input = input;
	jpeg->generation = blocks->generation;
	jpeg->kind = kind;
	jpeg->known = true;
	return true;
}

void jpeg_blocks_release(struct jpeg_blocks *jpeg)
{
	input_release(&jpeg->input);
	input_release(&jpeg->last);
	free(jpeg->found);
	free(jpeg->strips);
	*jpeg = (struct jpeg_blocks){0};
}
