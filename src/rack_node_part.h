/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the files of one node share; for them alone. */
#include "src/log.h"
#include "src/rack_log.h"
#include "src/rack_node.h"

#define RACK_NODE_LOG      64    /* entries that are kept */
#define RACK_NODE_QUIET_MS 20000 /* that a BMC may be silent after a power command */

/* From the first request without an answer until the node is lost: power is asked for once a
 * second, so that is within 5 s of its last word. */
#define RACK_NODE_SILENT_MS 3500

/* What the configuration says of it: a copy of its own. */
struct rack_node_setup {
	struct rack_config_node node;
	struct bmc_settings bmc;
};

void rack_node_setup_copy(struct rack_node_setup *setup, const struct rack_config_node *config,
		const struct rack_config_plan *plan);
bool rack_node_setup_is(const struct rack_node_setup *setup, const struct rack_config_node *config,
		const struct rack_config_plan *plan);
void rack_node_setup_clear(struct rack_node_setup *setup);

/* A sensor that was heard of. */
struct rack_node_sensor {
	char told[SDR_NAME_MAX];        /* its name as the BMC has it */
	char name[READINGS_SENSOR_MAX]; /* among the readings */
	uint8_t number;
	uint8_t crossed;
};

struct presence;

struct rack_node {
	const struct rack_node_rack *rack;
	size_t number;
	struct rack_node_setup setup;
	char *title; /* "node n1", in front of its commands' lines */
	enum rack_node_state state;
	char *why;
	int64_t since;
	guint timer;
	struct presence *presence; /* NULL: it is always there */
	struct power *power;       /* commands; NULL: none */
	/* The way to its BMC; NULL, both: there is none, or nobody is there. */
	struct link *link;
	struct bmc *bmc;
	bool running; /* somebody further up the stack takes care of events and requests */
	bool up;
	bool old;            /* it came up by IPMI 1.5, which was said */
	bool asking;         /* a request is under way */
	bool missed;         /* so is none, and the last one had no answer */
	int64_t asked_at;    /* the first one without an answer, or since when the link is not up */
	uint32_t asked_of;   /* the generation that it is about */
	int64_t rest_until;  /* the link took no request */
	bool met;            /* the watcher knows that it is another one than before */
	bool lost;           /* the watcher was told so, whatever the state */
	int64_t quiet_until; /* a power command's */
	char *quiet_why;     /* it is silent, and may be until then */
	/* What is known of it. */
	uint32_t generation;
	bool renewed; /* an operator says that it is another one, and it is asked who it is */
	enum power_state is;
	bool has_guid;
	uint8_t guid[RMCP_GUID];
	uint32_t manufacturer;
	uint16_t product;
	uint8_t firmware[2];
	int watts; /* -1: not known */
	int64_t watts_taken;
	bool measures; /* it has told its power once */
	unsigned int requests, failures, links;
	GHashTable *sensors; /* by record, owner and number: struct rack_node_sensor */
	GHashTable *names;   /* of sensors, as a set */
	GQueue orders;       /* that wait: struct rack_node_wait */
	uint8_t log[RACK_NODE_LOG][RACK_LOG_RECORD];
	unsigned int logged; /* entries ever; the oldest ones are overwritten */
	int64_t logged_at;   /* the last one, or since when it may be read */
	bool news;           /* what comes now was not there before anybody looked */
};

static inline int64_t rack_node_now(const struct rack_node *node)
{
	return rack_clock_now(&node->rack->world->clock);
}

/* Publishes an event with "node" among its data; NULL: nothing else. */
void rack_node_publish(struct rack_node *node, const char *type, json_t *data);

/* Another machine is in its place, or none: readings first, then the watcher, then the event. */
void rack_node_flush(struct rack_node *node, const char *type, json_t *data);

/* Looks soon whether there is something to be asked or told. */
void rack_node_soon(struct rack_node *node);

/* What the BMC has said. */
void rack_node_hear(struct rack_node *node, const struct bmc_event *event);
void rack_node_forget(struct rack_node *node);
void rack_node_is_on(struct rack_node *node, bool on);

/* An order has ended; tag: what rack_node_order gave. why NULL: it is done. */
void rack_node_ordered(struct rack_node *node, void *tag, const char *why);
/* Those that wait hear why. */
void rack_node_refuse_all(struct rack_node *node, const char *why);
