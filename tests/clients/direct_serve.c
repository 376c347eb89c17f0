/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <netinet/in.h>
#include <signal.h>
#include <spice/enums.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/display_direct.h"
#include "spice/link.h"
#include "spice/viewer.h"
#include "tests/clients/direct_part.h"
#include "tests/unit/jpeg_coder.h"

#define VIEWERS 4

struct serve {
	GMainLoop *loop;
	struct jpeg_coder coder;
	struct direct_updates *updates;
	struct link_key *key;
	struct viewer *viewers[VIEWERS];
	struct display *displays[VIEWERS];
	int count; /* viewers so far */
	int opened, closed, refused;
	int listener;
	struct direct_screen *screen;
	uint8_t *map;
	guint run;
	uint32_t random;
};

static void serve_nothing(void *data)
{
}

static void serve_key(uint8_t usage, bool down, void *data)
{
}

static void serve_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
}

static void serve_watched(bool watched, void *data)
{
}

static void serve_opened(void *data)
{
	((struct serve *)data)->opened++;
}

static void serve_closed(void *data)
{
	((struct serve *)data)->closed++;
}

static bool serve_judge(const struct link_secret *said, void *data)
{
	if (link_secret_is(said, DIRECT_PASSWORD))
		return true;
	((struct serve *)data)->refused++;
	return false;
}

static enum viewer_verdict serve_judge_viewer(bool main, const struct link_secret *said, void *data)
{
	return link_secret_is(said, DIRECT_PASSWORD) ? VIEWER_OPERATES : VIEWER_REFUSED;
}

static void serve_join(struct serve *serve)
{
	const struct viewer_settings settings = {.name = "direct", .key = serve->key};
	const struct viewer_events events = {
			.key = serve_key,
			.pointer = serve_pointer,
			.mouse = serve_pointer,
			.release_all = serve_nothing,
			.watched = serve_watched,
			.judge = serve_judge_viewer,
	};
	const struct direct_settings direct = {.key = serve->key, .updates = serve->updates};
	const struct direct_events direct_events = {
			.opened = serve_opened,
			.closed = serve_closed,
			.judge = serve_judge,
			.data = serve,
	};
	int i = serve->count++;

	g_assert_cmpint(i, <, VIEWERS);
	serve->viewers[i] = viewer_new(&settings, &events, NULL);
	serve->displays[i] = display_direct_new(&direct, &direct_events);
	display_show(serve->displays[i], &serve->coder.picture);
}

/* One client joins after the other: what has no main channel of its own is the last one's. */
static gboolean serve_accept(gint listener, GIOCondition condition, gpointer data)
{
	struct serve *serve = data;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	uint8_t greeting[22];

	if (recv(fd, greeting, sizeof(greeting), MSG_PEEK | MSG_WAITALL) != sizeof(greeting)) {
		close(fd);
		return G_SOURCE_CONTINUE;
	}
	if (greeting[20] == SPICE_CHANNEL_MAIN)
		serve_join(serve);
	if (greeting[20] == SPICE_CHANNEL_DISPLAY)
		display_direct_client(serve->displays[serve->count - 1], fd);
	else
		viewer_add_client(serve->viewers[serve->count - 1], fd);
	return G_SOURCE_CONTINUE;
}

static uint32_t serve_random(struct serve *serve)
{
	serve->random = serve->random * 1664525 + 1013904223;
	return serve->random >> 8;
}

static gboolean serve_change(gpointer data)
{
	struct serve *serve = data;
	struct display_damage damage = jpeg_coder_damage(&serve->coder, serve->map);

	memset(serve->map, 0, (size_t)damage.columns * damage.rows);
	for (int i = 0; i < 5; i++)
		jpeg_coder_fill(&serve->coder, serve_random(serve) % damage.columns,
				serve_random(serve) % damage.rows, serve_random(serve) & 0xffffff,
				serve->map);
	for (int i = 0; i < serve->count; i++)
		display_damage(serve->displays[i], &damage);
	return G_SOURCE_CONTINUE;
}

