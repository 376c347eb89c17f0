/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rack daemon's parts over a simulated rack for hours of a clock of their own, with faults that
 * are diced: what has to hold is looked at twice a second. SPICERACK_STRESS_SEED: other dice;
 * SPICERACK_STRESS_HOURS: more of them.
 */
#include <glib.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/rack_stress.h"
#include "tests/unit/virtual_loop.h"

#define SEED    7
#define HOURS   3
#define LOOK_MS 500
#define HEALS   400000
#define FITS    45000 /* ms, until limits have settled at the start */

static enum rack_node_state state_of(struct stress *s, size_t node)
{
	struct rack_node_status status;

	rack_nodes_status(rack_nodes(s->rack), node, &status);
	rack_node_status_clear(&status);
	return status.state;
}

/* --- What has to hold --- */

static bool is_guaranteed(const struct rack_power_status *status)
{
	return status->settings.mode == CAPPING_GUARANTEED && status->settings.budget > 0;
}

/* No node draws more than it is accounted at. */
static void check_nodes(struct stress *s, const struct rack_power_status *status)
{
	int64_t now = virtual_loop_now();
	double drawn = 0;
	bool known = true;

	for (size_t i = 0; i < stress_node_count(s); i++) {
		struct rack_power_node node;
		double watts;
		size_t sim;

		/* What is off draws nothing, one second later. */
		if (!stress_sim_of(s, i, &sim) || !sim_bmc_is_on(sim_rack_bmc(s->sim, sim)))
			continue;
		watts = plant_power(sim_rack_plant(s->sim), sim);
		rack_power_node(rack_power(s->rack), i, &node);
		known = known && s->grace[sim] <= now && node.capped;
		drawn += watts;
		if (!node.capped || s->grace[sim] > now || !is_guaranteed(status))
			continue;
		if (watts > node.node.accounted * 1.04 + 5)
			g_printerr("at %" G_GINT64_FORMAT ": node %s is %s: %s, %d W, limit %d W "
				   "(its own %d W), measured %d W\n",
					now, s->config->nodes[i].name,
					rack_node_state_word(state_of(s, i)),
					rack_power_account_word(node.node.account),
					node.node.accounted, node.node.limit,
					plant_told_limit(sim_rack_plant(s->sim), sim),
					node.node.measured);
		g_assert_cmpfloat(watts, <=, node.node.accounted * 1.04 + 5);
	}
	if (known && is_guaranteed(status) && !status->totals.short_of) {
		s->over = MAX(s->over, drawn - status->settings.budget);
		g_assert_cmpfloat(drawn, <=, status->settings.budget * 1.02);
	}
}

static void check_power(struct stress *s)
{
	struct rack_power_status status;
	struct capping_totals *totals = &status.totals;
	int accounted = 0;

	rack_power_status(rack_power(s->rack), &status);
	for (size_t i = 0; i < stress_node_count(s); i++) {
		struct rack_power_node node;

		rack_power_node(rack_power(s->rack), i, &node);
		if (node.capped)
			accounted += node.node.accounted;
	}
	g_assert_cmpint(accounted, ==, totals->accounted);
	if (is_guaranteed(&status) && !totals->short_of)
		g_assert_cmpint(totals->accounted + totals->unmanaged, <=, status.settings.budget);
	s->seconds += LOOK_MS / 1000.0;
	s->short_seconds += totals->short_of ? LOOK_MS / 1000.0 : 0;
	check_nodes(s, &status);
}

/* Nothing of a machine that is gone is among the readings of a later generation. */
static void check_readings(struct stress *s)
{
	const struct readings *readings = rack_readings(s->rack);
	struct readings_cursor cursor = {0};
	struct readings_record record;
	int64_t now = virtual_loop_now();

	while (readings_next(readings, &cursor, now, &record)) {
		size_t sim;

		g_assert_cmpuint(record.generation, ==, readings_generation(readings, record.node));
		if (record.age < 0 || !rack_simulated_node(s->world, record.node, &sim) ||
				s->replaced[sim] >= 0)
			continue;
		g_assert_cmpint(now - record.age, >=, -s->replaced[sim] - 1);
	}
}

/* The replacement is known to the daemon: what is there now is of the new machine. */
static void told(const struct event *event, void *data)
{
	struct stress *s = data;
	const char *node = json_string_value(json_object_get(event->data, "node"));
	size_t sim;

	s->events++;
	s->overs += strcmp(event->type, "power.over") == 0;
	s->unders += strcmp(event->type, "power.under") == 0;
	if (strcmp(event->type, "node.replaced") != 0 ||
			!rack_simulated_node(s->world, node, &sim) || s->replaced[sim] <= 0)
		return;
	if (json_object_get(event->data, "guid")) {
		s->replacements++;
		s->replaced[sim] = -s->replaced[sim];
	}
}

