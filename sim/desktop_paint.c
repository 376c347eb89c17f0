/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <time.h>
#include "decoder/text.h"
#include "sim/desktop.h"

enum desktop_colour {
	DESKTOP_PANEL_COLOUR = 0x14202e,
	DESKTOP_PANEL_TEXT = 0xd7e3ee,
	DESKTOP_PANEL_FAINT = 0x8ba2b5,
	DESKTOP_ACCENT = 0xe8833a,
	DESKTOP_WINDOW_PAPER = 0xfbfaf7,
	DESKTOP_WINDOW_INK = 0x24303c,
	DESKTOP_TITLE_TOP = 0x3b5573,
	DESKTOP_TITLE_BOTTOM = 0x2c425c,
	DESKTOP_TITLE_TEXT = 0xffffff,
	DESKTOP_SCROLL = 0xe4e1da,
	DESKTOP_SCROLL_GRIP = 0xa9b3bd,
	DESKTOP_SKY_TOP = 0x16314f,
	DESKTOP_SKY_BOTTOM = 0xd98a6a,
	DESKTOP_WHITE = 0xffffff,
	DESKTOP_BLACK = 0x000000,
};

const char *const desktop_buttons[SCREEN_BUTTONS] = {"left", "right", "middle", "side", "extra"};

static const uint32_t desktop_button_colours[SCREEN_BUTTONS] = {
		0xffd166, 0x7bdff2, 0xb2f7a1, 0xf7a1d8, 0xc7b5ff};

/* An arrow: X is its edge, a dot its inside. */
static const char *const desktop_arrow[DESKTOP_POINTER_HEIGHT] = {
		"X            ",
		"XX           ",
		"X.X          ",
		"X..X         ",
		"X...X        ",
		"X....X       ",
		"X.....X      ",
		"X......X     ",
		"X.......X    ",
		"X........X   ",
		"X.........X  ",
		"X..........X ",
		"X......XXXXXX",
		"X...X..X     ",
		"X..XXX..X    ",
		"X.X  X..X    ",
		"XX    X..X   ",
		"X     X..X   ",
		"       X..X  ",
		"       XXX   ",
};

struct paint_box desktop_text_box(const struct desktop *desktop)
{
	struct paint_box window = desktop->window;

	return (struct paint_box){window.x + DESKTOP_PADDING,
			window.y + DESKTOP_TITLE + DESKTOP_PADDING,
			window.width - 3 * DESKTOP_PADDING,
			window.height - DESKTOP_TITLE - 2 * DESKTOP_PADDING};
}

int desktop_text_rows(const struct desktop *desktop)
{
	return MAX(desktop_text_box(desktop).height / TEXT_HEIGHT, 1);
}

int desktop_text_columns(const struct desktop *desktop)
{
	return MAX(desktop_text_box(desktop).width / TEXT_WIDTH, 1);
}

struct paint_box desktop_movie_box(const struct desktop *desktop)
{
	int width = desktop->width * 2 / 5, height = width * 9 / 16;

	return (struct paint_box){desktop->width - width - desktop->width / 24,
			desktop->height - height - desktop->height / 14, width, height};
}

struct paint_box desktop_pointer_box(const struct desktop *desktop)
{
	return (struct paint_box){desktop->pointer.x, desktop->pointer.y, DESKTOP_POINTER_WIDTH,
			DESKTOP_POINTER_HEIGHT};
}

struct paint_box desktop_mark_box(const struct desktop *desktop, const struct desktop_mark *mark)
{
	return (struct paint_box){mark->x - DESKTOP_MARK, mark->y - DESKTOP_MARK,
			2 * DESKTOP_MARK + DESKTOP_MARK_WIDTH, 2 * DESKTOP_MARK};
}

/* Near enough to a sine, of turns rather than radians, and without libm; place is not negative. */
static double desktop_wave(double turns)
{
	double half = 2 * (turns - (int)turns);

	return half < 1 ? 4 * half * (1 - half) : -4 * (half - 1) * (2 - half);
}

