/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Keeps a rack below its power budget by the nodes' power limits (DCMI 1.5, 6.6). Pure: told the
 * time, what nodes answer and what operators want, it says which limits to set; it asks for nothing
 * but memory, so the daemon and the simulator run the same object. Not thread-safe.
 *
 * Guaranteed mode: each node is accounted at the most that it may draw, and the sum of these never
 * exceeds the budget by what the controller does itself. A raised limit counts from the moment it
 * is sent. A lowered one counts when the node has accepted it, has had time to settle, and was then
 * measured below it. A node that does not answer, or does not obey, counts at its worst.
 *
 * Reactive mode: no limits until the measured power comes near the budget. It serves more demand,
 * and exceeds the budget for some seconds when many nodes rise at once.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum capping_mode {
	CAPPING_GUARANTEED,
	CAPPING_REACTIVE,
	/* Limits that were sent are lifted, but for operators' caps; the accounts are kept. */
	CAPPING_OFF,
};

struct capping_settings {
	enum capping_mode mode;
	int budget;    /* W, of all that the rack's feed supplies */
	int unmanaged; /* W, what is accounted for switches, fans and whatever has no limit */
	/* Guaranteed; 0: the default. */
	int settle_ms;  /* from a limit's acceptance until the node keeps to it (8000) */
	int obey_ms;    /* from acceptance until a node above its limit is disobedient (30000) */
	int reclaim_ms; /* how long a node keeps watts that it does not use (15000) */
	/* Reactive, thousandths of the budget; 0: the default. */
	int act_at, cut_to, release_at; /* 970, 950, 900 */
};

struct capping_node_settings {
	int floor;   /* W, the least limit that the node takes */
	int ceiling; /* W, the most that it ever draws */
	int boot;  /* W, the most it draws before it keeps a limit after power-on; 0: its ceiling */
	int class; /* 0 is served first, up to WATERFILL_CLASSES - 1 */
	bool keeps; /* its limit holds while its BMC does not answer */
};

/* Why a node is accounted at what it is. */
enum capping_account {
	CAPPING_ACCOUNT_OFF,       /* it is off: nothing */
	CAPPING_ACCOUNT_LIMIT,     /* its limit */
	CAPPING_ACCOUNT_SETTLING,  /* a former limit, until it keeps to the new one */
	CAPPING_ACCOUNT_STARTING,  /* powered on lately: what it draws at most meanwhile */
	CAPPING_ACCOUNT_UNLIMITED, /* no limit of ours yet: its ceiling */
	CAPPING_ACCOUNT_LOST,      /* it does not answer: its ceiling, or the limit that it keeps */
	CAPPING_ACCOUNT_DISOBEDIENT, /* it draws more than its limit: its ceiling, or that */
};

struct capping_node {
	enum capping_account account;
	int accounted; /* W */
	int limit;     /* W, what was sent last; 0: none */
	int measured;  /* W, the last reading; -1: none, or too old to tell */
	int want;      /* W, what it is thought to use without a limit */
	bool accepted; /* the limit sent last */
	bool ours;     /* it may have a limit that was sent from here */
};

struct capping_totals {
	int budget, unmanaged; /* W */
	int accounted;         /* W, of the nodes */
	int measured;          /* W, of those that tell */
	int floors;            /* W, what it would be with every node that is on at its floor */
	bool short_of;         /* unmanaged and accounted are above the budget */
};

/* A limit to be set and activated, or the node's to be lifted; exactly one capping_accepted or
 * capping_failed answers it. */
struct capping_command {
	size_t node;
	int limit; /* W; 0: none */
};

enum capping_power {
	CAPPING_POWER_NOW,     /* switch it on; its watts are set aside for START_MS */
	CAPPING_POWER_WAIT,    /* others are being limited for it: ask again */
	CAPPING_POWER_REFUSED, /* there is not enough with every other node at its floor */
};

struct capping;

/* All nodes count at their ceilings until they are known. NULL when memory is short. */
struct capping *capping_new(const struct capping_settings *settings,
		const struct capping_node_settings *nodes, size_t count);

/* Another budget, mode or unmanaged load; limits follow. */
void capping_set(struct capping *capping, const struct capping_settings *settings);

/* now: ms of any clock that does not go back; taken: when the node measured it, at most now. */
void capping_reading(struct capping *capping, size_t node, int64_t now, int64_t taken, int watts);

/* What limit the node says it has; active false: none. Tells of a BMC that forgot its limit. */
void capping_limit(struct capping *capping, size_t node, int64_t now, bool active, int watts);

void capping_accepted(struct capping *capping, size_t node, int64_t now);
void capping_failed(struct capping *capping, size_t node, int64_t now);

/* The node does not answer any more; a reading, limit or answer ends that. */
void capping_lost(struct capping *capping, size_t node);

/* It was seen to be on or off. */
void capping_is_on(struct capping *capping, size_t node, bool on);

/*
 * The node is known from another controller, under another number: what is known of it goes on. Its
 * command that is not answered there never is. Floor, ceiling, class and cap are its new ones.
 */
void capping_adopt(struct capping *capping, size_t node, const struct capping *from, size_t former);

/* Another node is in its place: nothing is known of it. */
void capping_replaced(struct capping *capping, size_t node);

/*
 * An operator wants no limit of the node's to be above watts, in every mode; 0: no such wish any
 * more. What the node is accounted at does not change by this alone. At least its floor.
 */
void capping_cap(struct capping *capping, size_t node, int watts);

/* Somebody wants it on. Asked until it is NOW or REFUSED, or given up by capping_power_off. */
enum capping_power capping_power_on(struct capping *capping, size_t node, int64_t now);
void capping_power_off(struct capping *capping, size_t node);

/*
 * What is to be sent now, at most one command a node until that is answered; to be called when
 * something was told and at least once a second. Returns how many, at most `most`.
 */
size_t capping_decide(
		struct capping *capping, int64_t now, struct capping_command *out, size_t most);

void capping_read(const struct capping *capping, size_t node, struct capping_node *out);
void capping_sum(const struct capping *capping, struct capping_totals *out);

void capping_free(struct capping *capping); /* NULL is fine */
