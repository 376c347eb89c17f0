/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A picture with words, for when there is none of the node. */
#include <glib.h>
#include <stdbool.h>
#include "decoder/picture.h"

/*
 * Draws a title (a few words), a sentence, and since when, at this size. False: memory is short, or
 * it is no size.
 */
bool card_draw(struct picture *picture, int width, int height, const char *title,
		const char *detail, GDateTime *since);
