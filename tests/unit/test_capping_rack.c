/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capping against a rack of simulated nodes whose BMCs answer late, lose answers and enforce limits
 * seconds after they took them: what the rack truly draws, ten times a second, is what counts.
 * CAPPING_SCENARIOS=1000 in the environment runs as many random ones (40 without it).
 */
#include <glib.h>
#include <stdlib.h>
#include "sim/feeder.h"

#define HOUR  3600000
#define IDLE  110
#define PEAK  420
#define FLOOR 180

static void rack_settings(struct feeder_settings *settings, size_t nodes, enum plant_trace trace,
		uint64_t seed, enum capping_mode mode, int actuate_least, int actuate_most)
{
	*settings = (struct feeder_settings){
			.plant = {.nodes = nodes,
					.trace = trace,
					.seed = seed,
					.idle = IDLE,
					.peak = PEAK,
					.load_ms = 1000,
					.actuate_least_ms = actuate_least,
					.actuate_most_ms = actuate_most},
			.capping = {.mode = mode, .budget = (int)nodes * PEAK * 3 / 4},
			.node = {.floor = FLOOR, .ceiling = PEAK},
	};
}

static struct feeder *rack_new(size_t nodes, enum plant_trace trace, uint64_t seed,
		enum capping_mode mode, int actuate_least, int actuate_most)
{
	struct feeder_settings settings;

	rack_settings(&settings, nodes, trace, seed, mode, actuate_least, actuate_most);
	return feeder_new(&settings);
}

static int64_t rack_longest(struct feeder *rack)
{
	return feeder_result(rack)->longest_ms;
}

static void rack_say(struct feeder *rack, const char *what)
{
	const struct feeder_result *result = feeder_result(rack);

	g_test_message("%s: worst %+.0f W, longest above %d ms, delivered %.1f %%, %.1f limits/s",
			what, result->worst_watts, (int)result->longest_ms, feeder_delivered(rack),
			result->commands * 1000.0 / (double)feeder_now(rack));
}

/* --- Guaranteed --- */

static void test_a_synchronous_step_stays_in_the_budget(void)
{
	struct feeder *rack = rack_new(36, PLANT_STEP, 1, CAPPING_GUARANTEED, 2000, 2000);

	feeder_run(rack, HOUR);
	rack_say(rack, "step");
	g_assert_cmpint(rack_longest(rack), ==, 0);
	g_assert_cmpfloat(feeder_delivered(rack), >=, 97);
	feeder_free(rack);
}

static void test_mixed_load_gets_most_of_what_it_asks_for(void)
{
	struct feeder *rack = rack_new(36, PLANT_MIXED, 1, CAPPING_GUARANTEED, 500, 5000);

	feeder_run(rack, HOUR);
	rack_say(rack, "mixed");
	g_assert_cmpint(rack_longest(rack), ==, 0);
	g_assert_cmpfloat(feeder_delivered(rack), >=, 90);
	feeder_free(rack);
}

static void test_no_scenario_exceeds_the_budget(void)
{
	const char *wanted = g_getenv("CAPPING_SCENARIOS");
	int scenarios = wanted ? atoi(wanted) : 40;
	double least = 100;

	for (int i = 0; i < scenarios; i++) {
		struct feeder_settings settings;
		struct feeder *rack;

		rack_settings(&settings, 36 + i % 13, (enum plant_trace)(i % 4), 1000 + i,
				CAPPING_GUARANTEED, 500, 5000);
		settings.lost = i % 5;
		settings.late = i % 3;
		settings.poll_ms = i / 4 % 2 ? 1000 : 3000;
		rack = feeder_new(&settings);
		feeder_run(rack, HOUR);
		if (rack_longest(rack))
			rack_say(rack, "scenario");
		least = MIN(least, feeder_delivered(rack));
		g_assert_cmpint(rack_longest(rack), ==, 0);
		feeder_free(rack);
	}
	g_test_message("%d scenarios of an hour; the least delivered: %.1f %%", scenarios, least);
}

