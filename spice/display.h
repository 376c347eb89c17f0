/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The way a picture takes to one viewer. A display knows the newest picture and what of it this
 * viewer has not seen; when the viewer can take more, it sends that and nothing older: a slow
 * viewer skips states and never lags. Behind this interface: the library's display channel
 * (display_library.c) today, one of our own next. Main thread only.
 */
#include <stdbool.h>
#include <stdint.h>

/* A picture that somebody else owns and changes between calls; it outlives the display or is
 * replaced first. */
struct display_picture {
	int width, height;      /* pixels */
	int stride;             /* pixels from one row to the next */
	const uint32_t *pixels; /* 0x00RRGGBB in host order, top row first */
};

/* Changed units of a picture, in raster order. */
struct display_damage {
	int unit;           /* pixels, 8 or 16 */
	int columns, rows;  /* units */
	const uint8_t *map; /* columns * rows bytes, nonzero = changed */
};

struct display;

struct display_ops {
	void (*show)(struct display *display, const struct display_picture *picture);
	void (*damage)(struct display *display, const struct display_damage *damage);
	void (*close)(struct display *display);
};

struct display {
	const struct display_ops *ops;
};

/*
 * Shows another picture: all of it is new. Called for the first one, for another size and for other
 * memory; the former picture's memory is not looked at again after this returns.
 */
static inline void display_show(struct display *display, const struct display_picture *picture)
{
	display->ops->show(display, picture);
}

/* Parts of the shown picture changed. */
static inline void display_damage(struct display *display, const struct display_damage *damage)
{
	display->ops->damage(display, damage);
}

static inline void display_close(struct display *display) /* NULL is fine */
{
	if (display)
		display->ops->close(display);
}
