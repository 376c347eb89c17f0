/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/symbols.h"

/*
 * An entry for what entropy_symbol would find with these bits in front. The sign must be among
 * them: from there on a value is its base and the bits that follow.
 */
static uint32_t symbols_entry(uint32_t step, int length, int size, uint32_t index)
{
	int total = length + size, more = total > SYMBOLS_BITS ? total - SYMBOLS_BITS : 0;
	uint32_t known = 0; /* bits of the value within the index */
	int32_t base = 0;

	if (size) {
		known = index >> (SYMBOLS_BITS - total + more) & ((1u << (size - more)) - 1);
		base = (int32_t)(known << more);
		if (!(known >> (size - more - 1)))
			base -= (1 << size) - 1;
	}
	return SYMBOLS_ENTRY(base, step, more, total);
}

/* Finds the code in front of SYMBOLS_BITS bits: 0 when there is none as short. */
static int symbols_code(const struct entropy_table *table, uint32_t index, uint8_t *symbol)
{
	uint32_t prefix = index << (16 - SYMBOLS_BITS);
	int length = 1;

	while (prefix >= table->limit[length])
		length++;
	if (length > SYMBOLS_BITS)
		return 0;
	*symbol = table->symbols[table->offset[length] + (int32_t)(prefix >> (16 - length))];
	return length;
}

static uint32_t symbols_ac(const struct entropy_table *table, uint32_t index)
{
	uint8_t symbol;
	int length = symbols_code(table, index, &symbol), size;

	if (!length)
		return SYMBOLS_ENTRY(0, SYMBOLS_LEAVE, 0, 0);
	if (symbol == 0x00)
		return SYMBOLS_ENTRY(0, SYMBOLS_LEAVE, 0, length);
	size = symbol & 15;
	if (length + size > SYMBOLS_TAKE_MOST || (size && length == SYMBOLS_BITS))
		return SYMBOLS_ENTRY(0, SYMBOLS_LEAVE, 0, 0);
	return symbols_entry((symbol >> 4) + 1u, length, size, index);
}

static uint32_t symbols_dc(
		const struct entropy_table *dc, const struct entropy_table *ac, uint32_t index)
{
	uint8_t size, next;
	int length = symbols_code(dc, index, &size), total, end;
	uint32_t entry;

	if (!length || (size && length == SYMBOLS_BITS))
		return SYMBOLS_ENTRY(0, SYMBOLS_LEAVE, 0, 0);
	entry = symbols_entry(0, length, size, index);
	total = length + size;
	if (total >= SYMBOLS_BITS)
		return entry;
	/* What lies beyond the index reads as zeros, and so can only make a code too long. */
	end = symbols_code(ac, index << total & ((1u << SYMBOLS_BITS) - 1), &next);
	if (!end || next != 0x00 || total + end > SYMBOLS_BITS)
		return entry;
	return entry + (uint32_t)end + (SYMBOLS_FLAT << 12);
}

static void symbols_component(struct symbols_tables *tables, const struct entropy_table *dc,
		const struct entropy_table *ac)
{
	tables->dc.entropy = dc;
	tables->ac.entropy = ac;
	for (uint32_t index = 0; index < 1u << SYMBOLS_BITS; index++) {
		uint32_t entry = symbols_ac(ac, index);

		tables->ac.lookup[index] = entry;
		if (SYMBOLS_STEP(entry) == SYMBOLS_LEAVE && SYMBOLS_TAKE(entry))
			tables->end = entry;
		entry = tables->dc.lookup[index] = symbols_dc(dc, ac, index);
		if (SYMBOLS_STEP(entry) == SYMBOLS_FLAT && !SYMBOLS_BASE(entry)) {
			tables->same_count = (int)SYMBOLS_TAKE(entry);
			tables->same = index >> (SYMBOLS_BITS - tables->same_count);
		}
	}
}

static void symbols_append(struct symbols *symbols, int which, const struct symbols_tables *tables)
{
	symbols->same[which].bits <<= tables->same_count;
	symbols->same[which].bits |= tables->same;
	symbols->same[which].count += tables->same_count;
}

void symbols_build(struct symbols *symbols, const struct entropy_table *dc_luma,
		const struct entropy_table *ac_luma, const struct entropy_table *dc_chroma,
		const struct entropy_table *ac_chroma)
{
	memset(symbols, 0, sizeof(*symbols));
	symbols_component(&symbols->luma, dc_luma, ac_luma);
	symbols_component(&symbols->chroma, dc_chroma, ac_chroma);
	for (int which = 0; which < 2; which++) {
		for (int i = 0; i < (which ? 4 : 1); i++)
			symbols_append(symbols, which, &symbols->luma);
		for (int i = 0; i < 2; i++)
			symbols_append(symbols, which, &symbols->chroma);
	}
}

bool symbols_long_dc(const struct symbols_table *dc, struct entropy_cursor *cursor,
		int16_t *prediction, int16_t values[64])
{
	int32_t value;

	if (!entropy_symbol(cursor, dc->entropy, &value))
		return false;
	values[0] = *prediction = (int16_t)(uint16_t)(*prediction + value);
	return true;
}

bool symbols_odd(const struct symbols_table *ac, struct entropy_cursor *cursor, int *k,
		int16_t values[64], enum entropy_status *status)
{
	uint32_t entry;
	int32_t value;

	entropy_fill(cursor);
	entry = entropy_symbol(cursor, ac->entropy, &value);
	if (!entry) {
		*status = ENTROPY_BAD_CODE;
		return false;
	}
	*k += (int)ENTROPY_RUN(entry);
	if (*k > 63) {
		*status = ENTROPY_BAD_RUN;
		*k = 63;
		return false;
	}
	values[kernels_places[*k]] = (int16_t)value;
	entropy_fill(cursor);
	return *k < 63;
}
