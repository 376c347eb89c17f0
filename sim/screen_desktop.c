/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A desktop to try input and pictures on: a window to drag, scroll and type into, marks where
 * buttons were pressed, a clock, and a movie on demand. Draws only what changed.
 */
#include <string.h>
#include "sim/desktop.h"
#include "sim/keymap.h"

#define DESKTOP_LINES_MAX  1000
#define DESKTOP_WHEEL_STEP 3 /* lines for each notch */
#define DESKTOP_MOVIE_STEP (SCREEN_SECOND / 60)

static const char *const desktop_words[] = {
		"This window is drawn by a machine that does not exist.",
		"",
		"  Drag it by its title.",
		"  Press a button anywhere: a ring shows where, and which one.",
		"  Turn the wheel: this text moves.",
		"  Type: the letters appear at the end.",
		"",
		"What you see was compressed as a BMC's video engine would do it,",
		"decoded again, and sent on to your viewer. Only what changes is sent.",
		"Fine lines, small text and colours side by side show how well:",
		"",
		"  ┌────────────┬───────┬────────┬──────────┐",
		"  │ machine    │ state │  power │ inlet    │",
		"  ├────────────┼───────┼────────┼──────────┤",
		"  │ node 1     │ on    │  212 W │ 24 C     │",
		"  │ node 2     │ on    │  198 W │ 24 C     │",
		"  │ node 3     │ off   │   12 W │ 22 C     │",
		"  │ node 4     │ on    │  224 W │ 25 C     │",
		"  └────────────┴───────┴────────┴──────────┘",
		"",
		"  ░░░▒▒▒▓▓▓███  ■ ▲ ► ▼ ◄ ●  ← ↑ → ↓",
		"  !\"#$%&'()*+,-./0123456789:;<=>?@",
		"  ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`",
		"  abcdefghijklmnopqrstuvwxyz{|}~",
		"",
		"Keys",
		"  Escape  back to the console",
		"  F5      a movie in a frame, or none",
		"  F6      motion on the whole screen, or none",
		"",
		"On the console",
		"  help            lists the commands",
		"  mode 1280x1024  changes the resolution",
		"  nosignal 5      cuts the signal for five seconds",
		"  sleep           turns the display off until a key is pressed",
		"  reboot          starts again from the firmware",
		"",
		"Your turn:",
		"",
};

static GString *desktop_last_line(const struct desktop *desktop)
{
	return g_ptr_array_index(desktop->lines, desktop->lines->len - 1);
}

static struct paint_box desktop_join(struct paint_box a, struct paint_box b)
{
	int left = MIN(a.x, b.x), top = MIN(a.y, b.y);
	int right = MAX(a.x + a.width, b.x + b.width);
	int bottom = MAX(a.y + a.height, b.y + b.height);

	return (struct paint_box){left, top, right - left, bottom - top};
}

static int desktop_area(struct paint_box box)
{
	return box.width * box.height;
}

static void desktop_dirty(struct desktop *desktop, struct paint_box box)
{
	for (int i = 0; i < desktop->dirty_count; i++) {
		struct paint_box joined = desktop_join(desktop->dirty[i], box);

		/* A window that was dragged a little is drawn once rather than twice. */
		if (desktop_area(joined) <= desktop_area(desktop->dirty[i]) + desktop_area(box)) {
			desktop->dirty[i] = joined;
			return;
		}
	}
	if (desktop->dirty_count < DESKTOP_DIRTY_MAX)
		desktop->dirty[desktop->dirty_count++] = box;
	else
		desktop->dirty[0] = (struct paint_box){0, 0, desktop->width, desktop->height};
}

static void desktop_dirty_all(struct desktop *desktop)
{
	desktop->dirty_count = 0;
	desktop_dirty(desktop, (struct paint_box){0, 0, desktop->width, desktop->height});
}

static void desktop_dirty_window(struct desktop *desktop)
{
	struct paint_box window = desktop->window;

	desktop_dirty(desktop,
			(struct paint_box){window.x - DESKTOP_SHADOW, window.y - DESKTOP_SHADOW,
					window.width + 2 * DESKTOP_SHADOW,
					window.height + 2 * DESKTOP_SHADOW});
}

static void desktop_free_line(gpointer line)
{
	g_string_free(line, TRUE);
}

static void screen_desktop_reset(struct screen *screen, int64_t now)
{
	struct desktop *desktop = (struct desktop *)screen;

	g_ptr_array_set_size(desktop->lines, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(desktop_words); i++)
		g_ptr_array_add(desktop->lines, g_string_new(desktop_words[i]));
	desktop->first = 0;
	desktop->mark_count = 0;
	memset(desktop->clicks, 0, sizeof(desktop->clicks));
	desktop->dragging = false;
	desktop->motion = SCREEN_STILL;
	desktop->width = 0;
}

