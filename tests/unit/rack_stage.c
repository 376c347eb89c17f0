/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Serves the API of a rack that is nothing but words, for tests of those who ask: rack_stage SOCKET
 */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include "src/power.h"
#include "src/rack_routes.h"
#include "tests/unit/rack_fakes.h"

static gboolean stage_end(gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_CONTINUE;
}

/* Something happens. */
static gboolean stage_tick(gpointer data)
{
	struct rack *rack = data;

	events_publish(rack->events, "tick", NULL);
	events_publish(rack->events, "node.power", json_pack("{s:b, s:s}", "on", 0, "node", "a"));
	events_publish(rack->events, "node.log",
			json_pack("{s:{s:s, s:s}, s:s}", "record", "sensor", "FAN1", "text",
					"too\x1b slow", "node", "a"));
	return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
	const struct http_settings settings = {.about = {"rack_stage", "1"}};
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) refusal = g_error_new_literal(
			POWER_ERROR, POWER_ERROR_STATE, "it needs 300 W, and 120 W are left");
	struct http_server *server;
	struct rack *rack;

	if (argc != 2)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	server = http_server_new(&settings);
	rack = rack_fakes_new();
	rack->no_power = refusal;
	rack_routes_add(server, rack);
	if (!http_server_listen(server, argv[1], 0600, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	events_publish(rack->events, "node.lost",
			json_pack("{s:s, s:s}", "node", "r1n02", "why", "no\x1b[31m answer"));
	g_unix_signal_add(SIGTERM, stage_end, loop);
	g_unix_signal_add(SIGUSR1, stage_tick, rack);
	puts("ready");
	fflush(stdout);
	g_main_loop_run(loop);
	http_server_close(server);
	rack_fakes_free(rack);
	return 0;
}
