/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "src/quality.h"

#define SECOND 1000000

static const struct quality_link fast = {.round_trip = 5},
				 slow = {.round_trip = 400, .behind = true},
				 busy = {.round_trip = 20, .behind = true},
				 far = {.round_trip = 400},
				 just = {.round_trip = 110, .behind = true},
				 distant = {.round_trip = 200, .way = 180, .behind = true};

struct fixture {
	struct quality quality;
	int64_t now;
	int selector;
	int changes;
};

static void fixture_open(struct fixture *f, gconstpointer data)
{
	quality_init(&f->quality, 7);
	f->now = SECOND;
	f->selector = 7;
}

static void fixture_close(struct fixture *f, gconstpointer data)
{
}

/* So many seconds with one viewer whose link is that, beside one with a fast one. */
static void pass(struct fixture *f, const struct quality_link *link, double seconds)
{
	const struct quality_link both[] = {fast, *link};

	for (int64_t end = f->now + (int64_t)(seconds * SECOND); f->now < end;
			f->now += SECOND / 4) {
		int selector = quality_look(&f->quality, both, G_N_ELEMENTS(both), f->now);

		f->changes += selector != f->selector;
		f->selector = selector;
	}
}

static void test_selector_follows_the_links(void)
{
	static const struct {
		struct {
			const struct quality_link *link;
			double seconds;
		} parts[6];
		int selector;
	} rows[] = {
			{{{&fast, 100}}, 7},
			{{{&busy, 100}}, 7}, /* much to send is no trouble */
			{{{&far, 100}}, 7},  /* a long way is not, with nothing waiting */
			{{{&slow, 1.5}}, 7}, /* a moment is not */
			{{{&slow, 3}}, 4},
			{{{&slow, 4.5}}, 4}, /* it is seen what a change does */
			{{{&slow, 8}}, 2},
			{{{&slow, 100}}, 2},
			{{{&slow, 1}, {&fast, 1}, {&slow, 1}, {&fast, 1}, {&slow, 0.5}}, 7},
			{{{&slow, 3}, {&fast, 8}}, 4},
			{{{&slow, 3}, {&fast, 12}}, 7},
			{{{&slow, 8}, {&fast, 12}}, 4},
			{{{&slow, 8}, {&fast, 30}}, 7},
			{{{&distant, 100}}, 7},           /* no quality brings it nearer */
			{{{&slow, 3}, {&just, 100}}, 4},  /* 7 would be too much again */
			{{{&slow, 8}, {&distant, 30}}, 7},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct fixture f = {0};

		fixture_open(&f, NULL);
		for (size_t p = 0; p < G_N_ELEMENTS(rows[i].parts) && rows[i].parts[p].link; p++)
			pass(&f, rows[i].parts[p].link, rows[i].parts[p].seconds);
		if (f.selector != rows[i].selector)
			g_error("row %zu: selector %d, not %d", i, f.selector, rows[i].selector);
	}
}

static void test_trying_in_vain_becomes_rare(struct fixture *f, gconstpointer data)
{
	int before = 0;

	for (int i = 0; i < 60; i++) { /* 4 is fine, 7 is too much */
		pass(f, f->selector == 7 ? &slow : &fast, 10);
		if (i == 20)
			before = f->changes;
	}
	g_test_message("%d changes in 10 minutes", f->changes);
	g_assert_cmpint(f->changes, <=, 14);
	g_assert_cmpint(f->changes - before, <=, 8);
}

static void test_coarse_from_the_start_has_nowhere_to_go(struct fixture *f, gconstpointer data)
{
	quality_init(&f->quality, 2);
	f->selector = 2;
	pass(f, &slow, 60);
	g_assert_cmpint(f->changes, ==, 0);
	quality_init(&f->quality, 4);
	f->selector = 4;
	pass(f, &slow, 60);
	g_assert_cmpint(f->selector, ==, 2);
}

static void test_who_come_later_begin_with_the_best(struct fixture *f, gconstpointer data)
{
	pass(f, &slow, 10);
	g_assert_cmpint(f->selector, ==, 2);
	quality_reset(&f->quality);
	pass(f, &fast, 1);
	g_assert_cmpint(f->selector, ==, 7);
}

#define ADD(name)                                                                      \
	g_test_add("/quality/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/quality/selector_follows_the_links", test_selector_follows_the_links);
	ADD(trying_in_vain_becomes_rare);
	ADD(coarse_from_the_start_has_nowhere_to_go);
	ADD(who_come_later_begin_with_the_best);
	return g_test_run();
}
