/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The packets of IPMI 1.5 (IPMI specification 2.0, table 13-8) as far as a session by MD5 needs
 * them: in clear, or signed with the password. Nothing is ever encrypted. Of the other kinds of
 * authentication, the password as it is could be read by anybody, MD2 is broken, and none is none:
 * they are not there. Pure: bytes in, bytes out, for peers that nobody vouches for.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/rmcp.h"

#define LAN15_PASSWORD_MAX 16 /* bytes */
#define LAN15_CHALLENGE    16
#define LAN15_CODE         16
#define LAN15_HEAD         14  /* bytes of RMCP's header and the session's, without the code */
#define LAN15_MESSAGE_MAX  255 /* its length is one byte */
#define LAN15_DATA_MAX     (LAN15_MESSAGE_MAX - 7)
#define LAN15_PACKET_MAX   (LAN15_HEAD + LAN15_CODE + LAN15_MESSAGE_MAX)

/* Authentication types (13.6); others exist. */
enum lan15_kind {
	LAN15_NONE = 0,
	LAN15_MD5 = 2,
};

/* --- Packets --- */

struct lan15_packet {
	uint8_t kind;
	uint32_t sequence, session;
	const uint8_t *code;    /* in the packet, LAN15_CODE bytes; NULL: in clear */
	const uint8_t *message; /* in the packet; see rmcp_message_read */
	size_t length;
};

/* False for what is no packet of IPMI 1.5 or does not hold together. What is behind the message is
 * left alone: some lengths are padded. */
bool lan15_read(const uint8_t *bytes, size_t size, struct lan15_packet *out);

/* In clear, outside of a session. out has room for LAN15_PACKET_MAX. Returns the size; 0: the
 * message is longer than LAN15_MESSAGE_MAX. */
size_t lan15_write(const uint8_t *message, size_t length, uint8_t *out);

/* Signed (22.17.1): the password is of LAN15_PASSWORD_MAX bytes at most, what is longer is cut off.
 * Returns the size; 0: the message is too long, or libcrypto has no MD5. */
size_t lan15_seal(const char *password, uint32_t session, uint32_t sequence, const uint8_t *message,
		size_t length, uint8_t *out);

/* Whether a packet was signed with the password. */
bool lan15_is_signed(const char *password, const struct lan15_packet *packet);

/* --- The session's set-up: data of requests, and of answers with their completion code --- */

/* Get Channel Authentication Capabilities (22.13). */
struct lan15_capabilities {
	uint8_t code;     /* the completion code; 0: the rest is told */
	bool plus;        /* it has sessions by RMCP+ */
	bool md5;         /* it knows MD5, */
	bool per_message; /* and packets are signed, not the first one alone */
};

/* extended: also what IPMI 2.0 has added; a BMC that does not know that may refuse. */
#define LAN15_ASK_SIZE 2
void lan15_ask_write(bool extended, uint8_t privilege, uint8_t out[LAN15_ASK_SIZE]);
bool lan15_capabilities_read(const uint8_t *bytes, size_t size, struct lan15_capabilities *out);

/* Get Session Challenge (22.16). */
struct lan15_challenge {
	uint8_t code;
	uint32_t session; /* for Activate Session alone */
	uint8_t challenge[LAN15_CHALLENGE];
};

#define LAN15_NAME_SIZE (1 + RMCP_NAME_MAX)
void lan15_name_write(const char *name, uint8_t out[LAN15_NAME_SIZE]);
bool lan15_challenge_read(const uint8_t *bytes, size_t size, struct lan15_challenge *out);

/* Activate Session (22.17). */
struct lan15_session {
	uint8_t code;
	uint8_t kind; /* how packets are to be signed from here on: enum lan15_kind, and others */
	uint32_t session;
	uint32_t first; /* sequence number of our first packet */
};

#define LAN15_ACTIVATE_SIZE 22
/* first: sequence number of the BMC's first packet, not 0. */
void lan15_activate_write(uint8_t privilege, const uint8_t challenge[LAN15_CHALLENGE],
		uint32_t first, uint8_t out[LAN15_ACTIVATE_SIZE]);
bool lan15_session_read(const uint8_t *bytes, size_t size, struct lan15_session *out);
