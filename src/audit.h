/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Who did what: a line in the log for each act, and the same as an event (audit.written). A line
 * is
 *
 *	audit: event=control.taken viewer=2 from=192.0.2.7:4711 encrypted=yes holder=2 former=1
 *
 * with values in quotes where they are more than ASCII letters, digits and a few marks: within
 * them \" and \\ are themselves, \x1b is that byte. Nothing that a peer sends can end a line or a
 * value, or make one longer than AUDIT_VALUE_MAX bytes. Main thread only.
 */
#include <jansson.h>
#include <stdbool.h>

struct events;
struct http_request;

enum audit_event {
	AUDIT_VIEWER_JOINED,
	AUDIT_VIEWER_LEFT,
	AUDIT_VIEWER_DISMISSED, /* sent away */
	AUDIT_CONTROL_TAKEN,    /* the input has another holder */
	AUDIT_CONTROL_ASKED,
	AUDIT_CONTROL_WITHDRAWN, /* somebody asked for it, and does not any more */
	AUDIT_CONTROL_RELEASED,  /* it has none any more */
	AUDIT_PASSWORD_REFUSED,
	AUDIT_PASSWORD_CHANGED,
	AUDIT_TICKET_MADE,
	AUDIT_TICKET_USED,
	AUDIT_MEDIUM_INSERTED, /* that was asked for; what came of it is the drive's to say */
	AUDIT_MEDIUM_EJECTED,
	AUDIT_POWER_ORDERED, /* the same: what came of it is said later */
	AUDIT_NODE_WOKEN,
	AUDIT_TEXT_TYPED, /* never what */
	AUDIT_EVENTS,
};

/* Who: members that are 0 or NULL are not said. */
struct audit_who {
	const char *user;    /* of the API */
	unsigned int viewer; /* its number */
	const char *from;    /* an address; "unix socket" */
	bool encrypted;      /* what comes from there */
};

#define AUDIT_VALUE_MAX 512 /* bytes of a value before quoting; the rest is cut off, "..." */

struct audit;

/* events: must outlive it. */
struct audit *audit_new(struct events *events);
void audit_free(struct audit *audit); /* NULL is fine */

/*
 * It happened. who NULL: nobody in particular, as when time is over. details: an object of texts,
 * integers and booleans, given away; null members are left out, and so is a NULL. audit NULL:
 * nothing is told.
 */
void audit_tell(struct audit *audit, enum audit_event event, const struct audit_who *who,
		json_t *details);

/* Who makes a request; strings are the request's. */
struct audit_who audit_who_asks(const struct http_request *request);

/* A viewer, by what viewers.h tells of him; peer: not copied. */
struct audit_who audit_who_looks(unsigned int viewer, const char *peer, bool encrypted);

/* The line without "audit: "; g_free. record: an object as above. */
char *audit_line(const json_t *record);

const char *audit_event_word(enum audit_event event); /* "viewer.joined" */
