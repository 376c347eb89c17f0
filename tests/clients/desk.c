/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/api.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/console_routes.h"
#include "src/control.h"
#include "src/drives.h"
#include "src/keys_routes.h"
#include "src/log.h"
#include "src/node.h"
#include "tests/clients/desk.h"
#include "tests/clients/stage_part.h"

#define DESK_CONTROL 3 /* descriptors of a started copy */
#define DESK_BOARD   4
#define DESK_SERVE   "--console"

struct desk_board {
	struct desk_state state;
	struct stage_screen screen;
};

struct desk {
	GPid pid;
	int control, board_fd;
	struct desk_board *board;
	char *address;
	char *file; /* the configuration */
	char reply[STAGE_PACKET];
};

/* --- The console's process --- */

struct desk_server {
	GMainLoop *loop;
	struct node *node;
	struct console *console;
	struct api *api; /* NULL: the configuration has no socket for it */
	struct desk_board *board;
};

static void desk_publish(struct desk_server *server)
{
	struct desk_board *board = server->board;
	struct stage_screen *screen = &board->screen;
	const uint32_t *pixels = sim_node_screen(
			server->node->sim, &screen->width, &screen->height, &screen->stride);

	if (pixels)
		memcpy(screen->pixels, pixels,
				sizeof(*pixels) * screen->stride * (size_t)screen->height);
	else
		screen->width = screen->height = 0;
	sim_node_input(server->node->sim, &board->state.input);
	g_strlcpy(board->state.typed, sim_node_typed(server->node->sim),
			sizeof(board->state.typed));
	g_strlcpy(board->state.text, sim_node_text(server->node->sim), sizeof(board->state.text));
}

static int desk_entries(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	int count = 0;

	while (dir && g_dir_read_name(dir))
		count++;
	return count;
}

static void desk_usage(char reply[STAGE_PACKET])
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	g_snprintf(reply, STAGE_PACKET, "%d %d %ld", desk_entries("/proc/self/fd"),
			desk_entries("/proc/self/task"),
			(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
					(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
}

static void desk_drive(struct desk_server *server, char reply[STAGE_PACKET])
{
	struct drives *drives = console_drives(server->console);
	struct drives_status status;

	drives_status(drives, (size_t)drives_find(drives, "cd"), &status);
	g_snprintf(reply, STAGE_PACKET, "%s %" G_GUINT64_FORMAT " %s",
			drives_state_word(status.state), status.size,
			status.viewer ? status.viewer : "nobody");
}

static void desk_control(struct desk_server *server, char reply[STAGE_PACKET])
{
	const struct hold *hold = control_hold(console_control(server->console));
	unsigned int viewer;

	g_snprintf(reply, STAGE_PACKET, "%u", hold_holder(hold));
	for (size_t i = 0; (viewer = hold_asking(hold, i)); i++) {
		g_autofree char *asks = g_strdup_printf(" %u?", viewer);

		g_strlcat(reply, asks, STAGE_PACKET);
	}
}

static bool desk_order(struct desk_server *server, const char *command, char reply[STAGE_PACKET])
{
	char word[8];
	unsigned int viewer;

	if (sscanf(command, "%7s %u", word, &viewer) != 2)
		return false;
	for (int i = 0; i < CONTROL_ORDERS; i++) {
		enum control_order order = (enum control_order)i;
		struct control *control = console_control(server->console);

		if (strcmp(word, control_order_word(order)) != 0)
			continue;
		if (!control_order(control, order, viewer, NULL, NULL))
			strcpy(reply, "no");
		return true;
	}
	return false;
}

static void desk_obey(struct desk_server *server, const char *command, char reply[STAGE_PACKET])
{
	struct sim_node *sim = server->node->sim;
	bool on = g_str_has_suffix(command, " on");

	strcpy(reply, "ok");
	if (strcmp(command, "address") == 0)
		g_strlcpy(reply, console_address(server->console), STAGE_PACKET);
	else if (strcmp(command, "look") == 0)
		desk_publish(server);
	else if (strcmp(command, "usage") == 0)
		desk_usage(reply);
	else if (strcmp(command, "drive") == 0)
		desk_drive(server, reply);
	else if (strcmp(command, "control") == 0)
		desk_control(server, reply);
	else if (desk_order(server, command, reply))
		return;
	else if (g_str_has_prefix(command, "power "))
		sim_node_power(sim, on);
	else if (g_str_has_prefix(command, "signal "))
		sim_node_signal(sim, on);
	else if (g_str_has_prefix(command, "sleep "))
		sim_node_sleep(sim, on);
	else
		g_main_loop_quit(server->loop);
}

static gboolean desk_hear(gint fd, GIOCondition condition, gpointer data)
{
	char command[STAGE_PACKET], reply[STAGE_PACKET];
	ssize_t count = recv(fd, command, sizeof(command) - 1, 0);

	(void)condition;
	command[count > 0 ? count : 0] = '\0'; /* nothing: the test has ended, and so do we */
	desk_obey(data, command, reply);
	send(fd, reply, strlen(reply), MSG_NOSIGNAL);
	return G_SOURCE_CONTINUE;
}

static void desk_add_routes(struct http_server *http, struct http_auth *auth, void *data)
{
	struct desk_server *server = data;

	console_routes_add(http, server->console);
	keys_routes_add(http, server->console);
}

static struct api *desk_open_api(struct desk_server *server, const struct console_config *config)
{
	const struct api_settings settings = {
			.config = &config->api,
			.program = "desk",
			.add_routes = desk_add_routes,
			.data = server,
	};

	return config->api.socket ? api_open(&settings) : NULL;
}

static int desk_serve(const char *file)
{
	struct desk_server server = {.loop = g_main_loop_new(NULL, FALSE)};
	struct console_config config = {0};
	GError *error = NULL;
	guint control;

	signal(SIGPIPE, SIG_IGN);
	log_init();
	server.board = mmap(NULL, sizeof(*server.board), PROT_READ | PROT_WRITE, MAP_SHARED,
			DESK_BOARD, 0);
	console_config_load(&config, file, &error);
	g_assert_no_error(error);
	server.node = node_open(&config, NULL, &error);
	g_assert_no_error(error);
	server.console = console_open(&config, server.node, &error);
	g_assert_no_error(error);
	server.api = desk_open_api(&server, &config);
	control = g_unix_fd_add(DESK_CONTROL, G_IO_IN | G_IO_HUP, desk_hear, &server);
	g_main_loop_run(server.loop);
	g_source_remove(control);
	api_close(server.api);
	console_close(server.console);
	node_close(server.node);
	console_config_clear(&config);
	g_main_loop_unref(server.loop);
	munmap(server.board, sizeof(*server.board));
	return 0;
}

void desk_begin(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], DESK_SERVE) == 0)
		exit(desk_serve(argv[2]));
}