/* Height of a ridge of hills, as a part of the screen's height. */
static double desktop_ridge(int layer, double place)
{
	return 0.60 + 0.10 * layer +
	       0.045 * desktop_wave(place * (0.8 - 0.15 * layer) + layer * 0.34) +
	       0.022 * desktop_wave(place * (2.1 + 0.5 * layer) + layer * 0.16) +
	       0.006 * desktop_wave(place * 6.5 + layer * 0.8);
}

bool desktop_make_wallpaper(struct desktop *desktop)
{
	static const uint32_t hills[] = {0x6d5a78, 0x46506f, 0x2b3f5c, 0x1a2c44};
	struct picture *wallpaper = &desktop->wallpaper;
	struct paint_box all = {0, 0, desktop->width, desktop->height};
	struct paint paint;

	if (wallpaper->width == desktop->width && wallpaper->height == desktop->height)
		return true;
	if (!picture_resize(wallpaper, desktop->width, desktop->height))
		return false;
	paint_begin(&paint, wallpaper, all);
	paint_gradient(&paint, all, DESKTOP_SKY_TOP, DESKTOP_SKY_BOTTOM);
	/* A low sun, its glow first. */
	for (int glow = 5; glow >= 0; glow--)
		paint_ring(&paint, desktop->width * 2 / 3, desktop->height * 9 / 16,
				desktop->height / 14 + glow * desktop->height / 24, desktop->height,
				0xffe2b0, glow ? 22 : 230);
	for (int layer = 0; layer < (int)G_N_ELEMENTS(hills); layer++) {
		for (int x = 0; x < desktop->width; x++) {
			double ridge = desktop_ridge(layer, (double)x / desktop->width);
			int top = (int)(ridge * desktop->height);
			struct paint_box column = {x, top, 1, desktop->height - top};

			paint_fill(&paint, column, hills[layer], 255);
		}
	}
	return true;
}

/* A pattern that moves everywhere at once and that no codec likes. */
static void desktop_paint_movie(struct paint *paint, struct paint_box box, int64_t now)
{
	struct paint_box part = paint_cut(box, paint->clip);
	int step = (int)(now / 20000 & 0x3fffffff);
	uint8_t wave[256];
	uint32_t colours[256];

	for (int i = 0; i < 256; i++) {
		wave[i] = (uint8_t)(127.5 + 127.5 * desktop_wave(i / 256.0));
		colours[i] = (uint32_t)(127 + 127 * desktop_wave(i / 256.0)) << 16 |
			     (uint32_t)(127 + 127 * desktop_wave(i / 256.0 + 0.33)) << 8 |
			     (uint32_t)(127 + 127 * desktop_wave(i / 256.0 + 0.67));
	}
	for (int y = part.y; part.width > 0 && y < part.y + part.height; y++) {
		uint32_t *line = paint->view.pixels +
				 (size_t)(y - paint->clip.y) * paint->view.stride - paint->clip.x;
		int down = y - box.y;
		int row = wave[(down + 2 * step) & 0xff];

		for (int x = part.x; x < part.x + part.width; x++) {
			int across = x - box.x;

			line[x] = colours[(wave[(across + step) & 0xff] + row +
							  wave[((across + down) / 2 - 3 * step) &
									  0xff] +
							  step) &
					  0xff];
		}
	}
}

static void desktop_paint_panel(const struct desktop *desktop, struct paint *paint)
{
	struct paint_box panel = {0, 0, desktop->width, DESKTOP_PANEL};
	struct paint_box line = {0, DESKTOP_PANEL - 1, desktop->width, 1};
	int y = (DESKTOP_PANEL - TEXT_HEIGHT) / 2;
	time_t seconds = (time_t)(desktop->minute * 60);
	char text[128];
	struct tm parts;
	int x;

	paint_fill(paint, panel, DESKTOP_PANEL_COLOUR, 255);
	paint_fill(paint, line, DESKTOP_ACCENT, 255);
	paint_ring(paint, 22, DESKTOP_PANEL / 2, 8, 8, DESKTOP_ACCENT, 255);
	paint_text(paint, 40, y, "spicerack demonstration node", DESKTOP_PANEL_TEXT, 1);
	if (desktop->width >= 1280)
		paint_text(paint, 340, y, "Esc console · F5 movie · F6 full motion",
				DESKTOP_PANEL_FAINT, 1);
	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%a %d %b  %H:%M UTC", &parts);
	x = desktop->width - 16 - text_columns(text) * TEXT_WIDTH;
	paint_text(paint, x, y, text, DESKTOP_PANEL_TEXT, 1);
	for (int button = 2; button >= 0 && desktop->width >= 800; button--) {
		g_snprintf(text, sizeof(text), "%s %d", desktop_buttons[button],
				desktop->clicks[button]);
		x -= 28 + text_columns(text) * TEXT_WIDTH;
		paint_text(paint, x, y, text, desktop_button_colours[button], 1);
	}
}

