/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "src/power.h"
#include "tests/unit/nodes_rig.h"

static void test_nodes_come_up_and_are_read(void)
{
	struct nodes_rig f;
	struct readings_record record;
	struct rack_node_status status;
	size_t node;

	nodes_rig_open(&f, 20);
	nodes_rig_start(&f);
	g_assert_cmpuint(rack_nodes_count(f.nodes), ==, RIG_NODES);
	g_assert_true(rack_nodes_find(f.nodes, "n2", &node));
	g_assert_cmpuint(node, ==, 2);
	g_assert_false(rack_nodes_find(f.nodes, "n9", &node));
	g_assert_cmpint(rig_state(f.nodes, 0), ==, RACK_NODE_CONNECTING);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/CPU0_TEMP") &&
			nodes_rig_has(&f, "n3/POWER"));
	g_assert_true(rig_has_said(&f.rig, "node.up n0; "));
	g_assert_true(nodes_rig_get(&f, "n3/POWER", &record));
	g_assert_cmpint(record.value.unit, ==, SDR_UNIT_WATT);
	g_assert_cmpfloat(record.value.value, >, 50);
	g_assert_cmpfloat(record.value.value, <, 400);
	RIG_UNTIL(nodes_rig_power(&f, 0) == POWER_IS_ON && f.watts > 0 && f.limits > 0 && f.on > 0);
	rack_nodes_status(f.nodes, 0, &status);
	g_assert_true(status.has_guid);
	g_assert_cmpmem(status.guid, RMCP_GUID, sim_bmc_guid(f.rig.bmcs[0]), RMCP_GUID);
	g_assert_cmpuint(status.sensors, >, 5);
	g_assert_cmpuint(status.requests, >, 5);
	g_assert_cmpuint(status.failures, ==, 0);
	g_assert_cmpuint(status.links, ==, 1);
	g_assert_cmpint(status.watts, >, 50);
	g_assert_null(status.why);
	rack_node_status_clear(&status);
	nodes_rig_close(&f);
}

static size_t records_of(struct nodes_rig *f, const char *node)
{
	struct readings_cursor cursor = {0};
	struct readings_record record;
	size_t count = 0;

	while (readings_next(f->rig.readings, &cursor, 0, &record))
		count += strcmp(record.node, node) == 0;
	return count;
}

/* It took no more requests on its way down: that is no reason to let it wait when it is back. */
static void test_one_that_is_back_is_asked_at_once(void)
{
	struct nodes_rig f;

	nodes_rig_open(&f, 1);
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_has(&f, "n0/POWER"));
	f.rig.hung[0] = true;
	RIG_UNTIL(f.rig.links[0]->asked);
	rig_turn(&f.rig, 1500); /* something else is due by now */
	g_assert_true(f.rig.links[0]->asked);
	rig_cut(&f.rig, 0, false, "no answer to requests");
	rig_heal(&f.rig, 0);
	RIG_UNTIL(f.rig.links[0]->up);
	g_assert_true(f.rig.links[0]->asked);
	nodes_rig_close(&f);
}

static void test_ipmi_1_5_is_said_once(void)
{
	struct nodes_rig f;

	if (!g_test_subprocess()) {
		g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
		g_test_trap_assert_passed();
		g_test_trap_assert_stderr("*node n0: its BMC speaks IPMI 1.5 alone*");
		g_test_trap_assert_stderr_unmatched("*IPMI 1.5*IPMI 1.5*");
		return;
	}
	nodes_rig_open(&f, 1);
	f.rig.old[0] = true;
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f));
	rig_cut(&f.rig, 0, false, "no answer to requests");
	rig_heal(&f.rig, 0);
	RIG_UNTIL(nodes_rig_all_up(&f));
	nodes_rig_close(&f);
}

static void test_a_sensor_that_is_gone_from_the_records_leaves_no_reading(void)
{
	struct nodes_rig f;
	size_t before;

	nodes_rig_open(&f, 20);
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/CPU0_TEMP") &&
			nodes_rig_has(&f, "n0/POWER"));
	rig_turn(&f.rig, 10000);
	before = records_of(&f, "n0");
	g_free(rig_said(&f.rig));
	sim_bmc_unplug(f.rig.bmcs[0], 3);
	RIG_UNTIL(records_of(&f, "n0") == before - 3);
	g_assert_true(nodes_rig_has(&f, "n0/CPU0_TEMP"));
	g_assert_true(nodes_rig_has(&f, "n0/POWER"));
	/* It is the same machine. */
	g_assert_false(rig_has_said(&f.rig, "node.replaced"));
	nodes_rig_close(&f);
}

