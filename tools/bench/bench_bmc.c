/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a rack's BMCs cost the poller. They are simulated, on real sockets in another process
 * (tests/unit/bmc_farm); this one has the rack daemon's links and plans for them, and nothing else.
 * Each node's power is read every second, and its sensors so often that it makes 16 commands in 10
 * s. First all are well; then some are silent, and the others must not notice.
 *
 * --count: instructions a command; see bmc_count.h.
 */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "tests/unit/bmc_poller.h"
#include "tools/bench/bmc_count.h"

#define BENCH_FRESH 2000 /* ms, an age that is good enough for capping */
#define BENCH_AGES  1024 /* of 10 ms */
#define BENCH_LOOK  50   /* ms, between looks at the ages */

/* A node of the farm has 12 sensors; one is not linear, and costs two commands a reading. */
#define BENCH_COMMANDS 13
#define BENCH_SENSORS  (10000 * BENCH_COMMANDS / 16) /* ms */

struct bench {
	int nodes, hung, seconds, suite;
	gboolean count;
	int poll, power, sensors; /* of the part that callgrind counts: port and ms */
	char *self, *farm;

	GPid pid;
	FILE *to, *from; /* the farm's lines */
	int port;
	struct poller *poller;
};

/* --- The farm --- */

static bool bench_farm_start(struct bench *bench)
{
	g_autofree char *nodes = g_strdup_printf("--nodes=%d", bench->nodes);
	const char *argv[] = {bench->farm, nodes, NULL};
	g_autoptr(GError) error = NULL;
	char line[64];
	int to, from;

	if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
			    NULL, &bench->pid, &to, &from, NULL, &error)) {
		fprintf(stderr, "%s (make check_PROGRAMS makes it)\n", error->message);
		return false;
	}
	bench->to = fdopen(to, "w");
	bench->from = fdopen(from, "r");
	if (!fgets(line, sizeof(line), bench->from) || sscanf(line, "port %d", &bench->port) != 1) {
		fprintf(stderr, "%s: says no port\n", bench->farm);
		return false;
	}
	return true;
}

static void bench_farm_stop(struct bench *bench)
{
	if (bench->to)
		fclose(bench->to);
	if (bench->from)
		fclose(bench->from);
	if (bench->pid)
		waitpid(bench->pid, NULL, 0);
}

/* The last line before "done". */
static void bench_tell(struct bench *bench, const char *line, char *answer, size_t room)
{
	char got[512];

	fprintf(bench->to, "%s\n", line);
	fflush(bench->to);
	while (fgets(got, sizeof(got), bench->from) && strcmp(got, "done\n") != 0)
		if (answer)
			g_strlcpy(answer, got, room);
}

struct sums {
	unsigned int packets, commands, sessions, flight, outside, bad;
};

static unsigned int bench_word(const char *line, const char *word)
{
	const char *found = strstr(line, word);

	return found ? (unsigned int)strtoul(found + strlen(word), NULL, 10) : 0;
}

static struct sums bench_sums(struct bench *bench, int first, int last)
{
	g_autofree char *line = g_strdup_printf("sum %d-%d", first, last);
	char answer[512] = "";

	bench_tell(bench, line, answer, sizeof(answer));
	return (struct sums){.packets = bench_word(answer, " packets "),
			.commands = bench_word(answer, " commands "),
			.sessions = bench_word(answer, " sessions "),
			.flight = bench_word(answer, " flight "),
			.outside = bench_word(answer, " outside "),
			.bad = bench_word(answer, " bad ")};
}

/* --- Ages --- */

struct ages {
	struct bench *bench;
	int first; /* node; those before it are hung */
	uint64_t looks, counts[BENCH_AGES];
	int64_t most;
};

static gboolean ages_look(gpointer data)
{
	struct ages *ages = data;
	int64_t now = poller_now();

	for (int i = ages->first; i < ages->bench->nodes; i++) {
		int64_t age = now - ages->bench->poller->nodes[i].power;

		ages->looks++;
		ages->counts[CLAMP(age / 10, 0, BENCH_AGES - 1)]++;
		ages->most = MAX(ages->most, age);
	}
	return G_SOURCE_CONTINUE;
}

/* Of the looks, how many in 100 saw no more than so many ms. */
static double ages_share(const struct ages *ages, int ms)
{
	uint64_t sum = 0;

	for (int i = 0; i <= ms / 10 && i < BENCH_AGES; i++)
		sum += ages->counts[i];
	return ages->looks ? 100.0 * (double)sum / (double)ages->looks : 0;
}

