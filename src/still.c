/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/still.h"
#include "decoder/recode.h"

static struct recode_rectangle still_all(const struct picture *picture)
{
	return (struct recode_rectangle){.width = picture->width, .height = picture->height};
}

bool still_jpeg(struct decoder *decoder, GByteArray *out)
{
	const struct recode_rectangle all = still_all(decoder_picture(decoder));
	guint before = out->len;
	size_t bound, written = 0;

	/* The viewers' JPEGs go without tables. */
	recode_full_header(decoder, true);
	bound = recode_bound(decoder, &all);
	if (bound) {
		g_byte_array_set_size(out, before + (guint)bound);
		written = recode_write(decoder, &all, out->data + before, bound);
		g_byte_array_set_size(out, before + (guint)written);
	}
	recode_full_header(decoder, false);
	return written > 0;
}

bool still_ajpg(struct decoder *decoder, int selector, int second, GByteArray *out)
{
	guint before = out->len;
	size_t bound = recode_ajpg_bound(decoder), written;

	g_byte_array_set_size(out, before + (guint)bound);
	written = recode_ajpg(decoder, selector, second, out->data + before, bound);
	g_byte_array_set_size(out, before + (guint)written);
	return written > 0;
}

bool still_drawn(const struct picture *picture, GByteArray *out)
{
	const struct recode_rectangle all = still_all(picture);
	guint before = out->len;
	size_t bound = recode_picture_bound(&all), written;

	g_byte_array_set_size(out, before + (guint)bound);
	written = recode_picture(picture, &all, out->data + before, bound);
	g_byte_array_set_size(out, before + (guint)written);
	return written > 0;
}
