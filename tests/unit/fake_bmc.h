/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A BMC's side of RMCP+, with one session, for tests: a packet in, its answer out. It counts what
 * reaches it, and can be told to behave badly.
 */
#include <stdbool.h>
#include "rack/rmcp.h"
#include "rack/rmcp_keys.h"

struct fake_bmc {
	/* As the test wants it. */
	enum rmcp_suite suite;
	char name[RMCP_NAME_MAX + 1], password[RMCP_PASSWORD_MAX + 1];
	uint8_t status;     /* that it answers Open Session with */
	uint8_t privilege;  /* the completion code of Set Session Privilege Level */
	bool always_random; /* a repeated RAKP 1 is a new one */
	bool weaker;        /* it answers with no encryption at all */
	uint8_t cut;        /* bytes off the end of the set-up's answers, */
	uint8_t cut_type;   /* of this type */
	/* What it has seen. */
	unsigned int opens, rakp1s, rakp3s, commands, closes;
	unsigned int bare;     /* messages outside a session */
	unsigned int repeated; /* packets with a sequence number that it had */
	unsigned int bad;
	/* Its session. */
	struct rmcp_exchange exchange;
	struct rmcp_keys *keys;
	bool up;
	uint32_t sent, heard;
	uint8_t counter;
};

/* out has room for RMCP_PACKET_MAX. Returns the answer's size; 0: it says nothing. */
size_t fake_bmc_answer(struct fake_bmc *bmc, const uint8_t *bytes, size_t size, uint8_t *out);

/* It starts again, and knows of no session. */
void fake_bmc_reset(struct fake_bmc *bmc);