static void desktop_paint_scroll_bar(const struct desktop *desktop, struct paint *paint)
{
	struct paint_box text = desktop_text_box(desktop);
	struct paint_box bar = {text.x + text.width + DESKTOP_PADDING / 2, text.y, 8, text.height};
	int rows = desktop_text_rows(desktop), lines = MAX((int)desktop->lines->len, rows);
	struct paint_box grip = bar;

	grip.height = MAX(bar.height * rows / lines, 16);
	if (lines > rows)
		grip.y += (bar.height - grip.height) * desktop->first / (lines - rows);
	paint_rounded(paint, bar, 4, DESKTOP_SCROLL, 255);
	paint_rounded(paint, grip, 4, DESKTOP_SCROLL_GRIP, 255);
}

/* Around the window only: what the window covers need not be shaded first. */
static void desktop_paint_shadow(const struct desktop *desktop, struct paint *paint)
{
	struct paint_box window = desktop->window;
	int edge = DESKTOP_SHADOW + DESKTOP_CORNER;
	struct paint_box strips[] = {
			{window.x - DESKTOP_SHADOW, window.y - DESKTOP_SHADOW,
					window.width + 2 * DESKTOP_SHADOW, edge},
			{window.x - DESKTOP_SHADOW, window.y + window.height - DESKTOP_CORNER,
					window.width + 2 * DESKTOP_SHADOW, edge},
			{window.x - DESKTOP_SHADOW, window.y + DESKTOP_CORNER, DESKTOP_SHADOW,
					window.height - 2 * DESKTOP_CORNER},
			{window.x + window.width, window.y + DESKTOP_CORNER, DESKTOP_SHADOW,
					window.height - 2 * DESKTOP_CORNER},
	};

	for (int i = 0; i < (int)G_N_ELEMENTS(strips); i++) {
		struct paint strip;

		paint_narrow(&strip, paint, strips[i]);
		for (int grow = DESKTOP_SHADOW - 6; strip.clip.width > 0 && grow > 0; grow -= 2) {
			struct paint_box shadow = {window.x - grow, window.y - grow + 4,
					window.width + 2 * grow, window.height + 2 * grow};

			paint_rounded(&strip, shadow, DESKTOP_CORNER + grow, DESKTOP_BLACK, 12);
		}
	}
}

