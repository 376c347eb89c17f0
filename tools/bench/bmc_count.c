/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tools/bench/bmc_count.h"

struct counted {
	double commands, instructions;
};

/* Runs a program; said: what it printed. Returns its instructions; 0: it was not counted. */
static double count_under(const char *const *program, char **said)
{
	g_autofree char *file = g_strdup_printf("%s/bench-bmc.%d", g_get_tmp_dir(), (int)getpid());
	g_autofree char *out = g_strdup_printf("--callgrind-out-file=%s", file), *counts = NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	const char *total = NULL;

	g_ptr_array_add(argv, (void *)"valgrind");
	g_ptr_array_add(argv, (void *)"--tool=callgrind");
	g_ptr_array_add(argv, out);
	for (; *program; program++)
		g_ptr_array_add(argv, (void *)*program);
	g_ptr_array_add(argv, NULL);
	if (g_spawn_sync(NULL, (char **)argv->pdata, NULL,
			    G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, said,
			    NULL, NULL, NULL) &&
			g_file_get_contents(file, &counts, NULL, NULL))
		total = strstr(counts, "\ntotals: ");
	g_remove(file);
	return total ? g_ascii_strtod(total + strlen("\ntotals: "), NULL) : 0;
}

static bool count_rate(const struct bmc_count *count, int rate, struct counted *out)
{
	/* A fifth of them for power; each node's share. */
	g_autofree char *power = g_strdup_printf("--power=%d", 5000 * count->nodes / rate);
	g_autofree char *sensors = g_strdup_printf(
			"--sensors=%d", 1250 * count->sensors * count->nodes / rate);
	g_autofree char *port = g_strdup_printf("--poll=%d", count->port);
	g_autofree char *nodes = g_strdup_printf("--nodes=%d", count->nodes);
	g_autofree char *suite = g_strdup_printf("--suite=%d", count->suite);
	g_autofree char *seconds = g_strdup_printf("--seconds=%d", count->seconds);
	const char *const program[] = {
			count->self, port, nodes, suite, power, sensors, seconds, NULL};
	g_autofree char *said = NULL;

	out->instructions = count_under(program, &said);
	return out->instructions > 0 && sscanf(said, "asked %lf", &out->commands) == 1;
}

/* So many readings of a sensor in one session. */
static bool count_peer(const struct bmc_count *count, int readings, struct counted *out)
{
	g_autofree char *port = g_strdup_printf("%d", count->port);
	g_autofree char *suite = g_strdup_printf("%d", count->suite);
	g_autofree char *file = g_strdup_printf(
			"%s/bench-bmc-orders.%d", g_get_tmp_dir(), (int)getpid());
	const char *const program[] = {"ipmitool", "-I", "lanplus", "-H", "127.0.0.1", "-p", port,
			"-U", "admin", "-P", "secret", "-C", suite, "exec", file, NULL};
	g_autoptr(GString) orders = g_string_new(NULL);
	g_autofree char *said = NULL;

	for (int i = 0; i < readings; i++)
		g_string_append(orders, "raw 4 0x2d 1\n");
	if (!g_file_set_contents(file, orders->str, -1, NULL))
		return false;
	out->commands = readings;
	out->instructions = count_under(program, &said);
	g_remove(file);
	/* It says three bytes and more for each. */
	return out->instructions > 0 && strlen(said) > 9 * (size_t)readings;
}

static double count_print(const char *name, const struct counted counted[2])
{
	double slope = (counted[1].instructions - counted[0].instructions) /
		       (counted[1].commands - counted[0].commands);

	for (int i = 0; i < 2; i++)
		printf("%-9s %9.0f %14.0f\n", i ? "" : name, counted[i].commands,
				counted[i].instructions);
	printf("%-9s %24.0f a command\n", "", slope);
	return slope;
}

bool bmc_count(const struct bmc_count *count)
{
	g_autofree char *peer = g_find_program_in_path("ipmitool");
	struct counted counted[2];
	double ours;

	printf("%d BMCs by suite %d, %d s at 50 and at 400 commands a second\n", count->nodes,
			count->suite, count->seconds);
	printf("%-9s %9s %14s\n", "", "commands", "instructions");
	if (!count_rate(count, 50, &counted[0]) || !count_rate(count, 400, &counted[1])) {
		fprintf(stderr, "nothing was counted; is valgrind installed?\n");
		return false;
	}
	ours = count_print("ours", counted);
	if (!peer)
		printf("ipmitool is not installed\n");
	else if (count_peer(count, 50, &counted[0]) && count_peer(count, 450, &counted[1]))
		printf("ours by ipmitool's: %.2f; ", ours / count_print("ipmitool", counted));
	printf("goal: 40000\n");
	return true;
}
