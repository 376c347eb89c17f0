/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Reads and writes that a test asks a source for, and how they end. */
#include <string.h>
#include "media/source.h"

struct move {
	struct source_request *request;
	bool ended;
	int code; /* G_FILE_ERROR_..., -1: went well */
	char words[256];
};

static inline void move_done(const GError *error, void *data)
{
	struct move *move = data;

	g_assert_false(move->ended);
	move->ended = true;
	move->code = -1;
	move->words[0] = '\0';
	if (error) {
		g_assert_true(error->domain == G_FILE_ERROR);
		move->code = error->code;
		g_strlcpy(move->words, error->message, sizeof(move->words));
	}
}

static inline void move_read(
		struct move *move, struct source *source, uint64_t offset, size_t size, void *bytes)
{
	*move = (struct move){0};
	move->request = source_read(source, offset, size, bytes, move_done, move);
	g_assert_false(move->ended);
}

static inline void move_write(struct move *move, struct source *source, uint64_t offset,
		size_t size, const void *bytes)
{
	*move = (struct move){0};
	move->request = source_write(source, offset, size, bytes, move_done, move);
	g_assert_false(move->ended);
}

static inline void move_wait(const struct move *move)
{
	while (!move->ended)
		g_main_context_iteration(NULL, TRUE);
}

static inline void move_settle(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}
