/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <glib-unix.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "spice/link.h"
#include "spice/listener.h"
#include "spice/viewer.h"
#include "tests/clients/stage_part.h"

#define UNIT 16

struct serve {
	const char *password; /* NULL: none is asked for */
	GMainLoop *loop;
	struct viewer *viewer;
	struct listener *listener;
	struct stage_screen *screen;
	uint8_t *map;
	uint32_t random;
	guint run;
	gint64 beat, gap; /* us */
};

static void serve_send(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void serve_send(const char *format, ...)
{
	char packet[STAGE_PACKET];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(packet, sizeof(packet), format, arguments);
	va_end(arguments);
	send(STAGE_CONTROL, packet, length, MSG_NOSIGNAL);
}

static void serve_key(uint8_t usage, bool down, void *data)
{
	serve_send("%c%02x", down ? '+' : '-', usage);
}

static void serve_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
	serve_send("p:%d,%d,%d,%u", x, y, wheel, buttons);
}

static void serve_mouse(int dx, int dy, int wheel, unsigned int buttons, void *data)
{
	serve_send("m:%d,%d,%d,%u", dx, dy, wheel, buttons);
}

static void serve_release_all(void *data)
{
	serve_send("release");
}

static void serve_watched(bool watched, void *data)
{
	serve_send(watched ? "watched" : "unwatched");
}

/* Numerical Recipes' generator: the same pictures in every run. */
static uint32_t serve_random(struct serve *serve)
{
	serve->random = serve->random * 1664525 + 1013904223;
	return serve->random >> 8;
}

static void serve_fill(
		struct serve *serve, int left, int top, int right, int bottom, uint32_t colour)
{
	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++)
			serve->screen->pixels[(size_t)y * serve->screen->stride + x] = colour;
}

/* A slope as wallpaper, grey windows and small dark marks in rows, as text is. */
static void serve_draw_desktop(struct serve *serve)
{
	struct stage_screen *screen = serve->screen;

	for (int y = 0; y < screen->height; y++)
		for (int x = 0; x < screen->width; x++)
			screen->pixels[(size_t)y * screen->stride + x] =
					(uint32_t)(x * 100 / screen->width + 40) << 8 |
					(uint32_t)(y * 120 / screen->height + 60);
	for (int i = 0; i < 3; i++) {
		int left = screen->width * (1 + 3 * i) / 12,
		    top = screen->height * (1 + 2 * i) / 12;
		int right = left + screen->width / 3, bottom = top + screen->height / 3;

		serve_fill(serve, left, top, right, bottom, 0xe8e8e8);
		for (int y = top + 20; y + 12 < bottom; y += 18)
			for (int x = left + 10; x + 10 < right; x += 9)
				if (serve_random(serve) % 5)
					serve_fill(serve, x, y, x + 2, y + 10, 0x404040);
	}
}

static void serve_show(struct serve *serve, int width, int height)
{
	struct stage_screen *screen = serve->screen;
	struct display_picture picture;

	screen->width = width;
	screen->height = height;
	screen->stride = (width + UNIT - 1) / UNIT * UNIT;
	serve_draw_desktop(serve);
	picture = (struct display_picture){.width = width,
			.height = height,
			.stride = screen->stride,
			.pixels = screen->pixels};
	viewer_show(serve->viewer, &picture);
}

static void serve_change(struct serve *serve)
{
	struct stage_screen *screen = serve->screen;
	int left = serve_random(serve) % screen->width, top = serve_random(serve) % screen->height;
	int width = 1 + serve_random(serve) % 200, height = 1 + serve_random(serve) % 100;
	int right = MIN(left + width, screen->width), bottom = MIN(top + height, screen->height);
	struct display_damage damage = {
			.unit = UNIT,
			.columns = (screen->width + UNIT - 1) / UNIT,
			.rows = (screen->height + UNIT - 1) / UNIT,
			.map = serve->map,
	};

	serve_fill(serve, left, top, right, bottom, serve_random(serve) & 0xffffff);
	memset(serve->map, 0, (size_t)damage.columns * damage.rows);
	for (int y = top / UNIT; y <= (bottom - 1) / UNIT; y++)
		memset(serve->map + (size_t)y * damage.columns + left / UNIT, 1,
				(right - 1) / UNIT - left / UNIT + 1);
	viewer_damage(serve->viewer, &damage);
}

static gboolean serve_running(gpointer data)
{
	serve_change(data);
	return G_SOURCE_CONTINUE;
}