/* --- The test's side --- */

static void desk_start(struct desk *desk)
{
	int pair[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
	desk->control = pair[0];
	desk->pid = fork();
	g_assert_cmpint(desk->pid, >=, 0);
	if (desk->pid == 0) {
		/* Out of the way first: either may have the number of the other's target. */
		int control = fcntl(pair[1], F_DUPFD_CLOEXEC, DESK_BOARD + 1);
		int board = fcntl(desk->board_fd, F_DUPFD_CLOEXEC, DESK_BOARD + 1);

		dup2(control, DESK_CONTROL);
		dup2(board, DESK_BOARD);
		execl("/proc/self/exe", "desk", DESK_SERVE, desk->file, NULL);
		_exit(127);
	}
	close(pair[1]);
}

const char *desk_do(struct desk *desk, const char *command)
{
	struct pollfd pollfd = {.fd = desk->control, .events = POLLIN};
	ssize_t count;

	g_assert_cmpint(send(desk->control, command, strlen(command), MSG_NOSIGNAL), ==,
			strlen(command));
	if (poll(&pollfd, 1, 30000) <= 0)
		g_error("the console does not answer \"%s\"", command);
	count = recv(desk->control, desk->reply, sizeof(desk->reply) - 1, 0);
	g_assert_cmpint(count, >, 0);
	desk->reply[count] = '\0';
	return desk->reply;
}

struct desk *desk_open(const char *configuration)
{
	struct desk *desk = g_new0(struct desk, 1);
	g_autofree char *text = g_strdup_printf(
			"%s\n[spice]\nlisten = 127.0.0.1:0\n", configuration);
	GError *error = NULL;
	int fd = g_file_open_tmp("console-XXXXXX", &desk->file, &error);

	g_assert_no_error(error);
	close(fd);
	g_assert_true(g_file_set_contents(desk->file, text, -1, NULL));
	desk->board_fd = memfd_create("board", MFD_CLOEXEC);
	g_assert_cmpint(ftruncate(desk->board_fd, sizeof(*desk->board)), ==, 0);
	desk->board = mmap(NULL, sizeof(*desk->board), PROT_READ, MAP_SHARED, desk->board_fd, 0);
	g_assert_true(desk->board != MAP_FAILED);
	desk_start(desk);
	desk->address = g_strdup(desk_do(desk, "address"));
	return desk;
}

void desk_close(struct desk *desk)
{
	int status;

	desk_do(desk, "quit");
	g_assert_cmpint(waitpid(desk->pid, &status, 0), ==, desk->pid);
	g_assert_cmpint(status, ==, 0);
	close(desk->control);
	munmap(desk->board, sizeof(*desk->board));
	close(desk->board_fd);
	unlink(desk->file);
	g_free(desk->file);
	g_free(desk->address);
	g_free(desk);
}

const char *desk_address(const struct desk *desk)
{
	return desk->address;
}

const struct desk_state *desk_state(struct desk *desk)
{
	desk_do(desk, "look");
	return &desk->board->state;
}

double desk_psnr(struct desk *desk, struct client *client)
{
	struct client_picture picture = client_picture(client);

	if (!picture.pixels)
		return 0;
	desk_do(desk, "look");
	return stage_screen_psnr(&desk->board->screen, &picture);
}