static void screen_desktop_enter(struct screen *screen, int width, int height, int64_t now)
{
	struct desktop *desktop = (struct desktop *)screen;

	if (width != desktop->width || height != desktop->height) {
		desktop->width = width;
		desktop->height = height;
		desktop->window = (struct paint_box){width / 12, height / 8,
				MIN(MAX(width / 2, 300), width), MIN(MAX(height / 2, 160), height)};
		desktop->mark_count = 0;
	}
	desktop->dragging = false;
	desktop_dirty_all(desktop);
}

void screen_desktop_motion(struct screen *screen, enum screen_motion motion)
{
	struct desktop *desktop = (struct desktop *)screen;

	desktop->motion = motion;
	desktop_dirty_all(desktop);
}

static void desktop_scroll(struct desktop *desktop, int lines)
{
	int most = MAX((int)desktop->lines->len - desktop_text_rows(desktop), 0);

	desktop->first = CLAMP(desktop->first + lines, 0, most);
	desktop_dirty_window(desktop);
}

static void desktop_new_line(struct desktop *desktop)
{
	g_ptr_array_add(desktop->lines, g_string_new(NULL));
	if (desktop->lines->len > DESKTOP_LINES_MAX)
		g_ptr_array_remove_index(desktop->lines, 0);
}

static void desktop_type(struct desktop *desktop, const struct screen_key *key)
{
	GString *line = desktop_last_line(desktop);

	if (key->usage == KEYMAP_BACKSPACE) {
		/* What is written above stays. */
		if (line->len > 0)
			g_string_truncate(line, (gsize)(g_utf8_prev_char(line->str + line->len) -
								line->str));
		else if (desktop->lines->len > G_N_ELEMENTS(desktop_words))
			g_ptr_array_set_size(desktop->lines, desktop->lines->len - 1);
	} else if (key->code == '\n') {
		desktop_new_line(desktop);
	} else if (key->code >= ' ' && !key->control && !key->alt) {
		if ((int)g_utf8_strlen(line->str, -1) >= desktop_text_columns(desktop)) {
			desktop_new_line(desktop);
			line = desktop_last_line(desktop);
		}
		g_string_append_unichar(line, key->code);
	} else {
		return;
	}
	desktop_scroll(desktop, DESKTOP_LINES_MAX);
}

static void screen_desktop_key(struct screen *screen, const struct screen_key *key, int64_t now)
{
	struct desktop *desktop = (struct desktop *)screen;

	switch (key->usage) {
	case KEYMAP_ESCAPE:
		screen_order(screen, SCREEN_CONSOLE, 0, 0);
		break;
	case KEYMAP_F5:
		if (!key->repeat)
			screen_desktop_motion(screen, desktop->motion == SCREEN_MOVIE
								      ? SCREEN_STILL
								      : SCREEN_MOVIE);
		break;
	case KEYMAP_F6:
		if (!key->repeat)
			screen_desktop_motion(screen, desktop->motion == SCREEN_FULL_MOTION
								      ? SCREEN_STILL
								      : SCREEN_FULL_MOTION);
		break;
	case KEYMAP_UP:
	case KEYMAP_DOWN:
		desktop_scroll(desktop, key->usage == KEYMAP_UP ? -1 : 1);
		break;
	case KEYMAP_PAGE_UP:
	case KEYMAP_PAGE_DOWN:
		desktop_scroll(desktop, desktop_text_rows(desktop) *
							(key->usage == KEYMAP_PAGE_UP ? -1 : 1));
		break;
	default:
		desktop_type(desktop, key);
		break;
	}
}

static void desktop_click(struct desktop *desktop, int button)
{
	struct desktop_mark *mark;

	if (desktop->mark_count == DESKTOP_MARKS_MAX) {
		desktop_dirty(desktop, desktop_mark_box(desktop, &desktop->marks[0]));
		memmove(desktop->marks, desktop->marks + 1,
				(DESKTOP_MARKS_MAX - 1) * sizeof(desktop->marks[0]));
		desktop->mark_count--;
	}
	mark = &desktop->marks[desktop->mark_count++];
	*mark = (struct desktop_mark){
			desktop->pointer.x, desktop->pointer.y, button, ++desktop->clicks[button]};
	desktop_dirty(desktop, desktop_mark_box(desktop, mark));
	desktop_dirty(desktop, (struct paint_box){0, 0, desktop->width, DESKTOP_PANEL});
}

