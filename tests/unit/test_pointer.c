/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "gadget/pointer.h"
#include "tests/unit/host.h"

enum { LEFT = 1, RIGHT = 2, MIDDLE = 4, SIDE = 8, EXTRA = 16 };

struct fixture {
	struct host tablet, mouse;
	struct pointer *pointer;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	host_open(&f->tablet);
	host_open(&f->mouse);
	f->pointer = pointer_new(f->tablet.device, f->mouse.device);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	pointer_close(f->pointer);
	host_close(&f->tablet);
	host_close(&f->mouse);
}

#define assert_tablet(f, buttons, x, y, wheel)                                           \
	host_assert_hears(&(f)->tablet, buttons, (x)&0xff, (x) >> 8, (y)&0xff, (y) >> 8, \
			(uint8_t)(wheel))

#define assert_mouse(f, buttons, dx, dy, wheel) \
	host_assert_hears(&(f)->mouse, buttons, (uint8_t)(dx), (uint8_t)(dy), (uint8_t)(wheel))

static void assert_silence(struct fixture *f)
{
	host_assert_hears_nothing(&f->tablet);
	host_assert_hears_nothing(&f->mouse);
}

/* What all reports of the mouse add up to. */
static void mouse_total(struct fixture *f, int *dx, int *dy, int *wheel)
{
	uint8_t bytes[64];

	*dx = *dy = *wheel = 0;
	while (host_fetch(&f->mouse, bytes, sizeof(bytes)) > 0) {
		*dx += (int8_t)bytes[1];
		*dy += (int8_t)bytes[2];
		*wheel += (int8_t)bytes[3];
	}
}

static void test_position_is_little_endian_and_clamped(struct fixture *f, gconstpointer unused)
{
	pointer_move_to(f->pointer, 0x1234, 0x5678, 0, 0);
	host_assert_hears(&f->tablet, 0, 0x34, 0x12, 0x78, 0x56, 0);
	pointer_move_to(f->pointer, -5, 40000, 0, 0);
	assert_tablet(f, 0, 0, POINTER_MAX, 0);
	pointer_move_to(f->pointer, POINTER_MAX + 1, G_MININT, 0, 0xff);
	assert_tablet(f, 0x1f, POINTER_MAX, 0, 0);
	assert_silence(f);
}

static void test_first_position_is_said_even_where_it_was(struct fixture *f, gconstpointer unused)
{
	pointer_release_all(f->pointer);
	assert_silence(f);
	pointer_move_to(f->pointer, POINTER_MAX / 2, POINTER_MAX / 2, 0, 0);
	assert_tablet(f, 0, POINTER_MAX / 2, POINTER_MAX / 2, 0);
	pointer_move_to(f->pointer, POINTER_MAX / 2, POINTER_MAX / 2, 0, 0);
	assert_silence(f);
}

static void test_position_is_repeated_only_if_it_was_said(struct fixture *f, gconstpointer unused)
{
	pointer_repeat_absolute(f->pointer);
	assert_silence(f);
	pointer_move_to(f->pointer, 7, 8, 0, LEFT);
	assert_tablet(f, LEFT, 7, 8, 0);
	pointer_repeat_absolute(f->pointer);
	assert_tablet(f, LEFT, 7, 8, 0);
	pointer_attach_absolute(f->pointer, f->tablet.device);
	pointer_repeat_absolute(f->pointer);
	assert_silence(f);
	pointer_renew_absolute(f->pointer);
	assert_tablet(f, 0, POINTER_MAX / 2, POINTER_MAX / 2, 0);
}

static void test_two_buttons_at_once_are_no_wheel(struct fixture *f, gconstpointer unused)
{
	pointer_move_to(f->pointer, 1, 1, 0, LEFT);
	pointer_move_to(f->pointer, 1, 1, 0, LEFT | MIDDLE);
	pointer_move_to(f->pointer, 2, 2, 0, LEFT | MIDDLE);
	assert_tablet(f, LEFT, 1, 1, 0);
	assert_tablet(f, LEFT | MIDDLE, 1, 1, 0);
	assert_tablet(f, LEFT | MIDDLE, 2, 2, 0);
}

