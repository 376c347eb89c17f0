/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The first bytes that a client sends, and what they say: pure, for untrusted input. The numbers
 * are those of the SPICE protocol's link message (spice/protocol.h: SpiceLinkHeader,
 * SpiceLinkMess), of TLS's record layer (RFC 8446, 5.1) and of HTTP.
 */
#include <stddef.h>
#include <stdint.h>

#define GREETING_BYTES 22 /* of a link message, up to the channel's number */

enum greeting_kind {
	GREETING_MORE, /* too few bytes to tell */
	GREETING_BAD,  /* nothing that is spoken here */
	GREETING_TLS,
	GREETING_HTTP, /* "GET ", of a websocket's upgrade */
	GREETING_SPICE,
};

struct greeting {
	enum greeting_kind kind;
	/* Of a link message. */
	uint32_t connection;  /* 0: a new one */
	uint8_t channel_type; /* SPICE_CHANNEL_* */
	uint8_t channel_id;
};

/* Whole greetings of a link message need GREETING_BYTES. */
void greeting_read(const uint8_t *bytes, size_t size, struct greeting *out);
