/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of a display channel, and what goes with them: tables for JPEGs, marks, the pace. */
#include <spice/enums.h>
#include <string.h>
#include "spice/huffman.h"
#include "spice/pace.h"
#include "spice/unseen.h"
#include "spice/wire.h"
#include "tests/unit/jpeg_coder.h"

static void test_each_message_is_as_large_as_it_says(void)
{
	static const uint16_t types[] = {SPICE_MSG_DISPLAY_SURFACE_DESTROY,
			SPICE_MSG_DISPLAY_SURFACE_CREATE, SPICE_MSG_DISPLAY_MONITORS_CONFIG,
			SPICE_MSG_DISPLAY_MARK, SPICE_MSG_DISPLAY_COPY_BITS,
			SPICE_MSG_DISPLAY_DRAW_COPY, SPICE_MSG_PING};
	const struct display_rectangle rectangle = {16, 32, 48, 64};
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GByteArray) wide = g_byte_array_new();
	uint64_t serial = 41;
	size_t at = 0;
	guint start;

	wire_surface_destroy(out);
	wire_surface_create(out, 800, 600);
	wire_monitors_config(out, 800, 600);
	wire_mark(out);
	wire_copy_rows(out, &rectangle, 40);
	start = wire_draw_begin(out, &rectangle, 7);
	g_byte_array_append(out, (const guint8 *)"JPEG", 4);
	wire_draw_end(out, start);
	g_assert_cmpuint(wire_get32(out->data + out->len - 8), ==, 4);
	/* The descriptor is where the message says. */
	g_assert_cmpuint(wire_get64(out->data + start + 6 + wire_get32(out->data + start + 6 + 21)),
			==, 7);
	wire_ping(out, 3, 4);
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		g_assert_cmpuint(wire_get16(out->data + at), ==, types[i]);
		at += 6 + wire_get32(out->data + at + 2);
	}
	g_assert_cmpuint(at, ==, out->len);
	wire_widen(wide, out->data, out->len, &serial);
	g_assert_cmpuint(serial, ==, 41 + G_N_ELEMENTS(types));
	g_assert_cmpuint(wide->len, ==, out->len + G_N_ELEMENTS(types) * 12);
	g_assert_cmpuint(wire_get64(wide->data), ==, 42);
	g_assert_cmpuint(wire_get16(wide->data + 8), ==, types[0]);
}

static const struct {
	uint16_t type;
	uint32_t size;
	bool good;
} messages[] = {
		{SPICE_MSGC_ACK_SYNC, 4, true},
		{SPICE_MSGC_ACK, 0, true},
		{SPICE_MSGC_ACK, 1, false},
		{SPICE_MSGC_PONG, 12, true},
		{SPICE_MSGC_PONG, 11, false},
		{SPICE_MSGC_PONG, 13, false},
		{SPICE_MSGC_PONG, 0, false},
		{SPICE_MSGC_MIGRATE_DATA, 4, false},
		{SPICE_MSGC_DISCONNECTING, 12, true},
		{SPICE_MSGC_DISPLAY_INIT, 14, true},
		{SPICE_MSGC_DISPLAY_INIT, 0, false},
		{SPICE_MSGC_DISPLAY_INIT, UINT32_MAX, false},
		{SPICE_MSGC_DISPLAY_STREAM_REPORT, 32, true},
		{SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION, 1, true},
		{SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION, 2, false},
		{SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE, 0, false},
		{SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE, WIRE_BODY_MAX, true},
		{SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE, WIRE_BODY_MAX + 1, false},
		{0, 0, false},
		{99, 0, false},
		{0xffff, 0xffff, false},
};

static void test_messages_of_clients_are_taken_or_bad(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(messages) * 2; i++) {
		bool mini = i % 2;
		size_t header = mini ? WIRE_MINI_HEADER : WIRE_FULL_HEADER;
		g_autoptr(GByteArray) out = g_byte_array_new();
		uint8_t body[WIRE_BODY_MAX + 1] = {0};
		struct wire_message message;

		if (!mini)
			wire_put64(out, 5);
		wire_put16(out, messages[i / 2].type);
		wire_put32(out, messages[i / 2].size);
		if (!mini)
			wire_put32(out, 0);
		body[0] = (uint8_t)(messages[i / 2].size - 1); /* a count, where there is one */
		g_byte_array_append(out, body, MIN(messages[i / 2].size, sizeof(body)));
		for (guint size = 0; size <= out->len; size++) {
			uint8_t *bytes = g_memdup2(out->data, size);
			enum wire_verdict verdict = wire_read(bytes, size, mini, &message);

			if (size < header)
				g_assert_cmpint(verdict, ==, WIRE_MORE);
			else if (!messages[i / 2].good)
				g_assert_cmpint(verdict, ==, WIRE_BAD);
			else
				g_assert_cmpint(verdict, ==,
						size == out->len ? WIRE_WHOLE : WIRE_MORE);
			g_free(bytes);
		}
	}
}

