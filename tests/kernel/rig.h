/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A hub with keyboard and pointer on it, wired as a console wires them.
 */
#include "gadget/hub.h"
#include "gadget/keyboard.h"
#include "gadget/pointer.h"

struct rig {
	struct hub *hub;
	struct keyboard *keyboard;
	struct pointer *pointer;
	int absolute, relative;
	unsigned int lights;
	int open;      /* channels */
	bool used;     /* the keyboard's channel was another's before */
	int told;      /* states told */
	int64_t began; /* us */
	int64_t bound; /* from then to the keyboard's channel, us */
};

/* settings NULL: one device on the first free port. */
void rig_open(struct rig *rig, const struct hub_settings *settings);
void rig_close(struct rig *rig);

/* The only port's state, and what is wrong with it. */
enum udc_state rig_node(struct rig *rig);
enum gadget_fault rig_fault(struct rig *rig);
const char *rig_reason(struct rig *rig);
