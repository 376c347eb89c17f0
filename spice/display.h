/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The way a picture takes to one viewer. A display knows the newest picture and what of it this
 * viewer has not seen; when the viewer can take more, it sends that and nothing older: a slow
 * viewer skips states and never lags. Behind this interface: the library's display channel
 * (display_library.c), and one of our own (display_direct.c). Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct display_coder;

/* A picture that somebody else owns and changes between calls; it outlives the display or is
 * replaced first. */
struct display_picture {
	int width, height;      /* pixels */
	int stride;             /* pixels from one row to the next */
	const uint32_t *pixels; /* 0x00RRGGBB in host order, top row first; with a coder they show
				   what is newest only after its refresh */
	const struct display_coder *coder; /* NULL: none, the pixels are always up to date */
};

/* Part of a picture, pixels, within its edges. */
struct display_rectangle {
	int x, y, width, height;
};

/* What a part of a picture shows stood elsewhere in the picture before. */
struct display_move {
	struct display_rectangle to;
	int from;            /* row of pixels where that began which now begins at to.y */
	const uint8_t *rest; /* what is to be drawn after it was copied: a map, see below */
};

/* Changed units of a picture, in raster order. */
struct display_damage {
	int unit;           /* pixels, 8 or 16 */
	int columns, rows;  /* units */
	const uint8_t *map; /* columns * rows bytes, nonzero = changed */
	/* Another way to the same picture, from the one before; NULL: there is none. */
	const struct display_move *move;
};

/*
 * Makes JPEGs of the picture that is shown, as it is at the moment of the call, from whatever it is
 * kept as: for a display that sends JPEGs, and so that pixels are made only when somebody wants
 * them.
 */
struct display_coder {
	/*
	 * Cuts what is marked into rectangles that cover it in as few bytes as may be, those with
	 * the upper lower edge first. Returns how many, at most `most` (1 or more). The unit is
	 * that of the newest damage, and 16 before there was any.
	 */
	int (*plan)(const struct display_damage *dirty, struct display_rectangle *out, int most,
			void *data);
	/* Appends a rectangle of a plan as a whole baseline JPEG (ITU-T T.81) of its size. False:
	 * memory is short, nothing is appended. */
	bool (*write)(const struct display_rectangle *rectangle, GByteArray *out, void *data);
	/* Brings the picture's pixels up to date. */
	void (*refresh)(void *data);
	void *data;
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
