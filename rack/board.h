/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Sensors and fans of this board, whatever they are made of: the kernel's hardware monitoring or a
 * simulated rack. As hwmon.h, and a simulated rack's times (taken, every_ms) are of its own clock;
 * main thread only.
 */
#include "rack/hwmon.h"

struct board;

/* Each kind of board begins with this, and has a constructor of its own. */
struct board_kind {
	void (*duty)(struct board *board, size_t output, double percent);
	void (*leave)(struct board *board, const bool *others);
	void (*free)(struct board *board);
};
struct board {
	const struct board_kind *kind;
};

static inline void board_duty(struct board *board, size_t output, double percent)
{
	board->kind->duty(board, output, percent);
}

static inline void board_free(struct board *board) /* NULL is fine */
{
	if (board)
		board->kind->free(board);
}

/*
 * As board_free, but waits for nobody: another board takes over. others, by output: those that are
 * its own from now on, and not written here any more. NULL: none are.
 */
static inline void board_leave(struct board *board, const bool *others)
{
	if (board)
		board->kind->leave(board, others);
}

/* Arguments and errors as hwmon_new. */
struct board *board_hwmon_new(const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *data, GError **error);
