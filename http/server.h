/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * HTTP 1.1 with JSON on a unix socket, driven by the default main context: no thread, and nothing
 * wakes while nobody asks. Handlers run on the main thread and answer at once.
 *
 * Whatever goes wrong with a request is told as {"error": {"code": 404, "message": "a sentence"}};
 * only what is no HTTP at all is refused by the library in its own words. Who connects and stays
 * silent is cut off, who comes beyond the limit of connections waits until another leaves.
 */
#include <glib.h>
#include <jansson.h>
#include <sys/types.h>
#include "http/describe.h"
#include "http/route.h"

struct http_settings {
	const char *socket;      /* path */
	mode_t mode;             /* its permission bits */
	struct http_about about; /* strings are not copied */
	/* 0: as the comment says. */
	unsigned int connections; /* at once; 256 */
	unsigned int timeout;     /* seconds of silence; 15 */
	size_t body;              /* bytes at most; 64 KiB */
};

/* One that is being answered; valid during the handler's call. */
struct http_request {
	const struct http_route *route;
	const json_t *values; /* an object: the parameters that were given, as the route allows */
};

/* What a handler fills in. An answer that comes later, or never ends, will be said here too. */
struct http_answer {
	unsigned int status; /* 200 unless the handler says otherwise */
	json_t *json;        /* given away */
};

/*
 * Returns false and sets error: of HTTP_ERROR, with the status as its code, or any other, which is
 * a 500. Must not close the server.
 */
typedef bool (*http_handler_fn)(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);

struct http_server;

/*
 * Listens when it returns. Routes of its own: GET /api/v1 (the list of all) and GET
 * /api/v1/openapi.json. The process must ignore SIGPIPE. Errors: as http_socket_open, or
 * G_FILE_ERROR_FAILED.
 */
struct http_server *http_server_open(const struct http_settings *settings, GError **error);

/* Adds routes, each with the handler at the same place; both arrays must outlive the server. */
void http_server_add(struct http_server *server, const struct http_route *routes,
		const http_handler_fn *handlers, size_t count, void *data);

void http_server_close(struct http_server *server); /* NULL is fine; ends what is under way */
