/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A place for one SPICE viewer: a SpiceServer with its main, display and inputs channels. A
 * newcomer with the right password takes the place over. Many of them are a set, see viewers.h.
 * Main thread only; callbacks come on the main thread too.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spice/display.h"
#include "spice/display_direct.h"

struct viewer_settings {
	const char *name; /* shown in the client's title; copied */
	bool lossless;    /* lz instead of quic with jpeg */
	/* For the clients' tickets; outlives the viewer. */
	const struct link_key *key;
	/*
	 * Displays are direct ones, with pictures that have a coder: what is needed for them,
	 * which outlives the viewer. NULL: the library's.
	 */
	const struct direct_settings *direct;
};

/* Buttons in the order of the HID button page. */
enum viewer_button {
	VIEWER_LEFT = 1 << 0,
	VIEWER_RIGHT = 1 << 1,
	VIEWER_MIDDLE = 1 << 2,
	VIEWER_SIDE = 1 << 3,
	VIEWER_EXTRA = 1 << 4,
};

/* Lock lights, bits as in the HID LED page. */
enum viewer_led {
	VIEWER_NUM_LOCK = 1 << 0,
	VIEWER_CAPS_LOCK = 1 << 1,
	VIEWER_SCROLL_LOCK = 1 << 2,
};

#define VIEWER_POINTER_MAX 32767

/* On what somebody says. */
enum viewer_verdict {
	VIEWER_REFUSED,
	VIEWER_LOOKS, /* his keys, his mouse and his USB devices are not for us */
	VIEWER_OPERATES,
};

struct viewer_events {
	/* A key of the HID keyboard page (4..231). Repeats are passed on. */
	void (*key)(uint8_t usage, bool down, void *data);
	/* Absolute pointer: 0..VIEWER_POINTER_MAX over the picture; wheel: notches, up is positive.
	 */
	void (*pointer)(int x, int y, int wheel, unsigned int buttons, void *data);
	/* Relative mouse: pixels, any size; wheel as above. */
	void (*mouse)(int dx, int dy, int wheel, unsigned int buttons, void *data);
	/* The viewer left, lost its inputs or fell silent: every key and button is up. */
	void (*release_all)(void *data);
	/* Somebody looks, or nobody does any more. */
	void (*watched)(bool watched, void *data);
	/*
	 * What a ticket says: of a main channel, or of another, for which it is only asked whether
	 * it is refused. NULL: everybody operates.
	 */
	enum viewer_verdict (*judge)(bool main, const struct link_secret *said, void *data);
	/*
	 * NULL, both: not told. Somebody was let in; nobody is there any more, whether he was let
	 * in or not. Not for closing the viewer at once.
	 */
	void (*joined)(void *data);
	void (*left)(void *data);
	/*
	 * The viewer's channel for USB redirection: it is there, bytes came over it, it is gone.
	 * NULL, all three: viewers are offered none. bytes may use the channel, not close the
	 * viewer.
	 */
	void (*redirect_opened)(void *data);
	void (*redirect_bytes)(const void *bytes, size_t size, void *data);
	void (*redirect_closed)(void *data);
	void *data;
};

enum viewer_error {
	VIEWER_ERROR_PASSWORD, /* the protocol has no room for it */
	VIEWER_ERROR_LIBRARY,  /* spice-server refused to start */
	VIEWER_ERROR_TICKETS,  /* there are too many */
};

#define VIEWER_ERROR viewer_error_quark()
GQuark viewer_error_quark(void);

struct viewer;

/*
 * A viewer that waits for somebody; it shows 640x480 black pixels until the first viewer_show().
 * The process must ignore SIGPIPE. events is copied; all its functions but redirect_* must be
 * there. Returns NULL and sets error (VIEWER_ERROR) with the cause in words.
 */
struct viewer *viewer_new(const struct viewer_settings *settings,
		const struct viewer_events *events, GError **error);

/*
 * Hands a connected stream socket over; the viewer closes it, also on failure. On TCP a peer that
 * no longer answers is taken for gone after 12 s, so that what it held down is released.
 */
void viewer_add_client(struct viewer *viewer, int fd);

/* The same for the client's display channel, where displays are direct. */
void viewer_add_display(struct viewer *viewer, int fd);

/* How its link does; false: not known, displays are the library's. */
bool viewer_pace(const struct viewer *viewer, struct direct_pace *out);

/* See display.h. */
void viewer_show(struct viewer *viewer, const struct display_picture *picture);
void viewer_damage(struct viewer *viewer, const struct display_damage *damage);

/* The node's lock lights, enum viewer_led bits. */
void viewer_leds(struct viewer *viewer, unsigned int leds);

/*
 * Sends bytes over the channel for USB redirection; kept until the viewer takes them. Dropped when
 * there is no channel, or when the viewer has not taken 256 KiB: it is not listened to any more,
 * until a new one opens.
 */
void viewer_redirect_send(struct viewer *viewer, const void *bytes, size_t size);

/* Whether somebody is in, and if so the number that his other channels name (SPICE's
 * connection_id). */
bool viewer_connection(const struct viewer *viewer, uint32_t *connection);

/* Channels, also those that are not let in yet. */
unsigned int viewer_channels(const struct viewer *viewer);

/*
 * Hangs up on channels that are not let in yet. True: there are none any more. The library forgets
 * them in spice_server_destroy, and they would wake up without a server: while the main loop is to
 * go on, viewer_close comes after this has said true.
 */
bool viewer_settle(struct viewer *viewer);

/* Who looks, for the log: "192.0.2.7:51342", or NULL when nobody does. */
const char *viewer_peer(const struct viewer *viewer);

/* g_get_monotonic_time of when that one came; 0 when nobody is there. */
int64_t viewer_since(const struct viewer *viewer);

/* Fails for a password that the protocol has no room for; NULL is fine. */
bool viewer_check_password(const char *password, GError **error);

/* Reports release_all when somebody is connected; no event comes after this returns. NULL is fine.
 */
void viewer_close(struct viewer *viewer);
