/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
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

static void test_what_another_held_is_let_go_of_in_order(struct fixture *f, gconstpointer data)
{
	hand_key(f->a, 0xe0, true, 0);
	hand_key(f->a, 4, true, 0);
	hand_pointer(f->a, 10, 20, 0, 1, 0);
	assert_said(f, "+e0 +04 p:10,20,0,1 ");
	hands_give(f->hands, f->b);
	assert_said(f, "-04 -e0 p:10,20,0,0 ");
	hand_key(f->b, 5, true, 0);
	hands_give(f->hands, f->b);
	assert_said(f, "+05 ");
}

static void test_nothing_of_another_counts(struct fixture *f, gconstpointer data)
{
	hands_give(f->hands, f->b);
	hand_key(f->a, 4, true, 0);
	hand_key(f->a, 4, false, 0);
	hand_key(f->a, 4, false, 0);
	hand_pointer(f->a, 1, 2, 0, 0, 0);
	hand_pointer(f->a, 1, 2, 1, 1, 0);
	hand_mouse(f->a, 1, 2, 0, 0, 0);
	hand_release(f->a);
	assert_said(f, "");
	hand_key(f->b, 4, true, 0);
	hand_key(f->a, 4, false, 0);
	assert_said(f, "+04 ");
}

static void test_what_was_held_before_is_not_done_later(struct fixture *f, gconstpointer data)
{
	hands_give(f->hands, f->b);
	hand_key(f->a, 4, true, 0);
	hand_mouse(f->a, 0, 0, 0, 1, 0);
	hands_give(f->hands, f->a);
	hand_key(f->a, 4, true, 0); /* it repeats */
	hand_mouse(f->a, 3, 0, 0, 1, 0);
	hand_mouse(f->a, 0, 0, 0, 3, 0);
	assert_said(f, "m:3,0,0,0 m:0,0,0,2 ");
	hand_key(f->a, 4, false, 0);
	hand_mouse(f->a, 0, 0, 0, 2, 0);
	hand_key(f->a, 4, true, 0);
	hand_mouse(f->a, 0, 0, 0, 3, 0);
	assert_said(f, "m:0,0,0,2 +04 m:0,0,0,3 ");
}

static void test_who_lost_it_presses_nothing_by_holding_on(struct fixture *f, gconstpointer data)
{
	hand_key(f->a, 4, true, 0);
	hand_mouse(f->a, 0, 0, 0, 1, 0);
	hands_give(f->hands, f->b);
	g_string_truncate(f->said, 0);
	g_assert_false(hand_presses_key(f->a, 4, true));
	g_assert_false(hand_presses_buttons(f->a, 1, 0));
	g_assert_true(hand_presses_key(f->a, 5, true));
	g_assert_false(hand_presses_key(f->a, 5, false));
	g_assert_true(hand_presses_buttons(f->a, 3, 0));
	g_assert_true(hand_presses_buttons(f->a, 1, -1));
	hand_key(f->a, 4, true, 0);
	hands_give(f->hands, f->a);
	hand_key(f->a, 4, true, 0);
	assert_said(f, "");
	hand_release(f->a); /* its client has forgotten */
	hand_key(f->a, 4, true, 0);
	assert_said(f, "+04 ");
}

static void test_nobodys_move_the_pointer_and_no_more(struct fixture *f, gconstpointer data)
{
	hands_give(f->hands, NULL);
	hand_pointer(f->a, 1, 2, 0, 0, 0);
	hand_mouse(f->b, 3, 4, 0, 0, 0);
	assert_said(f, "p:1,2,0,0 m:3,4,0,0 ");
	hand_pointer(f->a, 1, 2, 0, 1, 0);
	hand_pointer(f->a, 1, 2, 1, 0, 0);
	hand_key(f->b, 4, true, 0);
	assert_said(f, "");
	hands_share(f->hands);
	hand_key(f->b, 4, true, 0);
	hand_key(f->b, 5, true, 0);
	assert_said(f, "+05 ");
}

static void test_the_owner_that_goes_leaves_it_to_nobody(struct fixture *f, gconstpointer data)
{
	hands_give(f->hands, f->a);
	hand_key(f->a, 4, true, 0);
	hand_free(g_steal_pointer(&f->a));
	assert_said(f, "+04 -04 ");
	hand_key(f->b, 5, true, 0);
	assert_said(f, "");
}

/* What the node holds, by what was said to it. */
struct node {
	bool down[256];
	unsigned int buttons;
};

static void node_key(uint8_t usage, bool down, void *data)
{
	((struct node *)data)->down[usage] = down;
}

static void node_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
	((struct node *)data)->buttons = buttons;
}

static void node_release(void *data)
{
	*(struct node *)data = (struct node){0};
}

/* What one holds, if it was pressed while his hands counted. */
struct model {
	struct hand *hand;
	bool held[4], counted[4];
	unsigned int buttons, counting;
};

static void model_lose(struct model *model)
{
	memset(model->counted, 0, sizeof(model->counted));
	model->counting = 0;
}

static void model_act(struct model *model, bool counts)
{
	const int usage = g_test_rand_int_range(0, 4);
	const bool down = g_test_rand_bit();

	if (g_test_rand_bit()) {
		if (!down)
			model->counted[usage] = false;
		else if (counts && !model->held[usage])
			model->counted[usage] = true;
		model->held[usage] = down;
		hand_key(model->hand, (uint8_t)(4 + usage), down, 0);
	} else {
		const unsigned int buttons = (unsigned int)g_test_rand_int_range(0, 8);

		model->counting &= buttons;
		if (counts)
			model->counting |= buttons & ~model->buttons;
		model->buttons = buttons;
		hand_pointer(model->hand, 0, 0, 0, buttons, 0);
	}
}

static void test_only_the_owners_presses_are_down(void)
{
	struct node node = {0};
	struct hands *hands = hands_new(&(struct hands_events){
			.key = node_key,
			.pointer = node_pointer,
			.mouse = node_pointer,
			.release_all = node_release,
			.data = &node,
	});
	struct model models[3] = {0};
	int owner = -1;

	for (size_t i = 0; i < G_N_ELEMENTS(models); i++)
		models[i].hand = hand_new(hands);
	hands_give(hands, NULL);
	for (int step = 0; step < 20000; step++) {
		if (g_test_rand_int_range(0, 10) == 0) {
			int next = g_test_rand_int_range(-1, 3);

			if (owner >= 0 && next != owner)
				model_lose(&models[owner]);
			owner = next;
			hands_give(hands, owner < 0 ? NULL : models[owner].hand);
		} else {
			int who = g_test_rand_int_range(0, 3);

			model_act(&models[who], who == owner);
		}
		for (int usage = 0; usage < 4; usage++)
			g_assert_cmpint(node.down[4 + usage], ==,
					owner >= 0 && models[owner].counted[usage]);
		g_assert_cmpuint(node.buttons, ==, owner >= 0 ? models[owner].counting : 0);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(models); i++)
		hand_free(models[i].hand);
	hands_free(hands);
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
	ADD(what_another_held_is_let_go_of_in_order);
	ADD(nothing_of_another_counts);
	ADD(what_was_held_before_is_not_done_later);
	ADD(who_lost_it_presses_nothing_by_holding_on);
	ADD(nobodys_move_the_pointer_and_no_more);
	ADD(the_owner_that_goes_leaves_it_to_nobody);
	g_test_add_func("/hands/only_the_owners_presses_are_down",
			test_only_the_owners_presses_are_down);
	return g_test_run();
}
