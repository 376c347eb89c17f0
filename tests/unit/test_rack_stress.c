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
#include "src/log.h"
#include "src/power.h"
#include "src/rack.h"
#include "src/rack_simulated.h"
#include "tests/unit/virtual_loop.h"

#define NODES   12
#define SEED    7
#define HOURS   3
#define LOOK_MS 500
#define GRACE   60000 /* ms, until what nobody has told is found out and mended */
#define HEALS   400000
#define FITS    45000 /* ms, until limits have settled at the start */

struct order {
	unsigned int told;
	bool asking; /* the call that orders it has not returned */
};

struct stress {
	struct sim_rack *sim;
	struct rack_simulated *world;
	struct rack *rack;
	struct rack_config *config;
	GRand *dice;
	GPtrArray *orders;       /* struct order */
	bool faults;             /* nodes may draw more than they are accounted: see grace */
	int64_t grace[NODES];    /* by simulated node: what it does is not known yet */
	int64_t replaced[NODES]; /* another machine is in its place since then */
	int64_t heals[NODES];    /* its network gets well again */
	int64_t obeys[NODES];    /* it obeys again */
	unsigned int events, overs, unders; /* told */
	double over;                        /* W above the budget that was seen, the most */
	double short_seconds, seconds;
	unsigned int replacements;
};

static int dice(struct stress *s, int below)
{
	return g_rand_int_range(s->dice, 0, below);
}

/* --- The configuration --- */

static void name_node(struct rack_config_node *node, const char *name, int number)
{
	g_free(node->name);
	node->name = g_strdup_printf("%s%02d", name, number);
}

/* As the daemon's, and other nodes, ceilings, names and plans each time. */
static struct rack_config *configure(struct stress *s, bool other)
{
	struct rack_config *config = g_new0(struct rack_config, 1);

	rack_config_simulated(config, other ? NODES - dice(s, 3) : NODES);
	/* Nothing but nodes counts: what they truly draw is compared with it. */
	config->capping.unmanaged = 0;
	if (!other)
		return config;
	for (size_t i = 0; i < config->node_count; i++) {
		struct rack_config_node *node = &config->nodes[i];

		if (dice(s, 10) == 0)
			name_node(node, "spare", (int)i + 1);
		if (dice(s, 10) == 0)
			node->port = 624;
		if (dice(s, 6) == 0)
			node->capping.ceiling = 430;
		if (dice(s, 6) == 0)
			node->capping.floor = 120;
		if (dice(s, 6) == 0)
			node->capping.boot = 420;
		if (dice(s, 12) == 0)
			node->capped = false;
	}
	if (dice(s, 4) == 0)
		config->plans[0].settings.power_ms = 2000;
	if (dice(s, 3) == 0)
		config->capping.budget = NODES * (200 + dice(s, 200));
	if (dice(s, 8) == 0)
		config->capping.budget = 0;
	return config;
}

static void config_end(struct rack_config *config)
{
	rack_config_clear(config);
	g_free(config);
}

static void reload(struct stress *s, struct rack_config *config)
{
	g_assert_true(rack_reload(s->rack, config, NULL));
	config_end(s->config);
	s->config = config;
}

/* --- Who is who --- */

static size_t node_count(struct stress *s)
{
	return rack_nodes_count(rack_nodes(s->rack));
}

