/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/rack_stress.h"
#include "src/power.h"
#include "src/rack_simulated.h"
#include "tests/unit/virtual_loop.h"

#define GRACE 60000 /* ms, until what nobody has told is found out and mended */

int stress_dice(struct stress *s, int below)
{
	return g_rand_int_range(s->dice, 0, below);
}

/* --- Who is who --- */

size_t stress_node_count(struct stress *s)
{
	return rack_nodes_count(rack_nodes(s->rack));
}

bool stress_sim_of(struct stress *s, size_t node, size_t *sim)
{
	return rack_simulated_node(s->world, s->config->nodes[node].name, sim);
}

/* --- The configuration --- */

static void name_node(struct rack_config_node *node, const char *name, int number)
{
	g_free(node->name);
	node->name = g_strdup_printf("%s%02d", name, number);
}

struct rack_config *stress_configure(struct stress *s, bool other)
{
	struct rack_config *config = g_new0(struct rack_config, 1);

	rack_config_simulated(config, other ? NODES - stress_dice(s, 3) : NODES);
	/* Nothing but nodes counts: what they truly draw is compared with it. */
	config->capping.unmanaged = 0;
	if (!other)
		return config;
	for (size_t i = 0; i < config->node_count; i++) {
		struct rack_config_node *node = &config->nodes[i];

		if (stress_dice(s, 10) == 0)
			name_node(node, "spare", (int)i + 1);
		if (stress_dice(s, 10) == 0)
			node->port = 624;
		if (stress_dice(s, 6) == 0)
			node->capping.ceiling = 430;
		if (stress_dice(s, 6) == 0)
			node->capping.floor = 120;
		if (stress_dice(s, 6) == 0)
			node->capping.boot = 420;
		if (stress_dice(s, 12) == 0)
			node->capped = false;
	}
	if (stress_dice(s, 4) == 0)
		config->plans[0].settings.power_ms = 2000;
	if (stress_dice(s, 3) == 0)
		config->capping.budget = NODES * (200 + stress_dice(s, 200));
	if (stress_dice(s, 8) == 0)
		config->capping.budget = 0;
	return config;
}

void stress_config_free(struct rack_config *config)
{
	rack_config_clear(config);
	g_free(config);
}

void stress_reload(struct stress *s, struct rack_config *config)
{
	g_assert_true(rack_reload(s->rack, config, NULL));
	stress_config_free(s->config);
	s->config = config;
}

/* --- Faults and orders --- */

/* --- What is done to it --- */

static void ordered(const GError *error, void *data)
{
	struct stress_order *order = data;

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

void stress_act(struct stress *s)
{
	struct stress_order *order = g_new0(struct stress_order, 1);
	size_t node = (size_t)stress_dice(s, (int)stress_node_count(s)), sim;
	enum power_action action = (enum power_action)stress_dice(s, POWER_ACTIONS);
	g_autoptr(GError) error = NULL;
	bool begun;

	order->asking = true;
	if (stress_dice(s, 4) == 0)
		begun = rack_nodes_identify(rack_nodes(s->rack), node, 10, ordered, order, &error);
	else
		begun = rack_power_act(rack_power(s->rack), node, action, ordered, order, &error);
	order->asking = false;
	g_assert_true(begun == !error);
	/* It is on and off, and maybe on again, before that is seen. */
	if (stress_sim_of(s, node, &sim) && begun)
		excuse(s, sim, 5000);
	g_test_message("%s: action %d, begun %d", s->config->nodes[node].name, action, begun);
	if (begun)
		g_ptr_array_add(s->orders, order);
	else
		g_free(order);
}

static void press_button(struct stress *s, size_t sim)
{
	uint8_t answer[SIM_BMC_ANSWER_MAX], what = (uint8_t)stress_dice(s, 2);

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

void stress_disturb(struct stress *s)
{
	int64_t now = virtual_loop_now();
	size_t sim = (size_t)stress_dice(s, NODES);
	int what = stress_dice(s, 20), watts = NODES * (150 + stress_dice(s, 270));

	g_test_message("at %" G_GINT64_FORMAT ": disturbance %d, node %zu", now, what, sim);
	switch (what) {
	case 0:
		sim_rack_hang(s->sim, sim, true);
		s->heals[sim] = now + 2000 + stress_dice(s, 120000);
		excuse(s, sim, s->grace[sim] > now ? GRACE : 0);
		break;
	case 1:
		sim_rack_network(s->sim, sim, 5, stress_dice(s, 900), stress_dice(s, 300));
		s->heals[sim] = now + 5000 + stress_dice(s, 120000);
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
		s->obeys[sim] = now + 60000 + stress_dice(s, 240000);
		excuse(s, sim, GRACE);
		break;
	case 5:
		sim_rack_fan_dies(s->sim, (size_t)stress_dice(s, SIM_RACK_FANS), stress_dice(s, 2));
		break;
	case 6:
		press_button(s, sim);
		break;
	case 7:
		rack_power_cap(rack_power(s->rack),
				(size_t)stress_dice(s, (int)stress_node_count(s)),
				stress_dice(s, 2) ? 150 + stress_dice(s, 250) : 0);
		break;
	case 8:
	case 9:
		rack_power_budget(rack_power(s->rack), watts, CAPPING_GUARANTEED);
		break;
	case 10:
		rack_power_budget(rack_power(s->rack), watts, (enum capping_mode)stress_dice(s, 3));
		for (size_t i = 0; i < NODES; i++)
			excuse(s, i, 5000);
		break;
	case 11:
		rack_nodes_replaced(rack_nodes(s->rack),
				(size_t)stress_dice(s, (int)stress_node_count(s)));
		break;
	case 12:
		stress_reload(s, stress_configure(s, true));
		break;
	case 13:
		sim_bmc_fault(sim_rack_bmc(s->sim, sim), (enum sim_bmc_fault)stress_dice(s, 4),
				stress_dice(s, 2));
		break;
	case 14:
		sim_rack_room(s->sim, 18 + stress_dice(s, 20));
		break;
	case 15:
		virtual_loop_stop(stress_dice(s, 20000));
		break;
	default:
		stress_act(s);
		break;
	}
}

void stress_mend(struct stress *s, bool all)
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
