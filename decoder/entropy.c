/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/entropy.h"

/* Fills the window from a byte offset (a multiple of four) to its end. */
static void entropy_turn(struct entropy_reader *reader, size_t offset)
{
	size_t word = reader->base + offset / 4;
	size_t room = (ENTROPY_WINDOW - offset) / 4;
	size_t left = word < reader->words ? reader->words - word : 0;
	size_t count = left < room ? left : room;
	const uint8_t *from = count ? reader->data + word * 4 : NULL; /* data may be NULL */
	uint8_t *to = reader->window + offset;

	for (size_t i = 0; i < count; i++, from += 4, to += 4) {
		uint32_t bytes;

		memcpy(&bytes, from, 4);
		bytes = __builtin_bswap32(bytes);
		memcpy(to, &bytes, 4);
	}
	memset(to, 0, (room - count) * 4);
}

void entropy_start(struct entropy_reader *reader, const uint8_t *data, size_t size)
{
	reader->data = data;
	reader->words = size / 4;
	reader->base = 0;
	reader->cursor = (struct entropy_cursor){.at = reader->window};
	entropy_turn(reader, 0);
}

void entropy_slide(struct entropy_reader *reader)
{
	size_t gone = (reader->cursor.at - reader->window) / 4 * 4;
	size_t kept = ENTROPY_WINDOW - gone;

	memmove(reader->window, reader->window + gone, kept);
	reader->base += gone / 4;
	reader->cursor.at -= gone;
	entropy_turn(reader, kept);
}

/* A run counts the coefficient itself: position moves on by run + 1. Sixteen zeros have the value
 * 0. */
static uint32_t entropy_entry(const struct entropy_table *table, uint8_t symbol, int length)
{
	int size = symbol & 15;

	if (table->dc)
		return (length + symbol) | symbol << 11;
	if (symbol == 0x00)
		return length | ENTROPY_END;
	return (length + size) | ((symbol >> 4) + 1) << 5 | size << 11;
}

/* Where the value's bits lie within the look-up as well, the entry holds the value. */
static uint32_t entropy_with_value(uint32_t entry, uint32_t index)
{
	int total = ENTROPY_TAKE(entry), size = ENTROPY_SIZE(entry);
	uint32_t bits;
	int32_t value;

	if (!size || total > ENTROPY_BITS)
		return entry;
	bits = index >> (ENTROPY_BITS - total) & ((1u << size) - 1);
	value = entropy_extend(bits, size);
	return (uint32_t)value << 16 | (entry & 0x7e0) | total;
}

void entropy_table_build(struct entropy_table *table, const struct ajpg_huffman_spec *spec, bool dc)
{
	uint32_t code = 0;
	int symbol = 0;

	memset(table, 0, sizeof(*table));
	memcpy(table->symbols, spec->symbols, sizeof(table->symbols));
	table->dc = dc;
	for (int length = 1; length <= 16; length++) {
		table->offset[length] = symbol - (int32_t)code;
		for (int i = 0; i < spec->counts[length - 1]; i++, symbol++, code++) {
			uint32_t entry = entropy_entry(table, spec->symbols[symbol], length);
			int spare = ENTROPY_BITS - length;

			for (uint32_t j = 0; spare >= 0 && j < 1u << spare; j++) {
				uint32_t index = code << spare | j;

				table->lookup[index] = entropy_with_value(entry, index);
			}
		}
		table->limit[length] = code << (16 - length);
		code <<= 1;
	}
	table->limit[17] = UINT32_MAX;
}

uint32_t entropy_long_code(const struct entropy_table *table, uint32_t prefix)
{
	int length = ENTROPY_BITS + 1;

	while (prefix >= table->limit[length])
		length++;
	if (length > 16)
		return 0;
	return entropy_entry(table,
			table->symbols[table->offset[length] + (int32_t)(prefix >> (16 - length))],
			length);
}

void entropy_clear(struct entropy_block *block)
{
	memset(block->coefficients, 0, sizeof(block->coefficients));
}