/* The simulated one of a node; false: it has none. */
static bool sim_of(struct stress *s, size_t node, size_t *sim)
{
	return rack_simulated_node(s->world, s->config->nodes[node].name, sim);
}

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

	for (size_t i = 0; i < node_count(s); i++) {
		struct rack_power_node node;
		double watts;
		size_t sim;

		/* What is off draws nothing, one second later. */
		if (!sim_of(s, i, &sim) || !sim_bmc_is_on(sim_rack_bmc(s->sim, sim)))
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
	for (size_t i = 0; i < node_count(s); i++) {
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

/* --- What is done to it --- */

static void ordered(const GError *error, void *data)
{
	struct order *order = data;

	(void)error;
	g_assert_false(order->asking);
	order->told++;
}

/* Until it can be known, and some time. */
static void excuse(struct stress *s, size_t sim, int64_t ms)
{
	int64_t from = MAX(virtual_loop_now(), MAX(s->heals[sim], s->obeys[sim]));

	s->grace[sim] = MAX(s->grace[sim], from + ms);
}

static void act(struct stress *s)
{
	struct order *order = g_new0(struct order, 1);
	size_t node = (size_t)dice(s, (int)node_count(s)), sim;
	enum power_action action = (enum power_action)dice(s, POWER_ACTIONS);
	g_autoptr(GError) error = NULL;
	bool begun;

	order->asking = true;
	if (dice(s, 4) == 0)
		begun = rack_nodes_identify(rack_nodes(s->rack), node, 10, ordered, order, &error);
	else
		begun = rack_power_act(rack_power(s->rack), node, action, ordered, order, &error);
	order->asking = false;
	g_assert_true(begun == !error);
	/* It is on and off, and maybe on again, before that is seen. */
	if (sim_of(s, node, &sim) && begun)
		excuse(s, sim, 5000);
	g_test_message("%s: action %d, begun %d", s->config->nodes[node].name, action, begun);
	if (begun)
		g_ptr_array_add(s->orders, order);
	else
		g_free(order);
}

static void press_button(struct stress *s, size_t sim)
{
	uint8_t answer[SIM_BMC_ANSWER_MAX], what = (uint8_t)dice(s, 2);

	sim_bmc_ask(sim_rack_bmc(s->sim, sim), 0x00, 0x02, &what, 1, answer);
	excuse(s, sim, GRACE);
}

static void replace(struct stress *s, size_t sim)
{
	int64_t now = virtual_loop_now();

	sim_bmc_replace(sim_rack_bmc(s->sim, sim), g_rand_int(s->dice));
	excuse(s, sim, 2 * GRACE);
	s->replaced[sim] = now;
}

static void disturb(struct stress *s)
{
	int64_t now = virtual_loop_now();
	size_t sim = (size_t)dice(s, NODES);
	int what = dice(s, 20), watts = NODES * (150 + dice(s, 270));

	g_test_message("at %" G_GINT64_FORMAT ": disturbance %d, node %zu", now, what, sim);
	switch (what) {
	case 0:
		sim_rack_hang(s->sim, sim, true);
		s->heals[sim] = now + 2000 + dice(s, 120000);
		excuse(s, sim, s->grace[sim] > now ? GRACE : 0);
		break;
	case 1:
		sim_rack_network(s->sim, sim, 5, dice(s, 900), dice(s, 300));
		s->heals[sim] = now + 5000 + dice(s, 120000);
		break;
	case 2:
		plant_reset(sim_rack_plant(s->sim), sim);
		excuse(s, sim, GRACE);
		break;
	case 3:
		replace(s, sim);
		break;
	case 4:
		plant_disobey(sim_rack_plant(s->sim), sim, true);
		s->obeys[sim] = now + 60000 + dice(s, 240000);
		excuse(s, sim, GRACE);
		break;
	case 5:
		sim_rack_fan_dies(s->sim, (size_t)dice(s, SIM_RACK_FANS), dice(s, 2));
		break;
	case 6:
		press_button(s, sim);
		break;
	case 7:
		rack_power_cap(rack_power(s->rack), (size_t)dice(s, (int)node_count(s)),
				dice(s, 2) ? 150 + dice(s, 250) : 0);
		break;
	case 8:
	case 9:
		rack_power_budget(rack_power(s->rack), watts, CAPPING_GUARANTEED);
		break;
	case 10:
		rack_power_budget(rack_power(s->rack), watts, (enum capping_mode)dice(s, 3));
		for (size_t i = 0; i < NODES; i++)
			excuse(s, i, 5000);
		break;
	case 11:
		rack_nodes_replaced(rack_nodes(s->rack), (size_t)dice(s, (int)node_count(s)));
		break;
	case 12:
		reload(s, configure(s, true));
		break;
	case 13:
		sim_bmc_fault(sim_rack_bmc(s->sim, sim), (enum sim_bmc_fault)dice(s, 4),
				dice(s, 2));
		break;
	case 14:
		sim_rack_room(s->sim, 18 + dice(s, 20));
		break;
	case 15:
		virtual_loop_stop(dice(s, 20000));
		break;
	default:
		act(s);
		break;
	}
}

static void mend(struct stress *s, bool all)
{
	int64_t now = virtual_loop_now();

	for (size_t i = 0; i < NODES; i++) {
		if (s->heals[i] && (all || s->heals[i] <= now)) {
			sim_rack_hang(s->sim, i, false);
			sim_rack_network(s->sim, i, 5, 30, 0);
			/* Unknown until then, it may have been replaced meanwhile. */
			s->heals[i] = 0;
			excuse(s, i, GRACE);
		}
		if (s->obeys[i] && (all || s->obeys[i] <= now)) {
			plant_disobey(sim_rack_plant(s->sim), i, false);
			s->obeys[i] = 0;
		}
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
	s->config = configure(s, false);
	s->orders = g_ptr_array_new_with_free_func(g_free);
	s->rack = rack_open(s->config, rack_simulated_world(s->world), NULL, NULL, NULL);
	g_assert_nonnull(s->rack);
	g_assert_true(events_listen(rack_events(s->rack), UINT64_MAX, told, s));
}

static void stress_close(struct stress *s)
{
	rack_close(s->rack);
	for (guint i = 0; i < s->orders->len; i++) {
		const struct order *order = g_ptr_array_index(s->orders, i);

		g_assert_cmpuint(order->told, ==, 1);
	}
	rack_simulated_free(s->world);
	g_assert_cmpuint(virtual_loop_timers(), ==, 0);
	sim_rack_free(s->sim);
	config_end(s->config);
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

	mend(s, true);
	reload(s, configure(s, false));
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
		const struct order *order = g_ptr_array_index(s->orders, i);

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
			look(&s, LOOK_MS * (1 + dice(&s, 40)));
			mend(&s, false);
			disturb(&s);
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
			act(&s);
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
