/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "rack/capping.h"

#define NODES   3
#define FLOOR   100
#define CEILING 400
#define SETTLE  8000

struct bench {
	struct capping *capping;
	int64_t now;
	struct capping_command commands[NODES];
	size_t count;
};

static struct bench bench_new(int budget, bool keeps)
{
	struct capping_node_settings nodes[NODES];
	const struct capping_settings settings = {.budget = budget};
	struct bench bench = {.now = 1000};

	for (size_t i = 0; i < NODES; i++)
		nodes[i] = (struct capping_node_settings){
				.floor = FLOOR, .ceiling = CEILING, .keeps = keeps};
	bench.capping = capping_new(&settings, nodes, NODES);
	return bench;
}

static void bench_decide(struct bench *bench)
{
	bench->count = capping_decide(bench->capping, bench->now, bench->commands, NODES);
}

static void bench_accept(struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++)
		capping_accepted(bench->capping, bench->commands[i].node, bench->now);
}

static void bench_measure(struct bench *bench, int watts)
{
	for (size_t i = 0; i < NODES; i++)
		capping_reading(bench->capping, i, bench->now, bench->now, watts);
}

/* All have a limit, keep to it, and draw `watts`. */
static struct bench bench_settled(int budget, int watts, bool keeps)
{
	struct bench bench = bench_new(budget, keeps);

	for (int i = 0; i < 60; i++) {
		bench_measure(&bench, watts);
		bench_decide(&bench);
		bench_accept(&bench);
		bench.now += 1000;
	}
	return bench;
}

static struct capping_node bench_node(const struct bench *bench, size_t node)
{
	struct capping_node out;

	capping_read(bench->capping, node, &out);
	return out;
}

static int bench_accounted(const struct bench *bench)
{
	struct capping_totals totals;

	capping_sum(bench->capping, &totals);
	return totals.accounted;
}

static void test_unknown_nodes_count_at_their_ceiling(void)
{
	struct bench bench = bench_new(900, false);

	g_assert_cmpint(bench_accounted(&bench), ==, NODES * CEILING);
	g_assert_cmpint(bench_node(&bench, 0).account, ==, CAPPING_ACCOUNT_UNLIMITED);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, NODES);
	g_assert_cmpint(bench.commands[0].limit, ==, 300);
	capping_free(bench.capping);
}

static void test_a_cut_counts_only_when_it_is_kept(void)
{
	struct bench bench = bench_new(900, false);

	bench_decide(&bench);
	bench_accept(&bench);
	bench.now += SETTLE - 1;
	bench_measure(&bench, 250);
	g_assert_cmpint(bench_accounted(&bench), ==, NODES * CEILING);
	g_assert_cmpint(bench_node(&bench, 0).account, ==, CAPPING_ACCOUNT_SETTLING);
	bench.now += 1;
	bench_measure(&bench, 250);
	g_assert_cmpint(bench_accounted(&bench), ==, 900);
	g_assert_cmpint(bench_node(&bench, 0).account, ==, CAPPING_ACCOUNT_LIMIT);
	capping_free(bench.capping);
}

static void test_a_reading_of_before_says_nothing(void)
{
	struct bench bench = bench_new(900, false);

	bench_decide(&bench);
	bench_accept(&bench);
	capping_reading(bench.capping, 0, bench.now + SETTLE + 500, bench.now + SETTLE - 1, 250);
	g_assert_cmpint(bench_node(&bench, 0).account, ==, CAPPING_ACCOUNT_SETTLING);
	capping_free(bench.capping);
}

static void test_one_command_is_under_way_for_a_node(void)
{
	struct bench bench = bench_new(900, false);
	const struct capping_settings less = {.budget = 600};

	bench_decide(&bench);
	capping_set(bench.capping, &less);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 0);
	capping_accepted(bench.capping, 1, bench.now);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 1);
	g_assert_cmpuint(bench.commands[0].node, ==, 1);
	g_assert_cmpint(bench.commands[0].limit, ==, 200);
	capping_free(bench.capping);
}

