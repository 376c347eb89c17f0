/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rack/fan_safe.h"
#include "src/api.h"
#include "src/api_path.h"
#include "src/keep.h"
#include "src/log.h"
#include "src/pages.h"
#include "src/rack.h"
#include "src/rack_routes.h"
#include "src/rack_simulated.h"

#define EXIT_USAGE 2
#define SAFE_DUTY  70 /* percent, until the configuration says another: fan_settings.start */
#define SPEED_MOST 1000
#define WARMED_MS  120000 /* that a simulated rack has run for */

struct options {
	char *config, *socket, *sysfs;
	gboolean simulate, check_config, keep_fans, version;
	gboolean fans_safe, duty_given;
	int safe_duty;    /* percent */
	int nodes, speed; /* 0: as the configuration says */
};

/* --- The command line --- */

static gboolean parse_fans_safe(const char *name, const char *value, gpointer data, GError **error)
{
	struct options *options = data;
	gint64 percent;

	options->fans_safe = TRUE;
	if (!value)
		return TRUE;
	if (!g_ascii_string_to_signed(value, 10, 0, 100, &percent, error))
		return FALSE;
	options->duty_given = TRUE;
	options->safe_duty = (int)percent;
	return TRUE;
}

static bool judge(const struct options *options, int rest, char **words, GError **error)
{
	if (rest > 1)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				"what is \"%s\"? see --help", words[1]);
	else if (options->nodes < 0 || options->nodes > 1000)
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
				"--nodes is a number from 1 to 1000");
	else if (options->speed < 0 || options->speed > SPEED_MOST)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
				"--speed is a number from 1 to %d", SPEED_MOST);
	else if ((options->nodes || options->speed) && !options->simulate)
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				"--nodes and --speed are for a simulated rack: --simulate");
	else
		return true;
	return false;
}

