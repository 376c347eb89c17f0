/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the two halves of an NBD source share: nbd.c, which asks and tells, and nbd_retry.c, which
 * keeps a connection and decides what becomes of requests that have ended, or of those that were
 * under way when it was lost.
 */
#include "media/nbd_link.h"
#include "media/source.h"

#define NBD_DEPTH 8

enum nbd_kind { NBD_READ, NBD_WRITE, NBD_FLUSH };

struct source_request {
	struct nbd *nbd;
	GList link;
	GQueue *queue;  // nbd::waiting, ::flying or ::ended
	uint64_t order; /* of asking */
	enum nbd_kind kind;
	uint64_t offset;
	size_t size;
	void *bytes;  /* the caller's */
	void *bounce; /* ours: a request under way cannot be called back */
	bool answered, cancelled;
	int fault; /* the server's; 0: none */
	source_done_fn done;
	void *data;
	GError *error;
};

struct nbd {
	struct source source;
	struct source_ops ops;
	struct nbd_access access;
	bool writable;
	int64_t stall, retry;  /* microseconds */
	struct nbd_link *link; /* NULL: waits until due */
	GSource *turn;         /* all calls to the outside are made in it */
	bool opened;
	GQueue waiting, flying, ended;
	uint64_t asked;
	unsigned int failures, stalls; /* in a row */
	int64_t due;
	char *reason;
	bool untold, turning, closed;
};

/* Takes the reason. It is told in the next turn. */
void nbd_become(struct nbd *nbd, enum source_state state, char *reason);

/* Moves a request to a queue; NULL: out of any. */
void nbd_queue(struct source_request *request, GQueue *queue);
struct source_request *nbd_pop(GQueue *queue);         /* NULL: it is empty */
void nbd_request_free(struct source_request *request); /* it is in no queue */

/* Its end is told in the next turn. reason: NULL, all bytes were moved. */
void nbd_end(struct source_request *request, GFileError code, const char *reason);
void nbd_end_or_free(struct source_request *request, const char *reason);

/* Ends all, for good. Takes the reason. */
void nbd_fail(struct nbd *nbd, char *reason);

bool nbd_inside(const struct nbd *nbd, const struct source_request *request);
void nbd_start(struct nbd *nbd); /* as many requests as may be */
void nbd_arm(struct nbd *nbd);   /* the next turn */

/* In nbd_retry.c. */
void nbd_connect_now(struct nbd *nbd);
void nbd_look_at_the_clock(struct nbd *nbd);
