/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The typist on a clock of ours, with a node that takes keys, or does not. */
#include <glib.h>
#include <string.h>
#include "src/layout.h"
#include "src/typing.h"
#include "src/typist.h"

#define MS         INT64_C(1000)
#define CAPS_LOCK  0x39
#define LEFT_SHIFT 0xe1

struct fixture {
	struct typist *typist;
	GString *keys; /* "+04 -04 " */
	bool down[256];
	bool deaf, caps, stubborn; /* a Caps Lock that stays */
	bool with_shift;           /* it listens to Shift and Caps Lock alone */
	int64_t now, slow;         /* us that the node takes for a key */
	int64_t taken;
	int ended; /* enum typist_end; -1: not yet */
};

static void fixture_key(uint8_t usage, bool down, void *data)
{
	struct fixture *f = data;

	g_assert_true(f->down[usage] != down);
	g_assert_cmpint(f->taken, <=, f->now);
	f->down[usage] = down;
	f->taken = f->now + f->slow;
	g_string_append_printf(f->keys, "%c%02x ", down ? '+' : '-', usage);
	if (usage == CAPS_LOCK && down && !f->stubborn && f->down[LEFT_SHIFT] == f->with_shift) {
		f->caps = !f->caps;
		typist_caps(f->typist, f->caps);
	}
}

static bool fixture_hears(void *data)
{
	return !((struct fixture *)data)->deaf;
}

static bool fixture_heard(void *data)
{
	struct fixture *f = data;

	return f->taken <= f->now;
}

static void fixture_ended(enum typist_end end, void *data)
{
	struct fixture *f = data;

	for (int i = 0; i < 256; i++)
		g_assert_false(f->down[i]);
	g_assert_false(typist_busy(f->typist));
	f->ended = (int)end;
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->keys = g_string_new(NULL);
	f->ended = -1;
	f->now = 5000 * MS;
	f->typist = typist_new(&(struct typist_events){.key = fixture_key,
			.hears = fixture_hears,
			.heard = fixture_heard,
			.ended = fixture_ended,
			.data = f});
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	typist_free(f->typist);
	g_string_free(f->keys, TRUE);
}

static void begin(struct fixture *f, const char *layout, const char *text, unsigned int rate)
{
	GArray *lacks = NULL;
	struct typing *typing = typing_text(layout_find(layout), text, &lacks, NULL);

	g_assert_nonnull(typing);
	typist_begin(f->typist, typing, rate);
}

/* Until it has ended, or that long; returns how long it was. */
static int64_t run(struct fixture *f, int64_t most)
{
	int64_t start = f->now, due;

	while ((due = typist_tick(f->typist, f->now)) != 0 && f->now - start < most) {
		g_assert_cmpint(due, >, f->now);
		f->now = due;
	}
	return f->now - start;
}

static void assert_typed(struct fixture *f, unsigned int all, unsigned int typed)
{
	unsigned int is, was;

	typist_count(f->typist, &is, &was);
	g_assert_cmpuint(is, ==, all);
	g_assert_cmpuint(was, ==, typed);
}

static void text_is_typed_at_its_pace(struct fixture *f, gconstpointer unused)
{
	int64_t took;

	g_assert_cmpint(typist_tick(f->typist, f->now), ==, 0);
	begin(f, "us", "aB\n", 50);
	g_assert_true(typist_busy(f->typist));
	took = run(f, 10000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_DONE);
	g_assert_cmpstr(f->keys->str, ==, "+04 -04 +e1 +05 -05 -e1 +28 -28 ");
	g_assert_cmpint(took, >=, 40 * MS);
	g_assert_cmpint(took, <=, 80 * MS);
	assert_typed(f, 3, 3);
}

static void each_rate_is_kept(struct fixture *f, gconstpointer unused)
{
	static const unsigned int rates[] = {1, 10, 30, 100, TYPIST_RATE_MAX};

	for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
		g_autofree char *text = g_strnfill(60, i & 1 ? 'A' : 'e');
		int64_t took;

		begin(f, "de", text, rates[i]);
		took = run(f, 1000000 * MS);
		g_assert_cmpint(f->ended, ==, TYPIST_DONE);
		g_assert_cmpint(took, >=, 59 * 1000 * MS / rates[i]);
		g_assert_cmpint(took, <=, 62 * 1000 * MS / rates[i]);
	}
}

