/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Screens to measure with: what a server's console shows, drawn the same in every run. */
#include "decoder/picture.h"

enum scene {
	SCENE_DESKTOP, /* wallpaper, panel, two windows of text */
	SCENE_PHOTO,   /* soft detail everywhere */
	SCENE_TEXT,    /* a terminal full of small letters, edge to edge */
};

/* Draws a scene over a whole picture. step moves the desktop's front window, and the photo. */
void scene_draw(struct picture *picture, enum scene scene, int step);

/* Types a character into the desktop's terminal: the nth, nothing else changes. */
void scene_type(struct picture *picture, int n);

/* Writes another line at the right of the desktop's panel: a clock, figures. With it typing changes
 * about a hundredth of a 1080p screen. */
void scene_status(struct picture *picture, int n);

/* Puts a dialog onto the desktop, which moves with the step: about 6 % of a 1080p screen change. */
void scene_dialog(struct picture *picture, int step);

/* Another picture in every pixel. */
void scene_invert(struct picture *picture);

/* Moves everything of a box up by one line of text and writes another one below. */
void scene_scroll(struct picture *picture, int n);

/*
 * Marks a picture with a number that survives compression: one cell of 16 pixels a bit, black or
 * white, along the top edge, and the same along the bottom edge, in the last row of cells. Reading
 * it back gives -1 while the two differ: a part of the picture is another's.
 */
#define SCENE_MARK_BITS 16
void scene_mark(struct picture *picture, int number);
int scene_read_mark(const uint32_t *pixels, int stride, int height);
