/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the budget has to wait for: watts that others do not give up, limits that cannot be lifted.
 */
#include <string.h>
#include "tests/unit/rack_power_rig.h"

#define DCMI          0x2c
#define DCMI_SET      0x04 /* a limit */
#define DCMI_ACTIVATE 0x05 /* ... or lift it */

static void test_who_waits_in_vain_is_refused_and_that_is_told(void)
{
	struct fixture f;

	fixture_open_for_three(&f);
	f.rig.refuse = DCMI; /* what the others are told from now on */
	f.rig.refuse_command = DCMI_SET;
	g_assert_true(rack_power_act(f.power, 2, POWER_ON, done, &f, NULL));
	g_assert_false(rig_has_said(&f.rig, "power.refused"));
	RIG_UNTIL(f.done == 1);
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_STATE);
	g_assert_nonnull(strstr(f.error->message, "in 60 s"));
	g_assert_true(rig_has_said(&f.rig, "power.refused n2; "));
	g_assert_nonnull(strstr(json_string_value(json_object_get(f.rig.last, "why")), "in 60 s"));
	g_assert_false(sim_bmc_is_on(f.rig.bmcs[2]));
	fixture_close(&f);
}

/* Settled, with a limit of ours on each; then one of them is not in the budget any more. */
static void leave(struct fixture *f, size_t node)
{
	f->rig.nodes[node].capped = false;
	reload(f, &f->rig.config);
	g_assert_false(node_of(f, node).capped);
}

static void open_settled(struct fixture *f)
{
	fixture_open(f, 1000, 350);
	fixture_start(f);
	RIG_UNTIL(settled(f));
	for (size_t i = 0; i < RIG_NODES; i++)
		g_assert_cmpint(plant_told_limit(f->rig.plant, i), >, 0);
}

static void test_a_limit_of_one_that_is_lost_is_lifted_when_it_is_back(void)
{
	struct fixture f;

	open_settled(&f);
	rig_cut(&f.rig, 0, false, "no answer to requests");
	leave(&f, 0);
	rig_turn(&f.rig, 25000);
	g_assert_cmpint(plant_told_limit(f.rig.plant, 0), >, 0);
	rig_heal(&f.rig, 0);
	RIG_UNTIL(plant_told_limit(f.rig.plant, 0) == 0);
	fixture_close(&f);
}

static void test_a_refusal_to_lift_is_not_the_last_word(void)
{
	struct fixture f;

	open_settled(&f);
	f.rig.refuse = DCMI;
	f.rig.refuse_command = DCMI_ACTIVATE;
	leave(&f, 1);
	rig_turn(&f.rig, 25000);
	g_assert_cmpint(plant_told_limit(f.rig.plant, 1), >, 0);
	f.rig.refuse_command = 0;
	RIG_UNTIL(plant_told_limit(f.rig.plant, 1) == 0);
	fixture_close(&f);
}

/* It has a limit again when the old one would have been lifted. */
static void test_one_that_comes_back_keeps_its_new_limit(void)
{
	struct fixture f;

	open_settled(&f);
	rig_cut(&f.rig, 0, false, "no answer to requests");
	leave(&f, 0);
	rig_turn(&f.rig, 12000);
	f.rig.nodes[0].capped = true;
	reload(&f, &f.rig.config);
	rig_heal(&f.rig, 0);
	RIG_UNTIL(settled(&f));
	g_assert_cmpint(plant_told_limit(f.rig.plant, 0), >, 0);
	rig_turn(&f.rig, 25000);
	g_assert_cmpint(plant_told_limit(f.rig.plant, 0), >, 0);
	fixture_close(&f);
}

static void test_one_that_has_gone_is_not_asked_any_more(void)
{
	struct fixture f;
	struct rack_config other;

	open_settled(&f);
	rig_cut(&f.rig, 3, false, "no answer to requests");
	leave(&f, 3);
	other = f.rig.config;
	other.node_count = 3;
	reload(&f, &other);
	rig_turn(&f.rig, 25000);
	RIG_UNTIL(settled(&f));
	fixture_close(&f);
}

#define TEST(name) g_test_add_func("/rack_power/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	TEST(who_waits_in_vain_is_refused_and_that_is_told);
	TEST(a_limit_of_one_that_is_lost_is_lifted_when_it_is_back);
	TEST(a_refusal_to_lift_is_not_the_last_word);
	TEST(one_that_comes_back_keeps_its_new_limit);
	TEST(one_that_has_gone_is_not_asked_any_more);
	return g_test_run();
}
