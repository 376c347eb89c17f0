/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/events.h"

#define KEPT 4

/* A listener that notes what it hears, and may do something about it. */
struct ear {
	struct events *events;
	GString *heard; /* "1:a 2:b " */
	void (*react)(struct ear *ear, const struct event *event);
	struct ear *other;
};

static void hear(const struct event *event, void *data)
{
	struct ear *ear = data;

	g_string_append_printf(
			ear->heard, "%" G_GUINT64_FORMAT ":%s ", (guint64)event->id, event->type);
	if (ear->react)
		ear->react(ear, event);
}

struct fixture {
	struct events *events;
	struct ear ears[2];
};

static void open_fixture(struct fixture *f, gconstpointer unused)
{
	f->events = events_new(KEPT);
	for (size_t i = 0; i < 2; i++)
		f->ears[i] = (struct ear){f->events, g_string_new(NULL), NULL, &f->ears[1 - i]};
}

static void close_fixture(struct fixture *f, gconstpointer unused)
{
	events_free(f->events);
	for (size_t i = 0; i < 2; i++)
		g_string_free(f->ears[i].heard, TRUE);
}

static void publish(struct fixture *f, const char *letters)
{
	static const char *const types[] = {"a", "b", "c", "d", "e", "f", "g"};

	for (; *letters; letters++)
		events_publish(f->events, types[*letters - 'a'], NULL);
}

static void note_time(const struct event *event, void *data)
{
	const char *time = json_string_value(json_object_get(event->data, "time"));
	g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(time, NULL);

	g_assert_nonnull(when);
	g_assert_cmpint(json_integer_value(json_object_get(event->data, "watts")), ==, 7);
	*(bool *)data = true;
}

static void test_an_event_has_its_data_and_the_time(struct fixture *f, gconstpointer unused)
{
	bool told = false;

	g_assert_true(events_listen(f->events, UINT64_MAX, note_time, &told));
	events_publish(f->events, "power.over", json_pack("{s:i}", "watts", 7));
	g_assert_true(told);
	g_assert_cmpint(events_run(f->events), >, 0);
}

static void test_who_comes_back_hears_what_it_missed(struct fixture *f, gconstpointer unused)
{
	g_assert_cmpuint(events_last(f->events), ==, 0);
	g_assert_cmpuint(events_first(f->events), ==, 0);
	publish(f, "abc");
	g_assert_true(events_listen(f->events, 1, hear, &f->ears[0]));
	g_assert_cmpstr(f->ears[0].heard->str, ==, "2:b 3:c ");
	publish(f, "d");
	g_assert_true(events_listen(f->events, UINT64_MAX, hear, &f->ears[1]));
	publish(f, "e");
	g_assert_cmpstr(f->ears[0].heard->str, ==, "2:b 3:c 4:d 5:e ");
	g_assert_cmpstr(f->ears[1].heard->str, ==, "5:e ");
	g_assert_cmpuint(events_last(f->events), ==, 5);
	g_assert_cmpuint(events_first(f->events), ==, 2);
}

static void test_a_gap_is_told(struct fixture *f, gconstpointer unused)
{
	g_assert_true(events_listen(f->events, 0, hear, &f->ears[0]));
	g_assert_false(events_listen(f->events, 1, hear, &f->ears[1]));
	publish(f, "abcdef"); /* 3 to 6 are kept */
	g_assert_false(events_listen(f->events, 0, hear, &f->ears[1]));
	g_assert_false(events_listen(f->events, 1, hear, &f->ears[1]));
	g_assert_false(events_listen(f->events, 7, hear, &f->ears[1]));
	g_assert_cmpstr(f->ears[1].heard->str, ==, "");
	g_assert_true(events_listen(f->events, 2, hear, &f->ears[1]));
	g_assert_cmpstr(f->ears[1].heard->str, ==, "3:c 4:d 5:e 6:f ");
	g_assert_cmpstr(f->ears[0].heard->str, ==, "1:a 2:b 3:c 4:d 5:e 6:f ");
}

