/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node that a console belongs to, as the console sees it: a picture that comes and report
 * channels that go. Simulated or recorded today; the video engine and the virtual hub will supply
 * the same.
 */
#include <glib.h>

struct capture;
struct console_config;
struct sim_node;

struct node {
	struct capture *capture; /* the node's */
	int keyboard, absolute,
			relative; /* report channels of the gadget room; -1: takes no input */
	struct sim_node *sim;     /* NULL: not a simulated one */
};

/* Opens what the configuration names; a simulated node is switched on. */
struct node *node_open(const struct console_config *config, GError **error);

void node_close(struct node *node); /* NULL is fine */
