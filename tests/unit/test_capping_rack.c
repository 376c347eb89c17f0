/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capping against a rack of simulated nodes whose BMCs answer late, lose answers and enforce limits
 * seconds after they took them: what the rack truly draws, ten times a second, is what counts.
 * CAPPING_SCENARIOS=1000 in the environment runs as many random ones (40 without it).
 */
#include <glib.h>
#include <stdlib.h>
#include "rack/capping.h"
#include "sim/plant.h"

#define TICK    100 /* ms */
#define HOUR    3600000
#define IDLE    110
#define PEAK    420
#define FLOOR   180
#define NODES   48
#define ANSWERS 4 /* under way for a node */

/* What a node's BMC says, some time after it was asked. */
struct answer {
	int64_t at; /* -1: free */
	enum { READING, ACCEPTED, FAILED } kind;
	int64_t taken;
	int watts;
};

struct rack {
	struct plant *plant;
	struct capping *capping;
	size_t nodes;
	int budget, poll_ms, lost_percent; /* of answers */
	int64_t now;
	struct answer answers[NODES][ANSWERS];
	int missed[NODES];
	bool silent[NODES]; /* its BMC does not answer at all */
	/* What came of it. */
	bool begun; /* the accounts are within the budget for the first time */
	double worst, drawn, ideal;
	int over_ms, longest_ms;
	unsigned int commands;
};

static struct rack *rack_new(size_t nodes, enum plant_trace trace, uint64_t seed,
		enum capping_mode mode, int actuate_least, int actuate_most)
{
	struct rack *rack = g_new0(struct rack, 1);
	struct capping_node_settings each[NODES];
	const struct plant_settings plant = {
			.nodes = nodes,
			.trace = trace,
			.seed = seed,
			.idle = IDLE,
			.peak = PEAK,
			.load_ms = 1000,
			.actuate_least_ms = actuate_least,
			.actuate_most_ms = actuate_most,
	};
	struct capping_settings settings = {.mode = mode};

	rack->nodes = nodes;
	rack->budget = settings.budget = (int)nodes * PEAK * 3 / 4;
	rack->poll_ms = 1000;
	for (size_t i = 0; i < nodes; i++)
		each[i] = (struct capping_node_settings){.floor = FLOOR, .ceiling = PEAK};
	for (size_t i = 0; i < nodes; i++)
		for (int k = 0; k < ANSWERS; k++)
			rack->answers[i][k].at = -1;
	rack->plant = plant_new(&plant);
	rack->capping = capping_new(&settings, each, nodes);
	return rack;
}

static void rack_free(struct rack *rack)
{
	plant_free(rack->plant);
	capping_free(rack->capping);
	g_free(rack);
}

static void rack_answer(struct rack *rack, size_t node, struct answer answer, int least, int most)
{
	for (int k = 0; k < ANSWERS; k++) {
		if (rack->answers[node][k].at >= 0)
			continue;
		answer.at = rack->now + least + plant_dice(rack->plant, most - least + 1);
		answer.taken = rack->now;
		rack->answers[node][k] = answer;
		return;
	}
}

static bool rack_loses(struct rack *rack, size_t node)
{
	return rack->silent[node] || (int)plant_dice(rack->plant, 100) < rack->lost_percent;
}

static void rack_poll(struct rack *rack, size_t node)
{
	struct answer answer = {.kind = READING, .watts = plant_measure(rack->plant, node)};

	if (!rack_loses(rack, node)) {
		rack->missed[node] = 0;
		rack_answer(rack, node, answer, 20, 300);
	} else if (++rack->missed[node] == 3) {
		capping_lost(rack->capping, node);
	}
}

static void rack_command(struct rack *rack, const struct capping_command *command)
{
	bool lost = rack_loses(rack, command->node);

	rack->commands++;
	/* Half of the commands whose answer is lost got there. */
	if (!lost || (!rack->silent[command->node] && plant_dice(rack->plant, 2)))
		plant_limit(rack->plant, command->node, command->limit);
	rack_answer(rack, command->node, (struct answer){.kind = lost ? FAILED : ACCEPTED},
			lost ? 2000 : 20, lost ? 2000 : 500);
}

static void rack_tell(struct rack *rack, size_t node, struct answer *answer)
{
	if (answer->at < 0 || answer->at > rack->now)
		return;
	answer->at = -1;
	if (answer->kind == READING) {
		int limit = plant_told_limit(rack->plant, node);

		capping_reading(rack->capping, node, rack->now, answer->taken, answer->watts);
		capping_limit(rack->capping, node, rack->now, limit > 0, limit);
	} else if (answer->kind == ACCEPTED) {
		capping_accepted(rack->capping, node, rack->now);
	} else {
		capping_failed(rack->capping, node, rack->now);
	}
}

static void rack_measure(struct rack *rack)
{
	struct capping_totals totals;
	double total = plant_total(rack->plant), demand = plant_demand(rack->plant);

	capping_sum(rack->capping, &totals);
	rack->begun |= !totals.short_of;
	if (!rack->begun)
		return;
	rack->drawn += total;
	rack->ideal += MIN(demand, rack->budget);
	rack->worst = MAX(rack->worst, total / rack->budget - 1);
	rack->over_ms = total > rack->budget + 0.5 ? rack->over_ms + TICK : 0;
	rack->longest_ms = MAX(rack->longest_ms, rack->over_ms);
}