static bool parse(int *argc, char ***argv, struct options *options, GError **error)
{
	const GOptionEntry entries[] = {
			{"simulate", 0, 0, G_OPTION_ARG_NONE, &options->simulate,
					"Run a simulated rack", NULL},
			{"nodes", 0, 0, G_OPTION_ARG_INT, &options->nodes,
					"How many nodes a simulated rack has", "N"},
			{"speed", 0, 0, G_OPTION_ARG_INT, &options->speed,
					"How many times as fast its time passes", "N"},
			{"socket", 0, 0, G_OPTION_ARG_FILENAME, &options->socket,
					"Where spicerackctl asks", "PATH"},
			{"config", 0, 0, G_OPTION_ARG_FILENAME, &options->config,
					"Read this configuration, and conf.d beside it", "FILE"},
			{"sysfs", 0, 0, G_OPTION_ARG_FILENAME, &options->sysfs,
					"Where the kernel's devices are (/sys)", "DIR"},
			{"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config,
					"Say whether the configuration is good, and end", NULL},
			{"fans-safe", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK,
					(gpointer)parse_fans_safe,
					"Set all fans of this board to a safe speed (70), and end",
					"PERCENT"},
			{"keep-fans", 0, 0, G_OPTION_ARG_NONE, &options->keep_fans,
					"Leave fans alone that the configuration does not name",
					NULL},
			{"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Show the version",
					NULL},
			G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(
			"- sensors, fans, power and the power budget of a rack");
	GOptionGroup *group = g_option_group_new("rack", "", "", options, NULL);

	options->safe_duty = SAFE_DUTY;
	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
	return g_option_context_parse(context, argc, argv, error) &&
	       judge(options, *argc, *argv, error);
}

/* --- Fans, before anything else can go wrong --- */

static bool make_fans_safe(const struct options *options)
{
	size_t failed, written = fan_safe(options->sysfs, options->safe_duty, &failed);
	int fault = errno;

	if (failed)
		log_line(LOG_LINE_WARNING,
				"fans: %zu of %zu could not be set to %d %%: %s; see to it that this "
				"process may write them",
				failed, failed + written, options->safe_duty, g_strerror(fault));
	if (written)
		log_line(LOG_LINE_NOTICE, "fans: %zu set to %d %% until they are controlled",
				written, options->safe_duty);
	return failed == 0;
}

/* After a death, or for who asks: at once, and then as the configuration says if it can be read. */
static bool make_fans_safe_alone(struct options *options)
{
	bool safe = make_fans_safe(options);
	struct rack_config config = {0};
	int duty = options->safe_duty;

	if (options->duty_given || !rack_config_load(&config, options->config, NULL))
		return safe;
	options->safe_duty = config.safe_duty;
	rack_config_clear(&config);
	return options->safe_duty == duty ? safe : make_fans_safe(options);
}

/* --- The configuration --- */

/* The command line has the last word over the file. */
static bool configure(struct rack_config *config, const struct options *options, GError **error)
{
	int nodes = options->nodes;

	if (!rack_config_load(config, options->config, error))
		return false;
	if (options->simulate && (nodes || config->node_count == 0)) {
		if (!nodes)
			nodes = config->simulate_nodes;
		rack_config_simulated(config, nodes);
	}
	if (options->speed)
		config->simulate_speed = options->speed;
	if (options->socket) {
		g_free(config->api.socket);
		config->api.socket = g_strdup(options->socket);
	}
	if (options->sysfs) {
		g_free(config->sysfs);
		config->sysfs = g_strdup(options->sysfs);
	}
	return true;
}

/* --- What the daemon is made of --- */

struct daemon {
	const struct options *options;
	struct rack_config *config; /* that is in force */
	struct rack *rack;
	struct keep *keep;
};

static void petted(void *data)
{
	keep_alive(data);
}

static void drop_config(struct rack_config *config)
{
	rack_config_clear(config);
	g_free(config);
}

static gboolean reload(gpointer data)
{
	struct daemon *daemon = data;
	struct rack_config *config;
	g_autoptr(GError) error = NULL;

	if (!daemon->rack)
		return G_SOURCE_CONTINUE; /* it is about to read everything anyway */
	config = g_new0(struct rack_config, 1);
	if (configure(config, daemon->options, &error) &&
			rack_reload(daemon->rack, config, &error)) {
		log_line(LOG_LINE_NOTICE, "rack: runs by the configuration as it is now");
		drop_config(daemon->config);
		daemon->config = config;
		return G_SOURCE_CONTINUE;
	}
	log_line(LOG_LINE_ERROR, "rack: %s; the former configuration stays", error->message);
	drop_config(config);
	return G_SOURCE_CONTINUE;
}

static gboolean stop(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static GMainLoop *make_loop(struct daemon *daemon)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	g_unix_signal_add(SIGTERM, stop, loop);
	g_unix_signal_add(SIGINT, stop, loop);
	g_unix_signal_add(SIGHUP, reload, daemon);
	return loop;
}

static void add_routes(struct http_server *server, struct http_auth *auth, void *rack)
{
	rack_routes_add(server, rack);
	pages_add(server);
}

static struct api *serve(const struct rack_config *config, struct rack *rack)
{
	const struct api_settings settings = {
			.name = API_PATH_RACK,
			.config = &config->api,
			.program = PACKAGE_NAME "-rack",
			.add_routes = add_routes,
			.data = rack,
	};

	return api_open(&settings);
}

/* A rack without hardware, and what the daemon sees of it. */
struct simulation {
	struct sim_rack *rack;
	struct rack_simulated *world;
};

static const struct rack_world *simulate(
		struct simulation *simulation, const struct rack_config *config)
{
	const struct plant_settings plant = {
			.nodes = config->node_count,
			.trace = PLANT_MIXED,
			.seed = 1,
			.idle = 110,
			.peak = 420,
			.actuate_least_ms = 500,
			.actuate_most_ms = 3000,
	};

	simulation->rack = sim_rack_new(&plant);
	/* It has run for a while: nodes are warm. */
	for (size_t i = 0; i < SIM_RACK_FANS; i++)
		sim_rack_duty(simulation->rack, i, SAFE_DUTY);
	sim_rack_pass(simulation->rack, WARMED_MS);
	simulation->world = rack_simulated_new(simulation->rack, config->simulate_speed);
	return rack_simulated_world(simulation->world);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct daemon daemon = {.options = &options};
	struct simulation simulation = {0};
	const struct rack_world *world = &rack_world_real;
	struct api *api = NULL;
	GMainLoop *loop = NULL;
	GError *error = NULL;
	int status = EXIT_FAILURE;

	signal(SIGPIPE, SIG_IGN);
	log_init();
	daemon.keep = keep_new();
	daemon.config = g_new0(struct rack_config, 1);
	if (!parse(&argc, &argv, &options, &error)) {
		status = EXIT_USAGE;
		goto out;
	}
	if (options.version) {
		puts(PACKAGE_STRING);
		status = EXIT_SUCCESS;
		goto out;
	}
	if (options.fans_safe) {
		status = make_fans_safe_alone(&options) ? EXIT_SUCCESS : EXIT_FAILURE;
		goto out;
	}
	if (!options.simulate && !options.keep_fans && !options.check_config)
		make_fans_safe(&options);
	if (!configure(daemon.config, &options, &error))
		goto out;
	if (options.check_config) {
		puts("configuration is good");
		status = EXIT_SUCCESS;
		goto out;
	}
	loop = make_loop(&daemon);
	if (options.simulate)
		world = simulate(&simulation, daemon.config);
	daemon.rack = rack_open(daemon.config, world, petted, daemon.keep, &error);
	if (!daemon.rack)
		goto out;
	if (simulation.world)
		rack_simulated_faults(simulation.world, daemon.config->faults,
				daemon.config->fault_count, rack_events(daemon.rack));
	api = serve(daemon.config, daemon.rack);
	keep_ready(daemon.keep);
	g_main_loop_run(loop);
	keep_stopping(daemon.keep);
	log_line(LOG_LINE_NOTICE, "rack: stopped");
	status = EXIT_SUCCESS;
out:
	if (error)
		log_line(LOG_LINE_ERROR, "spicerack-rack: %s", error->message);
	g_clear_error(&error);
	api_close(api);
	rack_close(daemon.rack);
	rack_simulated_free(simulation.world);
	sim_rack_free(simulation.rack);
	if (loop)
		g_main_loop_unref(loop);
	drop_config(daemon.config);
	keep_free(daemon.keep);
	g_free(options.config);
	g_free(options.socket);
	g_free(options.sysfs);
	return status;
}