static void test_wheel_keeps_the_buttons(struct fixture *f, gconstpointer unused)
{
	pointer_move_to(f->pointer, 9, 9, -1, LEFT);
	assert_tablet(f, LEFT, 9, 9, -1);
	pointer_move_to(f->pointer, 9, 9, 2, LEFT);
	assert_tablet(f, LEFT, 9, 9, 2);
	assert_silence(f);
}

static void test_positions_give_way_to_newer_ones(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->tablet);
	for (int x = 1; x <= 100; x++)
		pointer_move_to(f->pointer, x, 2 * x, 0, 0);
	assert_tablet(f, 0, 100, 200, 0);
	assert_silence(f);
}

static void test_quick_click_is_heard_where_it_was(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->tablet);
	pointer_move_to(f->pointer, 10, 10, 0, 0);
	pointer_move_to(f->pointer, 20, 20, 0, 0);
	pointer_move_to(f->pointer, 20, 20, 0, LEFT);
	pointer_move_to(f->pointer, 20, 20, 0, 0);
	pointer_move_to(f->pointer, 30, 30, 0, 0);
	pointer_move_to(f->pointer, 40, 40, 0, 0);
	assert_tablet(f, 0, 20, 20, 0);
	assert_tablet(f, LEFT, 20, 20, 0);
	assert_tablet(f, 0, 20, 20, 0);
	assert_tablet(f, 0, 40, 40, 0);
	assert_silence(f);
}

static void test_drag_begins_and_ends_where_it_did(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->tablet);
	pointer_move_to(f->pointer, 20, 20, 0, LEFT);
	for (int x = 21; x <= 50; x++)
		pointer_move_to(f->pointer, x, x, 0, LEFT);
	pointer_move_to(f->pointer, 51, 51, 0, 0);
	pointer_move_to(f->pointer, 60, 60, 0, 0);
	assert_tablet(f, LEFT, 20, 20, 0);
	assert_tablet(f, LEFT, 50, 50, 0);
	assert_tablet(f, 0, 51, 51, 0);
	assert_tablet(f, 0, 60, 60, 0);
	assert_silence(f);
}

static void test_notches_add_up_where_they_were_turned(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->tablet);
	for (int i = 0; i < 5; i++)
		pointer_move_to(f->pointer, 7, 7, 1, 0);
	pointer_move_to(f->pointer, 90, 90, 0, 0);
	pointer_move_to(f->pointer, 91, 91, 0, 0);
	assert_tablet(f, 0, 7, 7, 5);
	assert_tablet(f, 0, 91, 91, 0);
	assert_silence(f);
}

static void test_many_notches_are_split(struct fixture *f, gconstpointer unused)
{
	pointer_move_to(f->pointer, 7, 7, -300, LEFT);
	assert_tablet(f, 0, 7, 7, -127);
	assert_tablet(f, 0, 7, 7, -127);
	assert_tablet(f, LEFT, 7, 7, -46);
	assert_silence(f);
}

static void test_too_many_clicks_end_with_buttons_up(struct fixture *f, gconstpointer unused)
{
	uint8_t bytes[64] = {0};
	int reports = 0;

	host_stuff(&f->tablet);
	for (int i = 0; i < 2 * POINTER_WAITING; i++) {
		pointer_move_to(f->pointer, i, i, 0, LEFT);
		pointer_move_to(f->pointer, i, i, 0, 0);
	}
	pointer_move_to(f->pointer, 77, 78, 0, 0);
	while (host_fetch(&f->tablet, bytes, sizeof(bytes)) > 0)
		reports++;
	g_assert_cmpint(reports, ==, POINTER_WAITING);
	g_assert_cmpuint(bytes[0], ==, 0);
	g_assert_cmpuint(bytes[1], ==, 77);
	g_assert_cmpuint(bytes[3], ==, 78);
}

static void test_mouse_speaks_boot_protocol(struct fixture *f, gconstpointer unused)
{
	pointer_move_by(f->pointer, 3, -4, 0, RIGHT);
	assert_mouse(f, RIGHT, 3, -4, 0);
	pointer_move_by(f->pointer, 0, 0, 1, RIGHT | EXTRA);
	assert_mouse(f, RIGHT | EXTRA, 0, 0, 1);
	pointer_move_by(f->pointer, 0, 0, 0, RIGHT | EXTRA);
	assert_silence(f);
}

