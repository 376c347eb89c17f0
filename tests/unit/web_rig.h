/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A web server with faults, a source that reads of it, and what they tell: for the tests of web. */
#include <glib.h>
#include "media/web.h"
#include "tests/unit/web_host.h"

#define WEB_RIG_SIZE  (3 * 1024 * 1024 + 777)
#define WEB_RIG_BLOCK (64 * 1024)

struct web_rig {
	char *folder, *file, *certificate;
	uint8_t *content;
	struct web_host host;
	struct web_settings settings;
	struct source *source;
	unsigned int waited;    /* times that it said so */
	enum source_state told; /* the last */
	char *reason;           /* its */
	bool close_at_state;
};

struct web_reading {
	bool ended;
	GError *error;
	uint8_t bytes[WEB_RIG_BLOCK];
	struct web_rig *close; /* closes its source when it ends */
};

/* getaddrinfo here is as slow as a name server that does not answer. */
extern bool web_rig_slow_names;

void web_rig_open_url(struct web_rig *f, const char *url);
void web_rig_begin(struct web_rig *f, const char *path);
void web_rig_await_state(struct web_rig *f, enum source_state state);
void web_rig_open_ready(struct web_rig *f, const char *path);
struct source_request *web_rig_ask(
		struct web_rig *f, struct web_reading *reading, uint64_t offset, size_t size);
void web_rig_await(struct web_reading *reading);
void web_rig_assert_reads(struct web_rig *f, uint64_t offset, size_t size);
void web_rig_assert_read_fails(struct web_rig *f, uint64_t offset, size_t size, GFileError code,
		const char *words);
void web_rig_assert_fails_to_open(struct web_rig *f, const char *path, const char *words);
/* Every block of the file, in the order of a sequential reader with eight reads at once. */
void web_rig_assert_whole(struct web_rig *f);

struct web_test {
	const char *name;
	void (*test)(struct web_rig *f, gconstpointer data);
	gconstpointer data;
};

#define WEB_TEST(name)                           \
	{                                        \
		"/web/" #name, test_##name, NULL \
	}

/* What a test program's main does before and after it adds tests of its own; skips without python3.
 */
void web_rig_init(int *argc, char ***argv);
int web_rig_run(const struct web_test *tests, size_t count);
