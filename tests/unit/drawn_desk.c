/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decoder/text.h"
#include "tests/unit/drawn_desk.h"

void desk_open(struct desk *f, enum decoder_codec codec, int width, int height, int chroma)
{
	*f = (struct desk){.encoder = encoder_new(), .codec = codec};
	twin_open(&f->twin);
	f->twin.follow = true;
	f->settings = (struct encoder_settings){chroma, 7, -1, ENCODER_VQ_NONE, false};
	g_assert_true(picture_resize(&f->source, width, height));
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			f->source.pixels[(gsize)y * f->source.stride + x] =
					(guint32)(x * 150 / width + 40) << 16 |
					(guint32)(y * 150 / height + 60) << 8 | 0x60;
}

void desk_close(struct desk *f)
{
	twin_close(&f->twin);
	encoder_free(f->encoder);
	picture_release(&f->source);
}

void desk_write(struct desk *f, int x, int y, const char *text)
{
	const struct text_style style = {
			.ink = 0xffffff, .paper = 0x102030, .opaque = true, .scale = 1};

	text_draw(&f->source, x, y, text, &style);
}

void desk_fill(struct desk *f, int x, int y, int width, int height, guint32 colour)
{
	for (int j = y; j < y + height; j++)
		for (int i = x; i < x + width; i++)
			f->source.pixels[(gsize)j * f->source.stride + i] = colour;
}

bool desk_step(struct desk *f, bool full)
{
	struct decoder_frame frame = {.codec = f->codec,
			.width = f->source.width,
			.height = f->source.height,
			.chroma = f->settings.chroma,
			.selector = f->settings.selector,
			.second_selector = f->settings.second_selector,
			.studio = f->settings.studio};

	frame.data = encoder_picture(f->encoder, &f->source, &f->settings, f->codec == DECODER_JPEG,
			full, &frame.size);
	g_assert_nonnull(frame.data);
	return twin_decode(&f->twin, &frame);
}
