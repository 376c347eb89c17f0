/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the files of the power budget share; for them alone. */
#include "src/log.h"
#include "src/rack_power.h"

#define RACK_POWER_NONE SIZE_MAX

/* A node that is capped. */
struct rack_power_member {
	size_t node;
	char *name;
	struct capping_node_settings settings;
	int cap;
	unsigned int order;     /* number of the last limit that it was ordered to keep */
	bool disobedient;       /* and that was said */
	unsigned int refusals;  /* of limits, one after the other */
	int64_t quiet_until;    /* ... lately */
	bool off;               /* it was seen to be */
	int64_t starting_until; /* it was told to switch on, cycle or reset, and may be seen off */
	int64_t spare_until;    /* it could not be dropped */
};

struct rack_power {
	const struct rack_config *config;
	const struct rack_world *world;
	struct events *events;
	struct rack_nodes *nodes;         /* NULL: not attached yet */
	struct capping_settings settings; /* as configured, or as an operator wishes */
	struct capping *capping;
	int unmanaged;                     /* W, as capping was told */
	struct rack_power_member *members; /* by their numbers in capping */
	size_t count;
	size_t *member_of; /* by node; RACK_POWER_NONE: it is not capped */
	int *others;       /* W of those that are not, by node */
	size_t nodes_count;
	struct capping_command *commands; /* scratch of a decision */
	unsigned int orders;              /* limits ordered ever */
	guint tick, soon;
	int64_t ticked_at;
	GQueue waiting;  /* power-ons that wait for watts: struct rack_power_wait */
	GQueue given_up; /* those that do no more, and were not told yet */
	guint giving_up;
	GQueue lifting; /* limits of those that left the budget: struct rack_power_lift */
	/* Accounts of what was measured. */
	bool over;
	int64_t over_since, under_since; /* -1: it is above */
	double over_seconds;
	int worst, excess; /* of all, of this time */
	unsigned int sent, failures;
	/* What does not fit. */
	int64_t short_since; /* -1: it fits */
	bool short_told;
	size_t dropping; /* a member that is about to be switched off; RACK_POWER_NONE */
	int64_t dropping_since;
	bool dropping_hard;
};

static inline int64_t rack_power_now(const struct rack_power *power)
{
	return rack_clock_now(&power->world->clock);
}

static inline bool rack_power_is_off(const struct rack_power *power)
{
	return power->settings.budget <= 0 || power->settings.mode == CAPPING_OFF;
}

/* Members; RACK_POWER_NONE: it has none. */
static inline size_t rack_power_member(const struct rack_power *power, size_t node)
{
	return node < power->nodes_count ? power->member_of[node] : RACK_POWER_NONE;
}

/* The members of a configuration, and by node which one it is. */
struct rack_power_member *rack_power_members_new(
		const struct rack_config *config, size_t *member_of, size_t *count);
void rack_power_members_free(struct rack_power_member *members, size_t count);
struct capping *rack_power_capping(const struct rack_power_member *members, size_t count,
		struct capping_settings settings);

/* Tells capping of settings, and of the unmanaged load as it is now. */
void rack_power_set(struct rack_power *power);
void rack_power_say_budget(struct rack_power *power);

/* Decides in the next turn of the main loop. */
void rack_power_soon(struct rack_power *power);

void rack_power_publish(struct rack_power *power, const char *type, size_t member, json_t *data);

/* W that are measured, with what is accounted for the rest. */
int rack_power_measured(const struct rack_power *power);

/* Each second: whether it is above the budget, whether it does not fit, who is dropped. */
void rack_power_account(struct rack_power *power, int64_t now, int64_t passed);
void rack_power_drop(struct rack_power *power, int64_t now);

/* Limits of those that left the budget, by name: until they are lifted. */
void rack_power_lift_add(struct rack_power *power, const char *name);
void rack_power_lift(struct rack_power *power, int64_t now);
void rack_power_lift_end(struct rack_power *power);

/* Those that wait for watts. */
void rack_power_ask(struct rack_power *power, int64_t now);
void rack_power_refuse_all(struct rack_power *power, const char *why);
bool rack_power_is_waiting(const struct rack_power *power, size_t member);
/* The members have other numbers: to[former], RACK_POWER_NONE for those that are gone. */
void rack_power_renumber_waiting(struct rack_power *power, const size_t *to);
