/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Those who look at a node: they come in by the console's addresses, see the picture, have their
 * hands on the node's keyboard and pointers, and may share a disc. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "spice/viewers.h"

struct audience;
struct audit;
struct console_config;
struct control;
struct drives;
struct events;
struct input;
struct ticket;

struct audience_events {
	/* Somebody looks, or nobody does any more. */
	void (*watched)(bool watched, void *data);
	/* One is let in, or one of those has left; his number and address. */
	void (*joined)(unsigned int viewer, const char *peer, void *data);
	void (*left)(unsigned int viewer, const char *peer, void *data);
	/* The password's time is over. */
	void (*expired)(void *data);
	/* Something went wrong and is to be said; text: a sentence. */
	void (*fault)(const char *text, void *data);
	struct audit *audit;   /* where acts are written down, and who holds the input is */
	struct events *events; /* published; both must outlive the audience */
	void *data;
};

/* Listens when it returns. input and drives stay the caller's; drives NULL: no disc can be shared.
 */
struct audience *audience_open(const struct console_config *config, struct input *input,
		struct drives *drives, const struct audience_events *events, GError **error);

/* The first address that is listened on, with the port that was taken. */
const char *audience_address(const struct audience *audience);

/* Those who are there. */
struct viewers *audience_viewers(struct audience *audience);

/* Who of them holds the input. */
struct control *audience_control(struct audience *audience);

/* See viewers_set_password. */
bool audience_set_password(struct audience *audience, const char *password, unsigned int seconds,
		GError **error);

/*
 * What another configuration has of all that: certificates and origins, name, limits, and the
 * password for those who are not let in yet (ask false: that stays, whatever it is). False and
 * error: all stays as it was.
 */
bool audience_configure(struct audience *audience, const struct console_config *config, bool ask,
		GError **error);

/* A ticket (viewers_ticket), and where to go with it. */
bool audience_ticket(struct audience *audience, enum viewers_right right, unsigned int seconds,
		struct ticket *out, GError **error);

void audience_close(struct audience *audience); /* NULL is fine; watched is not told any more */
