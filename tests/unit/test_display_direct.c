/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A display channel of our own: what a client that does as it is told is sent, and when. */
#include <spice/enums.h>
#include "tests/unit/direct_stand.h"

static void assert_next(struct raw_display *raw, uint16_t type)
{
	g_assert_true(raw_display_read(raw));
	g_assert_cmpuint(raw->type, ==, type);
}

static void test_a_client_is_told_of_the_surface_then_drawn_to(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	g_assert_cmpint(stand->opened, ==, 1);
	assert_next(&raw, SPICE_MSG_DISPLAY_SURFACE_CREATE);
	assert_next(&raw, SPICE_MSG_DISPLAY_MONITORS_CONFIG);
	assert_next(&raw, SPICE_MSG_DISPLAY_MARK);
	for (int row = 0; row < 13; row++)
		assert_next(&raw, SPICE_MSG_DISPLAY_DRAW_COPY);
	assert_next(&raw, SPICE_MSG_PING);
	stand_assert_shows(&raw, stand);
	raw_display_pong(&raw, raw.ping);
	g_assert_true(raw_display_quiet(&raw));
	raw_display_close(&raw);
	g_assert_cmpint(stand->closed, ==, 1);
	stand_close(stand);
}

static void test_clients_with_less_are_served_too(void)
{
	static const unsigned int caps[] = {0, RAW_MINI, RAW_SELECTS, RAW_MONITORS};

	for (size_t i = 0; i < G_N_ELEMENTS(caps); i++) {
		struct stand *stand = stand_open("secret");
		struct raw_display raw;

		stand_join(stand, &raw, caps[i]);
		raw_display_settle(&raw);
		stand_assert_shows(&raw, stand);
		stand_change(stand, 3, 3, 0xff0000, NULL);
		g_assert_cmpint(raw_display_settle(&raw), ==, 1);
		stand_assert_shows(&raw, stand);
		raw_display_close(&raw);
		stand_close(stand);
	}
}