static void test_one_that_goes_down_is_lost_once(void)
{
	struct nodes_rig f;
	struct rack_node_status status;

	nodes_rig_open(&f, 1);
	f.rig.config.node_count = 1;
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/POWER"));
	nodes_rig_assert_said(&f, "node.up n0; ");
	f.lost = f.replaced = 0;
	rig_cut(&f.rig, 0, false, "no answer to requests");
	rig_cut(&f.rig, 0, false, "no answer to the set-up");
	nodes_rig_assert_said(&f, "node.lost n0; ");
	g_assert_cmpint(f.lost, ==, 1);
	rack_nodes_status(f.nodes, 0, &status);
	g_assert_cmpint(status.state, ==, RACK_NODE_LOST);
	g_assert_cmpstr(status.why, ==, "no answer to the set-up");
	rack_node_status_clear(&status);
	g_assert_true(nodes_rig_has(&f, "n0/POWER")); /* until it is stale */
	rig_cut(&f.rig, 0, true, "the BMC has another password for this user");
	nodes_rig_assert_said(&f, "node.refused n0; ");
	g_assert_cmpstr(json_string_value(json_object_get(f.rig.last, "why")), ==,
			"the BMC has another password for this user");
	rig_heal(&f.rig, 0);
	RIG_UNTIL(nodes_rig_all_up(&f));
	nodes_rig_assert_said(&f, "node.up n0; ");
	g_assert_cmpint(f.replaced, ==, 0);
	nodes_rig_close(&f);
}

static void test_one_that_cannot_be_had_is_tried_again(void)
{
	struct rack_node_status status;
	struct nodes_rig f;

	nodes_rig_open(&f, 50);
	f.rig.config.node_count = 1;
	f.rig.none[0] = true;
	nodes_rig_start(&f);
	g_assert_cmpint(rig_state(f.nodes, 0), ==, RACK_NODE_LOST);
	rack_nodes_status(f.nodes, 0, &status);
	g_assert_cmpstr(status.why, ==, "no such interface");
	rack_node_status_clear(&status);
	rig_turn(&f.rig, 25000);
	nodes_rig_assert_said(&f, "node.lost n0; ");
	f.rig.none[0] = false;
	RIG_UNTIL(rig_state(f.nodes, 0) == RACK_NODE_UP);
	nodes_rig_close(&f);
}

static void test_one_that_hangs_is_lost_within_five_seconds(void)
{
	struct nodes_rig f;
	gint64 begin;

	nodes_rig_open(&f, 1);
	f.rig.config.node_count = 3;
	f.rig.away[1] = true; /* never to be had */
	nodes_rig_start(&f);
	RIG_UNTIL(rig_state(f.nodes, 0) == RACK_NODE_UP && nodes_rig_has(&f, "n0/POWER"));
	RIG_UNTIL(rig_state(f.nodes, 2) == RACK_NODE_UP && nodes_rig_has(&f, "n2/POWER"));
	f.rig.hung[0] = true;
	f.rig.mute[2] = true; /* each request has its own end, and is followed by another one */
	begin = g_get_monotonic_time();
	RIG_UNTIL(rig_state(f.nodes, 0) == RACK_NODE_LOST);
	g_test_message("lost after %.2f s", (double)(g_get_monotonic_time() - begin) / 1e6);
	RIG_UNTIL(rig_state(f.nodes, 1) == RACK_NODE_LOST);
	RIG_UNTIL(rig_state(f.nodes, 2) == RACK_NODE_LOST);
	g_test_message("lost after %.2f s", (double)(g_get_monotonic_time() - begin) / 1e6);
	g_assert_cmpint(f.lost, ==, 3);
	rig_heal(&f.rig, 0); /* it answers what it was asked */
	rig_heal(&f.rig, 1);
	rig_heal(&f.rig, 2);
	RIG_UNTIL(nodes_rig_all_up(&f));
	nodes_rig_close(&f);
}

/* --- Another machine --- */

static size_t values_of(struct nodes_rig *f, const char *node)
{
	struct readings_cursor cursor = {0};
	struct readings_record record;
	size_t count = 0;

	while (readings_next(f->rig.readings, &cursor, rack_clock_now(&f->rig.clock), &record))
		count += strcmp(record.node, node) == 0;
	return count;
}

static void look_for_former(const struct event *event, void *data)
{
	struct nodes_rig *f = data;

	if (strcmp(event->type, "node.replaced") != 0 && strcmp(event->type, "node.added") != 0 &&
			strcmp(event->type, "node.absent") != 0)
		return;
	f->found += values_of(f, "n0");
	g_assert_cmpuint(readings_generation(f->rig.readings, "n0"), !=, f->generation);
	f->generation = readings_generation(f->rig.readings, "n0");
}

static void fixture_start_one(struct nodes_rig *f)
{
	nodes_rig_open(f, 5);
	f->rig.config.node_count = 1;
	events_listen(f->rig.events, UINT64_MAX, look_for_former, f);
}

