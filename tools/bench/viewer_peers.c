/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Others' servers with the same film, each with what it takes for a source: ustreamer a video
 * device of JPEGs, Xspice and x11vnc a screen of X that a small client puts the pictures on. wayvnc
 * wants a Wayland compositor that can do without a screen.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tools/bench/feed.h"
#include "tools/bench/viewer_parts.h"

#define PEERS_START   5000  /* ms */
#define PEERS_PICTURE 10000 /* ms for the first picture */

struct peers {
	struct bench *bench;
	struct figures *out;
	pid_t started[6]; /* ended in the reverse order */
	int count;
	int display; /* of X */
	char address[32];
};

static bool peers_fail(struct peers *peers, const char *why)
{
	g_strlcpy(peers->out->wrong, why, sizeof(peers->out->wrong));
	return false;
}

static bool peers_has(struct peers *peers, const char *program)
{
	g_autofree char *path = g_find_program_in_path(program);
	g_autofree char *why = g_strdup_printf("not run: %s is not installed", program);

	return path || peers_fail(peers, why);
}

static pid_t peers_start(struct peers *peers, const char *const *argv)
{
	pid_t pid = board_start(argv, !g_getenv("BENCH_VIEWER_SAYS"));

	peers->started[peers->count++] = pid;
	return pid;
}

static void peers_adopt(struct peers *peers, pid_t pid)
{
	peers->started[peers->count++] = pid;
}

/* A port that nobody has now. */
static int peers_port(void)
{
	struct sockaddr_in address = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, size) < 0 ||
			getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		address.sin_port = 0;
	close(fd);
	return ntohs(address.sin_port);
}

static bool peers_listens(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool there = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	close(fd);
	return there;
}

static bool peers_wait_port(int port)
{
	for (int waited = 0; waited < PEERS_START; waited += 50) {
		if (peers_listens(port))
			return true;
		g_usleep(50000);
	}
	return false;
}

/* Viewers look; runs the film to its end. */
static bool peers_show(struct peers *peers, pid_t server)
{
	struct bench *bench = peers->bench;
	struct board *board = bench->board;
	int longest = 1000 * film_end(bench->film) / board->rate + 15000;

	if (!bench_wait(bench, &board->viewers[0].ready, 1, PEERS_PICTURE))
		return peers_fail(peers, "its viewer never had the picture");
	g_usleep(300000);
	board->measured[0] = server;
	board->go = 1;
	if (!bench_wait(bench, &board->phase, FILM_PHASES, longest))
		return peers_fail(peers, "the film came to no end");
	g_usleep(100000);
	return true;
}

/* --- ustreamer --- */

static pid_t peers_start_ustreamer(
		struct peers *peers, const char *device, const char *shim, int port)
{
	g_autofree char *port_text = g_strdup_printf("%d", port);
	g_autofree char *size = g_strdup_printf("%dx%d", BENCH_WIDTH, BENCH_HEIGHT);
	const char *const argv[] = {"ustreamer", "--device", device, "--format", "JPEG",
			"--encoder", "HW", "--resolution", size, "--host", "127.0.0.1", "--port",
			port_text, "--device-timeout", "60", "--tcp-nodelay", NULL};
	pid_t pid;

	g_setenv("LD_PRELOAD", shim, TRUE);
	g_setenv(FEED_PATH, device, TRUE);
	g_setenv(FEED_SIZE, size, TRUE);
	pid = peers_start(peers, argv);
	g_unsetenv("LD_PRELOAD");
	return pid;
}

static bool peers_ustreamer(struct peers *peers)
{
	struct bench *bench = peers->bench;
	g_autofree char *shim = bench_program("fake_video.so");
	g_autofree char *device = g_build_filename(bench->folder, "video", NULL);
	g_autofree char *film = g_strdup_printf("%d", film_fd(bench->film));
	int port = peers_port(), ends[2];
	g_autofree char *reading = NULL, *writing = NULL;
	bool good;
	pid_t server;

	if (!peers_has(peers, "ustreamer"))
		return false;
	if (!shim || pipe(ends) < 0)
		return peers_fail(peers, "not run: no fake_video.so beside this program");
	reading = g_strdup_printf("%d", ends[0]);
	writing = g_strdup_printf("%d", ends[1]);
	g_setenv(FEED_FILM, film, TRUE);
	g_setenv(FEED_PIPE, reading, TRUE);
	g_file_set_contents(device, "", 0, NULL);
	snprintf(peers->address, sizeof(peers->address), "127.0.0.1:%d", port);
	server = peers_start_ustreamer(peers, device, shim, port);
	good = peers_wait_port(port) || peers_fail(peers, "ustreamer did not listen");
	if (good) {
		const char *const fed[] = {writing, NULL};
		const char *const watched[] = {"0", peers->address, NULL};

		peers_adopt(peers, bench_start(bench, "--feed", true, fed));
		g_usleep(300000);
		peers_adopt(peers, bench_start(bench, "--http", false, watched));
		good = peers_show(peers, server);
	}
	close(ends[0]);
	close(ends[1]);
	return good;
}

/* --- Servers of a screen of X --- */

