/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The rack's power budget: the controller of capping.h between the nodes and the operators. Node
 * numbers are those of the configuration. A node that is not capped is part of the unmanaged load;
 * when those nodes together are measured above what is configured for it, that counts instead. A
 * budget of 0 is none: capping is off. Main thread only.
 *
 * Limits that were set here are lifted where capping is switched off, and of a node that leaves the
 * budget by a reload, once, as far as it answers then. They stay when the program ends: the budget
 * is to be kept until it runs again.
 *
 * A node that somebody else has switched on counts at its ceiling until it keeps a limit. With
 * `drop`, when not even the floors have fitted for 10 s, the nodes of the last class are asked to
 * shut down, one after the other, and switched off when they have not in 60 s.
 *
 * Events: power.over {watts, budget}, power.under {seconds, excess}, power.short {accounted,
 * budget}, power.disobedient {node, watts, limit}, power.refused {node, why}, power.dropped {node},
 * power.budget {budget, mode}, power.unasked {node}.
 */
#include <glib.h>
#include <stdbool.h>
#include "rack/capping.h"
#include "src/events.h"
#include "src/rack_nodes.h"
#include "src/rack_world.h"

struct rack_power_status {
	struct capping_settings settings;
	struct capping_totals totals;
	double over_seconds; /* since the start, that the measured power was above the budget */
	int worst;           /* W above it, the worst of that */
	unsigned int commands, failures; /* limits sent, and not accepted */
	size_t waiting;                  /* power-ons that wait for watts */
};

struct rack_power_node {
	struct capping_node node;
	struct capping_node_settings settings;
	bool capped;
	bool waiting; /* for watts, to be switched on */
	int cap;      /* W, an operator's ceiling; 0: none */
};

struct rack_power;

/* All must outlive it. */
struct rack_power *rack_power_new(const struct rack_config *config, const struct rack_world *world,
		struct events *events);

/* What it wants to hear from the nodes, and the nodes that it commands: the one is made with the
 * other. NULL, before they are freed: it commands nothing any more. */
struct rack_nodes_watcher rack_power_watcher(struct rack_power *power);
void rack_power_attach(struct rack_power *power, struct rack_nodes *nodes);

/*
 * As rack_nodes_act. Power-on of a capped node waits until others have made room, for at most 60 s;
 * done hears of POWER_ERROR_STATE with the watts that are missing when it does not fit.
 */
bool rack_power_act(struct rack_power *power, size_t node, enum power_action action,
		rack_node_fn done, void *data, GError **error);

/* Another budget (W, > 0) or mode, until the next start or reload. */
void rack_power_budget(struct rack_power *power, int budget, enum capping_mode mode);

/* An operator's ceiling for a node, W, in every mode; 0: none of his. False: outside its floor and
 * ceiling, or it is not capped. */
bool rack_power_cap(struct rack_power *power, size_t node, int watts);

void rack_power_status(const struct rack_power *power, struct rack_power_status *out);
void rack_power_node(const struct rack_power *power, size_t node, struct rack_power_node *out);

/* After the nodes', in the same turn of the main loop. What is known of a node that stays goes on,
 * limits too. The former configuration must still be there. */
void rack_power_reload(struct rack_power *power, const struct rack_config *config);

/* After the nodes, which tell it of all that they do. Limits stay as they are on the nodes; who
 * waits to be switched on is told. NULL is fine. */
void rack_power_free(struct rack_power *power);

const char *rack_power_account_word(enum capping_account account); /* "limit", "lost", ... */
const char *rack_power_mode_word(enum capping_mode mode); /* "guaranteed", "reactive", "off" */
