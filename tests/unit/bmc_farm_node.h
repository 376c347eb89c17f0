/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A BMC of the farm: a simulated node's answers behind a real UDP socket of the loopback, in GLib's
 * main loop, with a network that can be bad. It measures what its client does.
 */
#include <glib.h>
#include <stdint.h>
#include "sim/bmc.h"
#include "sim/bmc_lan.h"

struct farm_node {
	size_t number;
	int fd;
	guint watch;
	struct bmc_lan lan;
	struct sim_bmc *bmc; /* ours */
	struct plant *plant; /* not ours */

	/* The network's faults, and those of its answers. */
	bool hung;
	int late;          /* ms */
	int lose;          /* of 1000 packets, to it and from it */
	bool wrong_length; /* answers in sessions miss a byte, or have one more */
	GRand *dice;
	GHashTable *waiting; /* answers that are late: timeouts' numbers */

	/* How often it was asked for its power, and how many commands it had got by then. */
	unsigned int rounds, in_rounds;

	/* Packets that have no answer yet: when they came, ns. */
	int64_t flight[64];
	size_t flying, most;
};

/* NULL when the port is taken. */
struct farm_node *farm_node_new(size_t number, uint16_t port, struct plant *plant);
void farm_node_free(struct farm_node *node); /* NULL is fine */

/* It knows no sessions any more, nor a power limit. */
void farm_node_reset(struct farm_node *node);

/* Another machine is in its place. */
void farm_node_replace(struct farm_node *node, uint32_t seed);
