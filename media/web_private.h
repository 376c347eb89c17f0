/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the two halves of a web source share: web.c, which asks and tells, and web_retry.c, which
 * decides what becomes of a request that has ended.
 */
#include <glib.h>
#include "media/source.h"
#include "media/web_loop.h"
#include "media/web_transfer.h"

#define WEB_DEPTH   4
#define WEB_OUTSIDE "a read outside the image"

struct source_request {
	struct web *web;
	GList link;
	GQueue *queue;    /* waiting or ended; NULL: in a slot */
	uint64_t offset;  /* bytes */
	size_t size, got; /* got: those stay when the connection is lost */
	uint8_t *bytes;
	unsigned int lost, wrong; /* tries that went so */
	int64_t due;              /* not before that, monotonic microseconds */
	bool restart;             /* from the first address, not from where it led to */
	source_done_fn done;
	void *data;
	GError *error; /* once ended */
};

struct web_slot {
	struct web_transfer transfer;
	struct source_request *request; /* NULL: free */
	bool direct;                    /* asked where an earlier one was led to */
};

struct web {
	struct source source;
	struct web_access access;
	char *name;
	int64_t stall, retry; /* microseconds */
	struct web_loop *loop;
	GSource *turn; /* all calls to the outside are made in it */

	bool opened;
	struct source_request probe; /* the first request: what is it, how large? */
	uint8_t scratch;
	struct web_identity identity;
	char *known;    /* the same, as a source has it */
	char *place;    /* where redirects led to; NULL: nowhere */
	bool trusted;   /* place is on the first server */
	bool multiplex; /* one connection takes all requests */

	struct web_slot slots[WEB_DEPTH];
	GQueue waiting, ended;
	unsigned int failures; /* in a row */
	int64_t due;           /* nothing is asked before that */

	char *reason; /* of the state */
	bool untold;  /* state and reason */
	bool turning, closed;
};

/* Takes the reason. It is told in the next turn. */
void web_become(struct web *web, enum source_state state, char *reason);

/* Moves a request to a queue; NULL: out of any. */
void web_queue(struct source_request *request, GQueue *queue, bool front);

/* Its end is told in the next turn. reason: NULL, all bytes were read. */
void web_end(struct source_request *request, GFileError code, const char *reason);

/* Ends all, for good. Takes the reason. */
void web_fail(struct web *web, char *reason);

void web_slot_empty(struct web *web, struct web_slot *slot);
bool web_inside(const struct web *web, const struct source_request *request);
void web_start(struct web *web); /* as many requests as may be */
void web_arm(struct web *web);   /* the next turn */

/* In web_retry.c: the loop's callback, and what the clock finds. */
void web_done(CURL *easy, CURLcode code, void *data);
void web_stalled(struct web *web, struct web_slot *stalled);
