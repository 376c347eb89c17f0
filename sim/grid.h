/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A text screen: cells of TEXT_WIDTH x TEXT_HEIGHT pixels with a colour each, a place where text
 * goes next, and scrolling. Draws only the cells that differ from what it drew last.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "decoder/picture.h"

struct grid_cell {
	uint32_t code;       /* Unicode */
	uint32_t ink, paper; /* 0x00RRGGBB */
};

struct grid {
	int columns, rows;
	int column, row;         /* where text goes next; column may be one too far */
	uint32_t ink, paper;     /* of text to come */
	bool cursor;             /* shown at column, row */
	int top;                 /* row of cells[] that is shown first: scrolling moves this only */
	struct grid_cell *cells; /* of the grid */
	struct grid_cell *drawn; /* as on the picture */
};

/* Sets the size, in cells; what fits stays, the last row included. Before the first call all is 0.
 */
void grid_resize(struct grid *grid, int columns, int rows);
void grid_release(struct grid *grid);

/* Empties it with the present colours and goes to the top left. */
void grid_clear(struct grid *grid);

void grid_move(struct grid *grid, int column, int row); /* clamped */

/* Writes UTF-8 from the present place on, wrapping and scrolling; "\n" begins a line, "\b" goes
 * back one. */
void grid_print(struct grid *grid, const char *text);
void grid_put(struct grid *grid, uint32_t code);

/* Blanks the rest of the present line. */
void grid_clear_line(struct grid *grid);

/* Draws in the picture's top left, fresh: all of it, also black around. */
void grid_draw(struct grid *grid, struct picture *picture, bool fresh);

/* Appends what is shown: rows without trailing blanks, each ending in "\n". */
void grid_text(const struct grid *grid, GString *text);
