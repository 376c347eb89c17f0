/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Websocket (RFC 6455) as the server speaks it to a browser that carries SPICE in it: the request
 * that upgrades from HTTP, and the frames afterwards. Pure, for untrusted input; the binary
 * messages' borders mean nothing, their bytes are one stream.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_REQUEST_MOST 8192 /* bytes with all headers; cookies may be among them */
#define WEBSOCKET_ANSWER_MOST  320
#define WEBSOCKET_NAME_MOST    256        /* characters of a host or an origin */
#define WEBSOCKET_FRAME_MOST   (16 << 20) /* bytes of one frame from a client */
#define WEBSOCKET_HEAD_MOST    10         /* bytes before a frame's payload to a client */
#define WEBSOCKET_CONTROL_MOST 125        /* payload of a ping, pong or close (5.5) */

/* 11.8 */
enum websocket_opcode {
	WEBSOCKET_CONTINUED = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

/* 7.4.1 */
enum websocket_status {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_PROTOCOL_ERROR = 1002,
	WEBSOCKET_UNSUPPORTED = 1003,
	WEBSOCKET_TOO_BIG = 1009,
};

enum websocket_verdict {
	WEBSOCKET_MORE,      /* the request has not come whole */
	WEBSOCKET_GOOD,      /* an upgrade that can be granted */
	WEBSOCKET_PLAIN,     /* HTTP in order, but no upgrade to this version of websocket */
	WEBSOCKET_MALFORMED, /* not HTTP, or too much of it */
	WEBSOCKET_FORBIDDEN, /* for websocket_refusal: the page is of another origin */
};

struct websocket_request {
	size_t size;                          /* what follows these bytes is frames */
	char host[WEBSOCKET_NAME_MOST + 1];   /* as in the request: with the port, if it says one */
	char origin[WEBSOCKET_NAME_MOST + 1]; /* empty: it says none */
	char key[25];
	bool binary; /* the sub-protocol that SPICE pages offer */
};

/* Reads what has come of a request; out is whole with WEBSOCKET_GOOD only. */
enum websocket_verdict websocket_request_read(
		const uint8_t *bytes, size_t size, struct websocket_request *out);

/* Writes the answer that grants it, or that refuses it and closes; returns its length. */
size_t websocket_grant(const struct websocket_request *request, char out[WEBSOCKET_ANSWER_MOST]);
size_t websocket_refusal(enum websocket_verdict verdict, char out[WEBSOCKET_ANSWER_MOST]);

/* Follows the client's frames. All zeroes at first. */
struct websocket_reader {
	uint8_t head[14];
	unsigned int have; /* bytes of head */
	uint64_t left;     /* of the payload */
	uint8_t opcode;    /* of the frame under way */
	bool within;       /* a payload */
	bool fragments;    /* a message has begun and its last fragment not come */
	unsigned int turn; /* of the mask */
	uint8_t control[WEBSOCKET_CONTROL_MOST];
	unsigned int control_size;
	enum websocket_status status; /* of a fault, for the close frame */
};

enum websocket_event {
	WEBSOCKET_NOTHING, /* all bytes are used up */
	WEBSOCKET_DATA,    /* payload of a message, not necessarily all of it */
	WEBSOCKET_PINGED,  /* to be answered with a pong of control's bytes */
	WEBSOCKET_PONGED,
	WEBSOCKET_CLOSED, /* nothing counts after this; to be answered with control's first two */
	WEBSOCKET_FAULT,  /* the same, but it breaks the rules: status */
};

/*
 * Goes on with the next bytes, as far as one event; *used says how many that took. Payload is
 * unmasked in place: with WEBSOCKET_DATA *data points into bytes and *count says how many.
 */
enum websocket_event websocket_read(struct websocket_reader *reader, uint8_t *bytes, size_t size,
		size_t *used, uint8_t **data, size_t *count);

/* Writes the head of a whole frame to the client and returns its length. */
size_t websocket_head(
		enum websocket_opcode opcode, size_t payload, uint8_t out[WEBSOCKET_HEAD_MOST]);
