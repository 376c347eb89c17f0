/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * BMCs on UDP ports of 127.0.0.1, one after the other, on a plant that lives in real time; their
 * clients are ours, or others. Says "port NUMBER" when they listen. Lines on its input, or in
 * --fault, make them misbehave, and each is answered by a line; it ends with its input.
 *
 *	hang NODES             they are silent
 *	late NODES MS          their answers take so long
 *	lose NODES PERMILLE    packets are lost, to them and from them
 *	length NODES           answers are too short or too long
 *	full NODES             all their sessions are in use
 *	damage NODES           their signatures are wrong
 *	disobey NODES          limits are accepted, and not enforced
 *	well NODES             none of all this
 *	reset NODES            sessions and limits are forgotten
 *	old NODES 1            IPMI 1.5 is all that they speak; 0: RMCP+ again
 *	replace NODES SEED     other machines are in their place, with other GUIDs
 *	count NODES            a line for each: what it has seen
 *	sum NODES              one line for all of them
 *
 * NODES: a number from 0 on, FIRST-LAST, or all.
 */
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include "tests/unit/bmc_farm_node.h"

#define FARM_TICK 100 /* ms; the plant wants no more */

struct farm {
	GMainLoop *loop;
	GIOChannel *input;
	struct plant *plant;
	struct farm_node **nodes;
	int count, port;
	char *name, *password, *suite;
	char **faults;
	int64_t passed; /* ms, up to which the plant has come */
};

/* --- Time --- */

static gboolean farm_tick(gpointer data)
{
	struct farm *farm = data;
	int64_t now = g_get_monotonic_time() / 1000;

	while (now - farm->passed >= FARM_TICK) {
		plant_pass(farm->plant, FARM_TICK);
		for (int i = 0; i < farm->count; i++)
			sim_bmc_pass(farm->nodes[i]->bmc, FARM_TICK, 24);
		farm->passed += FARM_TICK;
	}
	return G_SOURCE_CONTINUE;
}

/* --- Faults --- */

static void farm_hang(struct farm_node *node, int value)
{
	(void)value;
	node->hung = true;
}

static void farm_late(struct farm_node *node, int value)
{
	node->late = value;
}

static void farm_lose(struct farm_node *node, int value)
{
	node->lose = value;
}

static void farm_length(struct farm_node *node, int value)
{
	(void)value;
	node->wrong_length = true;
}

static void farm_full(struct farm_node *node, int value)
{
	(void)value;
	node->lan.status = RMCP_NO_ROOM;
}

static void farm_damage(struct farm_node *node, int value)
{
	(void)value;
	node->lan.damage = true;
}

static void farm_disobey(struct farm_node *node, int value)
{
	(void)value;
	plant_disobey(node->plant, node->number, true);
}

static void farm_well(struct farm_node *node, int value)
{
	(void)value;
	node->hung = node->wrong_length = node->lan.damage = false;
	node->late = node->lose = 0;
	node->lan.status = 0;
	plant_disobey(node->plant, node->number, false);
}

static void farm_reset(struct farm_node *node, int value)
{
	(void)value;
	farm_node_reset(node);
}

static void farm_replace(struct farm_node *node, int value)
{
	farm_node_replace(node, (uint32_t)value);
}

/* Or as before. */
static void farm_old(struct farm_node *node, int value)
{
	node->lan.old = value ? BMC_LAN_OLD : 0;
	farm_node_reset(node);
}

static void farm_print(const struct farm_node *node, const char *head)
{
	const struct bmc_lan *lan = &node->lan;

	printf("%s packets %u commands %u sessions %u closed %u up %zu flight %zu outside %u "
	       "repeated %u bad %u watts %d limit %d\n",
			head, lan->packets, lan->commands, lan->ups, lan->closes, bmc_lan_up(lan),
			node->most, lan->bare, lan->repeated, lan->bad,
			(int)plant_power(node->plant, node->number),
			plant_told_limit(node->plant, node->number));
}

static void farm_count(struct farm_node *node, int value)
{
	g_autofree char *head = g_strdup_printf("node %zu", node->number);

	(void)value;
	farm_print(node, head);
}

