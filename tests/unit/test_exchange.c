/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The exchange between the threads of a video device's capture. */
#include <glib.h>
#include <poll.h>
#include <string.h>
#include "capture/exchange.h"

static const struct capture_quality any_quality = {.selector = 4, .chroma = 444, .hq_selector = -1};

static bool readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) > 0;
}

static unsigned int look(struct exchange *exchange)
{
	struct exchange_orders orders;

	exchange_look(exchange, &orders);
	return orders.generation;
}

static void post(struct exchange *exchange, unsigned int generation, int buffer, bool newest)
{
	exchange_post_frame(exchange, generation, &(struct capture_frame){.width = buffer}, buffer,
			newest);
}

static int take(struct exchange *exchange)
{
	struct exchange_event event;
	int width;

	if (!exchange_take(exchange, &event))
		return -1;
	width = event.frame.width;
	g_assert_true(event.is_frame);
	exchange_give_back(exchange, &event);
	return width;
}

static void test_differences_are_taken_in_order(void)
{
	struct exchange *exchange = exchange_new(&any_quality);
	unsigned int generation;

	exchange_start(exchange);
	generation = look(exchange);
	for (int i = 0; i < 4; i++)
		post(exchange, generation, i, false);
	g_assert_true(readable(exchange_main_fd(exchange)));
	for (int i = 0; i < 4; i++)
		g_assert_cmpint(take(exchange), ==, i);
	g_assert_false(readable(exchange_main_fd(exchange)));
	g_assert_cmpint(take(exchange), ==, -1);
	g_assert_true(readable(exchange_thread_fd(exchange)));
	for (int i = 0; i < 4; i++)
		g_assert_cmpint(exchange_returned(exchange), >=, 0);
	g_assert_cmpint(exchange_returned(exchange), ==, -1);
	exchange_free(exchange);
}

static void test_newest_whole_frame_wins(void)
{
	struct exchange *exchange = exchange_new(&any_quality);
	struct exchange_event shown;
	unsigned int generation;

	exchange_start(exchange);
	generation = look(exchange);
	post(exchange, generation, 0, true);
	g_assert_true(exchange_take(exchange, &shown));
	post(exchange, generation, 1, true);
	post(exchange, generation, 2, true);
	g_assert_cmpint(exchange_returned(exchange), ==, 1);
	g_assert_cmpint(exchange_returned(exchange), ==, -1);
	exchange_give_back(exchange, &shown);
	g_assert_cmpint(exchange_returned(exchange), ==, 0);
	g_assert_cmpint(take(exchange), ==, 2);
	exchange_free(exchange);
}

static void test_nothing_comes_after_a_stop(void)
{
	struct exchange *exchange = exchange_new(&any_quality);
	unsigned int generation;

	exchange_start(exchange);
	generation = look(exchange);
	post(exchange, generation, 0, false);
	exchange_post_state(exchange, generation, CAPTURE_STREAMING, "streams");
	exchange_stop(exchange);
	exchange_start(exchange);
	post(exchange, generation, 1, false);
	exchange_post_state(exchange, generation, CAPTURE_NO_SIGNAL, "none");
	g_assert_false(readable(exchange_main_fd(exchange)));
	g_assert_cmpint(take(exchange), ==, -1);
	g_assert_cmpint(exchange_returned(exchange) + exchange_returned(exchange), ==, 1);
	g_assert_cmpint(look(exchange), !=, generation);
	exchange_free(exchange);
}

static void test_state_is_said_once_for_each_start(void)
{
	struct exchange *exchange = exchange_new(&any_quality);
	struct exchange_event event;

	for (int start = 0; start < 2; start++) {
		unsigned int generation;

		exchange_start(exchange);
		generation = look(exchange);
		exchange_post_state(exchange, generation, CAPTURE_NO_SIGNAL, "none");
		exchange_post_state(exchange, generation, CAPTURE_NO_SIGNAL, "unstable");
		exchange_post_state(exchange, generation, CAPTURE_NO_SIGNAL, "unstable");
		g_assert_true(exchange_take(exchange, &event));
		g_assert_cmpstr(event.reason, ==, "unstable"); /* the other was old news */
		exchange_give_back(exchange, &event);
		g_assert_false(exchange_take(exchange, &event));
		exchange_post_state(exchange, generation, CAPTURE_NO_SIGNAL, "unstable");
		g_assert_false(exchange_take(exchange, &event));
		exchange_stop(exchange);
	}
	exchange_free(exchange);
}

static void test_recall_leaves_what_the_main_thread_has(void)
{
	struct exchange *exchange = exchange_new(&any_quality);
	struct exchange_event shown;
	unsigned int generation;

	exchange_start(exchange);
	generation = look(exchange);
	post(exchange, generation, 0, false);
	post(exchange, generation, 1, false);
	g_assert_true(exchange_take(exchange, &shown));
	g_assert_cmpint(exchange_recall(exchange), ==, 1);
	exchange_stop(exchange);
	g_assert_cmpint(exchange_recall(exchange), ==, 1);
	exchange_give_back(exchange, &shown);
	g_assert_cmpint(exchange_recall(exchange), ==, 0);
	g_assert_false(readable(exchange_main_fd(exchange)));
	exchange_free(exchange);
}

static void test_orders_are_told_once(void)
{
	struct exchange *exchange = exchange_new(&any_quality);
	const struct capture_quality finer = {.selector = 9, .chroma = 420, .hq_selector = 3};
	struct exchange_orders orders;

	exchange_key_frame(exchange); /* of what? */
	exchange_start(exchange);
	exchange_look(exchange, &orders);
	g_assert_true(orders.wanted);
	g_assert_false(orders.key_frame);
	g_assert_cmpint(orders.quality.selector, ==, 4);
	g_assert_false(readable(exchange_thread_fd(exchange)));
	exchange_key_frame(exchange);
	exchange_key_frame(exchange);
	exchange_adjust(exchange, &finer);
	g_assert_true(readable(exchange_thread_fd(exchange)));
	exchange_look(exchange, &orders);
	g_assert_true(orders.key_frame);
	g_assert_cmpint(orders.quality.selector, ==, 9);
	g_assert_cmpint(orders.adjusted, ==, 1);
	exchange_look(exchange, &orders);
	g_assert_false(orders.key_frame);
	g_assert_cmpint(orders.adjusted, ==, 1);
	exchange_free(exchange);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/exchange/differences_are_taken_in_order",
			test_differences_are_taken_in_order);
	g_test_add_func("/exchange/newest_whole_frame_wins", test_newest_whole_frame_wins);
	g_test_add_func("/exchange/nothing_comes_after_a_stop", test_nothing_comes_after_a_stop);
	g_test_add_func("/exchange/state_is_said_once_for_each_start",
			test_state_is_said_once_for_each_start);
	g_test_add_func("/exchange/recall_leaves_what_the_main_thread_has",
			test_recall_leaves_what_the_main_thread_has);
	g_test_add_func("/exchange/orders_are_told_once", test_orders_are_told_once);
	return g_test_run();
}