static void test_nothing_of_a_former_machine_is_left_when_its_end_is_told(void)
{
	struct nodes_rig f;

	fixture_start_one(&f);
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/POWER") &&
			nodes_rig_has(&f, "n0/CPU0_TEMP"));
	f.generation = readings_generation(f.rig.readings, "n0");
	f.replaced = 0;
	g_free(rig_said(&f.rig));
	rig_cut(&f.rig, 0, false, "no answer to requests");
	sim_bmc_replace(f.rig.bmcs[0], 777);
	rig_heal(&f.rig, 0);
	RIG_UNTIL(rig_has_said(&f.rig, "node.replaced n0; "));
	g_assert_cmpuint(f.found, ==, 0);
	g_assert_cmpint(f.replaced, ==, 1);
	g_assert_nonnull(json_object_get(f.rig.last, "guid"));
	RIG_UNTIL(nodes_rig_has(&f, "n0/POWER") && nodes_rig_has(&f, "n0/CPU0_TEMP"));
	nodes_rig_assert_said(&f, "node.lost n0; node.up n0; node.replaced n0; ");
	nodes_rig_close(&f);
}

static void test_an_answer_that_was_under_way_is_of_the_former_machine(void)
{
	struct nodes_rig f;

	fixture_start_one(&f);
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/POWER") &&
			nodes_rig_has(&f, "n0/CPU0_TEMP"));
	f.generation = readings_generation(f.rig.readings, "n0");
	f.rig.hung[0] = true;
	RIG_UNTIL(f.rig.links[0]->asked && !f.rig.links[0]->answer);
	g_free(rig_said(&f.rig));
	rack_nodes_replaced(f.nodes, 0);
	nodes_rig_assert_said(&f, "node.replaced n0; ");
	g_assert_cmpuint(f.found, ==, 0);
	f.watts = 0;
	f.rig.hung[0] = false;
	rig_heal(&f.rig, 0);
	RIG_UNTIL(!f.rig.links[0] || !f.rig.links[0]->asked || f.rig.links[0]->answer);
	RIG_UNTIL(nodes_rig_has(&f, "n0/POWER") && nodes_rig_has(&f, "n0/CPU0_TEMP"));
	g_assert_false(rig_has_said(&f.rig, "node.replaced"));
	nodes_rig_close(&f);
}

static void test_a_slot_is_emptied_and_filled(void)
{
	struct nodes_rig f;

	fixture_start_one(&f);
	f.rig.nodes[0].presence = (char *)"gpiochip0:12";
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/POWER"));
	rig_slot("gpiochip0:12", true); /* as it is */
	nodes_rig_assert_said(&f, "node.up n0; ");
	f.generation = readings_generation(f.rig.readings, "n0");
	g_assert_true(rack_nodes_identify(f.nodes, 0, 15, nodes_rig_done, &f, NULL));
	rig_slot("gpiochip0:12", false);
	g_assert_cmpint(f.done, ==, 1);
	g_assert_error(f.error, POWER_ERROR, POWER_ERROR_STATE);
	nodes_rig_assert_said(&f, "node.absent n0; ");
	g_assert_null(f.rig.links[0]);
	g_assert_cmpint(rig_state(f.nodes, 0), ==, RACK_NODE_ABSENT);
	g_assert_false(rack_nodes_act(f.nodes, 0, POWER_ON, nodes_rig_done, &f, NULL));
	g_assert_cmpint(f.off, ==, 1);
	rig_slot("gpiochip0:12", true);
	nodes_rig_assert_said(&f, "node.added n0; ");
	g_assert_cmpint(rig_state(f.nodes, 0), ==, RACK_NODE_CONNECTING);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/POWER"));
	g_assert_cmpuint(f.found, ==, 0);
	nodes_rig_close(&f);
}

/* --- Sensors and logs --- */

static void test_thresholds_are_told_when_they_are_crossed(void)
{
	struct nodes_rig f;

	nodes_rig_open(&f, 20);
	f.rig.config.node_count = 1;
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/CPU0_TEMP"));
	rig_turn(&f.rig, 5000);
	g_assert_false(rig_has_said(&f.rig, "sensor.threshold"));
	f.rig.inlet = 100;
	RIG_UNTIL(rig_has_said(&f.rig, "sensor.threshold n0; "));
	RIG_UNTIL(rig_has_said(&f.rig, "node.log n0; ")); /* the BMC has noticed, too */
	nodes_rig_close(&f);
}

