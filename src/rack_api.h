/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What can be asked of a rack, in words: the one table of its API. The daemon has a handler for
 * each (rack_routes.h), spicerackctl asks by it.
 */
#include "http/route.h"

enum rack_api {
	RACK_API_RACK,
	RACK_API_STORAGE,
	RACK_API_NODES,
	RACK_API_NODE,
	RACK_API_SENSORS,
	RACK_API_LOG,
	RACK_API_POWER,
	RACK_API_SET_POWER,
	RACK_API_IDENTIFY,
	RACK_API_REPLACE,
	RACK_API_CAP,
	RACK_API_SET_CAP,
	RACK_API_FANS,
	RACK_API_SET_FAN,
	RACK_API_BUDGET,
	RACK_API_SET_BUDGET,
	RACK_API_CAPS,
	RACK_API_EVENTS,
	RACK_API_METRICS,
	RACK_API_COUNT,
};

extern const struct http_route rack_api[RACK_API_COUNT];
