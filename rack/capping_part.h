/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the files of the capping room share; for them alone.
 */
#include "rack/capping.h"
#include "rack/waterfill.h"

#define CAPPING_STEP       10    /* W that a limit moves by at least */
#define CAPPING_RETRY_MS   5000  /* before a refused limit is tried again */
#define CAPPING_START_MS   60000 /* that watts are set aside for a node that is switched on */
#define CAPPING_READING_MS 10000 /* before a reading is too old to tell anything */

struct capping_record {
	struct capping_node_settings settings;
	bool on, lost;
	bool asked;      /* somebody wants it on */
	int cap;         /* W, the most that an operator wants as its limit; 0: he does not */
	bool uncapped;   /* ... any more, and nothing was sent since */
	int64_t granted; /* its watts are set aside until then; -1: not */
	int held;        /* W, the most it draws while on: its limit, or more */
	int sent;        /* W, the limit sent last; 0: none that counts */
	bool ours;       /* it may have a limit that was sent from here */
	bool pending;    /* ... and not answered yet */
	bool accepted;
	int64_t accepted_at, retry_at;
	bool starting;    /* held is what it draws at its start */
	bool disobedient; /* it draws more than its limit */
	int excess;       /* readings above the limit, one after the other */
	/* What it uses. */
	int measured; /* W; -1: never */
	int64_t measured_at;
	bool throttled;     /* the limit may be what keeps it there */
	int recent, former; /* W, the most it wanted in this window and the last one */
	int64_t window;     /* when this one began */
};

struct capping {
	struct capping_settings settings;
	size_t count;
	struct capping_record *nodes;
	struct waterfill_node *shares; /* scratch of a decision */
	bool acting;                   /* reactive: limits are in force */
	int64_t decided_at;
};

/* W that a node counts. */
int capping_accounted(const struct capping_record *record, enum capping_account *why);

int capping_sum_accounted(const struct capping *capping);

/* W that a node is thought to use if it has no limit. */
int capping_want(const struct capping_record *record);

/* Whether limits can be set, and will be kept. */
static inline bool capping_obeys(const struct capping_record *record)
{
	return record->on && !record->lost && !record->disobedient;
}

/* W, the highest limit that may be set. */
static inline int capping_top(const struct capping_record *record)
{
	return record->cap ? record->cap : record->settings.ceiling;
}

/* Operators' caps alone, where nobody else sets limits. */
size_t capping_decide_caps(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most);

/* Has the limit sent; the account follows. */
void capping_send(
		struct capping_record *record, int limit, struct capping_command *out, size_t node);

/* W of nodes that are to be switched on, and wait for it. */
int capping_awaited(const struct capping *capping);

size_t capping_decide_reactive(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most);
size_t capping_decide_guaranteed(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most);
