/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of a bridge share: bridge.c its life, bridge_before.c what comes until it is known
 * for whom, bridge_flow.c what goes through it. */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "spice/bridge.h"
#include "spice/framing.h"
#include "spice/outer.h"
#include "spice/websocket.h"

/* Of each direction; a TLS record has as much at the most (RFC 8446, 5.1), and a websocket's frame
 * fits into one with its head. */
#define BRIDGE_BUFFER  (16 * 1024)
#define BRIDGE_HEAD    4   /* of such a frame */
#define BRIDGE_CONTROL 768 /* the answer to an upgrade, pongs, a close */

#define BRIDGE_END_MS 5000 /* without a byte moving, when one end has closed */

enum bridge_stage {
	BRIDGE_HANDSHAKE,
	BRIDGE_SNIFF,   /* within TLS */
	BRIDGE_REQUEST, /* of a websocket */
	BRIDGE_GREETING,
	BRIDGE_JOINED,
	BRIDGE_DRAINING, /* the client is told that it is over */
	BRIDGE_ENDED,
};

/* One end's place in the poll. */
struct bridge_watch {
	gpointer tag; /* NULL: not watched, hang-ups neither */
	GIOCondition wanted;
};

struct bridge {
	GSource source; /* first: GLib frees the whole with the last reference */
	const struct bridge_settings *settings;
	struct bridge_events events;
	enum bridge_stage stage;
	bool silenced; /* the client has sent its last, or broken the rules */
	char reason[200];

	struct outer outer;
	int inner;       /* our end, -1 before and after */
	bool inner_over; /* it has written its last, and that has been read */
	bool inner_ends; /* the same, but some may be left to read */
	bool inner_shut; /* we have, to it */
	struct bridge_watch outer_watch, inner_watch;

	bool encrypted, websocket;
	bool closing; /* its close frame is on the way to the client */
	struct websocket_reader reader;
	struct framing framing;
	gint64 link_due, init_due, settle_due, end_due; /* monotonic, us; 0: not awaited */

	/* From the client, without websocket's frames. passed: so many of the first, by framing.
	 * make: a message made up, which goes before them. */
	size_t in_start, in_end, passed;
	uint8_t make[FRAMING_MAKE_MOST];
	size_t make_start, make_end;
	/* To the client. chunk: what is being written, of control or of out. */
	size_t out_start, out_end, control_start, control_end;
	const uint8_t *chunk;
	size_t chunk_left;
	bool chunk_control;
	bool unflushed; /* written, but not out of the process */
	uint8_t in[BRIDGE_BUFFER];
	uint8_t out[BRIDGE_BUFFER];
	uint8_t control[BRIDGE_CONTROL];
};

/* --- bridge.c --- */

/* All is over: says so to the owner. */
void bridge_end(struct bridge *bridge);

/* The client says nothing more. */
void bridge_client_over(struct bridge *bridge);

/* The client has broken the rules: what is in control still goes to it, nothing else. */
void bridge_refuse(struct bridge *bridge, const char *reason);

gint64 bridge_in(unsigned int ms);

/* --- bridge_before.c; true when something has moved. --- */

bool bridge_before(struct bridge *bridge);

/* --- bridge_flow.c --- */

void bridge_say(struct bridge *bridge, const void *bytes, size_t size);
void bridge_say_close(struct bridge *bridge, enum websocket_status status);

/* Takes frames out of bytes, which are in the buffer at in_end or behind it. */
void bridge_unpack(struct bridge *bridge, uint8_t *bytes, size_t size);
void bridge_supply_init(struct bridge *bridge);

/* Whether there is room for the client's bytes, or for the inner end's; something to write. */
bool bridge_may_read_client(const struct bridge *bridge);
bool bridge_may_read_inner(const struct bridge *bridge);
bool bridge_has_for_client(const struct bridge *bridge);
bool bridge_has_for_inner(const struct bridge *bridge);

/* One step each; true when something has moved. */
bool bridge_read_client(struct bridge *bridge);
bool bridge_write_inner(struct bridge *bridge);
bool bridge_read_inner(struct bridge *bridge);
bool bridge_write_client(struct bridge *bridge);
