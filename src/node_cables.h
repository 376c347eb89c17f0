/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The cables between drives and a simulated node, one for each drive. Main thread. */
#include <glib.h>
#include <stdbool.h>

struct drive;
struct node_cables;
struct sim_node;

/* The node has the drive configured, or not any more. Not from within node_cables_plug. */
typedef void (*node_cables_fn)(struct drive *drive, bool connected, void *data);

struct node_cables *node_cables_new(struct sim_node *node, node_cables_fn connected, void *data);

/* The drive leaves the bus that it is on. Errors: G_FILE_ERROR, no socket; _NOSPC: no port. */
bool node_cables_plug(struct node_cables *cables, struct drive *drive, GError **error);

/* Pulls all out: before the node and the drives are closed. NULL is fine. */
void node_cables_free(struct node_cables *cables);
