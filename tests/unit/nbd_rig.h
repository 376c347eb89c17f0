/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* An image, a server for it, and a source that reads of that: for the tests of nbd. */
#include "media/nbd.h"
#include "tests/unit/moves.h"
#include "tests/unit/nbd_host.h"

#define SIZE (4u << 20)

struct fixture {
	struct nbd_host host;
	char *image; /* a file of SIZE */
	char *serve; /* arguments that serve it */
	uint8_t *content;
	struct nbd_settings settings;
	struct source *source;
	enum source_state told;
	unsigned int waited;
	char *reason;
	bool close_at_state;
};

static inline void on_state(enum source_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	g_assert_nonnull(reason);
	f->told = state;
	f->waited += state == SOURCE_WAITING;
	g_free(f->reason);
	f->reason = g_strdup(reason);
	if (f->close_at_state)
		source_close(g_steal_pointer(&f->source));
}

static inline void fixture_open(struct fixture *f, gconstpointer unused)
{
	nbd_host_init(&f->host);
	f->image = g_build_filename(f->host.folder, "image", NULL);
	f->serve = g_strdup_printf("file %s", f->image);
	f->content = g_malloc(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		f->content[i] = (uint8_t)((i * 2654435761U) >> 13);
	g_assert_true(g_file_set_contents(f->image, (const char *)f->content, SIZE, NULL));
	f->settings.retry = 20;
}

static inline void fixture_close(struct fixture *f, gconstpointer unused)
{
	source_close(f->source);
	nbd_host_clear(&f->host);
	g_free(f->image);
	g_free(f->serve);
	g_free(f->content);
	g_free(f->reason);
}

static inline void begin(struct fixture *f, const char *uri)
{
	const struct source_events events = {.state = on_state, .data = f};
	g_autoptr(GError) error = NULL;

	f->settings.uri = uri;
	f->source = nbd_open(&f->settings, &error);
	g_assert_no_error(error);
	f->settings.uri = NULL;
	g_assert_cmpint(f->source->state, ==, SOURCE_OPENING);
	f->told = SOURCE_OPENING;
	source_listen(f->source, &events);
}

static inline void await_state(struct fixture *f, enum source_state state)
{
	while (f->told != state)
		g_main_context_iteration(NULL, TRUE);
}

static inline void open_ready(struct fixture *f)
{
	begin(f, f->host.uri);
	await_state(f, SOURCE_READY);
	g_assert_cmpuint(f->source->size, ==, SIZE);
}

static inline void assert_fails_to_open(struct fixture *f, const char *uri, const char *words)
{
	begin(f, uri);
	await_state(f, SOURCE_FAILED);
	g_test_message("%s", f->reason);
	g_assert_nonnull(strstr(f->reason, words));
	source_close(g_steal_pointer(&f->source));
}

/* Every block of it, in pieces of 64 KiB, many at once. */
static inline void assert_whole(struct fixture *f)
{
	enum { PIECE = 65536, PIECES = SIZE / PIECE };
	g_autofree struct move *moves = g_new0(struct move, PIECES);
	g_autofree uint8_t *bytes = g_malloc0(SIZE);

	for (size_t i = 0; i < PIECES; i++)
		move_read(&moves[i], f->source, i * PIECE, PIECE, bytes + i * PIECE);
	for (size_t i = 0; i < PIECES; i++) {
		move_wait(&moves[i]);
		g_assert_cmpint(moves[i].code, ==, -1);
	}
	g_assert_true(memcmp(bytes, f->content, SIZE) == 0);
}
