/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "sim/bits.h"

#define BITS_SIXTEEN_ZEROS 0xf0
#define BITS_END_OF_BLOCK  0x00

void bits_clear(struct bits *bits)
{
	bits->size = 0;
	bits->hold = 0;
	bits->held = 0;
}

bool bits_reserve(struct bits *bits, size_t bytes)
{
	size_t wanted = bits->size + bytes + sizeof(uint64_t);
	uint8_t *data;

	if (wanted <= bits->room)
		return true;
	wanted += wanted / 2;
	data = realloc(bits->data, wanted);
	if (!data)
		return false;
	bits->data = data;
	bits->room = wanted;
	return true;
}

void bits_finish(struct bits *bits)
{
	if (bits->held > 0)
		bits_put(bits, 0, 32 - bits->held);
}

void bits_release(struct bits *bits)
{
	free(bits->data);
	*bits = (struct bits){0};
}

void bits_huffman_init(struct bits_huffman *huffman, const struct ajpg_huffman_spec *spec)
{
	unsigned int code = 0;
	int symbol = 0;

	memset(huffman, 0, sizeof(*huffman));
	for (int length = 1; length <= 16; length++) {
		for (int i = 0; i < spec->counts[length - 1]; i++) {
			huffman->code[spec->symbols[symbol]] = code++;
			huffman->length[spec->symbols[symbol]] = length;
			symbol++;
		}
		code <<= 1;
	}
}

/* Bits of a magnitude: 0 has none, 1 has 1, 2 and 3 have 2, ... */
static int bits_category(int value)
{
	unsigned int magnitude = value < 0 ? -value : value;

	return magnitude == 0 ? 0 : 32 - __builtin_clz(magnitude);
}

/* A symbol and the value behind it; negative values are sent less one, in as many bits (T.81
 * F.1.2.1). */
static void bits_value(struct bits *bits, const struct bits_huffman *huffman, int symbol, int value,
		int size)
{
	uint32_t tail = (uint32_t)(value < 0 ? value - 1 : value) & ((1u << size) - 1);

	bits_put(bits, (uint32_t)huffman->code[symbol] << size | tail,
			huffman->length[symbol] + size);
}

void bits_block(struct bits *bits, const struct bits_tables *tables, const int16_t zigzag[64],
		int *predictor)
{
	int difference = zigzag[0] - *predictor;
	int category = bits_category(difference);
	int run = 0;

	*predictor = zigzag[0];
	bits_value(bits, &tables->dc, category, difference, category);
	for (int i = 1; i < 64; i++) {
		int size;

		if (zigzag[i] == 0) {
			run++;
			continue;
		}
		for (; run > 15; run -= 16)
			bits_value(bits, &tables->ac, BITS_SIXTEEN_ZEROS, 0, 0);
		size = bits_category(zigzag[i]);
		bits_value(bits, &tables->ac, run << 4 | size, zigzag[i], size);
		run = 0;
	}
	if (run > 0)
		bits_value(bits, &tables->ac, BITS_END_OF_BLOCK, 0, 0);
}
