/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the files of viewers.h share: the seats, each of which somebody sits on or is about to;
 * viewers.c has all of them, viewers_seat.c one, viewers_judge.c who may sit down. */
#include <glib.h>
#include "spice/hands.h"
#include "spice/link.h"
#include "spice/secrets.h"
#include "spice/viewers.h"

struct seat {
	struct viewers *viewers;
	unsigned int number;
	struct viewer *viewer;
	struct hand *hand; /* once it was let in */
	char peer[80];
	bool encrypted, websocket;
	bool view;                /* it came where one may only look */
	enum viewers_right right; /* once it was let in */
	struct secrets_pass came; /* what it was let in with */
	bool in;                  /* somebody was let in, and is still there */
	bool looking;             /* its display is open */
	bool away;                /* we have hung up */
	int main;    /* descriptor of the main channel, the library's; -1: it has ended */
	guint timer; /* until a stranger is sent away, then until the seat ends */
};

struct viewers {
	struct viewers_events events;
	struct viewers_settings settings; /* but for its strings */
	char *name;
	struct secrets secrets;
	guint expire; /* timer, runs until the operators' password does */
	GQueue seats; /* struct seat, oldest first */
	struct hands *hands;
	struct link_key *key;
	struct direct_updates *updates; /* of direct displays; NULL: they are the library's */
	struct display_picture picture; /* not ours */
	unsigned int leds;
	unsigned int number;   /* of the last seat */
	unsigned int watching; /* seats with a display */
	guint tire;            /* timer, runs while something is held */
};

/* Makes its viewer, which has nobody yet. False: error is set, and the seat is for seat_free. */
bool seat_open(struct seat *seat, GError **error);

/* A client came to it, who has so long to show a password. */
void seat_take(struct seat *seat, int fd);

/* The limit on held keys is another one. */
void viewers_tire_anew(struct viewers *viewers);

/* What follows is as if the client had gone. */
void seat_hang_up(struct seat *seat);

/* Its client is, though the library may not have heard of that yet: its place is another's. */
bool seat_is_gone(const struct seat *seat);

void seat_free(struct seat *seat);

/* What one of its channels shows; see struct viewer_events. Its main channel's settles its right.
 */
enum viewer_verdict seat_judge(bool main, const struct link_secret *said, void *data);

/* How many are in, or are strangers, and have not gone. */
unsigned int viewers_count(const struct viewers *viewers, bool in);
