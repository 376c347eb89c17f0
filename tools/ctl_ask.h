/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One question to a daemon over its API, and what that says; complaints on standard error. */
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "http/route.h"

enum ctl_exit {
	CTL_FINE = 0,
	CTL_FAILED = 1, /* the daemon says no */
	CTL_USAGE = 2,
	CTL_UNREACHABLE = 3,
};

struct ctl_client {
	const char *command;    /* the word, for complaints */
	char **sockets;         /* the first on which somebody listens has the word */
	bool json;              /* an answer is printed as it came */
	bool rack;              /* it is a rack that is asked, not a console */
	bool quiet;             /* that nobody answers is not said */
	long timeout;           /* s; 0: 10 */
	const char *last_event; /* ctl_listen: goes on after it; NULL: as values say */
};

struct ctl_answer {
	json_t *json;
	char *text; /* as it came */
};

/* Whether somebody listens on one of them. */
bool ctl_listens(char *const *sockets);

/*
 * values: for what the route has in its path, its query and its body; NULL: nothing.
 * CTL_FINE with an answer to be cleared, or why not is said.
 */
enum ctl_exit ctl_ask(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, struct ctl_answer *answer);

void ctl_answer_clear(struct ctl_answer *answer);

/*
 * Asks, and shows people the answer, or prints it as it came where that is wanted. Takes values;
 * show: NULL: there is nothing to see.
 */
enum ctl_exit ctl_ask_and_show(const struct ctl_client *client, const struct http_route *route,
		json_t *values, void (*show)(const json_t *answer, FILE *out));

/* An answer without end, as it comes; returns when the daemon ends it. */
typedef void (*ctl_hear_fn)(const char *bytes, size_t size, void *data);

enum ctl_exit ctl_listen(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, ctl_hear_fn hear, void *data);
