/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include "rack/session_part.h"

/* Each packet wants 16 of them, and libcrypto takes as long for that as for the packet itself: they
 * are fetched for many at once, and used once. */
static bool session_random(uint8_t *bytes, size_t size, void *data)
{
	struct session *session = data;

	if (size > sizeof(session->pool))
		return RAND_bytes(bytes, (int)size) == 1;
	if (size > session->pooled) {
		session->pooled = 0;
		if (RAND_bytes(session->pool, sizeof(session->pool)) != 1)
			return false;
		session->pooled = sizeof(session->pool);
	}
	session->pooled -= size;
	memcpy(bytes, session->pool + session->pooled, size);
	OPENSSL_cleanse(session->pool + session->pooled, size);
	return true;
}

struct session *session_new(
		const struct session_settings *settings, session_random_fn random, void *data)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->settings = *settings;
	session->settings.name[RMCP_NAME_MAX] = '\0';
	session->settings.password[RMCP_PASSWORD_MAX] = '\0';
	session->random = random ? random : session_random;
	session->data = random ? data : session;
	session->deadline = -1;
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	rmcp_keys_free(session->keys);
	OPENSSL_cleanse(session, sizeof(*session));
	free(session);
}

/* --- States --- */

void session_turn(struct session *session, enum session_state state, enum session_cause cause,
		uint8_t status)
{
	session->state = state;
	session->cause = cause;
	session->status = status;
	session->turned = true;
}

void session_drop(struct session *session)
{
	if (session->asked == ASKED_BY_CALLER || session->held)
		session->failed = true;
	session->asked = ASKED_NOTHING;
	session->held = false;
}

/* Nothing of the former session is left to be used. */
static void session_forget(struct session *session)
{
	session_drop(session);
	rmcp_keys_free(session->keys);
	session->keys = NULL;
	session->old = false;
	session->step = STEP_NONE;
	session->deadline = -1;
}

void session_closed(struct session *session)
{
	session_forget(session);
	session_turn(session, SESSION_STOPPED, SESSION_FINE, 0);
}

/* Up to so many, not the same for many BMCs; 0 without random bytes. */
static int64_t session_some(struct session *session, int64_t most)
{
	uint8_t random[2] = {0};

	if (!session->random(random, sizeof(random), session->data))
		return 0;
	return most * (random[0] | random[1] << 8) / INT64_C(0x10000);
}

/* 5 to 60 s, by up to a quarter not the same for many BMCs; a long one is not less than 60 s. */
static int64_t session_delay(struct session *session, bool long_one)
{
	int64_t delay = SESSION_DELAY_MOST, part;

	if (!long_one) {
		delay = session->delay ? session->delay : SESSION_DELAY;
		session->delay = delay * 2 < SESSION_DELAY_MOST ? delay * 2 : SESSION_DELAY_MOST;
	}
	part = session_some(session, delay / 4);
	return !long_one && delay == SESSION_DELAY_MOST ? delay - part : delay + part;
}

/* Not of one that was lost and made anew lately: whoever flaps is waited for. */
static bool session_was_calm(const struct session *session, int64_t now)
{
	return session->state == SESSION_UP && session->delay == 0 &&
	       now - session->up_since >= SESSION_CALM;
}

void session_wait(struct session *session, int64_t now, enum session_cause cause, uint8_t status)
{
	bool mends = cause == SESSION_SILENT || cause == SESSION_LOST || cause == SESSION_NO_ROOM;
	bool at_once = cause == SESSION_LOST && session_was_calm(session, now);

	if (session->state == SESSION_CLOSING) {
		session_closed(session);
		return;
	}
	session_forget(session);
	session_turn(session, SESSION_WAITING, cause, status);
	if (at_once) {
		session->delay = SESSION_DELAY;
		session->deadline = now + SESSION_LAST_WORD +
				    session_some(session, SESSION_AT_ONCE);
	} else {
		session->deadline = now + session_delay(session, !mends);
	}
}

void session_start(struct session *session, int64_t now)
{
	if (session->state != SESSION_STOPPED)
		return;
	session_turn(session, SESSION_OPENING, SESSION_FINE, 0);
	session_open(session, now);
}

