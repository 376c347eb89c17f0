/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Messages of a SPICE display channel, as in spice-protocol's spice.proto and <spice/protocol.h>:
 * those that a server sends are built, with mini headers, and those that a client sends are taken
 * apart, with limits. Pure. All numbers on the wire are little-endian.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "spice/display.h"

#define WIRE_MINI_HEADER 6  /* SpiceMiniDataHeader: type, size */
#define WIRE_FULL_HEADER 18 /* SpiceDataHeader: serial, type, size, list of sub-messages */

/* The largest body that a client of a display channel has reason to send: its video codecs in order
 * of preference, a byte each. */
#define WIRE_BODY_MAX 256

/* The only surface there is, number 0, and the only monitor, which shows all of it. */
void wire_surface_create(GByteArray *out, int width, int height);
void wire_surface_destroy(GByteArray *out);
void wire_monitors_config(GByteArray *out, int width, int height);
/* What was drawn so far may be shown. */
void wire_mark(GByteArray *out);

/* The client sends id and time back when it has handled all that came before. */
void wire_ping(GByteArray *out, uint32_t id, uint64_t time);

/* Copies what the surface shows from a row on, in the rectangle's columns, to the rectangle; the
 * two may overlap. */
void wire_copy_rows(GByteArray *out, const struct display_rectangle *to, int from);

/*
 * Draws a JPEG into a rectangle of the surface: whoever called _begin appends the JPEG and calls
 * _end with what it returned. image: a number that no other image of the session has.
 */
guint wire_draw_begin(GByteArray *out, const struct display_rectangle *rectangle, uint64_t image);
void wire_draw_end(GByteArray *out, guint start);

/*
 * For a client without mini headers: appends whole messages with full ones instead. serial: of the
 * last message that was sent, counted on.
 */
void wire_widen(GByteArray *out, const uint8_t *messages, size_t size, uint64_t *serial);

enum wire_verdict {
	WIRE_MORE,  /* too few bytes to tell */
	WIRE_WHOLE, /* a message */
	WIRE_BAD,   /* nothing that a client of a display channel sends */
};

struct wire_message {
	uint16_t type; /* SPICE_MSGC_* */
	uint32_t size;
	const uint8_t *body;
	size_t whole; /* bytes with the header */
};

/* Takes the message at the beginning of bytes. */
enum wire_verdict wire_read(const uint8_t *bytes, size_t size, bool mini, struct wire_message *out);

/* Numbers of a PONG, see wire_ping. */
void wire_pong(const struct wire_message *message, uint32_t *id, uint64_t *time);

/* Numbers at any address. */
uint16_t wire_get16(const uint8_t *bytes);
uint32_t wire_get32(const uint8_t *bytes);
uint64_t wire_get64(const uint8_t *bytes);
void wire_put16(GByteArray *out, uint16_t value);
void wire_put32(GByteArray *out, uint32_t value);
void wire_put64(GByteArray *out, uint64_t value);
