/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The nodes of a rack of simulated BMCs (tests/unit/rack_rig.h), and what their watcher saw.
 */
#include "src/power.h"
#include "tests/unit/rack_rig.h"

struct nodes_rig {
	struct rig rig;
	struct rack_nodes *nodes; /* NULL: not started, or freed by the test */
	struct rack_nodes_watcher watcher;
	int watts, limits, lost, replaced, on, off; /* times that the watcher was told */
	int done;                                   /* orders that ended */
	GError *error;                              /* of the last one; NULL: it succeeded */
	size_t found; /* values of a former machine that were there when its end was told */
	uint32_t generation;
};

/* speed: times real time. The nodes begin to be read when nodes_rig_start is called. */
void nodes_rig_open(struct nodes_rig *f, double speed);
void nodes_rig_start(struct nodes_rig *f);
void nodes_rig_close(struct nodes_rig *f);

/* The end of an order, for rack_nodes_act and its like; data: the rig. */
void nodes_rig_done(const GError *error, void *data);

/* Orders, and waits for the end. */
void nodes_rig_act(struct nodes_rig *f, size_t node, enum power_action action);

/* Whether a reading is there that has been taken, by its key: "n0/POWER". */
bool nodes_rig_get(struct nodes_rig *f, const char *key, struct readings_record *record);
bool nodes_rig_has(struct nodes_rig *f, const char *key);

/* What was told since it was asked last, like "node.up n0; ". */
void nodes_rig_assert_said(struct nodes_rig *f, const char *words);

bool nodes_rig_all_up(struct nodes_rig *f);
enum power_state nodes_rig_power(struct nodes_rig *f, size_t node);
