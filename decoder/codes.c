/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decoder/codes.h"

/* A run counts the coefficient itself; sixteen zeros have no value. */
static uint16_t codes_entry(uint8_t symbol, int length)
{
	int size = symbol & 15;

	if (symbol == 0x00)
		return length | CODES_END;
	return (length + size) | ((symbol >> 4) + 1) << 5 | size << 12;
}

static void codes_singles(struct codes_table *table, const struct ajpg_huffman_spec *spec)
{
	uint32_t code = 0;
	int symbol = 0;

	for (int length = 1; length <= 16; length++, code <<= 1) {
		for (int i = 0; i < spec->counts[length - 1]; i++, symbol++, code++) {
			uint16_t entry = codes_entry(spec->symbols[symbol], length);
			uint32_t prefix = code << (16 - length);

			if (length <= CODES_BITS)
				for (uint32_t j = 0; j < 1u << (CODES_BITS - length); j++)
					table->single[(prefix >> (16 - CODES_BITS)) + j] = entry;
			else
				for (uint32_t j = 0; j < 1u << (16 - length); j++)
					table->longer[(prefix + j) & (CODES_LONG - 1)] = entry;
			if (spec->symbols[symbol] == 0x00)
				table->end_length = length;
		}
	}
}

/* With the first code those that follow it in the same look-up, as far as they are whole. */
static uint16_t codes_several(const struct codes_table *table, uint32_t index)
{
	uint32_t entry = table->single[index], end = entry & CODES_END;
	int take = CODES_TAKE(entry), run = CODES_RUN(entry);

	while (!end && take < CODES_BITS) {
		entry = table->single[index << take & ((1 << CODES_BITS) - 1)];
		if (!entry || take + CODES_TAKE(entry) > CODES_BITS || run + CODES_RUN(entry) > 63)
			break;
		take += CODES_TAKE(entry);
		run += CODES_RUN(entry);
		end = entry & CODES_END;
	}
	return take | run << 5 | end;
}

static void codes_dc(struct codes_table *table, const struct ajpg_huffman_spec *spec)
{
	uint32_t code = 0;
	int symbol = 0;

	for (int length = 1; length <= CODES_DC_BITS; length++, code <<= 1) {
		for (int i = 0; i < spec->counts[length - 1]; i++, symbol++, code++) {
			int size = spec->symbols[symbol], spare = CODES_DC_BITS - length;

			for (uint32_t j = 0; j < 1u << spare; j++)
				table->dc[(code << spare) + j] = (length + size) | size << 12;
			table->dc_code[size] = code;
			table->dc_length[size] = length;
		}
	}
}

static void codes_build(struct codes_table *table, const struct ajpg_huffman_spec *dc,
		const struct ajpg_huffman_spec *ac)
{
	memset(table, 0, sizeof(*table));
	codes_singles(table, ac);
	for (uint32_t i = 0; i < 1 << CODES_BITS; i++)
		table->several[i] = table->single[i] ? codes_several(table, i) : 0;
	codes_dc(table, dc);
}

void codes_init(struct codes *codes)
{
	codes_build(&codes->luma, &ajpg_dc_luma, &ajpg_ac_luma);
	codes_build(&codes->chroma, &ajpg_dc_chroma, &ajpg_ac_chroma);
}

enum entropy_status codes_rest(
		const struct codes_table *table, const uint8_t *bytes, size_t *position, int k)
{
	for (;;) {
		uint32_t entry = codes_single(table, codes_bits(bytes, *position));

		if (!entry)
			return ENTROPY_BAD_CODE;
		*position += CODES_TAKE(entry);
		if (entry & CODES_END)
			return ENTROPY_OK;
		k += CODES_RUN(entry);
		if (k > 63)
			return ENTROPY_BAD_RUN;
		if (k == 63)
			return ENTROPY_OK;
	}
}