/* --- Its life --- */

static void stress_open(struct stress *s, uint32_t seed)
{
	const struct plant_settings plant = {
			.nodes = NODES,
			.trace = PLANT_MIXED,
			.seed = seed,
			.idle = 110,
			.peak = 420,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 3000,
	};

	*s = (struct stress){.dice = g_rand_new_with_seed(seed)};
	s->sim = sim_rack_new(&plant);
	s->world = rack_simulated_new(s->sim, 1);
	s->config = stress_configure(s, false);
	s->orders = g_ptr_array_new_with_free_func(g_free);
	s->rack = rack_open(s->config, rack_simulated_world(s->world), NULL, NULL, NULL);
	g_assert_nonnull(s->rack);
	g_assert_true(events_listen(rack_events(s->rack), UINT64_MAX, told, s));
}

static void stress_close(struct stress *s)
{
	rack_close(s->rack);
	for (guint i = 0; i < s->orders->len; i++) {
		const struct stress_order *order = g_ptr_array_index(s->orders, i);

		g_assert_cmpuint(order->told, ==, 1);
	}
	rack_simulated_free(s->world);
	g_assert_cmpuint(virtual_loop_timers(), ==, 0);
	sim_rack_free(s->sim);
	stress_config_free(s->config);
	g_ptr_array_unref(s->orders);
	g_rand_free(s->dice);
}

static void look(struct stress *s, int64_t ms)
{
	for (int64_t passed = 0; passed < ms; passed += LOOK_MS) {
		virtual_loop_turn(LOOK_MS);
		check_power(s);
		if (passed % 5000 == 0)
			check_readings(s);
	}
}

/* All is well again: every node answers, and the budget is kept, with each watt known. */
static void heal(struct stress *s)
{
	struct rack_power_status status;

	stress_mend(s, true);
	stress_reload(s, stress_configure(s, false));
	for (size_t i = 0; i < NODES; i++) {
		for (int fault = SIM_BMC_STUCK; fault <= SIM_BMC_NO_POWER; fault++)
			sim_bmc_fault(sim_rack_bmc(s->sim, i), (enum sim_bmc_fault)fault, false);
		rack_power_cap(rack_power(s->rack), i, 0);
	}
	rack_power_budget(rack_power(s->rack), s->config->capping.budget, CAPPING_GUARANTEED);
	look(s, HEALS);
	rack_power_status(rack_power(s->rack), &status);
	g_assert_false(status.totals.short_of);
	g_assert_cmpuint(status.waiting, ==, 0);
	for (size_t i = 0; i < NODES; i++) {
		struct rack_power_node node;

		g_assert_cmpint(state_of(s, i), ==, RACK_NODE_UP);
		rack_power_node(rack_power(s->rack), i, &node);
		g_assert_cmpint(node.node.account, !=, CAPPING_ACCOUNT_DISOBEDIENT);
		g_assert_cmpint(node.node.account, !=, CAPPING_ACCOUNT_LOST);
	}
	for (guint i = 0; i < s->orders->len; i++) {
		const struct stress_order *order = g_ptr_array_index(s->orders, i);

		g_assert_cmpuint(order->told, ==, 1);
	}
}

static int64_t hours(void)
{
	const char *text = g_getenv("SPICERACK_STRESS_HOURS");

	return text ? g_ascii_strtoll(text, NULL, 10) : HOURS;
}

static uint32_t seed(void)
{
	const char *text = g_getenv("SPICERACK_STRESS_SEED");

	return text ? (uint32_t)g_ascii_strtoull(text, NULL, 10) : SEED;
}

static void test_whatever_happens(void)
{
	size_t before = 0, memory = 0;
	struct stress s;

	stress_open(&s, seed());
	look(&s, 120000);
	for (int64_t hour = 0; hour < hours(); hour++) {
		int64_t end = virtual_loop_now() + 3600000;
		struct mallinfo2 info;

		while (virtual_loop_now() < end) {
			look(&s, LOOK_MS * (1 + stress_dice(&s, 40)));
			stress_mend(&s, false);
			stress_disturb(&s);
		}
		heal(&s);
		g_ptr_array_set_size(s.orders, 0);
		for (int i = 0; i < 1000; i++) /* so many are kept, and none is long */
			events_publish(rack_events(s.rack), "test", NULL);
		info = mallinfo2();
		g_test_message("hour %d: %zu bytes, %zu timers, readings %zu, %u events, "
			       "%u replacements, short %.0f of %.0f s, over %.1f W",
				(int)hour, info.uordblks, virtual_loop_timers(),
				readings_memory(rack_readings(s.rack)), s.events, s.replacements,
				s.short_seconds, s.seconds, s.over);
		/* Of each node and its link, and some of the rack's. */
		g_assert_cmpuint(virtual_loop_timers(), <=, 2 * NODES + 10);
		if (hour == 0) {
			before = info.uordblks;
		} else if (hour > 0) {
			memory = info.uordblks;
			/* What malloc keeps for its threads counts as used, and grows to its
			 * bounds. */
			g_assert_cmpuint(memory, <, before + 262144);
		}
	}
	g_assert_cmpuint(s.replacements, >=, (guint)(hours() > 0));
	stress_close(&s);
}