static void serve_show(struct serve *serve, int width, int height)
{
	jpeg_coder_resize(&serve->coder, width, height);
	for (int i = 0; i < serve->count; i++)
		display_show(serve->displays[i], &serve->coder.picture);
}

static void serve_copy(struct serve *serve)
{
	const struct display_picture *picture = &serve->coder.picture;

	serve->screen->width = picture->width;
	serve->screen->height = picture->height;
	serve->screen->stride = picture->stride;
	memcpy(serve->screen->pixels, picture->pixels,
			(size_t)picture->stride * picture->height * sizeof(uint32_t));
}

static gboolean serve_command(gint fd, GIOCondition condition, gpointer data)
{
	struct serve *serve = data;
	char packet[DIRECT_PACKET] = "", answer[DIRECT_PACKET] = "";
	int a, b;

	if (recv(fd, packet, sizeof(packet) - 1, 0) <= 0 || strcmp(packet, "quit") == 0) {
		g_main_loop_quit(serve->loop);
		return G_SOURCE_REMOVE;
	}
	if (sscanf(packet, "show %d %d", &a, &b) == 2) {
		serve_show(serve, a, b);
	} else if (sscanf(packet, "damage %d", &a) == 1) {
		while (a-- > 0)
			serve_change(serve);
	} else if (sscanf(packet, "run %d", &a) == 1) {
		if (serve->run)
			g_source_remove(serve->run);
		serve->run = a ? g_timeout_add(a, serve_change, serve) : 0;
	} else if (strcmp(packet, "copy") == 0) {
		serve_copy(serve);
	} else if (strcmp(packet, "counts") == 0) {
		snprintf(answer, sizeof(answer), "%d %d %d %u", serve->opened, serve->closed,
				serve->refused, serve->coder.writes);
	} else if (sscanf(packet, "pace %d", &a) == 1) {
		struct direct_pace pace;

		display_direct_pace(serve->displays[a], &pace);
		snprintf(answer, sizeof(answer), "%u %u %d", pace.round_trip, pace.rate,
				pace.behind);
	}
	send(fd, answer, strlen(answer) + 1, MSG_NOSIGNAL);
	return G_SOURCE_CONTINUE;
}

void direct_serve(void)
{
	struct sockaddr_in address = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	struct serve *serve = g_new0(struct serve, 1);
	char port[16];
	guint accepting;

	signal(SIGPIPE, SIG_IGN);
	serve->loop = g_main_loop_new(NULL, FALSE);
	serve->random = 1;
	serve->screen = mmap(NULL, sizeof(*serve->screen), PROT_READ | PROT_WRITE, MAP_SHARED,
			DIRECT_SCREEN, 0);
	serve->map = g_malloc0(DIRECT_PIXELS / 256 * 2);
	serve->key = link_key_new(NULL);
	serve->updates = direct_updates_new();
	jpeg_coder_init(&serve->coder, 800, 600);
	serve->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(serve->listener, (struct sockaddr *)&address, length), ==, 0);
	g_assert_cmpint(listen(serve->listener, 8), ==, 0);
	getsockname(serve->listener, (struct sockaddr *)&address, &length);
	snprintf(port, sizeof(port), "%d", ntohs(address.sin_port));
	send(DIRECT_CONTROL, port, strlen(port) + 1, MSG_NOSIGNAL);
	accepting = g_unix_fd_add(serve->listener, G_IO_IN, serve_accept, serve);
	g_unix_fd_add(DIRECT_CONTROL, G_IO_IN, serve_command, serve);
	g_main_loop_run(serve->loop);
	g_source_remove(accepting);
	if (serve->run)
		g_source_remove(serve->run);
	for (int i = 0; i < serve->count; i++) {
		viewer_close(serve->viewers[i]);
		display_close(serve->displays[i]);
	}
	direct_updates_free(serve->updates);
	link_key_free(serve->key);
	jpeg_coder_release(&serve->coder);
	close(serve->listener);
	munmap(serve->screen, sizeof(*serve->screen));
	g_free(serve->map);
	g_main_loop_unref(serve->loop);
	g_free(serve);
}
