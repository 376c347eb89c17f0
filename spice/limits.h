/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Connections of which it is not known yet what they want: how many there may be, in all and of one
 * address, and for how long. There is always room for one more: another makes it, so that a flood
 * drives out itself. Those who said nothing yet and those who did have half of the places each when
 * they want them: neither a silent flood drives out those who are half way in, nor one of half-said
 * words those who have just come. It is the oldest that goes, of whoever has most.
 * Pure: times are microseconds of any clock that does not go back. One thread at a time.
 */
#include <stdbool.h>
#include <stdint.h>

#define LIMITS_TIME 5000000 /* a client speaks first, and at once */

/* What a client opens at a time. Up to that nobody has more than others. */
#define LIMITS_TOGETHER 6

struct limits;
struct limits_place; /* of one connection */

/* Both at least 1. */
struct limits *limits_new(unsigned int most, unsigned int most_per_address);

/*
 * The connection that has to go before peer (peer.h) may enter: its owner, who is to close it and
 * leave. NULL: there is room.
 */
void *limits_crowded(const struct limits *limits, const char *peer);

/* The connection that is to go if there is no room for another reason; NULL: there are none. */
void *limits_most_idle(const struct limits *limits);

/* owner: not NULL; comes back from the functions here. */
struct limits_place *limits_enter(
		struct limits *limits, const char *peer, int64_t now, void *owner);

/* It has begun to say something that makes sense. */
void limits_spoke(struct limits *limits, struct limits_place *place);

/* It is over or has been routed. Frees place. */
void limits_leave(struct limits *limits, struct limits_place *place);

unsigned int limits_count(const struct limits *limits);

/* A connection whose time is over, by its owner; NULL: none. */
void *limits_late(const struct limits *limits, int64_t now);

/* When limits_late will have one; -1: none. */
int64_t limits_next(const struct limits *limits);

/* Nobody is in any more. NULL is fine. */
void limits_free(struct limits *limits);
