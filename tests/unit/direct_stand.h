/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A display channel of our own with a picture, for its tests. */
#include "spice/display_direct.h"
#include "spice/link.h"
#include "tests/unit/jpeg_coder.h"
#include "tests/unit/raw_display.h"

#define STAND_WIDTH  320
#define STAND_HEIGHT 200
#define STAND_UNITS  (20 * 13)

struct stand {
	struct jpeg_coder coder;
	const char *password; /* NULL: none is asked for */
	struct link_key *key;
	struct direct_updates *updates;
	struct direct_settings settings;
	struct display *display;
	int opened, closed, refused;
	bool drops; /* the client, as soon as it is open or refused */
	uint8_t map[STAND_UNITS];
};

struct stand *stand_open(const char *password);
void stand_close(struct stand *stand);

/* One more display by the settings. */
struct display *stand_display(struct stand *stand);

/* Changes a unit of the picture and tells it to one display, or two. */
void stand_change(struct stand *stand, int column, int row, uint32_t colour, struct display *other);

/* Scrolls the picture up by a unit, with this colour in what comes in, and tells it the same way.
 */
void stand_scroll(struct stand *stand, uint32_t colour, struct display *other);

/* Links a client whose password is "secret"; caps: enum raw_caps. */
void stand_join(struct stand *stand, struct raw_display *raw, unsigned int caps);
/* The same with one more display, which is shown the picture. */
void stand_join_other(struct stand *stand, struct display *other, struct raw_display *raw,
		unsigned int caps);

void stand_assert_shows(const struct raw_display *raw, const struct stand *stand);

/* ms until something is due on the main context, -1: never. */
int stand_next_timer(void);
