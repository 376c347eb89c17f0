/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fans do about the sensors of nodes. */
#include "tests/unit/fans_rig.h"

static void node_says(struct fixture *f, const char *node, const char *sensor, double value)
{
	const struct readings_value said = {.value = value, .unit = SDR_UNIT_CELSIUS, .ttl = 3000};
	uint32_t generation = readings_add(f->readings, node);
	int64_t now = fixture_now(f);

	g_assert_cmpint(readings_put(f->readings, node, generation, sensor, now, now, &said), ==,
			READINGS_KEPT);
}

/* Of three nodes, as far as they are there. */
static void nodes_run(struct fixture *f, const double values[3], int seconds)
{
	static const char *const names[] = {"n1", "n2", "n3"};

	for (int i = 0; i < seconds; i++) {
		for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
			if (!isnan(values[k]))
				node_says(f, names[k], "CPU_Temp", values[k]);
		node_says(f, "n1", "Inlet", 90);
		node_says(f, "other", "CPU_Temp", 90);
		fixture_run(f, 1000);
	}
}

static void nodes_open(struct fixture *f)
{
	fixture_open(f);
	f->config.inputs = &f->input[1];
	fixture_start(f);
}

/* The same nodes, in the configuration. */
static enum rack_fans_node node_is(size_t node, void *data)
{
	const struct fixture *f = data;

	g_assert_cmpuint(node, <, G_N_ELEMENTS(f->is));
	return f->is[node];
}

static void configured_open(struct fixture *f)
{
	fixture_open(f);
	f->config.inputs = &f->input[1];
	f->config.nodes = f->node;
	f->config.node_count = G_N_ELEMENTS(f->node);
	f->node[0].name = word("n1");
	f->node[1].name = word("n2");
	f->node[2].name = word("n3");
	fixture_start(f);
	rack_fans_ask_nodes(f->fans, node_is, f);
}

static void node_says_none(struct fixture *f, const char *node)
{
	readings_none(f->readings, node, readings_add(f->readings, node), "CPU_Temp",
			fixture_now(f));
}

static void test_a_node_that_was_never_heard_is_failsafe(void)
{
	struct rack_zone_status status;
	struct fixture f;

	configured_open(&f);
	nodes_run(&f, (const double[]){20, 20, NAN}, 4);
	fixture_heard(&f, "");
	/* That it draws power says nothing of its temperature. */
	for (int i = 0; i < 4; i++) {
		node_says(&f, "n3", "POWER", 200);
		nodes_run(&f, (const double[]){20, 20, NAN}, 1);
	}
	g_assert_cmpfloat(f.duty[0], ==, 80);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_STALE);
	g_assert_cmpstr(status.about, ==, "nodes");
	fixture_heard(&f, "fan.failsafe ");
	/* What its sensors say is another thing: it may have none of that name. */
	for (int i = 0; i < 20; i++) {
		node_says(&f, "n3", "PSU", 33);
		nodes_run(&f, (const double[]){20, 20, NAN}, 1);
	}
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "fan.recovered ");
	fixture_close(&f);
}

static void test_a_place_that_is_empty_and_a_node_without_bmc_are_not_waited_for(void)
{
	struct fixture f;

	configured_open(&f);
	f.is[1] = RACK_FANS_NODE_MUTE;
	f.is[2] = RACK_FANS_NODE_COLD;
	nodes_run(&f, (const double[]){20, NAN, NAN}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "");
	/* It comes, and is silent. */
	f.is[2] = RACK_FANS_NODE_WARM;
	nodes_run(&f, (const double[]){20, NAN, NAN}, 4);
	fixture_heard(&f, "");
	nodes_run(&f, (const double[]){20, NAN, NAN}, 3);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	fixture_heard(&f, "fan.failsafe ");
	fixture_close(&f);
}

static void test_nodes_that_are_off_ask_for_nothing(void)
{
	struct rack_zone_status status;
	struct fixture f;

	configured_open(&f);
	nodes_run(&f, (const double[]){55, 20, 20}, 10);
	g_assert_cmpfloat(f.duty[0], ==, 50);
	for (size_t i = 0; i < 3; i++) {
		f.is[i] = RACK_FANS_NODE_COLD;
		node_says_none(&f, f.node[i].name);
	}
	fixture_run(&f, 60000);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_LEAST);
	/* One is on again. */
	f.is[1] = RACK_FANS_NODE_WARM;
	fixture_run(&f, 3000);
	nodes_run(&f, (const double[]){NAN, 75, NAN}, 5);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	fixture_heard(&f, "");
	/* Without a word of its temperature, and the others still off. */
	node_says_none(&f, "n2");
	fixture_run(&f, 10000);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	fixture_heard(&f, "fan.failsafe ");
	fixture_close(&f);
}

