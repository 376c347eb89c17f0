/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "spice/hands.h"

struct fixture {
	struct hands *hands;
	struct hand *a, *b;
	GString *said;
};

static void said_key(uint8_t usage, bool down, void *data)
{
	g_string_append_printf(data, "%c%02x ", down ? '+' : '-', usage);
}

static void said_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
	g_string_append_printf(data, "p:%d,%d,%d,%u ", x, y, wheel, buttons);
}

static void said_mouse(int dx, int dy, int wheel, unsigned int buttons, void *data)
{
	g_string_append_printf(data, "m:%d,%d,%d,%u ", dx, dy, wheel, buttons);
}

static void said_release(void *data)
{
	g_string_append(data, "release ");
}

static void fixture_open(struct fixture *f, gconstpointer data)
{
	f->said = g_string_new(NULL);
	f->hands = hands_new(&(struct hands_events){
			.key = said_key,
			.pointer = said_pointer,
			.mouse = said_mouse,
			.release_all = said_release,
			.data = f->said,
	});
	f->a = hand_new(f->hands);
	f->b = hand_new(f->hands);
}

static void fixture_close(struct fixture *f, gconstpointer data)
{
	hand_free(f->a);
	hand_free(f->b);
	hands_free(f->hands);
	g_string_free(f->said, TRUE);
}

static void assert_said(struct fixture *f, const char *text)
{
	g_assert_cmpstr(f->said->str, ==, text);
	g_string_truncate(f->said, 0);
}

static void test_a_key_is_up_when_the_last_one_lets_go(struct fixture *f, gconstpointer data)
{
	hand_key(f->a, 4, true, 0);
	hand_key(f->b, 4, true, 0);
	hand_key(f->a, 4, false, 0);
	assert_said(f, "+04 +04 ");
	hand_key(f->b, 4, false, 0);
	assert_said(f, "-04 ");
}

static void test_repeats_count_once(struct fixture *f, gconstpointer data)
{
	hand_key(f->a, 4, true, 0);
	hand_key(f->a, 4, true, 0);
	hand_key(f->a, 4, false, 0);
	assert_said(f, "+04 +04 -04 ");
}

static void test_who_leaves_lets_go_of_what_it_alone_held(struct fixture *f, gconstpointer data)
{
	hand_key(f->a, 4, true, 0);
	hand_key(f->a, 0xe1, true, 0);
	hand_key(f->b, 4, true, 0);
	hand_pointer(f->a, 10, 20, 0, 1, 0);
	hand_pointer(f->b, 30, 40, 0, 2, 0);
	assert_said(f, "+04 +e1 +04 p:10,20,0,1 p:30,40,0,3 ");
	hand_release(f->a);
	assert_said(f, "-e1 p:30,40,0,2 ");
	hand_release(f->a);
	assert_said(f, "");
	hand_key(f->b, 4, false, 0);
	assert_said(f, "-04 ");
}

static void test_the_only_one_releases_everything(struct fixture *f, gconstpointer data)
{
	hand_free(g_steal_pointer(&f->b));
	hand_key(f->a, 4, true, 0);
	hand_mouse(f->a, 0, 0, 0, 4, 0);
	hand_release(f->a);
	assert_said(f, "+04 m:0,0,0,4 release ");
	hand_key(f->a, 4, true, 0);
	hand_key(f->a, 4, false, 0);
	assert_said(f, "+04 -04 ");
}

static void test_buttons_of_one_stay_while_another_moves(struct fixture *f, gconstpointer data)
{
	hand_mouse(f->a, 0, 0, 0, 1, 0);
	hand_mouse(f->b, 5, 5, 1, 0, 0);
	hand_free(g_steal_pointer(&f->a));
	assert_said(f, "m:0,0,0,1 m:5,5,1,1 m:0,0,0,0 ");
}

static void test_only_the_silent_one_tires(struct fixture *f, gconstpointer data)
{
	int64_t next;

	hand_key(f->a, 4, true, 100);
	hand_key(f->b, 5, true, 150);
	g_assert_cmpint(hands_tire(f->hands, 100, 199, &next), ==, 0);
	g_assert_cmpint(next, ==, 200);
	g_string_truncate(f->said, 0);
	g_assert_cmpint(hands_tire(f->hands, 100, 200, &next), ==, 1);
	g_assert_cmpint(next, ==, 250);
	assert_said(f, "-04 ");
	g_assert_cmpint(hands_tire(f->hands, 100, 250, &next), ==, 1);
	g_assert_cmpint(next, ==, 0);
	assert_said(f, "-05 ");
	hand_key(f->a, 4, false, 300); /* as its client does not know of it */
	assert_said(f, "-04 ");
}

#define ADD(name) \
	g_test_add("/hands/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(a_key_is_up_when_the_last_one_lets_go);
	ADD(repeats_count_once);
	ADD(who_leaves_lets_go_of_what_it_alone_held);
	ADD(the_only_one_releases_everything);
	ADD(buttons_of_one_stay_while_another_moves);
	ADD(only_the_silent_one_tires);
	return g_test_run();
}
