/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A session and a BMC, with a wire between them that delays, loses and repeats, on a clock of its
 * own. */
#include <glib.h>
#include "rack/session.h"
#include "sim/bmc_lan.h"

struct session_rig {
	struct session *session;
	struct bmc_lan bmc; /* it answers with what it was asked */
	int64_t now;
	GArray *wire; /* of packets under way */
	uint32_t seed;
	/* The wire. */
	int64_t latency;     /* ms, of answers */
	int64_t first_delay; /* ms more, of the next answer only */
	uint32_t lose;       /* bit n: the n-th packet from now on to the BMC, */
	uint32_t lose_back;  /* or from it */
	bool dead;           /* all are lost */
	int copies;          /* of each packet, besides the first */
	unsigned int sent, back;
	/* What the session said. */
	unsigned int answers, failures, opened, lost;
	bool old; /* what came up last was IPMI 1.5 */
	uint8_t code, data[RMCP_DATA_MAX];
	size_t size;
	enum session_cause cause; /* the last one */
	uint8_t status;
	int64_t waiting_since;
	int64_t asked_at;
};

struct session_rig *session_rig_new(enum rmcp_suite suite);

/* The BMC speaks IPMI 1.5 alone; allowed: the session may take that. */
struct session_rig *session_rig_new_old(bool allowed);
void session_rig_free(struct session_rig *rig);

/* Lets time pass, up to a moment. */
void session_rig_run(struct session_rig *rig, int64_t until);

/* Starts it, and lets 100 ms pass. */
void session_rig_start(struct session_rig *rig);

/* Get Sensor Reading of this number. */
bool session_rig_ask(struct session_rig *rig, uint8_t sensor);

/* The BMC's side of the session that is up. */
struct bmc_lan_session *session_rig_peer(struct session_rig *rig);

/* What arrives now at the session. */
void session_rig_inject(struct session_rig *rig, const uint8_t *bytes, size_t size);

/* --- What must hold of sessions of any kind; at is the rig's clock --- */

/* Each sensor is answered for at once and with its own data, one at a time. */
void session_rig_walk(struct session_rig *rig, uint8_t first, uint8_t last);

/* It ends when it is told to, the BMC hears so, and nothing on the way was strange to either. */
void session_rig_stop(struct session_rig *rig);

/* It is up at a moment although these packets, as in the rig, are lost. Frees the rig. */
void session_rig_comes_up(struct session_rig *rig, uint32_t lose, uint32_t lose_back, int64_t at);

/*
 * A BMC as slow as that: it comes up, which may take that much patience (ms), stays up, and is
 * asked after 40 s.
 */
void session_rig_slow(struct session_rig *rig, int64_t latency, int64_t patience);

/*
 * The BMC starts again, so that the session means nothing to it: the next request fails, and that
 * the session is lost is told 4 s after that was asked.
 */
void session_rig_forget(struct session_rig *rig);

/*
 * Each packet is lost or late by chance, for an hour: requests are answered with their own data.
 * Frees the rig.
 */
void session_rig_bad_wire(struct session_rig *rig, uint32_t seed);