static void test_sub_messages_and_wrong_counts_are_bad(void)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	const uint8_t codecs[] = {2, 1, 1};
	struct wire_message message;

	wire_put64(out, 1);
	wire_put16(out, SPICE_MSGC_ACK);
	wire_put32(out, 0);
	wire_put32(out, 1);
	g_assert_cmpint(wire_read(out->data, out->len, false, &message), ==, WIRE_BAD);
	g_byte_array_set_size(out, 0);
	wire_put16(out, SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE);
	wire_put32(out, sizeof(codecs));
	g_byte_array_append(out, codecs, sizeof(codecs));
	g_assert_cmpint(wire_read(out->data, out->len, true, &message), ==, WIRE_WHOLE);
	out->data[6] = 3;
	g_assert_cmpint(wire_read(out->data, out->len, true, &message), ==, WIRE_BAD);
}

/* --- Tables --- */

static GByteArray *make_jpeg(void)
{
	const struct display_rectangle rectangle = {0, 0, 40, 24};
	GByteArray *out = g_byte_array_new();
	struct jpeg_coder coder;

	jpeg_coder_init(&coder, 40, 24);
	g_assert_true(coder.coder.write(&rectangle, out, coder.coder.data));
	jpeg_coder_release(&coder);
	return out;
}

/* Takes the tables out, as libjpeg writes them: a segment each. */
static GByteArray *without_tables(const GByteArray *jpeg)
{
	GByteArray *out = g_byte_array_new();
	guint at = 2;

	g_byte_array_append(out, jpeg->data, 2);
	while (jpeg->data[at + 1] != 0xda) {
		guint size = 2 + (jpeg->data[at + 2] << 8 | jpeg->data[at + 3]);

		if (jpeg->data[at + 1] != 0xc4)
			g_byte_array_append(out, jpeg->data + at, size);
		at += size;
	}
	g_byte_array_append(out, jpeg->data + at, jpeg->len - at);
	return out;
}

static void test_tables_are_the_usual_ones(void)
{
	g_autoptr(GByteArray) jpeg = make_jpeg();
	g_autoptr(GByteArray) bare = without_tables(jpeg);
	g_autoptr(GByteArray) whole = g_byte_array_new();
	const uint8_t *ours = NULL;
	guint at = 2, from = 4;

	g_byte_array_append(whole, (const guint8 *)"what is before", 14);
	g_byte_array_append(whole, bare->data, bare->len);
	huffman_insert(whole, 14);
	/* One segment's head instead of four. */
	g_assert_cmpuint(whole->len, ==, 14 + jpeg->len - 3 * 4);
	for (guint i = 14; !ours; i++)
		if (whole->data[i] == 0xff && whole->data[i + 1] == 0xc4)
			ours = whole->data + i;
	for (; jpeg->data[at + 1] != 0xda;
			at += 2 + (jpeg->data[at + 2] << 8 | jpeg->data[at + 3])) {
		guint size = (jpeg->data[at + 2] << 8 | jpeg->data[at + 3]) - 2;

		if (jpeg->data[at + 1] != 0xc4)
			continue;
		g_assert_cmpmem(ours + from, size, jpeg->data + at + 4, size);
		from += size;
	}
	g_assert_cmpuint(from, ==, 2 + (ours[2] << 8 | ours[3]));
}

static void test_tables_that_are_there_stay(void)
{
	g_autoptr(GByteArray) jpeg = make_jpeg();
	guint size = jpeg->len;

	huffman_insert(jpeg, 0);
	g_assert_cmpuint(jpeg->len, ==, size);
}