void session_stop(struct session *session, int64_t now)
{
	if (session->state == SESSION_STOPPED || session->state == SESSION_CLOSING)
		return;
	session_drop(session);
	session->delay = 0;
	if (session_is_made(session)) {
		session_turn(session, SESSION_CLOSING, SESSION_FINE, 0);
		session_ask_close(session, now);
		return;
	}
	session->packet_size = 0;
	session_closed(session);
}

/* --- Packets and time --- */

void session_packet(struct session *session, int64_t now, const uint8_t *bytes, size_t size)
{
	size_t code = rmcp_suite_packet_code(session->settings.suite);
	struct lan15_packet plain;
	struct rmcp_packet packet;
	bool taken = false;

	if (lan15_read(bytes, size, &plain))
		taken = session15_packet(session, now, &plain);
	else if (!rmcp_read(bytes, size, code, &packet))
		taken = false;
	else if (packet.type == RMCP_MESSAGE)
		taken = session_message(session, now, &packet);
	else if (!packet.authenticated && !packet.encrypted && session->step != STEP_NONE)
		taken = session_set_up(session, now, &packet);
	if (!taken)
		session->strays++;
}

void session_tick(struct session *session, int64_t now)
{
	if (session->deadline < 0 || now < session->deadline)
		return;
	if (session->state == SESSION_WAITING) {
		session_turn(session, SESSION_OPENING, SESSION_FINE, 0);
		session_open(session, now);
	} else if (session->step != STEP_NONE) {
		session_set_up_late(session, now);
	} else {
		session_request_late(session, now);
	}
}

int64_t session_deadline(const struct session *session)
{
	return session->deadline;
}

/* Answers come before what they lead to, and packets last. */
bool session_next(struct session *session, struct session_event *out)
{
	memset(out, 0, sizeof(*out));
	if (session->answered) {
		session->answered = false;
		out->kind = SESSION_ANSWER;
		out->code = session->plain[SESSION_ANSWER_DATA - 1];
		out->bytes = session->plain + SESSION_ANSWER_DATA;
		out->size = session->answer_size;
	} else if (session->failed) {
		session->failed = false;
		out->kind = SESSION_FAILED;
	} else if (session->turned) {
		session->turned = false;
		out->kind = SESSION_STATE;
		out->state = session->state;
		out->cause = session->cause;
		out->status = session->status;
		out->old = session->state == SESSION_UP && session->old;
		if (session->state == SESSION_UP && !session->old)
			out->guid = session->exchange.guid;
	} else if (session->packet_size) {
		out->kind = SESSION_SEND;
		out->bytes = session->packet;
		out->size = session->packet_size;
		session->packet_size = 0;
	}
	return out->kind != SESSION_NOTHING;
}

enum session_state session_state(const struct session *session)
{
	return session->state;
}

unsigned int session_strays(const struct session *session)
{
	return session->strays;
}

const char *session_cause_text(enum session_cause cause)
{
	static const char *const texts[] = {
			[SESSION_FINE] = "all is well",
			[SESSION_SILENT] = "the BMC does not answer",
			[SESSION_LOST] = "the BMC does not answer requests any more",
			[SESSION_NO_ROOM] = "all sessions of the BMC are in use",
			[SESSION_REFUSED] = "the BMC refuses a session",
			[SESSION_NAME] = "the BMC knows no such user, or not with this privilege",
			[SESSION_PASSWORD] = "the BMC has another password for this user",
			[SESSION_SUITE] = "the BMC does not take this cipher suite",
			[SESSION_OLD] = "the BMC speaks IPMI 1.5 alone, and ipmi15 = true is not set for it",
			[SESSION_UNSIGNED] =
					"the BMC speaks IPMI 1.5 alone, and does not sign it by MD5",
			[SESSION_UNHEARD] =
					"the BMC does not answer to this password: it may have another one for this user",
			[SESSION_BROKEN] = "libcrypto failed",
	};

	return (size_t)cause < sizeof(texts) / sizeof(texts[0]) ? texts[cause] : "";
}