static bool desktop_in_title(const struct desktop *desktop, int x, int y)
{
	struct paint_box title = desktop->window;
	struct paint_box point = {x, y, 1, 1};

	title.height = DESKTOP_TITLE;
	return paint_cut(title, point).width > 0;
}

static void desktop_drag(struct desktop *desktop, const struct screen_pointer *pointer)
{
	bool held = pointer->buttons & 1;

	if (pointer->pressed & 1 && desktop_in_title(desktop, pointer->x, pointer->y)) {
		desktop->dragging = true;
		desktop->drag_x = pointer->x - desktop->window.x;
		desktop->drag_y = pointer->y - desktop->window.y;
		desktop_dirty_window(desktop);
	} else if (desktop->dragging) {
		desktop_dirty_window(desktop);
		desktop->dragging = held;
		desktop->window.x = CLAMP(pointer->x - desktop->drag_x, 80 - desktop->window.width,
				desktop->width - 80);
		desktop->window.y = CLAMP(pointer->y - desktop->drag_y, DESKTOP_PANEL,
				desktop->height - DESKTOP_TITLE);
		desktop_dirty_window(desktop);
	}
}

static void screen_desktop_pointer(
		struct screen *screen, const struct screen_pointer *pointer, int64_t now)
{
	struct desktop *desktop = (struct desktop *)screen;

	if (pointer->x != desktop->pointer.x || pointer->y != desktop->pointer.y) {
		desktop_dirty(desktop, desktop_pointer_box(desktop));
		desktop->pointer = *pointer;
		desktop_dirty(desktop, desktop_pointer_box(desktop));
	}
	desktop->pointer = *pointer;
	desktop_drag(desktop, pointer);
	for (int button = 0; button < SCREEN_BUTTONS; button++)
		if (pointer->pressed >> button & 1)
			desktop_click(desktop, button);
	if (pointer->wheel != 0)
		desktop_scroll(desktop, -pointer->wheel * DESKTOP_WHEEL_STEP);
}

static int64_t screen_desktop_tick(struct screen *screen, int64_t now)
{
	return SCREEN_NEVER;
}

static int64_t screen_desktop_draw(
		struct screen *screen, struct picture *picture, bool fresh, int64_t now)
{
	struct desktop *desktop = (struct desktop *)screen;
	int64_t minute = (now + desktop->wall) / (60 * SCREEN_SECOND);

	if (!desktop_make_wallpaper(desktop))
		return now + SCREEN_SECOND;
	if (fresh)
		desktop_dirty_all(desktop);
	if (minute != desktop->minute) {
		desktop->minute = minute;
		desktop_dirty(desktop, (struct paint_box){0, 0, desktop->width, DESKTOP_PANEL});
	}
	if (desktop->motion == SCREEN_FULL_MOTION)
		desktop_dirty_all(desktop);
	else if (desktop->motion == SCREEN_MOVIE)
		desktop_dirty(desktop, desktop_movie_box(desktop));
	for (int i = 0; i < desktop->dirty_count; i++)
		desktop_paint(desktop, picture, desktop->dirty[i], now);
	desktop->dirty_count = 0;
	return desktop->motion != SCREEN_STILL ? now + DESKTOP_MOVIE_STEP
					       : (minute + 1) * 60 * SCREEN_SECOND - desktop->wall;
}

static void screen_desktop_close(struct screen *screen)
{
	struct desktop *desktop = (struct desktop *)screen;

	picture_release(&desktop->wallpaper);
	g_ptr_array_unref(desktop->lines);
	g_free(desktop);
}

static const struct screen_ops screen_desktop_ops = {
		.reset = screen_desktop_reset,
		.enter = screen_desktop_enter,
		.key = screen_desktop_key,
		.pointer = screen_desktop_pointer,
		.tick = screen_desktop_tick,
		.draw = screen_desktop_draw,
		.close = screen_desktop_close,
};

struct screen *screen_desktop_new(screen_order_fn order, void *data, int64_t wall)
{
	struct desktop *desktop = g_new0(struct desktop, 1);

	desktop->screen = (struct screen){&screen_desktop_ops, order, data};
	desktop->wall = wall;
	desktop->lines = g_ptr_array_new_with_free_func(desktop_free_line);
	screen_desktop_reset(&desktop->screen, 0);
	return &desktop->screen;
}

const char *screen_desktop_line(const struct screen *screen)
{
	return desktop_last_line((const struct desktop *)screen)->str;
}
