/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The poller's links and plans on real sockets, with BMCs that misbehave each in its own way and at
 * the same time: what is wrong with one is that one's trouble alone, and mends.
 */
#include "tests/unit/bmc_farm_node.h"
#include "tests/unit/bmc_poller.h"

#define PATIENCE 120000 /* ms; what is waited for takes 20 s at most when the machine is idle */

enum { WELL, HUNG, LATE, LOSSY, WRONG_LENGTH, REPLACED, RESET, FULL, DAMAGED, COUNT };

struct fixture {
	struct plant *plant;
	struct farm_node *farm[COUNT];
	struct poller *poller;
	unsigned int readings[COUNT];
	guint tick;
};

static gboolean pass(gpointer data)
{
	struct fixture *f = data;

	plant_pass(f->plant, 100);
	for (int i = 0; i < COUNT; i++)
		sim_bmc_pass(f->farm[i]->bmc, 100, 24);
	return G_SOURCE_CONTINUE;
}

static bool listen_at(struct fixture *f, int port)
{
	for (int i = 0; i < COUNT; i++) {
		f->farm[i] = farm_node_new((size_t)i, (uint16_t)(port + i), f->plant);
		if (!f->farm[i]) {
			while (i-- > 0)
				farm_node_free(f->farm[i]);
			return false;
		}
		g_strlcpy(f->farm[i]->lan.name, "admin", sizeof(f->farm[i]->lan.name));
		g_strlcpy(f->farm[i]->lan.password, "secret", sizeof(f->farm[i]->lan.password));
	}
	return true;
}

static void set_up(struct fixture *f)
{
	const struct plant_settings plant = {.nodes = COUNT,
			.trace = PLANT_MIXED,
			.seed = 1,
			.idle = 110,
			.peak = 420,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 2000};
	struct poller_settings settings = {
			.nodes = COUNT, .suite = 17, .power_ms = 200, .sensors_ms = 2000};
	g_autoptr(GError) error = NULL;

	f->plant = plant_new(&plant);
	do {
		settings.port = (uint16_t)g_random_int_range(20000, 32000);
	} while (!listen_at(f, settings.port));
	f->farm[FULL]->lan.status = RMCP_NO_ROOM;
	f->tick = g_timeout_add(100, pass, f);
	f->poller = poller_new(&settings, &error);
	g_assert_no_error(error);
}

static void tear_down(struct fixture *f)
{
	poller_free(f->poller);
	g_source_remove(f->tick);
	for (int i = 0; i < COUNT; i++)
		farm_node_free(f->farm[i]);
	plant_free(f->plant);
}

/* --- Conditions --- */

static void mark(struct fixture *f)
{
	for (int i = 0; i < COUNT; i++)
		f->readings[i] = f->poller->nodes[i].readings;
}

static bool reads(const struct fixture *f, int node)
{
	return f->poller->nodes[node].up &&
	       f->poller->nodes[node].readings >= f->readings[node] + 10;
}

static bool first_ones(const struct fixture *f)
{
	for (int i = 0; i < COUNT; i++)
		if (i != FULL && !(reads(f, i) && f->poller->nodes[i].told))
			return false;
	return f->poller->nodes[FULL].down != 0;
}

static bool trouble(const struct fixture *f)
{
	return reads(f, WELL) && reads(f, LATE) && reads(f, LOSSY) &&
	       f->poller->nodes[HUNG].downs && f->poller->nodes[DAMAGED].downs &&
	       f->poller->nodes[RESET].downs && f->poller->nodes[REPLACED].others;
}

static bool all_well(const struct fixture *f)
{
	for (int i = 0; i < COUNT; i++)
		if (!reads(f, i))
			return false;
	return true;
}

static void wait_for(struct fixture *f, bool (*condition)(const struct fixture *f))
{
	int64_t until = poller_now() + PATIENCE;

	mark(f);
	while (!condition(f) && poller_now() < until)
		g_main_context_iteration(NULL, TRUE);
	for (int i = 0; i < COUNT; i++) {
		const struct poller_node *node = &f->poller->nodes[i];

		g_test_message("%d: %s, down %u times, %u readings, %u failures, %u others; %u "
			       "sessions, %zu in flight",
				i, node->up ? "up" : "down", node->downs, node->readings,
				node->failures, node->others, f->farm[i]->lan.ups,
				f->farm[i]->most);
	}
	g_assert_true(condition(f));
}

static void test_each_fault_is_its_nodes_alone(void)
{
	struct fixture f = {.tick = 0};

	set_up(&f);
	wait_for(&f, first_ones);
	g_assert_cmpuint(f.farm[FULL]->lan.ups, ==, 0);

	f.farm[HUNG]->hung = true;
	f.farm[LATE]->late = 300;
	f.farm[LOSSY]->lose = 50;
	f.farm[WRONG_LENGTH]->wrong_length = true;
	f.farm[DAMAGED]->lan.damage = true;
	f.farm[FULL]->lan.status = 0;
	farm_node_reset(f.farm[RESET]);
	farm_node_replace(f.farm[REPLACED], 99);
	wait_for(&f, trouble);
	g_assert_cmpuint(f.poller->nodes[WELL].downs, ==, 0);
	g_assert_cmpuint(f.poller->nodes[LATE].downs, ==, 0);

	f.farm[HUNG]->hung = f.farm[WRONG_LENGTH]->wrong_length = false;
	f.farm[LATE]->late = f.farm[LOSSY]->lose = 0;
	f.farm[DAMAGED]->lan.damage = false;
	wait_for(&f, all_well);
	g_assert_cmpuint(f.poller->nodes[RESET].others, ==, 0);
	g_assert_cmpuint(f.poller->nodes[REPLACED].others, ==, 1);
	for (int i = 0; i < COUNT; i++) {
		g_assert_cmpuint(f.farm[i]->lan.bare, ==, 0); /* nothing in clear */
		g_assert_cmpuint(f.farm[i]->most, ==, 1);     /* one packet under way */
		g_assert_cmpuint(bmc_lan_up(&f.farm[i]->lan), <=,
				3); /* lost ones are not heaped up */
	}
	tear_down(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bmc_farm/each fault is its node's alone",
			test_each_fault_is_its_nodes_alone);
	return g_test_run();
}
