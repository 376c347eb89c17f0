/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The client's end of a bridge: a connected non-blocking socket, bare or with TLS on it, read and
 * written alike.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ssl_ctx_st;
struct ssl_st;

struct outer {
	int fd;
	struct ssl_st *ssl;       /* NULL: bare */
	bool broken;              /* nothing more can be said */
	GIOCondition read_wants;  /* what the last read, or write, waits for: TLS may have to */
	GIOCondition write_wants; /* write to read */
	char fault[160];          /* what broke it, in words; empty: the connection just ended */
};

enum {
	OUTER_END = 0,
	OUTER_AGAIN = -1, /* when poll says so: read_wants, write_wants */
	OUTER_BROKEN = -2,
};

void outer_open(struct outer *outer, int fd);

/* TLS from the next bytes on; false when there is no memory for it. */
bool outer_start_tls(struct outer *outer, struct ssl_ctx_st *context);

/* 1 when TLS stands, else OUTER_*. */
int outer_handshake(struct outer *outer);

/*
 * A count, or OUTER_*. A write is one record, when it has no more than 16 KiB; one that was put off
 * is to be repeated with the same bytes. Records are collected, and leave with outer_flush at the
 * latest: most are small, and a system call for each would cost more than they do.
 */
ssize_t outer_read(struct outer *outer, void *bytes, size_t size);
ssize_t outer_write(struct outer *outer, const void *bytes, size_t size);

/* True when all has left. */
bool outer_flush(struct outer *outer);

/* Nothing is written any more, and the client is told so. */
void outer_shut(struct outer *outer);

/* After outer_shut: reads what still comes and forgets it, so that closing does not take back what
 * was written. True when the client has closed too. */
bool outer_drain(struct outer *outer);

/* Closes the socket at once. */
void outer_close(struct outer *outer);
