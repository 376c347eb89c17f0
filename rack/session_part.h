/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of a session share: its states, its set-up, and requests in it. */
#include "rack/lan15.h"
#include "rack/session.h"

/* Milliseconds. A BMC that is silent for both waits of a step is told as such within 5 s. */
#define SESSION_STEP_FIRST  2000
#define SESSION_STEP_SECOND 3000
#define SESSION_STEP_ASK    2000 /* of the second wait for Open Session: what does it speak? */
#define SESSION_REQUEST     1000
#define SESSION_TRIES       2
#define SESSION_MISSES      2     /* requests without answer until the session is lost */
#define SESSION_IDLE        25000 /* a BMC drops sessions after 60 s (6.12.15) */
#define SESSION_SOLID       30000 /* up for so long, what was before does not count */
#define SESSION_CALM        10000 /* up for so long, and well before, it may be made anew at once */
#define SESSION_LAST_WORD   500   /* the close of a lost one is under way for so long */
#define SESSION_AT_ONCE     250   /* then, at most: many BMCs may be lost together */
#define SESSION_DELAY       5000
#define SESSION_DELAY_MOST  60000

#define SESSION_WINDOW 32 /* sequence numbers that may still come behind the highest */

/* In plain: where an answer's data are, behind its head and completion code. */
#define SESSION_ANSWER_DATA 7

/* What is waited for. */
enum session_step {
	STEP_NONE,
	STEP_OPEN,
	STEP_ASK,       /* what it speaks, or still an answer to Open Session */
	STEP_CHALLENGE, /* of IPMI 1.5 */
	STEP_ACTIVATE,
	STEP_RAKP2,
	STEP_RAKP4,
};

enum session_asked {
	ASKED_NOTHING,
	ASKED_PRIVILEGE, /* the last step of the set-up, but in the session */
	ASKED_BY_CALLER,
	ASKED_IDLE, /* only to keep the session */
	ASKED_CLOSE,
};

struct session {
	struct session_settings settings;
	session_random_fn random;
	void *data;
	uint8_t pool[512]; /* of random bytes; the first so many are not used yet */
	size_t pooled;

	enum session_state state;
	enum session_cause cause;
	uint8_t status;
	int64_t deadline; /* of whatever is waited for; -1 */
	int64_t delay;    /* ms, after the next failure; 0: SESSION_DELAY */
	int64_t up_since;
	unsigned int strays;

	/* The set-up. */
	enum session_step step;
	uint8_t tag; /* of the first two packets */
	uint8_t rakp3_tag;
	struct rmcp_exchange exchange;

	/* The set-up of IPMI 1.5. */
	bool extended;                  /* it was asked for all that it speaks */
	struct lan15_challenge granted; /* what Activate Session has to show */
	uint32_t first;                 /* number of the BMC's first packet */

	/* The session. */
	struct rmcp_keys *keys; /* NULL: it has none, or is one of IPMI 1.5 */
	bool old;               /* it is, of number exchange.bmc */
	uint32_t sent;          /* sequence number of the last packet */
	uint32_t highest;       /* that came; 0: none yet */
	uint32_t seen;          /* bit n: highest - n came */

	/* The request under way, and its packets. */
	enum session_asked asked;
	uint8_t sequence, netfn, command;
	int tries, misses;
	uint8_t message[7 + RMCP_DATA_MAX];
	size_t message_size;

	/* The caller's, while a request of ours is under way. */
	bool held;
	struct session_request hold;
	uint8_t hold_data[RMCP_DATA_MAX];

	/* What session_next says. */
	bool turned, answered, failed;
	uint8_t packet[RMCP_PACKET_MAX];
	size_t packet_size;
	uint8_t repeat[RMCP_PACKET_MAX]; /* the set-up's last packet */
	size_t repeat_size;
	uint8_t plain[RMCP_PLAIN_MAX]; /* the last message */
	size_t answer_size;
};

/* There are requests in it. */
static inline bool session_is_made(const struct session *session)
{
	return (session->keys || session->old) && session->step == STEP_NONE;
}

/* --- session.c --- */

void session_turn(struct session *session, enum session_state state, enum session_cause cause,
		uint8_t status);

/* What was asked by the caller has no answer. */
void session_drop(struct session *session);

void session_closed(struct session *session);

/* Gives up, until some time later. */
void session_wait(struct session *session, int64_t now, enum session_cause cause, uint8_t status);

/* --- session_set_up.c --- */

void session_open(struct session *session, int64_t now);

/* The packet in session->repeat is sent, and an answer waited for. */
void session_step(struct session *session, int64_t now, enum session_step step);

/* ... and sent again. */
void session_step_again(struct session *session, int64_t now, int64_t patience);

/* False for what is not waited for. */
bool session_set_up(struct session *session, int64_t now, const struct rmcp_packet *packet);
void session_set_up_late(struct session *session, int64_t now);

/* --- session_request.c: what is sent in the session, which has keys --- */

void session_ask_privilege(struct session *session, int64_t now);
void session_ask_close(struct session *session, int64_t now);
void session_numbers(struct session *session, uint32_t ours, uint32_t theirs);
bool session_message(struct session *session, int64_t now, const struct rmcp_packet *packet);

/* The message in session->plain came with this number; false for what is not waited for. */
bool session_heard(struct session *session, int64_t now, uint32_t number, size_t length);
void session_request_late(struct session *session, int64_t now);

/* --- session15.c: by IPMI 1.5 --- */

/* Asks what it speaks. */
void session15_ask(struct session *session, int64_t now);
void session15_late(struct session *session, int64_t now);

/* Seals the message; false when that fails. */
bool session15_seal(struct session *session);

/* False for what is not waited for. */
bool session15_packet(struct session *session, int64_t now, const struct lan15_packet *packet);
