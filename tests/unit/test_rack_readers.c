/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who reads costs the nodes nothing: over equal spans of a time of its own a rack asks its BMCs as
 * often with two hundred clients of its API, on real sockets, as with none.
 */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/rack.h"
#include "src/rack_routes.h"
#include "src/rack_simulated.h"
#include "tests/unit/virtual_loop.h"

#define NODES     16
#define CLIENTS   200
#define LISTENERS 20 /* of them, to events */
#define START     20 /* s, until all is known of all */
#define SPAN      20 /* s */
#define STEP      50 /* ms between clients, who all come once a second */

struct readers {
	struct sim_rack *sim;
	struct rack_simulated *world;
	struct rack_config config;
	struct rack *rack;
	char *folder, *socket;
	struct http_server *server;
	int clients[CLIENTS]; /* -1: has its answer */
	size_t got[CLIENTS];
	unsigned int answers;
};

/* --- The rack --- */

static void readers_open(struct readers *r)
{
	const struct plant_settings plant = {.nodes = NODES,
			.trace = PLANT_MIXED,
			.seed = 5,
			.idle = 110,
			.peak = 420,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 3000};
	const struct http_settings http = {.about = {.title = "rack", .version = "1"}};
	GError *error = NULL;

	*r = (struct readers){.sim = sim_rack_new(&plant)};
	r->world = rack_simulated_new(r->sim, 1);
	rack_config_simulated(&r->config, NODES);
	r->rack = rack_open(&r->config, rack_simulated_world(r->world), NULL, NULL, &error);
	g_assert_no_error(error);
	r->folder = g_dir_make_tmp("spicerack-readers-XXXXXX", &error);
	g_assert_no_error(error);
	r->socket = g_build_filename(r->folder, "socket", NULL);
	r->server = http_server_new(&http);
	rack_routes_add(r->server, r->rack);
	http_server_listen(r->server, r->socket, 0600, &error);
	g_assert_no_error(error);
	for (size_t i = 0; i < CLIENTS; i++)
		r->clients[i] = -1;
}

static void readers_close(struct readers *r)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (r->clients[i] >= 0)
			close(r->clients[i]);
	http_server_close(r->server);
	rack_close(r->rack);
	rack_simulated_free(r->world);
	sim_rack_free(r->sim);
	rack_config_clear(&r->config);
	g_unlink(r->socket);
	g_rmdir(r->folder);
	g_free(r->socket);
	g_free(r->folder);
}

/* Requests to BMCs ever. */
static unsigned int readers_requests(struct readers *r)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < NODES; i++) {
		struct rack_node_status status;

		rack_nodes_status(rack_nodes(r->rack), i, &status);
		sum += status.requests;
		g_assert_cmpint(status.state, ==, RACK_NODE_UP);
		rack_node_status_clear(&status);
	}
	return sum;
}

/* --- Clients --- */

static void client_ask(struct readers *r, size_t client, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	g_autofree char *text = g_strdup_printf(
			"GET %s HTTP/1.1\r\nHost: rack\r\nConnection: close\r\n\r\n", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	g_assert_cmpint(fd, >=, 0);
	g_strlcpy(address.sun_path, r->socket, sizeof(address.sun_path));
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
	r->clients[client] = fd;
	r->got[client] = 0;
}

/* What has come; true: that is all. */
static bool client_read(struct readers *r, size_t client)
{
	static const char good[] = "HTTP/1.1 200 ";
	char bytes[16384];
	ssize_t size;

	while ((size = read(r->clients[client], bytes, sizeof(bytes))) > 0) {
		if (r->got[client] == 0)
			g_assert_cmpmem(bytes, sizeof(good) - 1, good, sizeof(good) - 1);
		r->got[client] += (size_t)size;
	}
	g_assert_true(size == 0 || errno == EAGAIN);
	if (size < 0)
		return false;
	g_assert_cmpuint(r->got[client], >, 0);
	close(r->clients[client]);
	r->clients[client] = -1;
	r->answers++;
	return true;
}

static void clients_listen(struct readers *r)
{
	for (size_t i = 0; i < LISTENERS; i++)
		client_ask(r, i, "/api/v1/events");
}

/* Some ask at once, and have their answers before time goes on. */
static void clients_turn(struct readers *r, size_t from, size_t until, size_t turn)
{
	static const char *const paths[] = {"/api/v1/storage/*", "/api/v1/nodes",
			"/api/v1/nodes/r1n01/sensors", "/api/v1/power/caps", "/metrics",
			"/api/v1/storage/r1n01/CPU0_TEMP,r1n02/POWER?flat=true"};
	size_t left = until - from;

	for (size_t i = from; i < until; i++)
		client_ask(r, i, paths[(i + turn) % G_N_ELEMENTS(paths)]);
	while (left) {
		g_main_context_iteration(NULL, TRUE);
		for (size_t i = from; i < until; i++)
			left -= r->clients[i] >= 0 && client_read(r, i);
		for (size_t i = 0; i < LISTENERS; i++)
			g_assert_false(client_read(r, i));
	}
}

/* --- The measure --- */

/* What the span costs, in requests to BMCs. */
static unsigned int measure(struct readers *r, bool crowd)
{
	size_t asking = CLIENTS - LISTENERS, steps = 1000 / STEP;
	unsigned int before;

	readers_open(r);
	virtual_loop_turn(START * 1000);
	if (crowd)
		clients_listen(r);
	before = readers_requests(r);
	for (size_t turn = 0; turn < SPAN * steps; turn++) {
		size_t step = turn % steps;

		if (crowd)
			clients_turn(r, LISTENERS + step * asking / steps,
					LISTENERS + (step + 1) * asking / steps, turn / steps);
		virtual_loop_turn(STEP);
	}
	return readers_requests(r) - before;
}

/* From the same moment on: what the rack does has its dice, and the time is one of them. */
static unsigned int measure_alone(void)
{
	unsigned int requests = 0;
	struct readers r;
	int pipes[2];
	pid_t child;

	g_assert_cmpint(pipe(pipes), ==, 0);
	child = fork();
	g_assert_cmpint(child, >=, 0);
	if (child == 0) {
		requests = measure(&r, false);
		readers_close(&r);
		_exit(write(pipes[1], &requests, sizeof(requests)) != sizeof(requests));
	}
	close(pipes[1]);
	g_assert_cmpint(read(pipes[0], &requests, sizeof(requests)), ==, sizeof(requests));
	close(pipes[0]);
	g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
	return requests;
}

static void test_clients_change_nothing_for_the_nodes(void)
{
	unsigned int alone = measure_alone(), served;
	struct readers r;

	served = measure(&r, true);
	g_test_message("%u requests in %d s alone, %u with %d clients and %u answers", alone, SPAN,
			served, CLIENTS, r.answers);
	g_assert_cmpuint(r.answers, ==, SPAN * (CLIENTS - LISTENERS));
	for (size_t i = 0; i < LISTENERS; i++)
		g_assert_cmpuint(r.got[i], >, 0);
	g_assert_cmpuint(alone, >, SPAN * NODES * 2);
	g_assert_cmpuint(served, ==, alone);
	readers_close(&r);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rack_readers/clients change nothing for the nodes",
			test_clients_change_nothing_for_the_nodes);
	return g_test_run();
}
