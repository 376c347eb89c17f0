/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reel: what is let go, and that all that is left can be read and played. */
#include "src/reel.h"

#define FRAME_MOST 9000

static uint8_t byte_of(int64_t time, size_t i)
{
	return (uint8_t)((uint64_t)time * 31 + i * 7);
}

static bool add(struct reel *reel, enum reel_kind kind, int64_t time, size_t size)
{
	const struct reel_entry entry = {.kind = kind,
			.time = time,
			.wall = time + 5,
			.size = size,
			.frame.width = (int)size};
	g_autofree uint8_t *bytes = g_malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		bytes[i] = byte_of(time, i);
	return reel_add(reel, &entry, bytes);
}

/* Reads all of it, and compares it with what was added. Returns the frames. */
static unsigned int check(const struct reel *reel)
{
	g_autoptr(GByteArray) data = g_byte_array_new();
	struct reel_place place = {0};
	struct reel_entry entry;
	struct reel_stats stats;
	unsigned int frames = 0, marks = 0;
	int64_t before = 0;
	bool plays = false;

	reel_stats(reel, &stats);
	while (reel_read(reel, &place, &entry, data)) {
		if (!frames && !marks)
			g_assert_cmpint(entry.time, ==, stats.first);
		g_assert_cmpint(entry.time, >=, before);
		g_assert_cmpint(entry.wall, ==, entry.time + 5);
		g_assert_cmpint(entry.frame.width, ==, (int)entry.size);
		g_assert_cmpuint(data->len, ==, entry.size);
		for (size_t i = 0; i < data->len; i++)
			g_assert_cmpuint(data->data[i], ==, byte_of(entry.time, i));
		plays = plays || entry.kind == REEL_COMPLETE;
		if (entry.kind == REEL_DIFFERENCE)
			g_assert_true(plays);
		before = entry.time;
		*(entry.kind == REEL_MARK ? &marks : &frames) += 1;
	}
	g_assert_cmpuint(frames, ==, stats.frames);
	g_assert_cmpuint(marks, ==, stats.marks);
	g_assert_cmpint(before, ==, stats.last);
	return frames;
}

static void test_what_is_added_is_read(void)
{
	struct reel_store *store = reel_store_new(64 * REEL_CHUNK);
	struct reel *reel = reel_new(store);

	g_assert_cmpuint(check(reel), ==, 0);
	g_assert_true(add(reel, REEL_COMPLETE, 1, 40000));
	g_assert_true(add(reel, REEL_DIFFERENCE, 2, 0));
	g_assert_true(add(reel, REEL_MARK, 3, 17));
	g_assert_true(add(reel, REEL_DIFFERENCE, 4, 1));
	g_assert_cmpuint(check(reel), ==, 3);
	reel_unref(reel);
	reel_store_free(store);
}

static void test_a_difference_wants_a_complete_frame(void)
{
	struct reel_store *store = reel_store_new(64 * REEL_CHUNK);
	struct reel *reel = reel_new(store);

	g_assert_false(add(reel, REEL_DIFFERENCE, 1, 100));
	g_assert_true(add(reel, REEL_MARK, 2, 10));
	g_assert_false(add(reel, REEL_DIFFERENCE, 3, 100));
	g_assert_true(add(reel, REEL_COMPLETE, 4, 100));
	g_assert_true(add(reel, REEL_DIFFERENCE, 5, 100));
	reel_gap(reel);
	g_assert_false(add(reel, REEL_DIFFERENCE, 6, 100));
	g_assert_cmpuint(check(reel), ==, 2);
	reel_unref(reel);
	reel_store_free(store);
}

static void test_the_oldest_group_goes_first(void)
{
	struct reel_store *store = reel_store_new(8 * REEL_CHUNK);
	struct reel *reel = reel_new(store);
	struct reel_stats stats;

	for (int i = 0; i < 20; i++) {
		g_assert_true(add(reel, REEL_COMPLETE, 10 + i * 2, 20000));
		g_assert_true(add(reel, REEL_DIFFERENCE, 11 + i * 2, 5000));
		check(reel);
	}
	reel_stats(reel, &stats);
	g_assert_cmpint(stats.last, ==, 49);
	g_assert_cmpint(stats.first % 2, ==, 0); /* a complete one */
	g_assert_cmpuint(stats.groups, >=, 4);
	g_assert_cmpuint(stats.bytes, <=, reel_store_size(store));
	reel_trim(reel, 2 * REEL_CHUNK + 1);
	reel_stats(reel, &stats);
	g_assert_cmpuint(stats.groups, ==, 1);
	g_assert_cmpuint(check(reel), ==, 2);
	reel_unref(reel);
	reel_store_free(store);
}