static const struct {
	const char *name;
	void (*change)(struct farm_node *node, int value);
	int words;
} farm_commands[] = {
		{"hang", farm_hang, 2},
		{"late", farm_late, 3},
		{"lose", farm_lose, 3},
		{"length", farm_length, 2},
		{"full", farm_full, 2},
		{"damage", farm_damage, 2},
		{"disobey", farm_disobey, 2},
		{"well", farm_well, 2},
		{"reset", farm_reset, 2},
		{"replace", farm_replace, 3},
		{"old", farm_old, 3},
		{"count", farm_count, 2},
};

static void farm_sum(struct farm *farm, int first, int last)
{
	unsigned int packets = 0, commands = 0, ups = 0, closes = 0, bare = 0, repeated = 0,
		     bad = 0, rounds = 0, in_rounds = 0;
	size_t most = 0, up = 0;

	for (int i = first; i <= last; i++) {
		const struct bmc_lan *lan = &farm->nodes[i]->lan;

		packets += lan->packets;
		commands += lan->commands;
		ups += lan->ups;
		closes += lan->closes;
		bare += lan->bare;
		repeated += lan->repeated;
		bad += lan->bad;
		rounds += farm->nodes[i]->rounds;
		in_rounds += farm->nodes[i]->in_rounds;
		up += bmc_lan_up(lan);
		most = MAX(most, farm->nodes[i]->most);
	}
	printf("sum packets %u commands %u sessions %u closed %u up %zu flight %zu outside %u "
	       "repeated %u bad %u rounds %u in-rounds %u\n",
			packets, commands, ups, closes, up, most, bare, repeated, bad, rounds,
			in_rounds);
}

static bool farm_range(const struct farm *farm, const char *text, int *first, int *last)
{
	char more;

	*first = 0;
	*last = farm->count - 1;
	if (strcmp(text, "all") == 0)
		return true;
	if (sscanf(text, "%d-%d%c", first, last, &more) != 2) {
		if (sscanf(text, "%d%c", first, &more) != 1)
			return false;
		*last = *first;
	}
	return *first >= 0 && *first <= *last && *last < farm->count;
}

/* False: it is no line of ours. */
static bool farm_obey(struct farm *farm, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
	int length = (int)g_strv_length(words), first, last;

	if (length < 2 || !farm_range(farm, words[1], &first, &last))
		return false;
	if (strcmp(words[0], "sum") == 0) {
		farm_sum(farm, first, last);
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(farm_commands); i++) {
		if (strcmp(words[0], farm_commands[i].name) != 0 ||
				length != farm_commands[i].words)
			continue;
		for (int node = first; node <= last; node++)
			farm_commands[i].change(farm->nodes[node],
					length > 2 ? (int)g_ascii_strtoll(words[2], NULL, 10) : 0);
		return true;
	}
	return false;
}

static gboolean farm_read(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	struct farm *farm = data;
	g_autofree char *line = NULL;
	GIOStatus status = g_io_channel_read_line(channel, &line, NULL, NULL, NULL);

	(void)condition;
	if (status == G_IO_STATUS_AGAIN)
		return G_SOURCE_CONTINUE;
	if (status != G_IO_STATUS_NORMAL) {
		g_main_loop_quit(farm->loop);
		return G_SOURCE_REMOVE;
	}
	puts(farm_obey(farm, g_strchomp(line)) ? "done" : "what?");
	fflush(stdout);
	return G_SOURCE_CONTINUE;
}

/* --- The whole --- */

static unsigned int farm_suites(const struct farm *farm)
{
	return farm->suite ? BMC_LAN_SUITE((unsigned int)g_ascii_strtoull(farm->suite, NULL, 10))
			   : 0;
}

