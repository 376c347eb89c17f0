/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node's screen in the lab: a picture for each number, the same wherever it is drawn. A mark in
 * its corner says the number, and survives compression. Pixels are 0x00RRGGBB, strides in pixels.
 */
#include <stdbool.h>
#include <stdint.h>

enum feed_scene {
	FEED_DESKTOP, /* a still desktop on which a box moves and a bar grows: little changes */
	FEED_MOTION,  /* everything changes */
	FEED_NOISE,   /* so does every pixel: it fits no buffer at a fine quality */
	FEED_BLANK,   /* grey, but for the mark */
	FEED_SCENES,
};

extern const char *const feed_scene_names[FEED_SCENES];

#define FEED_MARK_WIDTH  256 /* pixels of the mark, at the left top */
#define FEED_MARK_HEIGHT 32
#define FEED_NUMBER_MAX  0xffffff

/*
 * Draws picture number of a scene. drawn: what the same memory holds of the same scene and size, so
 * that only the difference is drawn; -1: nothing.
 */
void feed_picture(uint32_t *pixels, int width, int height, int stride, enum feed_scene scene,
		unsigned int number, int drawn);

/* The mark alone, over whatever there is. */
void feed_picture_mark(uint32_t *pixels, int width, int height, int stride, unsigned int number);

/* Reads the mark; false when there is none. Wants FEED_MARK_WIDTH x FEED_MARK_HEIGHT pixels. */
bool feed_picture_number(const uint32_t *pixels, int stride, unsigned int *number);
