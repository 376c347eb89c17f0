/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_api.h"
#include "src/event_api.h"
#include "src/metrics_api.h"

#define NODE                                                              \
	{                                                                 \
		.name = "node", .place = HTTP_IN_PATH, .help = "its name" \
	}

#define MOST_WATTS 10000000 /* more than any feed supplies */

static const struct http_parameter rack_api_node[] = {
		NODE,
		{0},
};

static const struct http_parameter rack_api_storage[] = {
		{
				.name = "keys",
				.place = HTTP_IN_PATH,
				.help = "NODE/SENSOR, separated by commas; * stands for anything, ? for one byte",
		},
		{
				.name = "flat",
				.place = HTTP_IN_QUERY,
				.type = HTTP_BOOLEAN,
				.help = "values alone; null: none that is good",
		},
		{0},
};

static const struct http_parameter rack_api_power[] = {
		NODE,
		{
				.name = "power",
				.place = HTTP_IN_BODY,
				.required = true,
				.help = "on, off (at once), cycle, reset, soft (asks its system)",
		},
		{0},
};

static const struct http_parameter rack_api_identify[] = {
		NODE,
		{
				.name = "seconds",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 0,
				.max = 255, /* IPMI 28.5, Chassis Identify: one byte */
				.help = "how long its light blinks, 15 if not given; 0: ends it",
		},
		{0},
};

static const struct http_parameter rack_api_cap[] = {
		NODE,
		{
				.name = "watts",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 0,
				.max = MOST_WATTS,
				.required = true,
				.help = "the most that it may have; 0: as the budget gives",
		},
		{0},
};

static const struct http_parameter rack_api_fan[] = {
		{.name = "zone", .place = HTTP_IN_PATH, .help = "its name"},
		{
				.name = "duty",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 0,
				.max = 100,
				.help = "percent, instead of what the zone's inputs ask for",
		},
		{
				.name = "auto",
				.place = HTTP_IN_BODY,
				.type = HTTP_BOOLEAN,
				.help = "true: as the inputs ask for again",
		},
		{0},
};

static const struct http_parameter rack_api_budget[] = {
		{
				.name = "watts",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 1,
				.max = MOST_WATTS,
				.help = "of the whole rack",
		},
		{
				.name = "mode",
				.place = HTTP_IN_BODY,
				.help = "guaranteed, reactive or off",
		},
		{0},
};

const struct http_route rack_api[RACK_API_COUNT] = {
		[RACK_API_RACK] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/rack",
						.role = HTTP_READ,
						.command = "rack",
						.help = "Says how the rack is: nodes, fans and power budget in one answer.",
				},
		[RACK_API_STORAGE] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/storage/{keys...}",
						.parameters = rack_api_storage,
						.role = HTTP_READ,
						.help = "Says what sensors said last, many in one answer.",
				},
		[RACK_API_NODES] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/nodes",
						.role = HTTP_READ,
						.help = "Lists the nodes, and how they are.",
				},
		[RACK_API_NODE] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/nodes/{node}",
						.parameters = rack_api_node,
						.role = HTTP_READ,
						.help = "Says the same of one node.",
				},
		[RACK_API_SENSORS] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/nodes/{node}/sensors",
						.parameters = rack_api_node,
						.role = HTTP_READ,
						.command = "sensors",
						.help = "Says what all of a node's sensors said last.",
				},
		[RACK_API_LOG] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/nodes/{node}/log",
						.parameters = rack_api_node,
						.role = HTTP_READ,
						.help = "Shows the last entries of a node's event log.",
				},
		[RACK_API_POWER] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/nodes/{node}/power",
						.parameters = rack_api_node,
						.role = HTTP_READ,
						.help = "Says whether a node is on.",
				},
		[RACK_API_SET_POWER] =
				{
						.method = HTTP_PUT,
						.path = "/api/v1/nodes/{node}/power",
						.parameters = rack_api_power,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "power",
						.help = "Switches a node; answers when that is done.",
				},
		[RACK_API_IDENTIFY] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/nodes/{node}/identify",
						.parameters = rack_api_identify,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "identify",
						.help = "Lets a node's light blink.",
				},
		[RACK_API_REPLACE] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/nodes/{node}/replace",
						.parameters = rack_api_node,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "replace",
						.help = "Says that another machine is in a node's place: forgets what is known of it.",
				},
		[RACK_API_CAP] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/nodes/{node}/cap",
						.parameters = rack_api_node,
						.role = HTTP_READ,
						.help = "Says what a node may have of the budget, and why.",
				},
		[RACK_API_SET_CAP] =
				{
						.method = HTTP_PUT,
						.path = "/api/v1/nodes/{node}/cap",
						.parameters = rack_api_cap,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "cap",
						.help = "Sets the most that a node may have of the budget.",
				},
		[RACK_API_FANS] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/fans",
						.role = HTTP_READ,
						.help = "Says how the fans run, and why.",
				},
		[RACK_API_SET_FAN] =
				{
						.method = HTTP_PUT,
						.path = "/api/v1/fans/{zone}",
						.parameters = rack_api_fan,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "fan",
						.help = "Sets a zone's fans by hand, or lets its inputs ask again.",
				},
		[RACK_API_BUDGET] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/power/budget",
						.role = HTTP_READ,
						.help = "Says what the power budget is and what is used of it.",
				},
		[RACK_API_SET_BUDGET] =
				{
						.method = HTTP_PUT,
						.path = "/api/v1/power/budget",
						.parameters = rack_api_budget,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "budget",
						.help = "Sets the power budget or its mode, until the next start or reload.",
				},
		[RACK_API_CAPS] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/power/caps",
						.role = HTTP_READ,
						.help = "Says what each node may have of the budget, and why.",
				},
		[RACK_API_EVENTS] = EVENT_API_ROUTE,
		[RACK_API_METRICS] = METRICS_API_ROUTE(
				"Tells sensors, nodes, fans and power to Prometheus."),
};
