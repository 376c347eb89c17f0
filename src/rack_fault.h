/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What goes wrong with a simulated rack, and when: one item of faults in rack.conf's [simulate],
 * "30 fan1 dead 60" for 60 s from 30 s after the start on. Pure but for GLib's memory.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum rack_fault_kind {
	RACK_FAULT_DEAD,         /* fanN: it stands still */
	RACK_FAULT_HUNG,         /* NODE: its BMC does not answer */
	RACK_FAULT_RESET,        /* its BMC starts anew: away for a while, and its limit is gone */
	RACK_FAULT_REPLACED,     /* another machine is in its place */
	RACK_FAULT_DISOBEYS,     /* limits are taken and not enforced */
	RACK_FAULT_LOSSY,        /* late answers, every third packet lost */
	RACK_FAULT_STUCK_SENSOR, /* its first processor's temperature does not move, */
	RACK_FAULT_DRIFTING_SENSOR, /* moves away by a degree a minute, */
	RACK_FAULT_DEAD_SENSOR,     /* cannot be read */
	RACK_FAULT_NO_POWER,        /* its power cannot be read */
	RACK_FAULT_WARM,            /* room: by 10 degrees */
	RACK_FAULT_HOT,             /* room: by 20 degrees */
	RACK_FAULTS
};

enum rack_fault_of {
	RACK_FAULT_OF_FAN,
	RACK_FAULT_OF_NODE,
	RACK_FAULT_OF_ROOM,
};

struct rack_fault {
	enum rack_fault_kind kind;
	enum rack_fault_of of;
	size_t fan;   /* 0 is the first */
	char *what;   /* "fan1", "room" or a node's name */
	double at;    /* s of the rack's time */
	double keeps; /* s; 0: to the end, or as long as such things last */
};

/* Whether it is one; else why, in words to be freed, is set. Names of nodes are not looked up. */
bool rack_fault_parse(const char *text, struct rack_fault *fault, char **why);

const char *rack_fault_word(enum rack_fault_kind kind); /* "dead" */

/* Or it stays to the end. */
bool rack_fault_ends(const struct rack_fault *fault);

void rack_fault_clear(struct rack_fault *fault);
