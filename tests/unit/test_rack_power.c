/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/rack_power_rig.h"

static void test_limits_keep_the_rack_below_its_budget(void)
{
	struct fixture f;

	fixture_open(&f, 1000, 350);
	fixture_start(&f);
	g_assert_cmpint(account(&f, 0), ==, CAPPING_ACCOUNT_LOST);
	g_assert_cmpint(node_of(&f, 0).node.accounted, ==, RIG_CEILING);
	RIG_UNTIL(settled(&f) && limits(&f) >= 900);
	g_assert_cmpint(limits(&f), <=, 1000);
	g_assert_cmpint(status_of(&f).totals.accounted, <=, 1000);
	g_assert_cmpuint(status_of(&f).commands, >=, 4);
	g_assert_cmpuint(status_of(&f).failures, ==, 0);
	/* Less of it. */
	rack_power_budget(f.power, 600, CAPPING_GUARANTEED);
	g_assert_true(rig_has_said(&f.rig, "power.budget; "));
	RIG_UNTIL(settled(&f) && limits(&f) <= 600);
	/* Off: there are no limits any more, but what an operator wants. */
	g_assert_true(rack_power_cap(f.power, 1, 150));
	rack_power_budget(f.power, 600, CAPPING_OFF);
	RIG_UNTIL(limits(&f) == 150);
	g_assert_cmpstr(rack_power_account_word(account(&f, 0)), ==, "unlimited");
	g_assert_true(rack_power_cap(f.power, 1, 0));
	RIG_UNTIL(limits(&f) == 0);
	/* And back. */
	rack_power_budget(f.power, 600, CAPPING_GUARANTEED);
	RIG_UNTIL(settled(&f) && limits(&f) > 500 && limits(&f) <= 600);
	rack_power_budget(f.power, 600, CAPPING_OFF);
	RIG_UNTIL(limits(&f) == 0);
	g_assert_cmpstr(rack_power_mode_word(status_of(&f).settings.mode), ==, "off");
	fixture_close(&f);
}

static void test_without_a_budget_nothing_is_sent(void)
{
	struct fixture f;

	fixture_open(&f, 0, 350);
	fixture_start(&f);
	RIG_UNTIL(node_of(&f, 3).node.measured > 0);
	rig_turn(&f.rig, 10000);
	g_assert_cmpuint(status_of(&f).commands, ==, 0);
	g_assert_false(status_of(&f).totals.short_of);
	g_assert_false(rig_has_said(&f.rig, "power."));
	/* An operator may cap a node all the same. */
	g_assert_false(rack_power_cap(f.power, 1, RIG_FLOOR - 1));
	g_assert_false(rack_power_cap(f.power, 1, RIG_CEILING + 1));
	g_assert_true(rack_power_cap(f.power, 1, 180));
	RIG_UNTIL(plant_told_limit(f.rig.plant, 1) == 180);
	g_assert_cmpint(node_of(&f, 1).cap, ==, 180);
	g_assert_cmpuint(status_of(&f).commands, ==, 1);
	g_assert_true(rack_power_cap(f.power, 1, 0));
	RIG_UNTIL(plant_told_limit(f.rig.plant, 1) == 0);
	fixture_close(&f);
}

static void test_what_has_no_limit_takes_room_from_the_others(void)
{
	struct fixture f;

	fixture_open(&f, 1000, 300);
	f.rig.nodes[3].capped = false;
	f.rig.config.capping.unmanaged = 20;
	fixture_start(&f);
	g_assert_false(node_of(&f, 3).capped);
	g_assert_false(rack_power_cap(f.power, 3, 200));
	RIG_UNTIL(status_of(&f).totals.unmanaged > 100 && account(&f, 2) == CAPPING_ACCOUNT_LIMIT &&
			!status_of(&f).totals.short_of);
	fixture_close(&f);
}

/* --- Switching --- */