static void test_large_motion_is_split(struct fixture *f, gconstpointer unused)
{
	pointer_move_by(f->pointer, 300, -130, 0, 0);
	assert_mouse(f, 0, 127, -127, 0);
	assert_mouse(f, 0, 127, -3, 0);
	assert_mouse(f, 0, 46, 0, 0);
	assert_silence(f);
}

static void test_button_changes_at_the_end_of_a_long_way(struct fixture *f, gconstpointer unused)
{
	pointer_move_by(f->pointer, 200, 0, 0, LEFT);
	assert_mouse(f, 0, 127, 0, 0);
	assert_mouse(f, LEFT, 73, 0, 0);
	pointer_move_by(f->pointer, -200, 0, 0, 0);
	assert_mouse(f, LEFT, -127, 0, 0);
	assert_mouse(f, 0, -73, 0, 0);
}

static void test_motion_adds_up(struct fixture *f, gconstpointer unused)
{
	int dx, dy, wheel;

	host_stuff(&f->mouse);
	for (int i = 0; i < 1000; i++)
		pointer_move_by(f->pointer, 7, -3, i % 10 == 0, 0);
	mouse_total(f, &dx, &dy, &wheel);
	g_assert_cmpint(dx, ==, 7000);
	g_assert_cmpint(dy, ==, -3000);
	g_assert_cmpint(wheel, ==, 100);
}

static void test_quick_click_of_the_mouse_is_heard_on_its_way(
		struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->mouse);
	pointer_move_by(f->pointer, 5, 0, 0, 0);
	pointer_move_by(f->pointer, 5, 0, 0, 0);
	pointer_move_by(f->pointer, 0, 0, 0, LEFT);
	pointer_move_by(f->pointer, 0, 0, 0, 0);
	pointer_move_by(f->pointer, 0, 8, 0, 0);
	assert_mouse(f, 0, 10, 0, 0);
	assert_mouse(f, LEFT, 0, 0, 0);
	assert_mouse(f, 0, 0, 0, 0);
	assert_mouse(f, 0, 0, 8, 0);
	assert_silence(f);
}

static void test_endless_motion_stays_in_range(struct fixture *f, gconstpointer unused)
{
	int dx, dy, wheel;

	host_stuff(&f->mouse);
	for (int i = 0; i < 3; i++)
		pointer_move_by(f->pointer, G_MAXINT, G_MININT, G_MAXINT, 0);
	pointer_move_by(f->pointer, G_MININT, 0, 0, 0);
	mouse_total(f, &dx, &dy, &wheel);
	g_assert_cmpint(dx, ==, 0);
	g_assert_cmpint(dy, <, -32767);
	g_assert_cmpint(wheel, >, 32767);
}

static void test_buttons_do_not_stay_on_the_other_pointer(struct fixture *f, gconstpointer unused)
{
	pointer_move_by(f->pointer, 1, 1, 0, LEFT);
	assert_mouse(f, LEFT, 1, 1, 0);
	pointer_move_to(f->pointer, 500, 500, 0, LEFT);
	assert_mouse(f, 0, 0, 0, 0);
	assert_tablet(f, LEFT, 500, 500, 0);
	pointer_move_by(f->pointer, 2, 2, 0, 0);
	assert_tablet(f, 0, 500, 500, 0);
	assert_mouse(f, 0, 2, 2, 0);
	assert_silence(f);
}

static void test_click_before_going_over_is_still_heard(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->mouse);
	pointer_move_by(f->pointer, 0, 0, 0, LEFT);
	pointer_move_to(f->pointer, 1, 2, 0, 0);
	assert_mouse(f, LEFT, 0, 0, 0);
	assert_mouse(f, 0, 0, 0, 0);
	assert_tablet(f, 0, 1, 2, 0);
}

static void test_release_all_leaves_no_button_and_no_motion(struct fixture *f, gconstpointer unused)
{
	pointer_move_by(f->pointer, 0, 0, 0, RIGHT);
	assert_mouse(f, RIGHT, 0, 0, 0);
	host_stuff(&f->mouse);
	host_stuff(&f->tablet);
	pointer_move_by(f->pointer, 900, 900, 9, RIGHT | LEFT);
	pointer_release_all(f->pointer);
	assert_mouse(f, 0, 0, 0, 0);
	pointer_move_to(f->pointer, 6, 6, 0, LEFT);
	pointer_move_to(f->pointer, 7, 7, 3, LEFT);
	pointer_release_all(f->pointer);
	assert_tablet(f, 0, 7, 7, 0);
	assert_silence(f);
}

