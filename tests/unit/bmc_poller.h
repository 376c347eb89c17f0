/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A poller of BMCs as the rack daemon has it, and nothing else of the daemon: a link and the plan
 * of what is asked for each of them, in GLib's main loop. For tests and measuring.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "rack/bmc.h"
#include "rack/link.h"

struct poller_settings {
	uint16_t port; /* of the first, at 127.0.0.1; the others follow */
	int nodes;
	int suite;                /* 3 or 17 */
	int power_ms, sensors_ms; /* between readings */
};

struct poller;

struct poller_node {
	struct poller *poller;
	struct link *link;
	struct bmc *bmc;
	guint timer;
	bool up, told;         /* told: its sensors are known */
	int64_t power;         /* ms, when the last power reading was asked for; 0: there is none */
	int64_t down;          /* ms, when the link went down; 0: it did not */
	unsigned int downs;    /* how often */
	unsigned int readings; /* of sensors and of power */
	unsigned int failures; /* requests without an answer */
	int64_t failed;        /* ms, the first of them since the last answer; 0: none */
	unsigned int known;    /* times that it said who it is */
	unsigned int others;   /* of them as another machine */
	size_t sensors;
};

struct poller {
	struct bmc_rule rule;
	struct bmc_settings settings;
	int count;
	struct poller_node nodes[];
};

struct poller *poller_new(const struct poller_settings *settings, GError **error);
void poller_free(struct poller *poller); /* NULL is fine */

int64_t poller_now(void); /* ms */

/* All links are up, sensors known, and power read. */
bool poller_ready(const struct poller *poller);

/* Requests since the start. */
unsigned int poller_asked(const struct poller *poller);
