/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "src/power.h"
#include "tests/unit/nodes_rig.h"

static void test_orders_reach_the_bmc(void)
{
	struct nodes_rig f;

	nodes_rig_open(&f, 20);
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_power(&f, 1) == POWER_IS_ON);
	nodes_rig_act(&f, 1, POWER_OFF);
	g_assert_no_error(f.error);
	g_assert_false(sim_bmc_is_on(f.rig.bmcs[1]));
	RIG_UNTIL(nodes_rig_power(&f, 1) == POWER_IS_OFF);
	g_assert_true(rig_has_said(&f.rig, "node.power n1; "));
	nodes_rig_act(&f, 1, POWER_ON);
	RIG_UNTIL(nodes_rig_power(&f, 1) == POWER_IS_ON);
	f.done = 0;
	g_assert_true(rack_nodes_limit(f.nodes, 1, 222, nodes_rig_done, &f, NULL));
	RIG_UNTIL(f.done == 1);
	g_assert_no_error(f.error);
	g_assert_cmpint(plant_told_limit(f.rig.plant, 1), ==, 222);
	g_assert_true(rack_nodes_limit(f.nodes, 1, 0, nodes_rig_done, &f, NULL));
	g_assert_true(rack_nodes_identify(f.nodes, 1, 3, nodes_rig_done, &f, NULL));
	RIG_UNTIL(f.done == 3);
	g_assert_no_error(f.error);
	f.rig.refuse = 0x00; /* Chassis Control */
	f.rig.refuse_command = 0x02;
	nodes_rig_act(&f, 1, POWER_RESET);
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_FAILED);
	g_test_message("%s", f.error->message);
	nodes_rig_close(&f);
}

static void test_who_waits_hears_of_a_link_that_goes_down(void)
{
	struct nodes_rig f;
	g_autoptr(GError) error = NULL;

	nodes_rig_open(&f, 5);
	f.rig.config.node_count = 1;
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_power(&f, 0) == POWER_IS_ON);
	f.rig.hung[0] = true;
	g_assert_true(rack_nodes_act(f.nodes, 0, POWER_CYCLE, nodes_rig_done, &f, NULL));
	rig_turn(&f.rig, 1000);
	g_assert_cmpint(f.done, ==, 0);
	rig_cut(&f.rig, 0, false, "no answer to requests");
	RIG_UNTIL(f.done == 1);
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_FAILED);
	g_assert_false(rack_nodes_act(f.nodes, 0, POWER_CYCLE, nodes_rig_done, &f, &error));
	g_assert_error(error, POWER_ERROR, POWER_ERROR_STATE);
	nodes_rig_close(&f);
}

static void test_silence_after_a_power_command_is_no_loss_at_first(void)
{
	struct nodes_rig f;
	int64_t begin;

	nodes_rig_open(&f, 10);
	f.rig.config.node_count = 1;
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_power(&f, 0) == POWER_IS_ON);
	begin = rack_clock_now(&f.rig.clock);
	nodes_rig_act(&f, 0, POWER_CYCLE);
	g_free(rig_said(&f.rig));
	f.lost = 0;
	rig_cut(&f.rig, 0, false, "no answer to requests");
	g_assert_cmpint(f.lost, ==, 1); /* for whoever counts watts */
	while (rack_clock_now(&f.rig.clock) < begin + 15000)
		g_main_context_iteration(NULL, TRUE);
	if (rack_clock_now(&f.rig.clock) < begin + 20000)
		g_assert_cmpint(rig_state(f.nodes, 0), ==, RACK_NODE_UP);
	RIG_UNTIL(rig_state(f.nodes, 0) == RACK_NODE_LOST);
	g_assert_true(rig_has_said(&f.rig, "node.lost n0; "));
	nodes_rig_close(&f);
}

static void test_a_node_without_bmc_has_commands(void)
{
	struct nodes_rig f;
	g_autoptr(GError) error = NULL;
	struct rack_node_status status;

	nodes_rig_open(&f, 1);
	f.rig.config.node_count = 1;
	f.rig.nodes[0].address = NULL;
	f.rig.nodes[0].power.on_command = (char *)"true";
	f.rig.nodes[0].power.off_command = (char *)"false";
	f.rig.nodes[0].power.status_command = (char *)"true";
	nodes_rig_start(&f);
	g_assert_cmpint(rig_state(f.nodes, 0), ==, RACK_NODE_COMMANDS);
	RIG_UNTIL(nodes_rig_power(&f, 0) == POWER_IS_ON);
	g_assert_cmpint(f.on, >=, 1);
	nodes_rig_act(&f, 0, POWER_ON);
	g_assert_no_error(f.error);
	nodes_rig_act(&f, 0, POWER_OFF);
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_FAILED);
	g_assert_false(rack_nodes_act(f.nodes, 0, POWER_RESET, nodes_rig_done, &f, &error));
	g_assert_error(error, POWER_ERROR, POWER_ERROR_STATE);
	g_assert_false(rack_nodes_limit(f.nodes, 0, 100, nodes_rig_done, &f, NULL));
	rack_nodes_replaced(f.nodes, 0);
	rack_nodes_status(f.nodes, 0, &status);
	g_assert_cmpint(status.watts, ==, -1);
	rack_node_status_clear(&status);
	nodes_rig_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/rack-orders/" #name, test_##name)
	TEST(orders_reach_the_bmc);
	TEST(who_waits_hears_of_a_link_that_goes_down);
	TEST(silence_after_a_power_command_is_no_loss_at_first);
	TEST(a_node_without_bmc_has_commands);
	return g_test_run();
}