static void test_one_endless_group_begins_anew(void)
{
	struct reel_store *store = reel_store_new(4 * REEL_CHUNK);
	struct reel *reel = reel_new(store);
	int time = 1;

	g_assert_true(add(reel, REEL_COMPLETE, time++, 20000));
	while (add(reel, REEL_DIFFERENCE, time++, 5000))
		check(reel);
	g_assert_cmpuint(check(reel), ==, 0);
	g_assert_false(add(reel, REEL_DIFFERENCE, time++, 5000));
	g_assert_true(add(reel, REEL_COMPLETE, time++, 20000));
	g_assert_cmpuint(check(reel), ==, 1);
	reel_unref(reel);
	reel_store_free(store);
}

static void test_what_is_too_large_is_not_taken(void)
{
	struct reel_store *store = reel_store_new(4 * REEL_CHUNK);
	struct reel *reel = reel_new(store);

	g_assert_null(reel_store_new(REEL_CHUNK));
	g_assert_true(add(reel, REEL_COMPLETE, 1, 100));
	g_assert_false(add(reel, REEL_COMPLETE, 2, 4 * REEL_CHUNK));
	g_assert_true(add(reel, REEL_COMPLETE, 3, 3 * REEL_CHUNK));
	g_assert_cmpuint(check(reel), ==, 1);
	reel_unref(reel);
	reel_store_free(store);
}

/* One that is kept leaves the other what is left of the memory. */
static void test_two_share_a_store(void)
{
	struct reel_store *store = reel_store_new(16 * REEL_CHUNK);
	struct reel *kept = reel_new(store), *live = reel_new(store);
	struct reel_stats a, b;

	for (int i = 0; i < 50; i++)
		g_assert_true(add(kept, REEL_COMPLETE, 1 + i, 10000));
	reel_trim(kept, reel_store_size(store) / 2);
	for (int i = 0; i < 50; i++) {
		g_assert_true(add(live, REEL_COMPLETE, 1 + i, 10000));
		check(kept);
	}
	reel_stats(kept, &a);
	reel_stats(live, &b);
	g_assert_cmpuint(a.bytes, <=, reel_store_size(store) / 2);
	g_assert_cmpuint(a.bytes + b.bytes, <=, reel_store_size(store));
	g_assert_cmpuint(check(live), >=, 8);
	reel_ref(kept);
	reel_unref(kept);
	check(kept);
	reel_unref(kept);
	for (int i = 0; i < 50; i++)
		g_assert_true(add(live, REEL_COMPLETE, 100 + i, 10000));
	reel_stats(live, &b);
	g_assert_cmpuint(b.bytes, ==, reel_store_size(store));
	reel_unref(live);
	reel_store_free(store);
}

static void test_any_frames_in_any_order(void)
{
	struct reel_store *store = reel_store_new(12 * REEL_CHUNK + 5);
	struct reel *reel = reel_new(store);
	struct reel_place place = {0};
	struct reel_entry entry;
	int64_t seen = 0;

	for (int i = 1; i < 20000; i++) {
		int what = g_test_rand_int_range(0, 100);

		if (what < 10)
			add(reel, REEL_COMPLETE, i,
					(size_t)g_test_rand_int_range(0, FRAME_MOST * 4));
		else if (what < 20)
			add(reel, REEL_MARK, i, (size_t)g_test_rand_int_range(0, 100));
		else if (what < 21)
			reel_gap(reel);
		else
			add(reel, REEL_DIFFERENCE, i, (size_t)g_test_rand_int_range(0, FRAME_MOST));
		if (what == 99)
			check(reel);
		/* Who reads on while it is added to sees each at most once. */
		if (what < 50 && reel_read(reel, &place, &entry, NULL)) {
			g_assert_cmpint(entry.time, >, seen);
			seen = entry.time;
		}
	}
	check(reel);
	reel_unref(reel);
	reel_store_free(store);
}

#define ADD(name) g_test_add_func("/reel/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(what_is_added_is_read);
	ADD(a_difference_wants_a_complete_frame);
	ADD(the_oldest_group_goes_first);
	ADD(one_endless_group_begins_anew);
	ADD(what_is_too_large_is_not_taken);
	ADD(two_share_a_store);
	ADD(any_frames_in_any_order);
	return g_test_run();
}
