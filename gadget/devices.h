/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Which USB devices a hub's settings ask for, described as gadgets. Pure.
 */
#include "gadget/gadget.h"
#include "gadget/hub.h"

#define DEVICES_SHAPES 5 /* kinds of devices by what is in them */

/* One device, with its functions in the order of their interfaces. */
struct device {
	struct gadget gadget; /* its pointers lead into this structure and into devices::strings
			       */
	struct hid_function functions[HUB_FUNCTIONS];
	enum hub_function kinds[HUB_FUNCTIONS];
	const char *drive; /* its name; NULL: none */
	size_t number;     /* of the drive, in the settings */
};

struct devices {
	struct device devices[HUB_PORTS]; /* drives last */
	size_t count;
	const char *drives; /* what the names of all drives' gadgets begin with */
	/* Gadgets that other settings under the same name would have; ends with NULL. */
	const char *unwanted[DEVICES_SHAPES + 1];
	GPtrArray *strings;
};

/* Must not be moved or copied afterwards. devices_clear. */
void devices_describe(struct devices *devices, const struct hub_settings *settings);
void devices_clear(struct devices *devices);
