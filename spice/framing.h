/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Follows both directions of one SPICE connection (spice/protocol.h): link messages, ticket,
 * result, then messages with the header that both sides agreed on. So it is known where a message
 * of the server ends, and what a display channel's client has sent: spice-server waits for its
 * first message (DISPLAY_INIT) in a way that neither an early end nor silence should meet.
 *
 * Pure, for untrusted clients; the server is trusted. Bytes are little-endian.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMING_LINK_MOST 1024 /* bytes of a link message after its header; real ones have 50 */
#define FRAMING_MAKE_MOST 32

/* Where a direction is. */
enum framing_stage {
	FRAMING_LINK,
	FRAMING_MECHANISM, /* client: which authentication it wants */
	FRAMING_TICKET,    /* client: its encrypted password */
	FRAMING_RESULT,    /* server: whether that was right */
	FRAMING_FIRST,     /* client: DISPLAY_INIT is due */
	FRAMING_SETTLING,  /* client: it is on its way, the server has not gone on yet */
	FRAMING_HEADER,
	FRAMING_BODY,
	FRAMING_LOST, /* not followed any more: all bytes count alike */
};

struct framing {
	enum framing_stage server, client;
	bool display;     /* of a display channel whose DISPLAY_INIT is watched */
	bool answered;    /* the server's link message has passed */
	bool selection;   /* the client says which authentication it wants */
	bool mini;        /* headers of 6 bytes, else 18 */
	uint32_t caps;    /* the client's first word of common capabilities */
	bool made_up;     /* DISPLAY_INIT was; the client's own is dropped, once */
	bool dropping;    /* the client's message under way */
	uint32_t left;    /* of the server's message */
	uint32_t to_come; /* of the client's message */
	uint32_t need;    /* of the server's piece in gather */
	uint32_t have;
	uint8_t gather[FRAMING_LINK_MOST + 16];
};

/* display: see struct framing. */
void framing_init(struct framing *framing, bool display);

/*
 * How many of the server's next bytes go together: they end where a message does, or are all of
 * them within one. They count as passed.
 */
size_t framing_from_server(struct framing *framing, const uint8_t *bytes, size_t size);

enum framing_order {
	FRAMING_MORE, /* more of the client's bytes are needed to tell */
	FRAMING_HOLD, /* the server is to speak first */
	FRAMING_PASS, /* so many may go on */
	FRAMING_DROP, /* so many are not for the server */
	FRAMING_MAKE, /* framing_make first */
	FRAMING_BAD,  /* no client does this */
};

/*
 * What to do with the first of the bytes that came from the client and have not been passed or
 * dropped; those of count then count as that. Without display all passes after the link message,
 * which goes on whole.
 */
enum framing_order framing_from_client(
		struct framing *framing, const uint8_t *bytes, size_t size, size_t *count);

/* The server waits for DISPLAY_INIT, and nothing of the client's is half passed. */
bool framing_wants_init(const struct framing *framing);

/* Writes a DISPLAY_INIT that goes to the server next, and returns its length. */
size_t framing_make(struct framing *framing, uint8_t out[FRAMING_MAKE_MOST]);

/* The server may be taking DISPLAY_INIT just now: what comes at once after it, an end too, could
 * meet it there. Over with the server's next message of a display, or by framing_settle. */
bool framing_settling(const struct framing *framing);
void framing_settle(struct framing *framing);

/* The client has got in. */
bool framing_linked(const struct framing *framing);
