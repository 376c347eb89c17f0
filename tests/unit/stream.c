/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/stream.h"

void stream_begin(struct stream *s)
{
	if (!s->bytes)
		s->bytes = g_byte_array_new();
	g_byte_array_set_size(s->bytes, 0);
	s->word = 0;
	s->filled = 0;
	s->count = 0;
}

void stream_clear(struct stream *s)
{
	g_byte_array_unref(s->bytes);
}

static void stream_bit(struct stream *s, bool bit)
{
	guint8 little[4];

	s->word = s->word << 1 | bit;
	s->count++;
	if (++s->filled < 32)
		return;
	for (int i = 0; i < 4; i++)
		little[i] = s->word >> (8 * i);
	g_byte_array_append(s->bytes, little, 4);
	s->filled = 0;
}

void stream_put(struct stream *s, guint32 value, int count)
{
	while (count-- > 0)
		stream_bit(s, value >> count & 1);
}

void stream_flush(struct stream *s)
{
	while (s->filled)
		stream_bit(s, 0);
}

void stream_code(struct stream *s, int code)
{
	stream_put(s, code, 4);
}

void stream_at(struct stream *s, int code, int x, int y)
{
	stream_put(s, code | AT, 4);
	stream_put(s, x, 8);
	stream_put(s, y, 8);
}

void stream_dc(struct stream *s, enum stream_component component, int difference)
{
	static const char *const codes[2][12] = {
			{"00", "010", "011", "100", "101", "110", "1110", "11110", "111110",
					"1111110", "11111110", "111111110"},
			{"00", "01", "10", "110", "1110", "11110", "111110", "1111110", "11111110",
					"111111110", "1111111110", "11111111110"},
	};
	int category = 0;

	while (ABS(difference) >> category)
		category++;
	g_assert_cmpint(category, <=, 11);
	for (const char *code = codes[component][category]; *code; code++)
		stream_bit(s, *code == '1');
	stream_put(s, difference < 0 ? difference - 1 : difference, category);
}

void stream_flat(struct stream *s, enum stream_component component, int difference)
{
	stream_dc(s, component, difference);
	if (component == LUMA)
		stream_put(s, EOB_LUMA);
	else
		stream_put(s, EOB_CHROMA);
}

void stream_flat_444(struct stream *s, int luma, int cb, int cr)
{
	stream_flat(s, LUMA, luma);
	stream_flat(s, CHROMA, cb);
	stream_flat(s, CHROMA, cr);
}

void stream_flat_420(struct stream *s, int luma, int cb, int cr)
{
	stream_flat(s, LUMA, luma);
	for (int i = 0; i < 3; i++)
		stream_flat(s, LUMA, 0);
	stream_flat(s, CHROMA, cb);
	stream_flat(s, CHROMA, cr);
}

void stream_entry(struct stream *s, int slot, int colour)
{
	stream_put(s, colour >= 0, 1);
	stream_put(s, slot, 2);
	if (colour >= 0)
		stream_put(s, colour, 24);
}

void stream_end(struct stream *s)
{
	stream_code(s, END);
}

void fixture_open(struct fixture *f, int width, int height, enum decoder_chroma chroma)
{
	*f = (struct fixture){.decoder = decoder_new()};
	g_assert_nonnull(f->decoder);
	f->frame = (struct decoder_frame){
			.codec = DECODER_AJPG,
			.width = width,
			.height = height,
			.chroma = chroma,
			.selector = 11,
			.second_selector = -1,
	};
	stream_begin(&f->s);
}

void fixture_close(struct fixture *f)
{
	stream_clear(&f->s);
	decoder_free(f->decoder);
}

bool decode(struct fixture *f)
{
	guint8 *memory;
	bool good;

	stream_flush(&f->s);
	memory = g_malloc(f->s.bytes->len + f->shift);
	if (f->s.bytes->len)
		memcpy(memory + f->shift, f->s.bytes->data, f->s.bytes->len);
	f->frame.data = memory ? memory + f->shift : NULL;
	f->frame.size = f->s.bytes->len;
	good = decoder_decode(f->decoder, &f->frame, &f->result);
	g_free(memory);
	f->frame.data = NULL;
	g_assert_cmpint(good, ==, f->result.fault == DECODER_OK);
	stream_begin(&f->s);
	return good;
}

void decode_good(struct fixture *f)
{
	stream_end(&f->s);
	if (!decode(f))
		g_error("word %zu, macroblock %d,%d: %s", f->result.word, f->result.x, f->result.y,
				decoder_fault_text(f->result.fault));
}

guint32 pixel(const struct fixture *f, int x, int y)
{
	const struct picture *picture = decoder_picture(f->decoder);

	return picture->pixels[(gsize)y * picture->stride + x];
}

void assert_block(const struct fixture *f, int column, int row, guint32 colour)
{
	int unit = f->frame.chroma == DECODER_444 ? 8 : 16;

	for (int y = row * unit; y < MIN((row + 1) * unit, f->frame.height); y++)
		for (int x = column * unit; x < MIN((column + 1) * unit, f->frame.width); x++)
			g_assert_cmphex(pixel(f, x, y), ==, colour);
}

bool damaged(const struct fixture *f, int column, int row)
{
	const struct damage *damage = decoder_damage(f->decoder);

	g_assert_cmpint(column, <, damage->columns);
	g_assert_cmpint(row, <, damage->rows);
	return damage->map[(gsize)row * damage->columns + column];
}
