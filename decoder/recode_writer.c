/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/recode_writer.h"

struct writer {
	uint8_t *at;
	uint64_t bits; /* not written yet, the first on top */
	int count;     /* below 64 */
};

/* --- The header --- */

static void writer_bytes(struct writer *writer, const void *bytes, size_t count)
{
	memcpy(writer->at, bytes, count);
	writer->at += count;
}

static void writer_quantisers(struct writer *writer, const uint16_t steps[2][64])
{
	static const uint8_t dqt[] = {0xff, 0xdb, 0, 2 + 2 * 65};

	writer_bytes(writer, dqt, sizeof(dqt));
	for (int i = 0; i < 2; i++) {
		*writer->at++ = i;
		for (int k = 0; k < 64; k++)
			*writer->at++ = steps[i][k];
	}
}

static void writer_table(
		struct writer *writer, int id, const struct ajpg_huffman_spec *spec, size_t symbols)
{
	*writer->at++ = id;
	writer_bytes(writer, spec->counts, sizeof(spec->counts));
	writer_bytes(writer, spec->symbols, symbols);
}

static void writer_tables(struct writer *writer)
{
	static const uint8_t dht[] = {0xff, 0xc4, 418 >> 8, 418 & 255};

	writer_bytes(writer, dht, sizeof(dht));
	writer_table(writer, 0x00, &ajpg_dc_luma, 12);
	writer_table(writer, 0x10, &ajpg_ac_luma, 162);
	writer_table(writer, 0x01, &ajpg_dc_chroma, 12);
	writer_table(writer, 0x11, &ajpg_ac_chroma, 162);
}

static void writer_header(struct writer *writer, const uint16_t steps[2][64], int width, int height,
		bool halved, bool full)
{
	static const uint8_t soi[] = {0xff, 0xd8};
	static const uint8_t jfif[] = {
			0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
	static const uint8_t sos[] = {0xff, 0xda, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0};
	const uint8_t sof[] = {0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8,
			width & 255, 3, 1, halved ? 0x22 : 0x11, 0, 2, 0x11, 1, 3, 0x11, 1};

	writer_bytes(writer, soi, sizeof(soi));
	if (full)
		writer_bytes(writer, jfif, sizeof(jfif));
	writer_quantisers(writer, steps);
	writer_bytes(writer, sof, sizeof(sof));
	if (full)
		writer_tables(writer);
	writer_bytes(writer, sos, sizeof(sos));
}

bool recode_has_tables(const uint8_t *data, size_t size)
{
	size_t at = 2;

	while (size >= 4 && at < size - 4 && data[at] == 0xff && data[at + 1] != 0xda) {
		if (data[at + 1] == 0xc4)
			return true;
		at += 2 + (data[at + 2] << 8 | data[at + 3]);
	}
	return false;
}

/* --- The scan --- */

/* Eight bytes, those of 0xff with a zero behind them. */
static inline void writer_word(struct writer *writer, uint64_t word)
{
	uint64_t order = coded_word(word);

	if (__builtin_expect(((~word - 0x0101010101010101) & word & 0x8080808080808080) == 0, 1)) {
		memcpy(writer->at, &order, sizeof(order));
		writer->at += sizeof(order);
		return;
	}
	for (int shift = 56; shift >= 0; shift -= 8) {
		uint8_t byte = word >> shift;

		*writer->at++ = byte;
		if (byte == 0xff)
			*writer->at++ = 0;
	}
}

/* bits: the first count (1..64) on top, zeros behind them. */
static inline void writer_put(struct writer *writer, uint64_t bits, int count)
{
	int room = 64 - writer->count;

	writer->bits |= bits >> writer->count;
	if (count < room) {
		writer->count += count;
		return;
	}
	writer_word(writer, writer->bits);
	writer->bits = room == 64 ? 0 : bits << room;
	writer->count = count - room;
}

static inline void writer_dc(
		struct writer *writer, const struct codes_table *table, int32_t difference)
{
	uint32_t magnitude = difference < 0 ? -difference : difference;
	int size = magnitude ? 32 - __builtin_clz(magnitude) : 0;
	uint32_t value = (uint32_t)(difference - (difference < 0)) & ((1u << size) - 1);
	int count = table->dc_length[size] + size;

	writer_put(writer, ((uint64_t)table->dc_code[size] << size | value) << (64 - count), count);
}

static inline void writer_string(
		struct writer *writer, const struct coded_block *block, const uint64_t *arena)
{
	int left = block->bits;

	if (left <= 32) {
		writer_put(writer, (uint64_t)block->string << 32, left);
		return;
	}
	for (arena += block->string; left > 0; left -= 64, arena++)
		writer_put(writer, coded_word(*arena), left < 64 ? left : 64);
}

static void writer_end(struct writer *writer)
{
	uint64_t bits = writer->bits | ~(uint64_t)0 >> writer->count;

	for (int done = 0; done < writer->count; done += 8, bits <<= 8) {
		uint8_t byte = bits >> 56;

		*writer->at++ = byte;
		if (byte == 0xff)
			*writer->at++ = 0;
	}
	*writer->at++ = 0xff;
	*writer->at++ = 0xd9; /* EOI */
}

size_t recode_write_blocks(const struct coded *blocks, const struct coded_draw *draw,
		const struct recode_part *part, int width, int height, bool full, uint8_t *bytes)
{
	struct writer writer = {.at = bytes};
	int lumas = blocks->each - 2;
	int32_t luma = 0, cb = 0, cr = 0;

	writer_header(&writer, draw->steps[part->kind], width, height, blocks->unit == 16, full);
	for (int row = part->top; row < part->bottom; row++) {
		const struct coded_block *block = blocks->block +
						  ((size_t)row * blocks->columns + part->left) *
								  blocks->each;

		for (int column = part->left; column < part->right; column++) {
			for (int i = 0; i < lumas; i++, block++) {
				writer_dc(&writer, &draw->codes.luma, block->dc - luma);
				luma = block->dc;
				writer_string(&writer, block, blocks->arena);
			}
			writer_dc(&writer, &draw->codes.chroma, block->dc - cb);
			cb = block->dc;
			writer_string(&writer, block++, blocks->arena);
			writer_dc(&writer, &draw->codes.chroma, block->dc - cr);
			cr = block->dc;
			writer_string(&writer, block++, blocks->arena);
		}
	}
	writer_end(&writer);
	return writer.at - bytes;
}