static void test_what_is_no_jpeg_stays(void)
{
	g_autoptr(GByteArray) jpeg = make_jpeg();
	g_autoptr(GByteArray) bare = without_tables(jpeg);
	guint head;

	for (head = 2; bare->data[head + 1] != 0xda;)
		head += 2 + (bare->data[head + 2] << 8 | bare->data[head + 3]);
	for (guint size = 0; size <= head; size++) {
		GByteArray *cut = g_byte_array_new_take(g_memdup2(bare->data, size), size);

		huffman_insert(cut, 0);
		g_assert_cmpuint(cut->len, ==, size);
		g_byte_array_unref(cut);
	}
}

/* --- Marks --- */

static int count_marks(const struct unseen *unseen)
{
	int count = 0;

	for (int i = 0; i < unseen->marks.columns * unseen->marks.rows; i++)
		count += unseen->marks.map[i];
	return count;
}

static void test_marks_follow_the_unit_of_the_damage(void)
{
	struct unseen unseen = {0};
	uint8_t fine[9 * 5] = {0}, coarse[5 * 3] = {0};
	const struct display_damage in_8 = {8, 9, 5, fine, NULL}, in_16 = {16, 5, 3, coarse, NULL};

	g_assert_true(unseen_resize(&unseen, 72, 40));
	g_assert_cmpint(unseen.marks.unit, ==, 16);
	g_assert_false(unseen.any);
	coarse[14] = 1; /* the last, of which only a quarter is in the picture */
	coarse[0] = 1;
	unseen_add(&unseen, &in_16);
	g_assert_true(unseen.any);
	fine[4] = 1;
	unseen_add(&unseen, &in_8);
	g_assert_cmpint(unseen.marks.unit, ==, 8);
	g_assert_cmpint(count_marks(&unseen), ==, 1 + 4 + 1);
	g_assert_cmpint(unseen.marks.map[44], ==, 1);
	unseen_add(&unseen, &in_16);
	g_assert_cmpint(unseen.marks.unit, ==, 16);
	g_assert_cmpint(count_marks(&unseen), ==, 3);
	unseen_clear(&unseen);
	g_assert_cmpint(count_marks(&unseen), ==, 0);
	unseen_mark_all(&unseen);
	unseen_add(&unseen, &in_8);
	g_assert_cmpint(count_marks(&unseen), ==, 45);
	unseen_release(&unseen);
}

static void test_damage_of_another_size_is_cut(void)
{
	struct unseen unseen = {0};
	uint8_t map[40 * 40];
	const struct display_damage large = {16, 40, 40, map, NULL}, small = {16, 1, 1, map, NULL};

	memset(map, 1, sizeof(map));
	unseen_add(&unseen, &large); /* before there is a picture */
	g_assert_false(unseen.any);
	g_assert_true(unseen_resize(&unseen, 50, 20));
	unseen_add(&unseen, &small);
	g_assert_cmpint(count_marks(&unseen), ==, 1);
	unseen_add(&unseen, &large);
	g_assert_cmpint(count_marks(&unseen), ==, 8);
	g_assert_true(unseen_resize(&unseen, 1, 1));
	g_assert_false(unseen.any);
	unseen_add(&unseen, &large);
	g_assert_cmpint(count_marks(&unseen), ==, 1);
	unseen_release(&unseen);
}

/* --- The pace --- */

static void test_two_updates_are_under_way_at_most(void)
{
	struct pace pace = {0};

	g_assert_true(pace_open(&pace));
	g_assert_cmpuint(pace_begin(&pace, 1000, 10), ==, 1);
	pace_flushed(&pace, 11);
	g_assert_true(pace_open(&pace));
	g_assert_cmpuint(pace_begin(&pace, 1000, 20), ==, 2);
	g_assert_false(pace_open(&pace));
	/* Its last byte is still here. */
	g_assert_false(pace_drawn(&pace, 2, 30));
	g_assert_true(pace_drawn(&pace, 1, 2011));
	g_assert_cmpint(pace.trip, ==, 2000);
	g_assert_cmpint(pace.rate, ==, 0);
	g_assert_true(pace_open(&pace));
	g_assert_false(pace_drawn(&pace, 1, 40));
	g_assert_false(pace_drawn(&pace, 3, 40));
	g_assert_false(pace_drawn(&pace, 0, 40));
	pace_flushed(&pace, 50);
	g_assert_true(pace_drawn(&pace, 2, 60));
}