static void test_silent_nodes_count_at_their_worst(void)
{
	struct feeder *rack = rack_new(36, PLANT_MIXED, 3, CAPPING_GUARANTEED, 500, 5000);

	feeder_run(rack, HOUR / 4);
	for (size_t i = 0; i < 3; i++)
		feeder_silence(rack, i, true);
	feeder_run(rack, HOUR / 4);
	rack_say(rack, "silent");
	g_assert_cmpint(rack_longest(rack), ==, 0);
	feeder_free(rack);
}

static void test_a_disobedient_node_is_made_up_for_by_others(void)
{
	struct feeder *rack = rack_new(36, PLANT_STEP, 3, CAPPING_GUARANTEED, 500, 2000);
	struct capping_node node;

	feeder_run(rack, 200000); /* all at their peak */
	plant_disobey(feeder_plant(rack), 0, true);
	feeder_run(rack, 60000);
	capping_read(feeder_capping(rack), 0, &node);
	g_assert_cmpint(node.account, ==, CAPPING_ACCOUNT_DISOBEDIENT);
	g_assert_cmpfloat(feeder_result(rack)->worst_watts, <=, PEAK - FLOOR);
	g_assert_cmpint(rack_longest(rack), <=, 20000);
	g_assert_cmpfloat(feeder_total(rack), <=, 36 * PEAK * 3 / 4 + 0.5);
	feeder_free(rack);
}

/* Never above by more than what the node lost, and not for longer than two polls and the lag. */
static void test_a_bmc_that_forgets_its_limit_is_limited_again(void)
{
	struct feeder *rack = rack_new(36, PLANT_STEP, 5, CAPPING_GUARANTEED, 500, 2000);
	int share;

	feeder_run(rack, 200000);
	share = plant_told_limit(feeder_plant(rack), 0);
	plant_reset(feeder_plant(rack), 0);
	feeder_run(rack, 60000);
	rack_say(rack, "reset");
	g_assert_cmpfloat(feeder_result(rack)->worst_watts, <=, PEAK - share);
	g_assert_cmpint(rack_longest(rack), <=, 2 * 1000 + 2000 + 3000);
	feeder_free(rack);
}

/* --- Reactive --- */

/* Whenever the step falls into the round of readings. */
static void test_reacting_comes_back_below_the_budget(void)
{
	int64_t longest = 0;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct feeder *rack = rack_new(36, PLANT_STEP, seed, CAPPING_REACTIVE, 2000, 2000);

		feeder_run(rack, HOUR / 6);
		g_assert_cmpint(feeder_result(rack)->first_ms, >, 0);
		g_assert_cmpint(feeder_result(rack)->first_ms, <=, 6000);
		g_assert_cmpfloat(feeder_result(rack)->after_watts, <=, 36 * PEAK * 3 / 400.0);
		longest = MAX(longest, feeder_result(rack)->first_ms);
		feeder_free(rack);
	}
	g_test_message("the longest above: %d ms", (int)longest);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/capping_rack/a synchronous step stays in the budget",
			test_a_synchronous_step_stays_in_the_budget);
	g_test_add_func("/capping_rack/mixed load gets most of what it asks for",
			test_mixed_load_gets_most_of_what_it_asks_for);
	g_test_add_func("/capping_rack/no scenario exceeds the budget",
			test_no_scenario_exceeds_the_budget);
	g_test_add_func("/capping_rack/silent nodes count at their worst",
			test_silent_nodes_count_at_their_worst);
	g_test_add_func("/capping_rack/a disobedient node is made up for by others",
			test_a_disobedient_node_is_made_up_for_by_others);
	g_test_add_func("/capping_rack/a BMC that forgets its limit is limited again",
			test_a_bmc_that_forgets_its_limit_is_limited_again);
	g_test_add_func("/capping_rack/reacting comes back below the budget",
			test_reacting_comes_back_below_the_budget);
	return g_test_run();
}
