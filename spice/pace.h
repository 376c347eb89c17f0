/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How many updates may be on their way to a client, from when it says that it has drawn them. Pure:
 * no I/O, and the clock is the caller's (any microseconds that do not go back).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two hide the way there and back; where that takes long, the second one would only be older when
 * it comes. */
#define PACE_WINDOW  2
#define PACE_LONG_MS 100
#define PACE_FINE_MS 75 /* below which it is no longer long */

/* What a smaller update takes is the way there and back rather than the link's rate. */
#define PACE_RATE_BYTES 49152

struct pace_update {
	int64_t begun;   /* its first byte was offered to the socket */
	int64_t flushed; /* its last byte is with the socket */
	size_t bytes;
};

/* Start from a zeroed struct. */
struct pace {
	uint32_t begun, flushed, drawn; /* updates so far; numbers of the last ones */
	struct pace_update updates[PACE_WINDOW];
	int64_t last; /* when the last one was drawn */
	int64_t span; /* us that one takes, of late */
	int64_t trip; /* us from an update's last byte to when it is drawn, of late */
	int64_t rate; /* bytes a second, of late; 0: not known */
	bool is_long;
};

/* Whether another one may begin. */
bool pace_open(const struct pace *pace);

/* Begins one and returns its number, which the client is to send back. */
uint32_t pace_begin(struct pace *pace, size_t bytes, int64_t now);

/* The last byte of the last one is with the socket. */
void pace_flushed(struct pace *pace, int64_t now);

/* The client has drawn this one and those before. False: it cannot have. */
bool pace_drawn(struct pace *pace, uint32_t number, int64_t now);
