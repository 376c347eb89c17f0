/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/display_direct.h"
#include "spice/link.h"
#include "tests/fuzz/channel.h"

#define SIDE 48
#define STEP 64 /* bytes between changes */

struct channel {
	const char *password; /* NULL: none is asked for */
	int opened, closed;
};

static int channel_plan(const struct display_damage *dirty, struct display_rectangle *out, int most,
		void *data)
{
	*out = (struct display_rectangle){0, 0, SIDE, SIDE};
	return 1;
}

static bool channel_write(const struct display_rectangle *rectangle, GByteArray *out, void *data)
{
	g_byte_array_append(out, (const guint8 *)"JPEG", 4);
	return true;
}

static void channel_refresh(void *data)
{
}

static void channel_opened(void *data)
{
	((struct channel *)data)->opened++;
}

static void channel_closed(void *data)
{
	((struct channel *)data)->closed++;
}

static bool channel_judge(const struct link_secret *said, void *data)
{
	const char *password = ((struct channel *)data)->password;

	return !password || link_secret_is(said, password);
}

static void channel_turn(int fd)
{
	uint8_t bytes[4096];

	while (g_main_context_iteration(NULL, FALSE))
		while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			;
}

static void channel_say(int fd, struct display *display, const uint8_t *bytes, size_t size)
{
	const uint8_t map[9] = {[4] = 1};
	const struct display_damage damage = {16, 3, 3, map, NULL};

	while (size > 0) {
		size_t part = MIN(size, STEP);

		if (send(fd, bytes, part, MSG_NOSIGNAL) < 0)
			return; /* hung up */
		bytes += part;
		size -= part;
		channel_turn(fd);
		display_damage(display, &damage);
	}
}

bool channel_feed(struct link_key *key, const char *password, const uint8_t *first,
		size_t first_size, const uint8_t *second, size_t second_size)
{
	static const struct display_coder coder = {
			.plan = channel_plan, .write = channel_write, .refresh = channel_refresh};
	static uint32_t pixels[SIDE * SIDE];
	const struct display_picture picture = {SIDE, SIDE, SIDE, pixels, &coder};
	struct channel channel = {.password = password};
	struct direct_updates *updates = direct_updates_new();
	const struct direct_settings settings = {.key = key, .updates = updates};
	const struct direct_events events = {.opened = channel_opened,
			.closed = channel_closed,
			.judge = channel_judge,
			.data = &channel};
	struct display *display = display_direct_new(&settings, &events);
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	display_show(display, &picture);
	display_direct_client(display, pair[0]);
	channel_say(pair[1], display, first, first_size);
	channel_say(pair[1], display, second, second_size);
	close(pair[1]);
	while (g_main_context_iteration(NULL, FALSE))
		;
	if (channel.closed != channel.opened)
		abort();
	display_close(display);
	direct_updates_free(updates);
	return channel.opened > 0;
}
