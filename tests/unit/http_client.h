/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A client of a server that runs on this process's main context: libcurl in a thread of its own
 * while the context goes round, and plain sockets for what libcurl is too polite to do.
 */
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct http_ask {
	const char *socket, *method, *path;
	const char *body; /* NULL: none */
	size_t size;      /* of body; 0: it is text */
	bool chunked;     /* without a length */
	bool expect;      /* waits for 100 Continue before it sends the body */
	/* By TCP. */
	const char *base;           /* instead of a socket: "https://127.0.0.1:8443" */
	const char *user, *bearer;  /* "name:password"; a token; NULL: none */
	const char *ca;             /* the file of who has signed the server's certificate */
	const char *const *headers; /* "Name: value", up to NULL; NULL: none */
};

struct http_reply {
	int code;    /* CURLcode */
	long status; /* HTTP's; 0: no answer came */
	char *headers, *body;
	json_t *json; /* of body; NULL: it is none */
};

struct http_reply *http_client_ask(const struct http_ask *ask);

/* GET. */
struct http_reply *http_client_get(const char *socket, const char *path);

/* Gets the same from so many connections at once; returns how many answers were 200. */
int http_client_crowd(const char *socket, const char *path, int count);

/* Gets the same twice; returns how many connections that took. */
int http_client_twice(const char *socket, const char *path);

const char *http_reply_message(const struct http_reply *reply); /* of an error, else NULL */
void http_reply_free(struct http_reply *reply);

/* A connected socket, non-blocking. */
int http_client_connect(const char *socket);
void http_client_say(int fd, const char *text);

/* What comes until the other end closes, or until it holds this (NULL: only closing will do). */
char *http_client_hear(int fd, const char *until);
