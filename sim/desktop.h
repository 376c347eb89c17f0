/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the desktop of the simulated node consists of, between its behaviour (screen_desktop.c) and
 * its looks. */
#include <glib.h>
#include "sim/paint.h"
#include "sim/screen.h"

#define DESKTOP_PANEL          36  /* pixels: the panel at the top */
#define DESKTOP_TITLE          34  /* a window's title bar */
#define DESKTOP_CORNER         8   /* radius of its corners */
#define DESKTOP_SHADOW         18  /* around a window */
#define DESKTOP_PADDING        16  /* between a window's border and its text */
#define DESKTOP_MARK           24  /* radius of a click's mark */
#define DESKTOP_MARK_WIDTH     170 /* of the mark's words */
#define DESKTOP_POINTER_WIDTH  13
#define DESKTOP_POINTER_HEIGHT 20

#define DESKTOP_MARKS_MAX 6
#define DESKTOP_DIRTY_MAX 24

extern const char *const desktop_buttons[SCREEN_BUTTONS];

struct desktop_mark {
	int x, y;
	int button; /* bit number */
	int count;  /* of that button, with this one */
};

struct desktop {
	struct screen screen;
	int width, height;
	int64_t wall;             /* of the clock, see screen_desktop_new */
	struct picture wallpaper; /* made for one size */
	enum screen_motion motion;
	struct paint_box window; /* with the title bar, without the shadow */
	GPtrArray *lines;        /* of GString *: the window's text; typing goes to the last */
	int first;               /* the line at the window's top */
	struct desktop_mark marks[DESKTOP_MARKS_MAX]; /* oldest first */
	int mark_count;
	int clicks[SCREEN_BUTTONS];
	struct screen_pointer pointer;
	bool dragging;
	int drag_x, drag_y; /* where in the window it is held */
	int64_t minute;     /* that the clock shows, since 1970 */
	struct paint_box dirty[DESKTOP_DIRTY_MAX];
	int dirty_count;
};

/* Where things are. */
struct paint_box desktop_text_box(const struct desktop *desktop); /* the window's inside */
struct paint_box desktop_movie_box(const struct desktop *desktop);
struct paint_box desktop_pointer_box(const struct desktop *desktop);
struct paint_box desktop_mark_box(const struct desktop *desktop, const struct desktop_mark *mark);
int desktop_text_rows(const struct desktop *desktop);
int desktop_text_columns(const struct desktop *desktop);

/* Makes the wallpaper for the desktop's size; false when memory is short. */
bool desktop_make_wallpaper(struct desktop *desktop);

/* Draws everything inside the clip. */
void desktop_paint(struct desktop *desktop, const struct picture *picture, struct paint_box clip,
		int64_t now);
