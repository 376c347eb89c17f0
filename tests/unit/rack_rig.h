/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A rack of simulated BMCs behind links that tests can cut: what nodes and budget stand on, with a
 * clock that runs fast. Slots are empty and occupied as the test says.
 */
#include <glib.h>
#include <jansson.h>
#include "rack/readings.h"
#include "sim/bmc.h"
#include "sim/plant.h"
#include "src/events.h"
#include "src/rack_nodes.h"
#include "src/rack_world.h"

#define RIG_NODES   4
#define RIG_FLOOR   100
#define RIG_CEILING 400
#define RIG_MUTE_MS 2000

struct rig;

struct rig_link {
	struct link link;
	struct rig *rig;
	size_t node;
	link_fn told;
	void *data;
	struct session_request request;
	uint8_t bytes[RMCP_DATA_MAX];
	bool asked, up;
	guint answer;
};

struct rig {
	struct rack_clock clock;
	struct rack_world world;
	struct rack_config config;
	struct rack_config_node nodes[RIG_NODES + 1];
	struct rack_config_plan plan;
	struct bmc_rule rule;
	struct plant *plant;
	struct sim_bmc *bmcs[RIG_NODES];
	struct rig_link *links[RIG_NODES]; /* NULL: nobody has one now */
	bool hung[RIG_NODES];              /* it answers nothing */
	bool mute[RIG_NODES];          /* its requests fail after RIG_MUTE_MS, and it stays up */
	bool away[RIG_NODES];          /* links to it do not come up */
	bool old[RIG_NODES];           /* links to it come up by IPMI 1.5 */
	bool none[RIG_NODES];          /* a link to it cannot be had */
	unsigned int asked[RIG_NODES]; /* requests */
	unsigned int opened;           /* links ever */
	double inlet;                  /* degrees Celsius */
	uint8_t refuse;                /* network function of a command that is answered with D5h */
	uint8_t refuse_command;        /* 0: none is */
	int64_t passed;
	guint pass;
	struct readings *readings;
	struct events *events;
	GString *said; /* types of events with their node: "node.up n0; " */
	json_t *last;  /* data of the last event */
};

/* speed: times real time. The nodes draw load watts at most. */
void rig_open(struct rig *rig, double speed, int load);
void rig_close(struct rig *rig);

/* The link goes down, and does not come up again by itself. */
void rig_cut(struct rig *rig, size_t node, bool refused, const char *why);
void rig_heal(struct rig *rig, size_t node);

/* What was said since the last time; to be freed. */
char *rig_said(struct rig *rig);
bool rig_has_said(const struct rig *rig, const char *words);

enum rack_node_state rig_state(const struct rack_nodes *nodes, size_t node);

/* A machine is put into a slot whose line is spec, or taken out of it. */
void rig_slot(const char *spec, bool present);

gboolean rig_late(gpointer data);

/* Turns the main loop until it holds. */
#define RIG_UNTIL(condition)                                                                    \
	do {                                                                                    \
		guint rig_late_id = g_timeout_add_seconds(60, rig_late, (gpointer) #condition); \
		while (!(condition))                                                            \
			g_main_context_iteration(NULL, TRUE);                                   \
		g_source_remove(rig_late_id);                                                   \
	} while (0)

/* Turns it for so many ms of the rack's clock. */
void rig_turn(struct rig *rig, int64_t ms);
