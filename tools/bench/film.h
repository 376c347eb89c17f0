/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Frames for the viewers' benchmark: drawn and encoded once, in memory that processes share by its
 * descriptor. Each picture but those of the phases without motion is marked with its number (see
 * scenes.h).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "capture/capture.h"

enum film_phase {
	FILM_TYPING,   /* a character a frame */
	FILM_SCROLL,   /* a window of text moves up by a line */
	FILM_WINDOW,   /* a window moves */
	FILM_MOTION,   /* everything changes */
	FILM_PAUSE,    /* one frame: another picture */
	FILM_STANDING, /* nothing changes, and the engine sends frames all the same */
	FILM_STILL,    /* no frames at all */
	FILM_PHASES,
};

#define FILM_MARKED      FILM_PAUSE /* phases before this have marks */
#define FILM_MOST        240        /* frames of a phase at most */
#define FILM_NUMBERS     (1 + (FILM_MARKED + 1) * FILM_MOST)
#define FILM_VERSIONS    3 /* of different quality */
#define FILM_FULL_EVERY  8 /* drivers/media/platform/aspeed/aspeed-video.c */
#define FILM_STILL_FRAME 0 /* the first: the whole screen, before any phase */

extern const char *const film_phase_names[FILM_PHASES];

struct film_look {
	int width, height;        /* pixels */
	enum capture_codec codec; /* CAPTURE_AJPG or _JPEG */
	int chroma;
	int selectors[FILM_VERSIONS]; /* falling; the first 0 after one ends them */
	int frames;                   /* of a phase */
};

struct film;

/* Draws and encodes; each eighth AJPG frame is a full one as the driver's are. */
struct film *film_new(const struct film_look *look);

/* The same film in another process. */
struct film *film_open(int fd);
int film_fd(const struct film *film);

const struct film_look *film_look(const struct film *film);

/* The number of the first frame of a phase with marks; FILM_MARKED: of what follows, as many frames
 * again that do not differ. */
int film_first(const struct film *film, enum film_phase phase);

/* The number after the last frame's. */
int film_end(const struct film *film);

/* A frame in the version that comes nearest to a selector from below; without its time. */
void film_frame(const struct film *film, int number, int selector, struct capture_frame *frame);

/* Where a frame's data begin in the shared memory, at a page. */
size_t film_offset(const struct film *film, const struct capture_frame *frame);

void film_free(struct film *film); /* NULL is fine */