static bool farm_listen(struct farm *farm, uint16_t port)
{
	for (int i = 0; i < farm->count; i++) {
		struct farm_node *node = farm_node_new(
				(size_t)i, (uint16_t)(port + i), farm->plant);

		if (!node) {
			while (i-- > 0) {
				farm_node_free(farm->nodes[i]);
				farm->nodes[i] = NULL;
			}
			return false;
		}
		node->lan.suites = farm_suites(farm);
		g_strlcpy(node->lan.name, farm->name ? farm->name : "admin",
				sizeof(node->lan.name));
		g_strlcpy(node->lan.password, farm->password ? farm->password : "secret",
				sizeof(node->lan.password));
		farm->nodes[i] = node;
	}
	farm->port = port;
	return true;
}

/* As many ports in a row as there are nodes. */
static bool farm_find(struct farm *farm)
{
	if (farm->port)
		return farm_listen(farm, (uint16_t)farm->port);
	for (int tries = 0; tries < 100; tries++)
		if (farm_listen(farm, (uint16_t)g_random_int_range(20000, 32000)))
			return true;
	return false;
}

static bool farm_start(struct farm *farm)
{
	const struct plant_settings settings = {.nodes = (size_t)farm->count,
			.trace = PLANT_MIXED,
			.seed = 1,
			.idle = 110,
			.peak = 420,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 2000};

	farm->plant = plant_new(&settings);
	farm->nodes = g_new0(struct farm_node *, farm->count);
	farm->passed = g_get_monotonic_time() / 1000;
	if (!farm->plant || !farm_find(farm)) {
		fprintf(stderr, "bmc_farm: no %d free UDP ports in a row\n", farm->count);
		return false;
	}
	for (char **fault = farm->faults; fault && *fault; fault++)
		if (!farm_obey(farm, *fault)) {
			fprintf(stderr, "bmc_farm: \"%s\": no such fault\n", *fault);
			return false;
		}
	printf("port %d\n", farm->port);
	fflush(stdout);
	return true;
}

static void farm_end(struct farm *farm)
{
	for (int i = 0; farm->nodes && i < farm->count; i++)
		farm_node_free(farm->nodes[i]);
	g_free(farm->nodes);
	plant_free(farm->plant);
	g_free(farm->name);
	g_free(farm->password);
	g_free(farm->suite);
	g_strfreev(farm->faults);
	g_io_channel_unref(farm->input);
	g_main_loop_unref(farm->loop);
}

int main(int argc, char **argv)
{
	struct farm farm = {.count = 1};
	const GOptionEntry options[] = {
			{"nodes", 'n', 0, G_OPTION_ARG_INT, &farm.count, "how many (1)", "N"},
			{"port", 'p', 0, G_OPTION_ARG_INT, &farm.port,
					"of the first; 0: any that are free", "N"},
			{"name", 0, 0, G_OPTION_ARG_STRING, &farm.name, "of the user (admin)",
					"NAME"},
			{"password", 0, 0, G_OPTION_ARG_STRING, &farm.password, "(secret)", "WORD"},
			{"suite", 0, 0, G_OPTION_ARG_STRING, &farm.suite,
					"the only one, 3 or 17 (both)", "N"},
			{"fault", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &farm.faults,
					"a line as on the input", "LINE"},
			{NULL}};
	g_autoptr(GOptionContext) context = g_option_context_new("- BMCs that misbehave");
	g_autoptr(GError) error = NULL;
	int status = 1;

	g_option_context_add_main_entries(context, options, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error) || farm.count < 1) {
		fprintf(stderr, "bmc_farm: %s\n", error ? error->message : "no nodes");
		return 2;
	}
	farm.loop = g_main_loop_new(NULL, FALSE);
	farm.input = g_io_channel_unix_new(0);
	g_io_channel_set_flags(farm.input, G_IO_FLAG_NONBLOCK, NULL);
	if (farm_start(&farm)) {
		guint tick = g_timeout_add(FARM_TICK, farm_tick, &farm);
		guint input = g_io_add_watch(farm.input, G_IO_IN | G_IO_HUP, farm_read, &farm);

		g_main_loop_run(farm.loop);
		g_source_remove(tick);
		if (g_main_context_find_source_by_id(NULL, input))
			g_source_remove(input);
		status = 0;
	}
	farm_end(&farm);
	return status;
}