/* One after the other, each drawn so long after it left. */
static int64_t pace_pass(struct pace *pace, int64_t now, int updates, size_t bytes, int ms)
{
	for (int i = 0; i < updates; i++) {
		uint32_t number = pace_begin(pace, bytes, now);

		pace_flushed(pace, now);
		now += (int64_t)ms * 1000;
		g_assert_true(pace_drawn(pace, number, now));
	}
	return now;
}

/* How many may be under way. */
static int pace_count(const struct pace *pace, size_t bytes)
{
	struct pace copy = *pace;
	int count = 0;

	while (pace_open(&copy)) {
		pace_begin(&copy, bytes, 0);
		pace_flushed(&copy, 0);
		count++;
	}
	return count;
}

static void test_one_is_where_updates_wait_on_the_way(void)
{
	struct pace pace = {0};
	int64_t now = pace_pass(&pace, 1000, 20, 100000, 150);

	g_assert_cmpint(pace_count(&pace, 100), ==, 1);
	pace_pass(&pace, now, 20, 100000, 10);
	g_assert_cmpint(pace_count(&pace, 100), ==, 2);
}

static void test_more_small_ones_are_on_a_long_way(void)
{
	struct pace pace = {0};
	int64_t now = pace_pass(&pace, 1000, 20, 100, 120);

	g_assert_cmpint(pace.way, ==, 120000);
	g_assert_cmpint(pace_count(&pace, 1000), ==, 5);
	g_assert_cmpint(pace_count(&pace, 20000), ==, 2);
	now = pace_pass(&pace, now, 20, 100000, 190); /* 70 ms of it are their bytes */
	g_assert_cmpint(pace_count(&pace, 1000), ==, 5);
	now = pace_pass(&pace, now, 20, 100000, 250);
	g_assert_cmpint(pace_count(&pace, 1000), ==, 1);
	pace_pass(&pace, now, 20, 100, 900);
	g_assert_cmpint(pace.way, ==, 120000);
	g_assert_cmpint(pace_count(&pace, 1000), ==, 1);
}

static void test_there_is_an_end_to_how_many(void)
{
	struct pace pace = {0};

	pace_pass(&pace, 1000, 20, 100, 5000);
	g_assert_cmpint(pace_count(&pace, 100), ==, PACE_MOST);
}

static void test_the_rate_is_that_of_a_busy_link(void)
{
	struct pace pace = {0};
	int64_t now = 1000000, drawn = now;
	uint32_t number = 0;

	/* 1 MB/s, and always one waiting behind another. */
	for (int i = 0; i < 20; i++) {
		if (number > 1)
			g_assert_true(pace_drawn(&pace, number - 1, drawn += 50000));
		number = pace_begin(&pace, 50000, drawn);
		pace_flushed(&pace, drawn + 1000);
	}
	g_assert_cmpint(pace.rate, >=, 900000);
	g_assert_cmpint(pace.rate, <=, 1100000);
}

static void test_numbers_may_wrap(void)
{
	struct pace pace = {.begun = UINT32_MAX, .flushed = UINT32_MAX, .drawn = UINT32_MAX};

	g_assert_cmpuint(pace_begin(&pace, 1, 1), ==, 0);
	pace_flushed(&pace, 1);
	g_assert_false(pace_drawn(&pace, 1, 2));
	g_assert_false(pace_drawn(&pace, UINT32_MAX, 2));
	g_assert_true(pace_drawn(&pace, 0, 2));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/wire/" #name, test_##name)
	TEST(each_message_is_as_large_as_it_says);
	TEST(messages_of_clients_are_taken_or_bad);
	TEST(sub_messages_and_wrong_counts_are_bad);
	TEST(tables_are_the_usual_ones);
	TEST(tables_that_are_there_stay);
	TEST(what_is_no_jpeg_stays);
	TEST(marks_follow_the_unit_of_the_damage);
	TEST(damage_of_another_size_is_cut);
	TEST(two_updates_are_under_way_at_most);
	TEST(one_is_where_updates_wait_on_the_way);
	TEST(more_small_ones_are_on_a_long_way);
	TEST(there_is_an_end_to_how_many);
	TEST(the_rate_is_that_of_a_busy_link);
	TEST(numbers_may_wrap);
	return g_test_run();
}
