/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A server with a small API, on a unix socket in a folder of its own, for tests. */
#include "http/server.h"
#include "tests/unit/http_client.h"

#define HTTP_STAGE_ROUTES 6

struct http_stage {
	char *folder, *socket;
	struct http_settings settings; /* for http_stage_serve */
	struct http_server *server;
	int handled; /* requests that came to a handler */
};

/* For g_test_add. */
void http_stage_open(struct http_stage *f, gconstpointer unused);
void http_stage_close(struct http_stage *f, gconstpointer unused);

/*
 * Serves /things/{name} (GET, POST: an echo), /refuse (409), /fail (500), /large (4 MiB) and
 * /nothing (DELETE).
 */
void http_stage_serve(struct http_stage *f);

struct http_reply *http_stage_ask(
		struct http_stage *f, const char *method, const char *path, const char *body);

/* That the answer is this error. */
void http_stage_error(struct http_stage *f, const char *method, const char *path, const char *body,
		int status, const char *message);

/* That the server still answers. */
void http_stage_alive(struct http_stage *f);
