/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Who of the viewers holds the input, and who is sent away for touching nothing: what hold.h
 * decides, done to the viewers, said in the audit and published as events (control.taken, .asked,
 * .withdrawn, .released). Main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "spice/viewers.h"
#include "src/hold.h"

struct audit;
struct audit_who;
struct console_config;
struct control;
struct events;

/* Nothing is copied but what config says, and all must outlive it. */
struct control *control_new(const struct console_config *config, struct viewers *viewers,
		struct audit *audit, struct events *events);
void control_free(struct control *control); /* NULL is fine */

/* As struct viewers_events tells them. One who only looks is none of these. */
void control_joined(struct control *control, unsigned int viewer);
void control_left(struct control *control, unsigned int viewer);
void control_touched(struct control *control, unsigned int viewer, enum viewers_touch touch);

enum control_order {
	CONTROL_GIVE,  /* to one, whether he asks or not */
	CONTROL_GRANT, /* what one asks for */
	CONTROL_DENY,
	CONTROL_ORDERS,
};

/* An operator's word. False and error (CONSOLE_ERROR): there is no such viewer, or request, or the
 * input is everybody's. */
bool control_order(struct control *control, enum control_order order, unsigned int viewer,
		const struct audit_who *who, GError **error);

const char *control_order_word(enum control_order order); /* "give", "grant", "deny" */

const struct hold *control_hold(const struct control *control); /* how it is */
