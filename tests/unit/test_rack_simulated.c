/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated rack in the main loop: links and a board that behave as real ones do. */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include "src/rack_simulated.h"

#define SPEED   50
#define NODES   3
#define PATIENT 30 /* s, real ones: what never happens is a fault, what happens late is not */

struct fixture {
	struct sim_rack *rack;
	struct rack_simulated *world;
	struct link *link;
	struct board *board;
	/* What was told. */
	unsigned int ups, downs, answers, failures;
	uint8_t guid[RMCP_GUID], code, first;
	size_t size;
	double values[4];
	int errors[4];
	unsigned int readings[4];
	struct hwmon_written written[2];
	unsigned int writes[2];
};

static void told(struct link *link, const struct link_event *event, void *data)
{
	struct fixture *f = data;

	(void)link;
	switch (event->kind) {
	case LINK_UP:
		f->ups++;
		memcpy(f->guid, event->guid, RMCP_GUID);
		break;
	case LINK_DOWN:
		g_assert_nonnull(event->why);
		f->downs++;
		break;
	case LINK_ANSWER:
		f->answers++;
		f->code = event->code;
		f->size = event->size;
		f->first = event->size ? event->bytes[0] : 0;
		break;
	case LINK_FAILED:
		f->failures++;
		break;
	}
}

static void told_reading(size_t input, const struct hwmon_reading *reading, void *data)
{
	struct fixture *f = data;

	f->readings[input]++;
	f->errors[input] = reading->error;
	f->values[input] = reading->value;
}

static void told_written(size_t output, const struct hwmon_written *written, void *data)
{
	struct fixture *f = data;

	f->writes[output]++;
	f->written[output] = *written;
}

static void set_up(struct fixture *f, gconstpointer unused)
{
	const struct plant_settings settings = {.nodes = NODES,
			.trace = PLANT_MIXED,
			.seed = 1,
			.idle = 110,
			.peak = 420,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 1000};

	(void)unused;
	f->rack = sim_rack_new(&settings);
	f->world = rack_simulated_new(f->rack, SPEED);
}

static void tear_down(struct fixture *f, gconstpointer unused)
{
	(void)unused;
	link_free(f->link);
	board_free(f->board);
	rack_simulated_free(f->world);
	sim_rack_free(f->rack);
}

static struct link *fixture_link(struct fixture *f, const char *name)
{
	const struct rack_world *world = rack_simulated_world(f->world);
	const struct rack_config_node config = {.name = (char *)name};

	return world->link(world->data, &config, told, f, NULL);
}

static void wait_for(const unsigned int *count, unsigned int least)
{
	int64_t end = g_get_monotonic_time() + PATIENT * G_USEC_PER_SEC;

	while (*count < least && g_get_monotonic_time() < end)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(*count, >=, least);
}

static bool ask_chassis(struct fixture *f)
{
	const struct session_request request = {.netfn = 0, .command = 1};

	return link_ask(f->link, &request);
}

static void test_a_link_comes_up_and_answers(struct fixture *f, gconstpointer unused)
{
	size_t node;

	(void)unused;
	f->link = fixture_link(f, "node-02");
	g_assert_true(rack_simulated_node(f->world, "node-02", &node));
	g_assert_cmpuint(node, ==, 1);
	g_assert_false(ask_chassis(f));
	wait_for(&f->ups, 1);
	g_assert_cmpmem(f->guid, RMCP_GUID, sim_bmc_guid(sim_rack_bmc(f->rack, 1)), RMCP_GUID);
	g_assert_true(ask_chassis(f));
	g_assert_false(ask_chassis(f)); /* one at a time */
	wait_for(&f->answers, 1);
	g_assert_cmpuint(f->code, ==, 0);
	g_assert_cmpuint(f->size, ==, 3);
	g_assert_cmpuint(f->first & 1, ==, 1);
}

