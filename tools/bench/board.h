/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the processes of a measurement tell each other, in memory that they share by its descriptor:
 * one plays the film, one to BOARD_VIEWERS watch, the first one reads it all at the end.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "tools/bench/film.h"

#define BOARD_VIEWERS  4
#define BOARD_MEASURED 4

struct board_viewer {
	volatile int ready;                  /* has the first picture */
	volatile int64_t seen[FILM_NUMBERS]; /* monotonic us when a number was first whole; 0 */
	volatile unsigned long bytes[FILM_PHASES + 1]; /* read as the phase began */
	char wrong[256];                               /* what failed; empty: nothing */
};

struct board {
	/* Settings, before anybody starts */
	int rate;     /* frames per second */
	int selector; /* the film's version, whatever is asked for; 0: what is asked for */
	bool moving;  /* the phases with marks alone */
	int before;   /* frames of scrolling that come before all phases, for the server to adapt */
	/* Of the server or the player */
	pid_t measured[BOARD_MEASURED]; /* whose CPU counts; 0: none */
	volatile int ready;             /* 1: address is known, or there is something wrong */
	volatile int phase;             /* at hand; -1 before the first, FILM_PHASES at the end */
	volatile int64_t handed[FILM_NUMBERS]; /* monotonic us when a frame was handed out */
	volatile int64_t cpu[FILM_PHASES + 1]; /* ns, as the phase began */
	volatile int64_t began[FILM_PHASES + 1];
	volatile long resident;  /* KiB at most, without what is shared */
	volatile long anonymous; /* KiB at most */
	volatile int asked;      /* how often another quality was asked for */
	volatile int last;       /* the selector that was asked for last */
	volatile int lowest;     /* the lowest selector that was shown; 0: none */
	char address[128];
	char wrong[256];
	/* Of the first process */
	volatile int go, stop;
	struct board_viewer viewers[BOARD_VIEWERS];
};

struct board *board_new(int *fd);
struct board *board_open(int fd);
void board_close(struct board *board, int fd);

/* CPU time of the measured processes so far, all threads, ns. */
int64_t board_cpu(const struct board *board);

/* A phase begins: notes the time, and what has been used. */
void board_phase(struct board *board, enum film_phase phase);

/* A viewer's pixels have changed. */
void board_look(struct board *board, int viewer, const uint32_t *pixels, int stride, int height);

/* A viewer knows of the phase at hand; bytes: read from its socket so far. Returns the phase. */
int board_follow(struct board *board, int viewer, int *phase, unsigned long bytes);

/*
 * Starts a process that has this one's descriptors and ends with it. quiet: what it says goes
 * nowhere. 0: it cannot be.
 */
pid_t board_start(const char *const *argv, bool quiet);

/* Ends one with SIGTERM, and by force after two seconds. */
void board_end(pid_t pid);
