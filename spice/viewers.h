/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The viewers of one console: each new main channel gets a viewer of its own (viewer.h), the other
 * channels go to the one that they name. What they do with keyboard and mouse is merged, or one's
 * alone counts (hands.h); they all see the same picture. A viewer ends a moment after its main
 * channel. Main thread only; so are the callbacks.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spice/display.h"
#include "spice/password.h"
#include "spice/viewer.h"

struct listener_client;
struct viewers;

/* What one may do who is in. */
enum viewers_right {
	VIEWERS_OPERATE,
	VIEWERS_VIEW, /* no key, no mouse, no disc of his ever gets to the node */
};

struct viewers_settings {
	const char *name;          /* shown in the clients' titles */
	const char *password;      /* 1 to 60 bytes; NULL: none is asked for */
	const char *view_password; /* the same of those who may only look; NULL: there is none */
	bool lossless;             /* in the library's way of showing only */
	bool direct;               /* see display_direct.h; pictures have a coder then */
	unsigned int most;         /* viewers at a time, 1 or more; whose client is gone is none */
	unsigned int key_limit; /* s that a key may be held without a word from its viewer; 0: for
				   ever */
};

/* What a viewer's hands do. */
enum viewers_touch {
	VIEWERS_MOVED, /* the pointer was moved, something was let go of, a key repeats */
	/* A lock key was pressed: also by a client whose lights are not the node's. */
	VIEWERS_LOCKED,
	VIEWERS_PRESSED, /* another key, or a button; or the wheel was turned */
};

#define VIEWERS_NOBODY UINT_MAX /* no viewer's number */

/* viewer: counts up from 1, never used again. peer: as in struct listener_client. */
struct viewers_events {
	/* Merged, as in struct viewer_events. */
	void (*key)(uint8_t usage, bool down, void *data);
	void (*pointer)(int x, int y, int wheel, unsigned int buttons, void *data);
	void (*mouse)(int dx, int dy, int wheel, unsigned int buttons, void *data);
	void (*release_all)(void *data);
	/* Keys were let go of after key_limit. */
	void (*tired)(void *data);
	/*
	 * NULL: not told. What one is about to do, whether his hands count or not; when they do
	 * after this (viewers_give), it is done.
	 */
	void (*touched)(unsigned int viewer, enum viewers_touch touch, void *data);
	/* At least one looks, or none does any more. */
	void (*watched)(bool watched, void *data);
	/* One is let in, one of those has left. */
	void (*joined)(unsigned int viewer, const char *peer, bool encrypted, void *data);
	void (*left)(unsigned int viewer, const char *peer, bool encrypted, void *data);
	/* NULL: not told. The number that the further channels of one who is in name; he left. */
	void (*connection)(uint32_t connection, bool there, void *data);
	/* Whether a password or a ticket was right. */
	void (*password)(bool right, const char *peer, bool encrypted, void *data);
	/* NULL: not told. The password's time is over. */
	void (*expired)(void *data);
	/* One could not be served; text: a sentence. */
	void (*fault)(const char *text, void *data);
	/* NULL, all three: no USB redirection. See viewer.h. */
	void (*redirect_opened)(unsigned int viewer, const char *peer, void *data);
	void (*redirect_bytes)(unsigned int viewer, const void *bytes, size_t size, void *data);
	void (*redirect_closed)(unsigned int viewer, void *data);
	void *data;
};

/*
 * The process must ignore SIGPIPE. Both are copied. NULL and error (VIEWER_ERROR, LINK_ERROR): the
 * password, or no key could be made for it.
 */
struct viewers *viewers_new(const struct viewers_settings *settings,
		const struct viewers_events *events, GError **error);

/*
 * For those who are not let in yet, for so many seconds (up to PASSWORD_SECONDS_MAX; 0: until the
 * next one); after that nobody is let in. Who is in stays, and his further channels are asked for
 * the password that he came with, however late they come. False and error (VIEWER_ERROR): it stays
 * as it is.
 */
bool viewers_set_password(struct viewers *viewers, const char *password, unsigned int seconds,
		GError **error);

/* Another name, lossless and most for those who come from now on, and another key_limit; the rest
 * of settings is not looked at. */
void viewers_configure(struct viewers *viewers, const struct viewers_settings *settings);

struct password_status viewers_password(const struct viewers *viewers);

/* The password of those who may only look; NULL: there is none. As above, without an end. */
bool viewers_set_view_password(struct viewers *viewers, const char *password, GError **error);

/*
 * Makes a ticket: a password that lets one viewer in, once, in so many seconds (1 to
 * PASSWORD_SECONDS_MAX). NULL and error (VIEWER_ERROR): there are too many, or no random numbers.
 * until: when it ends, g_get_monotonic_time. The text is the caller's, for password_forget.
 */
char *viewers_ticket(struct viewers *viewers, enum viewers_right right, unsigned int seconds,
		int64_t *until, GError **error);

/* Takes client->fd. */
void viewers_add_client(struct viewers *viewers, const struct listener_client *client);

/* See display.h. */
void viewers_show(struct viewers *viewers, const struct display_picture *picture);
void viewers_damage(struct viewers *viewers, const struct display_damage *damage);

/* The node's lock lights, enum viewer_led bits. */
void viewers_leds(struct viewers *viewers, unsigned int leds);

/* See viewer_redirect_send. Dropped when there is no such viewer. */
void viewers_redirect_send(
		struct viewers *viewers, unsigned int viewer, const void *bytes, size_t size);

struct viewers_one {
	unsigned int viewer;
	const char *peer; /* lives until the next event */
	int64_t since;    /* g_get_monotonic_time */
	enum viewers_right right;
	bool encrypted, websocket;
	bool ticket;  /* it came with one */
	bool looking; /* its display is open */
	bool direct;  /* and is a direct one, that does like this: */
	struct direct_pace pace;
};

/* Those who are let in; index: from 0, oldest first. False: there are no more. */
bool viewers_read(const struct viewers *viewers, size_t index, struct viewers_one *out);

/*
 * Whose hands count: 0: everybody's, as at first; VIEWERS_NOBODY: nobody's, but that the pointer
 * follows whoever moves it with no button down. What the others hold is let go of first; nothing
 * that somebody holds meanwhile is done when his hands count again, see hands_give. False: there is
 * none of that number, or he has no hands here.
 */
bool viewers_give(struct viewers *viewers, unsigned int viewer);

/* Sends one away. False: there is none of that number. */
bool viewers_drop(struct viewers *viewers, unsigned int viewer);

/* Everything is released; no event comes after this returns. NULL is fine. */
void viewers_close(struct viewers *viewers);
