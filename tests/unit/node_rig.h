/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A node with a keyboard, a tablet and a mouse in our hands, and what its engine sends. */
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sim/keymap.h"
#include "sim/node.h"
#include "tests/unit/sim_devices.h"

#define NODE_SIDE 0
#define OUR_SIDE  1

struct fixture {
	struct sim_node *node;
	struct capture *capture;
	int keyboard[2], tablet[2], mouse[2];
	int frames, width, height; /* heard from the engine */
	gsize bytes;
	enum capture_state state;
	char *reason;
};

static inline void heard_frame(const struct capture_frame *frame, void *data)
{
	struct fixture *f = data;

	f->frames++;
	f->bytes += frame->size;
	f->width = frame->width;
	f->height = frame->height;
}

static inline void heard_state(enum capture_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	f->state = state;
	g_free(f->reason);
	f->reason = g_strdup(reason);
}

static inline gboolean time_is_up(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

static inline void run_for(int milliseconds)
{
	bool up = false;

	g_timeout_add(milliseconds, time_is_up, &up);
	while (!up)
		g_main_context_iteration(NULL, TRUE);
}

static inline void pair(int fds[2])
{
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			==, 0);
}

static inline void open_with(struct fixture *f, enum capture_codec codec)
{
	struct sim_engine engine = {codec, 444, 7, -1, false, 60};
	struct capture_events events = {heard_frame, heard_state, f};

	*f = (struct fixture){.node = sim_node_new(&engine)};
	pair(f->keyboard);
	pair(f->tablet);
	pair(f->mouse);
	g_assert_true(sim_node_plug(
			f->node, f->keyboard[NODE_SIDE], boot_keyboard, sizeof(boot_keyboard)));
	g_assert_true(sim_node_plug(f->node, f->tablet[NODE_SIDE], tablet, sizeof(tablet)));
	g_assert_true(sim_node_plug(f->node, f->mouse[NODE_SIDE], boot_mouse, sizeof(boot_mouse)));
	f->capture = sim_node_capture(f->node);
	capture_listen(f->capture, &events);
}

static inline void close_fixture(struct fixture *f)
{
	sim_node_free(f->node);
	for (int side = 0; side < 2; side++) {
		close(f->keyboard[side]);
		close(f->tablet[side]);
		close(f->mouse[side]);
	}
	g_free(f->reason);
}

static inline void send_report(int fd, const void *report, gsize size)
{
	g_assert_cmpint(send(fd, report, size, 0), ==, size);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static inline void press(struct fixture *f, uint8_t modifiers, uint8_t usage)
{
	const uint8_t down[8] = {modifiers, 0, usage}, up[8] = {0};

	send_report(f->keyboard[OUR_SIDE], down, sizeof(down));
	send_report(f->keyboard[OUR_SIDE], up, sizeof(up));
}

static inline void type(struct fixture *f, const char *text)
{
	for (; *text; text++) {
		bool typed = false;

		for (int i = 0; !typed && i < 2 * KEYMAP_CAPS_LOCK; i++) {
			typed = keymap_code(i / 2, i % 2, false, false) == (uint8_t)*text;
			if (typed)
				press(f, i % 2 ? 2 : 0, i / 2);
		}
		g_assert_true(typed);
	}
}

static inline void point(struct fixture *f, uint8_t buttons, int x, int y, int wheel)
{
	const uint8_t report[] = {buttons, x, x >> 8, y, y >> 8, wheel};

	send_report(f->tablet[OUR_SIDE], report, sizeof(report));
}

static inline bool shows(struct fixture *f, const char *text)
{
	return strstr(sim_node_text(f->node), text) != NULL;
}

static inline void wait_to_show(struct fixture *f, const char *text, int milliseconds)
{
	for (int i = 0; i < milliseconds / 20 && !shows(f, text); i++)
		run_for(20);
	if (!shows(f, text))
		g_error("not on the screen: \"%s\" but:\n%s", text, sim_node_text(f->node));
}

/* On, and at the prompt as fast as keys get it there. */
static inline void boot(struct fixture *f)
{
	sim_node_power(f->node, true);
	wait_to_show(f, "Boot menu", 4000);
	press(f, 0, KEYMAP_ENTER);
	wait_to_show(f, "node:~ $", 2000);
}

static inline void assert_size(struct fixture *f, int width, int height)
{
	int seen_width = 0, seen_height = 0, stride;

	g_assert_nonnull(sim_node_screen(f->node, &seen_width, &seen_height, &stride));
	g_assert_cmpint(seen_width, ==, width);
	g_assert_cmpint(seen_height, ==, height);
}