static bool is_short(struct stress *s)
{
	struct rack_power_status status;

	rack_power_status(rack_power(s->rack), &status);
	return status.totals.short_of;
}

/* Four hours without a fault, but with operators. */
static void test_without_faults_the_budget_is_never_exceeded(void)
{
	int64_t first;
	struct stress s;

	stress_open(&s, seed() + 1);
	virtual_loop_turn(20000);
	for (first = virtual_loop_now(); is_short(&s); virtual_loop_turn(1000))
		g_assert_cmpint(virtual_loop_now(), <, first + FITS);
	g_test_message("it fits after %" G_GINT64_FORMAT " ms", virtual_loop_now() - first + 20000);
	first = virtual_loop_now();
	for (int turn = 0; virtual_loop_now() < first + 4 * 3600000LL; turn++) {
		struct rack_power_status status;

		virtual_loop_turn(100);
		rack_power_status(rack_power(s.rack), &status);
		g_assert_false(status.totals.short_of);
		g_assert_cmpfloat(plant_total(sim_rack_plant(s.sim)), <=, status.settings.budget);
		if (turn % 3000 == 2999)
			stress_act(&s);
	}
	virtual_loop_turn(120000);
	stress_close(&s);
}

/* All nodes measure so much. */
static void tell_watts(struct stress *s, int watts)
{
	const struct rack_nodes_watcher watcher = rack_power_watcher(rack_power(s->rack));

	for (size_t i = 0; i < NODES; i++)
		watcher.watts(i, virtual_loop_now(), watts, watcher.data);
	virtual_loop_turn(1000);
}

static void test_what_flaps_is_told_once(void)
{
	struct stress s;

	stress_open(&s, seed());
	for (size_t i = 0; i < NODES; i++)
		sim_rack_hang(s.sim, i, true);
	for (int i = 0; i < 100; i++)
		tell_watts(&s, i % 2 ? 350 : 250);
	g_assert_cmpuint(s.overs, ==, 1);
	g_assert_cmpuint(s.unders, ==, 0);
	for (int i = 0; i < 10; i++)
		tell_watts(&s, 250);
	g_assert_cmpuint(s.overs, ==, 1);
	g_assert_cmpuint(s.unders, ==, 1);
	stress_close(&s);
}

static void test_nodes_live_on_while_the_daemon_is_stopped(void)
{
	const struct plant_settings plant = {
			.nodes = 2, .trace = PLANT_STEP, .idle = 110, .peak = 420};
	struct sim_rack *sim = sim_rack_new(&plant);
	struct rack_simulated *world = rack_simulated_new(sim, 1);

	virtual_loop_turn(60000);
	virtual_loop_stop(45000);
	virtual_loop_turn(1000);
	g_assert_cmpfloat(plant_demand(sim_rack_plant(sim)), ==, 2 * 420);
	rack_simulated_free(world);
	/* A clock that runs fast passes as much between two turns. */
	world = rack_simulated_new(sim, 1000);
	virtual_loop_turn(600 - 105);
	g_assert_cmpfloat(plant_demand(sim_rack_plant(sim)), ==, 2 * 150);
	virtual_loop_turn(110);
	g_assert_cmpfloat(plant_demand(sim_rack_plant(sim)), ==, 2 * 420);
	rack_simulated_free(world);
	sim_rack_free(sim);
	g_assert_cmpuint(virtual_loop_timers(), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rack-stress/whatever happens", test_whatever_happens);
	g_test_add_func("/rack-stress/without faults the budget is never exceeded",
			test_without_faults_the_budget_is_never_exceeded);
	g_test_add_func("/rack-stress/what flaps is told once", test_what_flaps_is_told_once);
	g_test_add_func("/rack-stress/nodes live on while the daemon is stopped",
			test_nodes_live_on_while_the_daemon_is_stopped);
	return g_test_run();
}