static void test_a_node_waits_for_the_watts_it_is_switched_on_with(void)
{
	struct fixture f;
	g_autoptr(GError) error = NULL;

	fixture_open_at(&f, SLOW, 1000, 350);
	fixture_start(&f);
	RIG_UNTIL(settled(&f) && is_on(&f, 2, true));
	act(&f, 2, POWER_OFF);
	g_assert_no_error(f.error);
	RIG_UNTIL(account(&f, 2) == CAPPING_ACCOUNT_OFF);
	RIG_UNTIL(settled(&f) && limits(&f) > 900); /* the others have got its share */
	g_assert_true(rack_power_act(f.power, 2, POWER_ON, done, &f, NULL));
	g_assert_true(node_of(&f, 2).waiting);
	g_assert_cmpuint(status_of(&f).waiting, ==, 1);
	g_assert_false(rack_power_act(f.power, 2, POWER_ON, done, &f, &error));
	g_assert_error(error, POWER_ERROR, POWER_ERROR_STATE);
	f.done = 0;
	RIG_UNTIL(f.done == 1);
	g_assert_no_error(f.error);
	g_assert_cmpint(status_of(&f).totals.accounted, <=, 1000);
	RIG_UNTIL(is_on(&f, 2, true) && settled(&f));
	g_assert_false(rig_has_said(&f.rig, "power.unasked"));
	fixture_close(&f);
}

static void test_one_that_never_fits_is_refused_with_the_watts(void)
{
	struct fixture f;

	fixture_open_at(&f, SLOW, 650, 350);
	fixture_start(&f);
	switch_off(&f, 2);
	act(&f, 2, POWER_ON); /* 3 floors of 100 W, and 400 W: 50 W too much */
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_STATE);
	g_assert_nonnull(strstr(f.error->message, "50 W are missing"));
	g_assert_true(rig_has_said(&f.rig, "power.refused n2; "));
	g_assert_false(sim_bmc_is_on(f.rig.bmcs[2]));
	/* One that is on has its watts. */
	act(&f, 1, POWER_RESET);
	g_assert_no_error(f.error);
	act(&f, 1, POWER_CYCLE);
	g_assert_no_error(f.error);
	rig_turn(&f.rig, 15000);
	g_assert_cmpint(account(&f, 1), !=, CAPPING_ACCOUNT_OFF);
	g_assert_false(rig_has_said(&f.rig, "power.unasked"));
	fixture_close(&f);
}

static void test_who_waits_may_change_his_mind(void)
{
	struct fixture f;

	fixture_open_for_three(&f);
	g_assert_true(rack_power_act(f.power, 2, POWER_ON, done, &f, NULL));
	g_assert_true(rack_power_act(f.power, 2, POWER_OFF, NULL, NULL, NULL));
	g_assert_cmpint(f.done, ==, 0);
	RIG_UNTIL(f.done == 1);
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_STATE);
	g_assert_cmpuint(status_of(&f).waiting, ==, 0);
	g_assert_false(sim_bmc_is_on(f.rig.bmcs[2]));
	fixture_close(&f);
}

/* Chassis Control, behind everybody's back. */
static void press_button(struct fixture *f, size_t node, uint8_t what)
{
	uint8_t answer[SIM_BMC_ANSWER_MAX];

	sim_bmc_ask(f->rig.bmcs[node], 0x00, 0x02, &what, 1, answer);
	g_assert_cmpint(answer[0], ==, 0);
}

static void test_a_node_that_somebody_else_switches_on_counts_at_its_ceiling(void)
{
	struct fixture f;

	fixture_open(&f, 1000, 350);
	for (size_t i = 0; i < RIG_NODES; i++)
		f.rig.nodes[i].capping.boot = 200;
	fixture_start(&f);
	RIG_UNTIL(settled(&f));
	press_button(&f, 1, 0x00);
	RIG_UNTIL(account(&f, 1) == CAPPING_ACCOUNT_OFF);
	press_button(&f, 1, 0x01);
	RIG_UNTIL(rig_has_said(&f.rig, "power.unasked n1; "));
	g_assert_cmpint(node_of(&f, 1).node.accounted, ==, RIG_CEILING);
	RIG_UNTIL(settled(&f));
	g_assert_cmpint(limits(&f), <=, 1000);
	fixture_close(&f);
}

/* --- Trouble --- */

static void test_one_that_is_lost_counts_at_its_ceiling(void)
{
	struct fixture f;

	fixture_open(&f, 1000, 350);
	fixture_start(&f);
	RIG_UNTIL(settled(&f));
	rig_cut(&f.rig, 0, false, "no answer to requests");
	g_assert_cmpint(account(&f, 0), ==, CAPPING_ACCOUNT_LOST);
	g_assert_cmpint(node_of(&f, 0).node.accounted, ==, RIG_CEILING);
	RIG_UNTIL(!status_of(&f).totals.short_of);
	rig_heal(&f.rig, 0);
	RIG_UNTIL(settled(&f));
	fixture_close(&f);
}

