/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * HTTP 1.1 with JSON on unix sockets and TCP addresses, driven by the default main context: no
 * thread, and nothing wakes while nobody asks. One table of routes for all of them. Handlers run on
 * the main thread and answer at once, or say that they will.
 *
 * Whatever goes wrong with a request is told as {"error": {"code": 404, "message": "a sentence"}},
 * or as a style says; only what is no HTTP at all is refused by the library in its own words. Who
 * connects and stays silent is cut off, who comes beyond the limit of connections waits until
 * another leaves.
 */
#include <glib.h>
#include <jansson.h>
#include <sys/types.h>
#include "http/describe.h"
#include "http/route.h"

struct exchange;
struct http_auth;

struct http_settings {
	struct http_about about; /* strings are not copied */
	/* 0: as the comment says. */
	unsigned int connections; /* at once, of each listener; 256 */
	unsigned int timeout;     /* seconds of silence; 15 */
	size_t body;              /* bytes at most; 64 KiB */
	unsigned int comments;    /* seconds between comments in streams of events; 15 */
};

/* One that is being answered; valid during the handler's call. */
struct http_request {
	const struct http_route *route;
	const json_t *values; /* an object: the parameters that were given, as the route allows */
	const json_t *body;   /* of a free-form route: an object; NULL: it has none */
	const char *peer;     /* the address that asks; NULL: it came by a unix socket */
	bool encrypted;       /* it came over TLS */
	const char *user;     /* who asks; NULL: nobody knows, or it came by a unix socket */
	const char *session;  /* the id of the session that it belongs to; NULL: none */
	enum http_role role;  /* what he is allowed, HTTP_PUBLIC: no more than everybody */
	/* Headers; NULL: none. */
	const char *if_match, *if_none_match;
	const char *last_event_id; /* of Server-Sent Events: the last one that it has seen */
	struct exchange *exchange; /* the server's */
};

/* What a handler fills in. */
struct http_answer {
	unsigned int status; /* 200 unless the handler says otherwise; 204 has no content */
	json_t *json;        /* given away */
	char *text;          /* instead of json: given away, for g_free */
	GBytes *bytes;       /* instead of both: given away */
	const char *type;    /* of text or bytes: "application/xml" */
	char **headers;      /* by http_answer_header; without Cache-Control: no-store */
};

/* Adds a header; both are copied. */
void http_answer_header(struct http_answer *answer, const char *name, const char *value);
void http_answer_clear(struct http_answer *answer); /* frees what was given away */

/*
 * Returns false and sets error: of HTTP_ERROR, with the status as its code, or any other, which is
 * a 500. Must not close the server.
 */
typedef bool (*http_handler_fn)(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);

/*
 * An answer that comes later: a handler asks for it, keeps it and returns true. It stays good until
 * one of the two below takes it, which must happen some time, whether the client waits that long or
 * leaves, and whether the server is closed meanwhile.
 */
struct http_later;

struct http_later *http_answer_later(const struct http_request *request);
void http_later_answer(struct http_later *later, struct http_answer *answer); /* given away */
void http_later_fail(struct http_later *later, const GError *error);

/*
 * An answer without end: a handler asks for it, keeps it, leaves the answer empty and returns true.
 * What is written goes out as the client takes it. It stays good until it is closed, or gone was
 * called: the client has left or was cut off, or the server closes. gone is never called from
 * within the functions below.
 *
 * Of type HTTP_EVENT_STREAM (Server-Sent Events, WHATWG HTML 9.2) it has a comment line now and
 * then, so that what is in between does not take it for dead, and who vanished is found out.
 */
#define HTTP_EVENT_STREAM "text/event-stream"

struct http_stream;

typedef void (*http_stream_gone_fn)(void *data);

struct http_stream *http_answer_stream(const struct http_request *request, const char *type,
		http_stream_gone_fn gone, void *data);

/* Copies. False: the client was 64 KiB behind, and is cut off; gone follows. */
bool http_stream_write(struct http_stream *stream, const void *bytes, size_t size);

/* What was written is still sent; gone is not called. */
void http_stream_close(struct http_stream *stream);

/*
 * An answer of any size that is made while the client takes it: fill is asked for at most so many
 * bytes whenever there is room, and returns how many it made; 0: that was all; -1: it cannot go on,
 * and the client is cut off. The handler leaves the answer empty and returns true. ended is called
 * once: all was taken, the client has left or was cut off, or the server closes; fill is not called
 * any more then.
 */
typedef ssize_t (*http_fill_fn)(void *room, size_t most, void *data);

void http_answer_fill(const struct http_request *request, const char *type, http_fill_fn fill,
		http_stream_gone_fn ended, void *data);

/* How everything below a path is answered. */
struct http_style {
	const char *prefix;                                         /* "/redfish" */
	json_t *(*error)(unsigned int status, const char *message); /* a new object */
	const char *const (*headers)[2]; /* of every answer: name, value; up to NULL */
};

struct http_server;

/*
 * One that listens nowhere yet. Routes of its own: GET /api/v1 (the list of all) and GET
 * /api/v1/openapi.json. The process must ignore SIGPIPE.
 */
struct http_server *http_server_new(const struct http_settings *settings);

/* Adds routes, each with the handler at the same place; both arrays must outlive the server. */
void http_server_add(struct http_server *server, const struct http_route *routes,
		const http_handler_fn *handlers, size_t count, void *data);

/* The style must outlive the server. Below its path a slash at the end makes no difference. */
void http_server_style(struct http_server *server, const struct http_style *style);

/*
 * Listens on a unix socket with these permission bits; who may use it may do everything. Errors: as
 * http_socket_open, or G_FILE_ERROR_FAILED.
 */
bool http_server_listen(
		struct http_server *server, const char *socket, mode_t mode, GError **error);

struct http_tcp {
	const char *address;           /* as http_tcp_parse takes them */
	const char *certificate, *key; /* paths of PEM files; NULL: without TLS */
	bool allow_plain;              /* without TLS also where others can listen in */
	struct http_auth *auth;        /* who may do what; must outlive the server */
};

/*
 * Listens on a TCP address. Errors: as http_tcp_open, and G_FILE_ERROR: of the PEM files; PERM when
 * it has no TLS, is not on the loopback interface and plain was not allowed, or has no auth.
 */
bool http_server_listen_tcp(struct http_server *server, const struct http_tcp *tcp, GError **error);

/* What the listener that was added last listens on: a path, or an address with the port taken. */
const char *http_server_address(const struct http_server *server);

void http_server_close(struct http_server *server); /* NULL is fine; ends what is under way */