static void test_a_static_picture_costs_nothing(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	for (int i = 0; i < 20; i++)
		g_assert_true(raw_display_quiet(&raw));
	g_assert_cmpint(stand_next_timer(), ==, -1);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_two_updates_go_and_then_the_newest(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	struct direct_pace pace;
	uint32_t first;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_update(&raw);
	first = raw.ping;
	stand_change(stand, 1, 1, 0x00ff00, NULL);
	g_assert_cmpint(raw_display_update(&raw), ==, 1);
	display_direct_pace(stand->display, &pace);
	g_assert_false(pace.behind);
	for (int i = 0; i < 50; i++)
		stand_change(stand, 2, 2 + i % 3, (uint32_t)i * 0x050301, NULL);
	g_assert_true(raw_display_quiet(&raw));
	display_direct_pace(stand->display, &pace);
	g_assert_true(pace.behind);
	g_assert_cmpuint(pace.round_trip, ==, 0);
	raw_display_pong(&raw, first);
	/* Fifty changes in three units: one update, of the last state. */
	g_assert_cmpint(raw_display_update(&raw), ==, 3);
	stand_assert_shows(&raw, stand);
	g_assert_true(raw_display_quiet(&raw));
	raw_display_pong(&raw, raw.ping);
	display_direct_pace(stand->display, &pace);
	g_assert_false(pace.behind);
	g_assert_cmpuint(pace.round_trip, >, 0);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_a_client_that_does_not_read_holds_one_update(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	unsigned int plans;

	display_direct_client(stand->display, raw_display_open(&raw, RAW_USUAL, true));
	g_assert_cmpuint(raw_display_link(&raw, "secret"), ==, SPICE_LINK_ERR_OK);
	plans = stand->coder.plans;
	for (int i = 0; i < 200; i++) {
		stand_change(stand, i % 20, i % 13, 0x7f0000 + (uint32_t)i, NULL);
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	g_assert_cmpuint(stand->coder.plans, ==, plans);
	g_assert_cmpint(raw_display_settle(&raw), ==, 2);
	stand_assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_another_size_is_another_surface(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	for (int width = 200; width <= 230; width += 15) {
		jpeg_coder_resize(&stand->coder, width, 111);
		display_show(stand->display, &stand->coder.picture);
	}
	/* The first and the second are under way. */
	assert_next(&raw, SPICE_MSG_DISPLAY_SURFACE_DESTROY);
	assert_next(&raw, SPICE_MSG_DISPLAY_SURFACE_CREATE);
	assert_next(&raw, SPICE_MSG_DISPLAY_MONITORS_CONFIG);
	assert_next(&raw, SPICE_MSG_DISPLAY_MARK);
	g_assert_cmpint(raw.width, ==, 200);
	raw_display_settle(&raw);
	stand_assert_shows(&raw, stand);
	/* Other memory of the same size needs none. */
	jpeg_coder_resize(&stand->coder, 230, 111);
	display_show(stand->display, &stand->coder.picture);
	assert_next(&raw, SPICE_MSG_DISPLAY_DRAW_COPY);
	raw_display_settle(&raw);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_sizes_that_nobody_took_are_skipped(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;
	int surfaces = 0;

	stand_join(stand, &raw, RAW_USUAL);
	for (int width = 100; width < 200; width++) {
		jpeg_coder_resize(&stand->coder, width, 50);
		display_show(stand->display, &stand->coder.picture);
	}
	while (!raw_display_quiet(&raw)) {
		g_assert_true(raw_display_read(&raw));
		surfaces += raw.type == SPICE_MSG_DISPLAY_SURFACE_CREATE;
		if (raw.type == SPICE_MSG_PING)
			raw_display_pong(&raw, raw.ping);
	}
	g_assert_cmpint(surfaces, ==, 3); /* the first, one more under way, the last */
	stand_assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_nothing_is_sent_before_there_is_a_picture(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	display_close(stand->display);
	stand->display = stand_display(stand);
	stand_join(stand, &raw, RAW_USUAL);
	g_assert_true(raw_display_quiet(&raw));
	stand_change(stand, 1, 1, 0xffffff, NULL);
	g_assert_true(raw_display_quiet(&raw));
	display_show(stand->display, &stand->coder.picture);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	stand_assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_short_memory_loses_nothing(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	stand->coder.fails = true;
	stand_change(stand, 4, 4, 0x0000ff, NULL);
	g_assert_true(raw_display_quiet(&raw));
	stand->coder.fails = false;
	stand_change(stand, 9, 9, 0xff00ff, NULL);
	g_assert_cmpint(raw_display_update(&raw), ==, 2);
	stand_assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_the_coder_gets_the_unit_of_the_damage(void)
{
	struct stand *stand = stand_open("secret");
	uint8_t map[40 * 25] = {[40 * 25 - 1] = 1};
	const struct display_damage fine = {8, 40, 25, map, NULL};
	struct raw_display raw;

	stand_join(stand, &raw, RAW_USUAL);
	raw_display_settle(&raw);
	g_assert_cmpint(stand->coder.last_unit, ==, 16);
	display_damage(stand->display, &fine);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	g_assert_cmpint(stand->coder.last_unit, ==, 8);
	raw_display_close(&raw);
	stand_close(stand);
}

static void test_viewers_share_updates(void)
{
	struct stand *stand = stand_open("secret");
	struct display *other = stand_display(stand);
	struct raw_display one, two;
	unsigned int writes;

	stand_join(stand, &one, RAW_USUAL);
	stand_join_other(stand, other, &two, RAW_SELECTS);
	raw_display_settle(&one);
	raw_display_settle(&two);
	writes = stand->coder.writes;
	for (int i = 0; i < 10; i++) {
		stand_change(stand, i, i, 0x80 + (uint32_t)i, other);
		g_assert_cmpint(raw_display_settle(&one), ==, 1);
		g_assert_cmpint(raw_display_settle(&two), ==, 1);
		stand_assert_shows(&one, stand);
		stand_assert_shows(&two, stand);
	}
	g_assert_cmpuint(stand->coder.writes - writes, ==, 10);
	/* One falls behind, and shares again when it has caught up. */
	for (int i = 0; i < 4; i++) {
		stand_change(stand, 1, i, 0xff0080, other);
		g_assert_cmpint(raw_display_settle(&two), ==, 1);
		stand_assert_shows(&two, stand);
	}
	raw_display_settle(&one);
	stand_assert_shows(&one, stand);
	writes = stand->coder.writes;
	stand_change(stand, 2, 2, 0xff8080, other);
	raw_display_settle(&one);
	raw_display_settle(&two);
	g_assert_cmpuint(stand->coder.writes - writes, ==, 1);
	raw_display_close(&one);
	raw_display_close(&two);
	display_close(other);
	stand_close(stand);
}

static void test_an_old_update_is_not_shared(void)
{
	struct stand *stand = stand_open("secret");
	struct display *other = stand_display(stand);
	struct raw_display one, two;

	stand_join(stand, &one, RAW_USUAL);
	stand_join_other(stand, other, &two, RAW_USUAL);
	raw_display_settle(&one);
	raw_display_update(&two);
	/* The same unit each time, so that the marks are alike and only the state is not. */
	for (uint32_t i = 0; i < 5; i++) {
		stand_change(stand, 5, 5, 0x300000 * i + 0x40, other);
		raw_display_settle(&one);
	}
	raw_display_pong(&two, two.ping);
	raw_display_settle(&two);
	stand_assert_shows(&one, stand);
	stand_assert_shows(&two, stand);
	raw_display_close(&one);
	raw_display_close(&two);
	display_close(other);
	stand_close(stand);
}

static void test_who_has_seen_all_copies_what_scrolls(void)
{
	for (int mini = 0; mini <= 1; mini++) {
		struct stand *stand = stand_open("secret");
		struct raw_display raw;

		stand_join(stand, &raw, mini ? RAW_USUAL : RAW_SELECTS);
		raw_display_settle(&raw);
		for (int i = 0; i < 5; i++) {
			stand_scroll(stand, 0x301000 * (uint32_t)i + 0x40, NULL);
			assert_next(&raw, SPICE_MSG_DISPLAY_COPY_BITS);
			g_assert_cmpint(raw_display_update(&raw), ==, 1);
			raw_display_pong(&raw, raw.ping);
			stand_assert_shows(&raw, stand);
			g_assert_true(raw_display_quiet(&raw));
		}
		raw_display_close(&raw);
		stand_close(stand);
	}
}

/* Neither one that has not seen what would be copied, nor one that draws in another order. */
static void test_others_are_drawn_what_scrolls(void)
{
	struct stand *stand = stand_open("secret");
	struct display *still;
	struct raw_display one, two;

	stand->settings.moves = false;
	still = stand_display(stand);
	stand_join(stand, &one, RAW_USUAL);
	stand_join_other(stand, still, &two, RAW_USUAL);
	raw_display_settle(&one);
	raw_display_settle(&two);
	/* Both move on; one by copying, as long as its two updates are not one too many. */
	for (int i = 0; i < 4; i++) {
		stand_scroll(stand, 0x203000 * (uint32_t)i + 0x70, still);
		raw_display_settle(&two);
		stand_assert_shows(&two, stand);
	}
	raw_display_update(&one);
	raw_display_update(&one);
	g_assert_true(raw_display_quiet(&one));
	raw_display_pong(&one, one.ping);
	raw_display_settle(&one);
	stand_assert_shows(&one, stand);
	g_assert_cmpint(one.copies, ==, 2);
	g_assert_cmpint(two.copies, ==, 0);
	/* It has caught up. */
	stand_scroll(stand, 0xff00ff, still);
	raw_display_settle(&one);
	stand_assert_shows(&one, stand);
	g_assert_cmpint(one.copies, ==, 3);
	raw_display_close(&one);
	raw_display_close(&two);
	display_close(still);
	stand_close(stand);
}

static void test_full_headers_hold_tables_once(void)
{
	struct stand *stand = stand_open("secret");
	struct raw_display raw;

	display_close(stand->display);
	stand->settings.full_header = true;
	stand->display = stand_display(stand);
	display_show(stand->display, &stand->coder.picture);
	stand_join(stand, &raw, RAW_USUAL);
	g_assert_cmpint(raw_display_settle(&raw), ==, 1);
	stand_assert_shows(&raw, stand);
	raw_display_close(&raw);
	stand_close(stand);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/display/direct/" #name, test_##name)
	TEST(a_client_is_told_of_the_surface_then_drawn_to);
	TEST(clients_with_less_are_served_too);
	TEST(a_static_picture_costs_nothing);
	TEST(two_updates_go_and_then_the_newest);
	TEST(a_client_that_does_not_read_holds_one_update);
	TEST(another_size_is_another_surface);
	TEST(sizes_that_nobody_took_are_skipped);
	TEST(nothing_is_sent_before_there_is_a_picture);
	TEST(short_memory_loses_nothing);
	TEST(the_coder_gets_the_unit_of_the_damage);
	TEST(viewers_share_updates);
	TEST(an_old_update_is_not_shared);
	TEST(who_has_seen_all_copies_what_scrolls);
	TEST(others_are_drawn_what_scrolls);
	TEST(full_headers_hold_tables_once);
	return g_test_run();
}