static void serve_run(struct serve *serve, int ms)
{
	if (serve->run)
		g_source_remove(serve->run);
	serve->run = ms ? g_timeout_add(ms, serve_running, serve) : 0;
}

static gboolean serve_beat(gpointer data)
{
	struct serve *serve = data;
	gint64 now = g_get_monotonic_time();

	serve->gap = MAX(serve->gap, now - serve->beat);
	serve->beat = now;
	return G_SOURCE_CONTINUE;
}

static int serve_count(const char *directory)
{
	DIR *entries = opendir(directory);
	int count = -1; /* the open directory itself */

	while (readdir(entries))
		count++;
	closedir(entries);
	return count - 2;
}

static gboolean serve_command(gint fd, GIOCondition condition, gpointer data)
{
	struct serve *serve = data;
	char packet[STAGE_PACKET] = "";
	int a = 0, b = 0;

	if (recv(fd, packet, sizeof(packet) - 1, 0) <= 0) {
		g_main_loop_quit(serve->loop);
		return G_SOURCE_CONTINUE;
	}
	if (sscanf(packet, "show %d %d", &a, &b) == 2) {
		serve_show(serve, a, b);
	} else if (sscanf(packet, "damage %d", &a) == 1) {
		while (a-- > 0)
			serve_change(serve);
	} else if (sscanf(packet, "run %d", &a) == 1) {
		serve_run(serve, a);
	} else if (sscanf(packet, "leds %d", &a) == 1) {
		viewer_leds(serve->viewer, a);
	} else if (strcmp(packet, "stats") == 0) {
		serve_beat(serve);
		serve_send("=%d %d %d", (int)(serve->gap / 1000), serve_count("/proc/self/fd") + 1,
				serve_count("/proc/self/task") + 1);
		serve->gap = 0;
		return G_SOURCE_CONTINUE;
	} else if (strcmp(packet, "peer") == 0) {
		const char *peer = viewer_peer(serve->viewer);

		serve_send("=%s", peer ? peer : "nobody");
		return G_SOURCE_CONTINUE;
	} else if (strcmp(packet, "address") == 0) {
		serve_send("=%s", listener_address(serve->listener, 0));
		return G_SOURCE_CONTINUE;
	} else if (strcmp(packet, "quit") == 0) {
		g_main_loop_quit(serve->loop);
	}
	serve_send("=");
	return G_SOURCE_CONTINUE;
}

static void serve_client(const struct listener_client *client, void *data)
{
	viewer_add_client(((struct serve *)data)->viewer, client->fd);
}

static enum viewer_verdict serve_judge(bool main, const struct link_secret *said, void *data)
{
	const char *password = ((struct serve *)data)->password;

	return !password || link_secret_is(said, password) ? VIEWER_OPERATES : VIEWER_REFUSED;
}

void stage_serve(const char *password, bool lossless)
{
	struct link_key *key = link_key_new(NULL);
	struct serve serve = {
			.loop = g_main_loop_new(NULL, FALSE), .random = 1, .password = password};
	struct viewer_settings settings = {.name = "stage", .key = key, .lossless = lossless};
	const struct listener_settings listen = {
			.addresses = (const char *[]){"127.0.0.1:0", NULL}, .plain = true};
	struct viewer_events events = {
			.key = serve_key,
			.pointer = serve_pointer,
			.mouse = serve_mouse,
			.release_all = serve_release_all,
			.watched = serve_watched,
			.judge = serve_judge,
			.data = &serve,
	};
	GError *error = NULL;
	guint beat, command;

	serve.screen = mmap(NULL, sizeof(*serve.screen), PROT_READ | PROT_WRITE, MAP_SHARED,
			STAGE_SCREEN, 0);
	serve.map = g_malloc0((STAGE_WIDTH_MAX / UNIT) * (STAGE_HEIGHT_MAX / UNIT));
	serve.viewer = viewer_new(&settings, &events, &error);
	g_assert_no_error(error);
	serve.listener = listener_open(&listen, serve_client, &serve, &error);
	g_assert_no_error(error);
	serve.beat = g_get_monotonic_time();
	beat = g_timeout_add(5, serve_beat, &serve);
	command = g_unix_fd_add(STAGE_CONTROL, G_IO_IN, serve_command, &serve);
	g_main_loop_run(serve.loop);
	serve_run(&serve, 0);
	g_source_remove(beat);
	g_source_remove(command);
	listener_close(serve.listener);
	viewer_close(serve.viewer);
	link_key_free(key);
	munmap(serve.screen, sizeof(*serve.screen));
	g_free(serve.map);
	g_main_loop_unref(serve.loop);
}
