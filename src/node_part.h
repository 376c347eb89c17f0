/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the files of a node share: node.c, node_hub.c, node_sim.c. */
#include "gadget/hub.h"
#include "src/console_config.h"
#include "src/node.h"

G_STATIC_ASSERT(CONSOLE_CONFIG_DRIVES_MAX == HUB_DRIVES);

struct node_cables;

struct node_channel {
	int fd; /* -1: there is none now */
	bool used;
};

struct node_whole {
	struct node node;
	struct keep *keep; /* not ours; NULL: nobody keeps anything */
	struct node_channel channels[NODE_DEVICES];
	struct node_events events; /* channel NULL: nobody listens */
	struct node_said {
		enum udc_state node;
		char *reason; /* NULL: none */
	} said[HUB_PORTS];    /* last about each port of the hub */
	/* Of a simulated node. */
	int hosts[NODE_DEVICES];    /* its ends of the channels; -1: none */
	struct node_cables *cables; /* of the drives */
};

/* A channel came or went; whoever listens hears of it. */
void node_set_channel(struct node_whole *whole, enum node_device device, int fd, bool used);

/* The devices on the kernel's device controllers. */
void node_hub_open(struct node_whole *whole, const struct console_config *config);
void node_hub_close(struct node_whole *whole);

/* The devices on the simulated node, which is there. */
bool node_sim_plug(struct node_whole *whole, GError **error);
void node_sim_unplug(struct node_whole *whole);