static void test_one_sensor_of_a_node_that_is_off_asks_for_nothing(void)
{
	struct fixture f;

	fixture_open(&f);
	f.input[1].sensor = word("n2/CPU_Temp");
	f.config.inputs = &f.input[1];
	f.config.nodes = f.node;
	f.config.node_count = 2;
	f.node[0].name = word("n1");
	f.node[1].name = word("n2");
	fixture_start(&f);
	rack_fans_ask_nodes(f.fans, node_is, &f);
	nodes_run(&f, (const double[]){20, 55, 20}, 10);
	g_assert_cmpfloat(f.duty[0], ==, 50);
	f.is[1] = RACK_FANS_NODE_COLD;
	node_says_none(&f, "n2");
	fixture_run(&f, 60000);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "");
	f.is[1] = RACK_FANS_NODE_WARM;
	fixture_run(&f, 10000);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	fixture_close(&f);
}

static void test_the_hottest_of_those_that_match_counts(void)
{
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	nodes_run(&f, (const double[]){20, 55, 31}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 50);
	nodes_run(&f, (const double[]){75, 55, 31}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	fixture_heard(&f, "");
	fixture_close(&f);
}

static void test_a_lost_node_is_failsafe_and_hides_nothing(void)
{
	struct rack_zone_status status;
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	nodes_run(&f, (const double[]){20, NAN, 20}, 4);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	nodes_run(&f, (const double[]){20, NAN, 20}, 3);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	rack_fans_zone(f.fans, 0, &status);
	g_assert_cmpint(status.state.reason, ==, FAN_REASON_STALE);
	g_assert_cmpstr(status.about, ==, "nodes");
	/* The others are still looked at. */
	nodes_run(&f, (const double[]){20, NAN, 72}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 90);
	nodes_run(&f, (const double[]){20, NAN, 97}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 100);
	nodes_run(&f, (const double[]){20, NAN, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	fixture_heard(&f, "fan.failsafe ");
	/* Its place is empty now. */
	readings_flush(f.readings, "n2");
	nodes_run(&f, (const double[]){20, NAN, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "fan.recovered ");
	nodes_run(&f, (const double[]){20, NAN, NAN}, 10);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	readings_remove(f.readings, "n3");
	nodes_run(&f, (const double[]){20, NAN, NAN}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_close(&f);
}

static void test_a_broken_or_lying_sensor_of_a_node_is_failsafe(void)
{
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	for (int i = 0; i < 3; i++)
		readings_fail(f.readings, "n2", readings_generation(f.readings, "n2"), "CPU_Temp",
				fixture_now(&f));
	nodes_run(&f, (const double[]){20, NAN, 20}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	nodes_run(&f, (const double[]){20, 200, 20}, 2);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "fan.failsafe fan.recovered fan.failsafe fan.recovered ");
	fixture_close(&f);
}

static void test_a_sensor_without_a_reading_is_passed_over(void)
{
	struct fixture f;

	nodes_open(&f);
	nodes_run(&f, (const double[]){20, 20, 20}, 20);
	readings_none(f.readings, "n2", readings_generation(f.readings, "n2"), "CPU_Temp",
			fixture_now(&f));
	nodes_run(&f, (const double[]){20, NAN, 20}, 20);
	g_assert_cmpfloat(f.duty[0], ==, 25);
	fixture_heard(&f, "");
	fixture_close(&f);
}

static void test_a_pattern_of_which_nothing_is_left_is_stale(void)
{
	struct fixture f;

	nodes_open(&f);
	fixture_run(&f, 4000);
	g_assert_cmpfloat(f.duty[0], ==, 70);
	fixture_run(&f, 4000);
	g_assert_cmpfloat(f.duty[0], ==, 80);
	fixture_heard(&f, "fan.failsafe ");
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/rack_fans_nodes/" #name, test_##name)
	TEST(the_hottest_of_those_that_match_counts);
	TEST(a_lost_node_is_failsafe_and_hides_nothing);
	TEST(a_broken_or_lying_sensor_of_a_node_is_failsafe);
	TEST(a_sensor_without_a_reading_is_passed_over);
	TEST(a_pattern_of_which_nothing_is_left_is_stale);
	TEST(a_node_that_was_never_heard_is_failsafe);
	TEST(a_place_that_is_empty_and_a_node_without_bmc_are_not_waited_for);
	TEST(nodes_that_are_off_ask_for_nothing);
	TEST(one_sensor_of_a_node_that_is_off_asks_for_nothing);
	return g_test_run();
}