static void test_one_that_does_not_obey_is_told(void)
{
	struct fixture f;

	fixture_open(&f, 800, 350);
	f.rig.config.capping.obey_ms = 15000;
	fixture_start(&f);
	RIG_UNTIL(settled(&f));
	plant_disobey(f.rig.plant, 3, true);
	RIG_UNTIL(rig_has_said(&f.rig, "power.disobedient n3; "));
	g_assert_cmpint(account(&f, 3), ==, CAPPING_ACCOUNT_DISOBEDIENT);
	RIG_UNTIL(rig_has_said(&f.rig, "power.over; "));
	RIG_UNTIL(rig_has_said(&f.rig, "power.under; "));
	g_assert_cmpfloat(status_of(&f).over_seconds, >, 1);
	g_assert_cmpint(status_of(&f).worst, >, 0);
	fixture_close(&f);
}

static void test_the_least_class_is_dropped_when_floors_do_not_fit(void)
{
	struct fixture f;
	g_autofree char *said = NULL;

	fixture_open(&f, 1000, 350);
	f.rig.config.drop = true;
	fixture_start(&f);
	RIG_UNTIL(settled(&f));
	g_free(rig_said(&f.rig));
	rack_power_budget(f.power, 310, CAPPING_GUARANTEED); /* three floors, and not four */
	RIG_UNTIL(rig_has_said(&f.rig, "power.dropped "));
	g_assert_true(rig_has_said(&f.rig, "power.dropped n3; ")); /* of class 1 */
	RIG_UNTIL(account(&f, 3) == CAPPING_ACCOUNT_OFF && settled(&f));
	g_assert_false(sim_bmc_is_on(f.rig.bmcs[3]));
	rig_turn(&f.rig, 30000);
	for (size_t i = 0; i < 3; i++)
		g_assert_true(sim_bmc_is_on(f.rig.bmcs[i]));
	fixture_close(&f);
}

static void test_one_that_cannot_be_switched_off_is_not_waited_for(void)
{
	struct fixture f;

	fixture_open(&f, 310, 350);
	f.rig.config.drop = true;
	f.rig.refuse = 0x00; /* Chassis Control */
	f.rig.refuse_command = 0x02;
	fixture_start(&f);
	RIG_UNTIL(rig_has_said(&f.rig, "power.dropped n3; "));
	RIG_UNTIL(rig_has_said(&f.rig, "power.dropped n2; "));
	g_assert_true(sim_bmc_is_on(f.rig.bmcs[3]));
	f.rig.refuse_command = 0;
	RIG_UNTIL(!sim_bmc_is_on(f.rig.bmcs[2]) || !sim_bmc_is_on(f.rig.bmcs[1]));
	fixture_close(&f);
}

static void test_nobody_is_dropped_unless_that_is_wished(void)
{
	struct fixture f;

	fixture_open(&f, 310, 350);
	fixture_start(&f);
	RIG_UNTIL(rig_has_said(&f.rig, "power.short; "));
	rig_turn(&f.rig, 10000);
	g_assert_false(rig_has_said(&f.rig, "power.dropped"));
	fixture_close(&f);
}

static void test_another_machine_is_unknown(void)
{
	struct fixture f;

	fixture_open(&f, 1000, 350);
	fixture_start(&f);
	RIG_UNTIL(settled(&f));
	rack_nodes_replaced(f.nodes, 1);
	g_assert_cmpint(account(&f, 1), ==, CAPPING_ACCOUNT_UNLIMITED);
	g_assert_cmpint(node_of(&f, 1).node.measured, ==, -1);
	RIG_UNTIL(settled(&f));
	fixture_close(&f);
}

/* --- Reload --- */

static void test_a_reload_keeps_accounts(void)
{
	struct fixture f;
	struct rack_config other;
	struct rack_config_node nodes[RIG_NODES + 1];
	int limit;

	fixture_open(&f, 1000, 350);
	fixture_start(&f);
	RIG_UNTIL(settled(&f));
	/* One without a budget comes first: all have other numbers, and are the same. */
	other = f.rig.config;
	nodes[0] = (struct rack_config_node){.name = (char *)"switch"};
	memcpy(nodes + 1, f.rig.nodes, RIG_NODES * sizeof(*nodes));
	other.nodes = nodes;
	other.node_count = RIG_NODES + 1;
	limit = node_of(&f, 3).node.limit;
	reload(&f, &other);
	g_assert_false(node_of(&f, 0).capped);
	g_assert_cmpint(account(&f, 4), ==, CAPPING_ACCOUNT_LIMIT);
	g_assert_cmpint(node_of(&f, 4).node.limit, ==, limit);
	g_assert_false(rig_has_said(&f.rig, "power.budget"));
	/* Fewer nodes, one with another ceiling, less of a budget. */
	other = f.rig.config;
	other.node_count = 3;
	other.capping.budget = 500;
	nodes[0] = f.rig.nodes[2];
	nodes[1] = f.rig.nodes[1];
	nodes[1].capping.ceiling = 300;
	nodes[2] = f.rig.nodes[0];
	other.nodes = nodes;
	reload(&f, &other);
	g_assert_true(rig_has_said(&f.rig, "power.budget; "));
	g_assert_cmpint(account(&f, 0), ==, CAPPING_ACCOUNT_LIMIT);
	RIG_UNTIL(settled(&f));
	g_assert_cmpint(status_of(&f).totals.accounted, <=, 500);
	fixture_close(&f);
}