static void answer(struct ear *ear, const struct event *event)
{
	if (event->id == 1)
		for (int i = 0; i < KEPT + 2; i++)
			events_publish(ear->events, "z", NULL);
}

/* Also when more is published meanwhile than is kept. */
static void test_all_hear_in_order_who_publishes_from_within(
		struct fixture *f, gconstpointer unused)
{
	f->ears[0].react = answer;
	events_listen(f->events, 0, hear, &f->ears[0]);
	events_listen(f->events, 0, hear, &f->ears[1]);
	publish(f, "a");
	g_assert_cmpstr(f->ears[0].heard->str, ==, "1:a 2:z 3:z 4:z 5:z 6:z 7:z ");
	g_assert_cmpstr(f->ears[1].heard->str, ==, f->ears[0].heard->str);
	g_assert_cmpuint(events_first(f->events), ==, 4);
}

static void leave(struct ear *ear, const struct event *event)
{
	events_unlisten(ear->events, hear, ear);
	events_unlisten(ear->events, hear, ear->other);
}

static void test_listeners_may_end_from_within(struct fixture *f, gconstpointer unused)
{
	f->ears[0].react = leave;
	events_listen(f->events, 0, hear, &f->ears[0]);
	events_listen(f->events, 0, hear, &f->ears[1]);
	publish(f, "ab");
	g_assert_cmpstr(f->ears[0].heard->str, ==, "1:a ");
	g_assert_cmpstr(f->ears[1].heard->str, ==, "");
	events_unlisten(f->events, hear, &f->ears[1]); /* nobody: no harm */
}

static void test_a_listener_may_end_while_it_catches_up(struct fixture *f, gconstpointer unused)
{
	publish(f, "abc");
	f->ears[0].react = leave;
	g_assert_true(events_listen(f->events, 0, hear, &f->ears[0]));
	publish(f, "d");
	g_assert_cmpstr(f->ears[0].heard->str, ==, "1:a ");
}

static void invite(struct ear *ear, const struct event *event)
{
	if (event->id == 1)
		g_assert_true(events_listen(ear->events, 0, hear, ear->other));
}

static void test_listeners_may_come_from_within(struct fixture *f, gconstpointer unused)
{
	f->ears[0].react = invite;
	events_listen(f->events, 0, hear, &f->ears[0]);
	publish(f, "ab");
	g_assert_cmpstr(f->ears[0].heard->str, ==, "1:a 2:b ");
	g_assert_cmpstr(f->ears[1].heard->str, ==, "1:a 2:b ");
}

static void test_none_may_be_kept(struct fixture *f, gconstpointer unused)
{
	struct events *events = events_new(0);

	g_assert_true(events_listen(events, 0, hear, &f->ears[0]));
	events_publish(events, "a", NULL);
	events_publish(events, "b", NULL);
	g_assert_false(events_listen(events, 1, hear, &f->ears[1]));
	g_assert_true(events_listen(events, 2, hear, &f->ears[1]));
	g_assert_cmpstr(f->ears[0].heard->str, ==, "1:a 2:b ");
	events_free(events);
	events_free(NULL);
}

/* Those who come back after a restart within a second would miss what was told in between. */
static void test_runs_that_begin_at_once_differ(struct fixture *f, gconstpointer unused)
{
	struct events *events = events_new(4);

	g_assert_cmpint(events_run(events), !=, events_run(f->events));
	events_free(events);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) \
	g_test_add("/events/" #name, struct fixture, NULL, open_fixture, test_##name, close_fixture)
	TEST(an_event_has_its_data_and_the_time);
	TEST(who_comes_back_hears_what_it_missed);
	TEST(a_gap_is_told);
	TEST(all_hear_in_order_who_publishes_from_within);
	TEST(listeners_may_end_from_within);
	TEST(a_listener_may_end_while_it_catches_up);
	TEST(listeners_may_come_from_within);
	TEST(none_may_be_kept);
	TEST(runs_that_begin_at_once_differ);
	return g_test_run();
}