static void test_a_hung_bmc_goes_down_and_comes_back(struct fixture *f, gconstpointer unused)
{
	(void)unused;
	f->link = fixture_link(f, "node-01");
	wait_for(&f->ups, 1);
	sim_rack_hang(f->rack, 0, true);
	g_assert_true(ask_chassis(f));
	wait_for(&f->failures, 1);
	g_assert_cmpuint(f->downs, ==, 0);
	g_assert_true(ask_chassis(f));
	wait_for(&f->downs, 1);
	g_assert_cmpuint(f->failures, ==, 2);
	g_assert_false(ask_chassis(f));
	wait_for(&f->downs, 2);
	sim_rack_hang(f->rack, 0, false);
	wait_for(&f->ups, 2);
	g_assert_true(ask_chassis(f));
	wait_for(&f->answers, 1);
}

static void test_another_machine_knows_nothing_of_the_session(
		struct fixture *f, gconstpointer unused)
{
	uint8_t former[RMCP_GUID];

	(void)unused;
	f->link = fixture_link(f, "node-01");
	wait_for(&f->ups, 1);
	memcpy(former, f->guid, RMCP_GUID);
	sim_bmc_replace(sim_rack_bmc(f->rack, 0), 99);
	g_assert_true(ask_chassis(f));
	wait_for(&f->failures, 1);
	g_assert_true(ask_chassis(f));
	wait_for(&f->ups, 2);
	g_assert_true(memcmp(former, f->guid, RMCP_GUID) != 0);
}

static void test_names_get_nodes_while_there_are_some(struct fixture *f, gconstpointer unused)
{
	const struct rack_world *world = rack_simulated_world(f->world);
	const struct rack_config_node last = {.name = (char *)"d"};
	struct link *others[2];
	g_autoptr(GError) error = NULL;

	(void)unused;
	f->link = fixture_link(f, "a");
	others[0] = fixture_link(f, "b1");
	others[1] = fixture_link(f, "c77");
	g_assert_null(world->link(world->data, &last, told, f, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV);
	/* After a reload it is the same one. */
	link_free(others[0]);
	others[0] = fixture_link(f, "b1");
	g_assert_nonnull(others[0]);
	link_free(others[0]);
	link_free(others[1]);
}

static void test_the_board_moves_fans_and_feels_the_air(struct fixture *f, gconstpointer unused)
{
	const struct rack_world *world = rack_simulated_world(f->world);
	const struct hwmon_input inputs[] = {{"simulated", "temp1", 100},
			{"simulated", "temp2", 100}, {"simulated", "fan6", 100},
			{"simulated", "fan7", 100}};
	const struct hwmon_output outputs[] = {{"simulated", "pwm6"}, {"another", "pwm6"}};
	const struct hwmon_settings settings = {.inputs = inputs,
			.input_count = G_N_ELEMENTS(inputs),
			.outputs = outputs,
			.output_count = G_N_ELEMENTS(outputs)};
	const struct hwmon_events events = {told_reading, told_written};

	(void)unused;
	f->board = world->board(world->data, &settings, &events, f, NULL);
	for (int i = 0; i < 4; i++)
		wait_for(&f->readings[i], 1);
	g_assert_cmpint(f->errors[3], ==, ENOENT);
	g_assert_cmpint(f->errors[0], ==, 0);
	g_assert_cmpfloat(f->values[0], >, 20);
	g_assert_cmpfloat(f->values[1], >, f->values[0]);
	g_assert_cmpfloat(f->values[2], >, 8000);
	board_duty(f->board, 0, 40);
	board_duty(f->board, 1, 40);
	wait_for(&f->writes[0], 1);
	wait_for(&f->writes[1], 1);
	g_assert_cmpint(f->written[0].error, ==, 0);
	g_assert_cmpfloat(f->written[0].seen, ==, 40);
	g_assert_cmpint(f->written[1].error, ==, ENOENT);
	for (unsigned int i = 1; f->values[2] > 4000; i++) {
		g_assert_cmpuint(i, <, 10000);
		wait_for(&f->readings[2], i);
	}
}

#define ADD(name, function) \
	g_test_add("/rack_simulated/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a link comes up and answers", test_a_link_comes_up_and_answers);
	ADD("a hung BMC goes down and comes back", test_a_hung_bmc_goes_down_and_comes_back);
	ADD("another machine knows nothing of the session",
			test_another_machine_knows_nothing_of_the_session);
	ADD("names get nodes while there are some", test_names_get_nodes_while_there_are_some);
	ADD("the board moves fans and feels the air", test_the_board_moves_fans_and_feels_the_air);
	return g_test_run();
}
