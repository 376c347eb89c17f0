/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the parts of a BMC share. Each part is one subject that is asked about: it says when it is
 * due, makes its next request, and takes its answer. bmc.c has the turns.
 */
#include "rack/bmc.h"
#include "rack/ipmi.h"

#define BMC_NEVER  INT64_MAX
#define BMC_SLOW   60000 /* ms until what cannot be told is asked for again */
#define BMC_ORDERS 8
#define BMC_EVENTS 8   /* that one answer causes, with room to spare */
#define BMC_MOST   256 /* sensors, unless told */

#define BMC_RECORD 64 /* bytes that a sensor's has at most, its header included (43.1) */

#define BMC_MOST_EVER 1024 /* ... whatever is told: they are compared with each other */

struct bmc_answer {
	bool came;
	uint8_t code;
	const uint8_t *bytes;
	size_t size;
	int64_t asked; /* when */
};

static inline bool bmc_good(const struct bmc_answer *answer)
{
	return answer->came && answer->code == IPMI_GOOD;
}

struct bmc_part {
	int64_t (*due)(const struct bmc *bmc); /* BMC_NEVER: not by itself */
	void (*ask)(struct bmc *bmc, int64_t now);
	void (*answer)(struct bmc *bmc, int64_t now, const struct bmc_answer *answer);
};
extern const struct bmc_part bmc_identity_part, bmc_orders_part, bmc_power_part;
extern const struct bmc_part bmc_limit_part, bmc_chassis_part, bmc_sensors_part, bmc_log_part,
		bmc_records_part, bmc_look_part;

struct bmc_identity {
	bool known;    /* since the link is up */
	bool had;      /* once: device and guid are somebody's */
	bool renewed;  /* whoever it is, it is another one */
	bool tells;    /* the link, by its GUID */
	int64_t due;   /* of the next look */
	int64_t retry; /* after one without an answer */
	enum { IDENTITY_DEVICE, IDENTITY_SYSTEM_GUID, IDENTITY_DEVICE_GUID } step;
	bool has_device, has_device_now;
	struct ipmi_device device, device_now;
	bool has_guid, has_guid_now;
	uint8_t guid[RMCP_GUID], guid_now[RMCP_GUID];
};

struct bmc_sensor {
	struct sdr_sensor sensor;
	int every, ttl; /* ms; every 0: never */
	int64_t due;
	uint8_t misses; /* in a row */
};

struct bmc_sensors {
	struct bmc_sensor *all;
	size_t count;
	uint16_t *heap; /* those that are polled, the one that is due first on top */
	size_t polled;
	size_t asked; /* the one under way */
	/* A reading whose factors have to be asked for; factors is false when there is none. */
	bool factors;
	int64_t taken;
	uint8_t raw[4];
	size_t raw_size;
};

/* The records as they are read; see bmc_records.c. */
struct bmc_records {
	enum {
		RECORDS_FINE,
		RECORDS_INFO,
		RECORDS_RESERVE,
		RECORDS_HEADER,
		RECORDS_REST,
	} step;
	bool have; /* sensors are those of store */
	bool told; /* sensors are known, maybe not all */
	int64_t due;
	struct ipmi_store store, store_now;
	uint16_t reservation, record, next, mark;
	size_t walked, mark_at; /* records of this round */
	size_t size, whole;     /* bytes of the record, there and in all */
	uint8_t piece;          /* bytes to ask for at once */
	uint8_t lost, silent;   /* reservations; answers in a row */
	uint8_t hung;           /* answers that did not come */
	uint8_t rounds;         /* that were not whole, for this store */
	bool cut;               /* this one is not */
	uint8_t bytes[BMC_RECORD];
	struct bmc_sensor *all;
	size_t count;
};

struct bmc_log {
	enum { LOG_INFO, LOG_LAST, LOG_ENTRY } step;
	int64_t due;
	bool whole;    /* all of store is read */
	bool has_last; /* entry that was read */
	struct ipmi_store store;
	uint16_t next;
	size_t walked; /* entries of store */
	uint8_t last[IPMI_SEL_RECORD];
};

struct bmc_ordered {
	enum bmc_order order;
	int value;
	void *tag;
	bool sent;  /* as a part of what is under way */
	bool ended; /* and has to be told */
	bool done;
	int64_t taken;
	char why[64];
};

struct bmc_orders {
	struct bmc_ordered all[BMC_ORDERS]; /* the oldest first */
	size_t count;
	enum { ORDER_FIRST, ORDER_TEMPLATE, ORDER_SET, ORDER_ACTIVATE, ORDER_CHECK } step;
	enum bmc_order limit; /* under way */
	int watts;
};

struct bmc_power {
	int64_t power_due, limit_due, chassis_due;
	bool has_limit;          /* the BMC has told of one, active or not */
	struct ipmi_limit limit; /* the last one that it told of */
};

struct bmc {
	struct bmc_settings settings;
	bool up;
	int64_t now; /* as last told */
	unsigned int asked;

	const struct bmc_part *under_way; /* whose answer is to come; NULL: none */
	bool discard;                     /* that answer is nobody's any more */
	bool power_last;                  /* the last request was for power */
	int64_t asked_at;
	struct ipmi_request request;

	struct bmc_identity identity;
	struct bmc_sensors sensors;
	struct bmc_records records;
	struct bmc_log log;
	struct bmc_orders orders;
	struct bmc_power power;

	struct bmc_event events[BMC_EVENTS];
	uint8_t entry[IPMI_SEL_RECORD]; /* that the LOG event tells of */
	size_t first, count;
};

/* Queues an event; NULL: there is no room as nobody takes them, and it is lost. */
struct bmc_event *bmc_tell(struct bmc *bmc, enum bmc_event_kind kind, int64_t taken);

/* Sensors that events tell of are about to go. */
void bmc_untell_readings(struct bmc *bmc);

/* The next time of what is done every so many ms (0: never), without making up for lost ones. */
int64_t bmc_again(int64_t due, int every, int64_t now);

/* Nothing that is known of sensors, log and limit is true any more. */
void bmc_forget(struct bmc *bmc, int64_t now);

/* When the answer says that it will not be otherwise soon: BMC_SLOW from now. */
int64_t bmc_patience(const struct bmc_answer *answer, int64_t due, int64_t now);

void bmc_identity_up(struct bmc *bmc, int64_t now, const uint8_t *guid);
void bmc_identity_renew(struct bmc *bmc, int64_t now);

/* Sees whether the records are still those, and reads them when not; fresh: the link is. */
void bmc_records_look(struct bmc *bmc, int64_t now, bool fresh);
void bmc_records_drop(struct bmc *bmc); /* what is read of them, and what is known */

/* Takes over the array; sensors that were there before keep their turns. */
void bmc_sensors_take(struct bmc *bmc, int64_t now, struct bmc_sensor *all, size_t count);
void bmc_sensors_drop(struct bmc *bmc);

void bmc_log_up(struct bmc *bmc, int64_t now);
void bmc_log_drop(struct bmc *bmc);

void bmc_power_up(struct bmc *bmc, int64_t now);

/* Of Get Power Limit: tells of it. */
struct bmc_limit_is {
	bool known, active;
	int watts;
};
struct bmc_limit_is bmc_limit_told(struct bmc *bmc, const struct bmc_answer *answer);
void bmc_chassis_soon(struct bmc *bmc, int64_t now); /* it was switched */

/* All that are not done fail. */
void bmc_orders_fail(struct bmc *bmc, const char *why);
bool bmc_orders_told(struct bmc *bmc, struct bmc_event *out); /* one that has ended */