static void desktop_paint_window(const struct desktop *desktop, struct paint *paint)
{
	static const uint32_t lamps[] = {0xe0614f, 0xe5b84b, 0x6fbf6a};
	struct paint_box window = desktop->window, inside = desktop_text_box(desktop);
	struct paint page;
	struct paint_box title = {window.x, window.y + DESKTOP_CORNER, window.width,
			DESKTOP_TITLE - DESKTOP_CORNER};
	struct paint_box body = {window.x, window.y + DESKTOP_TITLE, window.width,
			window.height - DESKTOP_TITLE - DESKTOP_CORNER};

	desktop_paint_shadow(desktop, paint);
	paint_rounded(paint, window, DESKTOP_CORNER, DESKTOP_WINDOW_PAPER, 255);
	/* The title's upper corners are round, its lower ones are not. */
	title.height += DESKTOP_CORNER;
	title.y -= DESKTOP_CORNER;
	paint_rounded(paint, title, DESKTOP_CORNER, DESKTOP_TITLE_TOP, 255);
	title.y += DESKTOP_CORNER;
	title.height -= DESKTOP_CORNER;
	paint_gradient(paint, title, DESKTOP_TITLE_TOP, DESKTOP_TITLE_BOTTOM);
	paint_fill(paint, body, DESKTOP_WINDOW_PAPER, 255);
	for (int i = 0; i < (int)G_N_ELEMENTS(lamps); i++)
		paint_ring(paint, window.x + 20 + 20 * i, window.y + DESKTOP_TITLE / 2, 6, 6,
				lamps[i], 255);
	paint_text(paint, window.x + 88, window.y + (DESKTOP_TITLE - TEXT_HEIGHT) / 2,
			desktop->dragging ? "Notes (held)" : "Notes", DESKTOP_TITLE_TEXT, 1);
	paint_narrow(&page, paint, inside);
	for (int row = 0; row < desktop_text_rows(desktop); row++) {
		guint line = desktop->first + row;
		int y = inside.y + row * TEXT_HEIGHT;
		const GString *text;

		if (line >= desktop->lines->len)
			break;
		text = g_ptr_array_index(desktop->lines, line);
		paint_text(&page, inside.x, y, text->str, DESKTOP_WINDOW_INK, 1);
		if (line == desktop->lines->len - 1) {
			struct paint_box cursor = {
					inside.x + (int)text->len * TEXT_WIDTH, y, 2, TEXT_HEIGHT};

			paint_fill(paint, cursor, DESKTOP_ACCENT, 255);
		}
	}
	desktop_paint_scroll_bar(desktop, paint);
}

static void desktop_paint_mark(struct paint *paint, const struct desktop_mark *mark)
{
	uint32_t colour = desktop_button_colours[mark->button];
	char text[32];
	struct paint_box label;

	g_snprintf(text, sizeof(text), "%s %d", desktop_buttons[mark->button], mark->count);
	label = (struct paint_box){mark->x + DESKTOP_MARK + 4, mark->y - TEXT_HEIGHT / 2 - 3,
			text_columns(text) * TEXT_WIDTH + 14, TEXT_HEIGHT + 6};
	paint_ring(paint, mark->x, mark->y, DESKTOP_MARK - 2, 5, DESKTOP_BLACK, 120);
	paint_ring(paint, mark->x, mark->y, DESKTOP_MARK - 3, 3, colour, 255);
	paint_rounded(paint, label, 6, DESKTOP_PANEL_COLOUR, 220);
	paint_text(paint, label.x + 7, label.y + 3, text, colour, 1);
}

static void desktop_paint_pointer(const struct desktop *desktop, struct paint *paint)
{
	struct paint_box box = desktop_pointer_box(desktop);

	for (int y = 0; y < box.height; y++) {
		for (int x = 0; x < box.width; x++) {
			struct paint_box dot = {box.x + x, box.y + y, 1, 1};
			char what = desktop_arrow[y][x];

			if (what != ' ')
				paint_fill(paint, dot, what == 'X' ? DESKTOP_BLACK : DESKTOP_WHITE,
						255);
		}
	}
}

void desktop_paint(struct desktop *desktop, const struct picture *picture, struct paint_box clip,
		int64_t now)
{
	struct paint_box all = {0, 0, desktop->width, desktop->height};
	struct paint_box movie = desktop_movie_box(desktop);
	struct paint_box frame = {movie.x - 3, movie.y - 3, movie.width + 6, movie.height + 6};
	struct paint paint;

	paint_begin(&paint, picture, clip);
	if (paint.clip.width == 0)
		return;
	if (desktop->motion == SCREEN_FULL_MOTION)
		desktop_paint_movie(&paint, all, now);
	else
		paint_copy(&paint, &desktop->wallpaper);
	if (desktop->motion == SCREEN_MOVIE) {
		paint_fill(&paint, frame, DESKTOP_PANEL_COLOUR, 255);
		desktop_paint_movie(&paint, movie, now);
	}
	desktop_paint_panel(desktop, &paint);
	desktop_paint_window(desktop, &paint);
	for (int i = 0; i < desktop->mark_count; i++)
		desktop_paint_mark(&paint, &desktop->marks[i]);
	desktop_paint_pointer(desktop, &paint);
}
