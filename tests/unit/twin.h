/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One stream for two decoders, one of which keeps blocks; and a viewer that is sent JPEGs of what
 * these change. What the two say and show must be the same, and what the viewer shows near it; and
 * so what another one shows, who copies what has scrolled.
 */
#include <glib.h>
#include "decoder/decoder.h"
#include "decoder/recode.h"

#define TWIN_RECTANGLES 64

struct twin {
	struct decoder *pixels, *blocks;
	struct decoder_result result; /* of both */
	struct picture viewer;
	struct picture mover; /* another one's, who copies what has scrolled */
	int moves;            /* of his: frames */
	bool smooth;      /* the viewer's chroma, as libjpeg does it when nobody says otherwise */
	bool follow;      /* with the viewer: what is below is told */
	int rectangles;   /* of the last frame */
	gsize bytes;      /* of all of them */
	double worst;     /* decibels of the viewer's picture, of any frame */
	int refresh_each; /* the pixels are looked at after so many frames; 1 as it begins */
	int frames;
};

void twin_open(struct twin *twin);
void twin_close(struct twin *twin);

/* Decodes a frame from memory of exactly its size, and compares. Returns whether it was good. */
bool twin_decode(struct twin *twin, const struct decoder_frame *frame);

/* Brings the blocks' pixels up to date; both pictures must be alike. */
void twin_compare(struct twin *twin);

/* Decodes a JPEG into a picture at a place; the size must be the rectangle's. */
void twin_show(struct picture *picture, const struct recode_rectangle *rectangle,
		const guint8 *bytes, gsize size, bool smooth);

double twin_decibels(const struct picture *a, const struct picture *b);