/* fixture_key fails when a key comes before the last one was taken. */
static void slow_node_gets_every_key(struct fixture *f, gconstpointer unused)
{
	f->slow = 16 * MS;
	begin(f, "us", "Hello", TYPIST_RATE_MAX);
	run(f, 10000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_DONE);
	g_assert_cmpstr(f->keys->str, ==, "+e1 +0b -0b -e1 +08 -08 +0f -0f +0f -0f +12 -12 ");
	assert_typed(f, 5, 5);
}

static void late_clock_does_not_run_keys_together(struct fixture *f, gconstpointer unused)
{
	begin(f, "us", "ab", 30);
	typist_tick(f->typist, f->now);
	f->now += 5000 * MS;
	g_assert_cmpint(typist_tick(f->typist, f->now), >, f->now + 5 * MS);
	g_assert_cmpstr(f->keys->str, ==, "+04 -04 ");
}

static void stop_lets_go_of_all_keys(struct fixture *f, gconstpointer unused)
{
	begin(f, "us", "aBCD", 30);
	run(f, 70 * MS);
	g_assert_true(f->down[LEFT_SHIFT]);
	typist_stop(f->typist);
	g_assert_cmpint(f->ended, ==, TYPIST_STOPPED);
	g_assert_cmpint(typist_tick(f->typist, f->now), ==, 0);
	f->ended = -1;
	typist_stop(f->typist);
	g_assert_cmpint(f->ended, ==, -1);
	begin(f, "us", "x", 30);
	run(f, 1000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_DONE);
}

static void deaf_node_ends_it(struct fixture *f, gconstpointer unused)
{
	begin(f, "us", "ABCD", 30);
	run(f, 70 * MS);
	f->deaf = true;
	run(f, 1000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_DEAF);
	assert_typed(f, 4, 2);
}

static void caps_lock_is_put_out_and_lit_again(struct fixture *f, gconstpointer unused)
{
	f->caps = true;
	typist_caps(f->typist, true);
	begin(f, "us", "a", 30);
	run(f, 10000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_DONE);
	g_assert_cmpstr(f->keys->str, ==, "+39 -39 +04 -04 +39 -39 ");
	g_assert_true(f->caps);
	assert_typed(f, 1, 1);
}

static void japanese_caps_lock_wants_shift(struct fixture *f, gconstpointer unused)
{
	f->caps = f->with_shift = true;
	typist_caps(f->typist, true);
	begin(f, "jp", "a", 30);
	run(f, 10000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_DONE);
	g_assert_cmpstr(f->keys->str, ==, "+e1 +39 -39 -e1 +04 -04 +e1 +39 -39 -e1 ");
	g_assert_true(f->caps);
}

static void nothing_is_typed_under_a_caps_lock_that_stays(struct fixture *f, gconstpointer unused)
{
	f->caps = f->stubborn = true;
	typist_caps(f->typist, true);
	begin(f, "us", "secret", 30);
	run(f, 100000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_LOCKED);
	g_assert_cmpstr(f->keys->str, ==, "+39 -39 ");
	assert_typed(f, 6, 0);
}

static void chords_are_held(struct fixture *f, gconstpointer unused)
{
	int64_t took;

	f->caps = true; /* which does not matter to them */
	typist_caps(f->typist, true);
	typist_begin(f->typist, typing_chords(layout_find("us"), "ctrl+a:700 wait:400", NULL), 200);
	took = run(f, 10000 * MS);
	g_assert_cmpint(f->ended, ==, TYPIST_DONE);
	g_assert_cmpstr(f->keys->str, ==, "+e0 +04 -04 -e0 ");
	g_assert_cmpint(took, >=, 1150 * MS);
	g_assert_cmpint(took, <=, 1200 * MS);
	assert_typed(f, 2, 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) \
	g_test_add("/typist/" #name, struct fixture, NULL, fixture_open, name, fixture_close)
	TEST(text_is_typed_at_its_pace);
	TEST(each_rate_is_kept);
	TEST(slow_node_gets_every_key);
	TEST(late_clock_does_not_run_keys_together);
	TEST(stop_lets_go_of_all_keys);
	TEST(deaf_node_ends_it);
	TEST(caps_lock_is_put_out_and_lit_again);
	TEST(japanese_caps_lock_wants_shift);
	TEST(nothing_is_typed_under_a_caps_lock_that_stays);
	TEST(chords_are_held);
	return g_test_run();
}