static void test_a_log_is_kept_and_its_past_is_no_news(void)
{
	struct nodes_rig f;
	json_t *log, *last;

	nodes_rig_open(&f, 20);
	f.rig.config.node_count = 1;
	f.rig.plan.settings.log_ms = 60000;
	for (int i = 0; i < 40; i++) {
		const uint8_t off[] = {0x00}, on[] = {0x01};
		uint8_t answer[SIM_BMC_ANSWER_MAX];

		sim_bmc_ask(f.rig.bmcs[0], 0x00, 0x02, off, 1, answer);
		sim_bmc_ask(f.rig.bmcs[0], 0x00, 0x02, on, 1, answer);
	}
	nodes_rig_start(&f);
	log = json_array();
	do {
		json_decref(log);
		rig_turn(&f.rig, 500);
		log = rack_nodes_log(f.nodes, 0);
	} while (json_array_size(log) < 64);
	json_decref(log);
	rig_turn(&f.rig, 40000);
	g_assert_false(rig_has_said(&f.rig, "node.log"));
	nodes_rig_act(&f, 0, POWER_OFF);
	RIG_UNTIL(rig_has_said(&f.rig, "node.log n0; "));
	log = rack_nodes_log(f.nodes, 0);
	g_assert_cmpuint(json_array_size(log), ==, 64);
	last = json_array_get(log, 63);
	g_assert_cmpstr(json_string_value(json_object_get(last, "text")), ==,
			"power state: off or hibernating");
	g_assert_cmpuint(strlen(json_string_value(json_object_get(last, "raw"))), ==, 32);
	json_decref(log);
	nodes_rig_close(&f);
}

static void test_a_reload_keeps_what_is_the_same(void)
{
	struct nodes_rig f;
	struct rack_config other;
	struct rack_config_node nodes[3];
	uint32_t kept, changed;
	size_t node;

	nodes_rig_open(&f, 10);
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n0/POWER") &&
			nodes_rig_has(&f, "n2/POWER"));
	kept = readings_generation(f.rig.readings, "n2");
	changed = readings_generation(f.rig.readings, "n3");
	g_assert_cmpuint(f.rig.opened, ==, 4);
	/* n2, n3 with another password, n9 behind the first BMC; n0 and n1 are gone. */
	other = f.rig.config;
	nodes[0] = f.rig.nodes[2];
	nodes[1] = f.rig.nodes[3];
	g_strlcpy(nodes[1].session.password, "other", sizeof(nodes[1].session.password));
	nodes[2] = f.rig.nodes[0];
	nodes[2].name = (char *)"n9";
	other.nodes = nodes;
	other.node_count = 3;
	g_assert_true(rack_nodes_identify(f.nodes, 1, 5, nodes_rig_done, &f, NULL));
	rack_nodes_reload(f.nodes, &other);
	g_assert_cmpint(f.done, ==, 1);
	g_assert_nonnull(f.error);
	g_assert_cmpuint(f.rig.opened, ==, 6);
	g_assert_cmpuint(readings_generation(f.rig.readings, "n2"), ==, kept);
	g_assert_cmpuint(readings_generation(f.rig.readings, "n3"), !=, changed);
	g_assert_cmpuint(readings_generation(f.rig.readings, "n0"), ==, 0);
	g_assert_true(rack_nodes_find(f.nodes, "n2", &node));
	g_assert_cmpuint(node, ==, 0);
	g_assert_cmpint(rig_state(f.nodes, 0), ==, RACK_NODE_UP);
	g_assert_true(nodes_rig_has(&f, "n2/POWER"));
	RIG_UNTIL(nodes_rig_all_up(&f) && nodes_rig_has(&f, "n9/POWER"));
	nodes_rig_close(&f);
}

static void test_closing_tells_who_waits(void)
{
	struct nodes_rig f;

	nodes_rig_open(&f, 1);
	nodes_rig_start(&f);
	RIG_UNTIL(nodes_rig_all_up(&f));
	g_assert_true(rack_nodes_act(f.nodes, 0, POWER_RESET, nodes_rig_done, &f, NULL));
	rack_nodes_free(f.nodes);
	f.nodes = NULL;
	g_assert_cmpint(f.done, ==, 1);
	g_assert_nonnull(f.error);
	nodes_rig_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/rack-nodes/" #name, test_##name)
	TEST(nodes_come_up_and_are_read);
	TEST(one_that_is_back_is_asked_at_once);
	TEST(ipmi_1_5_is_said_once);
	TEST(a_sensor_that_is_gone_from_the_records_leaves_no_reading);
	TEST(one_that_goes_down_is_lost_once);
	TEST(one_that_cannot_be_had_is_tried_again);
	TEST(one_that_hangs_is_lost_within_five_seconds);
	TEST(nothing_of_a_former_machine_is_left_when_its_end_is_told);
	TEST(an_answer_that_was_under_way_is_of_the_former_machine);
	TEST(a_slot_is_emptied_and_filled);
	TEST(thresholds_are_told_when_they_are_crossed);
	TEST(a_log_is_kept_and_its_past_is_no_news);
	TEST(a_reload_keeps_what_is_the_same);
	TEST(closing_tells_who_waits);
	return g_test_run();
}
