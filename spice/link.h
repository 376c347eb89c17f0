/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The server's side of how a channel begins, as in <spice/protocol.h>: the client's link message
 * (SpiceLinkHeader, SpiceLinkMess), our reply with an RSA key (SpiceLinkReply), the client's choice
 * of a mechanism (SpiceLinkAuthMechanism) where it can choose, the password encrypted with that key
 * (SpiceLinkEncryptedTicket), and our result, a number. No I/O; the parser is pure and for
 * untrusted input.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_HEADER      16
#define LINK_MESSAGE     18   /* SpiceLinkMess without the capabilities behind it */
#define LINK_MESSAGE_MAX 4096 /* what spice-server takes, too */
#define LINK_MECHANISM   4
#define LINK_TICKET      128
#define LINK_RESULT      4
#define LINK_PASSWORD_MAX \
	60 /* SPICE_MAX_PASSWORD_LENGTH; what OAEP leaves of 128 bytes is 86 (RFC 8017, 7.1.1) */

enum link_verdict {
	LINK_MORE,  /* too few bytes to tell */
	LINK_WHOLE, /* a link message */
	LINK_BAD,
};

struct link_message {
	size_t whole;        /* bytes, with the header */
	uint32_t connection; /* 0: a new one */
	uint8_t channel_type, channel_id;
	uint32_t common_caps;  /* bits 0..31, 1 << SPICE_COMMON_CAP_*; clients know no others */
	uint32_t channel_caps; /* the same for the type of channel */
	uint32_t error;        /* SPICE_LINK_ERR_*, where the verdict is LINK_BAD */
};

/* Takes the link message at the beginning of bytes; garbage is told as soon as it shows. */
enum link_verdict link_read(const uint8_t *bytes, size_t size, struct link_message *out);

/* The client has these out of the message's common capabilities. */
bool link_selects(const struct link_message *message);     /* sends a mechanism before the ticket */
bool link_mini_header(const struct link_message *message); /* knows mini headers */

/* A mechanism's bytes: whether it is the password's, the only one there is. */
bool link_mechanism_fits(const uint8_t bytes[LINK_MECHANISM]);

#define LINK_ERROR link_error_quark()
GQuark link_error_quark(void);

/*
 * A pair of RSA keys with 1024 bits, as the protocol has it: that keeps a password from those who
 * only listen, for a while. Takes some 10 ms. NULL: no key could be made, error says why.
 */
struct link_key *link_key_new(GError **error);
void link_key_free(struct link_key *key); /* NULL is fine */

/* Appends the reply that asks for a ticket; channel_caps: bits as above. */
void link_reply(GByteArray *out, const struct link_key *key, uint32_t channel_caps);
/* Appends the reply that ends it; error: SPICE_LINK_ERR_*. */
void link_refuse(GByteArray *out, uint32_t error);
/* Appends the result of a ticket, SPICE_LINK_ERR_*. */
void link_result(GByteArray *out, uint32_t error);

/* What a ticket held: a text with nothing but zeros behind it. */
struct link_secret {
	uint8_t bytes[LINK_TICKET];
	bool whole; /* false: the ticket was none for this key */
};

/* Decrypts a ticket. */
void link_ticket_open(const struct link_key *key, const uint8_t ticket[LINK_TICKET],
		struct link_secret *out);
/* Whether it is this text; takes as long when it is as when it is not. */
bool link_secret_is(const struct link_secret *secret, const char *text);
void link_secret_forget(struct link_secret *secret);

/* --- What a client does with a reply --- */

struct link_answer {
	size_t whole;   /* bytes, with the header */
	uint32_t error; /* SPICE_LINK_ERR_* */
};

/* Takes the reply at the beginning of bytes, as link_read takes a message. */
enum link_verdict link_answer_read(const uint8_t *bytes, size_t size, struct link_answer *out);

/*
 * Puts another key in the place of the one in a whole reply, and makes the ticket that holds no
 * text for that one. False: there was no key in it, or memory is short.
 */
bool link_answer_rekey(uint8_t *bytes, const struct link_key *key, uint8_t ticket[LINK_TICKET]);

/* Writes the mechanism's bytes that stand for the password's. */
void link_mechanism_put(uint8_t bytes[LINK_MECHANISM]);
