/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A BMC's side of the network: RMCP and RMCP+ of the IPMI specification 2.0, sections 13 and 22,
 * with suites 3 and 17 and several sessions, or IPMI 1.5 with sessions by MD5. A packet in, its
 * answer out; what is asked in a session goes to a function, but for what concerns sessions
 * themselves. It counts what reaches it, and can be told to behave badly. Pure of sockets and
 * clocks: fields are set before the first packet, faults at any time. Not thread-safe. It has only
 * numbers of its own making, which can be guessed: for simulations alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/rmcp.h"
#include "rack/rmcp_keys.h"

#define BMC_LAN_SESSIONS 16    /* at most */
#define BMC_LAN_IDLE     60000 /* ms, after which a session is forgotten (6.12.15) */
#define BMC_LAN_WINDOW   16 /* numbers that are good ahead of the highest and behind it (6.12.13) */

/* Bits of suites. */
#define BMC_LAN_SUITE(suite) (1u << (suite))
#define BMC_LAN_SUITES       (BMC_LAN_SUITE(RMCP_SUITE_3) | BMC_LAN_SUITE(RMCP_SUITE_17))

/* Answers a request: the completion code first; netfn is even, answer has room for RMCP_DATA_MAX.
 * Returns the answer's length; 0: it says nothing. */
typedef size_t (*bmc_lan_fn)(uint8_t netfn, uint8_t command, const uint8_t *bytes, size_t length,
		uint8_t *answer, void *data);

struct bmc_lan_session {
	enum {
		BMC_LAN_FREE,
		BMC_LAN_OPENED,
		BMC_LAN_NAMED, /* RAKP 1 came */
		BMC_LAN_UP,
	} state;
	struct rmcp_exchange exchange;
	struct rmcp_keys *keys; /* of RMCP+ */
	bool old;               /* it is one of IPMI 1.5 */
	uint8_t challenge[16];  /* ... that it begins with, */
	uint32_t temporary;     /* and its number until it is up */
	uint8_t privilege, most;
	uint32_t sent, highest, seen; /* seen, bit n: highest - n came */
	int64_t used;                 /* when it was last heard of */
};

/* IPMI 1.5 is all that it speaks: it is silent to RMCP+. */
enum bmc_lan_old {
	BMC_LAN_OLD = 1 << 0,
	BMC_LAN_OLD_STRICT = 1 << 1,  /* a question with bits of IPMI 2.0 is refused */
	BMC_LAN_OLD_TELLS = 1 << 2,   /* a wrong password is told, in clear; else nothing is */
	BMC_LAN_OLD_NO_MD5 = 1 << 3,  /* it knows the password as it is, alone */
	BMC_LAN_OLD_FIRST = 1 << 4,   /* only the first packet is signed, */
	BMC_LAN_OLD_NONE = 1 << 5,    /* and it does not say so beforehand */
	BMC_LAN_OLD_REPEATS = 1 << 6, /* its packets have the same number */
};

struct bmc_lan {
	/* As it is wanted. */
	unsigned int old;    /* enum bmc_lan_old bits; 0: it speaks RMCP+ */
	unsigned int suites; /* 0: all */
	char name[RMCP_NAME_MAX + 1], password[RMCP_PASSWORD_MAX + 1];
	uint8_t guid[RMCP_GUID]; /* as on the wire */
	size_t limit;            /* sessions; 0: BMC_LAN_SESSIONS */
	bmc_lan_fn answer;       /* NULL: "invalid command" to all */
	void *data;

	/* How it misbehaves. */
	uint8_t status;     /* that it answers Open Session or Activate Session with */
	uint8_t privilege;  /* the completion code of Set Session Privilege Level */
	bool always_random; /* a repeated RAKP 1 is a new one */
	bool weaker;        /* it answers with no encryption at all */
	bool damage;        /* packets of sessions are signed wrongly */
	uint8_t cut;        /* bytes off the end of the set-up's answers, */
	uint8_t cut_type;   /* of this type */

	/* What it has seen. */
	unsigned int packets, pings;
	unsigned int opens, rakp1s, rakp3s;         /* set-up's */
	unsigned int challenges, activates, logins; /* IPMI 1.5's; logins: with a wrong password */
	unsigned int ups, closes; /* sessions that came up, and were closed by their owner */
	unsigned int commands;    /* in sessions */
	unsigned int bare;        /* outside, but for those that a session's set-up begins with */
	unsigned int repeated;    /* packets with a number that was used, or far from the others */
	unsigned int bad;         /* packets that are none, or were made with other keys */

	/* Its own. */
	struct bmc_lan_session sessions[BMC_LAN_SESSIONS];
	uint32_t counter, seed;
};

/*
 * out has room for RMCP_PACKET_MAX. Times are milliseconds of any clock that does not go back.
 * Returns the answer's size; 0: it says nothing.
 */
size_t bmc_lan_packet(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out);

/* Sessions that are up. */
size_t bmc_lan_up(const struct bmc_lan *lan);

/* It starts again, and knows of no session. Keys are freed: also to be called at the end. */
void bmc_lan_reset(struct bmc_lan *lan);
