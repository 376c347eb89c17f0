/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event_routes.h"
#include "src/metrics.h"
#include "src/metrics_text.h"
#include "src/power.h"
#include "src/rack_routes_part.h"
#include "src/routes_part.h"

/* --- Parts --- */

json_t *rack_part_number(int64_t n, bool known)
{
	return known ? json_integer(n) : json_null();
}

const char *rack_part_text(const struct http_request *request, const char *name)
{
	return json_string_value(json_object_get(request->values, name));
}

bool rack_part_given(const struct http_request *request, const char *name, int64_t *value)
{
	const json_t *given = json_object_get(request->values, name);

	*value = json_integer_value(given);
	return json_is_integer(given);
}

bool rack_part_node(
		const struct http_request *request, struct rack *rack, size_t *node, GError **error)
{
	const char *name = rack_part_text(request, "node");

	if (rack_nodes_find(rack_nodes(rack), name, node))
		return true;
	g_set_error(error, HTTP_ERROR, NOT_FOUND,
			"there is no node \"%s\"; GET /api/v1/nodes lists them", name);
	return false;
}

GError *rack_part_refusal(const GError *cause)
{
	if (g_error_matches(cause, POWER_ERROR, POWER_ERROR_STATE))
		return g_error_new_literal(HTTP_ERROR, CONFLICT, cause->message);
	if (g_error_matches(cause, POWER_ERROR, POWER_ERROR_FAILED))
		return g_error_new_literal(HTTP_ERROR, BAD_GATEWAY, cause->message);
	if (g_error_matches(cause, POWER_ERROR, POWER_ERROR_TIMEOUT))
		return g_error_new_literal(HTTP_ERROR, GATEWAY_TIMEOUT, cause->message);
	return g_error_copy(cause);
}

/* --- Handlers --- */

static bool routes_get_rack(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	answer->json = json_pack("{s:o, s:s, s:o, s:o, s:o}", "name",
			routes_text(rack_config(data)->name), "version", PACKAGE_VERSION, "budget",
			rack_part_budget(data), "nodes", rack_part_nodes(data), "zones",
			rack_part_fans(data));
	return true;
}

static bool routes_get_metrics(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	answer->text = metrics_text(data);
	answer->type = METRICS_TYPE;
	return true;
}

static bool routes_get_events(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	return event_routes_get(request, rack_events(data));
}

static const http_handler_fn routes_handlers[RACK_API_COUNT] = {
		[RACK_API_RACK] = routes_get_rack,
		[RACK_API_STORAGE] = rack_routes_get_storage,
		[RACK_API_NODES] = rack_routes_get_nodes,
		[RACK_API_NODE] = rack_routes_get_node,
		[RACK_API_SENSORS] = rack_routes_get_sensors,
		[RACK_API_LOG] = rack_routes_get_log,
		[RACK_API_POWER] = rack_routes_get_power,
		[RACK_API_SET_POWER] = rack_routes_set_power,
		[RACK_API_IDENTIFY] = rack_routes_identify,
		[RACK_API_REPLACE] = rack_routes_replace,
		[RACK_API_CAP] = rack_routes_get_cap,
		[RACK_API_SET_CAP] = rack_routes_set_cap,
		[RACK_API_FANS] = rack_routes_get_fans,
		[RACK_API_SET_FAN] = rack_routes_set_fan,
		[RACK_API_BUDGET] = rack_routes_get_budget,
		[RACK_API_SET_BUDGET] = rack_routes_set_budget,
		[RACK_API_CAPS] = rack_routes_get_caps,
		[RACK_API_EVENTS] = routes_get_events,
		[RACK_API_METRICS] = routes_get_metrics,
};

void rack_routes_add(struct http_server *server, struct rack *rack)
{
	http_server_add(server, rack_api, routes_handlers, RACK_API_COUNT, rack);
}
