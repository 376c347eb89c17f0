/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What re-coding keeps between calls, and how its parts know each other. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs to be merged, at most; with more of them a plan is made coarser. */
#define RECODE_RUNS 600

/* A rectangle in macroblocks, right and bottom excluded. */
struct recode_part {
	uint16_t left, top, right, bottom;
	uint8_t kind;  /* of coded.h: of all its macroblocks */
	uint32_t cost; /* bits */
};

struct recode_pixels; /* libjpeg's part */

struct recode {
	bool full_header;
	bool passable; /* the decoder's last JPEG can be sent as it is */
	struct recode_part parts[RECODE_RUNS];
	uint32_t *sums; /* of costs, for each row of macroblocks columns + 1 of them */
	uint16_t *runs; /* for each macroblock, how many from it on to the right are of its kind */
	size_t sums_room, runs_room;
	struct recode_pixels *pixels;
};

void recode_release(struct recode *recode);
