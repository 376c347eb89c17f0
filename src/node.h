/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node that a console belongs to, as the console sees it: a picture that comes and report
 * channels that go. Behind them are the video engine and the virtual hub, or a simulated node, or a
 * recording. Default main context.
 */
#include <glib.h>
#include <stdbool.h>

struct capture;
struct console_config;
struct drives;
struct hub;
struct keep;
struct sim_node;

enum node_device {
	NODE_KEYBOARD, /* reports as in gadget/keyboard.h */
	NODE_ABSOLUTE, /* ... gadget/pointer.h */
	NODE_RELATIVE,
	NODE_DEVICES,
};

struct node_events {
	/*
	 * The report channel of a device, the node's, valid until the next call for it; -1: gone,
	 * and to be let go of before returning. used: the node may have heard of something pressed
	 * by a process before this one.
	 */
	void (*channel)(enum node_device device, int fd, bool used, void *data);
	/* The node has configured the device anew: it may not know what it was told before. */
	void (*anew)(enum node_device device, void *data);
	void *data;
};

struct node {
	struct capture *capture; /* the node's */
	struct hub *hub;         /* NULL: its devices are not on a hub */
	struct sim_node *sim;    /* NULL: not a simulated one */
	struct drives *drives;   /* NULL: one to look at only */
};

/*
 * Opens what the configuration names; a simulated node is switched on. What keep (keep.h) holds of
 * a process that died is gone on with; it must outlive the node. NULL: nothing is kept.
 */
struct node *node_open(const struct console_config *config, struct keep *keep, GError **error);

/* One to look at only, with this picture, which it closes with itself; NULL: none yet. */
struct node *node_new(struct capture *capture);

/*
 * Who is told about channels, and of those that are there at once; NULL: nobody any more. A device
 * that the node has not is never told of.
 */
void node_listen(struct node *node, const struct node_events *events);

/* What writing to the device showed: whether the node takes its reports. */
void node_listening(struct node *node, enum node_device device, bool listening);

void node_close(struct node *node); /* NULL is fine */
