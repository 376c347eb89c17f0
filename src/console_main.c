/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "sim/node.h"
#include "src/api.h"
#include "src/audit.h"
#include "src/check.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/console_reload.h"
#include "src/console_routes.h"
#include "src/control_routes.h"
#include "src/drives_routes.h"
#include "src/evidence_routes.h"
#include "src/heap.h"
#include "src/keep.h"
#include "src/keys_routes.h"
#include "src/log.h"
#include "src/node.h"
#include "src/power.h"
#include "src/redfish.h"
#include "src/tickets_routes.h"

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

/* What the API is about. */
struct subjects {
	const struct console_config *config;
	struct console *console;
	struct drives_routes drives;
	struct power *power;     /* NULL: nothing switches the node */
	struct redfish *redfish; /* once there is an API */
};

static void add_routes(struct http_server *server, struct http_auth *auth, void *data)
{
	struct subjects *subjects = data;
	struct drives *drives = console_drives(subjects->console);
	const struct redfish_settings settings = {
			.name = subjects->config->name,
			.drives = drives,
			.power = subjects->power,
			.auth = auth,
			.audit = console_audit(subjects->console),
	};

	console_routes_add(server, subjects->console);
	control_routes_add(server, subjects->console);
	subjects->drives = (struct drives_routes){drives, settings.audit};
	drives_routes_add(server, &subjects->drives);
	evidence_routes_add(server, console_evidence(subjects->console));
	keys_routes_add(server, subjects->console);
	tickets_routes_add(server, subjects->console);
	subjects->redfish = redfish_new(&settings);
	redfish_add(subjects->redfish, server);
}

static void refused(const char *peer, bool encrypted, void *data)
{
	const struct subjects *subjects = data;
	const struct audit_who who = {.from = peer, .encrypted = encrypted};

	audit_tell(console_audit(subjects->console), AUDIT_PASSWORD_REFUSED, &who,
			json_pack("{s:s}", "by", "api"));
}

static struct api *serve(const struct console_config *config, struct subjects *subjects)
{
	const struct api_settings settings = {
			.config = &config->api,
			.program = PACKAGE_NAME "-console",
			.add_routes = add_routes,
			.refused = refused,
			.data = subjects,
	};

	return api_open(&settings);
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

static void switch_simulated(bool on, void *data)
{
	sim_node_power(data, on);
}

static struct power *new_power(const struct console_config *config, struct node *node)
{
	const struct power_owner owner = {
			.direct = node->sim ? switch_simulated : NULL,
			.data = node->sim,
	};

	return power_new(&config->power, &owner);
}

/* What the node showed before is worth to be kept. */
static void keep_evidence(enum power_action action, void *data)
{
	static const char *const words[POWER_ACTIONS] = {
			[POWER_OFF] = "the node is switched off",
			[POWER_CYCLE] = "the node is switched off and on",
			[POWER_RESET] = "the node is reset",
	};

	if (words[action])
		evidence_incident(console_evidence(data), words[action]);
}

/* --- The configuration again --- */

/* The API and what it alone uses. */
struct front {
	struct subjects subjects;
	struct node *node; /* not ours */
	struct api *api;
};

static void open_front(struct front *front)
{
	front->subjects.power = new_power(front->subjects.config, front->node);
	power_watch(front->subjects.power, keep_evidence, front->subjects.console);
	front->api = serve(front->subjects.config, &front->subjects);
}

static void close_front(struct front *front)
{
	api_close(g_steal_pointer(&front->api));
	redfish_free(g_steal_pointer(&front->subjects.redfish));
	power_free(g_steal_pointer(&front->subjects.power));
}

struct renewal {
	struct console_config *config;
	const struct options *options;
	const GArray *sockets;
	struct front *front;
};

/* Whoever listens to the API comes back by himself; without need he is not sent away. */
static bool concerns_front(const struct renewal *renewal, const struct console_config *next)
{
	const struct console_config *now = renewal->config;

	return console_reload_touches(now, next, "api", NULL) ||
	       console_reload_touches(now, next, "power", NULL) ||
	       console_reload_touches(now, next, "spice", "name") ||
	       api_is_stale(renewal->front->api);
}

static bool renew_by(struct renewal *renewal, struct console_config *next, GError **error)
{
	struct console *console = renewal->front->subjects.console;
	bool again;

	if (!console_reload_judge(renewal->config, next, error))
		return false;
	again = concerns_front(renewal, next);
	if (!console_configure(console, renewal->config, next, error))
		return false;
	if (again)
		close_front(renewal->front);
	console_reload_swap(renewal->config, next);
	if (again)
		open_front(renewal->front);
	return true;
}

static gboolean renew(gpointer data)
{
	struct renewal *renewal = data;
	struct console_config next = {0};
	g_autoptr(GError) error = NULL;

	if (!renewal->front->api)
		return G_SOURCE_CONTINUE; /* it is about to read everything anyway */
	if (configure(&next, renewal->options, renewal->sockets, &error) &&
			renew_by(renewal, &next, &error)) {
		log_line(LOG_LINE_NOTICE, "console: runs by the configuration as it is now");
	} else {
		log_line(LOG_LINE_ERROR, "console: %s; the former configuration stays",
				error->message);
		console_refuse(renewal->front->subjects.console, error->message);
	}
	console_config_clear(&next);
	return G_SOURCE_CONTINUE;
}

/* From the first gadget on a signal must not end the process but on this way. */
static GMainLoop *make_loop(struct renewal *renewal)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	g_unix_signal_add(SIGTERM, stop, loop);
	g_unix_signal_add(SIGINT, stop, loop);
	g_unix_signal_add(SIGHUP, renew, renewal);
	return loop;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct console_config config = {0};
	struct console *console = NULL;
	struct front front = {.subjects.config = &config};
	struct renewal renewal = {.config = &config, .options = &options, .front = &front};
	struct node *node = NULL;
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
	renewal.sockets = sockets;
	if (!configure(&config, &options, sockets, &error))
		goto out;
	if (options.check_config) {
		puts("configuration is good");
		status = EXIT_SUCCESS;
		goto out;
	}
	loop = make_loop(&renewal);
	node = node_open(&config, keep, &error);
	if (!node)
		goto out;
	console = console_open(&config, node, &error);
	if (!console)
		goto out;
	front.subjects.console = console;
	front.node = node;
	open_front(&front);
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
	close_front(&front);
	console_close(console);
	node_close(node);
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
