/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What is asked of one BMC, and when: who it is, its sensors by their plan, its power, limit and
 * event log, and what operators order. Pure: told the time and what came over the link, it says
 * what to ask next and what was learned; it asks for nothing but memory. Not thread-safe.
 *
 * One request at a time. Orders go first, then power, then what is most overdue, so that a large
 * event log never holds up a power reading. A sensor that cannot be read three times in a row is
 * looked at every 60 s only. Records are read once for each identity (GUID, or Device ID where
 * there is none), and again when the BMC says that they have changed. Sensors that other
 * controllers own are left out. Names are made unique: "Fan", "Fan_2".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/rmcp.h"
#include "rack/sdr.h"
#include "rack/session.h"

struct bmc_rule {
	const char *pattern; /* of sensors' names, with * and ?; the first that matches counts */
	int every_ms;        /* 0: never */
	int ttl_ms;
};

/* Each in ms; 0: never. */
struct bmc_settings {
	const struct bmc_rule *rules; /* must outlive it */
	size_t rule_count;
	int power_ms;    /* DCMI power reading */
	int limit_ms;    /* DCMI power limit */
	int chassis_ms;  /* whether the node is on */
	int log_ms;      /* new entries of the System Event Log */
	int identity_ms; /* whether it is still the same machine; over a session the GUID tells */
	size_t most;     /* sensors that are kept; 0: 256 */
};

enum bmc_order {
	BMC_ON,
	BMC_OFF,
	BMC_CYCLE,
	BMC_RESET,
	BMC_SOFT,
	BMC_IDENTIFY, /* value: seconds that its light blinks */
	BMC_LIMIT,    /* value: W; the limit is set and activated */
	BMC_NO_LIMIT, /* it is deactivated */
};

enum bmc_event_kind {
	BMC_NOTHING,
	BMC_IDENTITY, /* it is known who it is; again: another machine, or other firmware */
	BMC_SENSORS,  /* all records are read; what is not in them any more is gone */
	BMC_READING,
	BMC_POWER,
	BMC_LIMIT_IS,
	BMC_CHASSIS,
	BMC_LOG,     /* an entry of its log: first all that there are, then new ones */
	BMC_ORDERED, /* an order has ended */
};

struct bmc_event {
	enum bmc_event_kind kind;
	int64_t taken; /* when what it tells was asked for */
	/* IDENTITY */
	bool another;            /* not the one before: nothing of that one is true any more */
	uint8_t guid[RMCP_GUID]; /* zeros: it has none */
	uint32_t manufacturer;   /* IANA's number */
	uint16_t product;
	uint8_t firmware[2]; /* major, minor */
	/* READING; POWER has the value alone. BAD also when there was no answer. */
	const struct sdr_sensor *sensor; /* the BMC's, until it is called again */
	struct sdr_reading reading;
	int ttl; /* ms */
	/* POWER: W. LIMIT_IS: W, when it is active. CHASSIS: on. ORDERED: the order's. */
	bool known;  /* false: the BMC cannot tell, or did not answer; POWER and LIMIT_IS */
	bool active; /* LIMIT_IS; CHASSIS: the node is on */
	int value;
	/* LOG: a SEL record of 16 bytes, IPMI 2.0 table 32-1 */
	const uint8_t *record;
	/* ORDERED */
	enum bmc_order order;
	void *tag;
	bool done;
	char why[64]; /* when it is not, in words */
};

struct bmc;

struct bmc *bmc_new(const struct bmc_settings *settings); /* NULL: memory is short */

/* The link is up; guid NULL: it does not tell. down: what is under way fails, orders too. */
void bmc_up(struct bmc *bmc, int64_t now, const uint8_t *guid);
void bmc_down(struct bmc *bmc, int64_t now);

/*
 * False when as many as it keeps (8) wait already. Of several limits that wait the last one is
 * sent, and answers all. While the link is down they fail at once, and when another machine turns
 * out to be there; with no answer, the BMC may have done it all the same.
 */
bool bmc_order(struct bmc *bmc, int64_t now, enum bmc_order order, int value, void *tag);

/* What to ask now. False: nothing, or an answer is still to come. Data live until the next call. */
bool bmc_next(struct bmc *bmc, int64_t now, struct session_request *out);
void bmc_answer(struct bmc *bmc, int64_t now, uint8_t code, const uint8_t *bytes, size_t size);
void bmc_failed(struct bmc *bmc, int64_t now); /* no answer */

/* When bmc_next may have something; -1: not by itself. */
int64_t bmc_deadline(const struct bmc *bmc);

/* What was learned, until there is nothing; to be called after each of the above. */
bool bmc_event(struct bmc *bmc, struct bmc_event *out);

/* Look at who it is and at its records as if it were new: somebody says that it was replaced. */
void bmc_renew(struct bmc *bmc, int64_t now);

size_t bmc_sensors(const struct bmc *bmc);
const struct sdr_sensor *bmc_sensor(
		const struct bmc *bmc, size_t index); /* until it is called again */
unsigned int bmc_asked(const struct bmc *bmc);        /* requests since the start */

void bmc_free(struct bmc *bmc); /* NULL is fine */