static void rack_pass(struct rack *rack)
{
	struct capping_command commands[NODES];
	size_t count;

	rack->now += TICK;
	plant_pass(rack->plant, TICK);
	rack_measure(rack);
	for (size_t i = 0; i < rack->nodes; i++) {
		for (int k = 0; k < ANSWERS; k++)
			rack_tell(rack, i, &rack->answers[i][k]);
		if ((rack->now + (int64_t)i * TICK) % rack->poll_ms == 0)
			rack_poll(rack, i);
	}
	if (rack->now % 500)
		return;
	count = capping_decide(rack->capping, rack->now, commands, NODES);
	for (size_t i = 0; i < count; i++)
		rack_command(rack, &commands[i]);
}

static void rack_run(struct rack *rack, int ms)
{
	for (int64_t end = rack->now + ms; rack->now < end;)
		rack_pass(rack);
}

static double rack_delivered(const struct rack *rack)
{
	return 100 * rack->drawn / rack->ideal;
}

static void rack_say(const struct rack *rack, const char *what)
{
	g_test_message("%s: worst %+.2f %%, longest above %d ms, delivered %.1f %%, %.1f limits/s",
			what, 100 * rack->worst, rack->longest_ms, rack_delivered(rack),
			rack->commands * 1000.0 / rack->now);
}

/* --- Guaranteed --- */

static void test_a_synchronous_step_stays_in_the_budget(void)
{
	struct rack *rack = rack_new(36, PLANT_STEP, 1, CAPPING_GUARANTEED, 2000, 2000);

	rack_run(rack, HOUR);
	rack_say(rack, "step");
	g_assert_cmpint(rack->longest_ms, ==, 0);
	g_assert_cmpfloat(rack_delivered(rack), >=, 97);
	rack_free(rack);
}

static void test_mixed_load_gets_most_of_what_it_asks_for(void)
{
	struct rack *rack = rack_new(36, PLANT_MIXED, 1, CAPPING_GUARANTEED, 500, 5000);

	rack_run(rack, HOUR);
	rack_say(rack, "mixed");
	g_assert_cmpint(rack->longest_ms, ==, 0);
	g_assert_cmpfloat(rack_delivered(rack), >=, 90);
	rack_free(rack);
}

static void test_no_scenario_exceeds_the_budget(void)
{
	const char *wanted = g_getenv("CAPPING_SCENARIOS");
	int scenarios = wanted ? atoi(wanted) : 40;
	double least = 100;

	for (int i = 0; i < scenarios; i++) {
		struct rack *rack = rack_new(36 + i % 13, (enum plant_trace)(i % 4), 1000 + i,
				CAPPING_GUARANTEED, 500, 5000);

		rack->lost_percent = i % 5;
		rack->poll_ms = i / 4 % 2 ? 1000 : 3000;
		rack_run(rack, HOUR);
		if (rack->longest_ms)
			rack_say(rack, "scenario");
		least = MIN(least, rack_delivered(rack));
		g_assert_cmpint(rack->longest_ms, ==, 0);
		rack_free(rack);
	}
	g_test_message("%d scenarios of an hour; the least delivered: %.1f %%", scenarios, least);
}

static void test_silent_nodes_count_at_their_worst(void)
{
	struct rack *rack = rack_new(36, PLANT_MIXED, 3, CAPPING_GUARANTEED, 500, 5000);

	rack_run(rack, HOUR / 4);
	for (size_t i = 0; i < 3; i++)
		rack->silent[i] = true;
	rack_run(rack, HOUR / 4);
	rack_say(rack, "silent");
	g_assert_cmpint(rack->longest_ms, ==, 0);
	rack_free(rack);
}

static void test_a_disobedient_node_is_made_up_for_by_others(void)
{
	struct rack *rack = rack_new(36, PLANT_STEP, 3, CAPPING_GUARANTEED, 500, 2000);
	struct capping_node node;

	rack_run(rack, 200000); /* all at their peak */
	plant_disobey(rack->plant, 0, true);
	rack_run(rack, 60000);
	capping_read(rack->capping, 0, &node);
	g_assert_cmpint(node.account, ==, CAPPING_ACCOUNT_DISOBEDIENT);
	g_assert_cmpfloat(rack->worst * rack->budget, <=, PEAK - FLOOR);
	g_assert_cmpint(rack->longest_ms, <=, 20000);
	g_assert_cmpfloat(plant_total(rack->plant), <=, rack->budget + 0.5);
	rack_free(rack);
}

/* Never above by more than what the node lost, and not for longer than two polls and the lag. */
static void test_a_bmc_that_forgets_its_limit_is_limited_again(void)
{
	struct rack *rack = rack_new(36, PLANT_STEP, 5, CAPPING_GUARANTEED, 500, 2000);
	int share;

	rack_run(rack, 200000);
	share = plant_told_limit(rack->plant, 0);
	plant_reset(rack->plant, 0);
	rack_run(rack, 60000);
	rack_say(rack, "reset");
	g_assert_cmpfloat(rack->worst * rack->budget, <=, PEAK - share);
	g_assert_cmpint(rack->longest_ms, <=, 2 * 1000 + 2000 + 3000);
	rack_free(rack);
}

/* --- Reactive --- */

static void test_reacting_comes_back_below_the_budget(void)
{
	struct rack *rack = rack_new(36, PLANT_STEP, 1, CAPPING_REACTIVE, 2000, 2000);

	rack_run(rack, HOUR / 6);
	rack_say(rack, "reactive step");
	g_assert_cmpint(rack->longest_ms, <=, 6000);
	rack->worst = 0;
	rack->longest_ms = 0;
	rack_free(rack);
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