static void test_stalled_node_hears_position_and_buttons_only(
		struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->tablet);
	host_stuff(&f->mouse);
	pointer_move_by(f->pointer, 50, 50, 5, 0);
	pointer_move_to(f->pointer, 1, 1, 0, LEFT);
	pointer_move_to(f->pointer, 2, 2, 4, 0);
	host_wait(!pointer_absolute_listening(f->pointer) &&
			!pointer_relative_listening(f->pointer));
	pointer_move_by(f->pointer, 50, 50, 5, 0);
	pointer_move_to(f->pointer, 3, 3, 4, RIGHT);
	assert_tablet(f, RIGHT, 3, 3, 0);
	assert_silence(f);
	g_assert_true(pointer_absolute_listening(f->pointer));
	g_assert_true(pointer_relative_listening(f->pointer));
	pointer_move_to(f->pointer, 3, 3, 4, RIGHT);
	assert_tablet(f, RIGHT, 3, 3, 4);
}

static void test_absent_node_hears_where_the_pointer_is_when_it_is_back(
		struct fixture *f, gconstpointer unused)
{
	pointer_move_to(f->pointer, 11, 12, 0, 0);
	assert_tablet(f, 0, 11, 12, 0);
	host_leave(&f->tablet);
	pointer_move_to(f->pointer, 13, 14, 1, LEFT);
	g_assert_false(pointer_absolute_listening(f->pointer));
	pointer_move_to(f->pointer, 15, 16, 1, 0);
	host_settle();
	host_return(&f->tablet);
	host_wait(pointer_absolute_listening(f->pointer));
	assert_tablet(f, 0, 15, 16, 0);
	assert_silence(f);
}

static void test_attached_channels_start_at_rest(struct fixture *f, gconstpointer unused)
{
	struct host tablet, mouse;
	uint8_t bytes[64];

	pointer_move_by(f->pointer, 1, 0, 0, LEFT);
	host_open(&tablet);
	host_open(&mouse);
	pointer_attach(f->pointer, tablet.device, mouse.device);
	pointer_move_by(f->pointer, 1, 0, 0, 0);
	g_assert_cmpuint(host_fetch(&tablet, bytes, sizeof(bytes)), ==, 0);
	host_assert_hears(&mouse, 0, 1, 0, 0);
	pointer_attach(f->pointer, -1, -1);
	pointer_move_to(f->pointer, 5, 5, 0, LEFT);
	g_assert_false(pointer_absolute_listening(f->pointer));
	host_close(&tablet);
	host_close(&mouse);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                     \
	g_test_add("/pointer/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)
	g_test_init(&argc, &argv, NULL);
	TEST(position_is_little_endian_and_clamped);
	TEST(first_position_is_said_even_where_it_was);
	TEST(position_is_repeated_only_if_it_was_said);
	TEST(two_buttons_at_once_are_no_wheel);
	TEST(wheel_keeps_the_buttons);
	TEST(positions_give_way_to_newer_ones);
	TEST(quick_click_is_heard_where_it_was);
	TEST(drag_begins_and_ends_where_it_did);
	TEST(notches_add_up_where_they_were_turned);
	TEST(many_notches_are_split);
	TEST(too_many_clicks_end_with_buttons_up);
	TEST(mouse_speaks_boot_protocol);
	TEST(large_motion_is_split);
	TEST(button_changes_at_the_end_of_a_long_way);
	TEST(motion_adds_up);
	TEST(quick_click_of_the_mouse_is_heard_on_its_way);
	TEST(endless_motion_stays_in_range);
	TEST(buttons_do_not_stay_on_the_other_pointer);
	TEST(click_before_going_over_is_still_heard);
	TEST(release_all_leaves_no_button_and_no_motion);
	TEST(stalled_node_hears_position_and_buttons_only);
	TEST(absent_node_hears_where_the_pointer_is_when_it_is_back);
	TEST(attached_channels_start_at_rest);
	return g_test_run();
}
