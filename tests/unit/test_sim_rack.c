/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated rack's air: heat goes where it must, and fans matter as they do in a rack. */
#include <glib.h>
#include <math.h>
#include "sim/rack.h"

#define NODES 12
#define PEAK  420

/* Everything is settled after that. */
#define LONG 300000

static struct sim_rack *rack_new(void)
{
	const struct plant_settings settings = {.nodes = NODES,
			.trace = PLANT_MIXED,
			.seed = 3,
			.idle = PEAK, /* whatever they do */
			.peak = PEAK,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 2000};

	return sim_rack_new(&settings);
}

static void rack_duty(struct sim_rack *rack, double percent)
{
	for (size_t i = 0; i < SIM_RACK_FANS; i++)
		sim_rack_duty(rack, i, percent);
}

static double rack_hottest(struct sim_rack *rack)
{
	double hottest = 0;

	for (size_t i = 0; i < sim_rack_nodes(rack); i++)
		hottest = MAX(hottest, sim_bmc_temperature(sim_rack_bmc(rack, i)));
	return hottest;
}

/* What the air carries away is what the nodes draw. */
static void test_energy_is_kept(void)
{
	struct sim_rack *rack = rack_new();

	for (double duty = 100; duty >= 20; duty -= 20) {
		double carried;

		rack_duty(rack, duty);
		sim_rack_pass(rack, LONG);
		carried = (sim_rack_outlet(rack) - sim_rack_inlet(rack)) * sim_rack_airflow(rack) *
			  0.035 * 1.2 * 1005 * NODES;
		g_assert_cmpfloat(fabs(carried / plant_total(sim_rack_plant(rack)) - 1), <=, 0.01);
	}
	sim_rack_free(rack);
}

static void test_less_air_is_hotter(void)
{
	struct sim_rack *rack = rack_new();
	double hottest = 0, outlet = 0, inlet = 0;

	for (double duty = 100; duty >= 10; duty -= 10) {
		rack_duty(rack, duty);
		sim_rack_pass(rack, LONG);
		g_assert_cmpfloat(rack_hottest(rack), >, hottest);
		g_assert_cmpfloat(sim_rack_outlet(rack), >, outlet);
		g_assert_cmpfloat(sim_rack_inlet(rack), >=, inlet);
		hottest = rack_hottest(rack);
		outlet = sim_rack_outlet(rack);
		inlet = sim_rack_inlet(rack);
	}
	g_assert_cmpfloat(inlet, >, 26); /* it comes round */
	g_assert_cmpfloat(hottest, >, 95);
	rack_duty(rack, 100);
	sim_rack_pass(rack, LONG);
	g_assert_cmpfloat(rack_hottest(rack), <, 60);
	g_assert_cmpfloat(fabs(sim_rack_inlet(rack) - 24), <, 0.1);
	sim_rack_room(rack, 34);
	sim_rack_pass(rack, LONG);
	g_assert_cmpfloat(fabs(sim_rack_inlet(rack) - 34), <, 0.1);
	sim_rack_free(rack);
}

static void test_fans_take_their_time(void)
{
	struct sim_rack *rack = rack_new();
	int full = sim_rack_rpm(rack, 0);

	g_assert_cmpint(full, ==, 9000);
	rack_duty(rack, 50);
	sim_rack_pass(rack, 100);
	g_assert_cmpint(sim_rack_rpm(rack, 0), >, 8000);
	sim_rack_pass(rack, 20000);
	g_assert_cmpint(ABS(sim_rack_rpm(rack, 0) - full / 2), <, 200);
	g_assert_cmpint(sim_rack_rpm(rack, 0), !=, sim_rack_rpm(rack, 5));
	sim_rack_free(rack);
}

static void test_a_dead_fan_costs_more_than_its_share(void)
{
	struct sim_rack *rack = rack_new();
	double before;

	sim_rack_pass(rack, LONG);
	before = rack_hottest(rack);
	sim_rack_fan_dies(rack, 2, true);
	sim_rack_pass(rack, LONG);
	g_assert_cmpint(sim_rack_rpm(rack, 2), ==, 0);
	g_assert_cmpfloat(sim_rack_airflow(rack), <, 5.0 / 6);
	g_assert_cmpfloat(rack_hottest(rack), >, before + 1);
	sim_rack_fan_dies(rack, 2, false);
	sim_rack_pass(rack, LONG);
	g_assert_cmpfloat(fabs(rack_hottest(rack) - before), <, 0.5);
	sim_rack_free(rack);
}

static void test_packets_are_lost_as_told(void)
{
	struct sim_rack *rack = rack_new();
	int lost = 0;

	sim_rack_network(rack, 1, 100, 200, 250);
	for (int i = 0; i < 4000; i++) {
		int delay = sim_rack_delay(rack, 1);

		lost += sim_rack_loses(rack, 1);
		g_assert_false(sim_rack_loses(rack, 0));
		g_assert_cmpint(delay, >=, 100);
		g_assert_cmpint(delay, <=, 200);
	}
	g_assert_cmpint(ABS(lost - 1000), <, 150);
	sim_rack_hang(rack, 0, true);
	g_assert_true(sim_rack_loses(rack, 0));
	sim_rack_hang(rack, 0, false);
	g_assert_false(sim_rack_loses(rack, 0));
	sim_rack_free(rack);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sim_rack/energy is kept", test_energy_is_kept);
	g_test_add_func("/sim_rack/less air is hotter", test_less_air_is_hotter);
	g_test_add_func("/sim_rack/fans take their time", test_fans_take_their_time);
	g_test_add_func("/sim_rack/a dead fan costs more than its share",
			test_a_dead_fan_costs_more_than_its_share);
	g_test_add_func("/sim_rack/packets are lost as told", test_packets_are_lost_as_told);
	return g_test_run();
}
