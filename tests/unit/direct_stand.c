/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <spice/enums.h>
#include <string.h>
#include "tests/unit/direct_stand.h"

static void stand_opened(void *data)
{
	struct stand *stand = data;

	stand->opened++;
	if (stand->drops)
		display_direct_drop(stand->display);
}

static void stand_closed(void *data)
{
	((struct stand *)data)->closed++;
}

static bool stand_judge(const struct link_secret *said, void *data)
{
	struct stand *stand = data;

	if (!stand->password || link_secret_is(said, stand->password))
		return true;
	stand->refused++;
	if (stand->drops)
		display_direct_drop(stand->display);
	return false;
}

struct display *stand_display(struct stand *stand)
{
	const struct direct_events events = {
			.opened = stand_opened,
			.closed = stand_closed,
			.judge = stand_judge,
			.data = stand,
	};

	return display_direct_new(&stand->settings, &events);
}

struct stand *stand_open(const char *password)
{
	struct stand *stand = g_new0(struct stand, 1);
	GError *error = NULL;

	jpeg_coder_init(&stand->coder, STAND_WIDTH, STAND_HEIGHT);
	stand->key = link_key_new(&error);
	g_assert_no_error(error);
	stand->updates = direct_updates_new();
	stand->password = password;
	stand->settings = (struct direct_settings){
			.key = stand->key, .updates = stand->updates, .moves = true};
	stand->display = stand_display(stand);
	display_show(stand->display, &stand->coder.picture);
	return stand;
}

void stand_close(struct stand *stand)
{
	display_close(stand->display);
	direct_updates_free(stand->updates);
	link_key_free(stand->key);
	jpeg_coder_release(&stand->coder);
	g_free(stand);
}

void stand_change(struct stand *stand, int column, int row, uint32_t colour, struct display *other)
{
	struct display_damage damage = jpeg_coder_damage(&stand->coder, stand->map);

	memset(stand->map, 0, sizeof(stand->map));
	jpeg_coder_fill(&stand->coder, column, row, colour, stand->map);
	display_damage(stand->display, &damage);
	if (other)
		display_damage(other, &damage);
}

void stand_scroll(struct stand *stand, uint32_t colour, struct display *other)
{
	enum { UNIT = 16, MOVED = STAND_HEIGHT / UNIT - 1 };
	const size_t columns = STAND_WIDTH / UNIT, row = (size_t)UNIT * STAND_WIDTH;
	uint8_t rest[STAND_UNITS] = {0};
	const struct display_move move = {
			.to = {0, 0, STAND_WIDTH, MOVED * UNIT}, .from = UNIT, .rest = rest};
	struct display_damage damage = jpeg_coder_damage(&stand->coder, stand->map);

	memmove(stand->coder.pixels, stand->coder.pixels + row,
			MOVED * row * sizeof(*stand->coder.pixels));
	for (size_t column = 0; column < columns; column++)
		jpeg_coder_fill(&stand->coder, (int)column, MOVED, colour, rest);
	memset(stand->map, 1, sizeof(stand->map));
	damage.move = &move;
	display_damage(stand->display, &damage);
	if (other)
		display_damage(other, &damage);
}

static void stand_link(struct display *display, struct raw_display *raw, unsigned int caps)
{
	display_direct_client(display, raw_display_open(raw, caps, false));
	g_assert_cmpuint(raw_display_link(raw, "secret"), ==, SPICE_LINK_ERR_OK);
}

void stand_join(struct stand *stand, struct raw_display *raw, unsigned int caps)
{
	stand_link(stand->display, raw, caps);
}

void stand_join_other(struct stand *stand, struct display *other, struct raw_display *raw,
		unsigned int caps)
{
	display_show(other, &stand->coder.picture);
	stand_link(other, raw, caps);
}

void stand_assert_shows(const struct raw_display *raw, const struct stand *stand)
{
	g_assert_cmpfloat(raw_display_psnr(raw, &stand->coder.picture), >=, 40);
}

int stand_next_timer(void)
{
	GMainContext *context = g_main_context_default();
	gint timeout = 0, priority;
	GPollFD fds[16];

	g_assert_true(g_main_context_acquire(context));
	g_main_context_prepare(context, &priority);
	g_main_context_query(context, priority, &timeout, fds, G_N_ELEMENTS(fds));
	g_main_context_release(context);
	return timeout;
}
