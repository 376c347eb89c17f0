/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The nodes of the rack: a way to each one's BMC, what is read from it into the readings, what is
 * ordered, and whether another machine is in its place. Node numbers are those of the
 * configuration. Main thread only.
 *
 * Events: node.up, node.lost {why}, node.refused {why}, node.absent, node.added, node.replaced
 * {guid}, node.power {on}, node.log {record}, sensor.threshold {sensor, crossed, value}; each has
 * "node". Entries that were in the event log before are not told. Listeners and watchers may order
 * things, but not reload or free the nodes.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "rack/readings.h"
#include "src/events.h"
#include "src/rack_world.h"

enum rack_node_state {
	RACK_NODE_ABSENT,     /* its place is empty */
	RACK_NODE_CONNECTING, /* not heard yet */
	RACK_NODE_UP,
	RACK_NODE_LOST,     /* it does not answer */
	RACK_NODE_REFUSED,  /* it does not let us in */
	RACK_NODE_COMMANDS, /* it has no BMC */
};

struct rack_node_status {
	const char *name;
	enum rack_node_state state;
	char *why;              /* in words; NULL: nothing to say */
	int64_t since;          /* that it is in this state */
	enum power_state power; /* of the node */
	bool has_guid;
	uint8_t guid[RMCP_GUID];
	uint32_t manufacturer;
	uint16_t product;
	uint8_t firmware[2];
	uint32_t generation; /* of its readings */
	size_t sensors;
	int watts;                              /* -1: not known */
	int64_t watts_age;                      /* ms */
	unsigned int requests, failures, links; /* since the start: asked, unanswered, times up */
};

/* What capping has to hear of. All NULL: nobody cares. */
struct rack_nodes_watcher {
	void (*watts)(size_t node, int64_t taken, int watts, void *data);
	void (*limit)(size_t node, bool active, int watts, void *data);
	void (*power)(size_t node, bool on, void *data);
	void (*lost)(size_t node, void *data);
	void (*replaced)(size_t node, void *data);
	void *data;
};

struct rack_nodes;

/* World, readings and events must outlive it; the rest is copied. */
struct rack_nodes *rack_nodes_new(const struct rack_config *config, const struct rack_world *world,
		struct readings *readings, struct events *events,
		const struct rack_nodes_watcher *watcher);

size_t rack_nodes_count(const struct rack_nodes *nodes);
bool rack_nodes_find(const struct rack_nodes *nodes, const char *name, size_t *node);
void rack_nodes_status(const struct rack_nodes *nodes, size_t node, struct rack_node_status *out);
void rack_node_status_clear(struct rack_node_status *status);

/* error NULL: it is done. Told once, never from within the call that asked. */
typedef void (*rack_node_fn)(const GError *error, void *data);

/* Orders it at once: whether there are the watts for it is rack_power.h's business. False and error
 * (POWER_ERROR) when that cannot be now. */
bool rack_nodes_act(struct rack_nodes *nodes, size_t node, enum power_action action,
		rack_node_fn done, void *data, GError **error);
bool rack_nodes_identify(struct rack_nodes *nodes, size_t node, int seconds, rack_node_fn done,
		void *data, GError **error);
bool rack_nodes_limit(struct rack_nodes *nodes, size_t node, int watts, rack_node_fn done,
		void *data, GError **error); /* watts 0: no limit */

/* An operator says that another machine is in its place. */
void rack_nodes_replaced(struct rack_nodes *nodes, size_t node);

/* The last entries of its event log, the latest last: JSON objects {id, time, sensor, text, raw}.
 */
json_t *rack_nodes_log(const struct rack_nodes *nodes, size_t node);

/* Those whose name, way, plan and commands stay as they were keep session, sensors and readings; of
 * the others the former ones end, and their readings go. The former config may go. */
void rack_nodes_reload(struct rack_nodes *nodes, const struct rack_config *config);

/* Closes the sessions; who waits for an order is told. NULL is fine. */
void rack_nodes_free(struct rack_nodes *nodes);

const char *rack_node_state_word(enum rack_node_state state); /* "up", "lost", ... */