static bool peers_wait_screen(struct peers *peers)
{
	g_autofree char *path = g_strdup_printf("/tmp/.X11-unix/X%d", peers->display);

	for (int waited = 0; waited < PEERS_START; waited += 50) {
		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return true;
		g_usleep(50000);
	}
	return peers_fail(peers, "its X server did not come up");
}

static void peers_choose_screen(struct peers *peers)
{
	g_autofree char *name = NULL;
	g_autofree char *path = NULL;

	do {
		peers->display = g_random_int_range(100, 1000);
		g_free(path);
		path = g_strdup_printf("/tmp/.X11-unix/X%d", peers->display);
	} while (g_file_test(path, G_FILE_TEST_EXISTS));
	name = g_strdup_printf(":%d", peers->display);
	g_setenv("DISPLAY", name, TRUE);
}

static bool peers_put(struct peers *peers)
{
	struct bench *bench = peers->bench;
	g_autofree char *program = bench_program("peer_put");
	g_autofree char *film = g_strdup_printf("%d", film_fd(bench->film));
	g_autofree char *board = g_strdup_printf("%d", bench->board_fd);
	const char *const argv[] = {program, film, board, NULL};

	if (!program)
		return peers_fail(peers, "not run: peer_put was not built (libX11, libXext)");
	peers_start(peers, argv);
	return bench_wait(bench, &bench->board->ready, 1, PEERS_START) ||
	       peers_fail(peers, "no pictures on the X server's screen");
}

static bool peers_x11vnc(struct peers *peers)
{
	struct bench *bench = peers->bench;
	g_autofree char *client = bench_program("peer_vnc");
	g_autofree char *screen = g_strdup_printf("%dx%dx24", BENCH_WIDTH, BENCH_HEIGHT);
	g_autofree char *board = g_strdup_printf("%d", bench->board_fd);
	int port = peers_port();
	g_autofree char *port_text = g_strdup_printf("%d", port);
	g_autofree char *name = NULL;
	pid_t server;

	if (!peers_has(peers, "Xvfb") || !peers_has(peers, "x11vnc"))
		return false;
	if (!client)
		return peers_fail(peers, "not run: peer_vnc was not built (libvncclient)");
	peers_choose_screen(peers);
	name = g_strdup_printf(":%d", peers->display);
	peers_start(peers, (const char *const[]){"Xvfb", name, "-screen", "0", screen, "-nolisten",
					   "tcp", NULL});
	if (!peers_wait_screen(peers) || !peers_put(peers))
		return false;
	server = peers_start(
			peers, (const char *const[]){"x11vnc", "-display", name, "-localhost",
					       "-rfbport", port_text, "-forever", "-nopw",
					       "-noxrecord", "-nonap", "-noipv6", "-quiet", NULL});
	if (!peers_wait_port(port))
		return peers_fail(peers, "x11vnc did not listen");
	snprintf(peers->address, sizeof(peers->address), "127.0.0.1:%d", port);
	peers_start(peers, (const char *const[]){client, board, "0", peers->address, NULL});
	return peers_show(peers, server);
}

/* The X server that a script has started. */
static pid_t peers_child(pid_t parent)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", parent, parent);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL) || atoi(text) <= 0)
		return parent;
	return atoi(text);
}

static bool peers_xspice(struct peers *peers)
{
	int port = peers_port();
	g_autofree char *port_text = g_strdup_printf("%d", port);
	g_autofree char *name = NULL;
	const char *const watched[] = {"0", peers->address, NULL};
	pid_t script;

	if (!peers_has(peers, "Xspice"))
		return false;
	peers_choose_screen(peers);
	name = g_strdup_printf(":%d", peers->display);
	/* It takes these for 0 when they are not given. */
	g_setenv("QXL_SURFACE_BUFFER_SIZE", "128", TRUE);
	g_setenv("QXL_COMMAND_BUFFER_SIZE", "128", TRUE);
	g_setenv("QXL_FRAME_BUFFER_SIZE", "16", TRUE);
	script = peers_start(peers, (const char *const[]){"Xspice", "--port", port_text,
						    "--disable-ticketing", name, "-noreset", NULL});
	if (!peers_wait_port(port))
		return peers_fail(peers, "not run: Xspice ended, or did not listen");
	if (!peers_wait_screen(peers) || !peers_put(peers))
		return false;
	snprintf(peers->address, sizeof(peers->address), "127.0.0.1:%d", port);
	peers_adopt(peers, bench_start(peers->bench, "--watch", false, watched));
	return peers_show(peers, peers_child(script));
}

void peers_run(struct bench *bench, const struct setting *setting, struct figures *out)
{
	struct peers peers = {.bench = bench, .out = out};

	switch (setting->server) {
	case SETTING_USTREAMER:
		peers_ustreamer(&peers);
		break;
	case SETTING_XSPICE:
		peers_xspice(&peers);
		break;
	case SETTING_X11VNC:
		peers_x11vnc(&peers);
		break;
	default:
		peers_fail(&peers, "not run: it wants a Wayland compositor without a screen "
				   "(sway); x11vnc stands for VNC");
	}
	bench->board->stop = 1;
	while (peers.count > 0)
		board_end(peers.started[--peers.count]);
}