static void test_a_refused_command_is_tried_again_later(void)
{
	struct bench bench = bench_new(900, false);

	bench_decide(&bench);
	bench_accept(&bench);
	capping_failed(bench.capping, 0, bench.now); /* answered already: nothing */
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 0);
	capping_free(bench.capping);
	bench = bench_new(900, false);
	bench_decide(&bench);
	capping_failed(bench.capping, 0, bench.now);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, CEILING);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 0);
	bench.now += 5000;
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 1);
	capping_free(bench.capping);
}

static void test_a_silent_node_counts_at_its_ceiling(void)
{
	struct bench bench = bench_settled(900, 250, false);

	capping_lost(bench.capping, 0);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, CEILING);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 2); /* the others make room */
	g_assert_cmpint(bench.commands[0].limit + bench.commands[1].limit, <=, 500);
	capping_free(bench.capping);
}

static void test_a_silent_node_that_keeps_its_limit_counts_at_that(void)
{
	struct bench bench = bench_settled(900, 250, true);
	int before = bench_node(&bench, 0).accounted;

	capping_lost(bench.capping, 0);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, before);
	capping_free(bench.capping);
}

static void test_a_forgotten_limit_is_sent_again(void)
{
	struct bench bench = bench_settled(900, 250, false);

	capping_limit(bench.capping, 0, bench.now, false, 0);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, CEILING);
	bench_decide(&bench);
	g_assert_cmpuint(bench.commands[0].node, ==, 0);
	capping_free(bench.capping);
}

static void test_a_limit_of_an_earlier_life_is_taken_over(void)
{
	struct bench bench = bench_new(900, false);

	capping_limit(bench.capping, 0, bench.now, true, 300);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, CEILING);
	bench.now += SETTLE;
	bench_measure(&bench, 250);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, 300);
	capping_free(bench.capping);
}

static void test_a_node_above_its_limit_is_disobedient(void)
{
	struct bench bench = bench_settled(900, 250, false);

	for (int i = 0; i < 2; i++) {
		bench.now += 1000;
		capping_reading(bench.capping, 0, bench.now, bench.now, 500);
	}
	g_assert_cmpint(bench_node(&bench, 0).account, ==, CAPPING_ACCOUNT_DISOBEDIENT);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, 500);
	capping_free(bench.capping);
}

static void test_an_off_node_counts_nothing_and_asks_before_it_is_on(void)
{
	struct bench bench = bench_settled(900, 250, false);

	capping_is_on(bench.capping, 0, false);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, 0);
	for (int i = 0; i < 60; i++) {
		capping_reading(bench.capping, 1, bench.now, bench.now, 390);
		capping_reading(bench.capping, 2, bench.now, bench.now, 390);
		bench_decide(&bench);
		bench_accept(&bench);
		bench.now += 1000;
	}
	g_assert_cmpint(bench_accounted(&bench), ==, 800);
	/* 400 for its start: the others have to go down to 500 together. */
	g_assert_cmpint(capping_power_on(bench.capping, 0, bench.now), ==, CAPPING_POWER_WAIT);
	for (int i = 0; i < 20; i++) {
		bench_decide(&bench);
		bench_accept(&bench);
		bench.now += 1000;
		capping_reading(bench.capping, 1, bench.now, bench.now, 240);
		capping_reading(bench.capping, 2, bench.now, bench.now, 240);
	}
	g_assert_cmpint(capping_power_on(bench.capping, 0, bench.now), ==, CAPPING_POWER_NOW);
	g_assert_cmpint(bench_node(&bench, 0).account, ==, CAPPING_ACCOUNT_STARTING);
	g_assert_cmpint(bench_accounted(&bench), <=, 900);
	capping_free(bench.capping);
}

static void test_a_start_that_does_not_fit_is_refused(void)
{
	struct bench bench = bench_settled(550, 90, false);

	capping_is_on(bench.capping, 0, false);
	g_assert_cmpint(capping_power_on(bench.capping, 0, bench.now), ==, CAPPING_POWER_REFUSED);
	capping_free(bench.capping);
}

static void test_watts_of_a_start_that_fails_come_free(void)
{
	struct bench bench = bench_settled(1200, 250, false);

	capping_is_on(bench.capping, 0, false);
	g_assert_cmpint(capping_power_on(bench.capping, 0, bench.now), ==, CAPPING_POWER_NOW);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, CEILING);
	bench.now += 60000;
	bench_decide(&bench);
	g_assert_cmpint(bench_node(&bench, 0).accounted, ==, 0);
	capping_free(bench.capping);
}