static void test_a_reload_of_one_node_leaves_the_others_their_limits(void)
{
	struct fixture f;
	int before[RIG_NODES];

	fixture_open(&f, 1000, 350);
	fixture_start(&f);
	RIG_UNTIL(settled(&f));
	for (size_t i = 0; i < RIG_NODES; i++)
		before[i] = node_of(&f, i).node.accounted;
	f.rig.nodes[1].capping.ceiling = 390;
	reload(&f, &f.rig.config);
	for (size_t i = 0; i < RIG_NODES; i++)
		g_assert_cmpint(node_of(&f, i).node.accounted, ==, before[i]);
	g_assert_false(status_of(&f).totals.short_of);
	/* A way that is new is not known to lead to the same machine. */
	f.rig.nodes[2].port = 1623;
	reload(&f, &f.rig.config);
	g_assert_cmpint(account(&f, 2), ==, CAPPING_ACCOUNT_LOST);
	g_assert_cmpint(node_of(&f, 2).node.accounted, ==, RIG_CEILING);
	RIG_UNTIL(settled(&f));
	/* One that leaves the budget draws as much as before. */
	f.rig.nodes[0].capped = false;
	before[0] = node_of(&f, 0).node.measured;
	reload(&f, &f.rig.config);
	g_assert_cmpint(status_of(&f).totals.unmanaged, ==, before[0]);
	RIG_UNTIL(plant_told_limit(f.rig.plant, 0) == 0);
	fixture_close(&f);
}

static void test_who_gave_up_is_told_at_the_end(void)
{
	struct fixture f;

	fixture_open_for_three(&f);
	g_assert_true(rack_power_act(f.power, 2, POWER_ON, done, &f, NULL));
	g_assert_true(rack_power_act(f.power, 2, POWER_OFF, NULL, NULL, NULL));
	rack_nodes_free(f.nodes);
	rack_power_free(f.power);
	g_assert_cmpint(f.done, ==, 1);
	rig_close(&f.rig);
	g_clear_error(&f.error);
}

static void test_a_reload_tells_who_waits_for_a_node_that_goes(void)
{
	struct fixture f;
	struct rack_config other;

	fixture_open(&f, 1000, 350);
	fixture_start(&f);
	switch_off(&f, 3);
	f.done = 0;
	g_assert_true(rack_power_act(f.power, 3, POWER_ON, done, &f, NULL));
	other = f.rig.config;
	other.node_count = 3;
	reload(&f, &other);
	g_assert_cmpint(f.done, ==, 1);
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_STATE);
	RIG_UNTIL(settled(&f));
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/rack-power/" #name, test_##name)
	TEST(limits_keep_the_rack_below_its_budget);
	TEST(without_a_budget_nothing_is_sent);
	TEST(what_has_no_limit_takes_room_from_the_others);
	TEST(a_node_waits_for_the_watts_it_is_switched_on_with);
	TEST(one_that_never_fits_is_refused_with_the_watts);
	TEST(who_waits_may_change_his_mind);
	TEST(a_node_that_somebody_else_switches_on_counts_at_its_ceiling);
	TEST(one_that_is_lost_counts_at_its_ceiling);
	TEST(one_that_does_not_obey_is_told);
	TEST(the_least_class_is_dropped_when_floors_do_not_fit);
	TEST(one_that_cannot_be_switched_off_is_not_waited_for);
	TEST(nobody_is_dropped_unless_that_is_wished);
	TEST(another_machine_is_unknown);
	TEST(a_reload_keeps_accounts);
	TEST(a_reload_of_one_node_leaves_the_others_their_limits);
	TEST(who_gave_up_is_told_at_the_end);
	TEST(a_reload_tells_who_waits_for_a_node_that_goes);
	return g_test_run();
}
