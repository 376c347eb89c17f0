/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A session with one BMC by RMCP+. Pure of sockets and clocks: told the packets that came and the
 * time, it says what to send and when it wants to be called again. Not thread-safe.
 *
 * One packet is under way at a time. Requests travel in the session alone, encrypted and signed;
 * what leaves in clear are the three packets of the set-up, and to a BMC that does not answer the
 * first of them the question what it speaks. When that is IPMI 1.5 alone, and the settings allow
 * it, a session of that is made: its requests are signed, and not encrypted.
 * A BMC may take up to 5 s for each packet of the set-up, and as long to grant the privilege.
 * Requests are sent twice, a second apart; when two in a row have no answer, the session is lost.
 * One that had been up for 10 s is made anew at once: there may be another machine by now. Else,
 * and after a set-up without success, the next one begins 5 s later, 10 s, .. 60 s, with a random
 * part. A refusal that will not mend itself, like that of a password, costs at least 60 s at once,
 * so that no BMC locks the user out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/rmcp.h"
#include "rack/rmcp_keys.h"

enum session_privilege {
	SESSION_USER = 2,
	SESSION_OPERATOR = 3,
	SESSION_ADMINISTRATOR = 4,
};

struct session_settings {
	enum rmcp_suite suite;
	enum session_privilege privilege;
	char name[RMCP_NAME_MAX + 1];
	char password[RMCP_PASSWORD_MAX + 1]; /* IPMI 1.5 takes LAN15_PASSWORD_MAX bytes of it */
	bool ipmi15; /* a BMC that says it has nothing better may have a session of IPMI 1.5 */
};

enum session_state {
	SESSION_STOPPED,
	SESSION_OPENING,
	SESSION_UP,
	SESSION_WAITING, /* until the next set-up */
	SESSION_CLOSING,
};

/* Why it waits. */
enum session_cause {
	SESSION_FINE,
	SESSION_SILENT,   /* no answer to the set-up */
	SESSION_LOST,     /* no answer to requests */
	SESSION_NO_ROOM,  /* the BMC's sessions are all in use */
	SESSION_REFUSED,  /* it gives status, an rmcp_status or a completion code */
	SESSION_NAME,     /* it knows no such user, or not with that privilege */
	SESSION_PASSWORD, /* it has another one */
	SESSION_SUITE,    /* it does not speak the suite */
	SESSION_OLD,      /* it speaks IPMI 1.5 alone, which is not allowed */
	SESSION_UNSIGNED, /* ... and does not sign each packet by MD5 */
	SESSION_UNHEARD,  /* ... and has no answer to who knows the password, like one with another
			   */
	SESSION_BROKEN,   /* libcrypto failed */
};

struct session_request {
	uint8_t netfn; /* even */
	uint8_t lun, command;
	const uint8_t *data;
	size_t length; /* at most RMCP_DATA_MAX */
};

enum session_event_kind {
	SESSION_NOTHING,
	SESSION_ANSWER, /* of the request under way */
	SESSION_FAILED, /* it has no answer; a BMC may have done it all the same */
	SESSION_STATE,  /* it has changed */
	SESSION_SEND,   /* a packet is to be sent */
};

struct session_event {
	enum session_event_kind kind;
	/* An answer's; bytes: data behind the completion code. A packet's bytes. */
	uint8_t code;
	const uint8_t *bytes; /* the session's, until it is called again */
	size_t size;
	/* A state's. */
	enum session_state state;
	enum session_cause cause;
	uint8_t status;
	const uint8_t *guid; /* of RMCP_GUID bytes, when it is up: the BMC's; NULL: not told */
	bool old;            /* when it is up: it is one of IPMI 1.5 */
};

/* Fills with random bytes; false when there are none. */
typedef bool (*session_random_fn)(uint8_t *bytes, size_t size, void *data);

struct session;

/* random NULL: libcrypto's. Returns NULL when memory is short. */
struct session *session_new(
		const struct session_settings *settings, session_random_fn random, void *data);

/* Times are milliseconds of any clock that does not go back. */

/* Begins a set-up; ignored unless it is stopped. */
void session_start(struct session *session, int64_t now);

/* False when it is not up, or a request is under way. Exactly one ANSWER or FAILED follows. */
bool session_ask(struct session *session, int64_t now, const struct session_request *request);

/* A packet came from the BMC's address, or from who says so. */
void session_packet(struct session *session, int64_t now, const uint8_t *bytes, size_t size);

/* To be called when the deadline has passed; early is fine. */
void session_tick(struct session *session, int64_t now);

/* -1: there is none. */
int64_t session_deadline(const struct session *session);

/* Closes the session, and is stopped when the BMC has said so or had 2 s to. */
void session_stop(struct session *session, int64_t now);

/* What is to be done, until there is nothing; to be called after each of the above. */
bool session_next(struct session *session, struct session_event *out);

enum session_state session_state(const struct session *session);

/* Packets that were no answer to anything: damaged, too late, or somebody else's. */
unsigned int session_strays(const struct session *session);

/* "the BMC has another password for this user" */
const char *session_cause_text(enum session_cause cause);

/* Without a word to the BMC. Password and keys are wiped. */
void session_free(struct session *session); /* NULL is fine */
