/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/mkv.h"

#define BLOCK_GROUP 0xa0

guint64 mkv_big(const guint8 *bytes, gsize count)
{
	guint64 value = 0;

	while (count--)
		value = value << 8 | *bytes++;
	return value;
}

static int mkv_length(guint8 first)
{
	int length = 1;

	g_assert_cmpuint(first, !=, 0);
	while (!(first & 0x80 >> (length - 1)))
		length++;
	return length;
}

gboolean mkv_next(struct mkv_reader *reader, struct mkv_element *element)
{
	int length;

	if (reader->at == reader->end)
		return FALSE;
	length = mkv_length(*reader->at);
	g_assert_cmpint(length, <=, 4);
	element->id = (guint32)mkv_big(reader->at, (gsize)length);
	reader->at += length;
	length = mkv_length(*reader->at);
	element->size = mkv_big(reader->at, (gsize)length) ^ G_GUINT64_CONSTANT(1) << 7 * length;
	element->endless = element->size == (G_GUINT64_CONSTANT(1) << 7 * length) - 1;
	reader->at += length;
	element->data = reader->at;
	if (element->endless)
		element->size = (guint64)(reader->end - reader->at);
	g_assert_cmpuint(element->size, <=, (guint64)(reader->end - reader->at));
	reader->at += element->size;
	return TRUE;
}

struct mkv_reader mkv_within(const struct mkv_element *element)
{
	return (struct mkv_reader){element->data, element->data + element->size};
}

struct mkv_element mkv_find(struct mkv_reader reader, const guint32 *path)
{
	struct mkv_element element;

	while (mkv_next(&reader, &element)) {
		if (element.id != *path)
			continue;
		return path[1] ? mkv_find(mkv_within(&element), path + 1) : element;
	}
	g_error("there is no element %x", *path);
}

struct mkv_reader mkv_all(const GByteArray *bytes)
{
	return (struct mkv_reader){bytes->data, bytes->data + bytes->len};
}

guint64 mkv_number(struct mkv_element element)
{
	return mkv_big(element.data, element.size);
}

char *mkv_words(struct mkv_element element)
{
	return g_strndup((const char *)element.data, element.size);
}

gboolean mkv_next_frame(struct mkv_reader *segment, struct mkv_frame *frame)
{
	struct mkv_element cluster, each, group;
	struct mkv_reader inside;

	do {
		if (!mkv_next(segment, &cluster))
			return FALSE;
	} while (cluster.id != MKV_CLUSTER);
	inside = mkv_within(&cluster);
	frame->lasts = -1;
	while (mkv_next(&inside, &each)) {
		if (each.id == 0xe7)
			frame->time = mkv_number(each);
		if (each.id == BLOCK_GROUP) {
			group = each;
			each = mkv_find(mkv_within(&group), (guint32[]){MKV_BLOCK, 0});
			frame->lasts = (gint64)mkv_number(
					mkv_find(mkv_within(&group), (guint32[]){0x9b, 0}));
		}
		if (each.id != MKV_BLOCK && each.id != MKV_SIMPLE_BLOCK)
			continue;
		g_assert_cmpuint(each.data[0], ==, 0x81);
		g_assert_cmpuint(mkv_big(each.data + 1, 2), ==, 0);
		frame->data = each.data + 4;
		frame->size = (gsize)each.size - 4;
	}
	return TRUE;
}