static void test_a_smaller_budget_cuts_at_once(void)
{
	struct bench bench = bench_settled(900, 290, false);
	const struct capping_settings less = {.budget = 700, .unmanaged = 100};
	int sum = 0;

	capping_set(bench.capping, &less);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, NODES);
	for (size_t i = 0; i < bench.count; i++)
		sum += bench.commands[i].limit;
	g_assert_cmpint(sum, <=, 600);
	capping_free(bench.capping);
}

#define MANY 36

/* A rack whose loads move all the time, and where something is decided after each reading. */
static void test_cuts_settle_while_wants_move(void)
{
	const struct capping_settings settings = {.budget = MANY * 310};
	struct capping_node_settings nodes[MANY];
	struct capping_command commands[MANY];
	struct capping_totals totals;
	struct capping *capping;
	int limits[MANY], loads[MANY];
	uint32_t dice = 1;

	for (size_t i = 0; i < MANY; i++) {
		nodes[i] = (struct capping_node_settings){.floor = 110, .ceiling = 420};
		limits[i] = 420;
		loads[i] = 110 + (int)i * 8;
	}
	capping = capping_new(&settings, nodes, MANY);
	for (int64_t now = 0; now < 45000; now += 1000)
		for (size_t i = 0; i < MANY; i++) {
			int64_t at = now + (int64_t)i * 27;
			size_t count;

			dice = dice * 1664525 + 1013904223; /* Numerical Recipes, 7.1 */
			if (dice >> 24 < 16)
				loads[i] = 110 + (int)(dice >> 8 & 255);
			capping_reading(capping, i, at, at, MIN(loads[i], limits[i]));
			count = capping_decide(capping, at, commands, MANY);
			for (size_t k = 0; k < count; k++) {
				limits[commands[k].node] = commands[k].limit;
				capping_accepted(capping, commands[k].node, at);
			}
		}
	capping_sum(capping, &totals);
	g_assert_cmpint(totals.accounted, <=, settings.budget);
	capping_free(capping);
}

static void test_nothing_is_sent_when_nothing_changes(void)
{
	struct bench bench = bench_settled(900, 250, false);

	for (int i = 0; i < 100; i++) {
		bench_measure(&bench, 248 + i % 5);
		bench_decide(&bench);
		g_assert_cmpuint(bench.count, ==, 0);
		bench.now += 1000;
	}
	capping_free(bench.capping);
}

static void test_an_operators_cap_is_a_ceiling(void)
{
	struct bench bench = bench_settled(1200, 290, false);

	g_assert_cmpint(bench_node(&bench, 1).limit, ==, CEILING);
	capping_cap(bench.capping, 1, 200);
	for (int i = 0; i < 40; i++) {
		bench_decide(&bench);
		bench_accept(&bench);
		bench.now += 1000;
		bench_measure(&bench, 195);
		g_assert_cmpint(bench_node(&bench, 1).limit, ==, 200);
	}
	g_assert_cmpint(bench_node(&bench, 1).accounted, ==, 200);
	g_assert_cmpint(bench_node(&bench, 0).limit, ==, CEILING);
	capping_cap(bench.capping, 1, 0);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 1);
	g_assert_cmpint(bench.commands[0].limit, ==, CEILING);
	capping_free(bench.capping);
}

/* Whether the budget asks for limits or not. */
static void test_limits_of_another_mode_are_released(void)
{
	const enum capping_mode modes[] = {CAPPING_OFF, CAPPING_REACTIVE};

	for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
		struct capping_settings settings = {.mode = CAPPING_GUARANTEED, .budget = 1000};
		struct bench bench = bench_new(1000, false);
		int released = modes[i] == CAPPING_OFF ? 0 : CEILING;

		bench_measure(&bench, 150);
		bench_decide(&bench);
		g_assert_cmpuint(bench.count, >, 1);
		bench_accept(&bench);
		bench.now += 10000;
		bench_measure(&bench, 50);
		settings.mode = modes[i];
		capping_set(bench.capping, &settings);
		bench_decide(&bench);
		g_assert_cmpuint(bench.count, >, 1);
		for (size_t k = 0; k < bench.count; k++)
			g_assert_cmpint(bench.commands[k].limit, ==, released);
		bench_accept(&bench);
		bench.now += 3000;
		bench_measure(&bench, 50);
		bench_decide(&bench);
		g_assert_cmpuint(bench.count, ==, 0);
		/* Somebody else's is none of ours. */
		capping_limit(bench.capping, 0, bench.now, true, 200);
		bench.now += 3000;
		bench_measure(&bench, 50);
		bench_decide(&bench);
		g_assert_cmpuint(bench.count, ==, 0);
		capping_free(bench.capping);
	}
}

