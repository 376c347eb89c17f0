/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "src/check.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/console_front.h"
#include "src/console_reload.h"
#include "src/heap.h"
#include "src/keep.h"
#include "src/log.h"
#include "src/node.h"

#define EXIT_USAGE    2
#define KEEP_SETTLE_S 10 /* what was kept for this process is asked for until then, or never */

struct options {
	char *config, *replay, *socket;
	char **listen;
	gboolean simulate, check, check_config, version;
};

static bool parse(int *argc, char ***argv, struct options *options, GError **error)
{
	const GOptionEntry entries[] = {
			{"simulate", 0, 0, G_OPTION_ARG_NONE, &options->simulate,
					"Be the console of a simulated node", NULL},
			{"replay", 0, 0, G_OPTION_ARG_FILENAME, &options->replay,
					"Show the frames of a recording", "LIST"},
			{"listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->listen,
					"Where viewers connect (127.0.0.1:5900); again for more",
					"ADDR:PORT|unix:PATH"},
			{"socket", 0, 0, G_OPTION_ARG_FILENAME, &options->socket,
					"Where spicerackctl asks", "PATH"},
			{"config", 0, 0, G_OPTION_ARG_FILENAME, &options->config,
					"Read this configuration", "FILE"},
			{"check", 0, 0, G_OPTION_ARG_NONE, &options->check,
					"List what the console of a real node lacks here, and end",
					NULL},
			{"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config,
					"Say whether the configuration is good, and end", NULL},
			{"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Show the version",
					NULL},
			G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext)
			context = g_option_context_new("- the remote console of one node");

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, error))
		return false;
	if (*argc > 1) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				"what is \"%s\"? see --help", (*argv)[1]);
		return false;
	}
	if (options->simulate && options->replay) {
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				"--simulate and --replay exclude each other");
		return false;
	}
	return true;
}

/*
 * The command line has the last word over the file, but for sockets of a service manager, which
 * take the place of all addresses; NULL: it is not asked.
 */
static bool configure(struct console_config *config, const struct options *options,
		const GArray *sockets, GError **error)
{
	if (!console_config_load(config, options->config, error))
		return false;
	if (options->simulate)
		config->source = CONSOLE_SOURCE_SIMULATE;
	if (options->replay) {
		config->source = CONSOLE_SOURCE_REPLAY;
		g_free(config->replay_list);
		config->replay_list = g_strdup(options->replay);
	}
	if (options->socket) {
		g_free(config->api.socket);
		config->api.socket = g_strdup(options->socket);
	}
	if (options->listen) {
		g_strfreev(config->listen);
		config->listen = g_strdupv(options->listen);
	}
	if (sockets) {
		config->sockets = (const int *)(void *)sockets->data;
		config->socket_count = sockets->len;
	}
	return console_config_is_safe(config, error);
}

static int check(struct console_config *config, const struct options *options)
{
	g_autoptr(GError) fault = NULL;
	struct check_world world;
	char release[65];

	if (!configure(config, options, NULL, &fault))
		console_config_defaults(config);
	check_world_real(&world, release, sizeof(release));
	return check_run(&world, config, fault, stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static gboolean stop(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

/* The addresses to listen on are the service manager's business if it passed sockets. */
static GArray *take_sockets(struct keep *keep)
{
	GArray *sockets = g_array_new(FALSE, FALSE, sizeof(int));
	int fd;

	while ((fd = keep_take_socket(keep)) >= 0)
		g_array_append_val(sockets, fd);
	return sockets;
}

static gboolean settle(gpointer keep)
{
	keep_settle(keep);
	return G_SOURCE_REMOVE;
}

/* --- The configuration again --- */

struct running {
	struct console_config *config;
	const struct options *options;
	const GArray *sockets;
	struct console *console;
	struct node *node;
	struct console_front
			*front; /* NULL: not yet, and what changes is about to be read anyway */
};

static bool renew_by(struct running *running, struct console_config *next, GError **error)
{
	bool again;

	if (!console_reload_judge(running->config, next, error))
		return false;
	again = console_front_is_stale(running->front, next);
	if (!console_configure(running->console, running->config, next, error))
		return false;
	if (again)
		console_front_close(running->front);
	console_reload_swap(running->config, next);
	if (again)
		running->front = console_front_open(
				running->config, running->console, running->node);
	return true;
}

static gboolean renew(gpointer data)
{
	struct running *running = data;
	struct console_config next = {0};
	g_autoptr(GError) error = NULL;

	if (!running->front)
		return G_SOURCE_CONTINUE;
	if (configure(&next, running->options, running->sockets, &error) &&
			renew_by(running, &next, &error)) {
		log_line(LOG_LINE_NOTICE, "console: runs by the configuration as it is now");
	} else {
		log_line(LOG_LINE_ERROR, "console: %s; the former configuration stays",
				error->message);
		console_refuse(running->console, error->message);
	}
	console_config_clear(&next);
	return G_SOURCE_CONTINUE;
}

/* From the first gadget on a signal must not end the process but on this way. */
static GMainLoop *make_loop(struct running *running)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	g_unix_signal_add(SIGTERM, stop, loop);
	g_unix_signal_add(SIGINT, stop, loop);
	g_unix_signal_add(SIGHUP, renew, running);
	return loop;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct console_config config = {0};
	struct running running = {.config = &config, .options = &options};
	struct keep *keep = NULL;
	GArray *sockets = NULL;
	GMainLoop *loop = NULL;
	GError *error = NULL;
	int status = EXIT_FAILURE;

	signal(SIGPIPE, SIG_IGN);
	heap_give_pictures_back();
	log_init();
	keep = keep_new();
	if (!parse(&argc, &argv, &options, &error)) {
		status = EXIT_USAGE;
		goto out;
	}
	if (options.version) {
		puts(PACKAGE_STRING);
		status = EXIT_SUCCESS;
		goto out;
	}
	if (options.check) {
		status = check(&config, &options);
		goto out;
	}
	sockets = take_sockets(keep);
	running.sockets = sockets;
	if (!configure(&config, &options, sockets, &error))
		goto out;
	if (options.check_config) {
		puts("configuration is good");
		status = EXIT_SUCCESS;
		goto out;
	}
	loop = make_loop(&running);
	running.node = node_open(&config, keep, &error);
	if (!running.node)
		goto out;
	running.console = console_open(&config, running.node, &error);
	if (!running.console)
		goto out;
	running.front = console_front_open(&config, running.console, running.node);
	g_timeout_add_seconds(KEEP_SETTLE_S, settle, keep);
	keep_ready(keep);
	keep_alive_by_loop(keep);
	g_main_loop_run(loop);
	keep_stopping(keep);
	log_line(LOG_LINE_NOTICE, "console: stopped");
	status = EXIT_SUCCESS;
out:
	if (error)
		log_line(LOG_LINE_ERROR, "spicerack-console: %s", error->message);
	g_clear_error(&error);
	console_front_close(running.front);
	console_close(running.console);
	node_close(running.node);
	keep_free(keep);
	if (loop)
		g_main_loop_unref(loop);
	console_config_clear(&config);
	if (sockets)
		g_array_unref(sockets);
	g_strfreev(options.listen);
	g_free(options.config);
	g_free(options.replay);
	g_free(options.socket);
	return status;
}