static int ages_part(const struct ages *ages, double share)
{
	for (int i = 0; i < BENCH_AGES; i++)
		if (ages_share(ages, 10 * i) >= share)
			return 10 * i;
	return 10 * BENCH_AGES;
}

/* --- A run --- */

static gboolean bench_over(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

static void bench_run(int seconds)
{
	bool over = false;

	g_timeout_add((guint)seconds * 1000, bench_over, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}

static long bench_memory(const char *what)
{
	g_autofree char *text = NULL;
	const char *line;

	if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
		return 0;
	line = strstr(text, what);
	return line ? strtol(line + strlen(what), NULL, 10) : 0;
}

static double bench_cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static unsigned int bench_downs(const struct bench *bench, int first)
{
	unsigned int sum = 0;

	for (int i = first; i < bench->nodes; i++)
		sum += bench->poller->nodes[i].downs;
	return sum;
}

static void bench_measure(struct bench *bench, int hung)
{
	g_autofree struct ages *ages = g_new0(struct ages, 1);
	struct sums before = bench_sums(bench, hung, bench->nodes - 1), after;
	unsigned int downs = bench_downs(bench, hung);
	int64_t start = poller_now();
	double cpu = bench_cpu(), seconds;
	guint look;

	ages->bench = bench;
	ages->first = hung;
	look = g_timeout_add(BENCH_LOOK, ages_look, ages);
	bench_run(bench->seconds);
	g_source_remove(look);
	seconds = (double)(poller_now() - start) / 1000;
	cpu = bench_cpu() - cpu;
	after = bench_sums(bench, hung, bench->nodes - 1);
	printf("%-11s %6d %9.1f %9.3f %7d %7d %7" G_GINT64_FORMAT " %5u %7u %8u %7.2f\n",
			hung ? "some silent" : "all well", bench->nodes - hung,
			(after.commands - before.commands) / seconds, ages_share(ages, BENCH_FRESH),
			ages_part(ages, 50), ages_part(ages, 99.9), ages->most,
			bench_downs(bench, hung) - downs, after.flight, after.outside,
			100 * cpu / seconds);
}

/* --- Silent ones --- */

/* Seconds until the last of them had a request without an answer, and until its link was down. */
static void bench_flagged(const struct bench *bench, int64_t since, double *failed, double *down)
{
	int64_t last_failed = 0, last_down = 0;

	for (int i = 0; i < bench->hung; i++) {
		const struct poller_node *node = &bench->poller->nodes[i];

		if (node->up) {
			printf("BMC %d is silent, and counts as up\n", i);
			continue;
		}
		last_failed = MAX(last_failed, node->failed - since);
		last_down = MAX(last_down, node->down - since);
	}
	*failed = (double)last_failed / 1000;
	*down = (double)last_down / 1000;
}

static void bench_silent(struct bench *bench)
{
	g_autofree char *hang = g_strdup_printf("hang 0-%d", bench->hung - 1);
	g_autofree char *well = g_strdup_printf("well 0-%d", bench->hung - 1);
	struct sums before = bench_sums(bench, 0, bench->hung - 1), after;
	double failed, down;
	int64_t since = poller_now();

	bench_tell(bench, hang, NULL, 0);
	bench_measure(bench, bench->hung);
	after = bench_sums(bench, 0, bench->hung - 1);
	bench_flagged(bench, since, &failed, &down);
	printf("\nof %d silent ones the last had a request fail after %.2f s, and was down after %.2f "
	       "s (goal: 5);\neach got %.1f packets in %d s, and never more than %u at once (goal: "
	       "1)\n",
			bench->hung, failed, down,
			(double)(after.packets - before.packets) / bench->hung, bench->seconds,
			after.flight);
	since = poller_now();
	bench_tell(bench, well, NULL, 0);
	while (!poller_ready(bench->poller) && poller_now() - since < 120000)
		bench_run(1);
	printf("%s %" G_GINT64_FORMAT " s after they spoke again\n",
			poller_ready(bench->poller) ? "all are back" : "not all are back",
			(poller_now() - since) / 1000);
}

static bool bench_wait(struct bench *bench)
{
	int64_t since = poller_now();

	while (!poller_ready(bench->poller)) {
		if (poller_now() - since > 60000) {
			fprintf(stderr, "not all BMCs came up in 60 s\n");
			return false;
		}
		g_main_context_iteration(NULL, TRUE);
	}
	printf("%d BMCs by suite %d, all up and their records read after %.2f s\n\n", bench->nodes,
			bench->suite, (double)(poller_now() - since) / 1000);
	return true;
}

static int bench_scale(struct bench *bench)
{
	const struct poller_settings settings = {.port = (uint16_t)bench->port,
			.nodes = bench->nodes,
			.suite = bench->suite,
			.power_ms = 1000,
			.sensors_ms = BENCH_SENSORS};
	g_autoptr(GError) error = NULL;

	bench->poller = poller_new(&settings, &error);
	if (!bench->poller) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	if (!bench_wait(bench))
		return 1;
	printf("%-11s %6s %9s %9s %7s %7s %7s %5s %7s %8s %7s\n", "", "BMCs", "command/s",
			"<= 2 s, %", "median", "99.9 %", "most ms", "lost", "flight", "in clear",
			"CPU, %");
	bench_measure(bench, 0);
	if (bench->hung)
		bench_silent(bench);
	printf("resident: %.1f MiB, of which %.1f are its own data (goal: 8)\n",
			(double)bench_memory("VmRSS:") / 1024,
			(double)bench_memory("RssAnon:") / 1024);
	return 0;
}

/* --- Instructions --- */

/* What callgrind runs: polls, and says how many commands it were. */
static int bench_poll(struct bench *bench)
{
	const struct poller_settings settings = {.port = (uint16_t)bench->poll,
			.nodes = bench->nodes,
			.suite = bench->suite,
			.power_ms = bench->power,
			.sensors_ms = bench->sensors};

	bench->poller = poller_new(&settings, NULL);
	while (bench->poller && !poller_ready(bench->poller))
		g_main_context_iteration(NULL, TRUE);
	bench_run(bench->seconds);
	printf("asked %u\n", bench->poller ? poller_asked(bench->poller) : 0);
	return 0;
}

static int bench_instructions(const struct bench *bench)
{
	const struct bmc_count count = {.self = bench->self,
			.port = bench->port,
			.nodes = bench->nodes,
			.suite = bench->suite,
			.seconds = bench->seconds,
			.sensors = BENCH_COMMANDS};

	return bmc_count(&count) ? 0 : 1;
}

/* --- The whole --- */

static bool bench_options(struct bench *bench, int argc, char **argv)
{
	const GOptionEntry options[] = {{"nodes", 'n', 0, G_OPTION_ARG_INT, &bench->nodes,
							"BMCs (48; 4 to be counted)", "N"},
			{"hung", 0, 0, G_OPTION_ARG_INT, &bench->hung, "of them to hang (12)", "N"},
			{"seconds", 's', 0, G_OPTION_ARG_INT, &bench->seconds,
					"of each part (60; 6 to be counted)", "N"},
			{"suite", 0, 0, G_OPTION_ARG_INT, &bench->suite, "3 or 17 (17)", "N"},
			{"count", 'c', 0, G_OPTION_ARG_NONE, &bench->count,
					"instructions a command, by callgrind, from 50 and 400 commands a "
					"second",
					NULL},
			{"farm", 0, 0, G_OPTION_ARG_FILENAME, &bench->farm,
					"the BMCs (tests/unit/bmc_farm)", "PROGRAM"},
			{"poll", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &bench->poll, NULL,
					NULL},
			{"power", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &bench->power, NULL,
					NULL},
			{"sensors", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &bench->sensors,
					NULL, NULL},
			{NULL}};
	g_autoptr(GOptionContext) context = g_option_context_new("- what BMCs cost the poller");
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_set_description(context,
			"Power is read every second, and sensors with 16 commands in 10 s.\n"
			"--count polls for some seconds at 50 and at 400 commands a second; the "
			"difference of\ninstructions by that of commands is free of what the start "
			"costs.\n");
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "bench_bmc: %s\n", error->message);
		return false;
	}
	if (bench->count || bench->poll)
		bench->hung = 0;
	if (!bench->nodes)
		bench->nodes = bench->count ? 4 : 48;
	if (!bench->seconds)
		bench->seconds = bench->count ? 6 : 60;
	return bench->nodes > 0 && bench->hung < bench->nodes;
}

int main(int argc, char **argv)
{
	struct bench bench = {.hung = 12, .suite = 17, .self = argv[0]};
	g_autofree char *folder = g_path_get_dirname(argv[0]);
	int status = 2;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	if (!bench_options(&bench, argc, argv))
		return 2;
	if (!bench.farm)
		bench.farm = g_build_filename(folder, "../../tests/unit/bmc_farm", NULL);
	if (bench.poll)
		status = bench_poll(&bench);
	else if (bench_farm_start(&bench))
		status = bench.count ? bench_instructions(&bench) : bench_scale(&bench);
	poller_free(bench.poller);
	bench_farm_stop(&bench);
	g_free(bench.farm);
	return status;
}
