/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What server.c (listeners and tables) and exchange.c (requests and answers) share. */
#include <microhttpd.h>
#include "http/server.h"
#include "http/socket.h"

struct server_table {
	const struct http_route *routes;
	const http_handler_fn *handlers;
	size_t count;
	void *data;
};

struct http_server {
	struct http_settings limits;
	GPtrArray *listeners; /* of struct server_listener */
	GArray *tables;       /* of struct server_table */
	GArray *words;        /* of struct http_table: the same without handlers */
	GPtrArray *styles;    /* of const struct http_style, not ours */
	GQueue waiting;       /* of struct exchange: those that are answered later */
	GQueue streams;       /* of struct http_stream */
	guint comments;       /* the timer of the streams' comments; 0: there are no streams */
};

struct server_listener {
	struct http_server *server;
	struct http_socket socket; /* path NULL: a TCP address */
	char *address;
	char *certificate, *key; /* what the PEM files hold; NULL: no TLS */
	struct http_auth *auth;  /* NULL: who reaches it may do everything */
	struct MHD_Daemon *daemon;
	GSource *source;
	GString *complaint; /* what the library says while it starts */
};

/* The library's callbacks; their data is the listener. */
void *exchange_begins(void *data, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_request(void *data, struct MHD_Connection *connection, const char *path,
		const char *method, const char *version, const char *upload, size_t *upload_size,
		void **context);
void exchange_ends(void *data, struct MHD_Connection *connection, void **context,
		enum MHD_RequestTerminationCode code);

/* Answers one that waits, as the server closes; its handler may finish whenever it likes. */
void exchange_abandon(struct exchange *exchange);