static void test_a_cap_needs_no_budget(gconstpointer data)
{
	const struct capping_settings settings = {.mode = GPOINTER_TO_INT(data), .budget = 100000};
	struct bench bench = bench_new(100000, false);

	capping_set(bench.capping, &settings);
	bench_measure(&bench, 150);
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 0);
	capping_cap(bench.capping, 2, 120);
	bench.now += 3000;
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 1);
	g_assert_cmpuint(bench.commands[0].node, ==, 2);
	g_assert_cmpint(bench.commands[0].limit, ==, 120);
	capping_failed(bench.capping, 2, bench.now);
	bench.now += 5000;
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 1);
	bench_accept(&bench);
	capping_cap(bench.capping, 2, 0);
	bench.now += 3000;
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 1);
	g_assert_cmpint(bench.commands[0].limit, ==, settings.mode == CAPPING_OFF ? 0 : CEILING);
	bench_accept(&bench);
	bench.now += 3000;
	bench_decide(&bench);
	g_assert_cmpuint(bench.count, ==, 0);
	capping_free(bench.capping);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/capping/unknown nodes count at their ceiling",
			test_unknown_nodes_count_at_their_ceiling);
	g_test_add_func("/capping/a cut counts only when it is kept",
			test_a_cut_counts_only_when_it_is_kept);
	g_test_add_func("/capping/a reading of before says nothing",
			test_a_reading_of_before_says_nothing);
	g_test_add_func("/capping/one command is under way for a node",
			test_one_command_is_under_way_for_a_node);
	g_test_add_func("/capping/a refused command is tried again later",
			test_a_refused_command_is_tried_again_later);
	g_test_add_func("/capping/a silent node counts at its ceiling",
			test_a_silent_node_counts_at_its_ceiling);
	g_test_add_func("/capping/a silent node that keeps its limit counts at that",
			test_a_silent_node_that_keeps_its_limit_counts_at_that);
	g_test_add_func("/capping/a forgotten limit is sent again",
			test_a_forgotten_limit_is_sent_again);
	g_test_add_func("/capping/a limit of an earlier life is taken over",
			test_a_limit_of_an_earlier_life_is_taken_over);
	g_test_add_func("/capping/a node above its limit is disobedient",
			test_a_node_above_its_limit_is_disobedient);
	g_test_add_func("/capping/an off node counts nothing and asks before it is on",
			test_an_off_node_counts_nothing_and_asks_before_it_is_on);
	g_test_add_func("/capping/a start that does not fit is refused",
			test_a_start_that_does_not_fit_is_refused);
	g_test_add_func("/capping/watts of a start that fails come free",
			test_watts_of_a_start_that_fails_come_free);
	g_test_add_func("/capping/a smaller budget cuts at once",
			test_a_smaller_budget_cuts_at_once);
	g_test_add_func("/capping/cuts settle while wants move", test_cuts_settle_while_wants_move);
	g_test_add_func("/capping/nothing is sent when nothing changes",
			test_nothing_is_sent_when_nothing_changes);
	g_test_add_func("/capping/an operator's cap is a ceiling",
			test_an_operators_cap_is_a_ceiling);
	g_test_add_func("/capping/limits of another mode are released",
			test_limits_of_another_mode_are_released);
	g_test_add_data_func("/capping/a cap needs no budget: off", GINT_TO_POINTER(CAPPING_OFF),
			test_a_cap_needs_no_budget);
	g_test_add_data_func("/capping/a cap needs no budget: reactive",
			GINT_TO_POINTER(CAPPING_REACTIVE), test_a_cap_needs_no_budget);
	return g_test_run();
}
